"""The SOAP service of a table on the wire."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow docs, direct web services (SOAP)")
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
INCIDENT = "{http://www.service-now.com/incident}"


def envelope(method: str, inner: str) -> bytes:
    space = "http://www.service-now.com/"
    return (
        f'<s:Envelope xmlns:s="{ENVELOPE}" xmlns:x="{space}"><s:Body><x:{method}>{inner}</x:{method}></s:Body>'
        "</s:Envelope>"
    ).encode()


def members(**values: str) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())


def call(wire: Wire, method: str, inner: str = "", *, table: str = "incident", more: str = "") -> ElementTree.Element:
    answer = wire.post(f"/{table}.do?SOAP{more}", data=envelope(method, inner), headers={"Content-Type": "text/xml"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml;charset=UTF-8"), answer.text
    body = ElementTree.fromstring(answer.content).find(f"{{{ENVELOPE}}}Body")
    assert body is not None
    assert body[0].tag == f"{{http://www.service-now.com/{table}}}{method}Response"
    return body[0]


def fault(wire: Wire, data: bytes, **options: object) -> str:
    answer = wire.post("/incident.do?SOAP", data=data, headers={"Content-Type": "text/xml"}, **options)
    assert answer.status_code == 500
    found = ElementTree.fromstring(answer.content).findtext(f".//{{{ENVELOPE}}}Fault/faultstring")
    assert found is not None
    return found


def test_a_record_lives(wire: Wire, instance: Instance) -> None:
    made = call(wire, "insert", members(short_description="a < b & c", urgency="1"))
    sys_id = made.findtext("sys_id") or ""
    assert (made.findtext("number") or "").startswith("INC")
    found = call(wire, "get", members(sys_id=sys_id))
    assert (found.findtext("short_description"), found.findtext("active")) == ("a < b & c", "1")
    changed = call(wire, "update", members(sys_id=sys_id, short_description="changed"))
    assert changed.findtext("sys_id") == sys_id
    assert call(wire, "get", members(sys_id=sys_id)).findtext("short_description") == "changed"
    assert call(wire, "deleteRecord", members(sys_id=sys_id)).findtext("count") == "1"
    assert call(wire, "deleteRecord", members(sys_id=sys_id)).findtext("count") == "0"
    assert len(call(wire, "get", members(sys_id=sys_id))) == 0
    assert instance.system().table("incident").find(sys_id) is None


@pytest.fixture
def incidents(instance: Instance) -> list[str]:
    table = instance.acting_as("admin").table("incident")
    return [table.insert({"short_description": f"soap {n}", "urgency": str(n)}).sys_id for n in (1, 2, 3)]


@pytest.mark.parametrize(
    "asked, expected",
    [
        ({"urgency": "2", "short_description": "soap 2"}, ["soap 2"]),
        ({"__encoded_query": "short_descriptionLIKEsoap^urgency!=2^ORDERBYurgency"}, ["soap 1", "soap 3"]),
        ({"__encoded_query": "short_descriptionLIKEsoap", "__order_by_desc": "urgency", "__limit": "1"}, ["soap 3"]),
        (
            {
                "__encoded_query": "short_descriptionLIKEsoap",
                "__order_by": "urgency",
                "__first_row": "1",
                "__last_row": "2",
            },
            ["soap 2"],
        ),
        ({"short_description": "nothing of the kind"}, []),
    ],
)
def test_records_are_found(wire: Wire, incidents: list[str], asked: dict[str, str], expected: list[str]) -> None:
    rows = call(wire, "getRecords", members(**asked)).findall("getRecordsResult")
    assert [row.findtext("short_description") for row in rows] == expected
    keys = call(wire, "getKeys", members(**asked))
    assert keys.findtext("count") == str(len(expected))
    assert [key for key in (keys.findtext("sys_id") or "").split(",") if key] == [
        row.findtext("sys_id") for row in rows
    ]


def test_display_values_and_columns(wire: Wire, incidents: list[str]) -> None:
    asked = members(sys_id=incidents[0], __exclude_columns="number,state")
    both = call(wire, "get", asked, more="&displayvalue=all")
    assert (both.findtext("urgency"), both.findtext("dv_urgency")) == ("1", "1 - High")
    assert both.find("number") is None
    assert call(wire, "get", asked, more="&displayvalue=true").findtext("urgency") == "1 - High"


def test_many_at_once(wire: Wire, instance: Instance) -> None:
    records = "".join(f"<record>{members(short_description=f'many {n}')}</record>" for n in range(3))
    made = call(wire, "insertMultiple", records).findall("insertResponse")
    assert [len(each.findtext("sys_id") or "") for each in made] == [32] * 3
    gone = call(wire, "deleteMultiple", members(__encoded_query="short_descriptionSTARTSWITHmany"))
    assert gone.findtext("count") == "3"
    assert instance.system().table("incident").count("short_descriptionSTARTSWITHmany") == 0


def test_a_staging_table_transforms(wire: Wire) -> None:
    row = call(wire, "insert", members(name="Soap"), table="imp_location")
    assert row.findtext("table") == "cmn_location"
    assert row.findtext("status") == "inserted"
    link = f"{wire.base_url}/api/now/table/cmn_location/{row.findtext('sys_id')}"
    assert row.findtext("record_link") == link


def test_refusals_are_faults(wire: Wire, instance: Instance) -> None:
    assert "Unsupported SOAP method nosuch" in fault(wire, envelope("nosuch", ""))
    assert "No Record found" in fault(wire, envelope("update", members(sys_id="nosuch")))
    assert "Cannot delete without a query" in fault(wire, envelope("deleteMultiple", ""))
    assert "Unable to parse" in fault(wire, b"<a>")
    assert "Unable to parse" in fault(wire, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert "Unable to parse" in fault(wire, f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body/></s:Envelope>'.encode())
    closing = "".join(
        f"<record>{members(**values)}</record>"
        for values in ({"short_description": "first"}, {"short_description": "second", "state": "6"})
    )
    assert "Data Policy Exception" in fault(wire, envelope("insertMultiple", closing))
    assert instance.system().table("incident").count("short_description=first") == 0


def test_what_is_no_column_is_told_and_deletes_nothing(wire: Wire, instance: Instance, incidents: list[str]) -> None:
    asked = envelope("getKeys", members(shortdescription="soap 1"))
    answer = wire.post("/incident.do?SOAP", data=asked, headers={"Content-Type": "text/xml"})
    assert "field:incident.shortdescription" in answer.headers["X-Sandtable-Unsimulated"]
    typo = envelope("deleteMultiple", members(shortdescription="soap 1"))
    assert "Cannot delete without a query" in fault(wire, typo)
    assert instance.system().table("incident").count("short_descriptionSTARTSWITHsoap") == len(incidents)


def test_who_asks_must_be_known(wire: Wire) -> None:
    answer = wire.post("/incident.do?SOAP", data=envelope("getKeys", ""), auth=("admin", "wrong"))
    assert answer.status_code == 401


def test_the_description_names_every_method(wire: Wire) -> None:
    answer = wire.get("/incident.do?WSDL")
    root = ElementTree.fromstring(answer.content)
    wsdl = "{http://schemas.xmlsoap.org/wsdl/}"
    named = {each.get("name") for each in root.findall(f"{wsdl}portType/{wsdl}operation")}
    assert named == {
        *("get", "getRecords", "getKeys", "insert", "insertMultiple", "update", "deleteRecord", "deleteMultiple"),
    }
    address = root.find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address is not None
    assert (address.get("location") or "").endswith("/incident.do?SOAP")


@pytest.mark.parametrize("unqualified, tag", [("true", "sys_id"), ("false", f"{INCIDENT}sys_id")])
def test_the_form_of_elements_is_a_property(wire: Wire, instance: Instance, unqualified: str, tag: str) -> None:
    instance.set_property("glide.wsdl.schema.UnqualifiedElementFormDefault", unqualified)
    assert call(wire, "insert", members(short_description="x")).find(tag) is not None
    form = "unqualified" if unqualified == "true" else "qualified"
    assert f'elementFormDefault="{form}"' in wire.get("/incident.do?WSDL").text
