"""EvalMath: an expression taken apart, and what its functions compute."""

from __future__ import annotations

from sandtable_connector.templates.math.functions import FUNCTIONS, evaluate

__all__ = ["FUNCTIONS", "evaluate"]
