"""The commands `sandtable connector` and `sandtable deliver`."""

from __future__ import annotations

from .deliver import deliver
from .group import connector

__all__ = ["connector", "deliver"]
