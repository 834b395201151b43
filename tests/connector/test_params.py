"""What each sub-action takes, and how anything else is refused, by release."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandtable_connector import Behaviour, connector_type, errors
from sandtable_connector.schemas.params import check_params

pytestmark = pytest.mark.recorded("Kibana's integration tests of 8.x; observed with zod 4")

ITSM, SIR, ITOM = ".servicenow", ".servicenow-sir", ".servicenow-itom"
PREFIX = "error validating action params: "
TITLE = {"short_description": "a"}


def text_of(kind: str, params: Any, preset: str) -> str:
    with pytest.raises(errors.ParametersRefused) as caught:
        check_params(connector_type(kind), params, Behaviour.preset(preset))
    assert caught.value.message.startswith(PREFIX)
    return caught.value.message.removeprefix(PREFIX)


def push(incident: Any = None, **more: Any) -> dict[str, Any]:
    return {"subAction": "pushToService", "subActionParams": {"incident": incident or TITLE, **more}}


def union(push_line: str, *, choices: str = "subAction]: expected value to equal [getChoices]") -> str:
    return (
        "types that failed validation:\n"
        "- [0.subAction]: expected value to equal [getFields]\n"
        "- [1.subAction]: expected value to equal [getIncident]\n"
        "- [2.subAction]: expected value to equal [handshake]\n"
        f"- [3.{push_line}\n"
        f"- [4.{choices}\n"
        "- [5.subAction]: expected value to equal [closeIncident]"
    )


NO_TITLE = "subActionParams.incident.short_description]: expected value of type [string] but got [undefined]"
NOT_PUSH = "subAction]: expected value to equal [pushToService]"
E1_TEXTS = [
    ({}, union(NOT_PUSH)),
    ({"subAction": "toString"}, union(NOT_PUSH)),
    ({"subAction": "pushToService"}, union(NO_TITLE)),
    ({"subAction": "pushToService", "subActionParams": {}}, union(NO_TITLE)),
    (push({"description": "x"}), union(NO_TITLE)),
    (
        push(comments=[{"comment": "boo"}]),
        union(
            "subActionParams.comments]: types that failed validation:\n"
            " - [subActionParams.comments.0.0.commentId]: expected value of type [string] but got [undefined]\n"
            " - [subActionParams.comments.1]: expected value to equal [null]"
        ),
    ),
    (
        push(comments=[{"comment": "a", "commentId": "1", "version": "x"}]),
        union(
            "subActionParams.comments]: types that failed validation:\n"
            " - [subActionParams.comments.0.0.version]: definition for this key is missing\n"
            " - [subActionParams.comments.1]: expected value to equal [null]"
        ),
    ),
    (push({**TITLE, "color": "red"}), union("subActionParams.incident.color]: definition for this key is missing")),
    (
        push({**TITLE, "urgency": 1}),
        union(
            "subActionParams.incident.urgency]: types that failed validation:\n"
            " - [subActionParams.incident.urgency.0]: expected value of type [string] but got [number]\n"
            " - [subActionParams.incident.urgency.1]: expected value to equal [null]"
        ),
    ),
    (push(extra=1), union("subActionParams.extra]: definition for this key is missing")),
    (
        {"subAction": "getChoices", "subActionParams": {}},
        union(NOT_PUSH, choices="subActionParams.fields]: expected value of type [array] but got [undefined]"),
    ),
    (
        {"subAction": "getChoices", "subActionParams": {"fields": {}}},
        union(NOT_PUSH, choices="subActionParams.fields]: expected value of type [array] but got [Object]"),
    ),
]


@pytest.mark.parametrize("params, text", E1_TEXTS)
@pytest.mark.parametrize("preset", ["documented", "kibana-8.13", "kibana-9.0"])
def test_the_texts_of_the_older_library(preset: str, params: Any, text: str) -> None:
    assert text_of(ITSM, params, preset) == text


E3_TEXTS = [
    ({}, "✖ Invalid input\n  → at subAction"),
    ([], "✖ Invalid input: expected object, received array"),
    (
        {"subAction": "pushToService"},
        "✖ Invalid input: expected object, received undefined\n  → at subActionParams",
    ),
    (
        push({"description": "x"}),
        "✖ Invalid input: expected string, received undefined\n  → at subActionParams.incident.short_description",
    ),
    (push({**TITLE, "foo": 1}), '✖ Unrecognized key: "foo"\n  → at subActionParams.incident'),
    (
        push({**TITLE, "urgency": 1}, comments=[{"comment": "a"}]),
        (
            "✖ Invalid input: expected string, received number\n  → at subActionParams.incident.urgency\n"
            "✖ Invalid input: expected string, received undefined\n  → at subActionParams.comments[0].commentId"
        ),
    ),
    (
        {"subAction": "getChoices", "subActionParams": {"fields": "x"}},
        "✖ Invalid input: expected array, received string\n  → at subActionParams.fields",
    ),
    (push({**TITLE, "dest_ip": ["a"]}), '✖ Unrecognized key: "dest_ip"\n  → at subActionParams.incident'),
]


@pytest.mark.parametrize("params, text", E3_TEXTS)
def test_the_texts_of_the_newer_library(params: Any, text: str) -> None:
    assert text_of(ITSM, params, "kibana-9") == text


def test_all_fields_of_an_incident_have_their_defaults() -> None:
    action = check_params(connector_type(ITSM), push(), Behaviour.documented())
    assert action.params["comments"] is None
    assert action.params["incident"] == {
        "short_description": "a",
        "description": None,
        "externalId": None,
        "category": None,
        "subcategory": None,
        "correlation_id": None,
        "correlation_display": None,
        "severity": None,
        "urgency": None,
        "impact": None,
        "additional_fields": None,
    }


@pytest.mark.parametrize(
    "kind, sub_action, accepted",
    [
        (kind, name, name in names)
        for kind, names in {
            ITSM: ("getFields", "getIncident", "handshake", "pushToService", "getChoices", "closeIncident"),
            SIR: ("getFields", "getIncident", "handshake", "pushToService", "getChoices"),
            ITOM: ("getChoices", "addEvent"),
        }.items()
        for name in (
            "getFields",
            "getIncident",
            "handshake",
            "pushToService",
            "getChoices",
            "closeIncident",
            "addEvent",
        )
    ],
)
@pytest.mark.parametrize("preset", ["documented", "kibana-8.13", "kibana-9"])
def test_which_type_takes_which_sub_action(preset: str, kind: str, sub_action: str, accepted: bool) -> None:
    inner = {
        "pushToService": {"incident": TITLE},
        "getIncident": {"externalId": "x"},
        "getChoices": {"fields": []},
        "closeIncident": {"incident": {}},
    }.get(sub_action, {})
    params = {"subAction": sub_action, "subActionParams": inner}
    if accepted:
        assert check_params(connector_type(kind), params, Behaviour.preset(preset)).name == sub_action
    else:
        assert text_of(kind, params, preset)


@pytest.mark.parametrize("value", ["1.1.1.1", ["1.1.1.1", "2.2.2.2"], [], None])
def test_observables_are_text_or_a_list_of_text(value: Any) -> None:
    action = check_params(connector_type(SIR), push({**TITLE, "dest_ip": value}), Behaviour.documented())
    assert action.params["incident"]["dest_ip"] == value
    assert "dest_ip" in text_of(SIR, push({**TITLE, "dest_ip": 5}), "documented")
    assert "dest_ip" in text_of(SIR, push({**TITLE, "dest_ip": [5]}), "kibana-9")


ADDITIONAL: list[tuple[Any, str | None]] = [
    (None, None),
    ({}, None),
    ("{}", None),
    ({"u_x": 1}, None),
    ('{"u_x": "é"}', None),
    ({f"u_{n}": 1 for n in range(20)}, None),
    ({f"u_{n}": 1 for n in range(21)}, "A maximum of 20 fields in additional_fields can be defined at a time."),
    ({"category": 1}, "The following properties cannot be defined inside additional_fields: category."),
    (
        {"externalId": 1, "correlation_id": 2},
        "The following properties cannot be defined inside additional_fields: externalId, correlation_id.",
    ),
    ("{", "Expected property name or '}' in JSON at position 1"),
    ("[]", "could not parse"),
    ('{"a": NaN}', "Unexpected token 'N', "),
    ("", "Unexpected end of JSON input"),
    (5, "expected"),
    ({"severity": "1", "urgency": "1", "impact": "1", "priority": "1", "state": "2", "u_category": "x"}, None),
]


@pytest.mark.recorded("elastic/kibana#183609 and #184023")
@pytest.mark.parametrize("given, text", ADDITIONAL)
@pytest.mark.parametrize("kind", [ITSM, SIR])
def test_additional_fields(kind: str, given: Any, text: str | None) -> None:
    params = push({**TITLE, "additional_fields": given})
    if text is None:
        parsed = check_params(connector_type(kind), params, Behaviour.documented()).params["incident"]
        assert parsed["additional_fields"] is None or isinstance(parsed["additional_fields"], dict)
    elif given == "[]":
        assert "additional_fields.0]: expected a plain object value, but found [Array]" in text_of(
            kind, params, "documented"
        )
    else:
        assert text in text_of(kind, params, "documented")


@pytest.mark.recorded("elastic/kibana#184023: names that have an input of their own")
@pytest.mark.parametrize(
    "name, refused",
    [
        *((name, True) for name in ("short_description", "description", "externalId", "category", "subcategory")),
        *((name, True) for name in ("correlation_id", "correlation_display", "additional_fields")),
        *((name, False) for name in ("severity", "urgency", "u_correlation_display", "Description", "")),
    ],
)
@pytest.mark.parametrize("kind", [ITSM, SIR])
def test_which_names_no_additional_field_may_have(kind: str, name: str, refused: bool) -> None:
    incident = {**TITLE, "additional_fields": json.dumps({name: "x", "u_other": "y"})}
    params = {"subAction": "pushToService", "subActionParams": {"incident": incident}}
    if refused:
        said = f"The following properties cannot be defined inside additional_fields: {name}."
        assert said in text_of(kind, params, "documented")
    else:
        assert check_params(connector_type(kind), params, Behaviour.documented()).name == "pushToService"


@pytest.mark.documented("Kibana 8.13 docs, Correlation ID: at most 100 characters")
@pytest.mark.parametrize("sub_action", ["pushToService", "closeIncident"])
@pytest.mark.parametrize("kind", [ITSM, SIR])
def test_a_correlation_id_of_more_than_100_characters(kind: str, sub_action: str) -> None:
    if (kind, sub_action) == (SIR, "closeIncident"):
        kind = ITSM
    for length, preset, fine in ((100, "documented", True), (101, "documented", False), (500, "kibana-8.13", True)):
        incident = {"correlation_id": "é" * length} | (TITLE if sub_action == "pushToService" else {})
        params = {"subAction": sub_action, "subActionParams": {"incident": incident}}
        if fine:
            assert check_params(connector_type(kind), params, Behaviour.preset(preset)).name == sub_action
        else:
            text = text_of(kind, params, preset)
            assert "[subActionParams.incident.correlation_id]: 101 characters are too many" in text
            assert "shorten" in text


@pytest.mark.ours("a correlation ID is measured whole: one that is cut at its end could not be found again")
@pytest.mark.parametrize("correlation_id", ["a" * 100 + " ", " " + "a" * 100, " " * 101])
def test_blanks_count_towards_the_length_of_a_correlation_id(correlation_id: str) -> None:
    params = {
        "subAction": "pushToService",
        "subActionParams": {"incident": {**TITLE, "correlation_id": correlation_id}},
    }
    assert "101 characters are too many" in text_of(ITSM, params, "documented")


@pytest.mark.parametrize(
    "preset, retry, in_task", [("documented", False, False), ("kibana-8.13", False, False), ("kibana-9", False, True)]
)
def test_whether_refused_params_are_tried_again(stage: Any, preset: str, retry: bool, in_task: bool) -> None:
    connector = stage.connector(stage.Script([]), preset)
    assert connector.execute({}).retry is retry
    assert connector.execute({}, from_task=True).retry is in_task
    assert connector.execute({}).service_message is None


@pytest.mark.ours("whatever is given as params, the answer is an error and not an exception")
@pytest.mark.parametrize("given", [None, 5, "x", [], {"subAction": None}, {"subAction": []}, {"subAction": {}, "x": 1}])
@pytest.mark.parametrize("preset", ["documented", "kibana-8.13", "kibana-9"])
@pytest.mark.parametrize("kind", [ITSM, SIR, ITOM])
def test_anything_at_all_as_params(stage: Any, kind: str, preset: str, given: Any) -> None:
    result = stage.connector(stage.Script([]), preset, kind=kind).execute(given)
    assert result.status == "error"
    assert result.message.startswith(PREFIX)


DEPTH = 100_000  # more than any version of Python reads


@pytest.mark.ours("parameters of any shape are refused or sent, and never end in a traceback")
@pytest.mark.parametrize("preset", ["documented", "kibana-8.13", "kibana-9"])
@pytest.mark.parametrize("as_text", [True, False])
def test_parameters_that_are_nested_too_deeply(stage: Any, preset: str, as_text: bool) -> None:
    nested: Any = []
    for _ in range(DEPTH):
        nested = [nested]
    given = {"u_x": nested}
    fields: Any = '{"u_x":' + "[" * DEPTH + "]" * DEPTH + "}" if as_text else given
    played = stage.push(preset, [], {"additional_fields": fields})
    assert played.result.status == "error"
    assert played.text.startswith("error validating action params: ")
    assert played.lines == []
