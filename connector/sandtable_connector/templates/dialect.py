"""What releases of Kibana differ in when they render a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How templates are rendered: what a function that fails leaves, and which functions there are."""

    failed_functions: Literal["told", "nothing", "abandoned"] = "told"
    uri_functions: bool = True


KIBANA = Dialect()
"""Templates as current Kibana renders them."""
