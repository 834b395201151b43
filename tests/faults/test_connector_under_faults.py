"""What the reference connector does under each fault: what it reports, whether it advises another try, what is left.

A push makes three calls: the health resource, the row of the import set, and the incident read back.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.keys import key_pair

from sandtable.faults.catalogue import CATALOGUE
from sandtable.oauth.setup import create_jwt_client
from sandtable_connector import Connector, MemoryTokenCache, Networking, RequestsTransport, errors

pytestmark = pytest.mark.ours("an error says truly whether to try again, and a success is one")

CALLS = {
    "health": {"method": "GET", "path": "*/elastic_api/health"},
    "write": {"method": "POST", "path": "*/api/now/import/*"},
    "read back": {"method": "GET", "path": "*/table/incident/*"},
}
OK = None
LATE = {"seconds": 0.9}
HTML_PAGE = (errors.InstanceUnavailable, errors.InstanceUnavailable, errors.InstanceUnavailable)
FAILED = (errors.ServerFailed, errors.ServerFailed, errors.ServerFailed)
BUSY = (errors.RateLimited, errors.RateLimited, errors.RateLimited)
BROKEN = (errors.ConnectionFailed, errors.ConnectionFailed, errors.ConnectionFailed)
TIMED_OUT = (errors.ResponseTimeout, errors.ResponseTimeout, errors.ResponseTimeout)
FINE = (OK, OK, OK)

# A fault, its parameters, what comes of it at the health call, the write and the reading back, and how many incidents
# a fault at the write leaves. One at the health call leaves none unless the push succeeds, one at the reading back one.
TABLE: list[tuple[str, dict[str, Any], tuple[Any, Any, Any], int]] = [
    ("latency", {"seconds": 0.02}, FINE, 1),
    ("latency", LATE, TIMED_OUT, 1),
    ("rate-limited", {}, BUSY, 0),
    ("server-error", {}, FAILED, 0),
    ("unavailable", {}, FAILED, 0),
    ("unavailable", {"status": 502}, FAILED, 0),
    ("transaction-cancelled", {}, FAILED, 1),
    ("hibernating", {}, HTML_PAGE, 0),
    ("hibernating", {"status": 503}, FAILED, 0),
    ("maintenance", {}, FAILED, 0),
    ("login-redirect", {}, HTML_PAGE, 0),
    ("connection-reset", {}, BROKEN, 0),
    ("connection-reset", {"ending": "closed"}, BROKEN, 0),
    ("lost-answer", {}, BROKEN, 1),
    ("lost-answer", {"ending": "closed"}, BROKEN, 1),
    ("lost-answer", LATE, TIMED_OUT, 1),
    ("duplicate-delivery", {}, FINE, 1),
    ("truncated-body", {}, BROKEN, 1),
    ("truncated-body", {"ending": "complete"}, HTML_PAGE, 1),
    ("malformed-body", {}, HTML_PAGE, 1),
    ("malformed-body", {"damage": "garbage"}, HTML_PAGE, 1),
    ("malformed-body", {"damage": "empty"}, HTML_PAGE, 1),
    ("wrong-content-type", {}, FINE, 1),
    ("zero-rows", {}, (OK, errors.AnswerUnusable, OK), 1),
    ("import-row-error", {}, (OK, errors.RowRefused, OK), 0),
    ("clock-jump", {}, FINE, 1),
    ("clock-jump", {"seconds": -86400.0}, FINE, 1),
    ("slow-semaphores", {"passes": "clock"}, FINE, 1),
    ("slow-semaphores", {"semaphores": 0, "queue": 0}, BUSY, 0),
    ("unstable-order", {}, FINE, 1),
    # The connector keeps no cookies, so its requests wait for none of their session.
    ("session-queue", {}, FINE, 1),
    ("session-queue", {"everyone": True}, HTML_PAGE, 0),
]
# These need a token; see below.
BY_TOKEN = {"expired-token", "revoked-token"}


def connector(
    client: Any, config: dict[str, Any], secrets: dict[str, Any], timeout: str = "60s", **more: Any
) -> Connector:
    networking = Networking.from_settings({"responseTimeout": timeout})
    session = None if client.live else client.session
    base = {"apiUrl": client.base_url, "usesTableApi": False}
    transport = RequestsTransport(session, networking)
    return Connector(".servicenow", {**base, **config}, secrets, networking=networking, transport=transport, **more)


def push(made: Connector, correlation_id: str = "r:a") -> Any:
    incident = {"short_description": "CPU is high", "correlation_id": correlation_id}
    return made.execute({"subAction": "pushToService", "subActionParams": {"incident": incident, "comments": []}})


def test_the_table_is_complete() -> None:
    assert {kind for kind, *_ in TABLE} | BY_TOKEN == {fault.kind for fault in CATALOGUE}


@pytest.mark.parametrize("place", CALLS)
@pytest.mark.parametrize("fault, parameters, outcomes, left", TABLE, ids=lambda value: str(value)[:40])
def test_a_push_under_a_fault(
    client: Any, fault: str, parameters: dict[str, Any], outcomes: tuple[Any, Any, Any], left: int, place: str
) -> None:
    expected = outcomes[list(CALLS).index(place)]
    basic = {"username": "elastic.integration", "password": "elastic-integration"}
    made = connector(client, {}, basic, "500ms" if parameters is LATE else "60s")
    before = client.incidents()
    client.plan(fault, parameters, when=CALLS[place], times=1)
    result = push(made)
    client.settle()
    planned = next(iter(client.world.faults))
    assert planned.fired == 1
    assert type(result.error) is (type(None) if expected is OK else expected)
    assert result.status == ("ok" if expected is OK else "error")
    assert bool(result.retry) is (expected is not OK and expected.retry)
    by_place = {"health": 0 if expected is not OK else 1, "write": left, "read back": 1}
    assert client.incidents() == before + by_place[place]
    # Whatever happened, the next attempt with the same correlation ID succeeds and there is one incident.
    again = push(made)
    assert again.status == "ok"
    assert client.incidents() == before + 1


@pytest.mark.parametrize("place", CALLS)
@pytest.mark.parametrize("fault", sorted(BY_TOKEN))
def test_a_push_whose_token_ends_in_mid_flow(client: Any, fault: str, place: str) -> None:
    private, certificate = key_pair()
    instance = client.instance
    with instance.transaction():
        registered = create_jwt_client(instance, certificate, name="test only")
        users = instance.system().table("sys_user")
        user = users.first("user_name=elastic.integration")
        assert user is not None
        users.update(user.sys_id, {"email": "integration@example.com"})
    config = {
        "isOAuth": True,
        "clientId": registered.client_id,
        "jwtKeyId": registered.key_id,
        "userIdentifierValue": "integration@example.com",
    }
    secrets = {"clientSecret": registered.client_secret, "privateKey": private}
    made = connector(client, config, secrets, connector_id="one", tokens=MemoryTokenCache())
    assert push(made).status == "ok"
    client.plan(fault, when=CALLS[place], times=1)
    result = push(made, "r:b")
    assert isinstance(result.error, errors.NotAuthenticated)
    assert result.error.status == 401
    # The refused token is forgotten, so the next attempt asks for another.
    assert push(made, "r:b").status == "ok"
