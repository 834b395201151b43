"""The SQL that another database than SQLite would want said differently, and nothing else.

Texts are compared under `COLLATE NOCASE`, as the indexes of the store are, where the needle is ASCII; else through the
SQL function `fold`. What is compared with never becomes part of the SQL: each function returns it as parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
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


def among(expression: str, values: Sequence[str], *, exact: bool) -> Sql:
    """Return the test that a text is one of some values; `exact` tells upper from lower case."""
    if exact:
        return _in(expression, values)
    plain = [value for value in values if value.isascii()]
    parts = [_in(expression, plain, NOCASE)] if plain else []
    other = [folded(value) for value in values if not value.isascii()]
    if len(other) > 8:
        parts.append(_in(f"fold({expression})", other))
    else:
        parts += [_guarded(expression, value, Sql(f"fold({expression}) = ?", (value,))) for value in other]
    return joined("OR", parts)


def places(expression: str, rows: Sequence[int]) -> Sql:
    """Return the test that a row is at one of some places of its table."""
    return Sql(f"{expression} IN (SELECT value FROM json_each(?))", (json.dumps(rows),)) if rows else FALSE


def read_past_index(expression: str) -> str:
    """Return an expression that means the same, and by which no index is searched."""
    return f"+{expression}"


def _in(expression: str, values: Sequence[str], collation: str = "") -> Sql:
    if len(values) == 1:
        return Sql(f"{expression} = ?{collation}", (values[0],))
    if len(values) <= LISTED_SINGLY:
        return Sql(f"{expression}{collation} IN ({','.join('?' * len(values))})", tuple(values))
    return Sql(f"{expression}{collation} IN (SELECT value FROM json_each(?))", (json.dumps(values),))


def _guarded(expression: str, needle: str, test: Sql) -> Sql:
    """Return the test, with a range over the needle's leading ASCII part in front that an index can serve."""
    lead = len(needle)
    if not needle.isascii():
        lead = next(index for index, letter in enumerate(needle) if not letter.isascii())
    prefix = folded(needle[:lead])
    if not prefix:
        return test
    beyond = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return Sql(
        f"({expression} >= ?{NOCASE} AND {expression} < ?{NOCASE} AND {test.text})", (prefix, beyond, *test.parameters)
    )


def contains(expression: str, needle: str, place: Place) -> Sql:
    """Return the test that a text holds a needle, upper and lower case alike."""
    if needle.isascii() and len(needle) <= LONGEST_PATTERN:
        pattern = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = f"{'' if place == 'start' else '%'}{pattern}{'' if place == 'end' else '%'}"
        test = Sql(f"{expression} LIKE ? ESCAPE '\\'", (pattern,))
    else:
        wanted = folded(needle)
        if place == "anywhere":
            return Sql(f"instr(fold({expression}), ?) > 0", (wanted,))
        start = "1, ?" if place == "start" else "?"
        length = len(wanted) if place == "start" else -len(wanted)
        test = Sql(f"substr(fold({expression}), {start}) = ?", (length, wanted))
    return _guarded(expression, needle, test) if place == "start" else test


def compare(expression: str, operator: str, value: str, *, exact: bool) -> Sql:
    """Return a comparison of texts by code points, the letters A to Z (or all, for other needles) folded."""
    if exact:
        return Sql(f"{expression} {operator} ?", (value,))
    if value.isascii():
        return Sql(f"{expression} {operator} ?{NOCASE}", (value,))
    return Sql(f"fold({expression}) {operator} ?", (folded(value),))


def compare_numbers(expression: str, operator: str, value: str) -> Sql:
    """Return the comparison of two texts as the numbers that they start with."""
    return Sql(f"{number(expression)} {operator} {number('?')}", (value,))


def number(expression: str) -> str:
    """Return the number that a text starts with; 0 when it starts with none."""
    return f"CAST({expression} AS NUMERIC)"


def seconds(expression: str) -> str:
    """Return the seconds since 1970 of a stored date and time, or date."""
    return f"CAST(strftime('%s', {expression}) AS INTEGER)"


def midnight(expression: str) -> str:
    """Return a stored date as the moment at which it begins."""
    return f"datetime({expression})"


def local(expression: str, offsets: Sequence[Offset]) -> str:
    """Return a stored moment as the clocks of a zone show it; `offsets` is the zone's history, oldest first."""
    if len(offsets) == 1:
        shift = offsets[0].seconds
        return f"datetime({expression}, '{shift:+d} seconds')" if shift else expression
    return f"datetime({expression}, {_shift(expression, offsets)})"


def _shift(expression: str, offsets: Sequence[Offset]) -> str:
    if len(offsets) == 1:
        return f"'{offsets[0].seconds:+d} seconds'"
    middle = len(offsets) // 2
    before, after = _shift(expression, offsets[:middle]), _shift(expression, offsets[middle:])
    return f"CASE WHEN {expression} < '{offsets[middle].since}' THEN {before} ELSE {after} END"


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


def date_part(name: str, at: str) -> str:
    """Return a part of a local moment as a number: year, quarter, month, week, dayofweek or hour."""
    return _PARTS[name](at)


def period(name: str, at: str) -> str:
    """Return the year, quarter, month, week, day, hour or minute that a local moment lies in, as comparable text."""
    return f"({_PERIODS[name](at)})"


def page(limit: int | None, offset: int) -> Sql:
    """Return the clause for one page of the rows; nothing for all of them."""
    largest = 2**63 - 1
    if limit is None and offset <= 0:
        return Sql("")
    bounded = -1 if limit is None else min(max(limit, 0), largest)
    return Sql(" LIMIT ? OFFSET ?", (bounded, min(max(offset, 0), largest)))
