"""Instances that answer badly, or not at all: the documented error, no traceback, no secret."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandtable_connector import Connector, ConnectorError, Networking, errors
from sandtable_connector.errors import ConfigurationError
from sandtable_connector.transport import Request, Response

pytestmark = pytest.mark.documented("Kibana docs, alerting and action settings; observed Kibana behaviour for texts")

PASSWORD = "correct-horse-battery"
PUSH = {"subAction": "pushToService", "subActionParams": {"incident": {"short_description": "a"}}}


def run(url: str, *, kind: str = ".servicenow", **networking: Any) -> Any:
    connector = Connector(
        kind,
        {"apiUrl": url, "usesTableApi": False},
        {"username": "elastic", "password": PASSWORD},
        connector_id="c1",
        networking=Networking(**networking),
    )
    return connector.execute(PUSH)


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (
            Response(200, {}, b"{" + b" " * 2_000_000 + b"}"),
            errors.ResponseTooLarge,
            "maxContentLength size of 1048576 exceeded",
        ),
        (
            Response(200, {"Content-Type": "text/html"}, b"<html>Your instance is hibernating</html>"),
            errors.InstanceUnavailable,
            "There is an issue with your Service Now Instance. Please check 127.0.0.1.",
        ),
        (Response(200), errors.InstanceUnavailable, "There is an issue with your Service Now Instance."),
        (Response(200, {}, b"null"), errors.InstanceUnavailable, "There is an issue with your Service Now Instance."),
        (
            Response(200, {}, b'{"result":'),
            errors.InstanceUnavailable,
            "There is an issue with your Service Now Instance.",
        ),
        (Response(502, {}, b"<html>Bad gateway</html>"), errors.ServerFailed, "Request failed with status code 502"),
        (Response(401, {}, b"<html>"), errors.NotAuthenticated, "Reason: unknown: no error in error response"),
        (Response(429, {}, b"{}"), errors.RateLimited, "Request failed with status code 429"),
        (Response(302, {"Location": "/api/x"}), errors.TooManyRedirects, "Maximum number of redirects exceeded"),
        (Response(200, {"Content-Encoding": "gzip"}, b"not gzip"), errors.AnswerUnusable, "incorrect header check"),
        (
            Response(403, {}, f'{{"error": {{"message": "{PASSWORD}", "detail": "x"}}}}'.encode()),
            errors.AccessDenied,
            "[redacted]: x",
        ),
    ],
)
def test_an_instance_that_answers_badly(
    served: Callable[..., str], answer: Response, error: type[ConnectorError], text: str
) -> None:
    result = run(served(lambda request: answer))
    assert result.status == "error"
    assert type(result.error) is error
    assert text in result.service_message
    assert PASSWORD not in repr(result.wire())
    assert "Traceback" not in result.service_message
    assert result.retry is error.retry


def test_a_larger_limit_reads_a_larger_answer(served: Callable[..., str]) -> None:
    large = Response(200, {}, b'{"result": [], "padding": "' + b"x" * 2_000_000 + b'"}')
    result = run(served(lambda request: large), max_response_content_length=3_000_000)
    assert "maxContentLength" not in (result.service_message or "")


@pytest.fixture
def silent() -> Iterator[str]:
    """An instance that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=8) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_an_instance_that_never_answers(silent: str) -> None:
    result = run(silent, response_timeout=0.2)
    assert type(result.error) is errors.ResponseTimeout
    assert "timeout of 200ms exceeded" in result.service_message
    assert result.retry is True


def test_an_instance_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = run(f"http://127.0.0.1:{port}")
    assert type(result.error) is errors.ConnectionFailed
    assert f"connect ECONNREFUSED 127.0.0.1:{port}" in result.service_message


def test_an_instance_that_hangs_up(served: Callable[..., str]) -> None:
    def hang_up(request: Request) -> Response:
        raise ConnectionResetError

    # The server's thread reports the failed request on standard error; the client sees a closed connection.
    result = run(served(hang_up))
    assert type(result.error) is errors.ConnectionFailed
    assert "socket hang up" in result.service_message


@pytest.mark.parametrize("date", ["13.03.2020 12:24:20", "", "yesterday"])
def test_dates_in_a_user_format(stage: Any, date: str) -> None:
    answers = [stage.health(), stage.row(), stage.answer(stage.record(sys_created_on=date))]
    played = stage.push("kibana-8.13", answers)
    assert "Invalid time value" in played.text
    strict = stage.push("documented", answers)
    assert type(strict.result.error) is errors.AnswerUnusable


@pytest.mark.parametrize(
    ("key", "passphrase", "text"),
    [
        ("not a key", None, "secretOrPrivateKey must be an asymmetric key when using RS256"),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----", None, "must be an asymmetric key"),
        (None, "the wrong passphrase", "secretOrPrivateKey is not valid key material"),
        (None, None, "must be an asymmetric key"),
    ],
)
def test_a_key_that_cannot_sign(stage: Any, rsa_key: Any, key: str | None, passphrase: str | None, text: str) -> None:
    from cryptography.hazmat.primitives import serialization

    locked = rsa_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"the right passphrase"),
    ).decode()
    secrets = {"privateKey": key or locked, "privateKeyPassword": passphrase}
    played = stage.push("documented", [], oauth=True, secrets=secrets)
    assert type(played.result.error) is errors.KeyUnusable
    assert text in played.text
    shown = played.text + repr(played.result) + "".join(played.warnings)
    assert locked not in shown
    assert "passphrase" not in shown
    assert "client-secret-value" not in shown


def test_an_address_that_is_none() -> None:
    result = run("not-a-url")
    assert "Invalid URL" in (result.service_message or "")
    with pytest.raises(ConfigurationError, match="is not added to the Kibana config"):
        run("not-a-url", allowed_hosts=("dev00000.service-now.com",))
