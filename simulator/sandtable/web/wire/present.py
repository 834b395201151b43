"""Records as a client sees them: six shapes by display mode and links, dot-walked keys, hidden columns left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandtable.core.platform.display import display_value, look_ahead
from sandtable.core.platform.journal_text import journal_texts
from sandtable.core.schema.columns import JOURNAL_TYPES
from sandtable.core.schema.private_values import is_private, may_be_private
from sandtable.web.transaction import Transaction
from sandtable.web.wire.answers import base_url, json_bytes
from sandtable.web.wire.parameters import Shape

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.columns import Column

BODIES_KEPT = 2_000
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
    """One member of the answer: its key, the columns walked to reach its value, and whether that is shown as stored.

    `by_value` tells that what is shown hangs on the stored value alone. `name` is that of the first column.
    """

    key: str
    steps: tuple[Column, ...]
    as_stored: bool
    by_value: bool
    name: str


@dataclass(frozen=True, slots=True)
class _Plan:
    """How records of a class are shown: what an empty one looks like, which members are shown as they are stored, and
    the others, each with what its values were shown as so far, where those decide it."""

    empty: dict[str, Any]
    as_stored: frozenset[str]
    others: list[tuple[Shown, dict[str, Any] | None]]


class Members(list[Shown]):
    """The members to show for records of a class; `own` tells that none is reached over a reference."""

    def __init__(self, members: Iterable[Shown]) -> None:
        super().__init__(members)
        self.own = all(len(member.steps) == 1 for member in self)
        firsts = {member.name: (member.steps[0], len(member.steps)) for member in self}
        self.references = tuple(column for column, _ in firsts.values() if column.is_reference)
        self.walked = tuple(column for column, steps in firsts.values() if column.is_reference and steps > 1)
        self.journals = tuple(name for name, (column, _) in firsts.items() if column.type in JOURNAL_TYPES)


class Presenter:
    """Shows records of one table in one shape; made once for each answer."""

    def __init__(self, transaction: Transaction, table: str, shape: Shape) -> None:
        self._session = transaction.session
        self._instance = transaction.instance
        self._table = table
        self._shape = shape
        self._link_start = f"{base_url(transaction)}/api/now{transaction.version}/table"
        self._one = {"false": self._stored, "true": self._displayed, "all": self._both}[shape.display]
        self._nothing: Any = {"display_value": "", "value": ""} if shape.display == "all" else ""
        self._members: dict[str, Members] = {}
        self._plans: dict[str, _Plan] = {}
        self._journals: dict[tuple[str, str], str] = {}
        self._seen: set[str] = set()
        self._bodies: dict[Any, tuple[object, object, bytes]] = transaction.world.bodies
        self._walked: dict[tuple[str, str], Record | None] = {}

    def look_ahead(self, records: Sequence[Record]) -> None:
        """Read at once what the records that are about to be shown need beside themselves; optional."""
        references: list[tuple[str, str]] = []
        journals: dict[tuple[str, ...], dict[str, str]] = {}
        shows = self._shape.display != "false"
        for record in records:
            values = record.stored
            members = self._members_of(record.table)
            for column in members.references if shows else members.walked:
                value = values.get(column.name)
                if value and value not in self._seen:
                    self._seen.add(value)
                    references.append((column.reference, value))
            if shows and members.journals:
                journals.setdefault(members.journals, {})[record.sys_id] = record.table
        look_ahead(self._session, references)
        for elements, owners in journals.items():
            self._journals.update(journal_texts(self._session, owners, elements))

    def show(self, record: Record) -> dict[str, Any]:
        """Return the members of one record; columns that the caller may not read are left out."""
        values = record.stored
        plan = self._plan(record.table)
        shown = plan.empty.copy()
        for name, text in values.items():
            if name in plan.as_stored:
                shown[name] = text
        for member, known in plan.others:
            if known is not None:
                value = values.get(member.name, "")
                one = known.get(value) if value else self._nothing
                if one is None:
                    one = known[value] = self._one(record, member.steps[-1])
                shown[member.key] = one
            else:
                holder = record if len(member.steps) == 1 else self._walk(record, member.steps)
                shown[member.key] = self._one(holder, member.steps[-1])
        return shown

    def _plan(self, table: str) -> _Plan:
        plan = self._plans.get(table)
        if plan is None:
            members = self._members_of(table)
            plan = self._plans[table] = _Plan(
                {member.key: "" for member in members},
                frozenset([member.key for member in members if member.as_stored]),
                [(member, {} if member.by_value else None) for member in members if not member.as_stored],
            )
        return plan

    def documents(self, records: Sequence[Record]) -> bytes:
        """Return the answer `{"result":[...]}` for records, in bytes."""
        if self._shape.display != "false" or len(records) > BODIES_KEPT // 4:
            self.look_ahead(records)
            return json_bytes({"result": [self.show(record) for record in records]})
        if not all(self._members_of(record.table).own for record in records):
            self.look_ahead(records)
        return b'{"result":[%b]}' % b",".join([self._shown_alone(record) for record in records])

    def document(self, record: Record) -> bytes:
        """Return the answer `{"result":{...}}` for one record, in bytes.

        What hangs on the record alone is remembered until the record, or what the caller may see of it, changes.
        """
        return b'{"result":%b}' % self._shown_alone(record)

    def _shown_alone(self, record: Record) -> bytes:
        members = self._members_of(record.table)
        if self._shape.display != "false" or not members.own:
            return json_bytes(self.show(record))
        bodies = self._bodies
        key = (record.table, record.sys_id, self._link_start, self._shape)
        known = bodies.get(key)
        if known is not None and known[0] is record.stored and known[1] is members:
            return known[2]
        body = json_bytes(self.show(record))
        if len(bodies) >= BODIES_KEPT:
            bodies.clear()
        bodies[key] = (record.stored, members, body)
        return body

    def _members_of(self, table: str) -> Members:
        members = self._members.get(table)
        if members is None:
            members = self._members[table] = self._remembered(table)
        return members

    def _remembered(self, table: str) -> Members:
        """Return the members to show for records of a class, worked out once for each user and shape."""
        session = self._session
        names = self._names()
        key = ("shown", self._table, table, self._shape, names, session.user_name, session.enforced, session.roles)
        members, explanations = self._instance.cached(key, DECIDING, lambda: self._readable(table, names))
        for text in explanations:
            session.explain(text)
        return members

    def _readable(self, table: str, names: tuple[str, ...]) -> tuple[Members, list[str]]:
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
            hangs = len(steps) > 1 or may_be_private(steps[0]) or steps[0].type in JOURNAL_TYPES
            members.append(Shown(name, steps, self._is_as_stored(steps), not hangs, steps[0].name))
        return Members(members), explanations

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
        if column.type in JOURNAL_TYPES:
            known = self._journals.get((holder.sys_id, column.name))
            if known is not None:
                return known
        elif is_private(holder, column):
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
