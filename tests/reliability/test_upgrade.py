"""A data file of an earlier version gets what came since, all of it or nothing, and keeps all that it has."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from tests.instances import rows_of

from sandtable.core.platform.instance import Instance
from sandtable.core.store.rows import Store
from sandtable.core.values.errors import InsufficientStorage
from sandtable.serving import upgrade
from sandtable.serving.assembly import AssemblyError, create_instance

pytestmark = [
    pytest.mark.ours("a data file of an earlier version has what a new instance defines, and all that it had")
]
LATE = 6  # of the tables that get records, by when some have theirs
MADE = "glide.security.csrf.strict.validation.mode"  # a property that somebody made before it came
Rows = Mapping[str, tuple[str, Mapping[str, str]]]
CAME_LATER: Sequence[tuple[str, str]] = (
    ("sys_db_object", "name=incident_sla^ORname=hmac_config^ORname=metric_definition"),
    ("sys_dictionary", "name=hmac_config^ORname=metric_definition"),
    ("sys_dictionary", "name=incident^element=hold_reason"),
    ("sys_dictionary", "name=sys_db_object^element=scriptable_table"),
    ("sys_choice", "name=incident^element=hold_reason"),
    ("sys_properties", "nameSTARTSWITHsandtable.aggregate^ORname=" + MADE),
    ("sys_user_role", "name=sn_incident_read"),
    ("sys_security_acl", "name=hmac_config"),
    ("hmac_config", ""),
    ("metric_definition", ""),
)


def _rows(instance: Instance) -> Rows:
    return {values["sys_id"]: (table, values) for rows in rows_of(instance).values() for _, table, values in rows}


def _remove(instance: Instance, table: str, query: str) -> None:
    """Have it that records were never there: no rule runs, and nothing says that they were deleted."""
    for record in instance.system().table(table).query(query):
        instance.store.delete(instance.dictionary.root(table), record.sys_id)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rows, Rows]:
    """Return a file as an earlier version left it, what it holds, and what a new instance does."""
    path = tmp_path_factory.mktemp("data") / "instance.db"
    instance = create_instance(random_seed=1, data=str(path))
    new = _rows(instance)
    admin = instance.acting_as("admin")
    with instance.transaction():
        for table, query in reversed(CAME_LATER):
            _remove(instance, table, query)
        _remove(instance, "sys_properties", f"name={upgrade.MARK}")
        # What people did with it: changed, deleted, made themselves.
        instance.set_property("glide.ui.escape_text", "changed by hand")
        admin.table("incident").insert({"short_description": "kept"})
        admin.table("sys_properties").insert({"name": MADE, "value": "mine"})
        choices = admin.table("sys_choice")
        choices.delete(choices.query("name=incident^element=category^value=software")[0].sys_id)
    kept = _rows(instance)
    instance.close()
    return path, kept, new


@pytest.fixture
def path(older: tuple[Path, Rows, Rows], tmp_path: Path) -> Path:
    for each in older[0].parent.iterdir():
        shutil.copy(each, tmp_path)
    return tmp_path / older[0].name


def _differing(one: Rows, other: Rows) -> list[str]:
    """Return what two instances do not both have so, but for the note which version a file has."""
    keys = [each for each in {**one, **other} if one.get(each) != other.get(each)]
    found = [(key, *(one.get(key) or other[key])) for key in keys]
    return [f"{table} {key}" for key, table, values in found if values.get("name") != upgrade.MARK][:5]


def _is_whole(instance: Instance, older: tuple[Path, Rows, Rows]) -> None:
    """Check that all definitions are there, all that was kept is as it was, and nothing else came."""
    _, kept, new = older
    gone = {
        sys_id
        for sys_id, (table, values) in new.items()
        if sys_id not in kept
        and ((table, values.get("value")) == ("sys_choice", "software") or values.get("name") == MADE)
    }
    wanted = {sys_id: row for sys_id, row in {**new, **kept}.items() if sys_id not in gone}
    assert len(gone) == 2
    assert _differing(_rows(instance), wanted) == []


def test_an_upgrade_brings_what_is_new_and_changes_nothing_else(path: Path, older: tuple[Path, Rows, Rows]) -> None:
    instance = create_instance(data=str(path))
    assert "definitions of this version added" in instance.store.notice
    _is_whole(instance, older)
    assert instance.property(MADE) == "mine"
    made = instance.system().table("incident").insert({"hold_reason": "1", "short_description": "after"})
    assert made["hold_reason"] == "1"
    after = _rows(instance)
    instance.close()
    again = create_instance(data=str(path))  # which has nothing left to bring
    assert (again.store.notice, _differing(_rows(again), after)) == ("", [])
    again.close()


def test_what_was_deleted_or_removed_since_does_not_come_again(path: Path) -> None:
    instance = create_instance(data=str(path))
    admin = instance.acting_as("admin")
    with instance.transaction():
        gone = admin.table("sys_choice").query("name=incident^element=hold_reason")
        for record in gone:
            admin.table("sys_choice").delete(record.sys_id)
        table = admin.table("sys_db_object").first(filters={"name": "hmac_config"})
        assert table is not None
        admin.table("sys_db_object").delete(table.sys_id)
        app = instance.system().table("sys_store_app").first(filters={"scope": "x_elas2_inc_int"})
        assert app is not None
        instance.system().table("sys_store_app").delete(app.sys_id)
        scopes = instance.property(upgrade.MARK).split(" ")[1:]
        instance.set_property(upgrade.MARK, " ".join(("of-another-version", *scopes)))
    before = _rows(instance)
    instance.close()
    again = create_instance(data=str(path))
    assert _differing(_rows(again), before) == []
    assert not again.dictionary.has("hmac_config")
    again.close()


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[int], None]], None]]:
    """Have something called before each write of many rows, with its number."""

    def before_each(action: Callable[[int], None]) -> None:
        insert_many = Store.insert_many
        number = iter(range(10_000))

        def insert(self: Store, table: str, records: Sequence[tuple[str, Mapping[str, str]]]) -> None:
            if self.path:
                action(next(number))
            insert_many(self, table, records)

        monkeypatch.setattr(Store, "insert_many", insert)

    yield before_each
    monkeypatch.undo()


def test_a_server_killed_in_the_middle_has_upgraded_nothing_or_all(
    path: Path,
    older: tuple[Path, Rows, Rows],
    tmp_path: Path,
    writes: Callable[[Callable[[int], None]], None],
) -> None:
    def copy(number: int) -> None:
        if number == LATE:  # as a kill here leaves the files
            place = tmp_path / f"killed-{number}"
            place.mkdir()
            for each in path.parent.glob("instance.db*"):
                shutil.copy(each, place)

    writes(copy)
    create_instance(data=str(path)).close()
    killed = sorted(tmp_path.glob("killed-*/instance.db"))
    assert len(killed) == 1
    for each in killed:
        instance = create_instance(data=str(each))
        _is_whole(instance, older)
        instance.close()


def _contents(path: Path) -> set[tuple[object, ...]]:
    """Return which records a file has, without opening it as an instance; to look for some makes an empty table."""
    with closing(sqlite3.connect(path)) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE name LIKE 'r!_%' ESCAPE '!' AND type = 'table'")
        ids = [f'SELECT "_seq", "_table", sys_id FROM "{name}"' for (name,) in names.fetchall()]
        return {row for each in ids for row in database.execute(each)}


def test_a_full_disk_in_the_middle_leaves_the_file_as_it_was(
    path: Path,
    older: tuple[Path, Rows, Rows],
    writes: Callable[[Callable[[int], None]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(number: int) -> None:
        if number == LATE:
            raise InsufficientStorage(str(path), "no space")

    before = _contents(path)
    writes(fail)
    with pytest.raises(AssemblyError, match="no space"):
        create_instance(data=str(path))
    monkeypatch.undo()
    assert sorted(_contents(path) ^ before, key=str)[:5] == []
    instance = create_instance(data=str(path))
    _is_whole(instance, older)
    instance.close()
