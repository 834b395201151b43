"""A scripted instance for the connector, and keys and certificates made at test time."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandtable_connector import Behaviour, Connector, ConnectorError, ExecutionResult, MemoryTokenCache, Networking
from sandtable_connector.rules import Alert, CheckOutcome, RuleFile, RuleRunner, parse_alert, parse_rules
from sandtable_connector.transport import Request, Response

API_URL = "https://dev00000.example.com"
SYS_ID = "0" * 31 + "a"
NOW = 1_700_000_000.0
PASSWORD = "correct-horse-battery"

Answer = Response | ConnectorError | Callable[[Request], Response]


def answer(
    result: Any = None, *, status: int = 200, body: Any = None, text: str | None = None, **headers: str
) -> Response:
    """Return a response: ``{"result": result}``, or another JSON body, or plain text."""
    content = text if text is not None else json.dumps({"result": result} if body is None else body)
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, content.encode())


def health() -> Response:
    return answer({"name": "Elastic", "scope": "x_elas2_inc_int", "version": "1.0.0"})


def row(sys_id: str | None = SYS_ID, status: str = "inserted", **more: Any) -> Response:
    found = {"transform_map": "Elastic Incident", "table": "incident", "status": status, **more}
    if sys_id is not None:
        found["sys_id"] = sys_id
    return answer([found])


def record(sys_id: str = SYS_ID, **more: Any) -> dict[str, Any]:
    return {
        "sys_id": sys_id,
        "number": "INC0010001",
        "state": "1",
        "sys_created_on": "2020-03-10 12:24:20",
        "sys_updated_on": "2020-03-11 01:02:03",
        **more,
    }


def refused(
    status: int, message: str = "User Not Authenticated", detail: str | None = "Required to provide Auth information"
) -> Response:
    return answer(status=status, body={"error": {"message": message, "detail": detail}, "status": "failure"})


class Script:
    """A transport that gives prepared answers in order and keeps what it was asked."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        assert self.answers, f"nothing was to be asked any more, but this was: {request.method} {request.url}"
        following = self.answers.pop(0)
        if isinstance(following, ConnectorError):
            raise following
        return following if isinstance(following, Response) else following(request)

    @property
    def lines(self) -> list[str]:
        """Return each request as its method and its URL without the instance's address."""
        return [f"{request.method} {request.url.removeprefix(API_URL)}" for request in self.requests]

    def body(self, index: int) -> Any:
        return json.loads(self.requests[index].body or b"null")


@dataclass
class Played:
    """One execution: its result, the requests, the log lines, and answers that nobody asked for."""

    result: ExecutionResult
    script: Script
    log: list[tuple[str, str]] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        return self.script.lines

    @property
    def text(self) -> str:
        return self.result.service_message or self.result.message or ""

    @property
    def warnings(self) -> list[str]:
        return [text for level, text in self.log if level == "warn"]


@dataclass
class Stage:
    """Makes connectors over scripts and plays one action on each."""

    rsa_pem: str

    def connector(
        self,
        script: Script,
        preset: str | Behaviour = "documented",
        *,
        kind: str = ".servicenow",
        table: bool = False,
        oauth: bool = False,
        log: list[tuple[str, str]] | None = None,
        networking: Networking | None = None,
        tokens: MemoryTokenCache | None = None,
        clock: Callable[[], float] = lambda: NOW,
        config: dict[str, Any] | None = None,
        secrets: dict[str, Any] | None = None,
    ) -> Connector:
        settings: dict[str, Any] = {"apiUrl": API_URL}
        if kind != ".servicenow-itom":
            settings["usesTableApi"] = table
        if oauth:
            settings |= {"isOAuth": True, "clientId": "client", "jwtKeyId": "kid-1", "userIdentifierValue": "a@b.c"}
        given = (
            {"clientSecret": "client-secret-value", "privateKey": self.rsa_pem}
            if oauth
            else {"username": "elastic", "password": PASSWORD}
        )
        lines = log if log is not None else []
        return Connector(
            kind,
            {**settings, **(config or {})},
            {**given, **(secrets or {})},
            connector_id="c1",
            behaviour=Behaviour.preset(preset) if isinstance(preset, str) else preset,
            transport=script,
            networking=networking,
            tokens=tokens,
            clock=clock,
            log=lambda level, text: lines.append((level, text)),
        )

    def play(
        self, preset: str | Behaviour, answers: Sequence[Answer], sub_action: str, params: Any, **made: Any
    ) -> Played:
        script = Script(answers)
        log: list[tuple[str, str]] = []
        connector = self.connector(script, preset, log=log, **made)
        result = connector.execute({"subAction": sub_action, "subActionParams": params})
        assert not script.answers, f"{len(script.answers)} answers were not asked for; asked: {script.lines}"
        return Played(result, script, log)

    def push(
        self,
        preset: str | Behaviour,
        answers: Sequence[Answer],
        incident: dict[str, Any] | None = None,
        comments: Any = None,
        **made: Any,
    ) -> Played:
        params = {"incident": {"short_description": "a", **(incident or {})}, "comments": comments}
        return self.play(preset, answers, "pushToService", params, **made)

    def close(self, preset: str | Behaviour, answers: Sequence[Answer], **incident: Any) -> Played:
        return self.play(preset, answers, "closeIncident", {"incident": incident})

    Script = Script
    answer = staticmethod(answer)
    health = staticmethod(health)
    row = staticmethod(row)
    record = staticmethod(record)
    refused = staticmethod(refused)
    API_URL = API_URL
    SYS_ID = SYS_ID
    NOW = NOW
    PASSWORD = PASSWORD


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def rsa_pem(rsa_key: rsa.RSAPrivateKey) -> str:
    return rsa_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.fixture
def stage(rsa_pem: str) -> Stage:
    return Stage(rsa_pem)


class Given:
    """Alert documents and rule files, in the shapes of Kibana's alerts index and alerting API."""

    RULE = "11111111-2222-4333-8444-555555555555"
    START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    CLOSE: ClassVar[dict[str, Any]] = {"group": "recovered", "params": {}}

    def at(self, minute: float) -> str:
        return (self.START + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")

    def document(
        self, minute: float, alert_id: str = "web-01", status: str = "active", *, start: float = 0, **more: Any
    ) -> dict[str, Any]:
        """Return the document of one alert at the check of a minute; it does not say whether the alert flaps."""
        rule = more.pop("rule", self.RULE)
        given = {
            "@timestamp": self.at(minute),
            "kibana.alert.instance.id": alert_id,
            "kibana.alert.uuid": f"uuid-{alert_id}-{start}",
            "kibana.alert.status": status,
            "kibana.alert.start": self.at(start),
            "kibana.alert.reason": f"{alert_id} is {status}",
            "kibana.alert.rule.uuid": rule,
            "kibana.alert.rule.execution.uuid": f"run-{rule}-{minute}",
        }
        if status == "recovered":
            given["kibana.alert.end"] = self.at(minute)
        return {**given, **{name.replace("__", "."): value for name, value in more.items()}}

    def alerts(self, *documents: dict[str, Any]) -> list[Alert]:
        return [parse_alert(given, position=number) for number, given in enumerate(documents, 1)]

    def rules(
        self, *, settings: dict[str, Any] | None = None, windows: list[Any] | None = None, **rule: Any
    ) -> RuleFile:
        """Return a file with one rule, which goes to connector c1 and has the default actions unless told otherwise."""
        one = {"id": self.RULE, "name": "Disk", "connector_id": "c1", **rule}
        given = {"rules": [one], "settings": settings or {}, "maintenance_windows": windows or []}
        return parse_rules(yaml.safe_dump(given))

    def push(self, **incident: Any) -> dict[str, Any]:
        """Return an action for active alerts."""
        return {"params": {"subActionParams": {"incident": {"short_description": "s", **incident}}}}

    def played(self, rules: RuleFile, *documents: dict[str, Any]) -> list[CheckOutcome]:
        """Return what comes of each check of a stream of documents."""
        return list(RuleRunner(rules).checks(self.alerts(*documents)))

    def told(self, rules: RuleFile, *documents: dict[str, Any]) -> list[str]:
        """Return what comes of each check as text: push or close with the alert, or why nothing is sent."""
        return [_told(outcome) for outcome in self.played(rules, *documents)]


def _told(outcome: CheckOutcome) -> str:
    short = {"pushToService": "push", "closeIncident": "close"}
    lines = [f"{short.get(call.sub_action, call.sub_action)} {call.alert_id}" for call in outcome.calls]
    lines += [f"{silent.reason} {silent.alert_id}" for silent in outcome.silent]
    return ", ".join(lines)


@pytest.fixture(scope="session")
def given() -> Given:
    return Given()


@contextmanager
def _served(answer: Callable[[Request], Response]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found = answer(Request(self.command, self.path, dict(self.headers.items()), body))
            with contextlib.suppress(OSError):
                self.send_response(found.status)
                for name, value in found.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(found.body)))
                self.end_headers()
                self.wfile.write(found.body)

        do_POST = do_PATCH = do_OPTIONS = do_GET  # noqa: N815

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def served() -> Iterator[Callable[[Callable[[Request], Response]], str]]:
    """Serve a function from request to response on a socket, and give its address; request.url is the target."""
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(_served(answer))
