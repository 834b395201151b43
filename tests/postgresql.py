"""A PostgreSQL of the tests' own: made from the binaries of this machine, on a socket in a folder, and not durable."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
        return "psycopg is not installed: pip install 'sandtable[postgres]'"
    return ""


class Server:
    """A cluster in a folder of its own. `url` leads to its database."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sandtable-pg-", dir="/tmp"))
        self.user = next((name for name in UNPRIVILEGED if _exists(name)), "") if os.geteuid() == 0 else ""
        if self.user:
            shutil.chown(self.folder, self.user)
        self.process: subprocess.Popen[bytes] | None = None
        place = binaries()
        assert place is not None
        self._bin = place
        self._run("initdb", "-D", "data", "-U", "sandtable", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    @property
    def url(self) -> str:
        return f"postgresql://sandtable@/postgres?host={self.folder}"

    def start(self) -> Server:
        """Start it, and wait until it answers."""
        settings = (*FAST, "listen_addresses=", f"unix_socket_directories={self.folder}")
        options = [part for each in settings for part in ("-c", each)]
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [str(self._bin / "postgres"), "-D", "data", *options], cwd=self.folder, stdout=log, stderr=log, **self._as()
        )
        while not (self.folder / ".s.PGSQL.5432").exists() or not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.02)
        return self

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, *, how: str = "fast") -> None:
        """Stop it: `fast` in good order, `immediate` as a crash would."""
        if self.process is not None:
            self._run("pg_ctl", "stop", "-D", "data", "-m", how, "-w")
            self.process.wait()
            self.process = None

    def remove(self) -> None:
        """Stop it, and leave nothing behind."""
        self.stop(how="immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / name), *arguments], cwd=self.folder, check=True, capture_output=True, **self._as()
        )

    def _as(self) -> dict[str, object]:
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
        def turn() -> Iterator[dict[str, object]]:
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
                assert server.process is not None
                state |= {"url": server.url, "folder": str(server.folder), "pid": server.process.pid}
            state["users"] = int(str(state["users"])) + 1
            url = str(state["url"])
        try:
            yield url
        finally:
            with turn() as state:
                state["users"] = int(str(state["users"])) - 1
                if not state["users"]:
                    os.kill(int(str(state["pid"])), 3)  # at once, as a crash
                    shutil.rmtree(str(state["folder"]), ignore_errors=True)
