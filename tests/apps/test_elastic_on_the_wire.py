"""Elastic's two applications as their integration users reach them over HTTP, with the switches for what they say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.platform.instance import Instance
from sandtable.library.in_process import DEFAULT_URL, session_for
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

USERS = {"itsm": ("elastic.integration", "elastic-integration"), "sir": ("elastic.secops", "elastic-secops")}
SCOPES = {"itsm": "x_elas2_inc_int", "sir": "x_elas2_sir_int"}
STAGING = {"itsm": "x_elas2_inc_int_elastic_incident", "sir": "x_elas2_sir_int_elastic_si_incident"}
TARGETS = {"itsm": "incident", "sir": "sn_si_incident"}


@pytest.fixture
def http(instance: Instance) -> Iterator[requests.Session]:
    with session_for(create_app(Worlds(instance))) as session:
        yield session


def get(http: requests.Session, path: str, app: str, *, auth: Any = None) -> requests.Response:
    return http.get(f"{DEFAULT_URL}{path}", auth=auth or USERS[app])


HEALTH = [
    # the switch, the status, the type of the content, what the body is
    ("200", 200, "application/json", "healthy"),
    ("", 200, "application/json", "healthy"),
    ("401", 401, "application/json", {"message": "User Not Authenticated"}),
    ("403", 403, "application/json", {"message": "User Not Authorized"}),
    ("404", 404, "application/json", {"message": "Requested URI does not represent any resource"}),
    ("500", 500, "application/json", {"message": "Script execution failed"}),
    ("no_result", 200, "application/json", "nothing"),
    ("html", 200, "text/html", "a page"),
]


@pytest.mark.documented("Kibana 8.13 docs: the app is asked before each push; an instance that sleeps answers a page")
@pytest.mark.parametrize("app", USERS)
@pytest.mark.parametrize(("value", "status", "kind", "body"), HEALTH, ids=[case[0] or "empty" for case in HEALTH])
def test_health(
    instance: Instance, http: requests.Session, app: str, value: str, status: int, kind: str, body: Any
) -> None:
    instance.set_property(f"sandtable.elastic_{app}.health", value)
    answer = get(http, f"/api/{SCOPES[app]}/elastic_api/health", app)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (status, kind)
    if body == "healthy":
        assert answer.json() == {"result": {"name": "Elastic", "scope": SCOPES[app], "version": "1.0.0"}}
    elif body == "nothing":
        assert answer.json() == {}
    elif body == "a page":
        assert "hibernating" in answer.text
    else:
        assert (answer.json()["error"]["message"], answer.json()["status"]) == (body["message"], "failure")


@pytest.mark.documented("Kibana 8.13 docs: the integration user needs the application's role")
@pytest.mark.parametrize("app", USERS)
def test_the_resources_ask_for_the_role(http: requests.Session, app: str) -> None:
    other = USERS["sir" if app == "itsm" else "itsm"]
    refused = get(http, f"/api/{SCOPES[app]}/elastic_api/health", app, auth=other)
    assert (refused.status_code, refused.json()["error"]["detail"]) == (403, "Failed API level ACL Validation")
    if app == "sir":
        for end in ("", "/bulk"):
            path = f"{DEFAULT_URL}/api/{SCOPES[app]}/elastic_api/incident/{'0' * 32}/observables{end}"
            assert http.post(path, json=[], auth=other).status_code == 403


READ_BACK = [
    # the switch, the status of the record, of the list, how many rows the list has, whether it says when it was created
    ("allowed", 200, 200, 1, True),
    ("403", 403, 403, 0, None),
    ("404", 404, 200, 0, None),
    ("no_created_on", 200, 200, 1, False),
]


@pytest.mark.ours("what the integration user may read of what it wrote is one of the answers a connector must survive")
@pytest.mark.parametrize("app", USERS)
@pytest.mark.parametrize(("value", "one", "many", "rows", "dated"), READ_BACK, ids=[case[0] for case in READ_BACK])
def test_read_back(
    instance: Instance,
    http: requests.Session,
    app: str,
    value: str,
    one: int,
    many: int,
    rows: int,
    dated: bool | None,
) -> None:
    writer = instance.acting_as(USERS[app][0])
    sys_id = ImportSets(instance).load_row(writer, STAGING[app], {"u_short_description": "x"}).results[0]["sys_id"]
    instance.set_property(f"sandtable.elastic_{app}.read_back", value)
    path = f"/api/now/v2/table/{TARGETS[app]}"
    record, table = get(http, f"{path}/{sys_id}", app), get(http, path, app)
    assert (record.status_code, table.status_code) == (one, many)
    assert len(table.json().get("result", [])) == rows
    if dated is not None:
        assert ("sys_created_on" in record.json()["result"]) is dated
    assert get(http, f"{path}/{sys_id}", app, auth=("admin", "admin")).json()["result"]["sys_created_on"]


CHOICES = (
    "/api/now/table/sys_choice?sysparm_query=name=task^ORname=incident^element=impact^ORelement=severity^language=en"
)


@pytest.mark.ours("which choices the integration user may read is one of the set-ups a form must survive")
@pytest.mark.parametrize(
    ("value", "names", "elements"),
    [
        ("all", {"task", "incident"}, {"impact", "severity"}),
        ("none", set(), set()),
        ("task_only", {"task"}, {"impact"}),
        ("empty:impact", {"incident"}, {"severity"}),
        ("empty:category", {"task", "incident"}, {"impact", "severity"}),
    ],
)
def test_choices(instance: Instance, http: requests.Session, value: str, names: set[str], elements: set[str]) -> None:
    instance.set_property("sandtable.elastic_itsm.choices", value)
    rows = get(http, CHOICES, "itsm").json()["result"]
    assert ({row["name"] for row in rows}, {row["element"] for row in rows}) == (names, elements)
    whole = get(http, CHOICES, "itsm", auth=("admin", "admin")).json()["result"]
    assert {row["name"] for row in whole} == {"task", "incident"}


@pytest.mark.ours("an administrator with the application's role still sees everything")
def test_the_switches_are_about_the_integration_user_alone(instance: Instance, http: requests.Session) -> None:
    system = instance.system()
    admin, role = (
        system.table("sys_user").first("user_name=admin"),
        system.table("sys_user_role").first(f"name={SCOPES['itsm']}.integration_user"),
    )
    assert admin is not None
    assert role is not None
    system.table("sys_user_has_role").insert({"user": admin.sys_id, "role": role.sys_id})
    instance.set_property("sandtable.elastic_itsm.choices", "none")
    instance.set_property("sandtable.elastic_itsm.read_back", "403")
    writer = instance.acting_as("elastic.integration")
    sys_id = ImportSets(instance).load_row(writer, STAGING["itsm"], {"u_short_description": "x"}).results[0]["sys_id"]
    for path in (CHOICES, f"/api/now/v2/table/incident/{sys_id}"):
        answer = get(http, path, "itsm", auth=("admin", "admin"))
        assert answer.status_code == 200
        assert answer.json()["result"]
