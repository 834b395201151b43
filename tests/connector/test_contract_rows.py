"""The contract of Kibana's ServiceNow connectors, row by row, under each preset that a row speaks of.

A row is played under its presets and gives an outcome; the table says which, so that a difference between presets is
asserted and not only allowed. Rows about rules, attempts and cases are functions `test_row_NN` of their own files.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from sandtable_connector import Behaviour, Connector, CustomHost, Networking, RequestsTransport, StoredToken, errors
from sandtable_connector.auth.tokens import MemoryTokenCache
from sandtable_connector.connector_types import ITSM
from sandtable_connector.forms.browser import NOT_INSTALLED, check_from_browser
from sandtable_connector.transport import Response

DOCUMENTED, E1, E2, E3 = "documented", "kibana-8.13", "kibana-9.0", "kibana-9"
CURRENT = (DOCUMENTED, E1, E3)
LOOKUP = "GET /api/now/v2/table/incident?sysparm_query=ORDERBYDESCsys_created_on^correlation_id="
SAFE_LOOKUP = "GET /api/now/v2/table/incident?sysparm_query=ORDERBYDESCsys_created_on%5Ecorrelation_id%3D"
SAFE_FIELDS = "&sysparm_fields=sys_id%2Cnumber%2Cstate%2Ccorrelation_id%2Csys_created_on%2Csys_updated_on"
HEALTH = "GET /api/x_elas2_inc_int/elastic_api/health"
IMPORT = "POST /api/now/import/x_elas2_inc_int_elastic_incident"
READ = "GET /api/now/v2/table/incident/"
FAILED = "an error occurred while running the action"


@dataclass(frozen=True)
class Row:
    number: int
    title: str
    expected: dict[str, Any]
    play: Callable[[Any, str], Any]
    evidence: pytest.MarkDecorator


ROWS: list[Row] = []


def row(number: int, title: str, expected: dict[str, Any] | Any, evidence: pytest.MarkDecorator) -> Callable[..., Any]:
    """Enter a function as a row; an expectation that is not by preset is the same under all three."""
    by_preset = expected if isinstance(expected, dict) and expected.keys() <= {DOCUMENTED, E1, E2, E3} else None
    table = by_preset or dict.fromkeys(CURRENT, expected)

    def enter(play: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
        ROWS.append(Row(number, title, table, play, evidence))
        return play

    return enter


documented = pytest.mark.documented
recorded = pytest.mark.recorded
assumed = pytest.mark.assumed


@row(
    1,
    "the same correlation ID pushed twice: the app decides, the connector trusts the record it is told",
    ([HEALTH, IMPORT, READ + "a" * 32] * 2, ["r:a", "r:a"], "a" * 32, "a" * 32),
    documented("Kibana 8.13 docs, Correlation ID"),
)
def _(stage: Any, preset: str) -> Any:
    one = [stage.health(), stage.row("a" * 32), stage.answer(stage.record("a" * 32))]
    two = [stage.health(), stage.row("a" * 32, "updated"), stage.answer(stage.record("a" * 32))]
    first = stage.push(preset, one, {"correlation_id": "r:a"})
    second = stage.push(preset, two, {"correlation_id": "r:a"})
    ids = [played.script.body(1)["u_correlation_id"] for played in (first, second)]
    return first.lines + second.lines, ids, first.result.data["id"], second.result.data["id"]


@row(
    2,
    "a push onto an incident that was closed by hand sends no state: it stays closed",
    ("ok", False, 3),
    recorded("elastic/kibana#147353 and #162557"),
)
def _(stage: Any, preset: str) -> Any:
    answers = [stage.health(), stage.row(status="updated"), stage.answer(stage.record(state="7"))]
    played = stage.push(preset, answers, {"correlation_id": "r:a"})
    return played.result.status, "u_state" in played.script.body(1), len(played.lines)


@row(
    3,
    "closing what is closed already: a warning, no write, status ok",
    (
        "ok",
        "INC0010001",
        1,
        ["[ServiceNow][CloseIncident] Incident with correlation_id: r:a or incidentId: null is closed."],
    ),
    recorded("elastic/kibana#162557; observed Kibana behaviour"),
)
def _(stage: Any, preset: str) -> Any:
    played = stage.close(preset, [stage.answer([stage.record(state="7")])], correlation_id="r:a")
    return played.result.status, played.result.data["title"], len(played.lines), played.warnings


@row(
    4,
    "two incidents with one ID, the newer closed, the older open",
    {
        DOCUMENTED: ("INC2", "old", 4),
        E1: ("INC9", None, 1),
        E3: ("INC9", None, 1),
    },
    documented(
        "Kibana 8.13 docs, recovery actions: the latest open incident is closed; Kibana's code: the latest created"
    ),
)
def _(stage: Any, preset: str) -> Any:
    rows = [stage.record("new", number="INC9", state="7"), stage.record("old", number="INC2", state="2")]
    rest = [stage.health(), stage.row("old", "updated"), stage.answer(stage.record("old", number="INC2", state="7"))]
    played = stage.close(preset, [stage.answer(rows), *(rest if preset == DOCUMENTED else [])], correlation_id="r:a")
    closed = played.script.body(2)["elastic_incident_id"] if len(played.lines) > 1 else None
    return played.result.data["title"], closed, len(played.lines)


BLANK = "[Action][ServiceNow]: Unable to get incident by correlation ID  . Error: Correlation ID is empty."


@row(
    5,
    "closing with a correlation ID of one space",
    {
        DOCUMENTED: ("error", [], True),
        E1: ("ok", [LOOKUP, HEALTH, IMPORT, READ + "x"], False),
        E2: ("ok", [LOOKUP, HEALTH, IMPORT, READ + "x"], False),
        E3: ("error", [], True),
    },
    recorded("elastic/kibana#217004 of April 2025: 8.18.0 and 9.0.0 came before its guard"),
)
def _(stage: Any, preset: str) -> Any:
    someone = stage.answer([stage.record("x", correlation_id="")])
    whole = [someone, stage.health(), stage.row("x", "updated"), stage.answer(stage.record("x"))]
    played = stage.close(preset, whole if preset in (E1, E2) else [], correlation_id=" ")
    return played.result.status, played.lines, BLANK in played.text


@row(
    6,
    "closing with an empty correlation ID: nothing is asked and nothing is closed",
    (
        "ok",
        {},
        [],
        ["[ServiceNow][CloseIncident] No incident found with correlation_id:  or incidentId: null."],
    ),
    recorded("observed Kibana behaviour"),
)
def _(stage: Any, preset: str) -> Any:
    played = stage.close(preset, [], correlation_id="", externalId=None)
    return played.result.status, played.result.data, played.lines, played.warnings


NO_IDS = "[Action][ServiceNow]: Unable to close incident. Error: No correlationId or incidentId found."


@row(
    7,
    "closing without any ID",
    {
        DOCUMENTED: f"{NO_IDS} Reason: unknown: errorResponse was null",
        E1: f"{NO_IDS} Reason: unknown: errorResponse was null",
        E3: f"{NO_IDS} [status=none] [method=post] [endpoint=import_set]",
    },
    recorded("Kibana's unit tests of closeIncident"),
)
def _(stage: Any, preset: str) -> Any:
    return stage.close(preset, [], correlation_id=None, externalId=None).text


@row(
    8,
    "closing an incident that does not exist",
    {
        DOCUMENTED: ({}, [READ + "gone"], "correlation_id: null or incidentId: gone"),
        E1: ({}, [READ + "gone"], "incidentId: gone"),
        E3: ({}, [READ + "gone"], "incidentId: gone"),
    },
    recorded("Kibana's unit tests of closeIncident"),
)
def _(stage: Any, preset: str) -> Any:
    played = stage.close(preset, [stage.refused(404, "No Record found")], externalId="gone", correlation_id=None)
    (warning,) = played.warnings
    return played.result.data, played.lines, warning.partition(" found with ")[2].rstrip(".")


@row(
    9,
    "closing by an ID whose record reads as empty",
    {
        DOCUMENTED: ({}, [READ + "x"], None),
        E1: (
            "INC0010001",
            [READ + "x", HEALTH, IMPORT, READ + "n"],
            {"u_state": "7", "u_close_code": "Closed/Resolved by Caller", "u_close_notes": "Closed by Caller"},
        ),
        E2: ({}, [READ + "x"], None),
        E3: ({}, [READ + "x"], None),
    },
    recorded("elastic/kibana#184646 and #199989"),
)
def _(stage: Any, preset: str) -> Any:
    rest = [stage.health(), stage.row("n"), stage.answer(stage.record("n", state="7"))] if preset == E1 else []
    played = stage.close(preset, [stage.answer([]), *rest], externalId="x")
    body = played.script.body(2) if rest else None
    return played.result.data.get("title", {}), played.lines, body


@row(
    10,
    "closing while the app is not installed",
    {DOCUMENTED: ("error", True, False), E1: ("ok", False, None), E3: ("ok", False, None)},
    assumed("follows from Kibana treating any 404 of the sequence as an unknown incident"),
)
def _(stage: Any, preset: str) -> Any:
    answers = [
        stage.answer([stage.record(correlation_id="r:a")]),
        stage.refused(404, "Requested URI does not represent any resource"),
    ]
    played = stage.close(preset, answers, correlation_id="r:a")
    return played.result.status, "Unable to get application version" in played.text, played.result.retry


@row(
    11,
    "the transform refuses the closure: its words come through",
    {DOCUMENTED: ("error", True, False), E1: ("error", True, True), E3: ("error", True, True)},
    recorded("elastic/kibana#206744; Kibana's unit tests of import set errors"),
)
def _(stage: Any, preset: str) -> Any:
    words = "Data Policy Exception: The following fields are mandatory: Close code, Close notes"
    failed = stage.row(None, "error", error_message=words)
    answers = [stage.answer([stage.record(correlation_id="r:a")]), stage.health(), failed]
    played = stage.close(preset, answers, correlation_id="r:a")
    return played.result.status, f"Error: {words} " in played.text, played.result.retry


@row(
    12,
    "a misspelt correlation column goes out as it is written, and u_correlation_id stays empty",
    {DOCUMENTED: ("ok", "r:a", None), E1: ("error", None, None), E2: ("ok", "r:a", None)},
    recorded("elastic/kibana#107871"),
)
def _(stage: Any, preset: str) -> Any:
    answers = [] if preset == E1 else [stage.health(), stage.row(), stage.answer(stage.record())]
    played = stage.push(preset, answers, {"additional_fields": {"u_colleration_id": "r:a"}})
    body = played.script.body(1) if answers else {}
    return played.result.status, body.get("u_colleration_id"), body.get("u_correlation_id")


SPECIAL = {
    "a&b": ("a&b", "a%26b"),
    "a#b": ("a", "a%23b"),
    "a+b": ("a+b", "a%2Bb"),
    "a%41": ("a%41", "a%2541"),
    "a^b": ("a^b", "a%5E%5Eb"),
    "a\nb": ("ab", "a%0Ab"),
    "a b": ("a%20b", "a%20b"),
    "é'\"<>": ("%C3%A9%27%22%3C%3E", "%C3%A9%27%22%3C%3E"),
    "r" * 36 + ":" + "a" * 63: ("r" * 36 + ":" + "a" * 63, "r" * 36 + "%3A" + "a" * 63),
}


@row(
    13,
    "characters that mean something in a URL or a query: stored exactly, looked up as the bytes say",
    {
        DOCUMENTED: ([(given, SAFE_LOOKUP + safe + SAFE_FIELDS) for given, (_, safe) in SPECIAL.items()], 0),
        E1: ([(given, LOOKUP + raw) for given, (raw, _) in SPECIAL.items()], 3),
        E3: ([(given, LOOKUP + raw) for given, (raw, _) in SPECIAL.items()], 3),
    },
    recorded(
        "observed with Node 20 and axios 1; RFC 3986 and ServiceNow docs, encoded query strings, for the safe form"
    ),
)
def _(stage: Any, preset: str) -> Any:
    outcome = []
    for given in SPECIAL:
        answers = [stage.health(), stage.row(), stage.answer(stage.record())]
        pushed = stage.push(preset, answers, {"correlation_id": given})
        looked = stage.close(preset, [stage.answer([])], correlation_id=given)
        outcome.append((pushed.script.body(1)["u_correlation_id"], looked.lines[0]))
    answers = [] if preset == DOCUMENTED else [stage.health(), stage.row(), stage.answer(stage.record())]
    overlong = stage.push(preset, answers, {"correlation_id": "r" * 36 + ":" + "a" * 64})
    return outcome, len(overlong.lines)


INJECTION = "x^ORactive=true"


@row(
    14,
    "a correlation ID that is a piece of a query",
    {
        DOCUMENTED: (SAFE_LOOKUP + "x%5E%5EORactive%3Dtrue" + SAFE_FIELDS, {}),
        E1: (LOOKUP + INJECTION, "INC0010001"),
        E3: (LOOKUP + INJECTION, "INC0010001"),
    },
    recorded("observed with Node 20 and axios 1: the query reaches the instance with one condition more"),
)
def _(stage: Any, preset: str) -> Any:
    # The instance answers with somebody else's incident either way; the safe preset does not believe it.
    other = stage.answer([stage.record("other", correlation_id="not-this-one")])
    rest = [stage.health(), stage.row("other"), stage.answer(stage.record("other"))]
    played = stage.close(preset, [other, *([] if preset == DOCUMENTED else rest)], correlation_id=INJECTION)
    return played.lines[0], played.result.data.get("title", {})


@row(
    15,
    "a push without a correlation ID",
    {DOCUMENTED: None, E1: None, E3: "{{rule.id}}:{{alert.id}}"},
    assumed("the default of the newer schema is applied after rendering, so the template itself is sent"),
)
def _(stage: Any, preset: str) -> Any:
    played = stage.push(preset, [stage.health(), stage.row(), stage.answer(stage.record())])
    return played.script.body(1)["u_correlation_id"]


@row(
    17,
    "choices of task and incident come back as they are: doubles, order and inactive ones",
    3,
    recorded("elastic/kibana#276357"),
)
def _(stage: Any, preset: str) -> Any:
    rows = [
        {"element": "impact", "value": "2", "label": "2 - Medium", "dependent_value": ""},
        {"element": "impact", "value": "2", "label": "2 - High", "dependent_value": ""},
        {"element": "impact", "value": "9", "label": "old", "dependent_value": "", "inactive": "true"},
    ]
    played = stage.play(preset, [stage.answer(rows)], "getChoices", {"fields": ["impact"]})
    return len(played.result.data) if played.result.data == rows else played.result.data


@row(
    18,
    "without read access to choices: an error for them, and a push works",
    ("[Action][ServiceNow]: Unable to get choices. Error: Request failed with status code 403", "ok"),
    recorded("elastic/kibana#106423"),
)
def _(stage: Any, preset: str) -> Any:
    denied = stage.play(preset, [stage.refused(403, "Insufficient rights")], "getChoices", {"fields": ["impact"]})
    pushed = stage.push(preset, [stage.health(), stage.row(), stage.answer(stage.record())])
    return denied.text.partition(" Reason:")[0], pushed.result.status


@row(
    19,
    "an empty answer, a page, broken JSON, an answer without result: the instance is not there",
    ["There is an issue with your Service Now Instance. Please check dev00000.example.com."] * 4,
    recorded("Kibana's unit tests of the instance check"),
)
def _(stage: Any, preset: str) -> Any:
    texts = []
    for text in ("", "<html>Instance Hibernating</html>", '{"result":', '{"other": 1}'):
        played = stage.play(preset, [stage.answer(text=text)], "getFields", {})
        assert isinstance(played.result.error, errors.InstanceUnavailable)
        texts.append(played.text.removeprefix("[Action][ServiceNow]: Unable to get fields. Error: ").partition(". ")[0])
        assert "Please check dev00000.example.com." in played.text
        texts[-1] += ". Please check dev00000.example.com."
    return texts


ROW_ERROR = "[Action][ServiceNow]: Unable to create incident. Error: An error has occurred while importing the incident"


@row(
    20,
    "an import set row that ends in an error",
    {
        DOCUMENTED: (f"{ROW_ERROR} Reason: unknown: errorResponse was null", False, True),
        E1: (f"{ROW_ERROR} Reason: unknown: errorResponse was null", True, True),
        E3: (f"{ROW_ERROR} [status=200] [method=post] [endpoint=import_set]", True, True),
    },
    recorded("Kibana's unit tests of import set errors; elastic/kibana#273886"),
)
def _(stage: Any, preset: str) -> Any:
    failed = stage.row(None, "error", error_message="An error has occurred while importing the incident")
    played = stage.push(preset, [stage.health(), failed])
    return played.text, played.result.retry, played.result.error.user_error


class Big(BaseAdapter):
    """A requests adapter that answers with a body of so many bytes."""

    def __init__(self, size: int) -> None:
        super().__init__()
        padding = size - len(json.dumps({"result": [""]}))
        self.body = json.dumps({"result": ["x" * padding]}).encode()
        assert len(self.body) == size

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        response = requests.Response()
        response.status_code = 200
        response.raw = io.BytesIO(self.body)
        response.url = request.url or ""
        return response

    def close(self) -> None:
        """Hold nothing."""


@row(
    21,
    "one byte more than the limit, exactly the limit, and a raised limit",
    ["maxContentLength size of 1048576 exceeded", "ok", "ok"],
    recorded("elastic/kibana#188115; observed with axios 1: exactly the limit passes"),
)
def _(stage: Any, preset: str) -> Any:
    outcomes = []
    for size, limit in ((1048577, 1048576), (1048576, 1048576), (2097152, 2097152)):
        session = requests.Session()
        session.mount("https://", Big(size))
        networking = Networking(max_response_content_length=limit)
        transport = RequestsTransport(session, networking)
        connector = stage.connector(transport, preset, networking=networking)
        result = connector.execute({"subAction": "getChoices", "subActionParams": {"fields": ["impact"]}})
        text = (result.service_message or "").removeprefix("[Action][ServiceNow]: Unable to get choices. Error: ")
        outcomes.append(text.partition(" exceeded")[0] + " exceeded" if text else result.status)
    return outcomes


def token_answer(stage: Any, value: str = "first", **more: Any) -> Response:
    return stage.answer(body={"access_token": value, "token_type": "Bearer", "expires_in": 1799, **more})


TOKEN = "POST /oauth_token.do"
FIELDS_URL = "/api/now/table/sys_dictionary"


@row(
    22,
    "any 4xx deletes the token; the next run asks for a new one; nothing is replayed",
    [(status, ["token", "fields"], ["token", "fields"]) for status in (400, 403, 404, 429)],
    recorded("Kibana's unit tests of the token interceptor; elastic/kibana#131231"),
)
def _(stage: Any, preset: str) -> Any:
    outcomes = []
    for status in (400, 403, 404, 429):
        script = stage.Script([token_answer(stage), stage.refused(status), token_answer(stage), stage.answer([])])
        connector = stage.connector(script, preset, oauth=True)
        connector.execute({"subAction": "getFields", "subActionParams": {}})
        first = ["token" if line == TOKEN else "fields" for line in script.lines]
        connector.execute({"subAction": "getFields", "subActionParams": {}})
        second = ["token" if line == TOKEN else "fields" for line in script.lines[2:]]
        outcomes.append((status, first, second))
    return outcomes


@row(
    23,
    "a stored token whose expiry cannot be read is no token: one request, the old one replaced",
    (2, "Bearer first", "2023-11-14T22:43:19.000Z"),
    recorded("elastic/kibana#131955"),
)
def _(stage: Any, preset: str) -> Any:
    tokens = MemoryTokenCache()
    tokens.write("c1", StoredToken("Bearer stale", "yesterday"))
    script = stage.Script([token_answer(stage), stage.answer([])])
    stage.connector(script, preset, oauth=True, tokens=tokens).run({"subAction": "getFields", "subActionParams": {}})
    kept = tokens.read("c1")
    assert kept is not None
    return len(script.requests), script.requests[1].headers["Authorization"], kept.expires_at


DENIED = {"error": "access_denied", "error_description": "User not found"}
FIELDS_FAILED = "[Action][ServiceNow]: Unable to get fields. Error: "
DENIED_JSON = '{"error":"access_denied","error_description":"User not found"}'


@row(
    24,
    "the token endpoint refuses: its words, and nothing is kept",
    {
        DOCUMENTED: (f"{FIELDS_FAILED}{DENIED_JSON} Reason: unknown: errorResponse was null", None, 1),
        E1: (f"{FIELDS_FAILED}{DENIED_JSON} Reason: unknown: errorResponse was null", None, 1),
        E3: (
            f"{FIELDS_FAILED}access_denied Reason: User not found [status=none] [method=get] [endpoint=table]",
            None,
            1,
        ),
    },
    recorded("elastic/kibana#130308; #273886 for the texts taken apart"),
)
def _(stage: Any, preset: str) -> Any:
    tokens = MemoryTokenCache()
    script = stage.Script([stage.answer(status=401, body=DENIED)])
    connector = stage.connector(script, preset, oauth=True, tokens=tokens)
    result = connector.execute({"subAction": "getFields", "subActionParams": {}})
    return result.service_message, tokens.read("c1"), len(script.requests)


@row(
    25,
    "a new incident under OAuth names no caller",
    (None, None),
    assumed("the user name is the only source of caller_id"),
)
def _(stage: Any, preset: str) -> Any:
    answers = [token_answer(stage), stage.health(), stage.row(), stage.answer(stage.record())]
    played = stage.push(preset, answers, oauth=True)
    body = played.script.body(2)
    return body["u_caller_id"], body["u_opened_by"]


@row(
    26,
    "comments are work notes, one whole update each, all with the date of the first write",
    (9, ["one", "two"], True, {"2020-03-10T12:24:20.000Z"}),
    recorded("elastic/kibana#93916"),
)
def _(stage: Any, preset: str) -> Any:
    round_trip = [stage.health(), stage.row(), stage.answer(stage.record())]
    comments = [{"commentId": "1", "comment": "one"}, {"commentId": "2", "comment": "two"}]
    played = stage.push(preset, round_trip * 3, comments=comments)
    bodies = [played.script.body(4), played.script.body(7)]
    notes = [body["u_work_notes"] for body in bodies]
    whole = all(body["u_short_description"] == "a" and "u_comments" not in body for body in bodies)
    dates = {comment["pushedDate"] for comment in played.result.data["comments"]}
    return len(played.lines), notes, whole, dates


@row(
    27,
    "a failure on the second of three comments, then a second attempt: the first note is written twice",
    (["n1", "n2", "n1", "n2", "n3"], "error", "ok"),
    assumed("follows from the sequence: nothing is undone and the second attempt begins anew; elastic/kibana#143046"),
)
def _(stage: Any, preset: str) -> Any:
    comments = [{"commentId": str(n), "comment": f"n{n}"} for n in (1, 2, 3)]
    round_trip = [stage.health(), stage.row(), stage.answer(stage.record())]
    first = stage.push(
        preset,
        [*round_trip * 2, stage.health(), stage.answer(status=500, body={})],
        {"correlation_id": "r:a"},
        comments,
    )
    second = stage.push(preset, round_trip * 4, {"correlation_id": "r:a"}, comments)
    bodies = [json.loads(r.body) for played in (first, second) for r in played.script.requests if r.body]
    notes = [body["u_work_notes"] for body in bodies if "u_work_notes" in body]
    return notes, first.result.status, second.result.status


@row(
    28,
    "the read-back is refused after the record was written: an error, the record exists",
    (
        (
            "[Action][ServiceNow]: Unable to create incident. Error: "
            "[Action][ServiceNow]: Unable to get incident with id x. Error: Request failed with status code 403"
        ),
        3,
    ),
    recorded("elastic/kibana#143046"),
)
def _(stage: Any, preset: str) -> Any:
    played = stage.push(preset, [stage.health(), stage.row("x"), stage.refused(403)])
    return played.text.partition(" Reason:")[0], len(played.lines)


MANY = {f"u_{n}": "x" for n in range(21)}
NOT_WITH = "ServiceNow additional fields are not supported for deprecated connectors."


@row(
    30,
    "additional fields: too many, forbidden, broken JSON, and any on a deprecated connector",
    {
        DOCUMENTED: [True, True, True, True],
        E1: ["unknown"] * 4,
        E2: [True, True, True, True],
        E3: [True, True, True, True],
    },
    recorded("elastic/kibana#183609 and #184023; what JSON.parse says observed with Node 20"),
)
def _(stage: Any, preset: str) -> Any:
    cases = [
        (MANY, False, "A maximum of 20 fields in additional_fields can be defined at a time."),
        ({"category": "x"}, False, "The following properties cannot be defined inside additional_fields: category."),
        ('{"u_a": ', False, "Unexpected end of JSON input"),
        ({}, True, NOT_WITH),
    ]
    outcome: list[Any] = []
    for given, table, text in cases:
        played = stage.push(preset, [], {"additional_fields": given}, table=table)
        unknown = "[3.subActionParams.incident.additional_fields]: definition for this key is missing" in played.text
        outcome.append("unknown" if unknown else text in played.text)
    return outcome


@row(
    31,
    "an additional field that collides with a field of the form loses, even to null",
    {DOCUMENTED: ("a", None, "kept"), E2: ("a", None, "kept"), E3: ("a", None, "kept")},
    recorded("Kibana's unit tests of prepareIncident"),
)
def _(stage: Any, preset: str) -> Any:
    extra = {"u_short_description": "x", "u_description": "x", "u_other": "kept"}
    answers = [stage.health(), stage.row(), stage.answer(stage.record())]
    body = stage.push(preset, answers, {"additional_fields": extra}).script.body(1)
    return body["u_short_description"], body["u_description"], body["u_other"]


@row(
    32,
    "a column the instance does not know is sent and the answer is believed",
    {DOCUMENTED: ("ok", "x"), E2: ("ok", "x"), E3: ("ok", "x")},
    recorded("elastic/kibana#201948"),
)
def _(stage: Any, preset: str) -> Any:
    answers = [stage.health(), stage.row(), stage.answer(stage.record())]
    played = stage.push(preset, answers, {"additional_fields": '{"u_nobody_knows": "x"}'})
    return played.result.status, played.script.body(1)["u_nobody_knows"]


@row(
    33,
    "a connector made without usesTableApi is deprecated and writes through the Table API",
    (True, True, ["POST /api/now/v2/table/incident", READ + "a"], "elastic"),
    recorded("Kibana's integration tests of 8.x"),
)
def _(stage: Any, preset: str) -> Any:
    script = stage.Script([stage.answer({"sys_id": "a"}), stage.answer(stage.record("a"))])
    made = stage.connector(script, preset)
    settings = {"apiUrl": stage.API_URL}
    connector = Connector(
        ".servicenow",
        settings,
        {"username": "elastic", "password": stage.PASSWORD},
        transport=script,
        behaviour=made.behaviour,
    )
    connector.run({"subAction": "pushToService", "subActionParams": {"incident": {"short_description": "a"}}})
    return connector.is_deprecated, connector.config["usesTableApi"], script.lines, script.body(0)["caller_id"]


ORIGIN = "http://localhost:5601"
GRANTED = {
    "Access_Control_Allow_Origin": ORIGIN,
    "Access_Control_Allow_Methods": "GET",
    "Access_Control_Allow_Headers": "authorization",
}


@row(
    34,
    "saving the form in a browser: no CORS rule, another port, app missing, 401, a failure, and all well",
    [
        NOT_INSTALLED,
        NOT_INSTALLED,
        ("Received status: 404 when attempting to get application information",),
        ("Received status: 401 when attempting to get application information",),
        ("it broke",),
        (),
    ],
    recorded("elastic/kibana#134659; Fetch standard for the preflight"),
)
def _(stage: Any, preset: str) -> Any:
    permitted = stage.answer(text="", status=204, **GRANTED)
    wrong_port = {**GRANTED, "Access_Control_Allow_Origin": "http://localhost:5602"}
    failed = {"status": "failure", "error": {"message": "it broke"}}
    plays = [
        [stage.answer(text="", status=204)],
        [stage.answer(text="", status=204, **wrong_port)],
        [permitted, stage.answer(status=404, body={}, **GRANTED)],
        [permitted, stage.answer(status=401, body={}, **GRANTED)],
        [permitted, stage.answer(failed, **GRANTED)],
        [permitted, stage.answer({"name": "Elastic", "version": "1.0.0"}, **GRANTED)],
    ]
    shown = []
    for answers in plays:
        script = stage.Script(answers)
        check = check_from_browser(ITSM, stage.API_URL, origin=ORIGIN, authorization="Basic eA==", transport=script)
        assert not script.answers
        assert check.installed is (check.lines == ())
        shown.append(check.lines)
    return shown


@row(
    35,
    "observables: split, typed, without doubles, in one bulk call; a second push sends all again",
    (
        [
            {"value": "1.1.1.1", "type": "ipv4-addr"},
            {"value": "fe80::1", "type": "ipv4-addr"},
            {"value": "a", "type": "SHA256"},
            {"value": "b", "type": "SHA256"},
            {"value": "c", "type": "SHA256"},
            {"value": "http://x/a b", "type": "URL"},
            {"value": "1.1.1.1", "type": "URL"},
        ],
        "POST /api/x_elas2_sir_int/elastic_api/incident/s1/observables/bulk",
        5,
        None,
        True,
    ),
    recorded("Kibana's unit tests of the SecOps connector"),
)
def _(stage: Any, preset: str) -> Any:
    incident = {
        "short_description": "a",
        "dest_ip": "1.1.1.1, fe80::1",
        "source_ip": ["1.1.1.1", ""],
        "malware_hash": "a, b|c\r\n\ta",
        "malware_url": ["http://x/a b", "1.1.1.1"],
    }
    answers = [
        stage.health(),
        stage.row("s1"),
        stage.answer(stage.record("s1")),
        stage.health(),
        stage.answer([{"value": "1.1.1.1", "observable_sys_id": "o"}]),
    ]
    params = {"incident": incident, "comments": None}
    first = stage.play(preset, answers, "pushToService", params, kind=".servicenow-sir")
    second = stage.play(preset, answers, "pushToService", params, kind=".servicenow-sir")
    again = second.script.body(4) == first.script.body(4)
    return first.script.body(4), first.lines[4], len(first.lines), first.script.body(1)["u_dest_ip"], again


@row(
    39,
    "an event's time as milliseconds, ISO and garbage; null fields are left out, empty ones kept",
    {
        DOCUMENTED: ["2021-10-13 10:51:44", "2021-10-13 10:51:44", None, ["resource", "time_of_event"]],
        E1: ["2021-10-13 10:51:44", "2021-10-13 10:51:44", None, ["resource", "time_of_event"]],
        E3: ["2021-10-13 10:51:44", "2021-10-13 10:51:44", None, ["message_key", "resource", "time_of_event"]],
    },
    recorded("Kibana's unit tests of the ITOM connector; observed with Node 20"),
)
def _(stage: Any, preset: str) -> Any:
    outcome: list[Any] = []
    for given in (" 1634122304981 ", "2021-10-13T10:51:44.981Z", "soon"):
        params = {"time_of_event": given, "resource": "", "node": None}
        played = stage.play(
            preset,
            [stage.answer({"Default Bulk Endpoint": "1 events were inserted"})],
            "addEvent",
            params,
            kind=".servicenow-itom",
        )
        assert played.lines == ["POST /api/global/em/jsonv2"]
        assert played.result.data == {}
        (sent,) = played.script.body(0)["records"]
        outcome.append(sent.get("time_of_event"))
        if len(outcome) == 1:
            keys = sorted(sent)
    return [*outcome, keys]


@row(
    40,
    "dates in a user's format: the record is written, and the push fails on reading the date back",
    {
        DOCUMENTED: ["Invalid time value"] * 5,
        E1: ["Invalid time value"] * 3 + ["2020-10-03T12:24:20.000Z", "2020-03-01T00:00:00.000Z"],
        E3: ["Invalid time value"] * 3 + ["2020-10-03T12:24:20.000Z", "2020-03-01T00:00:00.000Z"],
    },
    recorded("observed with Node 20"),
)
def _(stage: Any, preset: str) -> Any:
    outcome = []
    dates = ("2020-03-10T12:24:20Z", "13.03.2020 12:24:20", "", "10/03/2020 12:24:20", "2020-02-30 00:00:00")
    for given in dates:
        answers = [stage.health(), stage.row(), stage.answer(stage.record(sys_created_on=given))]
        played = stage.push(preset, answers)
        text = played.text.removeprefix("[Action][ServiceNow]: Unable to create incident. Error: ")
        outcome.append(text.partition(" Reason")[0].partition(" [")[0] if text else played.result.data["pushedDate"])
    return outcome


@row(
    41,
    "a custom host's verification mode against the global one: (chain, host name) checked",
    {
        DOCUMENTED: {mode: [(False, False), (True, False), (True, True)] for mode in ("none", "certificate", "full")},
        E1: {
            "none": [(False, False), (True, True), (True, True)],
            "certificate": [(False, False), (True, False), (True, False)],
            "full": [(False, False), (True, True), (True, True)],
        },
        E3: {
            "none": [(False, False), (True, True), (True, True)],
            "certificate": [(False, False), (True, False), (True, False)],
            "full": [(False, False), (True, True), (True, True)],
        },
    },
    assumed("Kibana's agents copy reject-unauthorized only; the documentation says the custom mode decides"),
)
def _(stage: Any, preset: str) -> Any:
    outcome = {}
    for general in ("none", "certificate", "full"):
        outcome[general] = []
        for own in ("none", "certificate", "full"):
            host = CustomHost("https://h", own, "PEM")
            networking = Networking(verification_mode=general, custom_host_settings=(host,))
            tls = networking.route("https://h/x", Behaviour.preset(preset)).tls
            assert tls is not None
            assert tls.authorities == "PEM"
            outcome[general].append((tls.chain, tls.hostname))
    return outcome


@row(
    42,
    "getIncident and handshake",
    {
        DOCUMENTED: (
            "ok",
            "INC0010001",
            [READ + "x"],
            "[Action][ExternalService] subAction handshake not implemented.",
        ),
        E1: ("ok", None, [], "[Action][ExternalService] subAction handshake not implemented."),
        E3: ("ok", None, [], "[Action][ExternalService] subAction handshake not implemented."),
    },
    documented("the connector's README promises getIncident; Kibana's executor has no branch for it"),
)
def _(stage: Any, preset: str) -> Any:
    answers = [stage.answer(stage.record())] if preset == DOCUMENTED else []
    got = stage.play(preset, answers, "getIncident", {"externalId": "x"})
    shaken = stage.play(preset, [], "handshake", {})
    assert shaken.result.message == FAILED
    return got.result.status, got.result.data.get("number"), got.lines, shaken.text


UNION = """error validating action params: types that failed validation:
- [0.subAction]: expected value to equal [getFields]
- [1.subAction]: expected value to equal [getIncident]
- [2.subAction]: expected value to equal [handshake]
- [3.{three}
- [4.subAction]: expected value to equal [getChoices]
- [5.subAction]: expected value to equal [closeIncident]"""
WRONG = UNION.replace("{three}", "subAction]: expected value to equal [pushToService]")
MISPLACED = UNION.replace("{three}", "message]: definition for this key is missing")


@row(
    43,
    "an unknown sub-action, and a message key that belongs nowhere",
    {
        DOCUMENTED: (WRONG, MISPLACED, False),
        E1: (WRONG, MISPLACED, False),
        E3: (
            "error validating action params: ✖ Invalid input\n  → at subAction",
            'error validating action params: ✖ Unrecognized key: "message"',
            False,
        ),
    },
    recorded("elastic/kibana#85713; Kibana's integration tests of 8.x; observed with zod 4"),
)
def _(stage: Any, preset: str) -> Any:
    wrong = stage.play(preset, [], "pushToServices", {})
    connector = stage.connector(stage.Script([]), preset)
    params = {"subAction": "pushToService", "subActionParams": {"incident": {"short_description": "a"}}, "message": "m"}
    misplaced = connector.execute(params)
    assert wrong.result.service_message is None
    return wrong.result.message, misplaced.message, misplaced.retry


@pytest.mark.parametrize(
    "entry, preset",
    [
        pytest.param(entry, preset, marks=entry.evidence, id=f"{entry.number}-{preset}")
        for entry in ROWS
        for preset in entry.expected
    ],
)
def test_row(stage: Any, entry: Row, preset: str) -> None:
    assert entry.play(stage, preset) == entry.expected[preset], entry.title


DIFFERING = {4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 20, 24, 30, 39, 40, 41, 42, 43}
ELSEWHERE = {16, 29, 36, 37, 38}


@pytest.mark.ours("every row of the contract is played, here or beside the rules and cases it is about")
def test_every_row_is_here_once() -> None:
    assert sorted([entry.number for entry in ROWS] + sorted(ELSEWHERE)) == list(range(1, 44))


@pytest.mark.ours("where presets differ, the table says so, and nowhere else")
def test_the_presets_differ_where_the_table_says() -> None:
    differing = {entry.number for entry in ROWS if len({repr(value) for value in entry.expected.values()}) > 1}
    assert differing == DIFFERING
