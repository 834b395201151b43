"""What PostgreSQL wants said otherwise than SQLite.

Its text columns have collation "C", under which order is that of code points and `lower` knows the letters A to Z
alone. What it has no function for stands in the schema `sandtable` of the database (see core/store/postgres).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from sandtable.core.query.language.moments import Offset
from sandtable.core.query.sql.dialect import Dialect, Sql

# What no text of PostgreSQL has in it, in JSON and as characters: zero, and halves of pairs.
_UNKNOWN = re.compile(r"\\u(0000|d[89a-f])")
_UNKNOWN_CHARACTER = re.compile("[\0\ud800-\udfff]")
_TEXT = "'YYYY-MM-DD HH24:MI:SS'"


def keepable(text: str) -> str:
    """Return a text with another character for each that PostgreSQL keeps in none: zero, and halves of pairs."""
    return _UNKNOWN_CHARACTER.sub("\ufffd", text)


class PostgresDialect(Dialect):
    """How PostgreSQL says it."""

    name = "postgresql"

    def plain(self, expression: str) -> str:
        return f"lower({expression})"

    def same(self, left: str, right: str) -> str:
        return f"lower({left}) = lower({right})"

    def folded(self, expression: str) -> str:
        return f"sandtable.fold({expression})"

    def listed(self, values: Sequence[str] | Sequence[int]) -> Sql:
        kind = "::bigint" if values and isinstance(values[0], int) else ""
        text = json.dumps(values)
        if kind == "" and _UNKNOWN.search(text):
            text = json.dumps([keepable(str(each)) for each in values])
        return Sql(f"(SELECT value{kind} FROM json_array_elements_text(?::json))", (text,))

    def direction(self, *, descending: bool) -> str:
        return "DESC NULLS LAST" if descending else "ASC NULLS FIRST"

    def extreme(self, function: str, expression: str) -> str:
        order = "DESC" if function == "max" else "ASC"
        kept = f"FILTER (WHERE {expression} IS NOT NULL)"
        return f"(array_agg({expression} ORDER BY lower({expression}) {order}) {kept})[1]"

    def _plainly_in(self, expression: str, values: Sequence[str]) -> Sql:
        return self._in(self.plain(expression), [value.lower() for value in values])

    def read_past_index(self, expression: str) -> str:
        return expression  # its planner knows how many rows a class has

    def plainly(self, expression: str, operator: str, value: str) -> Sql:
        return Sql(f"lower({expression}) {operator} ?", (value.lower(),))

    def _like(self, expression: str, pattern: str) -> Sql:
        return Sql(f"lower({expression}) LIKE ? ESCAPE '\\'", (pattern.lower(),))

    def _holds(self, expression: str, wanted: str) -> Sql:
        return Sql(f"strpos({expression}, ?) > 0", (wanted,))

    def _at_an_end(self, expression: str, wanted: str, *, start: bool) -> Sql:
        return Sql(f"{'left' if start else 'right'}({expression}, ?) = ?", (len(wanted), wanted))

    def number(self, expression: str) -> str:
        return f"sandtable.number({expression})"

    def seconds(self, expression: str) -> str:
        return f"extract(epoch FROM sandtable.moment({expression}))::bigint"

    def midnight(self, expression: str) -> str:
        return f"to_char(sandtable.moment({expression}), {_TEXT})"

    def local(self, expression: str, offsets: Sequence[Offset]) -> str:
        if len(offsets) == 1 and not offsets[0].seconds:
            return expression
        return f"to_char(sandtable.moment({expression}) + {self._shift(expression, offsets)}, {_TEXT})"

    def _shift(self, expression: str, offsets: Sequence[Offset]) -> str:
        shifted = super()._shift(expression, offsets)
        return f"({shifted})::interval" if len(offsets) > 1 else f"interval {shifted}"

    def date_part(self, name: str, at: str) -> str:
        if name == "quarter":
            return f"floor(({_digits(at, 6, 2)} + 2) / 3)"
        if name in ("week", "dayofweek"):
            return f"extract({'isodow' if name == 'dayofweek' else 'week'} FROM sandtable.moment({at}))"
        start, length = {"year": (1, 4), "month": (6, 2), "hour": (12, 2)}[name]
        return _digits(at, start, length)

    def period(self, name: str, at: str) -> str:
        if name == "quarter":
            return f"(left({at}, 4) || {self.date_part('quarter', at)})"
        if name == "week":
            return f"to_char(date_trunc('week', sandtable.moment({at})), 'YYYY-MM-DD')"
        return f"left({at}, {({'year': 4, 'month': 7, 'day': 10, 'hour': 13, 'minute': 16})[name]})"

    def page(self, limit: int | None, offset: int) -> Sql:
        if limit is None and offset > 0:
            return Sql(" OFFSET ?", (min(offset, 2**63 - 1),))
        return super().page(limit, offset)


def _digits(expression: str, start: int, length: int) -> str:
    return f"sandtable.number(substr({expression}, {start}, {length}))"


POSTGRES = PostgresDialect()
