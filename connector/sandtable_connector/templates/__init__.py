"""The renderer of action parameters: mustache as Kibana has it, with the functions that templates may call.

A template is given variables and becomes a text; what cannot be rendered becomes a text that says why, as in Kibana.
"""

from __future__ import annotations

from sandtable_connector.templates.dialect import KIBANA, Dialect
from sandtable_connector.templates.rendering import Renderer, TemplateError, render, render_params

__all__ = ["KIBANA", "Dialect", "Renderer", "TemplateError", "render", "render_params"]
