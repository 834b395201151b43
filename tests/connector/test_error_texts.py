"""How failures are worded, step by step, by release."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sandtable_connector import Networking, errors

pytestmark = pytest.mark.recorded(
    "Kibana's unit tests of createServiceError; elastic/kibana#273886 for the bracketed form"
)

P = "[Action][ServiceNow]: "
CREATE, VERSION = f"{P}Unable to create incident. Error: ", f"{P}Unable to get application version. Error: "
REASON_PRESETS = ("documented", "kibana-8.13", "kibana-9.0")
NULL = " Reason: unknown: errorResponse was null"
H, I = " [status={s}] [method=get] [endpoint=health]", " [status={s}] [method=post] [endpoint=import_set]"  # noqa: E741


def brackets(status: Any) -> tuple[str, str]:
    return H.format(s=status), I.format(s=status)


@pytest.mark.parametrize("preset", [*REASON_PRESETS, "kibana-9"])
def test_a_401(stage: Any, preset: str) -> None:
    reason = " Reason: User Not Authenticated: Required to provide Auth information"
    inner, outer = brackets(401) if preset == "kibana-9" else ("", "")
    played = stage.push(preset, [stage.refused(401)])
    assert played.text == f"{CREATE}{VERSION}Request failed with status code 401{reason}{inner}{reason}{outer}"
    assert played.result.message == "an error occurred while running the action"
    assert isinstance(played.result.error, errors.NotAuthenticated)
    assert played.result.error.status == 401


@pytest.mark.parametrize("preset", [*REASON_PRESETS, "kibana-9"])
def test_nobody_listens(stage: Any, preset: str) -> None:
    failure = errors.ConnectionFailed("connect ECONNREFUSED 127.0.0.1:1", code="ECONNREFUSED")
    inner, outer = brackets("ECONNREFUSED") if preset == "kibana-9" else (NULL, NULL)
    assert stage.push(preset, [failure]).text == f"{CREATE}{VERSION}connect ECONNREFUSED 127.0.0.1:1{inner}{outer}"


@pytest.mark.parametrize("preset", [*REASON_PRESETS, "kibana-9"])
def test_the_token_endpoint_refuses(stage: Any, preset: str) -> None:
    body = {"error": "access_denied", "error_description": "User not found"}
    played = stage.push(preset, [stage.answer(status=401, body=body)], oauth=True)
    if preset == "kibana-9":
        inner, outer = brackets("none")
        expected = f"{CREATE}{VERSION}access_denied Reason: User not found{inner}{outer}"
    else:
        expected = f'{CREATE}{VERSION}{{"error":"access_denied","error_description":"User not found"}}{NULL}{NULL}'
    assert played.text == expected


REASONS: list[tuple[Any, str, str | None]] = [
    # body of a 400, reason in the older form, in the bracketed form (None: no Reason at all)
    ({"error": {"message": "m", "detail": "d"}}, "m: d", "m: d"),
    ({"error": {"message": "m", "detail": None}}, "m: null", "m"),
    ({"error": {"message": "m"}}, "m: undefined", "m"),
    ({"error": {"message": "m", "detail": ""}}, "m: ", "m"),
    ({"error": {}}, "undefined: undefined", "unknown: no error in error response"),
    ({"error": "invalid"}, "undefined: undefined", "unknown: no error in error response"),
    ({"other": 1}, "unknown: no error in error response", "unknown: no error in error response"),
    ([], "unknown: no error in error response", "unknown: no error in error response"),
    ("<html>", "unknown: no error in error response", "unknown: no error in error response"),
    ("", "unknown: no error in error response", None),
    (None, "unknown: errorResponse was null", None),
]


@pytest.mark.parametrize("body, older, newer", REASONS)
def test_the_reason(stage: Any, body: Any, older: str, newer: str | None) -> None:
    text = {"<html>": "<html>", "": ""}.get(body) if isinstance(body, str) else None
    answer = stage.answer(status=400, text="null" if body is None else text, body=body)
    head = f"{P}Unable to get fields. Error: Request failed with status code 400"
    assert stage.play("kibana-8.13", [answer], "getFields", {}).text == f"{head} Reason: {older}"
    because = "" if newer is None else f" Reason: {newer}"
    expected = f"{head}{because} [status=400] [method=get] [endpoint=table]"
    assert stage.play("kibana-9", [answer], "getFields", {}).text == expected


STEPS = [
    # what is asked, how far it gets, the text's steps from the outside in
    ("getFields", {}, 0, ["Unable to get fields"]),
    ("getChoices", {"fields": ["x"]}, 0, ["Unable to get choices"]),
    ("pushToService", {}, 0, ["Unable to create incident", "Unable to get application version"]),
    ("pushToService", {}, 1, ["Unable to create incident"]),
    ("pushToService", {}, 2, ["Unable to create incident", "Unable to get incident with id x"]),
    ("pushToService", {"externalId": "y"}, 1, ["Unable to update incident with id y"]),
    (
        "pushToService",
        {"externalId": "y"},
        2,
        ["Unable to update incident with id y", "Unable to get incident with id x"],
    ),
    (
        "closeIncident",
        {"correlation_id": "r:a"},
        0,
        ["Unable to close incident", "Unable to get incident by correlation ID r:a"],
    ),
    ("closeIncident", {"externalId": "y"}, 0, ["Unable to close incident", "Unable to get incident with id y"]),
    (
        "closeIncident",
        {"correlation_id": "r:a"},
        2,
        ["Unable to close incident", "Unable to update incident with id z"],
    ),
]


@pytest.mark.parametrize("sub_action, given, reached, steps", STEPS)
@pytest.mark.parametrize("preset", [*REASON_PRESETS, "kibana-9"])
def test_each_step_names_itself_and_repeats_the_reason(
    stage: Any, preset: str, sub_action: str, given: dict[str, Any], reached: int, steps: list[str]
) -> None:
    good = [stage.health(), stage.row("x"), stage.answer(stage.record("x"))]
    if sub_action == "closeIncident":
        good = [stage.answer([stage.record("z", correlation_id="r:a")]), *good]
    params = {
        "getFields": {},
        "getChoices": given,
        "pushToService": {"incident": {"short_description": "a", **given}},
        "closeIncident": {"incident": given},
    }[sub_action]
    played = stage.play(preset, [*good[:reached], stage.refused(500, "m", "d")], sub_action, params)
    assert played.text.startswith("".join(f"{P}{step}. Error: " for step in steps))
    assert played.text.count(" Reason: m: d") == len(steps)
    assert played.text.count("[status=500]") == (len(steps) if preset == "kibana-9" else 0)
    assert isinstance(played.result.error, errors.ServerFailed)
    assert played.result.retry is True


SIR, ITOM = {"kind": ".servicenow-sir"}, {"kind": ".servicenow-itom"}
TABLE = {"table": True}
IMPORTS, HEALTH_OF, READS = "post import_set", "get health", "get table"
PLACES: list[tuple[str, dict[str, Any], str, int, dict[str, Any], list[str]]] = [
    # what fails, the connector, what is asked, after how many answers, its params, the places from the inside out
    ("fields", {}, "getFields", 0, {}, [READS]),
    ("choices", {}, "getChoices", 0, {"fields": ["x"]}, [READS]),
    ("app of a create", {}, "pushToService", 0, {}, [HEALTH_OF, IMPORTS]),
    ("create", {}, "pushToService", 1, {}, [IMPORTS]),
    ("read-back of a create", {}, "pushToService", 2, {}, [READS, IMPORTS]),
    ("update", {}, "pushToService", 1, {"externalId": "y"}, [IMPORTS]),
    ("create in the table", TABLE, "pushToService", 0, {}, ["post table"]),
    ("read-back in the table", TABLE, "pushToService", 1, {}, [READS, "post table"]),
    ("update in the table", TABLE, "pushToService", 0, {"externalId": "y"}, ["patch table"]),
    ("lookup", {}, "closeIncident", 0, {"correlation_id": "r:a"}, [READS, IMPORTS]),
    ("lookup in the table", TABLE, "closeIncident", 0, {"externalId": "y"}, [READS, "patch table"]),
    ("close", {}, "closeIncident", 2, {"correlation_id": "r:a"}, [IMPORTS, IMPORTS]),
    ("close in the table", TABLE, "closeIncident", 1, {"correlation_id": "r:a"}, ["patch table", "patch table"]),
    ("app for observables", SIR, "pushToService", 3, {"dest_ip": "1.1.1.1"}, [HEALTH_OF, "post other"]),
    ("observables", SIR, "pushToService", 4, {"dest_ip": "1.1.1.1"}, ["post other"]),
    ("event", ITOM, "addEvent", 0, {"source": "s"}, []),
]


@pytest.mark.parametrize(
    "made, sub_action, reached, given, places", [place[1:] for place in PLACES], ids=[place[0] for place in PLACES]
)
def test_where_a_step_failed(
    stage: Any, made: dict[str, Any], sub_action: str, reached: int, given: dict[str, Any], places: list[str]
) -> None:
    found = stage.record("x", correlation_id="r:a")
    written = [stage.answer({"sys_id": "x"})] if made is TABLE else [stage.health(), stage.row("x")]
    good = [*written, stage.answer(found), stage.health()]
    if sub_action == "closeIncident":
        good = [stage.answer([found]), *good]
    params: dict[str, Any] = {"incident": given} if sub_action in ("pushToService", "closeIncident") else given
    if sub_action == "pushToService":
        params = {"incident": {"short_description": "a", **given}}
    answers = [*good[:reached], stage.refused(500, "m", "d")]
    text = stage.play("kibana-9", answers, sub_action, params, **made).text
    assert re.findall(r"\[status=500\] \[method=(\w+)\] \[endpoint=(\w+)\]", text) == [
        tuple(place.split()) for place in places
    ]
    assert text.count("[") - text.count("[Action]") * 2 == len(places) * 3


@pytest.mark.parametrize("preset", [*REASON_PRESETS, "kibana-9"])
def test_additional_fields_on_a_deprecated_connector(stage: Any, preset: str) -> None:
    if preset == "kibana-8.13":
        return_text = stage.push(preset, [], {"additional_fields": {}}, table=True).text
        assert "definition for this key is missing" in return_text
        return
    words = "ServiceNow additional fields are not supported for deprecated connectors."
    end = " [status=400] [method=post] [endpoint=table]" if preset == "kibana-9" else NULL
    assert stage.push(preset, [], {"additional_fields": {}}, table=True).text == f"{CREATE}{words}{end}"


@pytest.mark.parametrize(
    "url, expected",
    [
        ("https://dev1.example.com", "dev1.example.com"),
        ("http://dev1.example.com", ""),
        ("https://127.0.0.1:8443", ""),
    ],
)
def test_which_host_the_instance_check_names(stage: Any, url: str, expected: str) -> None:
    for preset, host in (
        ("kibana-8.13", expected),
        ("kibana-9", expected),
        ("documented", url.split("/")[2].split(":")[0]),
    ):
        played = stage.play(preset, [stage.answer(text="")], "getFields", {}, config={"apiUrl": url})
        assert f"There is an issue with your Service Now Instance. Please check {host}." in played.text


@pytest.mark.ours("what an instance says cannot carry our secrets into a text")
@pytest.mark.parametrize("preset", ["documented", "kibana-8.13", "kibana-9"])
def test_an_instance_that_repeats_the_password(stage: Any, preset: str) -> None:
    loud = stage.refused(401, f"no, {stage.PASSWORD}", f"ZWxhc3RpYzpjb3JyZWN0LWhvcnNlLWJhdHRlcnk= {stage.PASSWORD}")
    failed = stage.row(None, "error", error_message=f"bad {stage.PASSWORD}")
    for answers in ([loud], [stage.health(), failed]):
        played = stage.push(preset, answers)
        assert stage.PASSWORD not in played.text + str(played.log) + repr(played.result)
        assert "ZWxhc3Rp" not in played.text
        assert "[redacted]" in played.text


@pytest.mark.ours("where retrying cannot help, documented says so; Kibana says retry to everything")
@pytest.mark.parametrize(
    "answer, helps",
    [(400, False), (401, False), (403, False), (404, False), (429, True), (500, True), (503, True), ("html", True)],
)
def test_whether_to_try_again(stage: Any, answer: Any, helps: bool) -> None:
    given = stage.answer(text="<html>") if answer == "html" else stage.refused(answer)
    assert stage.push("documented", [given]).result.retry is helps
    assert stage.push("kibana-8.13", [given]).result.retry is True
    assert stage.push("kibana-9", [given]).result.retry is True


@pytest.mark.ours("what the networking settings have to say is logged when a connector is made")
def test_warnings_are_logged(stage: Any) -> None:
    log: list[tuple[str, str]] = []
    stage.connector(stage.Script([]), networking=Networking(proxy_url="nonsense"), log=log)
    assert log == [("warn", 'invalid proxy URL "nonsense" ignored')]
