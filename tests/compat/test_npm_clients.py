"""Clients from npm, run by Node.js.

`SANDTABLE_COMPAT_NODE_MODULES` names a folder where `npm install servicenow-rest-api` was run (its `node_modules`);
without it, or without Node.js, this is visibly skipped. Nothing is fetched by a test.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.compat.conftest import Drivers, Running

pytestmark = pytest.mark.ours("clients from npm work unmodified, through their public API")
DRIVERS = Path(__file__).parent / "drivers"
MODULES = Path(os.environ.get("SANDTABLE_COMPAT_NODE_MODULES", Path(__file__).parent / "node_modules"))


def test_servicenow_rest_api(running: Running, drivers: Drivers, monkeypatch: pytest.MonkeyPatch) -> None:
    node = shutil.which("node")
    if node is None or not (MODULES / "servicenow-rest-api").is_dir():
        pytest.skip("needs Node.js, and SANDTABLE_COMPAT_NODE_MODULES with servicenow-rest-api in it")
    from sandtable.core.platform.attachments import MEGABYTE, attach, packed

    admin = running.instance.acting_as("admin")
    record = admin.table("incident").first("short_description=compat 00")
    assert record is not None
    with packed([b"compat\n"], MEGABYTE) as file:
        attach(admin, "incident", record.sys_id, "compat.txt", file, content_type="text/plain")
    monkeypatch.setenv("NODE_PATH", str(MODULES))
    command = [node, str(DRIVERS / "servicenow_rest_api.cjs"), running.secure_host]
    assert drivers.run("servicenow-rest-api (npm)", command, {}) == {}
