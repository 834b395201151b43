"""Records as a client sees them: six shapes by display mode and links, dot-walked keys, hidden columns left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandtable.core.platform.display import display_value
from sandtable.core.schema.dictionary import JOURNAL_TYPES
from sandtable.core.schema.private_values import is_private, may_be_private
from sandtable.web.transaction import Transaction
from sandtable.web.wire.answers import base_url
from sandtable.web.wire.parameters import Shape

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.dictionary import Column

STARS = "********"
# Views that stand for the form a person sees on a device of that kind.
DEVICE_VIEWS = {"desktop": "", "mobile": "mobile", "both": ""}
# The tables whose records decide which columns somebody sees.
DECIDING = (
    "sys_dictionary",
    "sys_db_object",
    "sys_security_acl",
    "sys_security_acl_role",
    "sys_user_role",
    "sys_properties",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One member of the answer: its key, the columns walked to reach its value, and whether that is shown as stored."""

    key: str
    steps: tuple[Column, ...]
    as_stored: bool


class Presenter:
    """Shows records of one table in one shape; made once for each answer."""

    def __init__(self, transaction: Transaction, table: str, shape: Shape) -> None:
        self._session = transaction.session
        self._instance = transaction.instance
        self._table = table
        self._shape = shape
        self._link_start = f"{base_url(transaction)}/api/now{transaction.version}/table"
        self._one = {"false": self._stored, "true": self._displayed, "all": self._both}[shape.display]
        self._members: dict[str, list[Shown]] = {}
        self._walked: dict[tuple[str, str], Record | None] = {}

    def show(self, record: Record) -> dict[str, Any]:
        """Return the members of one record; columns that the caller may not read are left out."""
        members = self._members.get(record.table)
        if members is None:
            members = self._members[record.table] = self._remembered(record.table)
        shown: dict[str, Any] = {}
        for member in members:
            if member.as_stored:
                shown[member.key] = record[member.key]
                continue
            column = member.steps[-1]
            holder = record if len(member.steps) == 1 else self._walk(record, member.steps)
            shown[member.key] = self._one(holder, column)
        return shown

    def _remembered(self, table: str) -> list[Shown]:
        """Return the members to show for records of a class, worked out once for each user and shape."""
        session = self._session
        names = self._names()
        key = ("shown", self._table, table, self._shape, names, session.user_name, session.enforced, session.roles)
        members, explanations = self._instance.cached(key, DECIDING, lambda: self._readable(table, names))
        for text in explanations:
            session.explain(text)
        return members

    def _readable(self, table: str, names: tuple[str, ...]) -> tuple[list[Shown], list[str]]:
        """Return the members to show, and why others are not; the names are those of the table in the path."""
        explanations: list[str] = []
        dictionary, access = self._instance.dictionary, self._instance.access
        readable = access.readable_columns(self._session, table)
        members = []
        for name in names:
            steps = dictionary.walk(self._table, name)
            if steps is None:
                explanations.append(f"{self._table} has no column {name}, so it is left out")
                continue
            if readable is not None and steps[0].name not in readable:
                explanations.append(f"{self._session.user_name} may not read {table}.{steps[0].name}")
                continue
            hidden = next((pair for pair in _further(steps) if not self._may_read(*pair)), None)
            if hidden is not None:
                explanations.append(f"{self._session.user_name} may not read {hidden[0]}.{hidden[1]}")
                continue
            members.append(Shown(name, steps, self._is_as_stored(steps)))
        return members, explanations

    def _is_as_stored(self, steps: tuple[Column, ...]) -> bool:
        column = steps[0]
        linked = column.is_reference and not self._shape.exclude_links
        hidden = may_be_private(column) or column.type in JOURNAL_TYPES
        return self._shape.display == "false" and len(steps) == 1 and not linked and not hidden

    def _may_read(self, table: str, element: str) -> bool:
        return not self._session.enforced or self._instance.access.can_field(self._session, "read", table, element)

    def _names(self) -> tuple[str, ...]:
        if self._shape.fields is not None:
            return self._shape.fields
        everything = tuple(self._instance.dictionary.columns(self._table))
        if not self._shape.view:
            return everything
        return view_fields(self._session, self._table, self._shape.view) or everything

    def _walk(self, record: Record, steps: tuple[Column, ...]) -> Record | None:
        """Return the record that holds the last step's column, or None where the path ends early."""
        holder: Record | None = record
        for step in steps[:-1]:
            if holder is None or not holder[step.name]:
                return None
            key = (step.reference, holder[step.name])
            if key not in self._walked:
                self._walked[key] = self._session.table(step.reference).find(key[1])
            holder = self._walked[key]
        return holder

    def _value(self, holder: Record | None, column: Column) -> str:
        if holder is None or column.type in JOURNAL_TYPES:
            return ""
        value = holder[column.name]
        return STARS if value and is_private(holder, column) else value

    def _display(self, holder: Record | None, column: Column) -> str:
        if holder is None:
            return ""
        if is_private(holder, column):
            return self._value(holder, column)
        return display_value(self._session, holder, column)

    def _stored(self, holder: Record | None, column: Column) -> Any:
        value = self._value(holder, column)
        if column.is_reference and value and not self._shape.exclude_links:
            return {"link": self._link(column, value), "value": value}
        return value

    def _displayed(self, holder: Record | None, column: Column) -> Any:
        display = self._display(holder, column)
        if column.is_reference and not self._shape.exclude_links and (value := self._value(holder, column)):
            return {"display_value": display, "link": self._link(column, value)}
        return display

    def _both(self, holder: Record | None, column: Column) -> Any:
        value = self._value(holder, column)
        shown = {"display_value": self._display(holder, column)}
        if column.is_reference and value and not self._shape.exclude_links:
            shown["link"] = self._link(column, value)
        shown["value"] = value
        return shown

    def _link(self, column: Column, value: str) -> str:
        return f"{self._link_start}/{column.reference}/{value}"


def _further(steps: tuple[Column, ...]) -> list[tuple[str, str]]:
    """Return table and column of each step of a walk after the first."""
    return [(before.reference, step.name) for before, step in zip(steps, steps[1:], strict=False)]


def view_fields(session: Session, table: str, view: str) -> tuple[str, ...]:
    """Return the columns of a UI view of a table, from its list layout; none, and a note, without one."""
    instance = session.instance
    name = DEVICE_VIEWS.get(view.lower(), view)
    found: tuple[str, ...] = ()
    if instance.dictionary.has("sys_ui_list") and instance.dictionary.has("sys_ui_list_element"):
        system = instance.system()
        for each in instance.dictionary.lineage(table):
            layout = system.table("sys_ui_list").first(filters={"name": each, "view": name})
            if layout is not None:
                elements = system.table("sys_ui_list_element").query(f"list_id={layout.sys_id}^ORDERBYposition")
                found = tuple(element["element"] for element in elements)
                break
    if not found:
        instance.ledger.note("parameter", "sysparm_view", f"{table} has no view {view!r} here; all columns are shown")
    return found
