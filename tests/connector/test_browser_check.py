"""The check of the Elastic app that a browser makes: what it asks, and what it makes of each answer."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable_connector import errors
from sandtable_connector.connector_types import ITSM, SIR
from sandtable_connector.forms.browser import NOT_INSTALLED, NOT_JSON, AppCheck, check_from_browser

pytestmark = pytest.mark.documented("Kibana 8.13 docs, create a CORS rule; Fetch standard, CORS protocol")

ORIGIN, AUTHORIZATION = "https://kibana.example.com:5601", "Basic eA=="
INSTALLED = AppCheck(installed=True, version="1.0.0")
CORS = {"Access_Control_Allow_Origin": ORIGIN}
ALLOWED = {**CORS, "Access_Control_Allow_Methods": "GET", "Access_Control_Allow_Headers": "authorization"}


def check(stage: Any, answers: list[Any], *, origin: str = ORIGIN, kind: Any = ITSM) -> tuple[AppCheck, Any]:
    script = stage.Script(answers)
    found = check_from_browser(kind, stage.API_URL, origin=origin, authorization=AUTHORIZATION, transport=script)
    assert not script.answers, script.lines
    return found, script


def healthy(stage: Any, **headers: str) -> Any:
    return stage.answer({"name": "Elastic", "scope": "x", "version": "1.0.0"}, **headers)


@pytest.mark.parametrize("kind, scope", [(ITSM, "x_elas2_inc_int"), (SIR, "x_elas2_sir_int")])
def test_what_is_asked(stage: Any, kind: Any, scope: str) -> None:
    found, script = check(stage, [stage.answer(text="", **ALLOWED), healthy(stage, **CORS)], kind=kind)
    assert found == INSTALLED
    path = f"/api/{scope}/elastic_api/health"
    assert script.lines == [f"OPTIONS {path}", f"GET {path}"]
    preflight, asked = script.requests
    assert preflight.headers == {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    assert asked.headers == {"Accept": "*/*", "Authorization": AUTHORIZATION, "Origin": ORIGIN}
    assert (preflight.body, asked.body) == (None, None)


def test_a_page_of_the_instance_itself_asks_for_no_permission(stage: Any) -> None:
    found, script = check(stage, [healthy(stage)], origin=stage.API_URL)
    assert (found, len(script.lines)) == (INSTALLED, 1)


PREFLIGHTS: list[tuple[str, int, dict[str, str], bool]] = [
    ("as it should be", 200, ALLOWED, True),
    ("without content", 204, ALLOWED, True),
    ("for every origin", 200, {**ALLOWED, "Access_Control_Allow_Origin": "*"}, True),
    ("without methods, which GET needs not", 200, {**ALLOWED, "Access_Control_Allow_Methods": ""}, True),
    ("for every method", 200, {**ALLOWED, "Access_Control_Allow_Methods": "*"}, True),
    ("for several methods", 200, {**ALLOWED, "Access_Control_Allow_Methods": "POST, get"}, True),
    ("for several headers", 200, {**ALLOWED, "Access_Control_Allow_Headers": "x, Authorization"}, True),
    ("for other methods", 200, {**ALLOWED, "Access_Control_Allow_Methods": "POST,PUT"}, False),
    ("for other headers", 200, {**ALLOWED, "Access_Control_Allow_Headers": "content-type"}, False),
    ("for every header, which never means this one", 200, {**ALLOWED, "Access_Control_Allow_Headers": "*"}, False),
    ("without headers", 200, {**ALLOWED, "Access_Control_Allow_Headers": ""}, False),
    ("for another port", 200, {**ALLOWED, "Access_Control_Allow_Origin": "https://kibana.example.com"}, False),
    ("for nobody", 200, {}, False),
    ("refused", 401, ALLOWED, False),
    ("not found", 404, ALLOWED, False),
    ("moved", 302, ALLOWED, False),
]  # fmt: skip


@pytest.mark.parametrize("status, headers, permits", [case[1:] for case in PREFLIGHTS], ids=[c[0] for c in PREFLIGHTS])
def test_the_preflight(stage: Any, status: int, headers: dict[str, str], permits: bool) -> None:
    after = [healthy(stage, **CORS)] if permits else []
    found, script = check(stage, [stage.answer(text="", status=status, **headers), *after])
    assert found == (INSTALLED if permits else AppCheck(installed=False, lines=NOT_INSTALLED))


@pytest.mark.parametrize("headers", [{}, {"Access_Control_Allow_Origin": "https://kibana.example.com"}])
def test_an_answer_that_the_page_may_not_see(stage: Any, headers: dict[str, str]) -> None:
    found, _ = check(stage, [stage.answer(text="", **ALLOWED), healthy(stage, **headers)])
    assert found.lines == NOT_INSTALLED


def test_nobody_answers(stage: Any) -> None:
    gone = errors.ConnectionFailed("connect ECONNREFUSED", code="ECONNREFUSED")
    assert check(stage, [gone])[0].lines == NOT_INSTALLED
    assert check(stage, [stage.answer(text="", **ALLOWED), gone])[0].lines == NOT_INSTALLED


@pytest.mark.recorded("elastic/kibana#134659: what the form shows")
@pytest.mark.parametrize(
    "status, result, lines",
    [
        (200, {"version": "1.0.0"}, ()),
        (299, {"version": "1.0.0"}, ()),
        (300, None, ("Received status: 300 when attempting to get application information",)),
        (401, None, ("Received status: 401 when attempting to get application information",)),
        (403, None, ("Received status: 403 when attempting to get application information",)),
        (404, None, ("Received status: 404 when attempting to get application information",)),
        (500, None, ("Received status: 500 when attempting to get application information",)),
        (200, {"error": {"message": "It broke"}}, ("It broke",)),
        (200, {"error": {}}, ("UNKNOWN",)),
        (200, {"status": "failure"}, ("UNKNOWN",)),
        (200, {"status": "failure", "error": {"message": "It broke"}}, ("It broke",)),
    ],
)
def test_what_is_shown(stage: Any, status: int, result: Any, lines: tuple[str, ...]) -> None:
    found, _ = check(stage, [stage.answer(text="", **ALLOWED), stage.answer(result, status=status, **CORS)])
    assert (found.installed, found.lines) == (not lines, lines)


@pytest.mark.ours("a page is not the app, even where the browser lets the script see it")
@pytest.mark.parametrize("text", ["<html>asleep</html>", "", "null", "[]"])
def test_an_answer_that_is_no_json_object(stage: Any, text: str) -> None:
    found, _ = check(stage, [stage.answer(text="", **ALLOWED), stage.answer(text=text, **CORS)])
    assert (found.installed, found.lines) == (False, (NOT_JSON,))


def test_an_app_that_does_not_say_its_version(stage: Any) -> None:
    found, _ = check(stage, [stage.answer(text="", **ALLOWED), stage.answer(body={}, **CORS)])
    assert found == AppCheck(installed=True, version="")
