"""Events by web service, and the alerts that become of them."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable.apps.event_management import process_events
from sandtable.core.applications.application import resource_for
from sandtable.core.applications.scripted_resources import ScriptRequest
from sandtable.core.platform.instance import Instance
from sandtable.core.values.errors import DataPolicyViolation

pytestmark = pytest.mark.documented("ServiceNow docs, send events via web service; event and alert states")

ORIGIN = {"source": "S", "node": "N", "type": "T", "resource": "R", "metric_name": "M"}


def send(instance: Instance, **event: Any) -> None:
    """Send one event as an administrator, and let the job of events run."""
    found = resource_for(instance, "POST", "/api/global/em/jsonv2")
    assert found is not None
    resource, parameters = found
    body = {"records": [{**ORIGIN, "severity": "1", **event}]}
    assert resource.handler(ScriptRequest(instance.acting_as("admin"), parameters, {}, body)) == {
        "Default Bulk Endpoint": "1 events were inserted"
    }
    instance.clock.advance(2)
    assert process_events(instance) == 1


def alerts(instance: Instance) -> list[tuple[str, str, str, str]]:
    found = instance.system().table("em_alert").query("ORDERBYnumber")
    return [(alert["message_key"], alert["severity"], alert["state"], alert["event_count"]) for alert in found]


@pytest.mark.parametrize("severity", ["0", "5"])
def test_the_life_of_an_alert(instance: Instance, severity: str) -> None:
    send(instance)
    assert alerts(instance) == [("SNTRM", "1", "Open", "1")]
    send(instance, severity="4")
    assert alerts(instance) == [("SNTRM", "4", "Open", "2")]
    send(instance, severity=severity)
    assert alerts(instance) == [("SNTRM", severity, "Closed", "3")]
    send(instance, severity="2")
    assert alerts(instance) == [("SNTRM", "2", "Reopen", "4")]
    assert {event["state"] for event in instance.system().table("em_event").query()} == {"Processed"}


def test_a_key_of_its_own_makes_an_alert_of_its_own(instance: Instance) -> None:
    send(instance)
    send(instance, message_key="rule:alert")
    send(instance, message_key="rule:alert", source="other")
    assert alerts(instance) == [("SNTRM", "1", "Open", "1"), ("rule:alert", "1", "Open", "2")]


def test_the_parts_of_a_key_that_are_missing_are_left_out(instance: Instance) -> None:
    send(instance, type=None, metric_name="")
    assert [alert[0] for alert in alerts(instance)] == ["SNR"]


def test_an_alert_that_comes_and_goes_flaps_from_the_frequency_on(instance: Instance) -> None:
    instance.set_property("evt_mgmt.flap_frequency", "3")
    states = []
    for _ in range(4):
        send(instance)
        states.append(alerts(instance)[0][2])
        send(instance, severity="0")
    assert states == ["Open", "Reopen", "Reopen", "Flapping"]


@pytest.mark.parametrize("seconds, count", [(604_000, 1), (700_000, 2)])
def test_an_alert_that_was_closed_long_ago_is_not_opened_again(instance: Instance, seconds: int, count: int) -> None:
    send(instance)
    send(instance, severity="0")
    instance.clock.advance(seconds)
    send(instance)
    found = alerts(instance)
    assert len(found) == count
    assert found[-1][2] == ("Reopen" if count == 1 else "Open")
    send(instance)  # of several alerts with one key the newest goes on
    assert [alert[3] for alert in alerts(instance)] == (["4"] if count == 1 else ["2", "2"])


def test_what_is_stored_of_an_event(instance: Instance) -> None:
    send(instance)
    (event,) = instance.system().table("em_event").query()
    assert (event["sys_created_by"], event["severity"], event["resolution_state"]) == ("admin", "1", "New")


def test_business_rules_do_not_run_for_the_web_service(instance: Instance) -> None:
    system = instance.system()
    policy = system.table("sys_data_policy2").insert(
        {"short_description": "Events say what they mean", "model_table": "em_event", "active": "true"}
    )
    system.table("sys_data_policy_rule").insert(
        {"sys_data_policy": policy.sys_id, "table": "em_event", "field": "event_class", "mandatory": "true"}
    )
    with pytest.raises(DataPolicyViolation):
        instance.acting_as("admin").table("em_event").insert({"source": "by hand"})
    found = resource_for(instance, "POST", "/api/global/em/jsonv2")
    assert found is not None
    resource, parameters = found
    resource.handler(ScriptRequest(instance.acting_as("admin"), parameters, {}, {"records": [ORIGIN]}))
    assert [event["source"] for event in system.table("em_event").query()] == ["S"]
