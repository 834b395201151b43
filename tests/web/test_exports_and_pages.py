"""List exports, file imports, tiny URLs, and the plain pages behind links into an instance."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow docs, export directly from the URL")
QUERY = "sysparm_query=short_descriptionSTARTSWITHexport^ORDERBYshort_description"
ADMIN_ID = "6816f79cc0a8016401c5a33be04be441"


@pytest.fixture
def three(instance: Instance) -> list[str]:
    table = instance.acting_as("admin").table("incident")
    texts = ['export 1 <b> & "quoted"', "export 2, gr\u00fc\u00dfe", "export 3\nsecond line \u20ac \u4e2d"]
    made = [
        table.insert({"short_description": text, "impact": "1", "urgency": "1", "caller_id": ADMIN_ID})
        for text in texts
    ]
    return [record.sys_id for record in made]


def rows_of(data: bytes, charset: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(charset), newline="")))


def test_csv(wire: Wire, three: list[str]) -> None:
    answer = wire.get(
        f"/incident_list.do?CSV&{QUERY}&sysparm_fields=short_description,priority,caller_id,caller_id.email"
    )
    assert answer.headers["Content-Type"] == "text/csv;charset=windows-1252"
    assert answer.headers["Content-Disposition"] == "attachment;filename=incident.csv"
    assert rows_of(answer.content, "windows-1252") == [
        ["short_description", "priority", "caller_id", "caller_id.email"],
        ['export 1 <b> & "quoted"', "1 - Critical", "System Administrator", "admin@example.com"],
        ["export 2, gr\u00fc\u00dfe", "1 - Critical", "System Administrator", "admin@example.com"],
        ["export 3\nsecond line \u20ac ?", "1 - Critical", "System Administrator", "admin@example.com"],
    ]


def test_csv_columns_charset_and_limit(wire: Wire, instance: Instance, three: list[str]) -> None:
    instance.set_property("glide.export.csv.charset", "utf-8")
    instance.set_property("glide.csv.export.limit", "2")
    listed = rows_of(wire.get(f"/incident_list.do?CSV&{QUERY}").content, "utf-8")
    assert listed[0][:3] == ["number", "opened_at", "short_description"]
    assert len(listed) == 3
    everything = wire.get(f"/incident.do?CSV&{QUERY}&sysparm_default_export_fields=all")
    assert "sys_mod_count" in rows_of(everything.content, "utf-8")[0]


def test_xml(wire: Wire, three: list[str]) -> None:
    answer = wire.get(f"/incident_list.do?XML&{QUERY}")
    assert answer.headers["Content-Type"].startswith("text/xml")
    root = ElementTree.fromstring(answer.content)
    assert (root.tag, [each.tag for each in root]) == ("xml", ["incident"] * 3)
    assert root[0].findtext("short_description") == 'export 1 <b> & "quoted"'
    caller = root[0].find("caller_id")
    assert caller is not None
    assert (caller.text, caller.get("display_value")) == (ADMIN_ID, "System Administrator")
    assert root[0].findtext("priority") == "1"


def test_unload_of_one_record(wire: Wire, three: list[str]) -> None:
    root = ElementTree.fromstring(wire.get(f"/incident.do?UNL&sys_id={three[1]}").content)
    assert (root.tag, [(each.tag, each.get("action")) for each in root]) == (
        "unload",
        [("incident", "INSERT_OR_UPDATE")],
    )
    assert root[0].findtext("sys_id") == three[1]


@pytest.mark.parametrize("flag", ["JSON", "JSONv2"])
def test_json(wire: Wire, three: list[str], flag: str) -> None:
    answer = wire.get(f"/incident_list.do?{flag}&{QUERY}&sysparm_fields=sys_id,caller_id")
    assert answer.json() == {"records": [{"sys_id": each, "caller_id": ADMIN_ID} for each in three]}


@pytest.mark.ours("secrets are in no export")
def test_no_secrets(wire: Wire) -> None:
    for kind in ("CSV", "XML", "UNL", "JSON"):
        query = "sysparm_query=user_name=admin&sysparm_fields=user_name,user_password"
        text = wire.get(f"/sys_user_list.do?{kind}&{query}").text
        assert "admin" in text
        assert "pbkdf2" not in text
        assert "scrypt" not in text
        assert "********" in text


@pytest.mark.ours("a format that is not simulated is refused, and says so")
@pytest.mark.parametrize("kind", ["PDF", "EXCEL", "XLSX", "XSD"])
def test_other_formats(wire: Wire, kind: str) -> None:
    answer = wire.get(f"/incident_list.do?{kind}")
    assert answer.status_code == 501
    assert answer.headers["X-Sandtable-Error"] == "unsimulated"


@pytest.mark.recorded("sn-schema and MirrorRepository: what they read from TABLE.do?SCHEMA of an instance")
def test_the_schema_of_a_table(wire: Wire) -> None:
    answer = wire.get("/incident.do?SCHEMA")
    assert answer.headers["Content-Type"].startswith("text/xml")
    root = ElementTree.fromstring(answer.content)
    found = {each.get("name"): dict(each.attrib) for each in root.findall("element")}
    plain = {"max_length": "160", "choice_list": "false", "active_status": "true"}
    assert root.tag == "incident"
    assert found["short_description"] == {"name": "short_description", "internal_type": "string", **plain}
    assert found["state"]["choice_list"] == "true"
    caller = found["caller_id"]
    assert (caller["internal_type"], caller["reference_table"], caller["display_field"]) == (
        "reference",
        "sys_user",
        "name",
    )
    assert caller["reference_field_max_length"].isdigit()


@pytest.mark.assumed("clients of TABLE.do?SCHEMA look for an element error; none tells its status")
def test_a_schema_that_is_refused(wire: Wire, instance: Instance) -> None:
    someone = {"user_name": "nobody", "user_password": "test-only", "active": "true"}
    instance.system().table("sys_user").insert(someone)
    for name, auth, said in (
        ("nosuch", ("admin", "admin"), "Invalid table: nosuch"),
        ("sys_security_acl", ("nobody", "test-only"), "Insufficient rights to access table: sys_security_acl"),
    ):
        answer = wire.get(f"/{name}.do?SCHEMA", auth=auth)
        assert (answer.status_code, ElementTree.fromstring(answer.content).text) == (200, said)
    assert wire.get("/incident.do?SCHEMA", auth=None).status_code == 401


class TestPages:
    pytestmark = pytest.mark.assumed("links into an instance lead to its pages, as far as the product's are known")

    def test_record(self, wire: Wire, three: list[str]) -> None:
        answer = wire.get(f"/incident.do?sys_id={three[0]}")
        assert answer.headers["Content-Type"] == "text/html;charset=UTF-8"
        assert "export 1 &lt;b&gt; &amp; &#34;quoted&#34;" in answer.text
        assert "<b>" not in answer.text
        assert f'id="incident.caller_id" name="incident.caller_id" value="{ADMIN_ID}"' in answer.text
        assert wire.get(f"/incident.do?sys_id={'0' * 32}").status_code == 404

    def test_list(self, wire: Wire, three: list[str]) -> None:
        text = wire.get(f"/incident_list.do?{QUERY}").text
        assert "1 to 3 of 3" in text
        assert f"/incident.do?sys_id={three[2]}" in text

    @pytest.mark.parametrize(
        "uri, target",
        [
            ("incident.do?sys_id=abc", "/incident.do?sys_id=abc"),
            ("incident.do%3Fsys_id%3Dabc", "/incident.do?sys_id=abc"),
            (
                "/incident_list.do?sysparm_query=active=true%5Eimpact=1",
                "/incident_list.do?sysparm_query=active=true%5Eimpact=1",
            ),
            ("https://evil.example/x", "/"),
            ("//evil.example/x", "/"),
            ("\\\\evil.example", "/"),
            ("", "/"),
        ],
    )
    def test_nav_to(self, wire: Wire, uri: str, target: str) -> None:
        answer = wire.get("/nav_to.do", params={"uri": uri})
        assert answer.status_code == 302
        location = answer.headers["Location"].removeprefix(wire.base_url)
        assert location.replace("^", "%5E") == target

    def test_what_is_not_there(self, wire: Wire) -> None:
        assert wire.get("/nosuch.do").status_code == 404
        assert wire.get("/incident.do?sys_id=x", auth=None).status_code == 401
        assert wire.post("/incident_list.do").status_code == 405

    def test_attachment_link(self, wire: Wire, three: list[str]) -> None:
        params = {"table_name": "incident", "table_sys_id": three[0], "file_name": "a.txt"}
        made = wire.post(
            "/api/now/attachment/file", params=params, data=b"text", headers={"Content-Type": "text/plain"}
        )
        answer = wire.get(f"/sys_attachment.do?sys_id={made.json()['result']['sys_id']}")
        assert (answer.status_code, answer.content) == (200, b"text")


class TestImport:
    pytestmark = pytest.mark.documented("ServiceNow docs, post files directly to an import set")
    URL = "/sys_import.do?sysparm_import_set_tablename=imp_notification&sysparm_transform_after_load=true"

    @pytest.mark.parametrize(
        "name, data",
        [
            ("rows.csv", 'uuid,message\r\nf1,first\r\nf2,"second, row"\r\n'),
            ("rows.json", '{"records":[{"uuid":"f1","message":"first"},{"uuid":"f2","message":"second, row"}]}'),
            (
                "rows.xml",
                "<x><r><uuid>f1</uuid></r>\n<r><uuid>f2</uuid><message>second, row</message></r></x>",
            ),
        ],
    )
    def test_files(self, wire: Wire, instance: Instance, name: str, data: str) -> None:
        answer = wire.post(self.URL, files={"uploadFile": (name, data.encode())})
        assert answer.status_code == 200
        assert "2 rows loaded into imp_notification: 2 inserted" in answer.text
        incident = instance.system().table("incident").first("correlation_id=f2")
        assert incident is not None
        assert incident["short_description"] == "second, row"

    def test_without_transform(self, wire: Wire, instance: Instance) -> None:
        url = self.URL.replace("&sysparm_transform_after_load=true", "")
        assert wire.post(url, files={"f": ("a.csv", b"uuid\r\nf1\r\n")}).status_code == 200
        (row,) = instance.system().table("imp_notification").query()
        assert (row["uuid"], row["sys_import_state"]) == ("f1", "pending")

    @pytest.mark.parametrize(
        "options",
        [
            {"files": {"f": ("a.exe", b"x")}},
            {"files": {"f": ("a.json", b"{broken")}},
            {"files": {"f": ("a.json", b"[1]")}},
            {"files": {"f": ("a.xml", b"<!DOCTYPE x><x/>")}},
            {"files": {"f": ("a.csv", b'a,b\r\n"unclosed')}},
            {},
        ],
    )
    def test_broken_files(self, wire: Wire, instance: Instance, options: dict[str, Any]) -> None:
        assert wire.post(self.URL, **options).status_code == 400
        assert instance.system().table("imp_notification").count() == 0

    def test_the_role(self, wire: Wire, instance: Instance) -> None:
        values = {"user_name": "nobody", "user_password": "test-only", "active": "true"}
        instance.system().table("sys_user").insert(values)
        answer = wire.post(self.URL, files={"f": ("a.csv", b"uuid\r\nf1\r\n")}, auth=("nobody", "test-only"))
        assert answer.status_code == 403


class TestTinyUrls:
    pytestmark = pytest.mark.recorded("seen in a client that shortens addresses over 2048 characters")

    def test_a_long_query(self, wire: Wire, three: list[str]) -> None:
        query = "^OR".join(f"sys_id={each}" for each in [*three[:2], *(f"{n:032x}" for n in range(200))])
        url = f"{wire.base_url}/api/now/table/incident?sysparm_query={query}&sysparm_fields=sys_id"
        made = wire.post("/api/now/tinyurl", json={"url": url})
        name, _, tiny = made.json()["result"].partition("?sysparm_tiny=")
        assert name == "incident_list.do"
        answer = wire.get(f"/api/now/table/incident?sysparm_tiny={tiny}&sysparm_limit=1")
        assert answer.json() == {"result": [{"sys_id": three[0]}]}
        assert answer.headers["X-Total-Count"] == "2"
        assert "sysparm_tiny" not in answer.headers.get("X-Sandtable-Unsimulated", "")

    def test_an_unknown_one(self, wire: Wire) -> None:
        answer = wire.get("/api/now/table/incident?sysparm_tiny=nosuch&sysparm_limit=1")
        assert answer.status_code == 200
        assert "parameter:sysparm_tiny" in answer.headers["X-Sandtable-Unsimulated"]

    @pytest.mark.parametrize("body", [{}, {"url": ""}, {"url": 5}])
    def test_bad_bodies(self, wire: Wire, body: Any) -> None:
        assert wire.post("/api/now/tinyurl", json=body).status_code == 400
        assert wire.get("/api/now/tinyurl").status_code == 405
