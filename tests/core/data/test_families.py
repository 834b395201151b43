"""The shipped tables, choices and records fit together."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.dictionary_data import DATA_FOLDER, Family, read_baseline
from sandtable.core.values.passwords import is_hashed, verify_password

pytestmark = pytest.mark.ours("the shipped data contradicts itself nowhere")


@pytest.fixture(scope="module")
def family() -> Family:
    return read_baseline()


@pytest.fixture(scope="module")
def dictionary(family: Family) -> Dictionary:
    return Dictionary(family.tables, family.choices)


def test_every_reference_points_to_a_table(family: Family) -> None:
    names = {table.name for table in family.tables}
    broken = [
        f"{table.name}.{column.name} -> {column.reference}"
        for table in family.tables
        for column in table.columns.values()
        if column.reference and column.reference not in names
    ]
    assert broken == []


def test_every_reference_column_says_where_to(family: Family) -> None:
    silent = [
        f"{table.name}.{column.name}"
        for table in family.tables
        for column in table.columns.values()
        if column.type == "reference" and not column.reference
    ]
    assert silent == []


def test_every_choice_belongs_to_a_choice_column_and_fits(family: Family, dictionary: Dictionary) -> None:
    wrong = []
    for choice in family.choices:
        column = dictionary.column(choice.table, choice.element)
        if column is None or not column.is_choice or len(choice.value) > column.max_length:
            wrong.append(f"{choice.table}.{choice.element}={choice.value}")
    assert wrong == []


def test_every_choice_column_without_an_empty_entry_has_a_list_with_its_default(
    family: Family, dictionary: Dictionary
) -> None:
    wrong = []
    for table in family.tables:
        for column in table.columns.values():
            if column.choice != 3:
                continue
            values = {choice.value for choice in dictionary.choices(table.name, column.name) if not choice.inactive}
            if not values or (column.default and column.default not in values):
                wrong.append(f"{table.name}.{column.name} default {column.default!r}")
    assert wrong == []


def test_dependent_choices_depend_on_a_value_that_exists(family: Family, dictionary: Dictionary) -> None:
    wrong = []
    for choice in family.choices:
        if not choice.dependent_value:
            continue
        column = dictionary.column(choice.table, choice.element)
        assert column is not None
        parents = {each.value for each in dictionary.choices(choice.table, column.dependent_on)}
        if choice.dependent_value not in parents:
            wrong.append(f"{choice.table}.{choice.element}={choice.value} of {choice.dependent_value}")
    assert wrong == []


def test_no_choice_is_there_twice(family: Family) -> None:
    counted = Counter(
        (each.table, each.element, each.language, each.value, each.dependent_value) for each in family.choices
    )
    assert [key for key, count in counted.items() if count > 1] == []


def test_every_table_has_a_display_column_of_its_own(family: Family, dictionary: Dictionary) -> None:
    wrong = [
        table.name
        for table in family.tables
        if table.display and dictionary.column(table.name, dictionary.display_column(table.name)) is None
    ]
    undecided = [table.name for table in family.tables if not table.display and not table.parent]
    assert wrong == []
    assert undecided == []


def test_every_child_redefines_no_inherited_column(family: Family, dictionary: Dictionary) -> None:
    twice = [
        f"{table.name}.{name}"
        for table in family.tables
        if table.parent
        for name in table.columns
        if name in dictionary.columns(table.parent)
    ]
    assert twice == []


def test_every_record_fits_its_columns_and_refers_to_records(family: Family, dictionary: Dictionary) -> None:
    ids = {(record.table, record.sys_id) for record in family.records}
    wrong = []
    for record in family.records:
        for name, value in record.values.items():
            column = dictionary.column(record.table, name)
            if column is None or len(value) > column.max_length:
                wrong.append(f"{record.table}.{name}={value}")
            elif column.type == "reference":
                targets = dictionary.descendants(column.reference)
                if not any((target, value) in ids for target in targets):
                    wrong.append(f"{record.table}.{name} -> {column.reference} {value}")
            elif column.is_choice:
                values = {choice.value for choice in dictionary.choices(record.table, name)}
                if value not in values:
                    wrong.append(f"{record.table}.{name}={value} is no choice")
    assert wrong == []


def test_every_sys_id_is_32_characters_but_those_the_platform_names(family: Family) -> None:
    named = {"sys_glide_object", "sys_scope"}
    wrong = [
        (record.table, record.sys_id)
        for record in family.records
        if record.table not in named and not re.fullmatch("[0-9a-f]{32}", record.sys_id)
    ]
    assert wrong == []


def test_every_column_type_is_a_field_class(family: Family) -> None:
    known = {record.sys_id for record in family.records if record.table == "sys_glide_object"}
    used = {column.type for table in family.tables for column in table.columns.values()}
    assert used - known == set()


def test_every_dictionary_override_overrides_an_inherited_column(family: Family, dictionary: Dictionary) -> None:
    overrides = [record.values for record in family.records if record.table == "sys_dictionary_override"]
    assert overrides
    for values in overrides:
        column = dictionary.column(values["name"], values["element"])
        assert column is not None, values
        assert column.table == values["base_table"], values
        assert column.table != values["name"], values


def test_data_policies_and_transforms_name_columns_that_exist(family: Family, dictionary: Dictionary) -> None:
    wrong = []
    for record in family.records:
        values = record.values
        if record.table == "sys_data_policy_rule" and dictionary.column(values["table"], values["field"]) is None:
            wrong.append(values)
        if record.table == "sys_transform_entry" and (
            dictionary.column(values["source_table"], values["source_field"]) is None
            or dictionary.column(values["target_table"], values["target_field"]) is None
        ):
            wrong.append(values)
    assert wrong == []


def test_no_password_is_kept_in_plain_text_and_stock_people_use_their_user_name(family: Family) -> None:
    people = {
        record.values["user_name"]: record.values.get("user_password", "")
        for record in family.records
        if record.table == "sys_user"
    }
    assert all(is_hashed(stored) for stored in people.values() if stored)
    for name in ("admin", "itil", "employee", "abel.tuter", "beth.anglin", "fred.luddy", "david.loo"):
        assert verify_password(name, people[name]), name
    assert people["guest"] == ""


def test_every_file_is_a_family_and_is_compact() -> None:
    paths = sorted(DATA_FOLDER.glob("*.json"))
    assert {path.stem for path in paths} >= {
        "task",
        "incident",
        "problem",
        "change",
        "request",
        "users",
        "system",
        "access",
        "imports",
        "organisation",
        "cmdb",
        "knowledge",
        "security",
        "events",
        "policy",
    }
    for path in paths:
        assert set(json.loads(path.read_text(encoding="utf-8"))) <= {"tables", "choices", "records"}, path.name


def inherited_roles(family: Family, user: str) -> tuple[set[str], set[str]]:
    """Work out from the grants which inherited rows a user should have, and which are there."""
    rows = [record.values for record in family.records if record.table == "sys_user_has_role"]
    contains: dict[str, set[str]] = {}
    for record in family.records:
        if record.table == "sys_user_role_contains":
            contains.setdefault(record.values["role"], set()).add(record.values["contains"])
    groups = {
        record.values["group"]
        for record in family.records
        if record.table == "sys_user_grmember" and record.values["user"] == user
    }
    given = {row["role"] for row in rows if row["user"] == user and row["inherited"] == "false"}
    waiting = list(given) + [
        record.values["role"]
        for record in family.records
        if record.table == "sys_group_has_role" and record.values["group"] in groups
    ]
    wanted: set[str] = set()
    while waiting:
        role = waiting.pop()
        if role not in wanted:
            wanted.add(role)
            waiting += contains.get(role, set())
    return wanted - given, {row["role"] for row in rows if row["user"] == user and row["inherited"] == "true"}


def test_inherited_roles_stand_in_the_baseline_as_the_rules_would_make_them(family: Family) -> None:
    for record in family.records:
        if record.table == "sys_user":
            wanted, present = inherited_roles(family, record.sys_id)
            assert present == wanted, record.values["user_name"]
