"""What a real instance answers where a guess would be another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Wire

    from sandtable.core.platform.instance import Instance

TABLE = "/api/now/table"
CHANGE = "/api/sn_chg_rest/change"
EXPLAINED = {"X-Sandtable-Explain": "true"}
Made = Callable[..., dict[str, Any]]


@pytest.mark.documented("ticketutil 1.8.5 sends the prefix that addresses of lists have")
def test_goto_is_no_part_of_a_query(wire: Wire, made: Made) -> None:
    first, _ = made("incident", short_description="one"), made("incident", short_description="two")
    found = wire.get(f"{TABLE}/incident?sysparm_query=GOTOnumber={first['number']}").json()["result"]
    assert [each["number"] for each in found] == [first["number"]]


@pytest.mark.documented("ServiceNow documentation, Change Management API; servicenow-cli, changelog")
def test_changes_are_listed_by_type_with_typed_values_and_a_last_element(wire: Wire, made: Made) -> None:
    made("change_request", type="normal", start_date="2026-05-01 10:00:00")
    made("change_request", type="emergency")
    answer = wire.get(f"{CHANGE}/emergency")
    assert answer.status_code == 200, answer.text
    *listed, last = answer.json()["result"]
    assert {each["type"]["value"] for each in listed} == {"emergency"}
    assert listed[0]["state"]["value"] == -5.0
    assert listed[0]["active"]["value"] is True
    assert list(last) == ["__meta"]
    normal = wire.get(f"{CHANGE}/normal").json()["result"][0]
    assert "display_value_internal" in normal["start_date"]


@pytest.mark.documented("ServiceNow documentation, Change Management API, GET nextstates")
def test_next_states_of_a_change(wire: Wire, made: Made) -> None:
    change = made("change_request", type="normal")
    result = wire.get(f"{CHANGE}/{change['sys_id']}/nextstates").json()["result"]
    assert result["available_states"][-1] == "-5"
    assert {"-4", "4"} <= set(result["available_states"])


@pytest.mark.documented("KB0816149: states are given by their label to the Change Management API")
def test_a_state_is_given_by_its_label(wire: Wire, made: Made) -> None:
    group = wire.get(f"{TABLE}/sys_user_group?sysparm_query=name=Network").json()["result"][0]["sys_id"]
    change = made("change_request", type="normal", assignment_group=group)
    answer = wire.patch(f"{CHANGE}/normal/{change['sys_id']}", json={"state": "Assess"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"]["state"]["value"] == -4.0


@pytest.mark.documented("LetPeopleWork/Lighthouse, findings: addresses of 8,182 bytes pass, of 8,347 do not")
@pytest.mark.parametrize("length, status", [(8_182, 200), (8_347, 414)])
def test_how_long_an_address_may_be(wire: Wire, length: int, status: int) -> None:
    start = f"{TABLE}/incident?sysparm_limit=1&sysparm_query=short_description="
    assert wire.get(start + "a" * (length - len(start))).status_code == status


@pytest.mark.documented("LetPeopleWork/Lighthouse, findings: tables that every instance has")
@pytest.mark.parametrize(
    "table",
    [
        *("metric_definition", "metric_instance", "vtb_board", "sys_report", "cmn_rota", "alm_stockroom"),
        *("sys_user_session", "asmt_metric", "change_collision", "ip_access", "flow_context", "cmdb_ident_entry"),
        *("cmdb_reconciliation_rule", "sys_upgrade_history", "discovery_schedule", "sn_ti_m2m_task_observable"),
    ],
)
def test_stock_tables_exist(wire: Wire, table: str) -> None:
    assert wire.get(f"{TABLE}/{table}?sysparm_limit=1").status_code == 200


@pytest.mark.ours("what is not simulated is told, and refused in strict mode")
def test_a_stock_table_that_is_not_simulated_is_told(wire: Wire, instance: Instance) -> None:
    from sandtable.core.schema.stock_tables import stock_names

    table = sorted(stock_names())[0]
    answer = wire.get(f"{TABLE}/{table}", headers=EXPLAINED)
    assert (answer.status_code, answer.json()["result"]) == (200, [])
    assert table in answer.headers["X-Sandtable-Explain"]
    instance.ledger.strict = True
    assert wire.get(f"{TABLE}/{table}").status_code == 501


@pytest.mark.documented("KB0546240: values of JSONv2 writes are stored as they are")
def test_jsonv2_writes_raw_values(wire: Wire) -> None:
    answer = wire.post("/incident.do?JSONv2&sysparm_action=insert", json={"short_description": "x", "state": "2"})
    assert answer.json()["records"][0]["state"] == "2"


@pytest.mark.documented("PySNC 1.2.1 sends parameters of lists with the GET of one record")
def test_parameters_of_lists_are_let_pass_with_one_record(wire: Wire, made: Made, instance: Instance) -> None:
    incident = made("incident", short_description="x")
    instance.ledger.strict = True
    parameters = "sysparm_query=active=true&sysparm_limit=1&sysparm_suppress_pagination_header=true"
    assert wire.get(f"{TABLE}/incident/{incident['sys_id']}?{parameters}").status_code == 200


@pytest.mark.documented("pysnow 0.7.17 sends every parameter with every request")
def test_parameters_of_reads_are_let_pass_with_writes(wire: Wire, instance: Instance) -> None:
    instance.ledger.strict = True
    parameters = "sysparm_limit=1&sysparm_offset=0&sysparm_suppress_pagination_header=true"
    assert wire.post(f"{TABLE}/incident?{parameters}", json={"short_description": "x"}).status_code == 201


@pytest.mark.ours("what explain says never contradicts the ledger")
def test_what_was_ignored_is_named(wire: Wire) -> None:
    answer = wire.get(f"{TABLE}/incident?b%27sysparm_query=active%3Dtrue%27", headers=EXPLAINED)
    assert "nothing out of the ordinary" not in answer.headers["X-Sandtable-Explain"]


@pytest.mark.documented("Ansible collection servicenow.itsm, integration targets; elastic/connectors, required roles")
@pytest.mark.parametrize(
    "table, query",
    [
        ("cmdb_rel_type", "name=Cools::Cooled By"),
        ("sc_catalog", "title=Technical Catalog"),
        ("sc_cat_item", "name=New Email Account"),
        ("sc_cat_item", "name=Ipad"),
        ("item_option_new", "name=new_email^cat_item.name=New Email Account"),
        ("std_change_producer_version", "name=Clear BGP sessions on a Cisco router - 1"),
        ("sys_user_role", "name=atf_test_designer"),
        ("sys_user_role", "name=atf_test_admin"),
        ("sys_user_role", "name=ml_report_user"),
        ("sys_user_role", "name=ml_admin"),
        ("sys_user_group", "name=LDAP Admins"),
        ("cmn_department", "sys_id=a581ab703710200044e0bfc8bcbe5de8^dept_head.user_name=natasha.ingram"),
        ("sys_user", "sys_id=26fbff173b331300ad3cc9bb34efc4bd^user_name=problem.admin"),
        ("sys_db_object", "name=bsm_chart"),
        ("sys_db_object", "name=alm_asset"),
        ("sys_dictionary", "name=kb_knowledge^element=latest"),
        ("sys_dictionary", "name=cmdb_ci_vm_instance^element=guest_os_fullname"),
    ],
)
def test_what_clients_look_for_is_there_once(wire: Wire, table: str, query: str) -> None:
    assert len(wire.get(f"{TABLE}/{table}?sysparm_query={query}").json()["result"]) == 1


@pytest.mark.documented("Ansible collection servicenow.itsm, integration target itsm_change_request")
def test_a_standard_change_has_what_its_template_has(made: Made) -> None:
    version = "16c2273c47010200e90d87e8dee49006"
    change = made("change_request", type="standard", std_change_producer_version=version, short_description="mine")
    assert change["description"].startswith("Resend the complete BGP table to neighboring routers")
    assert change["short_description"] == "mine"
