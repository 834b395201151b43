"""What is known of the tables that clients read before they do anything else, and of encoded queries on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Wire

    from sandtable.core.platform.instance import Instance

TABLE = "/api/now/table"
ITIL = ("itil", "itil")
CALLER = "name,internal_type,reference,column_label,max_length,active,array"
INTEGRATION = ("elastic.integration", "elastic-integration")


def rows(wire: Wire, path: str, **options: Any) -> list[dict[str, Any]]:
    answer = wire.get(f"{TABLE}/{path}", **options)
    assert answer.status_code == 200, answer.text
    result: list[dict[str, Any]] = answer.json()["result"]
    return result


@pytest.mark.parametrize(
    "path, expected",
    [
        (
            f"sys_dictionary?sysparm_query=name=incident^element=caller_id&sysparm_fields={CALLER}",
            {
                "name": "incident",
                "internal_type": "reference",
                "reference": "sys_user",
                "column_label": "Caller",
                "max_length": "32",
                "active": "true",
                "array": "false",
            },
        ),
        (
            "sys_dictionary?sysparm_query=name=incident^elementISEMPTY&sysparm_fields=element,internal_type",
            {"element": "", "internal_type": "collection"},
        ),
        (
            "sys_dictionary?sysparm_query=name=task^element=short_description&sysparm_fields=max_length",
            {"max_length": "160"},
        ),
        (
            "sys_choice?sysparm_query=name=task^element=impact^value=1^language=en&sysparm_fields=label,language",
            {"label": "1 - High", "language": "en"},
        ),
        (
            "sys_choice?sysparm_query=name=incident^element=subcategory^value=db2&sysparm_fields=dependent_value",
            {"dependent_value": "database"},
        ),
        (
            "sys_db_object?sysparm_query=name=incident&sysparm_fields=label,ws_access",
            {"label": "Incident", "ws_access": "true"},
        ),
        ("sys_user_role?name=admin&sysparm_fields=sys_id", {"sys_id": "2831a114c611228501d4ea6c309d626d"}),
        (
            "sys_user?user_name=admin&sysparm_fields=sys_id,name,email",
            {
                "sys_id": "6816f79cc0a8016401c5a33be04be441",
                "name": "System Administrator",
                "email": "admin@example.com",
            },
        ),
        ("sys_user_group?name=Network&sysparm_fields=sys_id", {"sys_id": "287ebd7da9fe198100f92cc8d1d2154e"}),
        ("sys_user_group?name=Service Desk&sysparm_fields=sys_id", {"sys_id": "d625dccec0a8016700a222a0f7900d06"}),
        ("sys_user_group?name=Software&sysparm_fields=sys_id", {"sys_id": "8a4dde73c6112278017a6a4baf547aa7"}),
        ("sys_user_group?name=Hardware&sysparm_fields=sys_id", {"sys_id": "8a5055c9c61122780043563ef53438e3"}),
        ("sys_user_group?name=Database&sysparm_fields=sys_id", {"sys_id": "287ee6fea9fe198100ada7950d0b1b73"}),
        ("sys_number?category=incident&sysparm_fields=prefix,maximum_digits", {"prefix": "INC", "maximum_digits": "7"}),
        ("sys_number?category=sn_si_incident&sysparm_fields=prefix", {"prefix": "SIR"}),
        ("sys_number?category=problem&sysparm_fields=prefix", {"prefix": "PRB"}),
        ("sys_properties?sysparm_query=name=glide.product.name&sysparm_fields=value", {"value": "ServiceNow"}),
    ],
    ids=lambda value: value.partition("&sysparm_fields")[0] if isinstance(value, str) else "",
)
@pytest.mark.recorded("captures and live tests of clients: well-known records, and the form of dictionary entries")
def test_known_records(wire: Wire, instance: Instance, path: str, expected: dict[str, str]) -> None:
    assert rows(wire, path) == [expected]


@pytest.mark.recorded("captured: the parent of a table is shown by its label")
def test_the_parent_of_a_table(wire: Wire, instance: Instance) -> None:
    (found,) = rows(wire, "sys_db_object?name=incident&sysparm_display_value=true&sysparm_fields=super_class")
    assert found["super_class"]["display_value"] == "Task"


@pytest.mark.documented("ServiceNow docs: inherited columns are listed under the parent's name only")
def test_inherited_columns(wire: Wire, instance: Instance) -> None:
    assert rows(wire, "sys_dictionary?sysparm_query=name=incident^element=number") == []


@pytest.mark.recorded("the request with which the Elastic connector asks for fields, and what it reads of the answer")
def test_fields_as_the_connector_asks(wire: Wire, instance: Instance) -> None:
    path = (
        "sys_dictionary?sysparm_query=name=task^ORname=incident^internal_type=string&active=true&array=false"
        "&read_only=false&sysparm_fields=max_length,element,column_label,mandatory"
    )
    found = {row["element"]: row for row in rows(wire, path, auth=("admin", "admin"))}
    assert found["short_description"]["max_length"] == "160"
    assert found["short_description"]["column_label"] == "Short description"
    assert found["close_code"]["mandatory"] == "false"
    assert not {"caller_id", "active", "opened_at"} & set(found)


@pytest.mark.recorded("the request with which the Elastic connector asks for choices, and what it reads of the answer")
def test_choices_as_the_connector_asks(wire: Wire, instance: Instance) -> None:
    path = (
        "sys_choice?sysparm_query=name=task^ORname=incident^element=severity^ORelement=category^language=en"
        "&sysparm_fields=label,value,dependent_value,element"
    )
    found = rows(wire, path, auth=INTEGRATION)
    assert [row["label"] for row in found if row["element"] == "severity"] == ["1 - High", "2 - Medium", "3 - Low"]
    assert {"inquiry", "software", "hardware", "network", "database"} <= {row["value"] for row in found}
    assert {row["element"] for row in found} == {"severity", "category"}


@pytest.mark.parametrize(
    "table, auth, status, some",
    [
        ("sys_dictionary", ITIL, 200, False),
        ("sys_journal_field", ITIL, 200, False),
        ("sys_plugins", ITIL, 403, False),
        ("sys_choice", INTEGRATION, 200, True),
        ("sn_si_incident", ITIL, 200, False),
        ("sys_user", ITIL, 200, True),
    ],
)
@pytest.mark.recorded("captures: which system tables a person without the role sees, and how the refusal looks")
def test_who_reads_system_tables(
    wire: Wire, instance: Instance, table: str, auth: tuple[str, str], status: int, some: bool
) -> None:
    record = instance.system().table("incident").insert({"comments": "said"})
    instance.system().table("sn_si_incident").insert({"short_description": record["number"]})
    answer = wire.get(f"{TABLE}/{table}?sysparm_limit=1", auth=auth)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"] == {"message": "Insufficient rights to query records", "detail": None}
    else:
        assert bool(answer.json()["result"]) == some
    assert rows(wire, f"{table}?sysparm_limit=1")


@pytest.mark.documented("ServiceNow docs, Security Incident Response: number, first state and defaults")
def test_a_security_incident(wire: Wire, instance: Instance) -> None:
    record = wire.post(f"{TABLE}/sn_si_incident", json={"short_description": "x"}).json()["result"]
    shown = {name: record[name] for name in ("state", "active", "business_criticality", "sys_class_name")}
    assert shown == {"state": "10", "active": "true", "business_criticality": "3", "sys_class_name": "sn_si_incident"}
    assert record["number"].startswith("SIR")


@pytest.mark.parametrize(
    "records, inserted",
    [
        ([{"source": "s", "node": "n", "type": "t", "resource": "r", "metric_name": "m", "severity": "1"}], 1),
        ([], 0),
        ([{}, {}], 2),
        ([{"additional_info": '{"a":"b"}', "time_of_event": "2024-01-01 00:00:00"}], 1),
    ],
)
@pytest.mark.recorded("captured answer of the event collector")
def test_events(wire: Wire, instance: Instance, records: list[dict[str, str]], inserted: int) -> None:
    answer = wire.post("/api/global/em/jsonv2", json={"records": records})
    assert (answer.status_code, answer.json()) == (
        200,
        {"result": {"Default Bulk Endpoint": f"{inserted} events were inserted"}},
    )
    assert len(rows(wire, "em_event")) == inserted
    refused = wire.post("/api/global/em/jsonv2", json={"records": records or [{}]}, auth=ITIL)
    assert refused.status_code == 403


INCIDENTS = (
    {"correlation_id": "a", "short_description": "Q vpn down", "description": "Alpha", "urgency": "1", "impact": "1"},
    {"correlation_id": "b", "short_description": "Q VPN up", "description": "", "urgency": "2", "impact": "2"},
    {"correlation_id": "c", "short_description": "Q mail a^b", "description": "beta", "urgency": "3", "impact": "3"},
    {"correlation_id": "d", "short_description": "Q \u00fcn\u00ef 50% o_x", "description": "g=1", "impact": "1"},
)


@pytest.mark.parametrize(
    "query, found",
    [
        ("", "abcd"),
        ("urgency=1^ORurgency=2^impact=2", "b"),
        ("urgency=1^NQcorrelation_id=b", "ab"),
        ("ORDERBYDESCcorrelation_id", "dcba"),
        ("ORDERBYDESCcorrelation_id^^urgency=3", "dc"),
        ("ORDERBYDESCcorrelation_id^urgency=3^EQ", "dc"),
        ("^urgency=3^", "cd"),
        ("urgency=3^^", ""),
        ("GROUPBYurgency", "abcd"),
        ("short_description=Q mail a^^b", "c"),
        ("short_description LIKEvpn ^OR description STARTSWITHbeta", "abc"),
        ("short_descriptionlikevpn", "abcd"),
        ("short_descriptionLIKEVpN", "ab"),
        ("short_descriptionNOT LIKEvpn", "cd"),
        ("descriptionNOT LIKEalpha", "cd"),
        ("description!=alpha", "bcd"),
        ("descriptionNOT INalpha,beta", "bd"),
        ("descriptionINALPHA,beta", "ac"),
        ("description=", "b"),
        ("descriptionISNOTEMPTY", "acd"),
        ("descriptionANYTHING", "abcd"),
        ("description=g=1", "d"),
        ("short_descriptionLIKE50%", "d"),
        ("short_descriptionLIKEo_x", "d"),
        ("short_descriptionLIKE\u00dcN\u00cf", "d"),
        ("short_descriptionENDSWITHUP", "b"),
        ("urgencyBETWEEN1@2", "ab"),
        ("urgency>1^urgency<=2", "b"),
        ("urgencySAMEASimpact", "abc"),
        ("opened_by=javascript:gs.getUserID()", ""),
        ("sys_class_nameINSTANCEOFtask", "abcd"),
        ("sys_created_onONToday@javascript:gs.daysAgoStart(0)@javascript:gs.daysAgoEnd(0)", "abcd"),
        ("sys_created_on>javascript:gs.nosuch()", ""),
        ("urgency=1^ORnosuch=F", "a"),
        ("nosuch=F", "abcd"),
        ("nosuch=F^urgency=1", "a"),
        ("opened_by.nosuch=1^urgencyFOO1", "abcd"),
        ("123TEXTQUERY321=vpn", "ab"),
    ],
)
@pytest.mark.recorded("captures, live tests of clients and the vendor's pages on encoded queries")
def test_encoded_queries(wire: Wire, instance: Instance, query: str, found: str) -> None:
    for values in INCIDENTS:
        instance.system().table("incident").insert(values)
    answer = wire.get(f"{TABLE}/incident", params={"sysparm_query": query, "sysparm_fields": "correlation_id"})
    assert "".join(record["correlation_id"] for record in answer.json()["result"]) == found
    assert answer.headers["X-Total-Count"] == str(len(found))
