"""What requests cost in process: run by `bench.beside` with the interpreter of this build, and of another.

It knows where things stood in earlier builds, so that both are measured by the same program. Prints one JSON object:
CPU milliseconds and SQL statements by name.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

AUTH = "Basic " + base64.b64encode(b"admin:admin").decode()
TABLE = "/api/now/table/incident"
STAGING = "/api/now/import/x_elas2_inc_int_elastic_incident"
ROUNDS = {
    "get": 60, "patch": 40, "post": 40, "import": 25, "list of 10": 20, "list true": 8, "list all": 8, "list page": 8,
    "import with a script": 25,
}  # fmt: skip


def found(*places: str) -> Any:
    """Return the first of some modules that this build has."""
    for place in places:
        with contextlib.suppress(ImportError):
            return importlib.import_module(place)
    raise SystemExit(f"none of {places} is there")


class Probe:
    """An instance with thirty incidents, and requests to it."""

    def __init__(self) -> None:
        assembly = found("sandtable.serving.assembly", "sandtable.assembly")
        try:
            self.instance = assembly.create_instance(random_seed=1)
        except TypeError:
            self.instance = assembly.create_instance(seed=1)
        self._app = found("sandtable.library.in_process", "sandtable.inprocess").app_for(self.instance)
        self._number = 0
        self._has_script = False
        caller = self.instance.system().table("sys_user").first("user_name=admin").sys_id
        self._full = {
            "short_description": "The disk of server 17 is full",
            "description": "x" * 300,
            "urgency": "1",
            "impact": "2",
            "category": "software",
            "caller_id": caller,
            "work_notes": "seen",
        }
        made = [self.send("POST", TABLE, self._full) for _ in range(30)]
        self._incident = f"{TABLE}/{json.loads(made[0])['result']['sys_id']}"

    def send(self, method: str, path: str, body: Any = None, query: str = "") -> bytes:
        data = json.dumps(body).encode() if body is not None else b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "RAW_URI": f"{path}?{query}" if query else path,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_ACCEPT": "application/json",
            "HTTP_AUTHORIZATION": AUTH,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(data),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if body is not None:
            environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(data))}
        started: list[str] = []
        chunks = self._app(environ, lambda status, headers, exc_info=None: started.append(status))
        answer = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        if not started or not started[0].startswith("20"):
            raise SystemExit(f"{method} {path}: {started} {answer[:300]!r}")
        return answer

    def scripted(self, row: dict[str, str]) -> bytes:
        """Send a row to the same import, whose map has an onBefore script from now on."""
        if not self._has_script:
            system = self.instance.system()
            found = system.table("sys_transform_map").first(f"source_table={STAGING.rpartition('/')[2]}")
            script = "(function (source, map, log, target) { target.urgency = 2; })(source, map, log, target);"
            system.table("sys_transform_script").insert(
                {"map": found.sys_id, "when": "onBefore", "active": "true", "script": script}
            )
            self._has_script = True
        return self.send("POST", STAGING, row)

    def next(self) -> int:
        self._number += 1
        return self._number

    def operations(self) -> dict[str, Callable[[], object]]:
        """Return the measured requests by name."""
        active = "sysparm_limit=10&sysparm_query=active=true"
        row = {"u_short_description": "x", "u_description": "y" * 100, "u_urgency": "1"}
        return {
            "get": lambda: self.send("GET", self._incident),
            "patch": lambda: self.send("PATCH", self._incident, {"description": f"number {self.next()}"}),
            "post": lambda: self.send("POST", TABLE, {**self._full, "correlation_id": f"p:{self.next()}"}),
            "import": lambda: self.send("POST", STAGING, {**row, "u_correlation_id": f"i:{self.next()}"}),
            "list of 10": lambda: self.send("GET", TABLE, None, active),
            "list true": lambda: self.send("GET", TABLE, None, f"{active}&sysparm_display_value=true"),
            "list all": lambda: self.send("GET", TABLE, None, f"{active}&sysparm_display_value=all"),
            "list page": lambda: self.send("GET", "/incident_list.do", None, active),
            "import with a script": lambda: self.scripted({**row, "u_correlation_id": f"i:{self.next()}"}),
        }


@contextlib.contextmanager
def traced(store: Any, note: Callable[[str], object]) -> Iterator[None]:
    """Have the statements of a store noted; earlier builds have no other way than their connection."""
    if hasattr(store, "traced"):
        with store.traced(note):
            yield
        return
    store._db.set_trace_callback(note)  # noqa: SLF001
    yield
    store._db.set_trace_callback(None)  # noqa: SLF001


def cpu(action: Callable[[], object], rounds: int) -> float:
    """Return the best mean of three series, in CPU milliseconds."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for _ in range(rounds):
            action()
        best = min(best, (time.process_time() - began) / rounds * 1e3)
    return best


def mock_milliseconds() -> float:
    """Return what it costs to enter and leave a mock that does nothing."""
    mock = found("sandtable.library.mock", "sandtable.mock").mock_servicenow
    with mock():
        pass

    def nothing() -> None:
        with mock():
            pass

    return cpu(nothing, 5)


def main() -> None:
    probe = Probe()
    figures: dict[str, float] = {}
    for name, action in probe.operations().items():
        for _ in range(5):
            action()
        statements: list[str] = []
        with traced(probe.instance.store, statements.append):
            action()
        figures[name] = cpu(action, ROUNDS[name])
        figures[f"{name}: statements"] = len(statements)
    figures["an empty mock"] = mock_milliseconds()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
