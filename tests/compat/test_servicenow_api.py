"""servicenow-api runs in an interpreter of its own, because it holds back versions of widely used libraries.

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

pytestmark = pytest.mark.ours("servicenow-api works unmodified, through its public API")
DRIVER = Path(__file__).parent / "drivers" / "servicenow_api_driver.py"
# Test-only credentials; those of conftest.py.
CLIENT_ID, CLIENT_SECRET = "c0ffee00c0ffee00c0ffee00c0ffee00", "test-only-secret"
GAPS = {
    "delete": "it reads JSON from the empty answer to a DELETE, and fails although the record is deleted",
    "batch": "it calls /api/api/now/v1/batch, which no instance has",
}


def interpreter() -> str | None:
    python = os.environ.get("SANDTABLE_COMPAT_PYTHON", sys.executable)
    asked = [python, "-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('servicenow_api') is None)"]
    return python if subprocess.run(asked, check=False).returncode == 0 else None


def test_servicenow_api(running: Running, drivers: Drivers, tmp_path: Path) -> None:
    python = interpreter()
    if python is None:
        pytest.skip("servicenow-api is not installed: pip install '.[compat-agents]'")
    command = [python, str(DRIVER), running.https, str(tmp_path), CLIENT_ID, CLIENT_SECRET]
    assert drivers.run("servicenow-api", command, GAPS) == {}
