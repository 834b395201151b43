"""mcp-server-servicenow runs in an interpreter of its own, because it is heavy.

`SANDTABLE_COMPAT_PYTHON` names an interpreter that has it; without one this is visibly skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.compat.conftest import Drivers, Running

pytestmark = pytest.mark.ours("mcp-server-servicenow works unmodified, through the tools it offers to agents")
DRIVER = Path(__file__).parent / "drivers" / "mcp_server_driver.py"


def interpreter() -> str | None:
    python = os.environ.get("SANDTABLE_COMPAT_PYTHON", sys.executable)
    asked = "import importlib.metadata; importlib.metadata.version('mcp-server-servicenow')"
    found = subprocess.run([python, "-c", asked], check=False, capture_output=True)
    return python if found.returncode == 0 else None


def test_mcp_server(running: Running, drivers: Drivers) -> None:
    python = interpreter()
    if python is None:
        pytest.skip("mcp-server-servicenow is not installed: pip install '.[compat-agents]'")
    assert drivers.run("mcp-server-servicenow", [python, str(DRIVER), running.https], {}) == {}
