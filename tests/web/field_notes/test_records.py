"""How records on a real instance hold out against what clients write into them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Wire

    from sandtable.core.platform.instance import Instance

TABLE = "/api/now/table"
EXPLAINED = {"X-Sandtable-Explain": "true"}
CHANGE = "/api/sn_chg_rest/change"
Made = Callable[..., dict[str, Any]]
NEW, ASSESS, SCHEDULED, IMPLEMENT, REVIEW, CLOSED, CANCELED = "-5", "-4", "-2", "-1", "0", "3", "4"


@pytest.mark.documented("ServiceNow documentation, change models; OctopusDeploy/Issues 9545")
@pytest.mark.parametrize(
    "kind, way, refused",
    [
        ("normal", [NEW], IMPLEMENT),
        ("normal", [NEW], CLOSED),
        ("normal", [NEW], REVIEW),
        ("emergency", [NEW], IMPLEMENT),
        ("standard", [NEW, SCHEDULED, IMPLEMENT, REVIEW], CANCELED),
        ("standard", [NEW], CLOSED),
    ],
)
@pytest.mark.parametrize("api", [TABLE + "/change_request", CHANGE])
def test_a_change_moves_only_along_its_model(
    wire: Wire, made: Made, kind: str, way: list[str], refused: str, api: str
) -> None:
    group = wire.get(f"{TABLE}/sys_user_group?sysparm_query=name=Network").json()["result"][0]["sys_id"]
    change = made("change_request", type=kind, short_description="new disk", assignment_group=group)
    for state in way[1:]:
        taken = wire.patch(f"{TABLE}/change_request/{change['sys_id']}", json={"state": state})
        assert taken.status_code == 200, taken.text
    answer = wire.patch(f"{api}/{change['sys_id']}", json={"state": refused, "close_code": "successful"})
    assert answer.status_code in (400, 403), answer.text
    stored = wire.get(f"{TABLE}/change_request/{change['sys_id']}").json()["result"]
    assert stored["state"] == way[-1]


def by_put(wire: Wire, sys_id: str) -> None:
    wire.put(f"{TABLE}/change_request/{sys_id}", json={"state": IMPLEMENT})


def by_batch(wire: Wire, sys_id: str) -> None:
    body = base64.b64encode(json.dumps({"state": IMPLEMENT}).encode()).decode()
    headers = [{"name": "Content-Type", "value": "application/json"}]
    item = {"id": "1", "method": "PATCH", "url": f"{TABLE}/change_request/{sys_id}", "headers": headers, "body": body}
    answer = wire.post("/api/now/v1/batch", json={"batch_request_id": "1", "rest_requests": [item]})
    assert answer.json()["serviced_requests"][0]["status_code"] == 403


def by_import(wire: Wire, sys_id: str) -> None:
    wire.post(f"{TABLE}/sys_db_object", json={"name": "u_moves", "label": "Moves", "super_class": "sys_import_set_row"})
    for column in ("u_id", "u_state"):
        wire.post(f"{TABLE}/sys_dictionary", json={"name": "u_moves", "element": column, "internal_type": "string"})
    values = {"name": "Moves", "source_table": "u_moves", "target_table": "change_request", "active": "true"}
    chosen = wire.post(f"{TABLE}/sys_transform_map", json=values).json()["result"]["sys_id"]
    for source, target, coalesce in (("u_id", "sys_id", "true"), ("u_state", "state", "false")):
        entry = {"map": chosen, "source_field": source, "target_field": target, "coalesce": coalesce}
        wire.post(f"{TABLE}/sys_transform_entry", json=entry)
    answer = wire.post("/api/now/import/u_moves", json={"u_id": sys_id, "u_state": IMPLEMENT})
    assert answer.json()["result"][0]["status"] == "error"


def by_jsonv2(wire: Wire, sys_id: str) -> None:
    query = f"sysparm_action=update&sysparm_query=sys_id={sys_id}"
    wire.post(f"/change_request.do?JSONv2&{query}", json={"state": IMPLEMENT})


def by_soap(wire: Wire, sys_id: str) -> None:
    call = f"<update><sys_id>{sys_id}</sys_id><state>{IMPLEMENT}</state></update>"
    envelope = "http://schemas.xmlsoap.org/soap/envelope/"
    body = f'<e:Envelope xmlns:e="{envelope}"><e:Body>{call}</e:Body></e:Envelope>'
    answer = wire.post("/change_request.do?SOAP", data=body, headers={"Content-Type": "text/xml"})
    assert "Fault" in answer.text


@pytest.mark.documented("ServiceNow documentation, change models: a move that no transition leads to is refused")
@pytest.mark.parametrize("way", [by_put, by_batch, by_import, by_jsonv2, by_soap])
def test_no_api_leads_round_the_model(wire: Wire, made: Made, way: Callable[[Wire, str], None]) -> None:
    change = made("change_request", type="normal", short_description="new disk")["sys_id"]
    way(wire, change)
    assert wire.get(f"{TABLE}/change_request/{change}").json()["result"]["state"] == NEW


@pytest.mark.documented("ServiceNow documentation, change types: the type is chosen while the change is new")
def test_the_type_of_a_change_stays(wire: Wire, made: Made) -> None:
    group = wire.get(f"{TABLE}/sys_user_group?sysparm_query=name=Network").json()["result"][0]["sys_id"]
    change = made("change_request", type="standard", assignment_group=group)
    assert wire.patch(f"{TABLE}/change_request/{change['sys_id']}", json={"state": SCHEDULED}).status_code == 200
    answer = wire.patch(f"{TABLE}/change_request/{change['sys_id']}", json={"type": "normal"})
    assert answer.status_code == 403
    assert wire.get(f"{TABLE}/change_request/{change['sys_id']}").json()["result"]["type"] == "standard"


@pytest.mark.documented("Ansible collection servicenow.itsm, integration target itsm_problem")
def test_a_problem_stays_where_no_transition_leads(wire: Wire, made: Made) -> None:
    problem = made("problem", short_description="again and again")
    answer = wire.patch(f"{TABLE}/problem/{problem['sys_id']}", json={"state": "107"}, headers=EXPLAINED)
    assert (answer.status_code, answer.json()["result"]["state"]) == (200, "101")
    assert "stays in state 101" in answer.headers["X-Sandtable-Explain"]


@pytest.mark.documented("Ansible collection servicenow.itsm, integration target configuration_item")
def test_a_class_written_by_an_update_keeps_class_and_columns(wire: Wire, made: Made) -> None:
    server = made("cmdb_ci_linux_server", name="web01", host_name="web01.example.com")
    path = f"{TABLE}/cmdb_ci/{server['sys_id']}"
    wire.patch(path, json={"sys_class_name": "cmdb_ci"})
    stored = wire.get(f"{TABLE}/cmdb_ci_linux_server/{server['sys_id']}").json()["result"]
    assert (stored["sys_class_name"], stored["host_name"]) == ("cmdb_ci_linux_server", "web01.example.com")


@pytest.mark.documented("ServiceNow documentation, CMDB Instance API: attributes are texts; servicenow-cli, changelog")
@pytest.mark.parametrize("value", [8, True, 1.5, {"value": "8"}, ["8"]])
def test_attributes_of_configuration_items_are_texts(wire: Wire, value: Any) -> None:
    asked = {"attributes": {"name": "db01", "cpu_count": value}, "source": "ServiceNow"}
    answer = wire.post("/api/now/cmdb/instance/cmdb_ci_server", json=asked)
    assert answer.status_code == 500
    assert "java.lang.String" in answer.text
    assert wire.get(f"{TABLE}/cmdb_ci_server?sysparm_query=name=db01").json()["result"] == []


@pytest.mark.documented("servicenow-cli, changelog: a body without attributes is a server error")
def test_a_flat_change_of_a_configuration_item_changes_nothing(wire: Wire, made: Made) -> None:
    server = made("cmdb_ci_server", name="db02")
    answer = wire.patch(f"/api/now/cmdb/instance/cmdb_ci_server/{server['sys_id']}", json={"name": "db03"})
    assert answer.status_code == 500
    assert wire.get(f"{TABLE}/cmdb_ci_server/{server['sys_id']}").json()["result"]["name"] == "db02"


DATES = [
    ("2021-07-15 08:00:00", "2021-07-15 08:00:00"),
    ("2021-07-15T08:00:00", "2021-07-15 08:00:00"),
    ("03/12/2021", "2021-03-12 00:00:00"),
    ("03/12/2021 14:30:05", "2021-03-12 14:30:05"),
    ("03-12-2021 14:30", "2021-03-12 14:30:00"),
    ("2021-07-15 08:00", "2021-07-15 08:00:00"),
    ("2021-07-15", "2021-07-15 00:00:00"),
]


@pytest.mark.documented("KB0594666: the formats that a text is tried against; Ansible collection, change_request_task")
@pytest.mark.parametrize("sent, stored", DATES)
def test_dates_are_read_in_the_known_forms(made: Made, sent: str, stored: str) -> None:
    assert made("change_request", start_date=sent)["start_date"] == stored


@pytest.mark.documented("ServiceNow Community on SOAP and time zones: a scripted value is midnight in the user's zone")
@pytest.mark.parametrize(
    "sent, stored",
    [
        ("javascript:gs.dateGenerate('2026-05-09','00:00:00')", "2026-05-09 00:00:00"),
        ("javascript:gs.dateGenerate('2026-05-09','13:45:10')", "2026-05-09 13:45:10"),
    ],
)
def test_dates_are_read_from_the_scripts_that_filters_use(made: Made, sent: str, stored: str) -> None:
    assert made("change_request", start_date=sent)["start_date"] == stored


@pytest.mark.ours("no value that is sent vanishes untold")
@pytest.mark.parametrize(
    "sent", ["next Tuesday", "javascript:eval('1')", "31.12.2021 99:00", "2021-07-15T08:00:00+05:00"]
)
def test_a_date_that_is_none_is_named(wire: Wire, sent: str) -> None:
    answer = wire.post(f"{TABLE}/change_request", json={"start_date": sent}, headers=EXPLAINED)
    stored = answer.json()["result"]["start_date"]
    assert stored or "start_date" in answer.headers["X-Sandtable-Explain"]


@pytest.mark.documented("ServiceNow documentation, events: additional info of an event is JSON once it is processed")
def test_additional_info_becomes_json(instance: Instance, made: Made, wire: Wire) -> None:
    event = made("em_event", source="probe", node="web01", type="up", severity="1", additional_info="plain words")
    from sandtable.core.applications.jobs import run_due_jobs

    instance.clock.advance(600)
    run_due_jobs(instance)
    info = wire.get(f"{TABLE}/em_event/{event['sys_id']}").json()["result"]["additional_info"]
    assert info == '{"additional_content": "plain words"}'


@pytest.mark.documented("Ansible collection servicenow.itsm, integration target catalog_request")
def test_a_submitted_request_goes_in_process(made: Made) -> None:
    request = made("sc_request", request_state="submitted", stage="fulfillment")
    assert (request["request_state"], request["stage"]) == ("in_process", "fulfillment")


@pytest.mark.documented(
    "ServiceNow documentation, Table API and Zurich hardening settings: sysparm_suppress_auto_sys_field"
)
def test_loaders_bring_dates_of_their_own(wire: Wire, instance: Instance) -> None:
    old = {"sys_created_on": "2020-01-01 00:00:00", "sys_created_by": "loader", "sys_updated_on": "2021-01-01 00:00:00"}
    values = {"short_description": "old", **old}
    path = "/api/now/table/incident?sysparm_suppress_auto_sys_field=true"
    made = wire.post(path, json=values).json()["result"]
    assert {name: made[name] for name in old} == old
    changed = wire.patch(
        f"/api/now/table/incident/{made['sys_id']}?sysparm_suppress_auto_sys_field=true",
        json={"sys_updated_on": "2022-01-01 00:00:00", "urgency": "1"},
    ).json()["result"]
    assert (changed["sys_updated_on"], changed["urgency"]) == ("2022-01-01 00:00:00", "1")
    # Without the parameter the platform stamps, whatever is sent.
    assert wire.post("/api/now/table/incident", json=values).json()["result"]["sys_created_by"] == "admin"
    # Hardened, only administrators may bring theirs.
    instance.set_property("glide.rest.table_api.admin_only_sys_fields", "true")
    assert wire.post(path, json=values).json()["result"]["sys_created_by"] == "loader"
    itil = ("elastic.integration", "elastic-integration")
    refused = wire.post(path, json=values, auth=itil)
    assert refused.status_code == 403 or refused.json()["result"]["sys_created_by"] != "loader"


@pytest.mark.documented("servicenow-cli, changelog; ServiceNow documentation, identification rules: dependent classes")
def test_a_dependent_item_needs_its_relation(wire: Wire, instance: Instance) -> None:
    path = "/api/now/cmdb/instance/cmdb_ci_appl"
    body: dict[str, Any] = {"attributes": {"name": "shop"}, "source": "ServiceNow"}
    refused = wire.post(path, json=body)
    assert (refused.status_code, refused.json()["error"]["message"]) == (500, "Exception while executing request: null")
    items = instance.system().table("cmdb_ci_appl")
    assert items.count("name=shop") == 0
    host = instance.system().table("cmdb_ci_server").insert({"name": "host"})
    runs_on = instance.system().table("cmdb_rel_type").first(filters={"name": "Runs on::Runs"})
    assert runs_on is not None
    related = {**body, "outbound_relations": [{"type": runs_on.sys_id, "target": host.sys_id}]}
    assert wire.post(path, json=related).status_code == 200
    # The one that is there is identified, and changed without its relation.
    assert wire.post(path, json=body).status_code == 200
    assert items.count("name=shop") == 1
    # Other classes are independent, or have no rule.
    server = wire.post("/api/now/cmdb/instance/cmdb_ci_server", json=body)
    assert server.status_code == 200
    instance.set_property("sandtable.cmdb.dependent_needs_relation", "false")
    assert wire.post(path, json={**body, "attributes": {"name": "other"}}).status_code == 200


@pytest.mark.documented("KB0534905, KB0788372: amounts come back converted, and are kept as written")
def test_amounts_of_money(wire: Wire, instance: Instance, made: Made) -> None:
    def cost(sent: str) -> tuple[str, str]:
        sys_id = made("alm_hardware", asset_tag="money", cost=sent)["sys_id"]
        path = f"/api/now/table/alm_hardware/{sys_id}?sysparm_fields=cost&sysparm_display_value=all"
        shown = wire.get(path).json()["result"]["cost"]
        return shown["value"], shown["display_value"]

    assert cost("1234.5") == ("1234.5", "$1,234.50")
    assert cost("USD;100") == ("100", "$100.00")
    assert cost("EUR;100") == ("EUR;100", "€100.00")  # no rates are known
    assert cost("-3") == ("-3", "-$3.00")
    shown = "/api/now/table/alm_hardware?sysparm_input_display_value=true&sysparm_fields=cost"
    for typed, stored in (("$1,234.50", "1234.50"), ("-€5", "EUR;-5"), ("CHF 7", "CHF;7"), ("12", "12")):
        assert wire.post(shown, json={"asset_tag": "typed", "cost": typed}).json()["result"]["cost"] == stored
    system = instance.system()
    for code, rate in (("EUR", "1"), ("USD", "1.1")):
        currency = system.table("fx_currency").insert({"code": code})
        system.table("fx_rate").insert({"currency": currency.sys_id, "rate": rate})
    assert cost("EUR;100") == ("EUR;100", "$110.00")
    assert cost("CHF;7") == ("CHF;7", "CHF 7.00")
    instance.set_property("glide.i18n.single_currency.code", "EUR")
    assert cost("EUR;100") == ("100", "€100.00")


@pytest.mark.documented("KB0534905, KB0788372: the caller's locale decides; a user without a country counts in dollars")
def test_amounts_are_in_the_currency_of_the_callers_country(wire: Wire, instance: Instance, made: Made) -> None:
    system = instance.system()
    for code, rate in (("GBP", "0.8"), ("USD", "1"), ("JPY", "150")):
        currency = system.table("fx_currency").insert({"code": code})
        system.table("fx_rate").insert({"currency": currency.sys_id, "rate": rate})
    sys_id = made("alm_hardware", asset_tag="money", cost="1000")["sys_id"]
    admin = system.table("sys_user").first("user_name=admin")
    assert admin is not None
    path = f"/api/now/table/alm_hardware/{sys_id}?sysparm_fields=cost&sysparm_display_value=all"

    def cost() -> tuple[str, str]:
        shown = wire.get(path).json()["result"]["cost"]
        return shown["value"], shown["display_value"]

    assert cost() == ("1000", "$1,000.00")
    system.table("sys_user").update(admin.sys_id, {"country": "GB"})
    assert cost() == ("1000", "£800.00")
    typed = "/api/now/table/alm_hardware?sysparm_input_display_value=true&sysparm_fields=cost"
    for text, stored in (("£5", "GBP;5"), ("1,200", "GBP;1200"), ("$5", "5"), ("-€5", "EUR;-5")):
        assert wire.post(typed, json={"asset_tag": "typed", "cost": text}).json()["result"]["cost"] == stored
    system.table("sys_user").update(admin.sys_id, {"country": "JP"})
    assert cost() == ("1000", "¥150,000")
    instance.set_property("sandtable.display.money_in", "instance")
    assert cost() == ("1000", "$1,000.00")


SYNCHRONIZED = pytest.mark.documented("ServiceNow documentation, synchronization between incident and problem records")


@SYNCHRONIZED
@pytest.mark.parametrize(
    "ended, told",
    [
        (
            {"resolution_code": "fix_applied", "fix_notes": "new disk"},
            {"state": "6", "close_code": "Resolved by problem", "comments": "new disk", "work_notes": ""},
        ),
        (
            {"resolution_code": "risk_accepted", "close_notes": "too dear"},
            {"state": "3", "close_code": "", "comments": "", "work_notes": "too dear"},
        ),
        ({"resolution_code": "duplicate"}, {"state": "3", "close_code": "", "comments": "", "work_notes": ""}),
    ],
)
def test_incidents_that_wait_for_a_problem(
    made: Made, instance: Instance, ended: dict[str, str], told: dict[str, str]
) -> None:
    problem = made("problem", short_description="the disk is full")["sys_id"]
    on_hold = {"state": "3", "hold_reason": "3"}
    waits = made("incident", problem_id=problem, caller_id="6816f79cc0a8016401c5a33be04be441", **on_hold)["sys_id"]
    other = made("incident", problem_id=problem, state="2")["sys_id"]
    for state in ("103", "104", "106"):
        instance.system().table("problem").update(problem, {"state": state, **ended})
    incident = instance.system().table("incident").get(waits)
    assert {name: incident[name] for name in ("state", "close_code")} == {k: told[k] for k in ("state", "close_code")}
    assert journal(instance, waits) == {name: told[name] for name in ("comments", "work_notes")}
    assert instance.system().table("incident").get(other)["state"] == "2"


@SYNCHRONIZED
@pytest.mark.parametrize(
    "communicated, state, told",
    [
        ({"workaround": "restart it"}, "2", {"comments": "restart it", "work_notes": "restart it"}),
        ({"fix_notes": "new disk"}, "2", {"comments": "", "work_notes": "new disk"}),
        ({"workaround": "restart it"}, "7", {"comments": "", "work_notes": ""}),
    ],
)
def test_what_a_problem_communicates_is_noted_on_its_incidents(
    wire: Wire, made: Made, instance: Instance, communicated: dict[str, str], state: str, told: dict[str, str]
) -> None:
    problem = made("problem", short_description="the disk is full")["sys_id"]
    closed = {"close_code": "Duplicate", "close_notes": "x"} if state == "7" else {}
    incident = made("incident", problem_id=problem, state=state, **closed)["sys_id"]
    (column,) = communicated
    sent = f"{column.partition('_')[0]}_communicated_at"
    wire.patch(f"{TABLE}/problem/{problem}", json={**communicated, sent: "2026-01-01 00:00:00"})
    assert journal(instance, incident) == told


def journal(instance: Instance, sys_id: str) -> dict[str, str]:
    """Return the text of the last comment and the last work note of a record."""
    entries = instance.system().table("sys_journal_field").query(f"element_id={sys_id}^ORDERBYsys_created_on")
    return {"comments": "", "work_notes": "", **{each["element"]: each["value"] for each in entries}}
