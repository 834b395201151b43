"""A PostgreSQL of the tests' own: made from the binaries of this machine, on a socket in a folder, and not durable."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CANDIDATES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=32MB")
UNPRIVILEGED = ("postgres", "nobody")  # PostgreSQL does not start as root


def binaries() -> Path | None:
    """Return the folder with initdb and postgres of the newest PostgreSQL there is, or None."""
    found = [Path(each).parent for each in (shutil.which("initdb"),) if each]
    for pattern in CANDIDATES:
        base = Path(pattern.partition("*")[0]).parent if "*" in pattern else Path(pattern)
        rest = str(Path(pattern).relative_to(base)) if "*" in pattern else ""
        found += sorted(base.glob(rest), reverse=True) if rest and base.exists() else [base]
    return next((each for each in found if (each / "initdb").exists() and (each / "postgres").exists()), None)


def why_not() -> str:
    """Return why the tests of PostgreSQL cannot run here; empty when they can."""
    if binaries() is None:
        return "there are no PostgreSQL binaries (initdb, postgres) on this machine"
    try:
        import psycopg  # noqa: F401
        import psycopg_pool  # noqa: F401
    except ImportError:
        return "psycopg is not installed: pip install '.[postgres]'"
    return ""


class Server:
    """A cluster in a folder of its own. `url` leads to its database."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sandtable-pg-", dir="/tmp"))
        self.user = next((name for name in UNPRIVILEGED if _exists(name)), "") if os.geteuid() == 0 else ""
        if self.user:
            shutil.chown(self.folder, self.user)
        place = binaries()
        assert place is not None
        self._bin = place
        self._run("initdb", "-D", "data", "-U", "sandtable", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    @property
    def url(self) -> str:
        return f"postgresql://sandtable@/postgres?host={self.folder}"

    @property
    def pid(self) -> int:
        """The process that all of the server hang on."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def start(self) -> Server:
        """Start it; it answers."""
        settings = (*FAST, "listen_addresses=", f"unix_socket_directories={self.folder}")
        self._run("pg_ctl", "start", "-w", "-D", "data", "-l", "log", "-o", " ".join(f"-c {each}" for each in settings))
        return self

    def stop(self, *, how: str = "fast") -> None:
        """Stop it: `fast` in good order, `immediate` as a crash would."""
        self._run("pg_ctl", "stop", "-D", "data", "-m", how, "-w")

    def remove(self) -> None:
        """Stop it, and leave nothing behind."""
        self.stop(how="immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / name), *arguments], cwd=self.folder, check=True, capture_output=True, **self._as()
        )

    def _as(self) -> dict[str, Any]:
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if self.user else {}


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@contextmanager
def shared_server(place: Path) -> Iterator[str]:
    """Yield the URL of one server that all processes with the same `place` use; the last one stops it."""
    import fcntl

    with (place / "postgresql.lock").open("a+") as lock:

        @contextmanager
        def turn() -> Iterator[dict[str, Any]]:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = place / "postgresql.json"
            state = json.loads(known.read_text()) if known.exists() else {"users": 0}
            try:
                yield state
                known.write_text(json.dumps(state))
            finally:
                fcntl.flock(lock, fcntl.LOCK_UN)

        with turn() as state:
            if not state["users"]:
                server = Server().start()
                state |= {"url": server.url, "folder": str(server.folder), "pid": server.pid}
            state["users"] = state["users"] + 1
            url: str = state["url"]
        try:
            yield url
        finally:
            with turn() as state:
                state["users"] = state["users"] - 1
                if not state["users"]:
                    os.kill(state["pid"], signal.SIGQUIT)  # at once
                    shutil.rmtree(state["folder"], ignore_errors=True)
