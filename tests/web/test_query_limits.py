"""A query that asks too much is refused in the envelope of every other refusal, never with a 500."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.query.meaning.resolving import MOST_CONDITIONS

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.ours("a query beyond what the database takes is refused with a clear text")

REFUSAL = {
    "error": {
        "message": "Query too long",
        "detail": f"An encoded query may have at most {MOST_CONDITIONS} conditions; use IN for lists",
    },
    "status": "failure",
}
# A full text search has one condition for each word and column.
MANY_WORDS = "123TEXTQUERY321=" + " ".join(f"w{number}" for number in range(1_000))
MANY_CONDITIONS = "^OR".join(["state=1"] * (MOST_CONDITIONS + 1))
MOST = "^OR".join(f"state={number % 9}" for number in range(MOST_CONDITIONS))


@pytest.mark.parametrize("path", ["/api/now/table/incident", "/api/now/v1/table/incident", "/api/now/stats/incident"])
def test_a_query_with_too_many_conditions(wire: Wire, instance: Instance, path: str) -> None:
    instance.system().table("incident").insert({})
    answer = wire.get(f"{path}?sysparm_count=true&sysparm_query={quote(MANY_WORDS)}")
    assert (answer.status_code, answer.json()) == (400, REFUSAL)
    assert wire.get(f"{path}?sysparm_count=true&sysparm_limit=1").status_code == 200


def test_a_query_with_as_many_conditions_as_are_allowed(instance: Instance) -> None:
    access = instance.acting_as("admin").table("incident")
    record = access.insert({"state": "2"})
    assert [each.sys_id for each in access.query(MOST)] == [record.sys_id]


@pytest.mark.parametrize("query", [MANY_WORDS, MANY_CONDITIONS], ids=["words", "conditions"])
def test_in_a_batch_only_that_request_is_refused(wire: Wire, query: str) -> None:
    requests: list[dict[str, Any]] = [
        {"id": "long", "method": "GET", "url": f"/api/now/table/incident?sysparm_query={quote(query)}"},
        {"id": "short", "method": "GET", "url": "/api/now/table/incident?sysparm_limit=1"},
    ]
    answer = wire.post("/api/now/v1/batch", json={"batch_request_id": "1", "rest_requests": requests})
    assert answer.status_code == 200
    assert {each["id"]: each["status_code"] for each in answer.json()["serviced_requests"]} == {
        "long": 400,
        "short": 200,
    }
