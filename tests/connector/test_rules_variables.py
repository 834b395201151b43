"""Every variable that an action may use, for one alert and for a summary."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.documented("Kibana docs, Rule action variables")

RULE = "11111111-2222-4333-8444-555555555555"
LINK = f"/app/management/insightsAndAlerting/triggersActions/rule/{RULE}"
MORE = {
    "kibana__alert__action_group": "query matched",
    "kibana__alert__flapping": True,
    "kibana__alert__rule__name": "name in the document",
    "kibana__alert__rule__rule_type_id": ".es-query",
    "kibana__alert__rule__tags": ["disk", "prod"],
    "kibana__alert__rule__parameters": {"threshold": [90], "size": 1.0},
    "kibana__alert__title": "Disk full",
    "kibana__alert__evaluation__value": 0.00005,
    "kibana__alert__evaluation__threshold": 90,
    "kibana__alert__evaluation__conditions": "over 90",
    "kibana__alert__url": "https://kibana.example.com/alert",
    "kibana__alert__context": {"group": "web"},
    "state": {"count": 3},
    "host": {"name": "web-01"},
}
SHARED: dict[str, str] = {
    # the template, and what it becomes for an alert and for a summary alike
    "rule.id": RULE,
    "rule.name": "Disk",
    "rule.type": ".es-query",
    "rule.spaceId": "default",
    "rule.tags": "disk,prod",
    "rule.tags.asJSON": '["disk","prod"]',
    "rule.params": '{"threshold":[90],"size":1}',
    "rule.params.size": "1",
    "rule.params.threshold": "90",
    "rule.url": f"https://kibana.example.com{LINK}",
    "kibanaBaseUrl": "https://kibana.example.com",
    "date": "2026-03-02T10:01:00.000Z",
    "alertId": RULE,
    "alertName": "Disk",
    "spaceId": "default",
    "tags": "disk,prod",
    "params": '{"threshold":[90],"size":1}',
    "no.such.variable": "",
}
ALERT: dict[str, str] = {
    **SHARED,
    "alert.id": "web-01",
    "alert.uuid": "uuid-web-01-0",
    "alert.actionGroup": "query matched",
    "alert.actionGroupName": "Query matched",
    "alert.flapping": "true",
    "alert.consecutiveMatches": "2",
    "alertInstanceId": "web-01",
    "alertActionGroup": "query matched",
    "alertActionGroupName": "Query matched",
    "context.reason": "web-01 is active",
    "context.message": "web-01 is active",
    "context.title": "Disk full",
    "context.value": "0.00005",
    "context.threshold": "90",
    "context.conditions": "over 90",
    "context.alertDetailsUrl": "https://kibana.example.com/alert",
    "context.timestamp": "2026-03-02T10:01:00Z",
    "context.group": "web",
    "state.count": "3",
    "kibana.alert.status": "active",
    "kibana.alert.rule.name": "name in the document",
    "host.name": "web-01",
    "alerts.all.count": "",
}
SUMMARY: dict[str, str] = {
    **SHARED,
    "alert.id": RULE,
    "alert.uuid": RULE,
    "alert.actionGroup": "default",
    "alert.actionGroupName": "Default",
    "alert.flapping": "false",
    "alertInstanceId": RULE,
    "alertActionGroup": "default",
    "alertActionGroupName": "Default",
    "context.reason": "",
    "context.alerts.length": "1",
    "context.results_link": f"https://kibana.example.com{LINK}",
    "context.rule": f'{{"threshold":[90],"size":1,"name":"Disk","id":"{RULE}"}}',
    "#context.alerts}}{{host.name}};{{/context.alerts": "web-01;",
    "state.signals_count": "1",
    "host.name": "",
    "alerts.all.count": "1",
    "alerts.new.count": "0",
    "alerts.ongoing.count": "1",
    "alerts.recovered.count": "0",
    "alerts.new.data.asJSON": "[]",
    "#alerts.ongoing.data}}{{kibana.alert.instance.id}} {{host.name}};{{/alerts.ongoing.data": "web-01 web-01;",
}


def became(given: Any, templates: dict[str, str], frequency: dict[str, Any]) -> dict[str, str]:
    """Return what each template becomes at the second check of an alert."""
    sent = {name: f"{{{{{name}}}}}" for name in templates}
    action = {"params": {"subAction": "getFields", "subActionParams": sent}, "frequency": frequency}
    rules = given.rules(actions=[action], settings={"public_base_url": "https://kibana.example.com/"})
    outcomes = given.played(rules, given.document(0, **MORE), given.document(1, **MORE))
    (call,) = outcomes[1].calls
    found: dict[str, str] = call.params["subActionParams"]
    return found


def test_for_an_alert(given: Any) -> None:
    expected = {**ALERT, "kibanaBaseUrl": "https://kibana.example.com/"}
    assert became(given, expected, {}) == expected


def test_for_a_summary(given: Any) -> None:
    expected = {**SUMMARY, "kibanaBaseUrl": "https://kibana.example.com/"}
    assert became(given, expected, {"summary": True}) == expected


@pytest.mark.parametrize(
    "template, document, recovered",
    [
        ("{{alert.actionGroup}}", {}, "recovered"),
        ("{{alert.actionGroupName}}", {}, "Recovered"),
        ("{{alert.id}} {{alert.uuid}}", {}, "web-01 uuid-web-01-0"),
        ("{{alert.consecutiveMatches}}", {}, "0"),
        ("{{rule.id}}:{{alert.id}}", {}, f"{RULE}:web-01"),
    ],
)
def test_for_a_recovered_alert(given: Any, template: str, document: dict[str, Any], recovered: str) -> None:
    action = {"group": "recovered", "params": {"subAction": "getFields", "subActionParams": {"text": template}}}
    documents = [given.document(minute, **document) for minute in range(2)]
    outcomes = given.played(
        given.rules(actions=[action]), *documents, given.document(2, status="recovered", **document)
    )
    (call,) = outcomes[2].calls
    assert call.params["subActionParams"]["text"] == recovered


@pytest.mark.parametrize(
    "space, url",
    [("default", f"https://kibana.example.com{LINK}"), ("ops", f"https://kibana.example.com/s/ops{LINK}")],
)
def test_the_space_of_a_rule(given: Any, space: str, url: str) -> None:
    params = {"subAction": "getFields", "subActionParams": {"text": "{{rule.spaceId}} {{spaceId}} {{rule.url}}"}}
    rules = given.rules(actions=[{"params": params}], settings={"public_base_url": "https://kibana.example.com"})
    (outcome,) = given.played(rules, given.document(0, kibana__space_ids=[space]))
    assert outcome.calls[0].params["subActionParams"]["text"] == f"{space} {space} {url}"


def test_without_a_public_address_there_is_no_link(given: Any) -> None:
    params = {"subAction": "getFields", "subActionParams": {"text": "[{{rule.url}}] [{{kibanaBaseUrl}}]"}}
    (outcome,) = given.played(given.rules(actions=[{"params": params}]), given.document(0))
    assert outcome.calls[0].params["subActionParams"]["text"] == "[] []"


def test_what_a_document_says_of_its_context_wins(given: Any) -> None:
    params = {"subAction": "getFields", "subActionParams": {"text": "{{context.reason}} {{context.value}}"}}
    more = {"kibana__alert__context": {"reason": "stored", "value": 1}, "context": {"value": 2}}
    (outcome,) = given.played(given.rules(actions=[{"params": params}]), given.document(0, **more))
    assert outcome.calls[0].params["subActionParams"]["text"] == "stored 2"


@pytest.mark.recorded("observed Kibana behaviour: the count begins again once an alert was away")
def test_consecutive_matches(given: Any) -> None:
    params = {"subAction": "getFields", "subActionParams": {"text": "{{alert.consecutiveMatches}}"}}
    changes = {"notify_when": "onActionGroupChange"}
    actions = [{"params": params}, {"params": params, "group": "recovered", "frequency": changes}]
    states = [("active", 0), ("active", 0), ("recovered", 0), ("active", 3), ("recovered", 3), ("active", 5)]
    states.append(("active", 5))
    documents = [given.document(minute, status=status, start=start) for minute, (status, start) in enumerate(states)]
    flaps = {"look_back_window": 10, "status_change_threshold": 4}
    outcomes = given.played(given.rules(actions=actions, flapping=flaps), *documents)
    found = [[call.params["subActionParams"]["text"] for call in outcome.calls] for outcome in outcomes]
    # The second recovery is held back because the alert flaps by then; it ends the row all the same.
    assert found == [["1"], ["2"], ["0"], ["1"], [], ["1"], ["2"]]
