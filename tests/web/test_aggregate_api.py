"""The Aggregate API on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow docs, Aggregate API")
STATS = "/api/now/stats/incident"
DENIED = {
    "error": {"message": "Insufficient rights to query records", "detail": None},
    "status": "failure",
}


@pytest.fixture
def incidents(instance: Instance) -> Instance:
    """Five incidents: impact and urgency 1/1, 1/2, 3/3, 3/3, 2/2; two have a category of their own."""
    table = instance.system().table("incident")
    for number, (impact, urgency, category) in enumerate(
        [("1", "1", "network"), ("1", "2", "network"), ("3", "3", ""), ("3", "3", "software"), ("2", "2", "software")]
    ):
        table.insert(
            {
                "short_description": f"aggregate {number}",
                "impact": impact,
                "urgency": urgency,
                "category": category,
                "business_duration": f"1970-01-01 0{number}:00:00",
            }
        )
    return instance


def asked(wire: Wire, **parameters: str) -> Any:
    query = parameters.pop("query", "")
    answer = wire.get(
        STATS,
        params={"sysparm_query": "short_descriptionSTARTSWITHaggregate" + query}
        | {f"sysparm_{name}": value for name, value in parameters.items()},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def counts(result: Any) -> list[tuple[str, ...]]:
    return [(*(field["value"] for field in group["groupby_fields"]), group["stats"]["count"]) for group in result]


@pytest.mark.parametrize("path", ["/api/now/stats/incident", "/api/now/v1/stats/incident"])
def test_the_whole_is_an_object_of_texts(wire: Wire, incidents: Instance, path: str) -> None:
    answer = wire.get(
        path,
        params={
            "sysparm_query": "short_descriptionSTARTSWITHaggregate",
            "sysparm_count": "true",
            "sysparm_avg_fields": "impact",
            "sysparm_sum_fields": "impact, urgency",
            "sysparm_min_fields": "urgency",
            "sysparm_max_fields": "urgency,number",
        },
    )
    stats = answer.json()["result"]["stats"]
    assert stats["count"] == "5"
    assert stats["avg"] == {"impact": "2.0000"}
    assert stats["sum"] == {"impact": "10", "urgency": "11"}
    assert stats["min"] == {"urgency": "1"}
    assert stats["max"] == {"urgency": "3", "number": stats["max"]["number"]}
    assert stats["max"]["number"].startswith("INC")
    assert "X-Total-Count" not in answer.headers


def test_groups_are_an_array_and_no_value_is_a_group(wire: Wire, incidents: Instance) -> None:
    assert counts(asked(wire, count="true", group_by="category")) == [
        ("", "1"),
        ("network", "2"),
        ("software", "2"),
    ]


def test_several_columns_and_dot_walks(wire: Wire, incidents: Instance) -> None:
    assert counts(asked(wire, count="true", group_by="impact,opened_by.user_name")) == [
        ("1", "", "2"),
        ("2", "", "1"),
        ("3", "", "2"),
    ]


@pytest.mark.parametrize(
    "display, shown",
    [
        ("false", {"field": "impact", "value": "1"}),
        ("true", {"field": "impact", "value": "1 - High"}),
        ("all", {"field": "impact", "value": "1", "display_value": "1 - High"}),
    ],
)
def test_display_values(wire: Wire, incidents: Instance, display: str, shown: dict[str, str]) -> None:
    result = asked(wire, count="true", group_by="impact", display_value=display)
    assert result[0]["groupby_fields"] == [shown]


@pytest.mark.parametrize(
    "order, expected",
    [
        ("impact^DESC", ["3", "2", "1"]),
        ("impact", ["1", "2", "3"]),
        ("COUNT", ["2", "1", "3"]),
        ("COUNT^DESC,impact^DESC", ["3", "1", "2"]),
        ("AVG^urgency^DESC", ["3", "2", "1"]),
    ],
)
def test_order(wire: Wire, incidents: Instance, order: str, expected: list[str]) -> None:
    found = counts(asked(wire, count="true", group_by="impact", order_by=order))
    assert [impact for impact, _ in found] == expected


@pytest.mark.parametrize(
    "having, expected",
    [
        ("count^impact^>^1", ["1", "3"]),
        ("count^impact^=^1", ["2"]),
        ("count^impact^!=^2", ["2"]),
        ("sum^urgency^>=^3,count^impact^>^1", ["1", "3"]),
        ("avg^urgency^<^1.9", ["1"]),
    ],
)
def test_having(wire: Wire, incidents: Instance, having: str, expected: list[str]) -> None:
    found = counts(asked(wire, count="true", group_by="impact", having=having))
    assert [impact for impact, _ in found] == expected


@pytest.mark.parametrize("having", ["count", "count^impact^~^1", "median^impact^>^1", "count^impact^>^many", "^^^"])
@pytest.mark.assumed("a condition that cannot be read is refused, since leaving it out would return other groups")
def test_a_broken_having_is_refused(wire: Wire, incidents: Instance, having: str) -> None:
    answer = wire.get(STATS, params={"sysparm_count": "true", "sysparm_having": having})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Invalid sysparm_having"


def test_a_filter_beside_the_query(wire: Wire, incidents: Instance) -> None:
    answer = wire.get(f"{STATS}?sysparm_count=true&category=network&sysparm_query=impact=1^urgency=2")
    assert answer.json() == {"result": {"stats": {"count": "1"}}}


@pytest.mark.assumed("nothing that matches counts as 0, has no groups, and sums up to nothing")
def test_nothing_matches(wire: Wire, incidents: Instance) -> None:
    nothing = "^number=nosuch"
    assert asked(wire, query=nothing, count="true") == {"stats": {"count": "0"}}
    assert asked(wire, query=nothing, count="true", group_by="impact") == []
    assert asked(wire, query=nothing, sum_fields="impact") == {"stats": {"sum": {"impact": ""}}}


def test_no_aggregate_is_computed_when_none_is_asked_for(wire: Wire, incidents: Instance) -> None:
    assert asked(wire) == {"stats": {}}


@pytest.mark.assumed("a client's own test double answers so; the documentation says that no aggregate is computed")
def test_no_aggregate_can_be_refused(wire: Wire, incidents: Instance) -> None:
    incidents.set_property("sandtable.aggregate.refuse_no_aggregate", "true")
    answer = wire.get(STATS)
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "message": "No request parameter for aggregate operation specified",
        "detail": None,
    }


@pytest.mark.assumed("durations add up to a duration; a sum of texts is left out")
def test_durations_and_texts(wire: Wire, incidents: Instance) -> None:
    stats = asked(wire, sum_fields="business_duration,short_description", avg_fields="business_duration")["stats"]
    assert stats == {
        "sum": {"business_duration": "1970-01-01 10:00:00"},
        "avg": {"business_duration": "1970-01-01 02:00:00"},
    }


@pytest.mark.ours("an unknown column is left out and named in the ledger header")
def test_unknown_columns_are_noted(wire: Wire, incidents: Instance) -> None:
    answer = wire.get(f"{STATS}?sysparm_count=true&sysparm_sum_fields=nosuch,comments")
    assert answer.json()["result"]["stats"].keys() == {"count"}
    assert "field:incident.nosuch" in answer.headers["X-Sandtable-Unsimulated"]
    assert "field:incident.comments" in answer.headers["X-Sandtable-Unsimulated"]


@pytest.mark.recorded("captured: a user without rights to the table gets 403")
def test_access_control(wire: Wire, incidents: Instance) -> None:
    incidents.system().table("sys_user").insert({"user_name": "nobody", "user_password": "test-only", "active": "true"})
    answer = wire.get("/api/now/stats/sys_security_acl?sysparm_count=true", auth=("nobody", "test-only"))
    assert (answer.status_code, answer.json()) == (403, DENIED)


@pytest.mark.assumed("whether rows that access control hides are counted is not documented; a property decides")
@pytest.mark.parametrize("counted, expected", [("true", "5"), ("false", "0")])
def test_hidden_rows(wire: Wire, incidents: Instance, counted: str, expected: str) -> None:
    incidents.set_property("sandtable.aggregate.counts_hidden_rows", counted)
    incidents.system().table("sys_user").insert({"user_name": "nobody", "user_password": "test-only", "active": "true"})
    query = "?sysparm_count=true&sysparm_query=short_descriptionSTARTSWITHaggregate"
    answer = wire.get(STATS + query, auth=("nobody", "test-only"))
    visible = wire.get(f"/api/now/table/incident{query}", auth=("nobody", "test-only")).json()["result"]
    assert visible == []
    assert answer.json()["result"]["stats"]["count"] == expected


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_only_get(wire: Wire, method: str) -> None:
    assert wire.request(method, STATS).status_code == 405


@pytest.mark.recorded("captured answer to an unknown table")
def test_unknown_table(wire: Wire) -> None:
    answer = wire.get("/api/now/stats/nosuch?sysparm_count=true")
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Invalid table nosuch")


@pytest.mark.parametrize("name", ["group_by", "sum_fields", "order_by"])
@pytest.mark.ours("names from the client never become SQL")
def test_hostile_names(wire: Wire, incidents: Instance, name: str) -> None:
    hostile = "impact\") FROM r_task; DROP TABLE r_task --,sys_id','\",1=1"
    answer = wire.get(STATS, params={"sysparm_count": "true", f"sysparm_{name}": hostile})
    assert answer.status_code == 200
    assert incidents.system().table("incident").count("short_descriptionSTARTSWITHaggregate") == 5


@pytest.mark.ours("what a private property holds is in no answer")
def test_private_values_make_no_groups(wire: Wire, instance: Instance) -> None:
    table = instance.system().table("sys_properties")
    for name, value, more in (
        ("grouped.open", "known", {}),
        ("grouped.private", "planted-1", {"is_private": "true"}),
        ("grouped.password", "planted-2", {"type": "password2"}),
    ):
        table.insert({"name": name, "value": value, **more})
    shape = {"count": "true", "group_by": "value", "min_fields": "value", "max_fields": "value", "order_by": "value"}
    answer = wire.get(
        "/api/now/stats/sys_properties",
        params={"sysparm_query": "nameSTARTSWITHgrouped."} | {f"sysparm_{key}": text for key, text in shape.items()},
    )
    assert sorted(counts(answer.json()["result"])) == [("", "2"), ("known", "1")]
    assert "planted" not in answer.text
