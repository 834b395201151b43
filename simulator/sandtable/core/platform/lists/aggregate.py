"""Counts, sums, averages and extremes over the records that a query matches, as a whole or by groups.

Source: ServiceNow documentation, Aggregate API. The database does the work, so the rows that access control hides are
counted like any others unless property `sandtable.aggregate.counts_hidden_rows` is false; the columns that are
aggregated, grouped by or queried must be readable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sandtable.core.platform.lists.filters import with_filters
from sandtable.core.query import ResolvedQuery, Statement, compile_from_where, evaluating, parse, resolve
from sandtable.core.query.sql.compiling import field_at
from sandtable.core.query.sql.dialect import Dialect
from sandtable.core.query.sql.predicates import Among, all_of
from sandtable.core.schema.columns import Column
from sandtable.core.schema.private_values import may_be_private
from sandtable.core.values.durations import stored_text as stored_duration
from sandtable.core.values.errors import BadRequest, QueryDenied
from sandtable.core.values.texts import comma_list

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.query import Clause

FUNCTIONS = ("avg", "min", "max", "sum")
COUNT = "count"
OPERATORS = frozenset({"=", "!=", ">", ">=", "<", "<="})
BETWEEN_LOOKS = 1_000  # groups, at the clock
COUNT_HIDDEN = "sandtable.aggregate.counts_hidden_rows"


@dataclass(frozen=True, slots=True)
class Sorting:
    """What groups are sorted by: a column, or (`function` set) an aggregate of one; a count may have no column."""

    path: str
    function: str = ""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Having:
    """A condition on groups: `function` of `path` (none for a plain count) compared with a number."""

    function: str
    path: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Aggregation:
    """What is asked for; the column lists may name anything, and what is no column is left out and noted."""

    count: bool = False
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    group_by: Sequence[str] = ()
    order_by: Sequence[Sorting] = ()
    having: Sequence[Having] = ()


@dataclass(frozen=True, slots=True)
class GroupValue:
    """The value that the records of a group have in one column; `table` is where the column's choices are looked up."""

    path: str
    column: Column
    table: str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """One group, or the whole: its values, and its count and aggregates as text (`{"count": "3", "sum": {...}}`)."""

    values: tuple[GroupValue, ...]
    stats: Mapping[str, Any]


def read_having(text: str) -> tuple[Having, ...]:
    """Return the conditions of `count^priority^>^3,avg^impact^<^2`. Raises BadRequest for anything else."""
    found = []
    for part in comma_list(text):
        pieces = [piece.strip() for piece in part.split("^")]
        if len(pieces) == 3:
            pieces.insert(1, "")
        function = pieces[0].lower()
        if len(pieces) != 4 or function not in (COUNT, *FUNCTIONS) or pieces[2] not in OPERATORS:
            raise BadRequest(
                "Invalid sysparm_having", f"{part!r} is not aggregate^field^operator^value, such as count^state^>^3"
            )
        if not _is_number(pieces[3]):
            raise BadRequest("Invalid sysparm_having", f"{pieces[3]!r} in {part!r} is not a number")
        found.append(Having(function, pieces[1], pieces[2], pieces[3]))
    return tuple(found)


def read_order(text: str) -> tuple[Sorting, ...]:
    """Return the order that `state`, `state^DESC`, `COUNT`, `AVG^state^DESC` or a comma list of these stands for."""
    found = []
    for part in comma_list(text):
        pieces = [piece.strip() for piece in part.split("^") if piece.strip()]
        descending = len(pieces) > 1 and pieces[-1].upper() == "DESC"
        if len(pieces) > 1 and pieces[-1].upper() in ("DESC", "ASC"):
            pieces.pop()
        function = pieces[0].lower() if pieces and pieces[0].lower() in (COUNT, *FUNCTIONS) else ""
        # A lone word is a column, unless it is COUNT, which needs none.
        if function and (len(pieces) > 1 or function == COUNT):
            found.append(Sorting(pieces[1] if len(pieces) > 1 else "", function, descending))
        elif pieces:
            found.append(Sorting(pieces[0], "", descending))
    return tuple(found)


def aggregate(
    session: Session,
    table: str,
    query: str,
    asked: Aggregation,
    *,
    filters: Mapping[str, str] | None = None,
    patient: bool = False,
) -> list[Group]:
    """Return one group per combination of the group-by columns' values, or one without values when there are none.

    A `patient` caller lets others write while the database works. Raises QueryDenied, UnknownTable.
    """
    instance = session.instance
    with instance.lock:
        reader = _Reader(session, table, asked)
        resolved = _resolved(session, table, query, filters or {})
        counted = reader.counted() if resolved == ResolvedQuery() else None
        if counted is not None:
            return counted
        store = instance.store
        clause = compile_from_where(resolved, table, instance.dictionary, store.is_common, store.dialect)
        return reader.read(clause, patient=patient)


def _resolved(session: Session, table: str, query: str, filters: Mapping[str, str]) -> ResolvedQuery:
    instance = session.instance
    parsed = with_filters(session, table, parse(query), filters)
    if session.enforced:
        if not instance.access.can(session, "read", table):
            raise QueryDenied
        if instance.access.hides_query(session, table, parsed):
            raise QueryDenied("Field(s) present in the query do not have permission to be read")
    resolved = resolve(parsed, table, session.query_context())
    if not session.enforced or instance.property_is_true(COUNT_HIDDEN, True):
        return resolved
    visible = tuple(record.sys_id for record in session.table(table).query(parsed))
    identity = field_at(instance.dictionary, table, "sys_id")
    assert identity is not None
    parts = ((resolved.where,) if resolved.where is not None else ()) + (Among(identity, visible),)
    return replace(resolved, where=all_of(parts), nothing=resolved.nothing or not visible)


class _Reader:
    """Builds the one statement of an aggregation and reads its rows."""

    def __init__(self, session: Session, table: str, asked: Aggregation) -> None:
        self._session = session
        self._table = table
        self._asked = asked
        self._groups = [(path, column) for path, column in self._known(asked.group_by, "group by") if column]

    def counted(self) -> list[Group] | None:
        """Return how many records there are of each value of a column, where that is all that is asked and is known."""
        asked = self._asked
        if len(self._groups) != 1 or asked.having or asked.order_by or any(asked.columns.values()):
            return None
        path, column = self._groups[0]
        if "." in path or may_be_private(column):
            return None
        counts = self._session.instance.store.value_counts(self._table, column.name)
        if counts is None or not all(value is None or value.isascii() for value in counts):
            return None
        # As the database groups: upper and lower case alike, the smallest spelling for all of them, empty ones first.
        groups: dict[str, tuple[str, int]] = {}
        for value, rows in sorted((value or "", rows) for value, rows in counts.items()):
            first, others = groups.get(value.lower(), (value, 0))
            groups[value.lower()] = first, others + rows
        ordered = sorted(groups.values(), key=lambda group: _sorted_as(column, group[0]))
        return [self._group((value, rows), ()) for value, rows in ordered]

    def read(self, clause: Clause, *, patient: bool) -> list[Group]:
        groups = [_expression(clause, path) for path, column in self._groups]
        wanted = [
            (function, path, column)
            for function in FUNCTIONS
            for path, column in self._known(self._asked.columns.get(function, ()), function)
            if self._can_aggregate(function, path, column)
        ]
        # The smallest spelling stands for a group whose values differ in case only.
        selected = [f"MIN({each})" for each in groups] + ["COUNT(*)"]
        dialect = clause.dialect
        selected += [
            _aggregate(dialect, function, _expression(clause, path), column) for function, path, column in wanted
        ]
        having, values = self._having(clause)
        order = self._order(clause, groups)
        # Read last: naming a dot-walked column adds the join it needs.
        sql = f"SELECT {', '.join(selected)} FROM {clause.source} WHERE {clause.where}"
        if groups:
            sql += f" GROUP BY {', '.join(map(clause.dialect.plain, groups))}"
        if having:
            sql += f" HAVING {having}"
        if groups and order:
            sql += f" ORDER BY {order}"
        statement = Statement(sql, clause.parameters + values, clause.roots)
        instance = self._session.instance
        with instance.patience.asking(patient=patient):
            rows = instance.store.execute(statement)
        return [self._group(row, wanted) for row in self._while_time(rows)]

    def _while_time(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """Yield rows, as long as the transaction may go on. Raises TransactionCancelled."""
        for number, row in enumerate(rows):
            if not number % BETWEEN_LOOKS:
                self._session.instance.store.check_time()
            yield row

    def _group(self, row: tuple[Any, ...], wanted: Sequence[tuple[str, str, Column]]) -> Group:
        size = len(self._groups)
        values = tuple(
            GroupValue(path, column, self._owner(path, column), row[index] or "")
            for index, (path, column) in enumerate(self._groups)
        )
        stats: dict[str, Any] = {}
        if self._asked.count:
            stats[COUNT] = str(row[size])
        for number, (function, path, column) in enumerate(wanted, size + 1):
            stats.setdefault(function, {})[path] = _text(function, column, row[number])
        return Group(values, stats)

    def _owner(self, path: str, column: Column) -> str:
        """Return the table whose choice lists apply: the queried one for its own columns, else the column's."""
        return column.table if "." in path else self._table

    def _having(self, clause: Clause) -> tuple[str, tuple[object, ...]]:
        tests, values = [], []
        for having in self._asked.having:
            expression = self._measured(clause, having.function, having.path)
            if expression is not None:
                operator = "<>" if having.operator == "!=" else having.operator
                tests.append(f"{expression} {operator} {clause.dialect.number('?')}")
                values.append(having.value)
        return " AND ".join(tests), tuple(values)

    def _order(self, clause: Clause, groups: Sequence[str]) -> str:
        parts = []
        for sorting in self._asked.order_by:
            direction = clause.dialect.direction(descending=sorting.descending)
            if sorting.function:
                expression = self._measured(clause, sorting.function, sorting.path)
                parts += [f"{expression} {direction}"] if expression is not None else []
                continue
            index = next((number for number, (path, _) in enumerate(self._groups) if path == sorting.path), None)
            if index is None:
                self._note("sysparm_order_by", f"{sorting.path} is none of the columns grouped by")
                continue
            parts.append(f"{_sortable(clause.dialect, self._groups[index][1], groups[index])} {direction}")
        ascending = clause.dialect.direction(descending=False)
        for (_, column), each in zip(self._groups, groups, strict=True):
            parts.append(f"{_sortable(clause.dialect, column, each)} {ascending}")
        return ", ".join(parts)

    def _measured(self, clause: Clause, function: str, path: str) -> str | None:
        if function == COUNT and not path:
            return "COUNT(*)"
        for known, column in self._known((path,), function):
            if function == COUNT:
                return f"COUNT({_expression(clause, known)})"
            if self._can_aggregate(function, known, column):
                return _aggregate(clause.dialect, function, _expression(clause, known), column)
        return None

    def _known(self, paths: Sequence[str], purpose: str) -> Iterator[tuple[str, Column]]:
        """Yield each path that leads to a column, once. Raises QueryDenied for one that may not be read."""
        instance = self._session.instance
        for path in dict.fromkeys(path.strip() for path in paths if path.strip()):
            steps = instance.dictionary.walk(self._table, path)
            if steps is None or steps[-1].type.startswith("journal") or steps[-1].is_password:
                self._note(path, f"{self._table} has no column {path} that can be used for {purpose}")
                continue
            table = self._table
            for step in steps:
                if not instance.access.can_field(self._session, "read", table, step.name):
                    raise QueryDenied("Field(s) present in the query do not have permission to be read")
                table = step.reference or table
            yield path, steps[-1]

    def _can_aggregate(self, function: str, path: str, column: Column) -> bool:
        if function in ("min", "max") or column.is_number or column.is_duration:
            return True
        self._note(path, f"{path} holds no numbers, so it has no {function}")
        return False

    def _note(self, name: str, detail: str) -> None:
        self._session.explain(detail)
        self._session.instance.ledger.note("field", f"{self._table}.{name}", detail)


def _expression(clause: Clause, path: str) -> str:
    # What no answer may show makes no group, and is neither the smallest nor the largest.
    expression = clause.column(path)
    assert expression is not None, path
    return expression


def _aggregate(dialect: Dialect, function: str, expression: str, column: Column) -> str:
    if column.is_number:
        expression = dialect.number(expression)
    elif column.is_duration and function in ("sum", "avg"):
        expression = dialect.seconds(expression)
    elif function in ("min", "max"):
        return dialect.extreme(function, expression)
    return f"{function.upper()}({expression})"


def _sortable(dialect: Dialect, column: Column, expression: str) -> str:
    return f"MIN({dialect.number(expression) if column.is_number else dialect.plain(expression)})"


def _sorted_as(column: Column, value: str) -> tuple[bool, float, str]:
    return bool(value), evaluating.number(value) if column.is_number else 0, value.lower()


def _text(function: str, column: Column, value: Any) -> str:
    """Return an aggregate as the platform writes it: averages with four decimals, nothing for no value at all."""
    if value is None:
        return ""
    if column.is_duration and function in ("sum", "avg"):
        return stored_duration(round(value))
    if function == "avg":
        return f"{value:.4f}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(round(value, 6))
    return str(value)


def _is_number(text: str) -> bool:
    try:
        return text.isascii() and "_" not in text and abs(float(text)) < 1e300
    except ValueError:
        return False
