"""The vendor's SDK builds a small application and installs it here.

`SANDTABLE_COMPAT_NODE_MODULES` names a `node_modules` with `@servicenow/sdk` in it; without it or Node.js this
is visibly skipped. Nothing is fetched by a test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from tests.compat.conftest import Running

pytestmark = pytest.mark.ours("the vendor's own SDK works unmodified")
PROJECT = Path(__file__).parent / "drivers" / "fluent"
MODULES = Path(os.environ.get("SANDTABLE_COMPAT_NODE_MODULES", Path(__file__).parent / "node_modules"))
APP_ID, TABLE = "5a0f2c1e9b7d4c3fa8e6d1b204c7f935", "x_acme_notes_note"


def test_an_application_is_built_installed_and_downloaded(running: Running, tmp_path: Path) -> None:
    node = shutil.which("node")
    command = MODULES / ".bin" / "now-sdk"
    if node is None or not command.exists():
        pytest.skip("needs Node.js, and SANDTABLE_COMPAT_NODE_MODULES with @servicenow/sdk in it")
    project = shutil.copytree(PROJECT, tmp_path / "project")
    (project / "node_modules").symlink_to(MODULES)
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {
        **kept,
        "NODE_ENV": "test",  # no telemetry
        "SN_SDK_NODE_ENV": "SN_SDK_CI_INSTALL",
        "SN_SDK_INSTANCE_URL": running.http,
        "SN_SDK_USER": "admin",
        "SN_SDK_USER_PWD": "admin",
    }

    def sdk(*arguments: str) -> str:
        done = subprocess.run(
            [command, *arguments],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    sdk("build")
    assert "Installation completed" in sdk("install")
    instance = running.instance
    rows = instance.acting_as("admin").table(TABLE).query()
    assert [(row["title"], row["mood"]) for row in rows] == [("First note", "good")]
    made = instance.acting_as("admin").table(TABLE).insert({"title": "Second note"})
    assert made["stamp"] == "seen"
    answer = requests.get(f"{running.http}/api/x_acme_notes/notes/hello", auth=("admin", "admin"), timeout=30)
    assert answer.json() == {"result": {"hello": "world"}}
    system = instance.system()
    rule = system.table("sys_script").first(filters={"collection": TABLE})
    operation = system.table("sys_ws_operation").first(filters={"relative_path": "/hello"})
    assert rule is not None
    assert "current.stamp" in rule["script"]
    assert operation is not None
    assert "hello: 'world'" in operation["operation_script"]
    assert [row["to_version"] for row in system.table("sys_upgrade_history").query()] == ["x_acme_notes"]
    sdk("download", str(tmp_path / "down"))
    assert (tmp_path / "down" / "scope" / f"sys_app_{APP_ID}.xml").is_file()
    assert (tmp_path / "down" / "update" / f"sys_dictionary_{TABLE}_title.xml").is_file()
