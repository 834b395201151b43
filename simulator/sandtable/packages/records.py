"""What a file of a package holds: one record each, as it was written, and what to do with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

PUT, CHANGE, DELETE = "INSERT_OR_UPDATE", "UPDATE", "DELETE"
DELETE_MATCHING, CHANGE_MATCHING = "delete_multiple", "update_multiple"
NOTHING: Mapping[str, str] = MappingProxyType({})


class PackageError(ValueError):
    """Something that cannot be taken: `where` names the place, `why` what is wrong with it and what to do."""

    def __init__(self, where: str, why: str) -> None:
        self.where, self.why = where, why
        super().__init__(f"{where}: {why}" if where else why)


@dataclass(frozen=True, slots=True)
class PackagedRecord:
    """One record of a package.

    `values` are stored values by column, as far as the file has them. `hints` are, by column, what the file says of
    the record that a reference means beside its sys_id (name, scope ...). `query` chooses the records of the two
    actions on many. `recorded` is a moment of capture that sorts as text, empty where the file has none. `where` is
    the place in the file. `captured` says that an instance wrote it as an update, or as a file of an application.
    """

    table: str
    action: str
    values: Mapping[str, str]
    where: str
    hints: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    query: str = ""
    recorded: str = ""
    captured: bool = False

    @property
    def sys_id(self) -> str:
        """The sys_id that the file gives, or an empty text."""
        return self.values.get("sys_id", "")

    @property
    def removes(self) -> bool:
        """Whether it takes records away."""
        return self.action in (DELETE, DELETE_MATCHING)


# What identifies a record beside its sys_id, by table; of several keys the first whose columns the file has counts.
KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "sys_db_object": (("name",),),
        "sys_dictionary": (("name", "element"),),
        "sys_dictionary_override": (("name", "element"),),
        "sys_documentation": (("name", "element", "language"),),
        "sys_choice": (("name", "element", "value", "language", "dependent_value"),),
        "sys_choice_set": (("name", "element"),),
        "sys_number": (("category",),),
        "sys_ui_view": (("name",),),
        "sys_ui_section": (("name", "view", "caption", "sys_domain"),),
        "sys_ui_form": (("name", "view", "sys_domain"),),
        "sys_ui_list": (("name", "view", "sys_domain", "element", "relationship", "parent"),),
        "sys_ui_related_list": (("name", "view", "related_list", "sys_domain"),),
        "sys_ui_message": (("key", "language", "code"),),
        "sys_translated": (("name", "element", "value", "language"),),
        "sys_translated_text": (("tablename", "fieldname", "documentkey", "language"),),
        "sys_user_role": (("name",),),
        "sys_user_group": (("name",),),
        "sys_properties": (("name",),),
        "sys_scope": (("scope",),),
        "sys_app": (("scope",),),
        "sys_store_app": (("scope",),),
        "sys_package": (("source",),),
        "sys_module": (("path",),),
        "sys_index": (("logical_table_name", "col_name_string"),),
        "ua_table_licensing_config": (("name",),),
    }
)


def keys_of(record: PackagedRecord) -> Iterator[tuple[str, ...]]:
    """Yield the columns that identify a record beside its sys_id, of which its file has the first.

    Many applications live in the global scope, so that its name says nothing of which.
    """
    for columns in KEYS.get(record.table, ()):
        value = record.values.get(columns[0])
        if value and not (record.table == "sys_app" and value == "global"):
            yield columns


# Columns that a record's file carries whether or not its table has them: about the file, not the record.
ABOUT_THE_FILE = frozenset(
    {
        "sys_scope",
        "sys_package",
        "sys_update_name",
        "sys_policy",
        "sys_class_name",
        "sys_class_code",
        "sys_customer_update",
        "sys_replace_on_upgrade",
        "sys_domain",
        "sys_domain_path",
        "sys_overrides",
        "sys_name",
        "sys_tags",
    }
)
