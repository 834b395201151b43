"""What the presets share with Kibana's own connector code, in rows that no other table holds."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sandtable_connector import Behaviour, Networking, Request, errors
from sandtable_connector.transport.wire import WireTransport

pytestmark = pytest.mark.recorded("observed: Kibana's connector code under Node 20, run beside the presets")

E1, E2, E3 = KIBANAS = ("kibana-8.13", "kibana-9.0", "kibana-9")
DOCUMENTED = "documented"
CLOSED = {"u_state": "7"}


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    "result, said", [([{"status": "error", "error_message": "No"}], "No"), ([], "Unexpected result")]
)
def test_a_row_that_failed_tells_the_status_of_its_answer(stage: Any, status: int, result: Any, said: str) -> None:
    text = stage.push(E3, [stage.health(), stage.answer(result, status=status)]).text
    assert f"Error: {said}" in text
    assert text.endswith(f" [status={status}] [method=post] [endpoint=import_set]")


@pytest.mark.parametrize("preset, ends", [(E1, False), (E2, True), (E3, True), (DOCUMENTED, True)])
@pytest.mark.parametrize("given, found", [({"correlation_id": "r:a"}, [{}]), ({"externalId": "x"}, {})])
def test_a_close_that_finds_a_record_without_fields(
    stage: Any, preset: str, ends: bool, given: dict[str, str], found: Any
) -> None:
    following = [] if ends else [stage.health(), stage.row("n"), stage.answer(stage.record("n"))]
    played = stage.close(preset, [stage.answer(found), *following], **given)
    assert played.result.status == "ok"
    assert len(played.warnings) == ends
    if not ends:
        assert played.script.body(2) == {
            "u_state": "7",
            "u_close_code": "Closed/Resolved by Caller",
            "u_close_notes": "Closed by Caller",
        }


@pytest.mark.parametrize(
    "failure",
    [errors.ConnectionFailed("socket hang up", code="ECONNRESET"), errors.ResponseTimeout("late", code="ECONNABORTED")],
)
def test_an_event_that_nobody_answers_has_no_reason_in_the_newer_texts(stage: Any, failure: Exception) -> None:
    def play(preset: str) -> str:
        text: str = stage.play(preset, [failure], "addEvent", {"source": "s"}, kind=".servicenow-itom").text
        return text

    head = f"[Action][ServiceNow]: Unable to add event. Error: {failure}"
    assert play(E3) == head
    assert play(E1) == f"{head} Reason: unknown: errorResponse was null"


@pytest.mark.parametrize("preset", KIBANAS)
@pytest.mark.parametrize("location", ["ftp://h/x", "javascript:alert(1)", "http://"])
def test_a_redirect_to_what_cannot_be_called(stage: Any, preset: str, location: str) -> None:
    played = stage.play(preset, [stage.answer(status=302, text="", Location=location)], "getFields", {})
    assert "Error: Redirected request failed: " in played.text
    assert played.result.error.code == "ERR_FR_REDIRECTION_FAILURE"
    assert ("[status=ERR_FR_REDIRECTION_FAILURE]" in played.text) == (preset == E3)


def test_a_redirect_that_is_not_allowed_has_its_code(stage: Any) -> None:
    networking = Networking(allowed_hosts=("dev00000.example.com",))
    away = stage.answer(status=302, text="", Location="https://else.example.com/")
    text = stage.play(E3, [away], "getFields", {}, networking=networking).text
    assert 'Error: Redirected request failed: target hostname "else.example.com"' in text
    assert "[status=ERR_FR_REDIRECTION_FAILURE]" in text


@pytest.mark.parametrize("blank", ["\ufeff", "\u3000", "\u2028\t"])
def test_blank_is_what_javascript_trims(stage: Any, blank: str) -> None:
    assert "Correlation ID is empty." in stage.close(E3, [], correlation_id=blank).text


@pytest.mark.parametrize("kept", ["\x1c", "\x85"])
def test_what_only_python_strips_is_looked_up(stage: Any, kept: str) -> None:
    played = stage.close(E3, [stage.answer([])], correlation_id=kept)
    assert (played.result.status, len(played.lines)) == ("ok", 1)


DETAILS: list[tuple[Any, Any, str, str]] = [
    # message, detail, reason in the older form, in the bracketed form
    ([1, 2], {"a": 1}, "1,2: [object Object]", "1,2: [object Object]"),
    ("m", [], "m: ", "m: "),
    ("m", {}, "m: [object Object]", "m: [object Object]"),
    ({}, "d", "[object Object]: d", "[object Object]: d"),
    ("m", 0, "m: 0", "m"),
    (True, False, "true: false", "true"),
]


@pytest.mark.assumed("lists and objects are observed; that empty ones count as true follows from JavaScript")
@pytest.mark.parametrize("message, detail, older, newer", DETAILS)
def test_parts_of_an_error_that_are_no_text(stage: Any, message: Any, detail: Any, older: str, newer: str) -> None:
    body = {"error": {"message": message, "detail": detail}}
    for preset, reason in ((E1, older), (E3, newer)):
        text = stage.play(preset, [stage.answer(status=400, body=body)], "getFields", {}).text
        assert re.sub(r" \[status=400\].*", "", text).endswith(f"400 Reason: {reason}")


@pytest.mark.assumed("a text is observed to be handed on; an empty object counts as true in JavaScript, too")
def test_fields_that_are_an_empty_object_are_handed_on(stage: Any) -> None:
    assert stage.play(E1, [stage.answer({})], "getFields", {}).result.data == {}
    assert stage.play(DOCUMENTED, [stage.answer({})], "getFields", {}).result.data == []


@pytest.mark.parametrize("preset", KIBANAS)
def test_an_answer_that_is_a_text(stage: Any, preset: str) -> None:
    assert stage.play(preset, [stage.answer("abc")], "getFields", {}).result.data == "abc"
    closing = [stage.answer("abc"), stage.health(), stage.row("n"), stage.answer(stage.record("n"))]
    assert stage.close(preset, closing, correlation_id="r:a").script.body(2).items() >= CLOSED.items()


@pytest.mark.parametrize("preset", KIBANAS)
@pytest.mark.parametrize("sys_id, shown", [(5, "5"), ({"a": 1}, "[object Object]"), (None, "null")])
def test_a_sys_id_that_is_no_text(stage: Any, preset: str, sys_id: Any, shown: str) -> None:
    record = {**stage.record(), "sys_id": sys_id}
    imported = stage.answer([{"status": "inserted", "sys_id": sys_id}])
    played = stage.push(preset, [stage.health(), imported, stage.answer(record)])
    assert played.lines[2].rpartition("/")[2] in (shown, shown.replace(" ", "%20"))
    assert played.result.data["id"] == sys_id
    closing = [stage.answer([record]), stage.health(), imported, stage.answer(record)]
    assert stage.close(preset, closing, correlation_id="r:a").script.body(2)["elastic_incident_id"] == sys_id


@pytest.mark.parametrize("preset", KIBANAS)
def test_a_token_answer_of_null_is_an_error_and_numbers_are_written_as_javascript_does(stage: Any, preset: str) -> None:
    null = stage.push(preset, [stage.answer(text="null")], oauth=True)
    assert "Cannot read properties of null" in null.text
    refused = stage.push(preset, [stage.answer(status=400, text='{"error":1.0,"more":1e-7}')], oauth=True)
    assert '{"error":1,"more":1e-7}' in refused.text


@pytest.mark.parametrize("preset", [E1, E2])
def test_members_keep_the_order_they_were_given_in_and_defaults_follow(stage: Any, preset: str) -> None:
    answers = [stage.health(), stage.row(), stage.answer(stage.record())]
    params = {"incident": {"urgency": "1", "short_description": "a", "description": "b"}}
    names = list(stage.play(preset, answers, "pushToService", params).script.body(1))
    assert names[:3] == ["u_urgency", "u_short_description", "u_description"]
    assert "u_category" in names[3:]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"dest_ip": 5}, "✖ Invalid input\n  → at subActionParams.incident.dest_ip"),
    ({"additional_fields": {"category": "x"}}, "category.\n  → at subActionParams.incident.additional_fields.category"),
    ({"additional_fields": ""}, "Unexpected end of JSON input"),
    ({"additional_fields": [1]}, "expected record, received array"),
    ({"additional_fields": 5}, "expected record"),
]


@pytest.mark.parametrize("incident, text", REFUSED)
def test_what_the_newer_schema_says(stage: Any, incident: dict[str, Any], text: str) -> None:
    assert text in stage.push(E3, [], incident, kind=".servicenow-sir").text


@pytest.mark.parametrize("preset, accepted", [(E2, False), (E3, True)])
def test_the_text_null_for_no_additional_fields(stage: Any, preset: str, accepted: bool) -> None:
    answers = [stage.health(), stage.row(), stage.answer(stage.record())] if accepted else []
    played = stage.push(preset, answers, {"additional_fields": "null"})
    assert played.result.status == ("ok" if accepted else "error")


@contextmanager
def listening(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Answer one connection with these bytes; give the port, and the head of the request once the block is left."""
    heads: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += connection.recv(4096)
            heads.append(head)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], heads
        thread.join()


def sent(networking: Networking, url: str, preset: str) -> Any:
    return WireTransport(networking, Behaviour.preset(preset)).send(Request("GET", url))


@pytest.mark.parametrize("status", [407, 404, 503])
def test_what_a_proxy_answers_to_connect_passes_for_the_instance(status: int) -> None:
    with listening(f"HTTP/1.1 {status} No\r\n\r\n".encode()) as (port, heads):
        networking = Networking(proxy_url=f"http://127.0.0.1:{port}", proxy_headers={"X-Key": "k"})
        assert sent(networking, "https://snow.test/x", E1).status == status
    assert heads[0].decode().split("\r\n")[:-2] == [
        "CONNECT snow.test:443 HTTP/1.1",
        "X-Key: k",
        "Host: snow.test",
        "Connection: close",
    ]


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_the_user_of_a_proxy_goes_along_with_a_plain_request() -> None:
    with listening(OK) as (port, heads):
        sent(Networking(proxy_url=f"http://u:p%3A@127.0.0.1:{port}"), "http://snow.test/x", E3)
    assert b"\r\nProxy-Authorization: Basic dTpwOg==\r\n" in heads[0]


@pytest.mark.parametrize(
    "preset, text",
    [
        (E1, "maxContentLength size of 1048576 exceeded"),
        (E2, "stream has been aborted"),
        (E3, "stream has been aborted"),
    ],
)
def test_an_answer_that_is_cut_short_is_told_as_axios_tells_it(preset: str, text: str) -> None:
    with listening(OK.replace(b": 2", b": 9")) as (port, _), pytest.raises(errors.ConnectionFailed, match=f"^{text}$"):
        sent(Networking(), f"http://127.0.0.1:{port}/", preset)


@pytest.mark.parametrize("host", ["127.1", "0x7f.1"])
def test_an_address_in_short_is_written_in_full(stage: Any, host: str) -> None:
    played = stage.play(E3, [stage.answer([])], "getFields", {}, config={"apiUrl": f"http://{host}"})
    assert played.script.requests[0].url.startswith("http://127.0.0.1/")


@pytest.mark.parametrize("preset", KIBANAS)
def test_a_lifetime_in_a_list_is_its_number(stage: Any, preset: str) -> None:
    token = stage.answer(body={"access_token": "T", "token_type": "Bearer", "expires_in": [5]})
    now = [1_700_000_000.0]
    script = stage.Script([token, stage.answer([]), stage.answer([]), token, stage.answer([])])
    connector = stage.connector(script, preset, oauth=True, clock=lambda: now[0])
    ask = {"subAction": "getFields", "subActionParams": {}}
    for seconds in (0, 4, 2):
        now[0] += seconds
        assert connector.execute(ask).status == "ok"
    assert script.answers == []
