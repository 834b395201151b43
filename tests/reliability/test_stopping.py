"""A server ends when it is told to, also while it starts; what it was at is not taken for done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandtable.demodata import LOADING, MARK, DemoDataError, load
from sandtable.serving.assembly import create_instance

pytestmark = [
    pytest.mark.ours("Ctrl-C and SIGTERM end a server within moments, whatever it is at"),
    pytest.mark.skipif(os.name != "posix", reason="signals are of POSIX"),
]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_loading_ends_when_told(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "sandtable.cli", "serve", "--port", "0", "--demo-data", "--scale", "200"]
    log = tmp_path / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
        deadline = time.monotonic() + 60
        # It tells how far it is when it begins and from time to time: then it is in the middle of it.
        while b"demo data:" not in log.read_bytes() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.1)
        process.send_signal(number)
        try:
            code = process.wait(timeout=5)
        finally:
            process.kill()
            process.wait()
    text = log.read_text()
    assert code == 128 + number
    assert text.splitlines()[-1] == "stopped"
    assert "Traceback" not in text
    assert "ready" not in text


def test_half_loaded_demo_data_is_not_taken_for_whole() -> None:
    instance = create_instance(random_seed=1)
    instance.set_property(MARK, LOADING)
    with pytest.raises(DemoDataError, match="another data file"):
        load(instance)
