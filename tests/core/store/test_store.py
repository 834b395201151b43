"""The store: rows come back as they were, writes can be taken back, a file keeps what was committed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.core.store.shared_stores import emptied

from sandtable.core.query import ResolvedQuery
from sandtable.core.query.sql.compiling import field_at
from sandtable.core.query.sql.predicates import Contains
from sandtable.core.schema.columns import Column, Table
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.physical import FEW_COLUMNS, StoreError
from sandtable.core.store import reading, texts
from sandtable.core.store.marks import Mark
from sandtable.core.store.row import Selection
from sandtable.core.store.rows import Store
from sandtable.core.store.sqlite.in_file import FileDatabase

pytestmark = pytest.mark.ours("the store keeps records exactly, takes writes back, and survives a killed process")

IDS = [f"{number:032x}" for number in range(4)]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def dictionary() -> Dictionary:
    def columns(table: str, *names: str) -> dict[str, Column]:
        return {name: Column(name, table=table, indexed=name == "b") for name in names}

    return Dictionary(
        [
            Table("animal", extendable=True, columns=columns("animal", "sys_id", "a", "b")),
            Table("cat", parent="animal", columns=columns("cat", "c")),
            Table("stone", columns=columns("stone", "sys_id", "a")),
        ]
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def new_store(request: pytest.FixtureRequest) -> Iterator[Callable[[], Store]]:
    """What makes an empty store."""
    if request.param == "sqlite":
        yield lambda: Store(dictionary())
        return
    with emptied(request.getfixturevalue("postgresql")) as made:
        yield lambda: made(dictionary())


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Store:
    return new_store()


def everything(store: Store) -> dict[str, list[tuple[str, str, int, dict[str, str]]]]:
    return {
        root: [(row.sys_id, row.table, row.seq, dict(row.values)) for row in store.rows(root)]
        for root in ("animal", "stone")
    }


def test_limits_of_a_database_do_not_show(new_store: Callable[[], Store]) -> None:
    """Names of 80 characters, which the platform allows, long texts in an indexed column, texts that cannot be kept."""
    store = new_store()
    table, column = "u_" + "t" * 78, "u_" + "c" * 78
    for name in (column[:-1], column):  # alike in their first 63 bytes
        store._dictionary.put_column(Column(name, table="animal"))
    store._dictionary.put_table(Table(table, columns={"sys_id": Column("sys_id", table=table)}))
    store._dictionary.put_column(Column(column, table=table, indexed=True))
    long = "".join(Random(1).choices("abcdefgh", k=9_000))  # so that no compression makes it short
    store.insert("animal", "cat", IDS[0], {column: "here", column[:-1]: "there", "b": "short"})
    store.update("animal", IDS[0], "cat", {column: "here", column[:-1]: "there", "b": long})
    store.insert(table, table, IDS[1], {column: long})
    store.commit()
    again = new_store()
    again._dictionary.put_tables(store._dictionary.table(name) for name in ("animal", table))
    again.load(store.image())
    for each in (store, again):
        assert [dict(row.values) for row in each.rows("animal")] == [
            {"sys_id": IDS[0], column: "here", column[:-1]: "there", "b": long}
        ]
        each.insert("animal", "cat", IDS[2], {"b": long + "2", column: "2"})
        assert each.get(table, IDS[1]) is not None
        assert each.get("animal", "a\0") is None
        assert each.read_all("animal", ["a\0", "\ud800", IDS[2]]).keys() == {IDS[2]}
        each.commit()


def test_records_that_hold_values_are_found_whatever_the_case_of_letters(store: Store) -> None:
    store.insert("animal", "cat", IDS[0], {"a": "Rule:Q", "b": "X"})
    store.insert("animal", "cat", IDS[1], {"a": "rule:q", "b": "y"})
    for a, b, found in (("Rule:Q", "X", [0]), ("RULE:Q", "x", [0]), ("rule:q", "Y", [1]), ("rule:Z", "x", [])):
        assert [row.sys_id for row in store.holding("animal", {"a": a, "b": b})] == [IDS[each] for each in found]


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), TEXTS))
def test_what_goes_in_comes_out(values: dict[str, str]) -> None:
    store = Store(dictionary())
    store.insert("animal", "cat", IDS[0], values)
    row = store.get("animal", IDS[0])
    assert row is not None
    expected = {name: value for name, value in values.items() if value} | {"sys_id": IDS[0]}
    assert (row.table, dict(row.values)) == ("cat", expected)
    assert everything(store)["animal"] == [(IDS[0], "cat", row.seq, expected)]


def test_an_update_replaces_all_values_and_the_class(store: Store) -> None:
    store.insert("animal", "animal", IDS[0], {"a": "1", "b": "2"})
    row = store.update("animal", IDS[0], "cat", {"b": "3", "c": "4"})
    assert (row.table, dict(row.values)) == ("cat", {"b": "3", "c": "4", "sys_id": IDS[0]})
    assert everything(store)["animal"] == [(IDS[0], "cat", row.seq, dict(row.values))]
    with pytest.raises(KeyError):
        store.update("animal", IDS[1], "cat", {})


def test_rows_before_one_that_cannot_be_added_are_taken_back(store: Store) -> None:
    store.insert("animal", "cat", IDS[0], {"a": "1"})
    store.commit()
    before = everything(store)
    mark = store.mark()
    store.insert_many("cat", [(IDS[2], {"a": "1"}), (IDS[3], {"a": "2"})])
    with pytest.raises(store.errors):
        store.insert_many("cat", [(IDS[1], {"a": "2"}), (IDS[0], {"a": "3"})])
    store.rewind(mark)
    store.commit()
    assert everything(store) == before
    assert store.count(Selection("animal", ResolvedQuery(), None, 0)) == 1


def test_a_row_in_the_place_of_another_is_not_found_by_the_text_of_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (reading, texts):
        monkeypatch.setattr(module, "LARGE", 1)
    store = Store(dictionary())
    store.insert("animal", "cat", IDS[0], {"a": "lion"})
    old = store.insert("animal", "cat", IDS[1], {"a": "zebra"})
    field = field_at(dictionary(), "animal", "a")
    assert field is not None
    asked = Selection("animal", ResolvedQuery(Contains(field, "ebr")), None, 0)
    assert [store.count(asked) for _ in range(2)] == [1, 1]  # the second time the texts are there
    store.delete("animal", IDS[1])
    assert store.insert("animal", "cat", IDS[2], {"b": "other"}).seq == old.seq
    assert (store.count(asked), list(store.select(asked))) == (0, [])


def test_a_name_is_never_sql() -> None:
    wild = 'x"; DROP TABLE r_animal; --'
    table = Table("animal", columns={name: Column(name, table="animal") for name in ("sys_id", wild)})
    store = Store(Dictionary([table]))
    store.insert("animal", "animal", IDS[0], {wild: "kept"})
    row = store.get("animal", IDS[0])
    assert row is not None
    assert row.values[wild] == "kept"


def test_columns_that_come_later_are_there_at_once(store: Store) -> None:
    store.insert("animal", "cat", IDS[0], {"a": "1"})
    store._dictionary.put_column(Column("late", table="cat", indexed=True))
    store.insert("animal", "cat", IDS[1], {"late": "yes"})
    assert [dict(row.values).get("late") for row in store.rows("animal")] == [None, "yes"]


def test_too_many_columns_are_refused_by_name() -> None:
    names = [f"c{number}" for number in range(FileDatabase.column_limit)]
    many = Table("animal", columns={name: Column(name, table="animal") for name in ("sys_id", *names)})
    store = Store(dictionary())
    store.insert("animal", "cat", IDS[0], {})
    store._dictionary.put_table(many)
    with pytest.raises(StoreError, match="animal .* more than 1990 columns"):
        store.insert("animal", "cat", IDS[1], dict.fromkeys(names, "x"))


def test_a_wide_table_has_the_columns_that_were_written_to_or_asked_for() -> None:
    names = [f"c{number}" for number in range(FEW_COLUMNS)]
    wide = Table("animal", columns={name: Column(name, table="animal") for name in ("sys_id", *names)})
    store = Store(Dictionary([wide]))
    store.insert("animal", "animal", IDS[0], {"c7": "x"})
    made = store._schema.prepare("animal").columns
    assert made == ("sys_id", "c7")
    assert store.texts_of("animal", ("c7", "c8")) == [("x", "")]
    assert store.holders("animal", "c9", "x") == []
    assert store._schema.prepare("animal").columns == (*made, "c9")
    mark = store.mark()
    store.insert_many("animal", [(IDS[1], {"c1": "y"}), (IDS[2], {"c2": "z", "c3": ""})])
    assert store._schema.prepare("animal").columns == (*made, "c9", "c1", "c2")
    assert [dict(row.values) for row in store.of_class("animal")] == [
        {"sys_id": IDS[0], "c7": "x"},
        {"sys_id": IDS[1], "c1": "y"},
        {"sys_id": IDS[2], "c2": "z"},
    ]
    store.rewind(mark)
    assert [dict(row.values) for row in store.rows("animal")] == [{"sys_id": IDS[0], "c7": "x"}]


def test_versions_move_with_writes_and_back_again(store: Store) -> None:
    mark = store.mark()
    before = [store.version(name) for name in ("animal", "cat", "stone")]
    store.insert("animal", "cat", IDS[0], {})
    after = [store.version(name) for name in ("animal", "cat", "stone")]
    assert (after[0] != before[0], after[1] != before[1], after[2] == before[2]) == (True, True, True)
    store.rewind(mark)
    assert [store.version(name) for name in ("animal", "cat", "stone")] == before
    store.insert("animal", "animal", IDS[0], {})
    assert store.version("animal") not in (before[0], after[0])
    assert store.version("cat") == before[1]


def test_the_version_of_a_class_moves_when_a_record_leaves_it_or_comes(store: Store) -> None:
    store.insert("animal", "cat", IDS[0], {"a": "1"})
    for table in ("animal", "cat"):
        before = {name: store.version(name) for name in ("animal", "cat", "stone")}
        store.update("animal", IDS[0], table, {"a": "1"})
        moved = {name for name, version in before.items() if store.version(name) != version}
        assert moved == {"animal", "cat"}, table


def test_a_version_never_stands_for_two_contents_of_a_table(store: Store) -> None:
    store.insert("stone", "stone", IDS[0], {})
    image = store.image()
    seen = []
    for _ in range(3):
        # Whoever remembered what held at a version would otherwise take the one content for the other.
        for number in range(3):
            store.insert("animal", "cat", IDS[number], {})
            seen.append(store.version("cat"))
        store.load(image)
    assert len(seen) == len(set(seen)) == 9


def test_what_can_no_longer_be_taken_back_is_forgotten(store: Store) -> None:
    outer = store.mark()
    store.insert("stone", "stone", IDS[0], {})
    inner = store.mark()
    store.insert("stone", "stone", IDS[1], {})
    store.release(inner)
    assert len(store._undo) == 2
    store.release(outer)
    assert store._undo == []
    store.insert("stone", "stone", IDS[2], {})
    assert store._undo == []


def test_a_mark_that_is_gone_says_so(store: Store) -> None:
    first = store.mark()
    store.insert("stone", "stone", IDS[0], {})
    second = store.mark()
    store.rewind(first)
    with pytest.raises(ValueError, match="gone"):
        store.rewind(second)
    store.release(first)
    with pytest.raises(ValueError, match="released"):
        store.rewind(first)


def test_what_is_derived_is_taken_back_too(store: Store) -> None:
    done: list[str] = []
    mark = store.mark()
    store.on_rewind(lambda: done.append("first"))
    store.on_rewind(lambda: done.append("second"))
    store.rewind(mark)
    assert done == ["second", "first"]


class Taking(RuleBasedStateMachine):
    """The store beside a list of copies: after going back to a mark it holds what it held then."""

    @initialize()
    def begin(self) -> None:
        self.store = Store(dictionary())
        self.kept: list[tuple[Mark, dict[str, list[tuple[str, str, int, dict[str, str]]]]]] = []

    @rule(root=st.sampled_from(["animal", "stone"]), sys_id=st.sampled_from(IDS), value=TEXTS)
    def write(self, root: str, sys_id: str, value: str) -> None:
        table = "cat" if root == "animal" and len(value) % 2 else root
        if self.store.get(root, sys_id) is None:
            self.store.insert(root, table, sys_id, {"a": value})
        else:
            self.store.update(root, sys_id, table, {"a": value})

    @rule(root=st.sampled_from(["animal", "stone"]), sys_id=st.sampled_from(IDS))
    def delete(self, root: str, sys_id: str) -> None:
        self.store.delete(root, sys_id)

    @rule()
    def mark(self) -> None:
        self.kept.append((self.store.mark(), everything(self.store)))

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def rewind(self, data: st.DataObject) -> None:
        chosen = data.draw(st.integers(0, len(self.kept) - 1))
        mark, expected = self.kept[chosen]
        self.store.rewind(mark)
        del self.kept[chosen + 1 :]
        assert everything(self.store) == expected

    @precondition(lambda self: self.kept)
    @rule()
    def release_the_oldest(self) -> None:
        mark, _ = self.kept.pop(0)
        self.store.release(mark)

    @invariant()
    def remembered_rows_are_the_stored_ones(self) -> None:
        for root in ("animal", "stone"):
            for row in self.store.rows(root):
                assert self.store.get(root, row.sys_id) == row


TestTaking = Taking.TestCase


def test_an_image_outlives_the_store(store: Store, new_store: Callable[[], Store]) -> None:
    store.insert("animal", "cat", IDS[0], {"a": "1"})
    image = store.image()
    store.insert("animal", "cat", IDS[1], {"a": "2"})
    store.load(image)
    assert [row.sys_id for row in store.rows("animal")] == [IDS[0]]
    assert store.get("animal", IDS[1]) is None
    other = new_store()
    other.load(image)
    assert everything(other) == everything(store)
    portable = Store(dictionary())
    portable.load(image)
    assert everything(portable) == everything(store)


def test_an_image_is_made_once_until_something_is_written() -> None:
    store = Store(dictionary())
    store.insert("animal", "cat", IDS[0], {"a": "1"})
    image = store.image()
    assert store.image() is image
    other = Store(dictionary())
    other.load(image)
    assert other.image() is image
    mark = other.mark()
    other.insert("animal", "cat", IDS[1], {"a": "2"})
    assert other.image() is not image
    other.rewind(mark)
    store.load(other.image())
    assert everything(store) == everything(other)
    assert [row.sys_id for row in store.rows("animal")] == [IDS[0]]


def test_a_file_keeps_what_was_committed_when_the_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "instance.db"
    script = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[2])\n"
        "from test_store import IDS, Store, dictionary\n"
        "store = Store(dictionary(), sys.argv[1])\n"
        "store.insert('animal', 'cat', IDS[0], {'a': 'kept'}); store.commit()\n"
        "store.insert('animal', 'cat', IDS[1], {'a': 'lost'})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path), str(Path(__file__).parent)], check=False)
    assert done.returncode == -9
    again = Store(dictionary(), str(path))
    assert [row.values["a"] for row in again.rows("animal")] == ["kept"]
    again.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear instance, " * 200)
    with pytest.raises(StoreError, match=r"letter\.txt cannot be used"):
        Store(dictionary(), str(path))


def test_the_rows_of_one_class_are_read_without_those_that_extend_it(store: Store) -> None:
    for number, table in enumerate(("animal", "cat", "animal")):
        store.insert("animal", table, IDS[number], {"a": str(number)})
    found = [(row.sys_id, row.table, dict(row.values)) for row in store.of_class("animal")]
    assert found == [(IDS[number], "animal", {"sys_id": IDS[number], "a": str(number)}) for number in (0, 2)]
    assert [row.values for row in store.of_class("cat")] == [{"sys_id": IDS[1], "a": "1"}]
