"""Redirects: which method goes on, which credentials stay behind, and which hosts may be called."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable_connector import Networking, errors
from sandtable_connector.transport import Request, Response
from sandtable_connector.transport.redirects import follow

pytestmark = pytest.mark.recorded("observed with axios 1; RFC 9110, 15.4")

SENT = {"Authorization": "Basic eA==", "Content-Type": "application/json", "Accept": "*/*"}


def chase(request: Request, *answers: Response, **more: Any) -> list[Request]:
    waiting, seen = list(answers), []

    def send(sent: Request) -> Response:
        seen.append(sent)
        return waiting.pop(0) if waiting else Response(200)

    follow(send, request, **more)
    return seen


def to(location: str, status: int = 302) -> Response:
    return Response(status, {"LOCATION": location})


@pytest.mark.parametrize(
    "method, status, becomes",
    [
        ("POST", 301, "GET"),
        ("POST", 302, "GET"),
        ("POST", 303, "GET"),
        ("POST", 307, "POST"),
        ("POST", 308, "POST"),
        ("PATCH", 301, "PATCH"),
        ("PATCH", 302, "PATCH"),
        ("PATCH", 303, "GET"),
        ("GET", 301, "GET"),
        ("GET", 303, "GET"),
        ("GET", 307, "GET"),
    ],
)
def test_which_method_goes_on(method: str, status: int, becomes: str) -> None:
    body = None if method == "GET" else b"{}"
    _, second = chase(Request(method, "https://h/a", SENT, body), to("/b", status))
    assert (second.method, second.url) == (becomes, "https://h/b")
    kept = becomes == method
    assert second.body == (body if kept else None)
    assert ("Content-Type" in second.headers) is kept
    assert second.headers["Authorization"] == "Basic eA=="


@pytest.mark.parametrize(
    "start, location, kept",
    [
        ("https://h/a", "https://h/b", True),
        ("https://h/a", "b", True),
        ("https://h/a", "//h/b", True),
        ("https://h/a", "https://sub.h/b", True),
        ("https://h/a", "https://other/b", False),
        ("https://h/a", "https://h:8443/b", False),
        ("https://h/a", "https://evilh/b", False),
        ("https://h/a", "http://h/b", False),
        ("http://h/a", "https://h/b", True),
    ],
)
def test_which_credentials_go_on(start: str, location: str, kept: bool) -> None:
    _, second = chase(Request("GET", start, SENT), to(location))
    assert ("Authorization" in second.headers) is kept
    assert second.headers["Accept"] == "*/*"


def test_21_hops_and_no_more() -> None:
    assert len(chase(Request("GET", "https://h/"), *[to("/x")] * 21)) == 22
    with pytest.raises(errors.TooManyRedirects, match="^Maximum number of redirects exceeded$"):
        chase(Request("GET", "https://h/"), *[to("/x")] * 22)


@pytest.mark.parametrize(
    "answer", [Response(302), Response(304, {"Location": "/x"}), Response(300, {"Location": "/x"})]
)
def test_what_is_no_redirect(answer: Response) -> None:
    assert len(chase(Request("GET", "https://h/"), answer)) == 1


@pytest.mark.parametrize("location", ["ftp://h/x", "http://", "https://a b/", "//[x"])
def test_a_location_that_cannot_be_called(location: str) -> None:
    with pytest.raises(errors.InvalidAddress):
        chase(Request("GET", "https://h/"), to(location))


REFUSED = (
    'Redirected request failed: target hostname "elsewhere.example.com" is not added to the Kibana config '
    "xpack.actions.allowedHosts"
)


@pytest.mark.parametrize("preset, checked", [("documented", True), ("kibana-8.13", False), ("kibana-9", True)])
def test_a_hop_must_be_allowed(stage: Any, preset: str, checked: bool) -> None:
    networking = Networking(allowed_hosts=("dev00000.example.com",))
    answers = [stage.answer(status=302, text="", Location="https://elsewhere.example.com/x")]
    answers += [] if checked else [stage.answer([])]
    played = stage.play(preset, answers, "getFields", {}, networking=networking)
    if checked:
        assert f"Unable to get fields. Error: {REFUSED}" in played.text
        assert isinstance(played.result.error, errors.HostNotAllowed)
    else:
        assert played.result.data == []
        assert "Authorization" not in played.script.requests[1].headers


def test_the_token_request_follows_the_same_rules(stage: Any) -> None:
    networking = Networking(allowed_hosts=("dev00000.example.com",))
    moved = stage.answer(status=307, text="", Location="https://elsewhere.example.com/token")
    played = stage.play("documented", [moved], "getFields", {}, networking=networking, oauth=True)
    assert REFUSED in played.text


def test_an_unfollowed_redirect_is_an_error(stage: Any) -> None:
    played = stage.play("documented", [stage.answer(status=304, text="")], "getFields", {})
    assert "Request failed with status code 304" in played.text
