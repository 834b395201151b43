"""The Test tab as a function, the trace of what went over the wire, and the rehearsal protocol."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from sandtable_connector import errors
from sandtable_connector.errors import Redactor
from sandtable_connector.forms.form import connector_test, form_inputs, form_params, subcategories
from sandtable_connector.rehearsal import connector as rehearsal
from sandtable_connector.rehearsal import serve
from sandtable_connector.transport import Request, Response
from sandtable_connector.transport.trace import TracingTransport

pytestmark = pytest.mark.documented("Kibana 8.13 docs, test connectors")

CHOICES = [
    {"element": "category", "value": "software", "label": "Software", "dependent_value": ""},
    {"element": "subcategory", "value": "os", "label": "Operating System", "dependent_value": "software"},
    {"element": "subcategory", "value": "cpu", "label": "CPU", "dependent_value": "hardware"},
    {"element": "subcategory", "value": "any", "label": "Anything", "dependent_value": ""},
]
SIR, ITOM = ".servicenow-sir", ".servicenow-itom"


@pytest.mark.recorded("observed behaviour of Kibana's forms")
@pytest.mark.parametrize(
    "kind, table, fields, event, expected",
    [
        (".servicenow", False, {}, "trigger", "Short description is required."),
        (".servicenow", False, {"short_description": " "}, "trigger", "Short description is required."),
        (".servicenow", False, {"short_description": "a"}, "resolve", "Correlation id is required."),
        (".servicenow", False, {"short_description": "a", "additional_fields": "{"}, "trigger", "Invalid JSON."),
        (
            ".servicenow",
            False,
            {"short_description": "a", "additional_fields": json.dumps({f"u{n}": 1 for n in range(21)})},
            "trigger",
            "A maximum of 20 additional fields can be defined at a time.",
        ),
        (".servicenow", True, {"short_description": "a", "correlation_id": "x"}, "trigger", "no such input"),
        (".servicenow", False, {"short_description": "a", "priority": "1"}, "trigger", "no such input"),
        (SIR, False, {"correlation_id": "x"}, "resolve", "cannot close"),
        (ITOM, False, {}, "trigger", "Severity is required."),
        (
            ITOM,
            False,
            {"severity": "1", "additional_info": "{"},
            "trigger",
            "The additional info field does not have a valid JSON format.",
        ),
    ],
)
def test_a_form_that_would_not_be_sent(
    stage: Any, kind: str, table: bool, fields: dict[str, Any], event: Any, expected: str
) -> None:
    connector = stage.connector(stage.Script([]), kind=kind, table=table)
    with pytest.raises(errors.ParametersRefused, match=expected.replace(".", r"\.")):
        connector_test(connector, fields, event=event)


def test_the_form_pushes_with_the_comment_as_number_one(stage: Any) -> None:
    connector = stage.connector(stage.Script([]))
    assert form_params(connector, {"short_description": "a", "comments": "look here", "urgency": "1"}) == {
        "subAction": "pushToService",
        "subActionParams": {
            "incident": {"short_description": "a", "urgency": "1"},
            "comments": [{"commentId": "1", "comment": "look here"}],
        },
    }
    assert form_params(connector, {"short_description": "a"})["subActionParams"]["comments"] == []


def test_a_test_asks_for_the_choices_and_then_acts(stage: Any) -> None:
    script = stage.Script([stage.answer(CHOICES), stage.health(), stage.row(), stage.answer(stage.record())])
    report = connector_test(stage.connector(script), {"short_description": "a", "correlation_id": "x"})
    assert report.result.status == "ok"
    assert report.choices_error is None
    assert [choice.label for choice in report.choices["category"]] == ["Software"]
    assert report.choices["impact"] == ()
    assert [choice.value for choice in subcategories(report.choices, "software")] == ["os"]
    elements = ["urgency", "severity", "impact", "category", "subcategory"]
    assert all(f"element%3D{name}" in script.lines[0] for name in elements)


def test_resolve_closes(stage: Any) -> None:
    script = stage.Script([stage.answer(CHOICES), stage.answer([])])
    report = connector_test(stage.connector(script), {"correlation_id": "x"}, event="resolve")
    assert (report.params["subAction"], report.result.data) == ("closeIncident", {})


@pytest.mark.recorded("elastic/kibana#106423: the lists stay empty and a push still works")
def test_choices_that_cannot_be_had_do_not_stop_the_test(stage: Any) -> None:
    script = stage.Script([stage.refused(403), stage.health(), stage.row(), stage.answer(stage.record())])
    report = connector_test(stage.connector(script), {"short_description": "a"})
    assert report.choices == {}
    assert "Unable to get choices" in (report.choices_error or "")
    assert report.result.status == "ok"


def test_an_event(stage: Any) -> None:
    script = stage.Script([stage.answer([]), stage.answer({"x": 1})])
    report = connector_test(stage.connector(script, kind=ITOM), {"severity": "1", "additional_info": "{}"})
    assert report.result.data == {}
    assert script.lines[0].startswith("GET /api/now/table/sys_choice?sysparm_query=name%3Dtask%5EORname%3Dem_event")


def test_deprecated_forms_have_fewer_inputs(stage: Any) -> None:
    full = form_inputs(stage.connector(stage.Script([])).type, deprecated=False)
    fewer = form_inputs(stage.connector(stage.Script([])).type, deprecated=True)
    assert set(full) - set(fewer) == {"correlation_id", "correlation_display", "additional_fields"}


# --- the trace --------------------------------------------------------------------------------------------------------


@pytest.mark.ours("a trace shows every exchange and no secret")
def test_a_trace_shows_all_but_the_secrets(stage: Any, rsa_pem: str) -> None:
    granted = {"access_token": "T0K3N-VALUE", "token_type": "Bearer", "expires_in": 60}
    answers = [
        stage.answer(body=granted),
        stage.answer([{"note": "client-secret-value"}], Set_Cookie="JSESSIONID=5E55; Path=/"),
    ]
    tracing = TracingTransport(stage.Script(answers), Redactor(["client-secret-value", rsa_pem]))
    stage.connector(tracing, oauth=True).run({"subAction": "getFields", "subActionParams": {}})
    token, call = tracing.exchanges
    shown = json.dumps([token.wire(), call.wire()])
    for secret in ("client-secret-value", "T0K3N-VALUE", "5E55"):
        assert secret not in shown
    assert "assertion=[redacted]&client_id=client&client_secret=[redacted]&grant_type=" in (token.request_body or "")
    assert token.response_body == {"access_token": "[redacted]", "token_type": "Bearer", "expires_in": 60}
    assert call.request_headers["Authorization"] == "Bearer [redacted]"
    assert call.response_body == {"result": [{"note": "[redacted]"}]}
    assert (call.method, call.status) == ("GET", 200)
    assert call.seconds >= 0


@pytest.mark.ours("an exchange that failed is in the trace as well")
def test_a_failed_exchange_is_recorded(stage: Any) -> None:
    tracing = TracingTransport(stage.Script([errors.ConnectionFailed("no: s3cret-value")]), Redactor(["s3cret-value"]))
    with pytest.raises(errors.ConnectionFailed):
        tracing.send(Request("POST", "https://h/x", {}, b"{}"))
    (exchange,) = tracing.exchanges
    assert exchange.wire()["response"] is None
    assert exchange.error == "no: [redacted]"
    assert exchange.request_body == "{}"


# --- the rehearsal protocol -------------------------------------------------------------------------------------------


class InProcess(BaseAdapter):
    """A requests adapter that answers everything with an empty list."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        self.urls.append(request.url or "")
        response = requests.Response()
        response.status_code = 200
        token = {"access_token": "T", "token_type": "Bearer", "expires_in": 3600}
        body = token if "oauth_token" in (request.url or "") else {"result": []}
        response.raw = io.BytesIO(json.dumps(body).encode())
        return response

    def close(self) -> None:
        """Hold nothing."""


def ask(**more: Any) -> dict[str, Any]:
    return {
        "connector_type_id": ".servicenow",
        "connector_id": "c1",
        "config": {"apiUrl": "https://in.process", "usesTableApi": False},
        "secrets": {"username": "u", "password": "a-password"},
        "params": {"subAction": "getFields", "subActionParams": {}},
        **more,
    }


@pytest.fixture
def session() -> Any:
    with requests.Session() as made:
        made.mount("https://in.process", InProcess())
        yield made


@pytest.mark.ours("the rehearsal protocol as a function")
def test_the_function(session: requests.Session) -> None:
    rehearse = rehearsal("kibana-8.13")
    assert rehearse(ask(), session) == {"status": "ok", "connector_id": "c1", "data": []}
    failed = rehearse(ask(params={"subAction": "handshake", "subActionParams": {}}), session)
    assert failed == {
        "status": "error",
        "connector_id": "c1",
        "message": "an error occurred while running the action",
        "service_message": "[Action][ExternalService] subAction handshake not implemented.",
        "retry": True,
    }
    with pytest.raises(ValueError, match="no behaviour preset"):
        rehearsal("kibana-7")


@pytest.mark.ours("tokens are kept across calls by connector ID, and by nothing else")
@pytest.mark.parametrize("connector_id, tokens", [("c1", 1), ("", 2)])
def test_tokens_are_kept(session: requests.Session, rsa_pem: str, connector_id: str, tokens: int) -> None:
    rehearse = rehearsal()
    config = {"apiUrl": "https://in.process", "isOAuth": True, "clientId": "c", "jwtKeyId": "k", "usesTableApi": False}
    given = ask(
        connector_id=connector_id,
        config={**config, "userIdentifierValue": "u"},
        secrets={"clientSecret": "s", "privateKey": rsa_pem},
    )
    for _ in range(2):
        assert rehearse(given, session)["status"] == "ok"
    adapter = session.get_adapter("https://in.process")
    assert isinstance(adapter, InProcess)
    assert sum("oauth_token" in url for url in adapter.urls) == tokens


@pytest.mark.ours("a bad request is answered, by name of what is wrong")
@pytest.mark.parametrize(
    "given, words",
    [
        ({}, "connector_type_id: missing"),
        ([], "a request is a JSON object"),
        (ask(connector_type_id=5), "connector_type_id: expected text"),
        (ask(connector_id=[]), "connector_id: expected text"),
        (ask(connector_type_id=".jira"), "no connector type"),
        (ask(config={}), "[apiUrl]: expected value of type [string]"),
        (ask(surprise=1), "surprise: unknown"),
        (ask(networking=[1]), "networking: expected the settings"),
        (ask(networking={"responseTimeout": "x"}), "xpack.actions.responseTimeout"),
        (ask(networking={"allowedHosts": []}), "is not added to the Kibana config"),
        (ask(params=5), "error validating action params"),
        (ask(params=None), "error validating action params"),
        (ask(config=5), "plain object"),
        (ask(secrets=None), "Either basic auth or OAuth credentials must be specified"),
    ],
)
def test_a_bad_request_is_answered(given: Any, words: str) -> None:
    answer = rehearsal()(given, None)
    assert (answer["status"], answer["retry"]) == ("error", False)
    assert words in answer["message"]
    assert set(answer) == {"status", "connector_id", "message", "service_message", "retry"}


@pytest.mark.ours("one line in, one line out, whatever the line")
def test_the_line_protocol() -> None:
    out = io.StringIO()
    lines = [json.dumps(ask(config={})), "not json\n", "\n", "[" * 100_000, json.dumps(5), json.dumps({"a": "\ud800"})]
    serve(lines, out)
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(answers) == 5
    assert all(answer["status"] == "error" for answer in answers)
    assert "not JSON" in answers[1]["message"]


@pytest.mark.ours("the module is a program: it speaks lines, and an unknown behaviour is refused with the known ones")
def test_the_program() -> None:
    command = [sys.executable, "-m", "sandtable_connector.rehearsal"]
    asked = ask(params={"subAction": "handshake", "subActionParams": {}})
    ran = subprocess.run(
        [*command, "--behaviour", "kibana-9"],
        input=json.dumps(asked) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout)["service_message"].endswith("handshake not implemented.")
    assert ran.stderr == ""
    refused = subprocess.run([*command, "--behaviour", "x"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "kibana-8.13" in refused.stderr


@pytest.mark.ours("an answer keeps its body out of its representation")
def test_reprs_of_messages() -> None:
    assert "secret" not in repr(Request("GET", "https://h", {"Authorization": "secret"}, b"secret"))
    assert "secret" not in repr(Response(200, {"Set-Cookie": "secret"}, b"secret"))
