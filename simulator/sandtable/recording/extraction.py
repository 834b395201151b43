"""The records that a recording shows, as data to start an instance with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandtable.recording.exchanges import Exchange

_TABLE = re.compile(r"/api/now(?:/v\d)?/table/(\w+)(?:/([0-9a-f]{32}))?/?")
_SYS_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found: records by table, each with its sys_id, and in words what could not be used."""

    records: Mapping[str, list[dict[str, str]]]
    left_out: tuple[str, ...]


def records_of(exchanges: Iterable[Exchange]) -> Extraction:
    """Return the records that Table API answers show, as they were first seen.

    Records that the client itself created are left out, because it will do so again. An answer of display values only
    tells nothing of what is stored, and an answer without sys_id does not say whose values they are.
    """
    seen: dict[str, dict[str, dict[str, str]]] = {}
    made: set[str] = set()
    left_out: list[str] = []
    for exchange in exchanges:
        found = _TABLE.fullmatch(exchange.request.path)
        if found is None or not 200 <= exchange.answer.status < 300:
            continue
        document = exchange.answer.body.json
        result = document.get("result") if isinstance(document, Mapping) else None
        rows = result if isinstance(result, list) else [result] if isinstance(result, Mapping) else []
        if not rows:
            continue
        if exchange.request.method != "GET":
            if exchange.request.method == "POST":
                made.update(value for row in rows if (value := _stored(row.get("sys_id"))))
            continue
        if dict(exchange.request.query).get("sysparm_display_value", "").lower() == "true":
            left_out.append(f"{exchange.name}: display values only (sysparm_display_value=true)")
            continue
        reason = _add(seen.setdefault(found.group(1), {}), rows, made)
        if reason:
            left_out.append(f"{exchange.name}: {reason}")
    records = {table: list(rows.values()) for table, rows in seen.items() if rows}
    return Extraction(records, tuple(left_out))


def _add(table: dict[str, dict[str, str]], rows: list[Any], made: set[str]) -> str:
    nameless = 0
    for row in rows:
        sys_id = _stored(row.get("sys_id")) if isinstance(row, Mapping) else None
        if sys_id is None or not _SYS_ID.fullmatch(sys_id):
            nameless += 1
            continue
        if sys_id in made:
            continue
        values = table.setdefault(sys_id, {})
        for name, shown in row.items():
            value = _stored(shown)
            # Dot-walked columns belong to other records.
            if value is not None and "." not in name:
                values.setdefault(name, value)
    return f"{nameless} rows without sys_id (add it to sysparm_fields)" if nameless else ""


def _stored(shown: object) -> str | None:
    """Return the stored value of a column in any of the forms in which answers show it."""
    if isinstance(shown, Mapping):
        shown = shown.get("value")
    return shown if isinstance(shown, str) else None
