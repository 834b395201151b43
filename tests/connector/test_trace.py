"""What a trace keeps of an exchange: everything that helps to find a mistake, and no secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandtable_connector.errors import ConnectionFailed, Redactor
from sandtable_connector.schemas.secrets import Secrets, basic_token
from sandtable_connector.transport import Request, Response
from sandtable_connector.transport.trace import Exchange, TracingTransport

pytestmark = pytest.mark.ours("a trace shows each exchange whole, but for what must stay secret")

SECRET = "test-only-secret"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def traced(stage: Any, request: Request, answer: Any = None) -> Exchange:
    tracing = TracingTransport(stage.Script([answer or Response(200, {}, b"{}")]))
    tracing.send(request)
    (exchange,) = tracing.exchanges
    return exchange


@pytest.mark.parametrize("name", ["assertion", "client_secret", "password", "refresh_token"])
def test_a_token_request_without_its_secrets(stage: Any, name: str) -> None:
    body = f"client_id=client&{name}={SECRET}&grant_type=x".encode()
    exchange = traced(stage, Request("POST", "https://h/oauth_token.do", FORM, body))
    assert exchange.request_body == f"client_id=client&{name}=[redacted]&grant_type=x"


@pytest.mark.parametrize("name", ["access_token", "refresh_token", "id_token"])
def test_a_token_answer_without_its_tokens(stage: Any, name: str) -> None:
    body = json.dumps({name: SECRET, "expires_in": 1799}).encode()
    exchange = traced(stage, Request("POST", "https://h/oauth_token.do"), Response(200, {}, body))
    assert exchange.response_body == {name: "[redacted]", "expires_in": 1799}


@pytest.mark.parametrize(
    "name, value, shown",
    [
        ("Authorization", f"Bearer {SECRET}", "Bearer [redacted]"),
        ("Authorization", SECRET, "[redacted]"),
        ("Proxy-Authorization", f"Basic {SECRET}", "Basic [redacted]"),
        ("Cookie", f"JSESSIONID={SECRET}", "[redacted]"),
        ("set-cookie", f"JSESSIONID={SECRET}; Path=/", "[redacted]"),
        ("X-Other", "as it is", "as it is"),
    ],
)
def test_headers_of_both_directions(stage: Any, name: str, value: str, shown: str) -> None:
    exchange = traced(stage, Request("GET", "https://h/api", {name: value}), Response(200, {name: value}, b"{}"))
    assert (exchange.request_headers[name], exchange.response_headers[name]) == (shown, shown)


def test_what_comes_back_from_outside_passes_the_redactor(stage: Any) -> None:
    answer = Response(403, {"X-Seen": SECRET}, json.dumps({"error": [{"detail": f"it was {SECRET}"}]}).encode())
    tracing = TracingTransport(stage.Script([answer, ConnectionFailed(f"to {SECRET}")]), Redactor([SECRET]))
    request = Request("GET", f"https://h/api?q={SECRET}", {"X-Sent": SECRET}, f'{{"a":"{SECRET}"}}'.encode())
    tracing.send(request)
    with pytest.raises(ConnectionFailed):
        tracing.send(request)
    shown = json.dumps([exchange.wire() for exchange in tracing.exchanges])
    assert SECRET not in shown
    assert shown.count("[redacted]") == 3 + 2 + 3 + 1
    assert [exchange.error for exchange in tracing.exchanges] == [None, "to [redacted]"]


@pytest.mark.parametrize("name", ["password", "client_secret", "private_key", "private_key_password"])
def test_each_secret_of_a_connector_is_redacted(name: str) -> None:
    redact = Secrets(username="elastic", **{name: SECRET}).redactor()
    assert redact(f"elastic sent {SECRET}") == "elastic sent [redacted]"


def test_a_secret_in_another_form_is_redacted_too() -> None:
    key = "-----BEGIN PRIVATE KEY-----\ntest only\n-----END PRIVATE KEY-----\n"
    redact = Secrets(username="elastic", password=SECRET, private_key=key).redactor()
    assert redact(f"<{key.strip()}>") == "<[redacted]>"
    assert redact(f"Basic {basic_token('elastic', SECRET)}") == "Basic [redacted]"
