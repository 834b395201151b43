"""The commands `sandtable connector` and `sandtable deliver`."""

from __future__ import annotations

from sandtable_connector.cli.deliver import deliver
from sandtable_connector.cli.group import connector

__all__ = ["connector", "deliver"]
