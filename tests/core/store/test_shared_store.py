"""Two processes on one world in PostgreSQL, played by two stores: each sees what the other has committed, at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from random import Random

import pytest
from tests.core.store.shared_stores import emptied
from tests.core.store.test_store import IDS, dictionary, everything

from sandtable.core.schema.physical import StoreError
from sandtable.core.store.rows import Store
from sandtable.core.values.errors import NeedsToWrite

pytestmark = pytest.mark.ours("several processes on one database agree on every record")


@pytest.fixture
def two(postgresql: str) -> Iterator[tuple[Store, Store]]:
    with emptied(postgresql, one_world=True) as make:
        yield make(dictionary()), make(dictionary())


def test_what_one_commits_the_other_reads_next(two: tuple[Store, Store]) -> None:
    one, other = two
    one.insert("animal", "cat", IDS[0], {"a": "1"})
    one.commit()
    other.begin_work(reading=True)
    row = other.get("animal", IDS[0])
    assert row is not None
    assert row.values["a"] == "1"
    before = other.version("cat"), other.version("stone")
    one.update("animal", IDS[0], "cat", {"a": "2"})
    one.commit()
    # A transaction that reads stays at its moment; the next one is at the newest.
    assert other.get("animal", IDS[0]) is row
    other.commit()
    other.begin_work(reading=True)
    row = other.get("animal", IDS[0])
    assert row is not None
    assert row.values["a"] == "2"
    assert other.version("cat") != before[0]
    assert other.version("stone") == before[1]
    other.commit()


def test_what_is_taken_back_nobody_hears_of(two: tuple[Store, Store]) -> None:
    one, other = two
    version = other.version("animal")
    mark = one.mark()
    one.begin_work()
    one.insert("animal", "cat", IDS[0], {"a": "1"})
    one.rewind(mark)
    one.commit()
    other.refresh()
    assert other.version("animal") == version
    assert everything(other)["animal"] == []


def test_who_began_to_read_may_not_write(two: tuple[Store, Store]) -> None:
    one, _ = two
    one.insert("stone", "stone", IDS[0], {"a": "1"})
    one.commit()
    one.begin_work(reading=True)
    with pytest.raises(NeedsToWrite):
        one.insert("stone", "stone", IDS[1], {})
    one._give_up(wrote_all=True)
    one.insert("stone", "stone", IDS[1], {})
    one.commit()


def test_writers_take_turns_whatever_the_interleaving(two: tuple[Store, Store]) -> None:
    """Each reads a number and writes the next one: none is lost, and every one is seen by somebody exactly once."""
    two[0].insert("stone", "stone", IDS[0], {"a": "0"})
    two[0].commit()
    seen: list[int] = []
    rounds = 15

    def work(store: Store, chance: Random) -> None:
        for _ in range(rounds):
            store.begin_work()
            row = store.get("stone", IDS[0])
            assert row is not None
            number = int(row.values["a"])
            if chance.random() < 0.5:
                store.get("animal", IDS[1])  # another table's statement in between
            store.update("stone", IDS[0], "stone", {"a": str(number + 1)})
            store.commit()
            seen.append(number)

    threads = [threading.Thread(target=work, args=(store, Random(number))) for number, store in enumerate(two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(2 * rounds))


def test_columns_and_whole_contents_that_another_has_made_are_known(two: tuple[Store, Store]) -> None:
    one, other = two
    one.insert("animal", "cat", IDS[0], {"a": "1"})
    one.commit()
    image = one.image()
    other.insert("animal", "cat", IDS[1], {"a": "2"})
    other.commit()
    assert len(everything(one)["animal"]) == 2
    one.load(image)
    other.begin_work()
    assert [row.sys_id for row in other.rows("animal")] == [IDS[0]]
    assert other.get("animal", IDS[1]) is None
    other.commit()


def test_another_version_of_the_layout_is_refused_by_name(postgresql: str) -> None:
    from sandtable.core.store.postgres import layout
    from sandtable.core.store.postgres.connections import Connections

    connections = Connections(postgresql)
    layout.prepare(connections)
    connections.execute(b"UPDATE sandtable.about SET layout = 99")
    try:
        with pytest.raises(StoreError, match="layout 99 of another version"):
            layout.prepare(connections)
    finally:
        connections.execute(b"UPDATE sandtable.about SET layout = 1")
        connections.close()


def test_who_has_looked_begins_where_a_statement_is_needed(two: tuple[Store, Store]) -> None:
    one, other = two
    one.insert("animal", "cat", IDS[0], {"a": "1"})
    one.commit()
    other.refresh()
    assert other.get("animal", IDS[0]) is not None
    statements: list[str] = []
    with other.traced(statements.append):
        other.begin_work(reading=True, looked=True)
        mark = other.mark()
        assert other.get("animal", IDS[0]) is not None  # as it is remembered
        other.release(mark)
        other.commit()
    assert statements == []
    # What was read from memory and what is read now would be of two moments.
    other.begin_work(reading=True, looked=True)
    mark = other.mark()
    one.insert("animal", "cat", IDS[1], {"a": "2"})
    one.commit()
    with pytest.raises(NeedsToWrite):
        other.get("animal", IDS[1])
    other.rewind(mark)
    other.release(mark)
    other.commit()
    other.begin_work()
    assert other.get("animal", IDS[1]) is not None
    other.commit()


def test_who_reads_has_one_moment_while_another_replaces_everything(two: tuple[Store, Store]) -> None:
    one, other = two
    one.insert("animal", "cat", IDS[0], {"a": "before"})
    image = one.image()
    one.insert("animal", "cat", IDS[1], {"a": "after"})
    one.commit()
    other.begin_work(reading=True)
    loading = threading.Thread(target=one.load, args=(image,))
    loading.start()
    waiting = b"SELECT FROM pg_locks WHERE relation = to_regclass($1) AND NOT granted"
    place = f'"{other.place}"._log'
    while loading.is_alive() and not other.connections.execute(waiting, (place,)).fetchall():
        pass
    seen = [row.values["a"] for row in other.rows("animal")]
    other.commit()
    loading.join()
    other.begin_work(reading=True)
    left = [row.values["a"] for row in other.rows("animal")]
    other.commit()
    assert (seen, left) == (["before", "after"], ["before"])


def test_going_back_writes_only_rows_that_are_others(two: tuple[Store, Store]) -> None:
    one, other = two
    long = "".join(Random(1).choices("abcdefgh", k=9_000))
    one.insert("animal", "cat", IDS[0], {"a": "1", "b": "short", "c": "x"})
    one.insert("animal", "animal", IDS[1], {"a": "2", "b": long})
    one.insert("stone", "stone", IDS[0], {"a": "as it was"})
    image, before = one.image(), everything(one)
    one.delete("animal", IDS[1])
    one.update("animal", IDS[0], "animal", {"a": "1", "b": "other"})  # another class, at the same place
    one.insert("animal", "cat", IDS[2], {"b": "new"})
    one.commit()
    statements: list[str] = []
    with one.traced(statements.append):
        one.load(image)
    assert [each for each in statements if each.startswith(("CREATE", "DROP TABLE"))] == []
    assert [each.split()[2] for each in statements if each.startswith("DELETE")] == ['"r_animal"']
    for store in two:
        store.begin_work()
        assert everything(store) == before
        store.commit()
    # Places go on behind the last one, and an index that is made meanwhile is in nobody's way.
    other.delete("animal", IDS[1])
    other.commit()
    other.begin_work()
    other._db.add_index("animal", "b", partial=False)
    other.commit()
    other.load(image)
    assert everything(other) == before
    row = other.insert("animal", "cat", IDS[3], {"a": "next"})
    other.commit()
    assert row.seq == max(seq for _, _, seq, _ in before["animal"]) + 1


@pytest.mark.parametrize("seed", range(3))
def test_going_back_is_exact_whatever_was_written(two: tuple[Store, Store], seed: int) -> None:
    one, other = two
    chance = Random(seed)
    some = ["", "a", "\\", "\t\n", "é\u2028", "'", "\x1f", "x" * 700]

    def write(store: Store) -> None:
        root, table = chance.choice([("animal", "animal"), ("animal", "cat"), ("stone", "stone")])
        sys_id = chance.choice(IDS)
        values = {name: chance.choice(some) for name in ("a", "b")[: 1 if root == "stone" else 2]}
        if store.get(root, sys_id) is None:
            store.insert(root, table, sys_id, values)
        elif chance.random() < 0.3:
            store.delete(root, sys_id)
        else:
            store.update(root, sys_id, table, values)

    for _ in range(6):
        write(one)
    image, before = one.image(), everything(one)
    for store in (other, one):
        for _ in range(4):
            store.begin_work()
            write(store)
            store.commit()
        store.load(image)
        assert everything(store) == before


def test_however_many_transactions_there_are_connections_are_left(postgresql: str) -> None:
    """Who has a transaction or a turn needs another connection for what stands for itself, or all would wait."""
    from sandtable.core.store.postgres.connections import MOST_CONNECTIONS, MOST_TRANSACTIONS, Connections

    connections = Connections(postgresql)
    entered = [connections.enter("", "BEGIN")[0] for _ in range(MOST_TRANSACTIONS)]
    waiting = threading.Thread(target=lambda: entered.append(connections.enter("", "BEGIN")[0]))
    waiting.start()
    with connections.holding("SELECT 1"), connections.holding("SELECT 1"):
        assert connections.execute(b"SELECT 2").fetchone() == (2,)
        mine, _ = connections.enter("", "BEGIN")  # who has a turn waits for none of them
        connections.leave(mine)
    assert len(entered) == MOST_TRANSACTIONS
    assert connections.statistics()["connections"] < MOST_CONNECTIONS
    connections.leave(entered[0])
    waiting.join()
    for each in entered[1:]:
        connections.leave(each)
    connections.close()
