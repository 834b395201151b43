"""Rate limit rules: records that an administrator makes, headers and 429 that follow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow docs, inbound REST API rate limiting")
LIST = "/api/now/table/incident?sysparm_limit=1"
START = datetime(2024, 5, 1, 10, 20, tzinfo=UTC)


@pytest.fixture
def clock(instance: Instance) -> None:
    instance.clock.freeze(START)


def rule(instance: Instance, **values: str) -> str:
    return instance.system().table("sys_rate_limit_rules").insert({"type": "all", "limit": "2", **values}).sys_id


@pytest.mark.usefixtures("clock")
def test_beyond_the_limit(wire: Wire, instance: Instance) -> None:
    sys_id = rule(instance, rest_api="Table API")
    expected = {
        "X-RateLimit-Limit": "2",
        "X-RateLimit-Reset": str(int(START.timestamp()) + 40 * 60),
        "X-RateLimit-Rule": sys_id,
    }
    answers = [wire.get(LIST) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in expected} == expected
    assert "Retry-After" not in answers[0].headers
    assert answers[2].headers["Retry-After"] == "2400"
    assert answers[2].json() == {
        "error": {
            "message": "Rate limit exceeded",
            "detail": "Rate limit of 2 requests per hour for Table API exceeded",
        },
        "status": "failure",
    }
    assert instance.system().table("sys_rate_limit_violations").count(f"rule={sys_id}") == 1
    assert wire.get(LIST, auth=("itil", "itil")).status_code == 200
    instance.clock.advance(40 * 60)
    assert wire.get(LIST).status_code == 200


def test_no_rule_no_headers(wire: Wire) -> None:
    assert [name for name in wire.get(LIST).headers if name.lower().startswith("x-ratelimit")] == []


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    "values, counted",
    [
        ({}, True),
        ({"rest_api": "Table API [now/table]"}, True),
        ({"rest_api": "now/table"}, True),
        ({"rest_api": "Import Set API"}, False),
        ({"table": "incident"}, True),
        ({"table": "problem"}, False),
        ({"http_method": "GET"}, True),
        ({"http_method": "POST"}, False),
        ({"api_version": "v2"}, False),
        ({"active": "false"}, False),
        ({"limit": ""}, False),
        ({"type": "user"}, False),
        ({"type": "role"}, False),
        ({"type": "user", "user": "6816f79cc0a8016401c5a33be04be441"}, True),
        ({"type": "role", "role": "2831a114c611228501d4ea6c309d626d"}, True),
    ],
)
def test_what_a_rule_is_about(wire: Wire, instance: Instance, values: dict[str, str], counted: bool) -> None:
    rule(instance, **values)
    assert ("X-RateLimit-Limit" in wire.get(LIST).headers) is counted


@pytest.mark.usefixtures("clock")
def test_the_most_personal_rule_counts(wire: Wire, instance: Instance) -> None:
    rule(instance, limit="1")
    rule(instance, type="role", role="2831a114c611228501d4ea6c309d626d", limit="9")
    lowest = rule(instance, type="role", role="2831a114c611228501d4ea6c309d626d", limit="7")
    assert wire.get(LIST).headers["X-RateLimit-Rule"] == lowest
    own = rule(instance, type="user", user="6816f79cc0a8016401c5a33be04be441", limit="50")
    assert wire.get(LIST).headers["X-RateLimit-Rule"] == own


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    "api, path",
    [
        ("Aggregate API", "/api/now/stats/incident?sysparm_count=true"),
        ("Attachment API", "/api/now/attachment"),
        ("now/stats", "/api/now/v1/stats/incident?sysparm_count=true"),
    ],
)
def test_other_apis_are_counted_apart(wire: Wire, instance: Instance, api: str, path: str) -> None:
    rule(instance, rest_api=api, limit="1")
    assert [wire.get(path).status_code for _ in range(2)] == [200, 429]
    assert wire.get(LIST).status_code == 200


@pytest.mark.usefixtures("clock")
@pytest.mark.assumed("a request inside a batch counts like any other, beside the batch itself")
def test_requests_in_a_batch_are_counted(wire: Wire, instance: Instance) -> None:
    rule(instance, rest_api="Table API")
    items = [{"id": str(number), "method": "GET", "url": LIST} for number in range(3)]
    answer = wire.post("/api/now/v1/batch", json={"batch_request_id": "1", "rest_requests": items})
    assert answer.status_code == 200
    served = answer.json()["serviced_requests"]
    assert [item["status_code"] for item in served] == [200, 200, 429]
    assert any(header["name"] == "X-RateLimit-Limit" for header in served[0]["headers"])
