"""A server in a process of its own, as its users start it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import TracebackType

ADMIN = ("admin", "admin")


class Served:
    """`sandtable serve` on a free port; `data` is its file. Raises RuntimeError when it does not get ready."""

    def __init__(self, data: Path | None = None) -> None:
        command = [sys.executable, "-m", "sandtable.cli", "serve", "--port", "0", "--log", "off"]
        command += ["--data", str(data)] if data is not None else []
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith("ready at "):
            self.process.kill()
            raise RuntimeError(f"the server did not get ready: {line!r}")
        self.url = line.split()[2]

    def memory(self) -> float:
        """Return the megabytes of memory that the process holds."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024

    def kill(self) -> None:
        """End it without a warning, as a crash does."""
        self.process.kill()
        self.process.communicate()

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.communicate(timeout=120)  # an hour of records, on a busy machine
