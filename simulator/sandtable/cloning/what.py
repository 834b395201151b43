"""What of an instance is copied: the chain of its tables, then what describes and drives them, by the table's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sandtable.cloning.reading import CannotRead, Reader

# Tables about tables, and the column that names the table; those of the second group name only the table itself.
BY_CHAIN = (
    ("sys_dictionary", "name"),
    ("sys_dictionary_override", "name"),
    ("sys_choice", "name"),
    ("sys_documentation", "name"),
    ("sys_number", "category"),
    ("sys_data_policy2", "model_table"),
    ("sys_ui_policy", "table"),
    ("sys_index", "logical_table_name"),
    ("sys_ui_section", "name"),
    ("sys_ui_form", "name"),
    ("sys_ui_list", "name"),
    ("sys_ui_related_list", "name"),
    ("sys_script", "collection"),
    ("sys_script_client", "table"),
    ("sys_transform_map", "target_table"),
    ("sys_transform_map", "source_table"),
)
# What hangs on rows read before: the table, its column, and the table of those rows.
BY_OWNER = (
    ("sys_data_policy_rule", "sys_data_policy", "sys_data_policy2"),
    ("sys_ui_policy_action", "ui_policy", "sys_ui_policy"),
    ("sys_ui_element", "sys_ui_section", "sys_ui_section"),
    ("sys_ui_form_section", "sys_ui_form", "sys_ui_form"),
    ("sys_ui_list_element", "list_id", "sys_ui_list"),
    ("sys_ui_related_list_entry", "list_id", "sys_ui_related_list"),
    ("sys_transform_entry", "map", "sys_transform_map"),
    ("sys_transform_script", "map", "sys_transform_map"),
)
# Read whole, where the account may.
WHOLE = (
    "sys_ui_view",
    "sys_ws_definition",
    "sys_ws_version",
    "sys_ws_operation",
    "sys_user_role",
    "sys_user_group",
    "sys_security_acl",
    "sys_security_acl_role",
    "sys_store_app",
    "sys_app",
    "sys_cors_rule",
    "oauth_entity",
    "sys_properties",
)
# Script includes are read as far as scripts name them: an instance has thousands.
INCLUDES = "sys_script_include"
SCRIPTS = frozenset({"script", "operation_script", "condition", "script_true", "script_false", "source_script"})
WORDS = re.compile(r"[A-Za-z_$][\w$]*")
IDS_OF_ONE_QUERY = 100  # addresses over 8 KB are refused
# Never copied: passwords, and what unlocks something.
SECRET_TYPES = frozenset({"password", "password2"})
SECRET_COLUMNS = frozenset({"client_secret", "user_password", "password", "mid_password", "shared_secret"})
SECRET_WORDS = ("password", "secret", "token", "credential", "private_key", "apikey", "api_key")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Rows to read: of a table, by a query; `why` tells people what they are."""

    table: str
    query: str = ""


def all_tables(reader: Reader) -> list[dict[str, str]]:
    """Return the rows of sys_db_object. Raises CannotRead, for an account that may not read them too."""
    listed = [row for page in reader.rows("sys_db_object") for row in page]
    if not listed:
        raise CannotRead("sys_db_object is empty to this account: it may not read what tables there are")
    return listed


def lineages(listed: list[dict[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return, by the name of a table, that table and those that it extends."""
    by_id = {row["sys_id"]: row for row in listed}
    found = {}
    for row in listed:
        chain: list[str] = []
        current: dict[str, str] | None = row
        while current is not None and current["name"] not in chain:
            chain.append(current["name"])
            current = by_id.get(current.get("super_class", ""))
        found[row["name"]] = tuple(chain)
    return found


def tables_of(listed: list[dict[str, str]], patterns: list[str], *, may_lack: bool = False) -> list[dict[str, str]]:
    """Return the rows of sys_db_object that patterns such as `incident` and `u_*` name, with all they extend.

    Each comes after the table that it extends. Raises CannotRead for a name that is no table, unless it `may_lack`
    some.
    """
    by_name, chains = {row["name"]: row for row in listed}, lineages(listed)
    wanted: dict[str, dict[str, str]] = {}
    for pattern in patterns:
        found = [row for name, row in by_name.items() if fnmatchcase(name, pattern)]
        if not found and not may_lack and not any(sign in pattern for sign in "*?["):
            raise CannotRead(f"there is no table {pattern}, or this account may not see it")
        for row in found:
            wanted |= {name: by_name[name] for name in reversed(chains[row["name"]])}
    return list(wanted.values())


def words_of(row: Mapping[str, str]) -> Iterable[str]:
    """Yield the names in the scripts of a row."""
    for column in SCRIPTS & row.keys():
        yield from WORDS.findall(row[column])


def without_secrets(table: str, row: dict[str, str], types: dict[str, str]) -> dict[str, str] | None:
    """Return a row without what must not leave an instance; None for one that is nothing but a secret."""
    if table == "sys_properties" and (
        row.get("type") in SECRET_TYPES or any(word in row.get("name", "").lower() for word in SECRET_WORDS)
    ):
        return None
    # Left out, not emptied: what is loaded over a record that has a password would take it away.
    return {
        name: value for name, value in row.items() if name not in SECRET_COLUMNS and types.get(name) not in SECRET_TYPES
    }


def split(values: list[str], size: int = IDS_OF_ONE_QUERY) -> list[str]:
    """Return values as comma lists that are short enough for an address."""
    return [",".join(values[start : start + size]) for start in range(0, len(values), size)]
