"""JSONv2, the older web service, on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow docs, JSONv2 web service")
INCIDENT = "/incident.do?JSONv2"


def done(wire: Wire, rest: str = "", body: Any = None, *, path: str = INCIDENT, **options: Any) -> Any:
    method = "GET" if body is None else "POST"
    answer = wire.request(method, f"{path}{rest}", **({} if body is None else {"json": body}), **options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    return answer.json()


@pytest.fixture
def three(instance: Instance) -> list[str]:
    admin = instance.acting_as("admin")
    table = admin.table("incident")
    made = [
        table.insert({"short_description": f"json {n}", "impact": str(n), "caller_id": admin.user_sys_id})
        for n in (1, 2, 3)
    ]
    return [record.sys_id for record in made]


def test_reading(wire: Wire, three: list[str]) -> None:
    query = "&sysparm_query=short_descriptionSTARTSWITHjson^ORDERBYDESCimpact"
    records = done(wire, query)["records"]
    assert [record["impact"] for record in records] == ["3", "2", "1"]
    assert all(record["__status"] == "success" for record in records)
    assert all(isinstance(value, str) for value in records[0].values())
    assert done(wire, f"&sysparm_action=getKeys{query}") == {"records": three[::-1]}
    (single,) = done(wire, f"&sysparm_sys_id={three[0]}")["records"]
    assert single["sys_id"] == three[0]
    assert done(wire, f"&sysparm_action=get&sysparm_sys_id={'0' * 32}") == {"records": []}
    paged = done(wire, f"{query}&sysparm_record_count=1&sysparm_first_row=2")["records"]
    assert [record["impact"] for record in paged] == ["2"]


def test_row_limit(wire: Wire, instance: Instance, three: list[str]) -> None:
    instance.set_property("glide.processor.json.row_limit", "2")
    query = "&sysparm_query=short_descriptionSTARTSWITHjson&sysparm_record_count=100"
    assert len(done(wire, query)["records"]) == 2


def test_display_values(wire: Wire, three: list[str]) -> None:
    (shown,) = done(wire, f"&sysparm_sys_id={three[0]}&displayvalue=true")["records"]
    assert (shown["caller_id"], shown["impact"]) == ("System Administrator", "1 - High")
    (both,) = done(wire, f"&sysparm_sys_id={three[0]}&displayvalue=all")["records"]
    assert (both["dv_caller_id"], both["impact"], both["dv_impact"]) == ("System Administrator", "1", "1 - High")
    assert len(both["caller_id"]) == 32
    assert "dv_short_description" not in both


def test_insert(wire: Wire, instance: Instance) -> None:
    instance.set_property("sandtable.jsonv2.input_display_value", "true")
    (record,) = done(wire, "&sysparm_action=insert", {"short_description": "made", "impact": "1"})["records"]
    assert (record["__status"], record["short_description"], record["impact"]) == ("success", "made", "1")
    by_body = done(wire, "&sysparm_action=getKeys", {"sysparm_action": "insert", "short_description": "by body"})
    assert by_body["records"][0]["short_description"] == "by body"
    body = {
        "records": [
            {"short_description": "one", "impact": "1 - High", "caller_id": "System Administrator"},
            {"short_description": "two"},
        ]
    }
    for action in ("insert", "insertMultiple"):
        first, second = done(wire, f"&sysparm_action={action}", body)["records"]
        assert (first["impact"], len(first["caller_id"])) == ("1", 32)
        assert second["short_description"] == "two"
    assert instance.system().table("incident").count("short_descriptionINone,two") == 4


def test_one_failure_is_told_in_its_record(wire: Wire, instance: Instance) -> None:
    body = {"records": [{"short_description": "closed", "state": "7"}, {"short_description": "fine"}]}
    failed, made = done(wire, "&sysparm_action=insertMultiple", body)["records"]
    assert failed["__status"] == "failure"
    assert failed["__error"]["message"] == "Invalid Insert into: incident"
    assert failed["__error"]["reason"].startswith("Data Policy Exception")
    assert made["__status"] == "success"
    assert instance.system().table("incident").count("short_description=closed") == 0


def test_update(wire: Wire, three: list[str]) -> None:
    query = "&sysparm_action=update&sysparm_query=short_descriptionSTARTSWITHjson^impact<3"
    records = done(wire, query, {"urgency": "1"})["records"]
    assert {record["sys_id"] for record in records} == set(three[:2])
    assert all((record["urgency"], record["__status"]) == ("1", "success") for record in records)
    assert done(wire, "&sysparm_action=update", {"urgency": "1"}) == {
        "error": "Cannot update with empty sysparm_query",
        "reason": None,
    }


def test_delete(wire: Wire, instance: Instance, three: list[str]) -> None:
    (gone,) = done(wire, "&sysparm_action=deleteRecord", {"sysparm_sys_id": three[0]})["records"]
    assert (gone["sys_id"], gone["__status"]) == (three[0], "success")
    again = done(wire, f"&sysparm_action=deleteRecord&sysparm_sys_id={three[0]}", {})
    assert again["error"] == "No Record found"
    many = done(wire, "&sysparm_action=deleteMultiple", {"sysparm_query": "short_descriptionSTARTSWITHjson"})
    assert len(many["records"]) == 2
    assert "error" in done(wire, "&sysparm_action=deleteMultiple", {})
    assert instance.system().table("incident").count() == 0


def test_staging_tables_are_transformed(wire: Wire, instance: Instance) -> None:
    body = {"uuid": "json-import-1", "message": "imported"}
    (row,) = done(wire, "&sysparm_action=insert", body, path="/imp_notification.do?JSONv2")["records"]
    assert row["sys_import_state"] == "inserted"
    assert instance.system().table("incident").count("correlation_id=json-import-1") == 1


def test_variables_of_a_requested_item(wire: Wire, instance: Instance) -> None:
    phone = "ec80c13297968d1021983d1e6253af32"
    body = {"sysparm_quantity": "1", "variables": {"color": "black", "storage": "128"}}
    wire.post(f"/api/sn_sc/servicecatalog/items/{phone}/order_now", json=body)
    (item,) = done(wire, "&displayvariables=true", path="/sc_req_item.do?JSONv2")["records"]
    assert {each["name"]: each["value"] for each in item["variables"]} == {"color": "black", "storage": "128"}
    assert item["variables"][0]["question_text"] == "Choose the colour"


@pytest.mark.assumed("an action or table that is not there is one error for the whole call")
@pytest.mark.parametrize("rest", ["&sysparm_action=explode", "&sysparm_action="])
def test_unknown_action(wire: Wire, rest: str) -> None:
    content = done(wire, rest, {"short_description": "x"}) if rest.endswith("explode") else done(wire, rest)
    assert ("error" in content) == rest.endswith("explode")


@pytest.mark.parametrize("body", ["[1]", '"x"', "{broken"])
def test_bad_bodies(wire: Wire, instance: Instance, body: str) -> None:
    answer = wire.post(f"{INCIDENT}&sysparm_action=insert", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert answer.json().keys() == {"error", "reason"}
    assert instance.system().table("incident").count() == 0


@pytest.mark.parametrize("auth", [None, ("admin", "wrong")])
def test_credentials_are_needed(wire: Wire, auth: tuple[str, str] | None) -> None:
    answer = wire.get(INCIDENT, auth=auth)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("BASIC")


def test_the_property_that_lets_guests_in(wire: Wire, instance: Instance) -> None:
    instance.set_property("glide.basicauth.required.jsonv2", "false")
    assert done(wire, auth=None) == {"records": []}


def test_access_control(wire: Wire, instance: Instance, three: list[str]) -> None:
    values = {"user_name": "nobody", "user_password": "test-only", "active": "true"}
    instance.system().table("sys_user").insert(values)
    nobody = ("nobody", "test-only")
    assert done(wire, auth=nobody) == {"records": []}
    (refused,) = done(wire, "&sysparm_action=insert", {"first_name": "x"}, path="/sys_user.do?JSONv2", auth=nobody)[
        "records"
    ]
    assert refused["__status"] == "failure"
