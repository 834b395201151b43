"""A connector under test, however it can be reached: in this process, as a command, or over HTTP.

All three take the same request and give the same answer:

    request  {"connector_type_id", "connector_id", "config", "secrets", "params": {"subAction", "subActionParams"}}
    answer   {"status": "ok", "data": ...} or {"status": "error", "message", "service_message", "retry"}
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import queue
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from sandtable_scenarios.stage.findings import TargetUnreachable, Unavailable
from sandtable_scenarios.targets.zones import environment, require_zone, within

Request = Mapping[str, Any]
Answer = dict[str, Any]
SLOWEST_ANSWER = 180.0


class ConnectorTarget(Protocol):
    """Anything that takes a connector request and answers it.

    ``log`` holds the lines that it logged since the list was emptied, as far as they can be overheard.
    """

    name: str
    log: list[str]

    def execute(self, request: Request, session: requests.Session | None = None) -> Answer:
        """Run one request; raises TargetUnreachable when the connector gives no answer at all."""

    def restart(self) -> None:
        """Forget what the connector keeps in memory, as a restart of its process would."""

    def move(self, zone: str) -> None:
        """Go on as on a machine in that time zone, by its IANA name, or in that of this machine when it is empty.

        Raises Unavailable where the zone is not ours to choose, or not known here.
        """

    def close(self) -> None:
        """Stop what was started for this target."""


def answered(value: object, name: str) -> Answer:
    """Return an answer whose shape was checked; raises TargetUnreachable when it is not an answer."""
    if not isinstance(value, dict) or value.get("status") not in ("ok", "error"):
        raise TargetUnreachable(f"{name} answered {value!r:.200}; an answer is an object with status 'ok' or 'error'")
    return value


class _Overhearing(logging.Handler):
    """Keeps every line that is logged in this process, whatever the level."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


@contextlib.contextmanager
def _overheard(lines: list[str]) -> Iterator[None]:
    root, handler = logging.getLogger(), _Overhearing(lines)
    level, others = root.level, list(root.handlers)

    def as_before(record: logging.LogRecord) -> bool:
        return record.levelno >= level

    for other in others:
        # Whoever listens besides hears no more than before.
        other.addFilter(as_before)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        for other in others:
            other.removeFilter(as_before)


class InProcess:
    """A connector in this process, named as ``module:factory``; the factory returns a callable (request, session)."""

    def __init__(self, path: str, **options: str) -> None:
        module, _, factory = path.partition(":")
        if not module or not factory:
            raise TargetUnreachable(f"{path!r} does not name a connector; write module:factory")
        try:
            self._factory: Callable[..., Callable[[Request, requests.Session | None], object]] = getattr(
                importlib.import_module(module), factory
            )
        except (ImportError, AttributeError) as problem:
            raise TargetUnreachable(f"connector {path!r} cannot be loaded: {problem}") from problem
        self._options = options
        self.name = path + "".join(f" {key}={value}" for key, value in options.items())
        self._run = self._factory(**options)
        self._zone = ""
        self.log: list[str] = []

    def execute(self, request: Request, session: requests.Session | None = None) -> Answer:
        with _overheard(self.log), within(self._zone):
            return answered(self._run(json.loads(json.dumps(request)), session), self.name)

    def restart(self) -> None:
        self._run = self._factory(**self._options)

    def move(self, zone: str) -> None:
        """Run from now on with the time zone of this process set to that one; Unavailable for one that is not known."""
        require_zone(zone)
        self._zone = zone

    def close(self) -> None:
        """Nothing was started."""


class Command:
    """A connector that is a program: a JSON request a line on its input, a JSON answer a line on its output."""

    def __init__(self, line: str) -> None:
        self._arguments = shlex.split(line)
        if not self._arguments:
            raise TargetUnreachable("cmd: names no program; write cmd:python my_connector.py")
        self.name = f"cmd:{line}"
        self._process: subprocess.Popen[str] | None = None
        self._zone = ""
        self._readers: tuple[threading.Thread, ...] = ()
        self.log: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()

    def _start(self) -> subprocess.Popen[str]:
        try:
            process = subprocess.Popen(  # noqa: S603
                self._arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                bufsize=1,
                env=environment(self._zone),
            )
        except OSError as problem:
            raise TargetUnreachable(f"{self.name} cannot be started: {problem}") from problem
        lines: queue.Queue[str] = queue.Queue()
        self._lines = lines

        def read() -> None:
            assert process.stdout is not None
            with process.stdout:
                for text in process.stdout:
                    lines.put(text)
            lines.put("")

        def overhear() -> None:
            assert process.stderr is not None
            with process.stderr:
                for text in process.stderr:
                    self.log.append(text)
                    sys.stderr.write(text)

        self._readers = tuple(threading.Thread(target=each, daemon=True) for each in (read, overhear))
        for reader in self._readers:
            reader.start()
        self._process = process
        return process

    def execute(self, request: Request, session: requests.Session | None = None) -> Answer:
        process = self._process
        if process is None or process.poll() is not None:
            self.restart()
            process = self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            text = self._lines.get(timeout=SLOWEST_ANSWER)
        except (OSError, queue.Empty) as problem:
            self.restart()
            raise TargetUnreachable(f"{self.name} gave no answer: {problem!r}") from problem
        if not text:
            self.restart()
            raise TargetUnreachable(f"{self.name} ended without an answer (exit code {process.returncode})")
        try:
            return answered(json.loads(text), self.name)
        except json.JSONDecodeError as problem:
            raise TargetUnreachable(
                f"{self.name} answered a line that is not JSON: {text.strip()[:200]!r}"
            ) from problem

    def restart(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        # A program that is gone already leaves a broken pipe behind.
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for reader in self._readers:
            reader.join()

    def move(self, zone: str) -> None:
        """Start the program again with TZ set, when it is used next; Unavailable for a zone that is not known."""
        require_zone(zone)
        if zone != self._zone:
            self.restart()
            self._zone = zone

    def close(self) -> None:
        self.restart()


class KibanaHttp:
    """A connector behind Kibana's actions API: it is created there once for each configuration, then executed."""

    def __init__(self, url: str, *, user: str = "", password: str = "") -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TargetUnreachable(f"{url!r} is not the address of a Kibana; write http://host:5601")
        self.name = url
        self._root = url.rstrip("/")
        self._http = requests.Session()
        self._http.headers["kbn-xsrf"] = "sandtable"
        if user:
            self._http.auth = (user, password)
        self._created: dict[str, str] = {}
        self.log: list[str] = []

    def _call(self, method: str, path: str, body: object = None) -> Any:
        try:
            response = self._http.request(method, self._root + path, json=body, timeout=SLOWEST_ANSWER)
        except requests.RequestException as problem:
            raise TargetUnreachable(f"{self.name} does not answer: {problem}") from problem
        if response.status_code == 204:
            return None
        try:
            return {"http_status": response.status_code, **response.json()}
        except (ValueError, TypeError) as problem:
            raise TargetUnreachable(f"{self.name}{path} answered {response.status_code} without JSON") from problem

    def execute(self, request: Request, session: requests.Session | None = None) -> Answer:
        shape = {key: request[key] for key in ("connector_type_id", "config", "secrets")}
        key = json.dumps([request.get("connector_id"), shape], sort_keys=True)
        if key not in self._created:
            made = self._call("POST", "/api/actions/connector", {"name": "sandtable rehearsal", **shape})
            if "id" not in made:
                return {
                    "status": "error",
                    "message": str(made.get("message", made)),
                    "service_message": "",
                    "retry": False,
                }
            self._created[key] = str(made["id"])
        answer = self._call(
            "POST", f"/api/actions/connector/{self._created[key]}/_execute", {"params": request["params"]}
        )
        if answer.get("http_status") != 200:
            return {
                "status": "error",
                "message": str(answer.get("message", answer)),
                "service_message": "",
                "retry": False,
            }
        return answered(answer, self.name)

    def restart(self) -> None:
        """A Kibana is not ours to restart."""

    def move(self, zone: str) -> None:
        """Raise Unavailable for any zone: the machine of a Kibana is not ours to move."""
        if zone:
            raise Unavailable("the time zone of a Kibana is not ours to choose")

    def close(self) -> None:
        for connector_id in self._created.values():
            self._call("DELETE", f"/api/actions/connector/{connector_id}")
        self._created.clear()
        self._http.close()


def connector_from(text: str) -> ConnectorTarget:
    """Return the connector that a command-line value names.

    ``module:factory`` (with options as ``module:factory?behaviour=kibana-8.13``), ``cmd:program and arguments``, or the
    address of a Kibana. Raises TargetUnreachable naming what is wrong.
    """
    if text.startswith("cmd:"):
        return Command(text[4:])
    if text.startswith(("http://", "https://")):
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
        return KibanaHttp(
            f"{parts.scheme}://{host}{parts.path}", user=parts.username or "", password=parts.password or ""
        )
    path, _, options = text.partition("?")
    return InProcess(path, **dict(pair.split("=", 1) for pair in options.split("&") if "=" in pair))
