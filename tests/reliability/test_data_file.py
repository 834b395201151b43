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
from sandtable.core.store import reading
from sandtable.core.store.data_file import APPLICATION_ID, LAYOUT, prepare
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
def test_only_its_owner_reads_it(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    path.chmod(0o444)
    prepare(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o400  # and is not made one that can be written
    monkeypatch.setattr(os, "access", lambda _place, mode: not mode & os.W_OK)  # as anybody but root is told
    with pytest.raises(AssemblyError, match="may not be written"):
        create_instance(data=str(path))


SECRETS = {
    "oauth_entity": {"name": "client", "client_id": "id", "client_secret": "planted-client-secret"},
    "sys_auth_profile_basic": {"name": "profile", "username": "u", "password": "planted-basic-password"},
    "sys_properties": {"name": "my.key", "type": "password2", "value": "planted-property-value"},
    "oauth_credential": {"type": "access_token", "token": "planted-access-token"},
}
PLANTED = [value for record in SECRETS.values() for value in record.values() if value.startswith("planted-")]


def _plant(instance: Instance) -> None:
    with instance.transaction():
        for table, record in SECRETS.items():
            instance.system().table(table).insert(record)


def _planted(instance: Instance) -> list[str]:
    found = [record for table in SECRETS for record in instance.system().table(table).query("")]
    return sorted(value for record in found for value in record.stored.values() if value in PLANTED)


def _open_in(folder: Path) -> set[str]:
    """Return the secrets that lie open in any file of a folder."""
    everything = b"".join(each.read_bytes() for each in folder.iterdir())
    return {each for each in PLANTED if each.encode() in everything}


def test_secrets_are_sealed_in_the_file_and_open_in_the_instance(path: Path) -> None:
    instance = create_instance(data=str(path))
    _plant(instance)
    assert _open_in(path.parent) == set()  # nor in the log that is not yet in the file
    later = instance.system().table("sys_properties").insert({"name": "late", "value": PLANTED[0]})
    instance.system().table("sys_properties").update(later.sys_id, {"type": "password2"})
    alike = "\x02sealed1:0badc0de:AAAA"  # is no secret, and must not be taken for one that another key has sealed
    instance.system().table("sys_properties").insert({"name": "alike", "value": alike})
    image = instance.image()
    instance.close()
    assert _open_in(path.parent) == set()
    again = create_instance(data=str(path))
    assert _planted(again) == sorted([*PLANTED, PLANTED[0]])
    assert (again.property("late"), again.property("alike")) == (PLANTED[0], alike)
    again.load_image(image)  # which is whole by itself
    assert _planted(again) == sorted([*PLANTED, PLANTED[0]])
    again.close()
    assert _open_in(path.parent) == set()
    memory = create_instance(random_seed=2)
    memory.load_image(image)
    assert _planted(memory) == sorted([*PLANTED, PLANTED[0]])


def test_what_is_sealed_follows_the_dictionary(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "COUNTED", 1)
    instance = create_instance(data=str(path))
    column = {"name": "u_vault", "element": "u_key", "column_label": "Key", "internal_type": "password2"}
    table, description = instance.system().table("sys_db_object"), instance.system().table("sys_dictionary")
    described = table.insert({"name": "u_vault", "label": "Vault"})
    kind = description.insert(column)
    vault = instance.system().table("u_vault")
    for count in range(2):  # the database cannot find what is sealed, nor what was counted before
        assert vault.count(f"u_key={PLANTED[0]}") == len(vault.query(f"u_key={PLANTED[0]}")) == 0, count
        record = vault.insert({"u_key": PLANTED[0]})

    def read() -> str:
        instance.store._rows.clear()
        return vault.get(record.sys_id)["u_key"]

    secret = instance.image()
    table.delete(described.sys_id)
    instance.load_image(secret)  # into an instance that knows nothing of the table
    assert (read(), _open_in(path.parent)) == (PLANTED[0], set())
    before = instance.snapshot()
    description.update(kind.sys_id, {"internal_type": "string"})
    assert read() == PLANTED[0]
    plain = instance.image()
    instance.restore(before)
    assert read() == PLANTED[0]
    instance.load_image(plain)  # whose column is none that the instance seals
    assert read() == PLANTED[0]
    description.update(kind.sys_id, {"internal_type": "password2"})
    sealed = "SELECT u_key FROM r_u_vault"
    assert instance.store._db.execute(sealed).fetchone()[0].startswith("\x02sealed1:")
    assert read() == PLANTED[0]
    instance.close()


def test_an_older_file_has_its_secrets_sealed(path: Path) -> None:
    memory = create_instance(random_seed=1)
    _plant(memory)
    path.write_bytes(memory.image().store.data)
    _foreign(path, f"PRAGMA application_id = {APPLICATION_ID}", "PRAGMA user_version = 1")
    assert _open_in(path.parent) == set(PLANTED)
    instance = create_instance(data=str(path))
    assert instance.store.notice == f"upgraded from layout 1 to {LAYOUT}"
    assert _planted(instance) == sorted(PLANTED)
    assert _open_in(path.parent) == set()
    instance.close()


@pytest.mark.parametrize(
    ("key", "why"), [(None, "is missing"), (b"A" * 86 + b"==", "is another one"), (b"A", "not the")]
)
def test_secrets_do_not_open_without_their_key(path: Path, key: bytes | None, why: str) -> None:
    instance = create_instance(data=str(path))
    _plant(instance)
    instance.close()
    place = Path(f"{path}.key")
    place.unlink()
    if key is not None:
        place.write_bytes(key)
    with pytest.raises(AssemblyError, match=why) as refusal:
        create_instance(data=str(path))
    assert str(place) in str(refusal.value)


def test_a_secret_that_was_moved_to_another_record_does_not_open(path: Path) -> None:
    instance = create_instance(data=str(path))
    _plant(instance)
    other = instance.system().table("oauth_entity").insert({"name": "other", "client_id": "other"})
    instance.close()
    _foreign(
        path,
        "UPDATE r_sys_metadata SET client_secret = (SELECT client_secret FROM r_sys_metadata WHERE client_id = 'id')"
        f" WHERE sys_id = '{other.sys_id}'",
    )
    again = create_instance(data=str(path))
    found = again.system().table("oauth_entity").find(other.sys_id)
    assert found is not None
    assert found["client_secret"] not in ("", PLANTED[0])
    again.close()
