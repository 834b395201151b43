"""The in-process mock: calls to an instance's address are answered in this process, whichever client makes them."""

from __future__ import annotations

from sandtable.library.mock.context import MockServiceNow, mock_by_settings, mock_servicenow

__all__ = ["MockServiceNow", "mock_by_settings", "mock_servicenow"]
