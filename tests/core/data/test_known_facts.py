"""Columns, choices and sys_ids that clients of the real product rely on."""

from __future__ import annotations

import pytest

from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.dictionary_data import Family, read_baseline

INCIDENT_COLUMNS = """
active activity_due additional_assignee_list approval approval_history approval_set assigned_to assignment_group
business_duration business_impact business_service business_stc calendar_duration calendar_stc caller_id category
cause caused_by child_incidents close_code close_notes closed_at closed_by cmdb_ci comments comments_and_work_notes
company contact_type contract correlation_display correlation_id delivery_plan delivery_task description due_date
escalation expected_start follow_up group_list hold_reason impact incident_state knowledge location made_sla notify
number opened_at opened_by order origin_id origin_table parent parent_incident priority problem_id reassignment_count
reopen_count reopened_by reopened_time resolved_at resolved_by rfc route_reason service_offering severity
short_description sla_due state subcategory sys_class_name sys_created_by sys_created_on sys_domain sys_domain_path
sys_id sys_mod_count sys_tags sys_updated_by sys_updated_on task_effective_number time_worked universal_request
upon_approval upon_reject urgency user_input watch_list work_end work_notes work_notes_list work_start
"""

TASK_STATES = "-5 Pending,1 Open,2 Work in Progress,3 Closed Complete,4 Closed Incomplete,7 Closed Skipped"


@pytest.fixture(scope="module")
def family() -> Family:
    return read_baseline()


@pytest.fixture(scope="module")
def dictionary(family: Family) -> Dictionary:
    return Dictionary(family.tables, family.choices)


@pytest.mark.recorded("GET of an incident on a 2022 instance: the columns that came back")
def test_an_incident_has_exactly_the_columns_of_a_real_one(dictionary: Dictionary) -> None:
    assert sorted(dictionary.columns("incident")) == sorted(INCIDENT_COLUMNS.split())


@pytest.mark.documented("ServiceNow docs, sys_dictionary of task and incident; Kibana 8.13 docs for the 100 characters")
@pytest.mark.parametrize(
    ("element", "kind", "length", "owner"),
    [
        ("number", "string", 40, "task"),
        ("short_description", "string", 160, "task"),
        ("description", "string", 4000, "task"),
        ("correlation_id", "string", 100, "task"),
        ("correlation_display", "string", 100, "task"),
        ("close_notes", "string", 4000, "task"),
        ("state", "integer", 40, "task"),
        ("comments", "journal_input", 4000, "task"),
        ("comments_and_work_notes", "journal_list", 4000, "task"),
        ("watch_list", "glide_list", 4000, "task"),
        ("business_duration", "glide_duration", 40, "task"),
        ("time_worked", "timer", 40, "task"),
        ("incident_state", "integer", 40, "incident"),
        ("caller_id", "reference", 32, "incident"),
        ("close_code", "string", 40, "incident"),
        ("sys_class_name", "sys_class_name", 80, "task"),
        ("sys_domain", "domain_id", 32, "task"),
        ("sys_domain_path", "domain_path", 255, "task"),
    ],
)
def test_types_lengths_and_owners(dictionary: Dictionary, element: str, kind: str, length: int, owner: str) -> None:
    column = dictionary.column("incident", element)
    assert column is not None
    assert (column.type, column.max_length, column.table) == (kind, length, owner)


@pytest.mark.documented("ServiceNow docs: incident, problem, change, request, security incident")
@pytest.mark.parametrize(
    ("table", "element", "expected"),
    [
        ("incident", "state", "1 New,2 In Progress,3 On Hold,6 Resolved,7 Closed,8 Canceled"),
        ("incident", "incident_state", "1 New,2 In Progress,3 On Hold,6 Resolved,7 Closed,8 Canceled"),
        ("incident", "priority", "1 1 - Critical,2 2 - High,3 3 - Moderate,4 4 - Low,5 5 - Planning"),
        ("incident", "impact", "1 1 - High,2 2 - Medium,3 3 - Low"),
        ("incident", "urgency", "1 1 - High,2 2 - Medium,3 3 - Low"),
        ("incident", "severity", "1 1 - High,2 2 - Medium,3 3 - Low"),
        (
            "incident",
            "hold_reason",
            "1 Awaiting Caller,3 Awaiting Problem,4 Awaiting Vendor,5 Awaiting Change",
        ),
        (
            "incident",
            "category",
            "inquiry Inquiry / Help,software Software,hardware Hardware,network Network,database Database",
        ),
        (
            "task",
            "state",
            "-5 Pending,1 Open,2 Work in Progress,3 Closed Complete,4 Closed Incomplete,7 Closed Skipped",
        ),
        (
            "problem",
            "state",
            "101 New,102 Assess,103 Root Cause Analysis,104 Fix in Progress,106 Resolved,107 Closed",
        ),
        (
            "change_request",
            "state",
            "-5 New,-4 Assess,-3 Authorize,-2 Scheduled,-1 Implement,0 Review,3 Closed,4 Canceled",
        ),
        (
            "sc_task",
            "state",
            "-5 Pending,1 Open,2 Work in Progress,3 Closed Complete,4 Closed Incomplete,7 Closed Skipped",
        ),
        (
            "sn_si_incident",
            "state",
            "10 Draft,16 Analysis,18 Contain,19 Eradicate,20 Recover,100 Review,3 Closed,7 Cancelled",
        ),
        ("em_alert", "state", "Open Open,Reopen Reopen,Flapping Flapping,Closed Closed"),
    ],
)
def test_active_choices_in_their_order(dictionary: Dictionary, table: str, element: str, expected: str) -> None:
    found = [f"{each.value} {each.label}" for each in dictionary.choices(table, element) if not each.inactive]
    assert ",".join(found) == expected


@pytest.mark.documented("ServiceNow docs: subcategories depend on the category")
@pytest.mark.parametrize(
    ("category", "values"),
    [
        ("inquiry", "antivirus email internal application"),
        ("software", "email os"),
        ("hardware", "cpu disk keyboard memory monitor mouse"),
        ("network", "dhcp dns ip address vpn wireless"),
        ("database", "db2 sql server oracle"),
    ],
)
def test_subcategories(dictionary: Dictionary, category: str, values: str) -> None:
    found = [each.value for each in dictionary.choices("incident", "subcategory") if each.dependent_value == category]
    assert " ".join(found) == values


@pytest.mark.recorded("resolution codes that connectors of both ages send; upgraded instances hold both sets")
def test_both_generations_of_resolution_codes_are_there_and_the_old_one_rests(dictionary: Dictionary) -> None:
    choices = {each.value: each.inactive for each in dictionary.choices("incident", "close_code")}
    assert sorted(value for value, inactive in choices.items() if not inactive) == [
        "Duplicate",
        "Known error",
        "No resolution provided",
        "Resolved by caller",
        "Resolved by change",
        "Resolved by problem",
        "Resolved by request",
        "Solution provided",
        "User error",
        "Workaround provided",
    ]
    assert choices["Closed/Resolved by Caller"] is True
    assert choices["Solved (Permanently)"] is True


@pytest.mark.recorded("Kibana issue on doubled impact choices: task and incident both define them")
@pytest.mark.parametrize("element", ["impact", "urgency", "priority", "state"])
def test_task_and_incident_both_have_choices(family: Family, element: str) -> None:
    owners = {each.table for each in family.choices if each.element == element and each.language == "en"}
    assert {"task", "incident"} <= owners


@pytest.mark.recorded("public examples of a fresh developer instance")
@pytest.mark.parametrize(
    ("table", "sys_id", "name"),
    [
        ("sys_user", "6816f79cc0a8016401c5a33be04be441", "System Administrator"),
        ("sys_user", "62826bf03710200044e0bfc8bcbe5df1", "Abel Tuter"),
        ("sys_user", "46d44a23a9fe19810012d100cca80666", "Beth Anglin"),
        ("sys_user", "5137153cc611227c000bbd1bd8cd2005", "Fred Luddy"),
        ("sys_user", "5137153cc611227c000bbd1bd8cd2007", "David Loo"),
        ("sys_user", "681b365ec0a80164000fb0b05854a0cd", "ITIL User"),
        ("sys_user_group", "287ebd7da9fe198100f92cc8d1d2154e", "Network"),
        ("sys_user_group", "d625dccec0a8016700a222a0f7900d06", "Service Desk"),
        ("sys_user_group", "8a4dde73c6112278017a6a4baf547aa7", "Software"),
        ("sys_user_group", "8a5055c9c61122780043563ef53438e3", "Hardware"),
        ("sys_user_group", "287ee6fea9fe198100ada7950d0b1b73", "Database"),
        ("sys_user_role", "2831a114c611228501d4ea6c309d626d", "admin"),
        ("sys_user_role", "282bf1fac6112285017366cb5f867469", "itil"),
    ],
)
def test_well_known_records(family: Family, table: str, sys_id: str, name: str) -> None:
    found = {record.sys_id: record.values["name"] for record in family.records if record.table == table}
    assert found[sys_id] == name


@pytest.mark.documented("ServiceNow docs: roles contained in others")
@pytest.mark.parametrize(
    ("role", "contained"),
    [
        (
            "itil",
            {
                "snc_platform_rest_api_access",
                "sn_incident_write",
                "sn_change_write",
                "sn_problem_write",
                "sn_request_write",
                "cmdb_read",
            },
        ),
        ("import_admin", {"import_set_loader", "import_transformer", "import_scheduler"}),
        ("sn_incident_write", {"sn_incident_read"}),
        ("sn_si.integration_user", {"import_transformer"}),
        ("soap", {"soap_query", "soap_create", "soap_update", "soap_delete", "soap_ecc", "soap_script"}),
    ],
)
def test_contained_roles(family: Family, role: str, contained: set[str]) -> None:
    names = {record.sys_id: record.values["name"] for record in family.records if record.table == "sys_user_role"}
    found = {
        names[record.values["contains"]]
        for record in family.records
        if record.table == "sys_user_role_contains" and names[record.values["role"]] == role
    }
    assert contained <= found


@pytest.mark.documented("ServiceNow docs: defaults of system properties")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("glide.rest.choice.allow_non_existing_value", "false"),
        ("glide.invalid_query.returns_no_rows", "false"),
        ("glide.rest.cors.enabled", "true"),
        ("glide.rest.max_content_length", "10"),
        ("glide.ui.autoclose.time", "7"),
        ("com.glide.attachment.max_size", "1024"),
        ("com.glide.loader.verify_target_field_size", "false"),
        ("glide.import_set_row.dynamically_add_fields", "false"),
        ("glide.integration.session_timeout", "1"),
        ("glide.sys.date_format", "yyyy-MM-dd"),
        ("glide.sys.time_format", "HH:mm:ss"),
    ],
)
def test_property_defaults(family: Family, name: str, value: str) -> None:
    found = [record.values for record in family.records if record.table == "sys_properties"]
    assert [each.get("value", "") for each in found if each["name"] == name] == [value]


@pytest.mark.ours("each switch of ours is a property with a description and a type")
def test_switches_are_described(family: Family) -> None:
    switches = [
        record.values
        for record in family.records
        if record.table == "sys_properties" and record.values["name"].startswith("sandtable.")
    ]
    assert len(switches) >= 8
    for values in switches:
        assert values["description"], values["name"]
        assert values["type"] in ("boolean", "choicelist", "integer", "string"), values["name"]
        choices = [each.rpartition("=")[2] for each in values.get("choices", "").split(",")]
        assert values["type"] != "choicelist" or values["value"] in choices, values["name"]


@pytest.mark.documented("ServiceNow docs, import sets: staging columns and coalesce fields of the stock tables")
@pytest.mark.parametrize(
    ("staging", "target", "coalesce"),
    [
        ("imp_notification", "incident", "correlation_id"),
        ("imp_user", "sys_user", "email"),
        ("imp_computer", "cmdb_ci_computer", "serial_number"),
    ],
)
def test_stock_transform_maps(family: Family, staging: str, target: str, coalesce: str) -> None:
    entries = [
        record.values
        for record in family.records
        if record.table == "sys_transform_entry" and record.values["source_table"] == staging
    ]
    assert {each["target_table"] for each in entries} == {target}
    assert [each["target_field"] for each in entries if each["coalesce"] == "true"] == [coalesce]


@pytest.mark.ours("an index costs each insert: the task hierarchy has only those that look-ups need")
def test_indexes_of_tasks_are_few(dictionary: Dictionary) -> None:
    assert set(dictionary.indexed("task")) == {
        "number",
        "correlation_id",
        "state",
        "sys_created_on",
        "sys_updated_on",
    }
