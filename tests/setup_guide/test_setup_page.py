"""The commands of the page about the set-up guide do what it says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from sandtable.cli import main
from sandtable.core.instance import Instance
from sandtable.inprocess import app_for
from sandtable.server import Server

pytestmark = pytest.mark.documented("docs/setup-guide.md, which follows Kibana's documentation step by step")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "setup-guide.md"
ADDRESS = "http://127.0.0.1:8080"


def test_the_commands_of_the_page(empty_instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = [name for name in ("bash", "curl", "openssl", "python3") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    page = PAGE.read_text(encoding="utf-8")
    script = re.search(r"```bash\n(.*?)```", page, re.DOTALL)
    doctor = re.search(r"\$ (sandtable doctor .*?)```", page, re.DOTALL)
    assert script is not None
    assert doctor is not None
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    monkeypatch.chdir(tmp_path)
    with Server(app_for(empty_instance)) as running:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script.group(1).replace(ADDRESS, running.url)],
            capture_output=True,
            text=True,
            env=environment,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        arguments = shlex.split(doctor.group(1).replace("\\\n", " ").replace(ADDRESS, running.url))
        result = CliRunner().invoke(main, arguments[1:])
    assert (result.exit_code, "nothing is broken" in result.output) == (0, True), result.output
    assert "unknown" not in result.output
