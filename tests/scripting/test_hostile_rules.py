"""A connector against an instance whose customer has written rules of their own."""

from __future__ import annotations

from typing import Any

import pytest

import sandtable
from sandtable.library.in_process import session_for
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds
from sandtable_connector import Behaviour, Connector, RequestsTransport
from sandtable_scenarios.hostile_rules import HOSTILE_RULES

pytestmark = pytest.mark.ours("an instance with hostile rules does to a connector what such an instance does")
KEY = "rule:host"


def push(instance: Any) -> Any:
    """Push one alert and return what the connector made of the answer."""
    connector = Connector(
        ".servicenow",
        {"apiUrl": instance.url, "usesTableApi": True},
        {"username": instance.admin[0], "password": instance.admin[1]},
        connector_id="hostile",
        transport=RequestsTransport(session_for(create_app(Worlds(instance.instance))), None, Behaviour.documented()),
    )
    incident = {"short_description": "Disk full", "urgency": "1", "correlation_id": KEY, "correlation_display": "x"}
    return connector.execute({"subAction": "pushToService", "subActionParams": {"incident": incident, "comments": []}})


@pytest.mark.parametrize(
    "name, status, keyed, states",
    [
        ("aborts", "error", 0, set()),
        ("rewrites", "ok", 1, {"2"}),
        ("inserts a twin", "ok", 2, {"1"}),
        ("is slow", "ok", 1, {"1"}),
        ("throws", "ok", 1, {"1"}),
        ("clears the key", "ok", 0, set()),
    ],
)
def test_each_hostile_rule(name: str, status: str, keyed: int, states: set[str]) -> None:
    with sandtable.mock_servicenow(random_seed=5) as instance:
        instance.load({"sys_script": [dict(HOSTILE_RULES[name])]})
        result = push(instance)
        assert result.status == status, result
        rows = instance.table("incident").query(f"correlation_id={KEY}")
        assert (len(rows), {row["state"] for row in rows}) == (keyed, states)
        if name == "aborts":
            assert "aborted by Business Rule 'Refuse everything^" in str(result.service_message)
        if name == "throws":
            assert any("Broken" in line for line in instance.script_log())
