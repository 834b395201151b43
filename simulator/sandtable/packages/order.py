"""The order in which the records of a package can be put: what others stand on comes first.

Files come in the order of their names or ids, which says nothing. Of several updates of one record the one that was
captured last counts. Source: derived from what refers to what; ServiceNow documents no order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sandtable.packages.records import CHANGE_MATCHING, DELETE_MATCHING, PackagedRecord, keys_of

RANKS = {
    table: rank
    for rank, tables in enumerate(
        (
            ("sys_package", "sys_scope", "sys_app", "sys_store_app", "sys_app_customization"),
            ("sys_user_role", "sys_user_role_contains", "sys_user_group"),
            ("sys_db_object",),
            ("sys_dictionary",),
            ("sys_dictionary_override", "sys_number", "sys_index"),
            ("sys_choice_set",),
            ("sys_choice",),
            ("sys_documentation", "sys_translated", "sys_translated_text", "sys_ui_message"),
            ("sys_ui_view",),
            ("sys_ui_section", "sys_ui_form", "sys_ui_list", "sys_ui_related_list"),
            ("sys_ui_element", "sys_ui_form_section", "sys_ui_list_element", "sys_ui_related_list_entry"),
            ("sys_security_acl",),
            ("sys_security_acl_role",),
            ("sys_properties", "sys_script_include", "sys_module"),
            ("sys_ws_definition",),
            ("sys_ws_version",),
            ("sys_ws_operation",),
            ("sys_ws_query_parameter", "sys_ws_header"),
            ("sys_ws_query_parameter_map", "sys_ws_header_map"),
            ("sys_data_source", "sys_transform_map"),
            ("sys_transform_entry", "sys_transform_script"),
            ("sys_script", "sys_data_policy2", "sys_ui_policy"),
            ("sys_data_policy_rule", "sys_ui_policy_action"),
        )
    )
    for table in tables
}
OTHER_FILES, DATA = len(RANKS), len(RANKS) + 1


def rank(record: PackagedRecord) -> int:
    """Return where a record's table stands: lower first; configuration before data."""
    found = RANKS.get(record.table)
    if found is not None:
        return found
    return OTHER_FILES if record.table.startswith("sys_") else DATA


def newest_only(records: Iterable[PackagedRecord]) -> list[PackagedRecord]:
    """Return the records without those that a later capture of the same record replaces."""
    kept: dict[object, PackagedRecord] = {}
    for index, record in enumerate(records):
        key: object = identity(record)
        if key is None or record.action in (DELETE_MATCHING, CHANGE_MATCHING):
            key = index
        earlier = kept.get(key)
        if earlier is not None and earlier.recorded > record.recorded:
            continue
        kept.pop(key, None)
        # Of two descriptions of one thing without a time the later adds to the earlier: a folder holds both.
        if earlier is not None and not record.recorded and earlier.action == record.action:
            record = replace(
                record,
                values={**earlier.values, **{name: text for name, text in record.values.items() if text}},
                hints={**earlier.hints, **record.hints},
            )
        kept[key] = record
    return list(kept.values())


def identity(record: PackagedRecord) -> tuple[str, ...] | None:
    """Return what says which record is meant: its key where the file has it, else its sys_id; None for neither."""
    for columns in keys_of(record):
        return (record.table, *(record.values.get(name, "") for name in columns))
    return (record.table, record.sys_id) if record.sys_id else None


def ordered(records: Iterable[PackagedRecord]) -> list[PackagedRecord]:
    """Return the records in an order that works: what is put by rank, then what goes, the last ranks first.

    Tables come after the tables they extend. What a list replaces goes right before the rows of that list.
    """
    listed = newest_only(records)
    parents = {each.values.get("name", ""): _parent(each) for each in listed if each.table == "sys_db_object"}

    def depth(name: str) -> int:
        steps, seen = 0, set()
        while name in parents and parents[name] and name not in seen:
            seen.add(name)
            name, steps = parents[name], steps + 1
        return steps

    def place(record: PackagedRecord) -> tuple[int, int, int]:
        inside = depth(record.values.get("name", "")) if record.table == "sys_db_object" else 0
        if record.table == "sys_dictionary":
            inside = int(bool(record.values.get("element")))
        return (rank(record), 0 if record.action == DELETE_MATCHING else 1, inside)

    put = [each for each in listed if not each.removes or each.action == DELETE_MATCHING]
    gone = [each for each in listed if each.removes and each.action != DELETE_MATCHING]
    return sorted(put, key=place) + sorted(gone, key=place, reverse=True)


def _parent(record: PackagedRecord) -> str:
    return record.hints.get("super_class", {}).get("name", "")
