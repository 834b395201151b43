"""The sample application of `examples/`: loaded as a folder from source control, with scripts that a privilege breaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

import sandtable

FOLDER = Path(__file__).parents[2] / "examples" / "alert_desk"
pytestmark = pytest.mark.ours("the sample application works, and a missing privilege breaks it as it breaks real ones")


@pytest.fixture
def desk() -> Iterator[Any]:
    with sandtable.mock_servicenow(random_seed=3) as instance:
        instance.load(FOLDER)
        yield instance


def send(desk: Any, **alert: str) -> dict[str, Any]:
    answer = requests.post(f"{desk.url}/api/now/import/x_acme_desk_alert", json=alert, auth=desk.admin, timeout=10)
    result: dict[str, Any] = answer.json()["result"][0]
    return result


def health(desk: Any) -> requests.Response:
    return requests.get(f"{desk.url}/api/x_acme_desk/desk/health", auth=desk.admin, timeout=10)


def test_alerts_become_incidents(desk: Any) -> None:
    first = send(desk, u_title="Disk full", u_severity="critical", u_fingerprint="desk:1")
    again = send(desk, u_title="Disk fuller", u_severity="warning", u_fingerprint="desk:1")
    assert (first["status"], again["status"], first["sys_id"]) == ("inserted", "updated", again["sys_id"])
    incident = desk.table("incident").get(first["sys_id"])
    assert (incident["short_description"], incident["urgency"]) == ("Disk fuller", "2")
    left_out = send(desk, u_title="Chatter", u_severity="info", u_fingerprint="desk:2")
    assert left_out["status_message"] == "Row transform ignored by onBefore script"
    desk.table("incident").update(
        first["sys_id"], {"state": "7", "close_code": "Solution provided", "close_notes": "x"}
    )
    assert (
        send(desk, u_title="Late", u_severity="critical", u_fingerprint="desk:1")["error_message"]
        == "the incident is closed"
    )


def test_a_privilege_is_needed(desk: Any) -> None:
    send(desk, u_title="Disk full", u_severity="critical", u_fingerprint="desk:1")
    refused = health(desk)
    assert refused.status_code == 500
    assert "read access to incident not granted" in refused.json()["error"]["message"]
    (privilege,) = desk.table("sys_scope_privilege").query("target_name=incident^status=requested")
    desk.table("sys_scope_privilege").update(privilege.sys_id, {"status": "allowed"})
    assert health(desk).json() == {"result": {"status": "ok", "open": 1, "version": "1.0.0"}}
