"""What people see of stored values, and what is stored of what they type."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandtable.core.platform.display import display_value, record_display, show_value, to_input
from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session
from sandtable.core.schema.columns import Column

ADMIN = "6816f79cc0a8016401c5a33be04be441"
ABEL = "62826bf03710200044e0bfc8bcbe5df1"
BETH = "46d44a23a9fe19810012d100cca80666"
NETWORK = "287ebd7da9fe198100f92cc8d1d2154e"


def column_of(session: Session, table: str, element: str) -> Column:
    column = session.instance.dictionary.column(table, element)
    assert column is not None
    return column


def shown(session: Session, table: str, sys_id: str, element: str) -> str:
    return display_value(session, session.table(table).get(sys_id), column_of(session, table, element))


def speaking(instance: Instance, **preferences: str) -> Session:
    """Return admin's session with other preferences."""
    instance.system().table("sys_user").update(ADMIN, preferences)
    return instance.acting_as("admin")


@pytest.mark.recorded("labels seen in answers with sysparm_display_value=true")
@pytest.mark.parametrize(
    ("element", "label"),
    [
        ("priority", "5 - Planning"),
        ("impact", "3 - Low"),
        ("urgency", "3 - Low"),
        ("severity", "3 - Low"),
        ("state", "New"),
        ("incident_state", "New"),
        ("upon_reject", "Cancel all future Tasks"),
        ("approval", "Not Yet Requested"),
        ("upon_approval", "Proceed to Next Task"),
        ("escalation", "Normal"),
        ("notify", "Do Not Notify"),
        ("category", "Inquiry / Help"),
        ("sys_class_name", "Incident"),
        ("sys_domain", "global"),
        ("sys_domain_path", "/"),
        ("active", "true"),
        ("knowledge", "false"),
        ("opened_by", "System Administrator"),
        ("opened_at", "2024-05-01 10:00:00"),
        ("number", "INC0010001"),
        ("close_code", ""),
        ("closed_at", ""),
    ],
)
def test_a_fresh_incident(admin: Session, element: str, label: str) -> None:
    made = admin.table("incident").insert({"short_description": "x"})
    assert shown(admin, "incident", made.sys_id, element) == label


@pytest.mark.documented("ServiceNow docs: labels in the caller's language, English where there is none")
@pytest.mark.parametrize(
    ("language", "state", "label"),
    [("en", "6", "Resolved"), ("de", "6", "Gelöst"), ("fr", "6", "Resolved"), ("de", "99", "99"), ("en", "99", "99")],
)
def test_languages(instance: Instance, language: str, state: str, label: str) -> None:
    session = speaking(instance, preferred_language=language)
    assert show_value(session, "incident", column_of(session, "incident", "state"), state) == label


@pytest.mark.documented("ServiceNow docs: the nearest table's choice list counts")
def test_one_value_has_another_label_in_another_table(admin: Session) -> None:
    state = column_of(admin, "task", "state")
    labels = [show_value(admin, table, state, "3") for table in ("incident", "change_request", "sc_task", "sn_si_task")]
    assert labels == ["On Hold", "Closed", "Closed Complete", "Closed Complete"]


@pytest.mark.documented("ServiceNow docs: display dates follow the user's time zone and formats")
@pytest.mark.parametrize(
    ("zone", "date_format", "time_format", "text"),
    [
        ("US/Pacific", "", "", "2024-05-01 03:00:00"),
        ("Europe/Berlin", "dd.MM.yyyy", "HH:mm:ss", "01.05.2024 12:00:00"),
        ("Europe/London", "dd/MM/yyyy", "hh:mm:ss a", "01/05/2024 11:00:00 AM"),
        ("Asia/Tokyo", "MM-dd-yyyy", "hh.mm.ss a", "05-01-2024 07.00.00 PM"),
        ("", "", "", "2024-05-01 10:00:00"),
    ],
)
def test_times_and_back(instance: Instance, zone: str, date_format: str, time_format: str, text: str) -> None:
    session = speaking(instance, time_zone=zone, date_format=date_format, time_format=time_format)
    opened_at = column_of(session, "incident", "opened_at")
    assert show_value(session, "incident", opened_at, "2024-05-01 10:00:00") == text
    assert to_input(session, opened_at, text) == "2024-05-01 10:00:00"
    assert to_input(session, opened_at, "not a date") == ""


@pytest.mark.assumed("the instance's own zone is UTC until somebody sets glide.sys.default.tz")
def test_the_zone_of_the_instance(instance: Instance, admin: Session) -> None:
    instance.set_property("glide.sys.default.tz", "US/Pacific")
    opened_at = column_of(admin, "incident", "opened_at")
    assert show_value(admin, "incident", opened_at, "2024-05-01 10:00:00") == "2024-05-01 03:00:00"


@pytest.mark.documented("ServiceNow docs: a date without a time has no zone")
def test_dates_do_not_move(instance: Instance) -> None:
    session = speaking(instance, time_zone="US/Pacific", date_format="dd/MM/yyyy")
    published = column_of(session, "kb_knowledge", "published")
    assert show_value(session, "kb_knowledge", published, "2024-05-01") == "01/05/2024"
    assert to_input(session, published, "01/05/2024") == "2024-05-01"


@pytest.mark.documented("ServiceNow docs: a reference shows the display value of what it points to")
@pytest.mark.parametrize(
    ("table", "sys_id", "name"),
    [
        ("sys_user", ABEL, "Abel Tuter"),
        ("sys_user_group", NETWORK, "Network"),
        ("sys_user", "0" * 32, ""),
        ("sys_user", "", ""),
        ("no_such_table", ABEL, ""),
    ],
)
def test_record_display(admin: Session, table: str, sys_id: str, name: str) -> None:
    assert record_display(admin, table, sys_id) == name


@pytest.mark.ours("a remembered display value follows the record")
def test_a_new_name_shows_at_once(admin: Session) -> None:
    assert record_display(admin, "sys_user", ABEL) == "Abel Tuter"
    admin.table("sys_user").update(ABEL, {"last_name": "Tutor"})
    assert record_display(admin, "sys_user", ABEL) == "Abel Tutor"


@pytest.mark.documented("ServiceNow docs: a task is shown by its number, also through a reference to its parent table")
def test_a_task_shows_its_number(admin: Session) -> None:
    parent = admin.table("incident").insert({"short_description": "p"})
    child = admin.table("incident").insert({"short_description": "c", "parent": parent.sys_id})
    assert shown(admin, "incident", child.sys_id, "parent") == "INC0010001"


@pytest.mark.documented("ServiceNow docs: a list shows the names of what it holds; addresses show as they are")
def test_lists(admin: Session) -> None:
    watchers = column_of(admin, "incident", "watch_list")
    stored = f"{ABEL},{BETH},someone@example.com"
    text = "Abel Tuter, Beth Anglin, someone@example.com"
    assert show_value(admin, "incident", watchers, stored) == text
    assert to_input(admin, watchers, text) == stored


@pytest.mark.recorded("journal text of two comments, newest first, an empty line after each")
def test_journal_text(instance: Instance, admin: Session) -> None:
    table = admin.table("incident")
    made = table.insert({"short_description": "x", "comments": "first"})
    instance.clock.advance(72)
    table.update(made.sys_id, {"comments": "test"})
    assert shown(admin, "incident", made.sys_id, "comments") == (
        "2024-05-01 10:01:12 - System Administrator (Additional comments)\ntest\n\n"
        "2024-05-01 10:00:00 - System Administrator (Additional comments)\nfirst\n\n"
    )
    assert shown(admin, "incident", made.sys_id, "work_notes") == ""
    instance.clock.advance(1)
    instance.acting_as("itil").table("incident").update(made.sys_id, {"work_notes": "[code]<b>x</b>[/code]"})
    assert shown(admin, "incident", made.sys_id, "work_notes") == (
        "2024-05-01 10:01:13 - ITIL User (Work notes)\n[code]<b>x</b>[/code]\n\n"
    )


@pytest.mark.ours("a user name is never read as a query")
def test_the_author_of_a_journal_entry_has_an_odd_name(instance: Instance) -> None:
    users = instance.system().table("sys_user")
    users.insert({"user_name": "odd^NQactive=true", "first_name": "Odd", "last_name": "Name", "active": "true"})
    session = instance.acting_as("odd^NQactive=true")
    made = session.without_access_control().table("incident").insert({"short_description": "x", "comments": "hello"})
    admin = instance.acting_as("admin")
    assert " - Odd Name (Additional comments)" in shown(admin, "incident", made.sys_id, "comments")


@pytest.mark.documented("ServiceNow docs: the combined column merges comments and work notes")
def test_the_combined_journal(instance: Instance) -> None:
    session = speaking(instance, time_zone="Europe/Berlin", date_format="dd.MM.yyyy")
    table = session.table("incident")
    made = table.insert({"short_description": "x", "comments": "a"})
    table.update(made.sys_id, {"work_notes": "b"})
    table.update(made.sys_id, {"comments": "c"})
    # All three fall into one second: the newest is still first.
    assert shown(session, "incident", made.sys_id, "comments_and_work_notes") == (
        "01.05.2024 12:00:00 - System Administrator (Additional comments)\nc\n\n"
        "01.05.2024 12:00:00 - System Administrator (Work notes)\nb\n\n"
        "01.05.2024 12:00:00 - System Administrator (Additional comments)\na\n\n"
    )


@pytest.mark.assumed("integers show thousands separators; seen on screens, not in a captured answer")
@pytest.mark.parametrize(("switch", "text"), [("true", "1,234,567"), ("false", "1234567")])
def test_thousands(instance: Instance, admin: Session, switch: str, text: str) -> None:
    instance.set_property("sandtable.display.thousands_separator", switch)
    seconds = column_of(admin, "incident", "business_stc")
    assert show_value(admin, "incident", seconds, "1234567") == text
    assert to_input(admin, seconds, text) == "1234567"


@pytest.mark.assumed("wording of durations and money; seen on screens")
@pytest.mark.parametrize(
    ("table", "element", "stored", "text"),
    [
        ("incident", "calendar_duration", "1970-01-02 04:23:00", "1 Day 4 Hours 23 Minutes"),
        ("incident", "time_worked", "1970-01-01 01:20:00", "1 Hour 20 Minutes"),
        ("sc_cat_item", "price", "1099.99", "$1,099.99"),
    ],
)
def test_durations_and_money(admin: Session, table: str, element: str, stored: str, text: str) -> None:
    column = column_of(admin, table, element)
    assert show_value(admin, table, column, stored) == text
    assert to_input(admin, column, text) == stored


@pytest.mark.ours("a password shows as a mask, never as what is stored")
def test_passwords_are_masked(admin: Session) -> None:
    assert shown(admin, "sys_user", ADMIN, "user_password") == "********"
    assert shown(admin, "sys_user", "5136503cc611227c0183e96598c4f706", "user_password") == ""


@pytest.mark.documented("ServiceNow docs, system properties: the value of a private one is not shown")
@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "hush"),
        ({"is_private": "true"}, "********"),
        ({"type": "password2"}, "********"),
        ({"is_private": "true", "value": ""}, ""),
    ],
)
def test_private_properties_are_masked(admin: Session, values: dict[str, str], text: str) -> None:
    made = admin.table("sys_properties").insert({"name": "acme.key", "value": "hush", **values})
    assert shown(admin, "sys_properties", made.sys_id, "value") == text
    assert shown(admin, "sys_properties", made.sys_id, "name") == "acme.key"


@pytest.mark.documented("ServiceNow docs, sysparm_input_display_value: labels and names are looked up")
@pytest.mark.parametrize(
    ("table", "element", "text", "stored"),
    [
        ("incident", "state", "On Hold", "3"),
        ("incident", "state", "on hold", "3"),
        ("change_request", "state", "Closed", "3"),
        ("incident", "state", "3", "3"),
        ("incident", "state", "Nonsense", "Nonsense"),
        ("incident", "caller_id", "Abel Tuter", ABEL),
        ("incident", "caller_id", ABEL, ABEL),
        ("incident", "caller_id", "Nobody Known", ""),
        ("incident", "caller_id", "x^ORname=Abel Tuter", ""),
        ("incident", "assignment_group", "Network", NETWORK),
        ("incident", "short_description", "plain", "plain"),
        ("incident", "caller_id", "", ""),
    ],
)
def test_input(admin: Session, table: str, element: str, text: str, stored: str) -> None:
    assert to_input(admin, column_of(admin, table, element), text, table=table) == stored


@pytest.mark.ours("no text that people type breaks a column: the answer is a text")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30))
def test_any_input(admin: Session, text: str) -> None:
    for element in ("state", "caller_id", "opened_at", "calendar_duration", "watch_list", "reopen_count", "comments"):
        assert isinstance(to_input(admin, column_of(admin, "incident", element), text, table="incident"), str)
        column = column_of(admin, "incident", element)
        assert isinstance(show_value(admin, "incident", column, text), str)
