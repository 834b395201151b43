"""A resolved query as SQL over the store's tables.

Each root table R is the SQL table ``r_R`` with ``_seq`` (order of insertion), ``_table`` (the record's class) and a
text column for each dictionary column, NULL when empty. Dot-walks are left joins on sys_id: they never multiply rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, singledispatchmethod
from itertools import count

from sandtable.core.query.language.moments import offsets
from sandtable.core.query.sql.dialect import FALSE, SQLITE, TRUE, Dialect, Sql, Statement, joined, quoted, unless
from sandtable.core.query.sql.predicates import (
    All,
    Always,
    Among,
    Any,
    Compare,
    CompareFields,
    Contains,
    DatePart,
    Distance,
    Empty,
    Field,
    Found,
    Listed,
    Predicate,
    Related,
    ResolvedOrder,
    ResolvedQuery,
)
from sandtable.core.schema.columns import DATE_TIME_TYPES
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.private_values import SAYS_PRIVATE, holds_properties
from sandtable.core.values.errors import BadRequest

Hops = tuple[tuple[str, str], ...]
# Tells of a table whether so many rows of its root are of it that to search for them by their class does not pay.
IsCommon = Callable[[str], bool]


def _nobody(table: str) -> bool:
    return False


# SQLite joins at most 64 tables, and sorts by at most 2000 columns.
MOST_JOINS, MOST_ORDERS = 60, 1000


@dataclass(slots=True)
class _Shared:
    """What a statement and the subqueries inside it have in common."""

    dictionary: Dictionary
    dialect: Dialect
    is_common: IsCommon = _nobody
    roots: dict[str, None] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=lambda: count(1))


class Clause:
    """The FROM, JOIN and WHERE of a query on one table, for a SELECT list of one's own.

    `column` and `expression` name columns for that list, and join the tables they need; so read `source`, `parameters`
    and `roots` only when all columns have been named.
    """

    def __init__(self, table: str, shared: _Shared, alias: str = "t") -> None:
        self.table = table
        self.alias = alias
        self._shared = shared
        self.dialect = shared.dialect
        self._joins: dict[Hops, tuple[str, Sql]] = {}
        self._root = shared.dictionary.root(table)
        shared.roots[self._root] = None
        self._where: Sql | None = None

    # what it consists of -------------------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """What follows FROM: the table and its joins."""
        base = f"{quoted('r_' + self._root)} AS {quoted(self.alias)}"
        return " ".join((base, *(sql.text for _, sql in self._joins.values())))

    @property
    def where(self) -> str:
        """What follows WHERE; always a condition."""
        return (self._where or TRUE).text

    @property
    def parameters(self) -> tuple[object, ...]:
        """The values of `?` in `source` and then in `where`."""
        joins = tuple(value for _, sql in self._joins.values() for value in sql.parameters)
        return joins + (self._where or TRUE).parameters

    @property
    def roots(self) -> tuple[str, ...]:
        """The root tables that the clause touches, the queried one first."""
        return tuple(self._shared.roots)

    # naming columns ------------------------------------------------------------------------------------------------

    def column(self, path: str) -> str | None:
        """Return what `shown` does for a column, dot-walked or not; None when the path does not exist."""
        found = field_at(self._shared.dictionary, self.table, path)
        return None if found is None else self.shown(found)

    def expression(self, found: Field) -> str:
        """Return the SQL expression of a field."""
        return f"{quoted(self._alias(found.hops))}.{quoted(found.name)}"

    def shown(self, found: Field) -> str:
        """Return the SQL expression of what answers may show of a field: NULL for the value of a private property."""
        expression = self.expression(found)
        if not holds_properties(found.column):
            return expression
        said = {self.expression(replace(found, name=name)): texts for name, texts in SAYS_PRIVATE.items()}
        return unless(expression, said)

    def order_by(self, order: Sequence[ResolvedOrder]) -> str:
        """Return what follows ORDER BY: empty values first, last when descending; then the order of insertion."""
        # A second order by the same column decides nothing.
        keys: dict[str, str] = {}
        for each in order:
            keys.setdefault(self._sort_key(each.field), self.dialect.direction(descending=each.descending))
        if len(keys) > MOST_ORDERS:
            raise BadRequest("Query too complex", f"A list can be sorted by at most {MOST_ORDERS} columns")
        parts = [f"{key} {direction}" for key, direction in keys.items()]
        direction = "DESC" if order and order[-1].descending else "ASC"
        return ", ".join((*parts, f'{quoted(self.alias)}."_seq" {direction}'))

    def _sort_key(self, found: Field) -> str:
        expression = self.shown(found)
        if found.column.is_number:
            return self.dialect.number(expression)
        return expression if found.is_identity else self.dialect.plain(expression)

    def _alias(self, hops: Hops) -> str:
        if not hops:
            return self.alias
        known = self._joins.get(hops)
        if known is None:
            left = f"{quoted(self._alias(hops[:-1]))}.{quoted(hops[-1][0])}"
            if len(self._joins) >= MOST_JOINS:
                raise BadRequest(
                    "Query too complex",
                    f"A request may follow at most {MOST_JOINS} references by dot-walking; ask in several requests",
                )
            table = hops[-1][1]
            alias = f"j{next(self._shared.numbers)}"
            root = self._shared.dictionary.root(table)
            self._shared.roots[root] = None
            only = self._class(table, alias, by_index=False)
            on = f'{quoted(alias)}."sys_id" = {left}' + (f" AND {only.text}" if only is not None else "")
            sql = Sql(f"LEFT JOIN {quoted('r_' + root)} AS {quoted(alias)} ON {on}", only.parameters if only else ())
            known = self._joins[hops] = (alias, sql)
        return known[0]

    def _class(self, table: str, alias: str, *, by_index: bool) -> Sql | None:
        """Return the condition that a row is of a table that is no root, or of one that extends it."""
        dictionary = self._shared.dictionary
        if dictionary.root(table) == table:
            return None
        kept = f'{quoted(alias)}."_table"'
        return self.dialect.among(
            kept if by_index else self.dialect.read_past_index(kept), dictionary.descendants(table), exact=True
        )

    # conditions ----------------------------------------------------------------------------------------------------

    def restrict(self, *conditions: Sql, asked: Predicate | None = None) -> None:
        """Set what follows WHERE to the conditions, beside the restriction to the table's classes.

        A database without statistics takes an index for classes to be as good as any other: rows are searched for by
        class only where that is few of them, and nothing `asked` names fewer.
        """
        by_index = not self._names_few(asked) and not self._shared.is_common(self.table)
        only = self._class(self.table, self.alias, by_index=by_index)
        parts = [*([only] if only is not None else []), *conditions]
        self._where = joined("AND", parts) if parts else None

    def _names_few(self, asked: Predicate | None) -> bool:
        """Tell whether one of the conditions that must hold is for certain values of an indexed column."""
        if isinstance(asked, All):
            return any(self._names_few(part) for part in asked.parts)
        if not isinstance(asked, Among) or asked.negated or asked.field.hops:
            return False
        name = asked.field.name
        indexed = name == "sys_id" or name in self._shared.dictionary.indexed(self._root)
        return indexed and all(map(str.isascii, asked.values))

    @singledispatchmethod
    def sql(self, predicate: Predicate) -> Sql:
        """Return a predicate as a condition that is true exactly where the predicate holds."""
        raise TypeError(f"no SQL is known for {predicate!r}")

    @sql.register
    def _(self, predicate: Always) -> Sql:
        return TRUE if predicate.truth else FALSE

    @sql.register
    def _(self, predicate: Empty) -> Sql:
        return Sql(f"{self.expression(predicate.field)} IS {'NOT ' if predicate.negated else ''}NULL")

    @sql.register
    def _(self, predicate: Among) -> Sql:
        expression = self.expression(predicate.field)
        test = self.dialect.among(expression, predicate.values, exact=predicate.field.is_identity)
        return _negated(expression, test, or_empty=predicate.or_empty) if predicate.negated else test

    @sql.register
    def _(self, predicate: Compare) -> Sql:
        expression = self.expression(predicate.field)
        if predicate.as_number:
            test = self.dialect.compare_numbers(expression, predicate.operator, predicate.value)
        else:
            exact = predicate.field.is_identity
            test = self.dialect.compare(expression, predicate.operator, predicate.value, exact=exact)
        return Sql(f"({expression} IS NULL OR {test.text})", test.parameters) if predicate.or_empty else test

    @sql.register
    def _(self, predicate: Contains) -> Sql:
        expression = self.expression(predicate.field)
        test = self.dialect.contains(expression, predicate.needle, predicate.place)
        return _negated(expression, test, or_empty=predicate.or_empty) if predicate.negated else test

    @sql.register
    def _(self, predicate: Found) -> Sql:
        place = f'{quoted(self.alias)}."_seq"'
        named = self.dialect.places(place, predicate.rows)
        if not predicate.unsure:
            return named
        return joined(
            "OR", [named, joined("AND", [self.dialect.places(place, predicate.unsure), self.sql(predicate.search)])]
        )

    @sql.register
    def _(self, predicate: Listed) -> Sql:
        expression = self.expression(predicate.field)
        held = self.dialect.contains(f"(',' || {expression} || ',')", f",{predicate.element},", "anywhere")
        return _negated(expression, held, or_empty=True)

    @sql.register
    def _(self, predicate: CompareFields) -> Sql:
        left, right = self.expression(predicate.field), self.expression(predicate.other)
        shape: Callable[[str], str]
        if predicate.by == "number":
            shape = self.dialect.number
        elif predicate.by == "text":
            shape = self.dialect.folded
        else:
            return self._compare_periods(predicate)
        test = f"{shape(left)} {predicate.operator} {shape(right)}"
        return Sql(_or_one_empty(left, right, test) if predicate.operator == "!=" else test)

    def _compare_periods(self, predicate: CompareFields) -> Sql:
        sides = [self._local(each, predicate.zone) for each in (predicate.field, predicate.other)]
        left, right = (self.dialect.period(predicate.by, each) for each in sides)
        test = f"{left} {predicate.operator} {right}"
        if predicate.operator == "!=":
            test = _or_one_empty(self.expression(predicate.field), self.expression(predicate.other), test)
        return Sql(test)

    @sql.register
    def _(self, predicate: Distance) -> Sql:
        left, right = self.expression(predicate.field), self.expression(predicate.other)
        between = f"({self.dialect.seconds(right)} - {self.dialect.seconds(left)})"
        tests = []
        if predicate.above is not None:
            tests.append(Sql(f"{between} > ?", (predicate.above,)))
        if predicate.below is not None:
            tests.append(Sql(f"{between} < ?", (predicate.below,)))
        return joined("AND", tests) if tests else TRUE

    @sql.register
    def _(self, predicate: DatePart) -> Sql:
        part = self.dialect.date_part(predicate.part, self._local(predicate.field, predicate.zone))
        return Sql(f"{part} {predicate.operator} ?", (predicate.number,))

    def _local(self, found: Field, zone: str) -> str:
        expression = self.expression(found)
        if found.column.type not in DATE_TIME_TYPES:
            return self.dialect.midnight(expression)
        return self.dialect.local(expression, offsets(zone))

    @sql.register
    def _(self, predicate: Related) -> Sql:
        inner = Clause(predicate.table, self._shared, f"s{next(self._shared.numbers)}")
        column = f"{quoted(inner.alias)}.{quoted(predicate.column.name)}"
        outer = self.expression(predicate.outer)
        link = Sql(f"{column} = {outer}" if predicate.column.name == "sys_id" else self.dialect.same(column, outer))
        inner.restrict(
            link, *([inner.sql(predicate.where)] if predicate.where is not None else []), asked=predicate.where
        )
        rows = f"FROM {inner.source} WHERE {inner.where}"
        if (predicate.operator, predicate.count) in ((">=", 1), (">", 0), ("!=", 0)):
            return Sql(f"EXISTS (SELECT 1 {rows})", inner.parameters)
        if (predicate.operator, predicate.count) in (("<", 1), ("<=", 0), ("=", 0)):
            return Sql(f"NOT EXISTS (SELECT 1 {rows})", inner.parameters)
        return Sql(f"(SELECT COUNT(*) {rows}) {predicate.operator} ?", (*inner.parameters, predicate.count))

    @sql.register
    def _(self, predicate: All) -> Sql:
        return self._tree("AND", predicate.parts)

    @sql.register
    def _(self, predicate: Any) -> Sql:
        return self._tree("OR", predicate.parts)

    def _tree(self, connective: str, parts: Iterable[Predicate]) -> Sql:
        return joined(connective, [self.sql(part) for part in parts])


def _negated(expression: str, test: Sql, *, or_empty: bool) -> Sql:
    # The test has a truth value wherever the expression has one, so NOT is safe behind the question for NULL.
    first = "IS NULL OR" if or_empty else "IS NOT NULL AND"
    return Sql(f"({expression} {first} NOT ({test.text}))", test.parameters)


def _or_one_empty(left: str, right: str, test: str) -> str:
    return f"({test} OR ({left} IS NULL) <> ({right} IS NULL))"


def field_at(dictionary: Dictionary, table: str, path: str) -> Field | None:
    """Return the field that a path leads to, or None when a step does not exist. Raises UnknownTable."""
    steps = dictionary.walk(table, path)
    if steps is None:
        return None
    hops = tuple((step.name, step.reference) for step in steps[:-1])
    return Field(table, hops, steps[-1].name, steps[-1])


def compile_from_where(
    resolved: ResolvedQuery,
    table: str,
    dictionary: Dictionary,
    is_common: IsCommon = _nobody,
    dialect: Dialect = SQLITE,
) -> Clause:
    """Return the FROM and WHERE of a query, for a SELECT of one's own. Raises UnknownTable and BadRequest."""
    clause = Clause(table, _Shared(dictionary, dialect, is_common))
    if resolved.nothing:
        clause.restrict(FALSE)
    elif resolved.where is None:
        clause.restrict()
    else:
        clause.restrict(clause.sql(resolved.where), asked=resolved.where)
    return clause


def compile_select(
    resolved: ResolvedQuery,
    table: str,
    dictionary: Dictionary,
    *,
    columns: Sequence[str],
    limit: int | None,
    offset: int,
    is_common: IsCommon = _nobody,
    dialect: Dialect = SQLITE,
) -> Statement:
    """Return the statement that reads one page of the matching records: `_seq`, `_table`, then the columns.

    Raises UnknownTable; BadRequest for more than MOST_JOINS dot-walks.
    """
    if resolved.where is None and not resolved.order:
        is_common = (
            _nobody  # an index by class alone has the order of insertion, and rows to be passed over need no more
        )
    clause = compile_from_where(resolved, table, dictionary, is_common, dialect)
    order = clause.order_by(resolved.order)
    listed = _listed(clause.alias, tuple(columns))
    page = dialect.page(limit, offset)
    sql = f"SELECT {listed} FROM {clause.source} WHERE {clause.where} ORDER BY {order}{page.text}"
    return Statement(sql, clause.parameters + page.parameters, clause.roots)


# The list depends on the names alone, and a table of two hundred columns is read thousands of times.
@lru_cache(maxsize=256)
def _listed(alias: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{quoted(alias)}.{quoted(name)}" for name in ("_seq", "_table", *columns))


def compile_count(
    resolved: ResolvedQuery,
    table: str,
    dictionary: Dictionary,
    is_common: IsCommon = _nobody,
    dialect: Dialect = SQLITE,
) -> Statement:
    """Return the statement that counts the matching records. Raises UnknownTable and BadRequest."""
    clause = compile_from_where(resolved, table, dictionary, is_common, dialect)
    return Statement(f"SELECT COUNT(*) FROM {clause.source} WHERE {clause.where}", clause.parameters, clause.roots)
