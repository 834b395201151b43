"""What GlideAggregate asks of the instance: groups of the rows of a query, with counts, sums and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from statistics import pstdev
from typing import TYPE_CHECKING, Any

from sandtable.core.values.durations import seconds_of, stored_text
from sandtable.core.values.zones import stored_moment, to_zone
from sandtable.scripting.objects.records import checked_query, may_touch

if TYPE_CHECKING:
    from sandtable.core.platform.table_access import Record
    from sandtable.core.schema.columns import Column
    from sandtable.scripting.run import Run

_COMPARE = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}
KINDS = frozenset(
    {"COUNT", "SUM", "AVG", "MIN", "MAX", "STDDEV", "GROUP_CONCAT", "GROUP_CONCAT_DISTINCT", "COUNT(DISTINCT"}
)


def aggregate(run: Run, asked: Mapping[str, Any], plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the groups: their values, statistics by `KIND field`, what a trend is called, and their query."""
    name = asked["table"]
    session = run.elevated(enforced=asked["enforced"])
    parsed = None
    if may_touch(run, session, name, "read"):
        parsed = checked_query(run, name, asked["query"], workflow=asked["workflow"])
    records = [] if parsed is None else session.table(name).query(parsed)
    reader = _Reader(run, name)
    groups = [field for field in plan["groups"] if reader.column(field) is not None] if plan["grouping"] else []
    trend = plan["trend"]
    parts: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        key = [reader.value(record, field) for field in groups]
        if trend:
            key.append(_bucket(run, reader.value(record, trend[0]), trend[1], int(trend[2])))
        parts.setdefault(tuple(each.casefold() for each in key), []).append(record)
    if not groups and not trend:
        parts = {(): records}
    found = [_group(run, reader, plan, groups, rows, asked["query"]) for rows in parts.values()]
    found = [group for group in found if all(_having(reader, group, each) for each in plan["having"])]
    if not plan.get("unordered"):
        found.sort(key=lambda group: [reader.sortable(field, group["values"][field]) for field in groups])
    if trend and not groups:
        found.sort(key=lambda group: group["extra"]["$sort"])
    for field, kind, descending in reversed(plan["order"]):
        if kind:
            found.sort(key=partial(_measured, kind, field), reverse=descending)
        elif field in groups:
            found.sort(key=partial(reader.position, field), reverse=descending)
    if plan["window"]:
        found = found[int(plan["window"][0]) : int(plan["window"][1])]
    return found


def _group(
    run: Run, reader: _Reader, plan: Mapping[str, Any], groups: Sequence[str], rows: Sequence[Record], query: str
) -> dict[str, Any]:
    values = {field: reader.value(rows[0], field) for field in groups} if rows else {}
    stats: dict[str, str] = {}
    wanted = [(kind, field) for kind, field in plan["wanted"]]
    wanted += [(kind, field) for kind, field, _, _ in plan["having"]]
    wanted += [(kind, field) for field, kind, _ in plan["order"] if kind]
    for kind, field in wanted:
        stats[f"{kind} {field}"] = reader.statistic(kind, field, rows)
    extra: dict[str, str] = {}
    if plan["trend"] and rows:
        field, interval, units = plan["trend"]
        at = _bucket(run, reader.value(rows[0], field), interval, int(units))
        extra = {"timeref": _bucket_name(at, interval), "$sort": at}
    terms = [f"{field}{'=' + value if value else 'ISEMPTY'}" for field, value in values.items()]
    own = "^".join(part for part in query.split("^") if part and not part.startswith("ORDERBY"))
    return {"values": values, "stats": stats, "extra": extra, "query": "^".join(([own] if own else []) + terms)}


class _Reader:
    """Reads fields of the rows of one table, dot-walked ones too."""

    def __init__(self, run: Run, name: str) -> None:
        self._run = run
        self._name = name
        self._known: dict[str, Sequence[Column] | None] = {}

    def column(self, path: str) -> Column | None:
        if path not in self._known:
            dictionary = self._run.instance.dictionary
            self._known[path] = dictionary.walk(self._name, path) if dictionary.has(self._name) else None
            if self._known[path] is None:
                self._run.instance.ledger.note(
                    "field", f"{self._name}.{path}", "no such field, so nothing is grouped by it"
                )
        steps = self._known[path]
        return steps[-1] if steps else None

    def value(self, record: Mapping[str, str], path: str) -> str:
        if self.column(path) is None:
            return ""
        steps = path.split(".")
        values: Mapping[str, str] | None = record
        for step, column in zip(steps[:-1], self._known[path] or (), strict=False):
            values = self._run.instance.lookup(column.reference, (values or {}).get(step, ""))
        return (values or {}).get(steps[-1], "")

    def sortable(self, path: str, text: str) -> tuple[float, str]:
        column = self.column(path)
        return (_number(text) if column is not None and column.is_number else 0.0, text.casefold())

    def position(self, path: str, group: Mapping[str, Any]) -> tuple[float, str]:
        """Return where a group stands by the value that it has in a field."""
        return self.sortable(path, group["values"][path])

    def statistic(self, kind: str, path: str, rows: Sequence[Record]) -> str:
        if kind not in KINDS:
            self._run.instance.ledger.note("script", f"GlideAggregate {kind}", "an aggregate that is not known")
            return ""
        if kind == "COUNT" or not path:
            return str(len(rows))
        column = self.column(path)
        if column is None:
            return ""
        texts = [text for text in (self.value(row, path) for row in rows) if text]
        if kind == "COUNT(DISTINCT":
            return str(len({text.casefold() for text in texts}))
        if kind.startswith("GROUP_CONCAT"):
            texts = sorted(set(texts) if kind.endswith("DISTINCT") else texts)
            return ",".join(texts)
        if not texts:
            return ""
        if kind in ("MIN", "MAX") and not column.is_number:
            return (min if kind == "MIN" else max)(texts)
        numbers = [float(seconds_of(text) or 0) if column.is_duration else _number(text) for text in texts]
        result = {
            "SUM": sum(numbers), "AVG": sum(numbers) / len(numbers), "MIN": min(numbers), "MAX": max(numbers),
            "STDDEV": pstdev(numbers),
        }[kind]  # fmt: skip
        if column.is_duration:
            return stored_text(round(result))
        if kind in ("AVG", "STDDEV"):
            return f"{result:.4f}"
        return str(int(result)) if float(result).is_integer() else repr(round(result, 6))


def _measured(kind: str, field: str, group: Mapping[str, Any]) -> float:
    return _number(group["stats"].get(f"{kind} {field}", "0"))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _having(reader: _Reader, group: Mapping[str, Any], each: Sequence[str]) -> bool:
    kind, field, operator, value = each
    compare = _COMPARE.get(operator)
    return compare is not None and compare(_number(group["stats"][f"{kind} {field}"]), _number(value))


def _bucket(run: Run, text: str, interval: str, units: int) -> str:
    """Return a text by which the moments of one interval are alike, and which sorts as they follow each other."""
    moment = stored_moment(text)
    if moment is None:
        return ""
    local = to_zone(moment, run.session.time_zone)
    if interval == "year":
        return f"{local.year:04}"
    if interval == "quarter":
        return f"{local.year:04}/{(local.month - 1) // 3 + 1}"
    if interval == "month":
        return f"{local.year:04}/{local.month:02}"
    if interval == "week":
        year, week, _ = local.isocalendar()
        return f"{year:04}/{week:02}"
    if interval == "dayofweek":
        return f"{local.isoweekday()}"
    if interval == "hour":
        return f"{local.hour:02}"
    if interval == "minute":
        return f"{local:%Y-%m-%d %H}:{local.minute // max(units, 1) * max(units, 1):02}:00"
    if interval == "value":
        return text
    return f"{local:%Y-%m-%d}"


def _bucket_name(at: str, interval: str) -> str:
    if interval == "dayofweek":
        days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
        return days[int(at) - 1] if at else ""
    if interval in ("month", "week", "quarter") and "/" in at:
        year, part = at.split("/")
        return f"{int(part)}/{year}" if interval != "quarter" else f"Q{part}/{year}"
    return at


OPERATIONS = {"aggregate": aggregate}
