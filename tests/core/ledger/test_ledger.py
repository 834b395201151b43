"""The ledger of what is not simulated: its notes are counted, told to whoever collects, and refused in strict mode."""

from __future__ import annotations

import threading

import pytest

from sandtable.core.values.errors import Unsimulated
from sandtable.core.values.ledger import Ledger, LedgerEntry

pytestmark = pytest.mark.ours("nothing that is not simulated passes in silence")


def test_each_different_note_is_kept_once_with_its_count() -> None:
    ledger = Ledger()
    for kind, name, detail in [("operator", "VALCHANGES", "a"), ("field", "x", ""), ("operator", "VALCHANGES", "a")]:
        ledger.note(kind, name, detail)
    ledger.note("operator", "VALCHANGES", "b")
    assert ledger.entries() == [
        LedgerEntry("operator", "VALCHANGES", "a", 2),
        LedgerEntry("field", "x", "", 1),
        LedgerEntry("operator", "VALCHANGES", "b", 1),
    ]
    assert str(ledger.entries()[0]) == "operator:VALCHANGES"
    ledger.clear()
    assert ledger.entries() == []


@pytest.mark.parametrize("detail", ["", "where it was"])
def test_a_strict_ledger_refuses_and_still_keeps_the_note(detail: str) -> None:
    ledger = Ledger(strict=True)
    with pytest.raises(Unsimulated) as caught:
        ledger.note("header", "X-Odd", detail)
    assert (caught.value.message, caught.value.detail) == (
        "Not simulated by Sandtable: header X-Odd",
        detail or None,
    )
    assert ledger.entries() == [LedgerEntry("header", "X-Odd", detail)]
    ledger.strict = False
    ledger.note("header", "X-Odd", detail)
    assert ledger.entries()[0].count == 2


def test_notes_are_collected_by_block_and_thread() -> None:
    ledger = Ledger()
    ledger.note("a", "before")
    with ledger.collect() as outer, ledger.collect() as twin:
        with ledger.collect() as inner:
            ledger.note("a", "inside")
        ledger.note("a", "between")
        other = threading.Thread(target=ledger.note, args=("a", "elsewhere"))
        other.start()
        other.join()
    ledger.note("a", "after")
    assert [entry.name for entry in inner] == ["inside"]
    assert [entry.name for entry in outer] == [entry.name for entry in twin] == ["inside", "between"]
    assert {entry.name for entry in ledger.entries()} == {"before", "inside", "between", "elsewhere", "after"}


def test_a_collection_ends_with_its_block_also_when_it_fails() -> None:
    ledger = Ledger(strict=True)
    with pytest.raises(Unsimulated), ledger.collect() as notes:
        ledger.note("a", "x")
    with pytest.raises(Unsimulated):
        ledger.note("a", "y")
    assert [entry.name for entry in notes] == ["x"]


def test_a_flood_of_different_notes_fills_no_memory() -> None:
    ledger = Ledger()
    with ledger.collect() as notes:
        for number in range(Ledger.LIMIT + 100):
            ledger.note("field", str(number))
    ledger.note("field", "0")
    entries = ledger.entries()
    assert (len(entries), entries[0].count, len(notes)) == (Ledger.LIMIT, 2, Ledger.LIMIT + 100)


def test_notes_of_many_threads_are_all_counted() -> None:
    ledger = Ledger()

    def note() -> None:
        for _ in range(500):
            ledger.note("a", "same")

    threads = [threading.Thread(target=note) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.entries() == [LedgerEntry("a", "same", "", 3_000)]
