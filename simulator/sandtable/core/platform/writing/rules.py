"""Business rules: what the platform does before and after a record is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import Aborted

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

When = Literal["before", "after"]
INSERT, UPDATE, DELETE = "insert", "update", "delete"
INSERT_OR_UPDATE = frozenset({INSERT, UPDATE})
EVERY_TABLE = "global"  # a rule on this runs for the records of all tables, as on the product
DATA_POLICY_ORDER = 100_000  # data policies see what all other before rules have done


class FieldValues(dict[str, str]):
    """The values of a record in the making; a column without a value reads as empty text."""

    def __missing__(self, key: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One text to be appended to a journal column of the record that is being written."""

    element: str
    text: str


@dataclass(frozen=True, slots=True)
class BusinessRule:
    """One rule for a table and all that extend it; lower `order` runs first, equal ones as registered.

    A before rule changes `context.current` or aborts; an after rule writes other records. `operations` holds insert,
    update, delete. A rule runs with the user's name but without access control.
    """

    name: str
    table: str
    when: When
    operations: frozenset[str]
    script: Callable[[RuleContext], None]
    order: int = 100
    sys_id: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if not self.sys_id:
            object.__setattr__(self, "sys_id", stable_id("sys_script", f"{self.table}.{self.name}"))


class RuleContext:
    """What a rule sees of one write.

    `current` holds the values about to be stored (in an after rule: as stored; on delete: as deleted), `previous` the
    record before an update or delete, `given` what the caller asked to set, already coerced. `journal_entries` are the
    texts given for journal columns; before rules may append, and some after rule of the platform writes them. `record`
    is the stored record, in after rules only. `aborted` is the before rule that asked for the write not to be done,
    while the others still run.
    """

    __slots__ = (
        "aborted",
        "current",
        "given",
        "journal_entries",
        "operation",
        "previous",
        "record",
        "rule",
        "session",
        "table",
    )

    def __init__(
        self,
        session: Session,
        table: str,
        operation: str,
        current: FieldValues,
        previous: Record | None,
        given: Mapping[str, str],
        journal_entries: list[JournalEntry],
    ) -> None:
        self.session = session
        self.table = table
        self.operation = operation
        self.current = current
        self.previous = previous
        self.given = given
        self.journal_entries = journal_entries
        self.record: Record | None = None
        self.rule: BusinessRule | None = None
        self.aborted: BusinessRule | None = None

    @property
    def instance(self) -> Instance:
        return self.session.instance

    @property
    def elevated(self) -> Session:
        """The user's session without access control: what a rule reads and writes other records through."""
        return self.session.without_access_control()

    @property
    def sys_id(self) -> str:
        return self.current["sys_id"]

    def changed(self, element: str) -> bool:
        """Tell whether the write changes a column; on insert, whether it has a value."""
        before = "" if self.previous is None else self.previous[element]
        return self.current[element] != before

    def changes_to(self, element: str, value: str) -> bool:
        """Tell whether the write gives a column this value, which it did not have."""
        return self.current[element] == value and self.changed(element)

    def changes_from(self, element: str, value: str) -> bool:
        """Tell whether the write takes this value from a column; never on insert."""
        return self.previous is not None and self.previous[element] == value and self.changed(element)

    def abort(self, reason: str = "") -> None:
        """Refuse the write. Raises Aborted, which names the running rule."""
        rule = self.rule
        self.session.explain(f"business rule {rule.name if rule else '?'} refused: {reason or 'no reason given'}")
        raise Aborted(self.table, rule.name if rule else "", rule.sys_id if rule else "", reason)


@dataclass(frozen=True, slots=True)
class _Registered:
    scope: str
    rule: BusinessRule


class RuleBook:
    """The business rules of one instance that are Python functions, each registered by a scope."""

    def __init__(self, rules: Iterable[BusinessRule] = ()) -> None:
        self._rules: tuple[_Registered, ...] = ()
        self._matched: dict[tuple[tuple[str, ...], str, str], tuple[BusinessRule, ...]] = {}
        self.register(rules)

    def register(self, rules: Iterable[BusinessRule], *, scope: str = "global") -> None:
        """Add rules in the name of a scope."""
        self.restore(self._rules + tuple(_Registered(scope, rule) for rule in rules))

    def unregister(self, scope: str) -> None:
        """Remove all rules of a scope."""
        self.restore(tuple(each for each in self._rules if each.scope != scope))

    def __iter__(self) -> Iterator[BusinessRule]:
        return iter(each.rule for each in self._rules)

    def matching(self, lineage: tuple[str, ...], when: When, operation: str) -> tuple[BusinessRule, ...]:
        """Return the rules for a table given as its lineage by order, equal ones as registered."""
        key = (lineage, when, operation)
        found = self._matched.get(key)
        if found is None:
            tables = {*lineage, EVERY_TABLE}
            rules = (each.rule for each in self._rules)
            fitting = (rule for rule in rules if rule.table in tables and rule.when == when)
            found = tuple(
                sorted((rule for rule in fitting if operation in rule.operations), key=lambda rule: rule.order)
            )
            self._matched[key] = found
        return found

    def state(self) -> tuple[_Registered, ...]:
        """Return what is registered now; immutable, equal states are the same object."""
        return self._rules

    def restore(self, state: tuple[_Registered, ...]) -> None:
        """Put the rules back to a state."""
        if state is not self._rules:
            self._rules = state
            self._matched = {}
