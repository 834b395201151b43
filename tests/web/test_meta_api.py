"""What clients learn of tables and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire


def got(wire: Wire, path: str, **options: Any) -> Any:
    answer = wire.get(path, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


@pytest.mark.recorded("members that several clients read of this undocumented answer")
def test_columns(wire: Wire) -> None:
    columns = got(wire, "/api/now/ui/meta/incident")["columns"]
    assert columns["caller_id"]["reference"] == "sys_user"
    assert columns["caller_id"]["reference_display_field"] == "name"
    assert columns["short_description"] == columns["short_description"] | {
        "label": "Short description",
        "type": "string",
        "max_length": 160,
    }
    assert {"label": "1 - High", "value": "1"} in columns["impact"]["choices"]
    assert columns["subcategory"]["dependent_on_field"] == "category"


@pytest.mark.ours("a column made a moment ago is there")
def test_new_columns(wire: Wire, instance: Instance) -> None:
    instance.system().table("sys_dictionary").insert(
        {"name": "incident", "element": "u_color", "internal_type": "string", "column_label": "Colour"}
    )
    assert got(wire, "/api/now/ui/meta/incident")["columns"]["u_color"]["label"] == "Colour"


@pytest.mark.documented("ServiceNow docs, CMDB Meta API")
@pytest.mark.parametrize("version", ["", "/v1"])
def test_classes(wire: Wire, version: str) -> None:
    found = got(wire, f"/api/now{version}/cmdb/meta/cmdb_ci_server")
    assert (found["name"], found["label"], found["parent"]) == ("cmdb_ci_server", "Server", "cmdb_ci_computer")
    assert "cmdb_ci_linux_server" in found["children"]
    assert found["is_extendable"] is True
    attributes = {each["element"]: each for each in found["attributes"]}
    assert attributes["name"] == {
        "element": "name",
        "label": "Name",
        "type": "string",
        "max_length": "255",
        "default_value": None,
        "is_inherited": "true",
        "is_mandatory": "false",
        "is_read_only": "false",
        "is_display": "true",
    }
    assert attributes["classification"]["is_inherited"] == "false"
    identifiers = [each["attributes"] for each in found["identification_rules"]["identifiers"]]
    assert identifiers == ["serial_number", "name"]


@pytest.mark.recorded("members that a client reads of this undocumented answer")
def test_tables(wire: Wire) -> None:
    assert {"label": "Incident", "value": "incident"} in got(wire, "/api/now/doc/table/schema")


@pytest.mark.assumed("no documentation: a client reads name and internalType of each column")
def test_columns_of_the_schema(wire: Wire) -> None:
    columns = {each["name"]: each for each in got(wire, "/api/now/doc/table/schema/incident")}
    assert (columns["caller_id"]["internalType"], columns["caller_id"]["reference"]) == ("reference", "sys_user")
    assert (columns["short_description"]["label"], columns["short_description"]["maxLength"]) == (
        "Short description",
        160,
    )
    assert wire.get("/api/now/doc/table/schema/nosuch").status_code == 400


@pytest.mark.documented("ServiceNow docs, access control and the role of the CMDB Meta API")
def test_access(wire: Wire, instance: Instance) -> None:
    values = {"user_name": "nobody", "user_password": "test-only", "active": "true"}
    instance.system().table("sys_user").insert(values)
    nobody = ("nobody", "test-only")
    assert wire.get("/api/now/ui/meta/sys_security_acl", auth=nobody).status_code == 403
    assert wire.get("/api/now/cmdb/meta/cmdb_ci", auth=nobody).status_code == 403
    tables = {each["value"] for each in got(wire, "/api/now/doc/table/schema", auth=nobody)}
    assert "sys_security_acl" not in tables
    assert wire.get("/api/now/doc/table/schema/sys_security_acl", auth=nobody).status_code == 403


@pytest.mark.recorded("captured answers to unknown tables and verbs")
def test_refusals(wire: Wire) -> None:
    assert wire.get("/api/now/ui/meta/nosuch").status_code == 400
    assert wire.get("/api/now/cmdb/meta/incident").status_code == 400
    for path in ("ui/meta/incident", "cmdb/meta/cmdb_ci", "doc/table/schema"):
        assert wire.post(f"/api/now/{path}").status_code == 405
        assert wire.get(f"/api/now/{path}", auth=None).status_code == 401
