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
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from sandtable_scenarios.stage.findings import TargetUnreachable, Unavailable
from sandtable_scenarios.targets.offers import EVERYTHING, HELLO, Offers, offers_from
from sandtable_scenarios.targets.unanswered import reason_of
from sandtable_scenarios.targets.zones import require_zone, within

Request = Mapping[str, Any]
Answer = dict[str, Any]
SLOWEST_ANSWER = 180.0


class ConnectorTarget(Protocol):
    """Anything that takes a connector request and answers it.

    ``log`` holds the lines that it logged since the list was emptied, as far as they can be overheard.
    """

    name: str
    log: list[str]

    @property
    def offers(self) -> Offers:
        """What the connector declares that it does."""

    def begin_story(self) -> None:
        """Be as freshly started, in the time zone of this machine, when the next request comes."""

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


def _told(run: Callable[..., object]) -> object:
    """Return what a function answers to a hello, nothing where it cannot."""
    try:
        return run(dict(HELLO), None)
    except Exception:  # whatever a connector makes of a request that it does not know, it declares nothing
        return None


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
        try:
            self._run = self._factory(**options)
        except Exception as problem:  # a factory is anybody's, and a wrong option may raise anything
            raise TargetUnreachable(f"connector {self.name!r} cannot be made: {problem}") from problem
        self._zone = ""
        self.log: list[str] = []
        self.offers = offers_from(_told(self._run), self.name)

    def begin_story(self) -> None:
        self._zone = ""
        if self.offers.memory != "none":
            self.restart()

    def execute(self, request: Request, session: requests.Session | None = None) -> Answer:
        with _overheard(self.log), within(self._zone):
            try:
                answer = self._run(json.loads(json.dumps(request)), session)
            except Exception as problem:  # judged as what it is: a connector that gives no answer
                told = f"{type(problem).__name__}: {problem}"
                return {"status": "error", "message": told, "service_message": None, "retry": None, "raised": told}
            return answered(answer, self.name)

    def restart(self) -> None:
        self._run = self._factory(**self._options)

    def move(self, zone: str) -> None:
        """Run from now on with the time zone of this process set to that one; Unavailable for one that is not known."""
        require_zone(zone)
        self._zone = zone

    def close(self) -> None:
        """Nothing was started."""


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
        self.offers = EVERYTHING

    def _call(self, method: str, path: str, body: object = None) -> Any:
        try:
            response = self._http.request(method, self._root + path, json=body, timeout=SLOWEST_ANSWER)
        except requests.RequestException as problem:
            raise TargetUnreachable(f"{self.name} does not answer: {reason_of(problem)}") from problem
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

    def begin_story(self) -> None:
        """Nothing can be forgotten here."""

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
