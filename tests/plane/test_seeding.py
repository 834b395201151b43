"""Records are seeded from JSON, CSV and the platform's XML export: all of them or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from sandtable.library.plane_client import PlaneRefusal

pytestmark = pytest.mark.ours("a seed is loaded whole or refused whole, and a refusal names the record")

XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<unload unload_date="2026-01-01 00:00:00">
<incident action="INSERT_OR_UPDATE">
<sys_id>0123456789abcdef0123456789abcdef</sys_id>
<number>INC0777777</number>
<short_description>exported &amp; loaded</short_description>
<state>7</state>
<caller_id display_value="System Administrator">6816f79cc0a8016401c5a33be04be441</caller_id>
<sys_created_on>2020-02-02 02:02:02</sys_created_on>
<u_of_that_instance>x</u_of_that_instance>
</incident>
</unload>
"""


def test_records_by_table(plane: Any) -> None:
    before = plane.incidents()
    answer = plane.control.load(
        {
            "sys_user": [{"user_name": "ada", "email": "ada@example.com", "user_password": "lovelace"}],
            "incident": [{"short_description": "one"}, {"short_description": "two", "impact": 1, "active": True}],
        }
    )
    assert (answer["inserted"], answer["updated"], answer["format"]) == (3, 0, "json")
    assert answer["tables"] == {"sys_user": 1, "incident": 2}
    assert plane.incidents() == before + 2
    two = plane.control.records("incident", "short_description=two")[0]
    assert two["number"].startswith("INC"), "business rules run"
    assert plane.call("GET", "/api/now/table/incident", auth=("ada", "lovelace")).status_code == 200
    assert plane.control.records("sys_user", "user_name=ada")[0]["user_password"] != "lovelace"


def test_a_record_with_a_known_sys_id_is_updated(plane: Any) -> None:
    sys_id = plane.create()
    answer = plane.control.load({"incident": [{"sys_id": sys_id, "short_description": "again"}]})
    assert (answer["inserted"], answer["updated"]) == (0, 1)
    assert plane.control.record("incident", sys_id)["short_description"] == "again"


def test_an_answer_of_the_table_api_can_be_seeded(plane: Any) -> None:
    plane.create(caller_id="6816f79cc0a8016401c5a33be04be441", correlation_id="from afar")
    exported = plane.call("GET", "/api/now/table/incident?sysparm_query=correlation_id=from afar")
    plane.control.reset()
    before = plane.incidents()
    answer = plane.control.load(exported.content, table="incident", content_type="application/json")
    assert answer["inserted"] == 1
    assert plane.incidents() == before + 1
    found = plane.control.records("incident", "correlation_id=from afar")[0]
    assert found["caller_id"] == "6816f79cc0a8016401c5a33be04be441"
    assert found["number"] == exported.json()["result"][0]["number"]


@pytest.mark.documented("ServiceNow documentation: a list exported as CSV shows display values")
def test_csv_takes_names_or_labels_and_display_values(plane: Any) -> None:
    text = 'Short description,state,caller_id\r\n"said ""no"", twice",In Progress,System Administrator\r\n'
    answer = plane.control.load(text.encode("utf-8-sig"), table="incident", content_type="text/csv")
    assert answer["inserted"] == 1
    found = plane.control.records("incident", 'short_description=said "no", twice')[0]
    assert found["state"] == "2"
    assert found["caller_id"] == "6816f79cc0a8016401c5a33be04be441"


@pytest.mark.documented("ServiceNow documentation, export and import of XML data: no business rules run")
def test_an_xml_export_is_loaded_as_it_was_exported(plane: Any, tmp_path: Path) -> None:
    place = tmp_path / "export.xml"
    place.write_bytes(XML)
    answer = plane.control.load(place)
    assert answer["ignored_columns"] == {"incident": ["u_of_that_instance"]}
    found = plane.control.record("incident", "0123456789abcdef0123456789abcdef")
    assert found["number"] == "INC0777777"
    assert found["short_description"] == "exported & loaded"
    assert found["sys_created_on"] == "2020-02-02 02:02:02"
    assert found["state"] == "7", "closed without the close notes that a rule would ask for"
    again = plane.control.load(XML.replace(b"INSERT_OR_UPDATE", b"DELETE"), content_type="application/xml")
    assert again["deleted"] == 1
    assert plane.control.records("incident", "number=INC0777777") == []


UPDATE_SET = """<?xml version="1.0" encoding="UTF-8"?>
<unload>
<sys_remote_update_set action="INSERT_OR_UPDATE"><name>Change of fields</name></sys_remote_update_set>
<sys_update_xml action="INSERT_OR_UPDATE"><payload><![CDATA[<?xml version="1.0" encoding="UTF-8"?>
<record_update table="sys_dictionary"><sys_dictionary action="INSERT_OR_UPDATE">
<sys_id>aaaa4567890123456789012345678901</sys_id><name>incident</name><element>u_from_a_set</element>
<internal_type>string</internal_type><max_length>40</max_length></sys_dictionary></record_update>]]></payload>
</sys_update_xml>
<sys_update_xml action="INSERT_OR_UPDATE"><payload>{second}</payload></sys_update_xml>
</unload>
"""
SECOND = escape("<record_update><incident><u_from_a_set>yes</u_from_a_set></incident></record_update>")


@pytest.mark.documented("ServiceNow documentation: an update set exports as XML, one payload for each updated record")
def test_an_update_set_is_loaded_by_its_payloads(plane: Any) -> None:
    answer = plane.control.load(UPDATE_SET.format(second=SECOND).encode(), content_type="application/xml")
    assert answer["tables"] == {"sys_dictionary": 1, "incident": 1}
    assert plane.instance.dictionary.column("incident", "u_from_a_set").max_length == 40
    assert len(plane.control.records("incident", "u_from_a_set=yes")) == 1


@pytest.mark.parametrize("second", ["", "&lt;html/&gt;", "&lt;unload/&gt;", "no xml"])
def test_an_update_set_with_a_bad_payload_is_refused_whole(plane: Any, second: str) -> None:
    body = UPDATE_SET.format(second=second).encode()
    answer = plane.raw("POST", "/load", data=body, headers={"Content-Type": "application/xml"})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "sys_update_xml[2].payload"
    assert plane.instance.dictionary.column("incident", "u_from_a_set") is None


@pytest.mark.parametrize(
    "body, content_type, params, field",
    [
        (b'{"incident": [{"short_description": "a"}, {"short_descripton": "b"}]}', "json", "", "incident[1]."),
        (b'{"incident": [{"short_description": "a"}, 7]}', "json", "", "incident[1]"),
        (b'{"incident": [{"short_description": {"a": 1}}]}', "json", "", "incident[0].short_description"),
        (b'{"incidents": [{}]}', "json", "", "incidents[0]"),
        (b'{"incident": [{"short_description": "a"}, {"state": "7"}]}', "json", "", "incident[1]"),
        (b'{"records": [{"short_description": "a"}]}', "json", "", "records[0]"),
        (b'{"incident": [', "json", "", "body"),
        (b'"incident"', "json", "", "body"),
        (b"\xff\xfe", "json", "", "body"),
        (b"short_description\nx\n", "csv", "", "table"),
        (b"short_description,state\na,1\nb\n", "csv", "?table=incident", "line 3"),
        (b'short_description\n"never closed', "csv", "?table=incident", "body"),
        (b"short_description,number,short_description\na,b,c\n", "csv", "?table=incident", "line 1"),
        (b"short_description,\na,b\n", "csv", "?table=incident", "line 1"),
        (b"short_description;state\na;1\n", "csv", "?table=incident", "line 1"),
        (b"1,x\n", "csv", "?table=incident", "line 1"),
        (b"short_description\tstate\na\t1\n", "csv", "?table=incident", "line 1"),
        (b"", "csv", "?table=incident", "body"),
        (b"<unload><incident>", "xml", "", "body"),
        (b"<html/>", "xml", "", "body"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><unload><incident/></unload>', "xml", "", "body"),
        (b"<unload><nothing><a>1</a></nothing></unload>", "xml", "", "nothing[0]"),
        (b"{}", "json", "?rules=perhaps", "rules"),
        (b"{}", "json", "?tabel=incident", "tabel"),
    ],
)
def test_a_bad_seed_is_refused_by_place_and_nothing_is_loaded(
    plane: Any, body: bytes, content_type: str, params: str, field: str
) -> None:
    before = plane.incidents()
    kind = {"json": "application/json", "csv": "text/csv", "xml": "application/xml"}[content_type]
    answer = plane.raw("POST", f"/load{params}", data=body, headers={"Content-Type": kind})
    error = answer.json()["error"]
    assert answer.status_code in (400, 422)
    assert error["field"].startswith(field)
    assert error["problem"]
    assert error["fix"]
    assert plane.incidents() == before


@pytest.mark.parametrize(
    "column, value, problem, fix",
    [
        ("caller_id", "Ada Lovelace", "is no record of sys_user", "give its name or its sys_id"),
        ("caller_id", "abel.tuter", "is no record of sys_user", "give its name or its sys_id"),
        ("urgency", "9 - Huge", "is no choice of urgency", "there are 1 - High, 2 - Medium, 3 - Low"),
        ("opened_at", "yesterday", "is no time", "such as 2026-03-01 08:00:00"),
        ("active", "perhaps", "is no truth value", "true or false"),
        ("reassignment_count", "some", "is no value of type integer", "such as 7"),
    ],
)
def test_what_nobody_would_see_in_a_csv_file_is_refused(
    plane: Any, column: str, value: str, problem: str, fix: str
) -> None:
    before = plane.incidents()
    data = f"short_description,{column}\nfine,\nwrong,{value}\n".encode()
    with pytest.raises(PlaneRefusal) as caught:
        plane.control.load(data, table="incident", content_type="text/csv")
    assert (caught.value.field, caught.value.problem) == (f"line 3.{column}", f"{value!r} {problem}")
    assert caught.value.fix == f"{fix}; or leave such values out with unknown=ignore"
    assert plane.incidents() == before
    loaded = plane.control.load(data, table="incident", content_type="text/csv", unknown="ignore")
    assert loaded["inserted"] == 2
    assert loaded["ignored_columns"] == {"incident": [column]}


@pytest.mark.parametrize(
    "values, field, problem, fix",
    [
        ({"caller_id": "Abel Tuter"}, "caller_id", "'Abel Tuter' is no record of sys_user", "values=display"),
        ({"opened_at": "1 February 2026"}, "opened_at", "'1 February 2026' is no time", "such as 2026-03-01 08:00:00"),
        ({"active": "yes"}, "active", "'yes' is no truth value", "true or false"),
    ],
)
def test_stored_values_that_no_column_keeps_are_refused(
    plane: Any, values: dict[str, str], field: str, problem: str, fix: str
) -> None:
    with pytest.raises(PlaneRefusal) as caught:
        plane.control.load({"incident": [values]})
    assert (caught.value.field, caught.value.problem) == (f"incident[0].{field}", problem)
    assert fix in caught.value.fix
    shown = plane.control.load({"incident": [{"caller_id": "Abel Tuter"}]}, values="display")
    assert shown["inserted"] == 1
    kept = {"caller_id": "0" * 32, "work_notes": "a note", "sys_id": "incident-1", "urgency": 1, "opened_at": ""}
    assert plane.control.load({"incident": [kept]})["inserted"] == 1
    assert plane.control.record("incident", "incident-1")["caller_id"] == "0" * 32


@pytest.mark.documented("ServiceNow support article KB0594666: date texts that are tried in turn, month first")
def test_stored_times_may_be_any_text_that_the_platform_reads(plane: Any) -> None:
    rows = [{"sys_id": "incident-1", "opened_at": "01/02/2026"}, {"sys_id": "incident-2", "opened_at": "25/02/2026"}]
    assert plane.control.load({"incident": rows})["inserted"] == 2
    kept = [plane.control.record("incident", row["sys_id"])["opened_at"] for row in rows]
    assert kept == ["2026-01-02 00:00:00", "2026-02-25 00:00:00"]


@pytest.mark.parametrize(
    "column, value",
    [
        ("sys_created_on", "2020-01-01 00:00:00"),
        ("sys_created_by", "ada"),
        ("sys_updated_on", "2020-01-01 00:00:00"),
        ("sys_updated_by", "ada"),
        ("sys_mod_count", "7"),
    ],
)
def test_a_record_that_says_when_and_by_whom_is_believed(plane: Any, column: str, value: str) -> None:
    plane.control.load({"incident": [{"sys_id": "stamped", column: value}, {"sys_id": "plain"}]})
    assert plane.control.record("incident", "stamped")[column] == value
    assert plane.control.record("incident", "plain")[column] != value


def test_a_near_name_is_offered(plane: Any) -> None:
    with pytest.raises(PlaneRefusal, match="did you mean short_description"):
        plane.control.load({"incident": [{"short_descripton": "x"}]})


# records one by one --------------------------------------------------------------------------------------------------


def test_records_are_read_and_written_without_access_control(plane: Any) -> None:
    made = plane.control.insert("incident", {"short_description": "x", "impact": 1})
    assert plane.control.record("incident", made["sys_id"])["number"] == made["number"]
    changed = plane.control.update("incident", made["sys_id"], {"impact": "2"})
    assert changed["impact"] == "2"
    assert plane.control.records("incident", f"number={made['number']}") == [changed]
    plane.control.delete("incident", made["sys_id"])
    assert plane.control.records("incident", f"number={made['number']}") == []


@pytest.mark.parametrize(
    "method, path, body, status, field",
    [
        ("GET", "/records/nothing", None, 404, "table"),
        ("GET", "/records/incident/nothing", None, 404, "sys_id"),
        ("DELETE", "/records/incident/nothing", None, 404, "sys_id"),
        ("PATCH", "/records/incident/nothing", {"state": "1"}, 404, "sys_id"),
        ("POST", "/records/incident", {"stat": "1"}, 422, "stat"),
        ("POST", "/records/incident", {"state": [1]}, 422, "state"),
        ("POST", "/records/incident", {"state": "7"}, 422, "record"),
        ("POST", "/records/incident", [], 400, "body"),
        ("GET", "/records/incident?limit=many", None, 422, "limit"),
    ],
)
def test_bad_records_are_refused(plane: Any, method: str, path: str, body: Any, status: int, field: str) -> None:
    before = plane.incidents()
    answer = plane.raw(method, path, json=body) if body is not None else plane.raw(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["field"] == field
    assert plane.incidents() == before


def test_a_query_with_an_unknown_column_says_what_it_ignored(plane: Any) -> None:
    answer = plane.raw("GET", "/records/incident?query=nonsense=1^active=true").json()
    assert any("nonsense" in note for note in answer["ignored"])
