"""Every API in XML and as HEAD, and verbs that none has."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Wire

    from sandtable.core.platform.instance import Instance

ASKED_FOR = {"Accept": "application/xml"}
READ = {
    "table": "/api/now/table/sys_user?sysparm_limit=2",
    "table, all": "/api/now/table/sys_user?sysparm_limit=2&sysparm_display_value=all",
    "record": "/api/now/table/sys_user/6816f79cc0a8016401c5a33be04be441",
    "nothing": "/api/now/table/incident?sysparm_query=number=none",
    "aggregate": "/api/now/stats/sys_user?sysparm_count=true&sysparm_group_by=active",
    "attachments": "/api/now/attachment",
    "cmdb": "/api/now/cmdb/instance/cmdb_ci_server",
    "catalogs": "/api/sn_sc/servicecatalog/catalogs",
    "health": "/api/x_elas2_inc_int/elastic_api/health",
}
WRITTEN = {
    "record": ("/api/now/table/incident", "<request><entry><order>7</order></entry></request>", 201),
    "flat": ("/api/now/table/incident", "<request><order>7</order></request>", 201),
    "import": ("/api/now/import/imp_user", "<request><entry><email>x@example.com</email></entry></request>", 201),
}


@pytest.mark.parametrize("path", READ.values(), ids=READ)
@pytest.mark.documented("ServiceNow docs: answers are XML through Accept")
def test_every_api_reads_in_xml(wire: Wire, instance: Instance, path: str) -> None:
    answer = wire.get(path, headers=ASKED_FOR)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml; charset=UTF-8")
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "response"
    assert {child.tag for child in root} <= {"result"}
    as_json = wire.get(path).json()["result"]
    assert len(root) == (len(as_json) if isinstance(as_json, list) else 1)


@pytest.mark.parametrize("path, body, status", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.documented("ServiceNow docs: bodies are XML through Content-Type, answers through Accept")
def test_every_api_writes_in_xml(wire: Wire, instance: Instance, path: str, body: str, status: int) -> None:
    answer = wire.post(path, data=body, headers={**ASKED_FOR, "Content-Type": "application/xml"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/xml; charset=UTF-8")
    result = ElementTree.fromstring(answer.content).find("result")
    assert result is not None
    assert (result.findtext("order"), result.findtext("status")) in (("7", None), (None, "inserted"))
    in_json = wire.post(path, data=body, headers={"Content-Type": "application/xml"})
    assert in_json.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    "path, status",
    [
        ("/api/now/table/nosuch", 400),
        ("/api/now/table/incident/nosuch", 404),
        ("/api/now/nosuch", 400),
        ("/api/now/import/incident/nosuch", 404),
        ("/api/now/stats/nosuch", 400),
        ("/api/now/attachment/nosuch", 404),
        ("/api/now/v1/batch", 405),
        ("/api/now/v1/table/incident?sysparm_query=number=none", 404),
    ],
)
@pytest.mark.parametrize("auth", [("admin", "admin"), None])
@pytest.mark.assumed("every refusal is XML when XML was asked for")
def test_every_api_refuses_in_xml(
    wire: Wire, instance: Instance, path: str, status: int, auth: tuple[str, str] | None
) -> None:
    answer = wire.get(path, headers=ASKED_FOR, auth=auth)
    assert answer.status_code == (status if auth else 401)
    root = ElementTree.fromstring(answer.content)
    assert [child.tag for child in root] == ["error", "status"]
    assert root.findtext("status") == "failure"
    assert root.findtext("error/message") == wire.get(path, auth=auth).json()["error"]["message"]


@pytest.mark.parametrize("path", READ.values(), ids=READ)
@pytest.mark.documented("ServiceNow docs: HEAD is GET with the headers only")
def test_every_api_has_head(wire: Wire, instance: Instance, path: str) -> None:
    read, head = wire.get(path), wire.request("HEAD", path)
    assert (head.status_code, head.content) == (read.status_code, b"")
    compared = ("Content-Type", "X-Total-Count", "Link", "X-Is-Logged-In")
    assert {name: head.headers.get(name) for name in compared} == {name: read.headers.get(name) for name in compared}


@pytest.mark.parametrize("verb", ["TRACE", "PROPFIND", "LINK", "M-SEARCH", "FOO"])
@pytest.mark.parametrize("path", READ.values(), ids=READ)
@pytest.mark.documented("ServiceNow docs: 405 for a verb that the resource does not have; 401 comes first")
def test_no_api_has_other_verbs(wire: Wire, instance: Instance, verb: str, path: str) -> None:
    answer = wire.request(verb, path)
    assert (answer.status_code, answer.json()["error"]["message"]) == (405, "Method not supported")
    assert wire.request(verb, path, auth=None).status_code == 401


@pytest.mark.parametrize(
    "meant, verb, status",
    [("HEAD", "POST", 200), ("GET", "POST", 200), ("FOO", "POST", 405), ("", "POST", 405), ("DELETE", "GET", 200)],
)
@pytest.mark.documented("ServiceNow docs: X-HTTP-Method-Override on a POST, and on nothing else, makes it that verb")
def test_overridden_verbs(wire: Wire, instance: Instance, meant: str, verb: str, status: int) -> None:
    record = instance.system().table("incident").insert({})
    path = f"/api/now/table/incident/{record.sys_id}"
    answer = wire.request(verb, path, json={"urgency": "1"}, headers={"X-HTTP-Method-Override": meant})
    assert answer.status_code == status
    kept = instance.system().table("incident").get(record.sys_id)
    assert (kept["urgency"], kept["sys_mod_count"]) == ("3", "0")
