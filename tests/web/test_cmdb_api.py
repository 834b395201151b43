"""The CMDB Instance API on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow docs, CMDB Instance API")
SERVERS = "/api/now/cmdb/instance/cmdb_ci_linux_server"
DEPENDS_ON, RUNS_ON = "1a9cb166f1571100a92eb60da2bce5c5", "60bc4e22c0a8010e01f074cbe6bd73c3"


def body(name: str = "cmdb-test", **more: Any) -> dict[str, Any]:
    return {"attributes": {"name": name}, "source": "ServiceNow", **more}


def made(wire: Wire, name: str = "cmdb-test", **more: Any) -> dict[str, Any]:
    answer = wire.post(SERVERS, json=body(name, **more))
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


@pytest.mark.parametrize("path", [SERVERS, SERVERS.replace("/now/", "/now/v1/")])
def test_list(wire: Wire, path: str) -> None:
    sys_id = made(wire)["attributes"]["sys_id"]
    answer = wire.get(f"{path}?sysparm_query=name=cmdb-test&sysparm_limit=5")
    assert (answer.status_code, answer.json()) == (200, {"result": [{"sys_id": sys_id, "name": "cmdb-test"}]})


def test_create_and_read(wire: Wire, instance: Instance) -> None:
    database, app = made(wire, "database")["attributes"]["sys_id"], made(wire, "app")["attributes"]["sys_id"]
    company = instance.system().table("core_company").query(limit=1)[0]
    result = made(
        wire,
        outbound_relations=[{"type": RUNS_ON, "target": database}],
        inbound_relations=[{"type": DEPENDS_ON, "target": app}],
        attributes={"name": "cmdb-test", "company": company.sys_id, "cpu_count": "4"},
    )
    attributes = result["attributes"]
    assert wire.get(f"{SERVERS}/{attributes['sys_id']}").json()["result"] == result
    assert (attributes["cpu_count"], attributes["discovery_source"]) == ("4", "ServiceNow")
    assert attributes["sys_class_name"] == "cmdb_ci_linux_server"
    assert attributes["company"] == {
        "display_value": company["name"],
        "link": f"{wire.base_url}/api/now/table/core_company/{company.sys_id}",
        "value": company.sys_id,
    }
    (outbound,) = result["outbound_relations"]
    (inbound,) = result["inbound_relations"]
    assert outbound["type"]["display_value"] == "Runs on::Runs"
    assert outbound["target"] == {
        "display_value": "database",
        "link": f"{wire.base_url}/api/now/cmdb/instance/cmdb_ci/{database}",
        "value": database,
    }
    assert inbound["target"]["value"] == app
    relation = instance.system().table("cmdb_rel_ci").get(outbound["sys_id"])
    assert (relation["parent"], relation["child"]) == (attributes["sys_id"], database)


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_change(wire: Wire, verb: str) -> None:
    sys_id = made(wire)["attributes"]["sys_id"]
    answer = wire.request(verb, f"{SERVERS}/{sys_id}", json={"attributes": {"ram": "64"}, "source": "ImportSet"})
    attributes = answer.json()["result"]["attributes"]
    assert answer.status_code == 200
    assert (attributes["ram"], attributes["name"], attributes["discovery_source"]) == ("64", "cmdb-test", "ImportSet")


def test_relations(wire: Wire, instance: Instance) -> None:
    one, other = (made(wire, name)["attributes"]["sys_id"] for name in ("one", "other"))
    wanted = {"outbound_relations": [{"type": DEPENDS_ON, "target": other}], "source": "ServiceNow"}
    before = instance.system().table("cmdb_rel_ci").count()
    for _ in range(2):
        answer = wire.post(f"{SERVERS}/{one}/relation", json=wanted)
        assert answer.status_code == 200
    assert instance.system().table("cmdb_rel_ci").count() == before + 1
    (relation,) = answer.json()["result"]["outbound_relations"]
    third = made(wire, "third")["attributes"]["sys_id"]
    assert wire.delete(f"{SERVERS}/{third}/relation/{relation['sys_id']}").status_code == 404
    assert wire.delete(f"{SERVERS}/{one}/relation/{relation['sys_id']}").status_code == 200
    assert wire.get(f"{SERVERS}/{one}").json()["result"]["outbound_relations"] == []


@pytest.mark.assumed("an item is identified by serial number, else by name within its class, and then updated")
def test_identification(wire: Wire, instance: Instance) -> None:
    first = made(wire, attributes={"name": "a", "serial_number": "S1"})["attributes"]["sys_id"]
    again = made(wire, attributes={"name": "renamed", "serial_number": "S1"})["attributes"]
    assert (again["sys_id"], again["name"]) == (first, "renamed")
    instance.set_property("sandtable.cmdb.identify", "false")
    assert made(wire, "renamed")["attributes"]["sys_id"] != first


@pytest.mark.parametrize(
    "given, word",
    [
        ({"source": ""}, "source is missing"),
        ({"source": "Nobody"}, "'Nobody' is no choice"),
        ({"attributes": ["x"]}, "attributes must be"),
        ({"outbound_relations": "x"}, "outbound_relations must be"),
        ({"outbound_relations": [{"type": "x", "target": "y"}]}, "outbound_relations[0].type"),
        ({"inbound_relations": [{"type": DEPENDS_ON, "target": "y"}]}, "inbound_relations[0].target"),
    ],
)
@pytest.mark.assumed("the status is documented, the words are ours")
def test_bad_bodies(wire: Wire, instance: Instance, given: dict[str, Any], word: str) -> None:
    before = instance.system().table("cmdb_ci").count()
    answer = wire.post(SERVERS, json={**body("never"), **given})
    assert answer.status_code == 400
    assert word in answer.json()["error"]["detail"]
    assert instance.system().table("cmdb_ci").count() == before


@pytest.mark.parametrize(
    "path, status", [("nosuch", 400), ("incident", 400), ("cmdb_ci_linux_server/" + "0" * 32, 404)]
)
def test_unknown_class_and_item(wire: Wire, path: str, status: int) -> None:
    assert wire.get(f"/api/now/cmdb/instance/{path}").status_code == status


def test_the_role_itil_is_needed(wire: Wire, instance: Instance) -> None:
    values = {"user_name": "nobody", "user_password": "test-only", "active": "true"}
    instance.system().table("sys_user").insert(values)
    answer = wire.get(SERVERS, auth=("nobody", "test-only"))
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, "User Not Authorized")


@pytest.mark.parametrize("verb, path", [("DELETE", ""), ("DELETE", "/x"), ("GET", "/x/relation"), ("PUT", "")])
def test_other_verbs(wire: Wire, verb: str, path: str) -> None:
    assert wire.request(verb, f"{SERVERS}{path}").status_code == 405
