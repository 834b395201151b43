"""What a table, a column and an entry of a choice list are: immutable values, and what the types of columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

NUMBER_TYPES = frozenset(
    {"integer", "decimal", "float", "longint", "numeric", "percent_complete", "count", "order_index", "auto_increment"}
)
INTEGER_TYPES = frozenset({"integer", "longint", "count", "order_index", "auto_increment", "percent_complete"})
DATE_TIME_TYPES = frozenset({"glide_date_time", "due_date", "datetime", "glide_utc_time"})
DATE_TYPES = DATE_TIME_TYPES | {"glide_date", "date"}
DURATION_TYPES = frozenset({"glide_duration", "timer"})
JOURNAL_TYPES = frozenset({"journal", "journal_input", "journal_list"})
# What the combined column of the product shows, whatever other journal columns a table has.
COMBINED = {"comments_and_work_notes": ("comments", "work_notes")}
REFERENCE_TYPES = frozenset({"reference", "domain_id"})
# Kept whole whatever their declared length, which is that of the form: a script cut in two is another script.
WHOLE_TYPES = frozenset({"script", "script_plain", "script_server"})
PASSWORD_TYPES = frozenset({"password", "password2"})

DEFAULT_LENGTHS: Mapping[str, int] = MappingProxyType(
    {
        "GUID": 32,
        "reference": 32,
        "domain_id": 32,
        "document_id": 32,
        "domain_path": 255,
        "sys_class_name": 80,
        "table_name": 80,
        "journal": 4000,
        "journal_input": 4000,
        "journal_list": 4000,
        "glide_list": 4000,
        "html": 65000,
        "conditions": 4000,
        "script": 8000,
        "script_plain": 8000,
        "xml": 65000,
        "json": 65000,
        "url": 1024,
        "password": 255,
        "password2": 255,
        "user_roles": 255,
        "translated_text": 255,
        "email": 100,
    }
)


@dataclass(frozen=True)  # without slots: thousands are unpickled at a start, which takes four times as long with them
class Column:
    """One column as its defining table declares it; `max_length` counts characters.

    `choice` is 0 none, 1 list with an empty entry, 2 suggestions, 3 list without. `reference` names a table.
    `calculated` columns are never written. `attributes` is the platform's own comma list of name=value.
    """

    name: str
    type: str = "string"
    label: str = ""
    max_length: int = 40
    mandatory: bool = False
    read_only: bool = False
    default: str = ""
    reference: str = ""
    choice: int = 0
    display: bool = False
    dependent_on: str = ""
    array: bool = False
    active: bool = True
    unique: bool = False
    indexed: bool = False
    table: str = ""
    calculated: bool = False
    comments: str = ""
    attributes: str = ""
    is_reference: bool = field(init=False, repr=False, compare=False)
    is_journal: bool = field(init=False, repr=False, compare=False)
    is_date: bool = field(init=False, repr=False, compare=False)
    is_number: bool = field(init=False, repr=False, compare=False)
    is_boolean: bool = field(init=False, repr=False, compare=False)
    is_list: bool = field(init=False, repr=False, compare=False)
    is_choice: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Worked out once: the query compiler and the pipeline of a write ask these for each value they touch.
        put = object.__setattr__
        put(self, "is_reference", self.type in REFERENCE_TYPES and bool(self.reference))
        put(self, "is_journal", self.type == "journal_input")
        put(self, "is_date", self.type in DATE_TYPES)
        put(self, "is_number", self.type in NUMBER_TYPES)
        put(self, "is_boolean", self.type == "boolean")
        put(self, "is_list", self.type == "glide_list")
        put(self, "is_choice", self.choice > 0)

    @property
    def is_password(self) -> bool:
        """Whether the value is a secret that no answer may show."""
        return self.type in PASSWORD_TYPES

    @property
    def is_duration(self) -> bool:
        return self.type in DURATION_TYPES


@dataclass(frozen=True)
class Choice:
    """One entry of a choice list; `element` belongs to `table` or is inherited by its children."""

    table: str
    element: str
    value: str
    label: str
    sequence: int = 0
    dependent_value: str = ""
    inactive: bool = False
    language: str = "en"
    hint: str = ""
    sys_id: str = ""


@dataclass(frozen=True)
class Table:
    """One table with its own columns; the inherited ones come through `Dictionary.columns`.

    `cross_scope` is what it lets the scripts of other scopes do beside reading: create, update, delete.
    """

    name: str
    label: str = ""
    parent: str = ""
    number_prefix: str = ""
    ws_access: bool = True
    scope: str = "global"
    columns: Mapping[str, Column] = field(default_factory=dict)
    display: str = ""
    plural: str = ""
    extendable: bool = False
    audited: bool = False
    unique_keys: tuple[tuple[str, ...], ...] = ()
    sys_id: str = ""
    cross_scope: tuple[str, ...] = ()

    @cached_property
    def calculates(self) -> bool:
        """Whether it has calculated columns of its own; worked out once, as a table is replaced and never changed."""
        return any(column.calculated for column in self.columns.values())
