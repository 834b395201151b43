"""The file of an instance: nobody else's is touched, a newer one is refused, and only its owner reads it."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.store.data_file import APPLICATION_ID, LAYOUT
from sandtable.serving.assembly import AssemblyError, create_instance

pytestmark = pytest.mark.ours("a data file is ours or is left as it is")


def _foreign(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        for each in statements:
            database.execute(each)
        database.commit()


def _text(path: Path) -> None:
    path.write_text("Dear diary, " * 1000)


def _database(path: Path) -> None:
    _foreign(path, "CREATE TABLE letters (text)", "INSERT INTO letters VALUES ('dear')")


def _log_mode(path: Path) -> None:
    _foreign(path, "PRAGMA journal_mode = WAL", "CREATE TABLE letters (text)", "INSERT INTO letters VALUES ('dear')")


def _numbered(path: Path) -> None:
    _foreign(path, "CREATE TABLE r_sys_metadata (a)", "PRAGMA application_id = 1196444487")


def _mixed(path: Path) -> None:
    _foreign(path, "CREATE TABLE r_sys_metadata (a)", "CREATE TABLE letters (text)")


def _without_tables(path: Path) -> None:
    _foreign(path, "PRAGMA user_version = 7")


def _queue(path: Path) -> None:
    from sandtable_connector.delivery.queue import DeliveryQueue

    queue = DeliveryQueue(path)
    queue.close()


FOREIGN: tuple[Callable[[Path], None], ...] = (
    _text,
    _database,
    _log_mode,
    _numbered,
    _mixed,
    _without_tables,
    _queue,
)


@pytest.mark.parametrize("make", FOREIGN, ids=lambda make: make.__name__.strip("_"))
def test_a_file_of_others_is_refused_and_left_alone(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "others.db"
    make(path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(AssemblyError, match=r"others\.db") as refusal:
        create_instance(data=str(path))
    assert "\n" not in str(refusal.value)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def _numbers(path: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(path)) as database:
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (layout,) = database.execute("PRAGMA user_version").fetchone()
    return application, layout


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "instance.db"
    instance = create_instance(random_seed=1, data=str(path))
    instance.system().table("incident").insert({"short_description": "kept"})
    instance.close()
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "instance.db"))


def _kept(instance: Instance) -> bool:
    found = instance.system().table("incident").first(filters={"short_description": "kept"})
    instance.close()
    return found is not None


def test_a_file_says_whose_it_is(path: Path) -> None:
    assert _numbers(path) == (APPLICATION_ID, LAYOUT)
    instance = create_instance(data=str(path))
    assert instance.store.notice == ""
    assert _kept(instance)


def test_a_reset_leaves_the_numbers(path: Path) -> None:
    instance = create_instance(data=str(path))
    instance.load_image(create_instance(random_seed=2).image())
    instance.close()
    assert _numbers(path) == (APPLICATION_ID, LAYOUT)


def test_an_older_file_is_upgraded_and_said_to_be(path: Path) -> None:
    _foreign(path, "PRAGMA application_id = 0", "PRAGMA user_version = 0")
    instance = create_instance(data=str(path))
    assert instance.store.notice == f"upgraded from layout 0 to {LAYOUT}"
    assert _kept(instance)
    assert _numbers(path) == (APPLICATION_ID, LAYOUT)


def test_a_newer_file_is_refused(path: Path) -> None:
    _foreign(path, f"PRAGMA user_version = {LAYOUT + 1}")
    with pytest.raises(AssemblyError, match="later version"):
        create_instance(data=str(path))
    assert _numbers(path) == (APPLICATION_ID, LAYOUT + 1)


def test_a_file_in_use_is_refused(path: Path) -> None:
    instance = create_instance(data=str(path))
    try:
        with pytest.raises(AssemblyError, match="in use"):
            create_instance(data=str(path))
    finally:
        instance.close()


def test_damage_is_told_in_one_line(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for page in range(2, len(data) // 4096):
        data[page * 4096 : page * 4096 + 64] = b"\x5a" * 64
    path.write_bytes(data)
    with pytest.raises(AssemblyError, match="damaged") as refusal:
        create_instance(data=str(path))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("place", ["", "missing/instance.db", "/dev/full", "/dev/null"])
def test_what_is_no_file_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(AssemblyError):
        create_instance(data=str(tmp_path / place))


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_only_its_owner_reads_it(path: Path, tmp_path: Path) -> None:
    path.chmod(0o644)
    before = os.umask(0)
    try:
        opened = [create_instance(data=str(each)) for each in (path, tmp_path / "new.db")]
        for instance in opened:
            instance.system().table("incident").insert({"short_description": "x"})
        found = sorted(each for each in tmp_path.iterdir())
        assert len(found) >= 2
        assert {each.name: stat.S_IMODE(each.stat().st_mode) for each in found} == {each.name: 0o600 for each in found}
        for instance in opened:
            instance.close()
    finally:
        os.umask(before)
