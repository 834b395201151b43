"""Numbers: prefix and digits from sys_number, the last one issued from sys_number_counter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sandtable.core.platform.writing.dictionary_records import FIRST_NUMBER, NUMBER_DIGITS
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.store.row import Row

COUNTER = "sys_number_counter"
LARGEST_NUMBER = 10**18


@dataclass(frozen=True, slots=True)
class Series:
    """How the records of a table are numbered; `category` is the table of its lineage that says so."""

    category: str
    prefix: str
    digits: int
    start: int


def series_of(instance: Instance, table: str) -> Series | None:
    """Return how a table is numbered: its own or the nearest inherited record of sys_number, or None."""
    return instance.cached(("number series", table), ("sys_number", "sys_db_object"), lambda: _read(instance, table))


def _read(instance: Instance, table: str) -> Series | None:
    lineage = instance.dictionary.lineage(table)
    records = {
        record["category"]: record
        for record in instance.system().table("sys_number").query(f"categoryIN{','.join(lineage)}")
    }
    for name in lineage:
        record = records.get(name)
        if record is not None:
            return Series(
                name,
                record["prefix"],
                whole_number(record["maximum_digits"], NUMBER_DIGITS),
                whole_number(record["number"], FIRST_NUMBER, most=LARGEST_NUMBER),
            )
        prefix = instance.dictionary.table(name).number_prefix
        if prefix:
            return Series(name, prefix, NUMBER_DIGITS, FIRST_NUMBER)
    return None


def next_number(instance: Instance, table: str) -> str:
    """Draw the next number of a table, such as INC0010001; empty for a table that is not numbered.

    The counter moves even when the record is never stored, if the caller's transaction is not rolled back.
    """
    series = series_of(instance, table)
    if series is None:
        return ""
    with instance.transaction():
        row = instance.store.get(COUNTER, _counter_id(series.category))
        value = _last(row, series) + 1
        _put(instance, series, row, value)
    return written(series, value)


def written(series: Series, value: int) -> str:
    """Return a number with its prefix and at least as many digits as the series has."""
    return f"{series.prefix}{value:0{series.digits}}"


def catch_up(instance: Instance, table: str, number: str) -> None:
    """Move the counter to a number that was drawn and then rolled back, so that it leaves a gap as on the product."""
    series = series_of(instance, table)
    if series is None or not number.startswith(series.prefix):
        return
    digits = number.removeprefix(series.prefix)
    if digits.isascii() and digits.isdigit():
        with instance.transaction():
            row = instance.store.get(COUNTER, _counter_id(series.category))
            if int(digits) > _last(row, series):
                _put(instance, series, row, int(digits))


def _last(row: Row | None, series: Series) -> int:
    return whole_number(row.values.get("number") if row is not None else "", series.start, most=LARGEST_NUMBER)


def _put(instance: Instance, series: Series, row: Row | None, value: int) -> None:
    # Straight to the store: a counter has no rules, no audit, and moves with each insert.
    sys_id, store, now = _counter_id(series.category), instance.store, instance.clock.text()
    values = {
        "sys_id": sys_id,
        "sys_created_on": now,
        "sys_created_by": "system",
        "table": series.category,
        **(row.values if row is not None else {}),
        "sys_updated_on": now,
        "number": str(value),
    }
    if row is None:
        store.insert(COUNTER, COUNTER, sys_id, values)
    else:
        store.update(COUNTER, sys_id, COUNTER, values)


# The same few for ever, and asked for by each insert.
@lru_cache(maxsize=256)
def _counter_id(category: str) -> str:
    return stable_id(COUNTER, category)
