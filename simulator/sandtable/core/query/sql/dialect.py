"""The SQL that one database wants said otherwise than another, and nothing else; `SQLITE` is what SQLite wants.

Texts are compared without letter case by the database itself (`plain`), as the indexes of the store are, where the
needle is ASCII; else through the SQL function `fold`. What is compared with never becomes part of the SQL: each method
returns it as parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sandtable.core.query.language.folding import folded
from sandtable.core.query.language.moments import Offset
from sandtable.core.query.sql.predicates import Place

LISTED_SINGLY = 200  # more values than these travel as one parameter
LONGEST_PATTERN = 10_000  # SQLite refuses LIKE patterns of 50,000 bytes
NOCASE = " COLLATE NOCASE"


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the values of its `?`, in order."""

    text: str
    parameters: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL that reads; `roots` names every root table it touches, so that the store can prepare them."""

    sql: str
    parameters: tuple[object, ...]
    roots: tuple[str, ...]


TRUE, FALSE = Sql("1 = 1"), Sql("1 = 0")


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever its characters."""
    return '"' + name.replace('"', '""') + '"'


def joined(connective: str, parts: Sequence[Sql]) -> Sql:
    """Return parts joined by AND or OR as a balanced tree: SQLite limits the depth of an expression to 1000."""
    if len(parts) == 1:
        return parts[0]
    texts = [part.text for part in parts]
    while len(texts) > 1:
        texts = [
            f"({f' {connective} '.join(texts[index : index + 2])})" if index + 1 < len(texts) else texts[index]
            for index in range(0, len(texts), 2)
        ]
    return Sql(texts[0], tuple(value for part in parts for value in part.parameters))


def unless(expression: str, said: Mapping[str, Sequence[str]]) -> str:
    """Return an expression that is NULL where one of others, which `said` has, is one of its texts of our own."""
    tests = (f"""{other} IN ({",".join(f"'{text}'" for text in texts)})""" for other, texts in said.items())
    return f"(CASE WHEN {' OR '.join(tests)} THEN NULL ELSE {expression} END)"


_PARTS: dict[str, Callable[[str], str]] = {
    "year": lambda at: f"CAST(substr({at}, 1, 4) AS INTEGER)",
    "quarter": lambda at: f"((CAST(substr({at}, 6, 2) AS INTEGER) + 2) / 3)",
    "month": lambda at: f"CAST(substr({at}, 6, 2) AS INTEGER)",
    # An ISO week has the number of its Thursday's week of the year.
    "week": lambda at: f"((CAST(strftime('%j', date({at}, '-3 days', 'weekday 4')) AS INTEGER) - 1) / 7 + 1)",
    "dayofweek": lambda at: f"((CAST(strftime('%w', {at}) AS INTEGER) + 6) % 7 + 1)",
    "hour": lambda at: f"CAST(substr({at}, 12, 2) AS INTEGER)",
}
_PERIODS: dict[str, Callable[[str], str]] = {
    "year": lambda at: f"substr({at}, 1, 4)",
    "quarter": lambda at: f"substr({at}, 1, 4) || ((CAST(substr({at}, 6, 2) AS INTEGER) + 2) / 3)",
    "month": lambda at: f"substr({at}, 1, 7)",
    "week": lambda at: f"date({at}, '-6 days', 'weekday 1')",
    "day": lambda at: f"substr({at}, 1, 10)",
    "hour": lambda at: f"substr({at}, 1, 13)",
    "minute": lambda at: f"substr({at}, 1, 16)",
}


class Dialect:
    """How SQLite says it; another database is a class that says some of it otherwise."""

    name = "sqlite"

    def plain(self, expression: str) -> str:
        """Return a text with the letters A to Z alike in upper and lower case, to compare, group and sort by."""
        return expression + NOCASE

    def same(self, left: str, right: str) -> str:
        """Return the test that two texts are equal, the letters A to Z alike in upper and lower case."""
        return f"{left} = {right}{NOCASE}"

    def folded(self, expression: str) -> str:
        """Return a text with every letter in lower case."""
        return f"fold({expression})"

    def listed(self, values: Sequence[str] | Sequence[int]) -> Sql:
        """Return any number of values as a subquery with one parameter."""
        return Sql("(SELECT value FROM json_each(?))", (json.dumps(values),))

    def direction(self, *, descending: bool) -> str:
        """Return how a sort key is sorted: empty values first, last when descending."""
        return "DESC" if descending else "ASC"

    def extreme(self, function: str, expression: str) -> str:
        """Return the smallest or largest of texts, as one of them is spelt."""
        return f"{function.upper()}({self.plain(expression)})"

    def among(self, expression: str, values: Sequence[str], *, exact: bool) -> Sql:
        """Return the test that a text is one of some values; `exact` tells upper from lower case."""
        if exact:
            return self._in(expression, values)
        plain = [value for value in values if value.isascii()]
        parts = [self._plainly_in(expression, plain)] if plain else []
        other = [folded(value) for value in values if not value.isascii()]
        if len(other) > 8:
            parts.append(self._in(self.folded(expression), other))
        else:
            folding = self.folded(expression)
            parts += [self._guarded(expression, value, Sql(f"{folding} = ?", (value,))) for value in other]
        return joined("OR", parts)

    def places(self, expression: str, rows: Sequence[int]) -> Sql:
        """Return the test that a row is at one of some places of its table."""
        if not rows:
            return FALSE
        listed = self.listed(rows)
        return Sql(f"{expression} IN {listed.text}", listed.parameters)

    def _in(self, expression: str, values: Sequence[str]) -> Sql:
        if len(values) == 1:
            return Sql(f"{expression} = ?", (values[0],))
        if len(values) <= LISTED_SINGLY:
            return Sql(f"{expression} IN ({','.join('?' * len(values))})", tuple(values))
        listed = self.listed(values)
        return Sql(f"{expression} IN {listed.text}", listed.parameters)

    def _plainly_in(self, expression: str, values: Sequence[str]) -> Sql:
        if len(values) == 1:
            return self.plainly(expression, "=", values[0])
        return self._in(self.plain(expression), values)

    def read_past_index(self, expression: str) -> str:
        """Return an expression that means the same, and by which no index is searched."""
        return f"+{expression}"

    def plainly(self, expression: str, operator: str, value: str) -> Sql:
        """Return the comparison of a text with an ASCII one, upper and lower case alike."""
        return Sql(f"{expression} {operator} ?{NOCASE}", (value,))

    def _guarded(self, expression: str, needle: str, test: Sql) -> Sql:
        """Return the test, with a range over the needle's leading ASCII part in front that an index can serve."""
        lead = len(needle)
        if not needle.isascii():
            lead = next(index for index, letter in enumerate(needle) if not letter.isascii())
        prefix = folded(needle[:lead])
        if not prefix:
            return test
        beyond = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        above, below = self.plainly(expression, ">=", prefix), self.plainly(expression, "<", beyond)
        return Sql(f"({above.text} AND {below.text} AND {test.text})", (prefix, beyond, *test.parameters))

    def contains(self, expression: str, needle: str, place: Place) -> Sql:
        """Return the test that a text holds a needle, upper and lower case alike."""
        if needle.isascii() and len(needle) <= LONGEST_PATTERN:
            pattern = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            pattern = f"{'' if place == 'start' else '%'}{pattern}{'' if place == 'end' else '%'}"
            test = self._like(expression, pattern)
        else:
            wanted = folded(needle)
            if place == "anywhere":
                return self._holds(self.folded(expression), wanted)
            test = self._at_an_end(self.folded(expression), wanted, start=place == "start")
        return self._guarded(expression, needle, test) if place == "start" else test

    def _like(self, expression: str, pattern: str) -> Sql:
        return Sql(f"{expression} LIKE ? ESCAPE '\\'", (pattern,))

    def _holds(self, expression: str, wanted: str) -> Sql:
        return Sql(f"instr({expression}, ?) > 0", (wanted,))

    def _at_an_end(self, expression: str, wanted: str, *, start: bool) -> Sql:
        if start:
            return Sql(f"substr({expression}, 1, ?) = ?", (len(wanted), wanted))
        return Sql(f"substr({expression}, ?) = ?", (-len(wanted), wanted))

    def compare(self, expression: str, operator: str, value: str, *, exact: bool) -> Sql:
        """Return a comparison of texts by code points, the letters A to Z (or all, for other needles) folded."""
        if exact:
            return Sql(f"{expression} {operator} ?", (value,))
        if value.isascii():
            return self.plainly(expression, operator, value)
        return Sql(f"{self.folded(expression)} {operator} ?", (folded(value),))

    def compare_numbers(self, expression: str, operator: str, value: str) -> Sql:
        """Return the comparison of two texts as the numbers that they start with."""
        return Sql(f"{self.number(expression)} {operator} {self.number('?')}", (value,))

    def number(self, expression: str) -> str:
        """Return the number that a text starts with; 0 when it starts with none."""
        return f"CAST({expression} AS NUMERIC)"

    def seconds(self, expression: str) -> str:
        """Return the seconds since 1970 of a stored date and time, or date."""
        return f"CAST(strftime('%s', {expression}) AS INTEGER)"

    def midnight(self, expression: str) -> str:
        """Return a stored date as the moment at which it begins."""
        return f"datetime({expression})"

    def local(self, expression: str, offsets: Sequence[Offset]) -> str:
        """Return a stored moment as the clocks of a zone show it; `offsets` is the zone's history, oldest first."""
        if len(offsets) == 1:
            shift = offsets[0].seconds
            return f"datetime({expression}, '{shift:+d} seconds')" if shift else expression
        return f"datetime({expression}, {self._shift(expression, offsets)})"

    def _shift(self, expression: str, offsets: Sequence[Offset]) -> str:
        if len(offsets) == 1:
            return f"'{offsets[0].seconds:+d} seconds'"
        middle = len(offsets) // 2
        before, after = self._shift(expression, offsets[:middle]), self._shift(expression, offsets[middle:])
        return f"CASE WHEN {expression} < '{offsets[middle].since}' THEN {before} ELSE {after} END"

    def date_part(self, name: str, at: str) -> str:
        """Return a part of a local moment as a number: year, quarter, month, week, dayofweek or hour."""
        return _PARTS[name](at)

    def period(self, name: str, at: str) -> str:
        """Return the year, quarter, month, week, day, hour or minute that a local moment lies in, as text in order."""
        return f"({_PERIODS[name](at)})"

    def page(self, limit: int | None, offset: int) -> Sql:
        """Return the clause for one page of the rows; nothing for all of them."""
        largest = 2**63 - 1
        if limit is None and offset <= 0:
            return Sql("")
        bounded = -1 if limit is None else min(max(limit, 0), largest)
        return Sql(" LIMIT ? OFFSET ?", (bounded, min(max(offset, 0), largest)))


SQLITE = Dialect()
