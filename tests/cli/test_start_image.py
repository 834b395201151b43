"""What new instances start from is kept between runs, and never trusted further than compiled modules are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.instances import rows_of

from sandtable.core.images.baseline import read_dictionary
from sandtable.serving import assembly, start_image

pytestmark = pytest.mark.ours("a kept start image is the one that would be made, or it is made again")


@pytest.fixture
def made() -> list[int]:
    return []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "cache"
    place.mkdir(mode=0o700)
    return place


def ask(made: list[int], folder: Path) -> object:
    def make() -> str:
        made.append(1)
        return f"made {len(made)}"

    return start_image.kept("x", make, folder)


def test_it_is_made_once(made: list[int], folder: Path) -> None:
    assert [ask(made, folder), ask(made, folder)] == ["made 1", "made 1"]
    (kept,) = folder.glob("start-x-*.bin")
    assert kept.stat().st_mode & 0o077 == 0


def test_a_folder_that_is_not_there_is_made_for_this_user_alone(made: list[int], tmp_path: Path) -> None:
    ask(made, tmp_path / "a" / "b")
    assert ask(made, tmp_path / "a" / "b") == "made 1"
    assert (tmp_path / "a" / "b").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\x80\x05."])
def test_a_damaged_file_is_made_again(made: list[int], folder: Path, damage: bytes) -> None:
    ask(made, folder)
    (kept,) = folder.glob("start-x-*.bin")
    kept.write_bytes(damage)
    assert [ask(made, folder), ask(made, folder)] == ["made 2", "made 2"]


@pytest.mark.parametrize("whose", ["file", "folder"])
def test_what_others_could_have_written_is_not_read(made: list[int], folder: Path, whose: str) -> None:
    ask(made, folder)
    (kept,) = folder.glob("start-x-*.bin")
    (kept if whose == "file" else folder).chmod(0o722)
    assert ask(made, folder) == "made 2"


def test_another_users_file_is_not_read_unless_it_is_the_superusers(
    made: list[int], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(made, folder)
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert ask(made, folder) == ("made 1" if owner == start_image.SUPERUSER else "made 2")


def test_compiled_modules_that_appear_make_no_other_image(
    made: list[int], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "core" / "__pycache__").mkdir(parents=True)
    monkeypatch.setattr(start_image, "SOURCE", tmp_path)
    ask(made, folder)
    (tmp_path / "core" / "__pycache__" / "rule.cpython-311.pyc").write_bytes(b"compiled")
    assert ask(made, folder) == "made 1"


def test_other_files_make_another_image(
    made: list[int], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "core").mkdir()
    rule = tmp_path / "core" / "rule.py"
    rule.write_text("one")
    monkeypatch.setattr(start_image, "SOURCE", tmp_path)
    ask(made, folder)
    rule.write_text("three")
    assert ask(made, folder) == "made 2"
    assert len(list(folder.glob("start-x-*.bin"))) == 2


def test_old_images_go(made: list[int], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "core").mkdir()
    monkeypatch.setattr(start_image, "SOURCE", tmp_path)
    for number in range(start_image.KEPT + 3):
        (tmp_path / "core" / "rule.py").write_text("x" * number)
        ask(made, folder)
    assert len(list(folder.glob("start-*.bin"))) == start_image.KEPT


def test_a_place_that_cannot_be_written_is_as_good_as_none(made: list[int], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert [ask(made, tmp_path / "file"), ask(made, tmp_path / "file")] == ["made 1", "made 2"]


@pytest.mark.parametrize("empty", [False, True])
def test_an_instance_from_a_kept_image_is_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    instances = []
    for keep in (False, True, True):
        assembly._beginnings.cache_clear()
        instances.append(assembly.create_instance(random_seed=1, empty=empty, keep_start_image=keep))
    plain, _, kept = instances
    assert rows_of(kept) == rows_of(plain)
    assert kept.dictionary.tables() == plain.dictionary.tables()
    assert kept.dictionary.choices("incident", "state") == plain.dictionary.choices("incident", "state")
    kept.system().table("sys_db_object").insert({"name": "u_thing"})
    made = [each.acting_as("admin").table("incident").insert({}) for each in (plain, kept)]
    assert made[0]["number"] == made[1]["number"] == "INC0010001"
    assembly._beginnings.cache_clear()


def test_what_instances_start_from_is_made_once_however_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = assembly._beginning(empty=False, keep=False)
    other = assembly._beginning(empty=True, keep=False)
    assert assembly._beginning(empty=False, keep=True) is first
    assert assembly._beginning(empty=True, keep=True) is other is not first


def test_what_is_known_of_shipped_columns_reads_a_dictionary_as_the_records_say() -> None:
    instance = assembly.create_instance(random_seed=1)
    system = instance.system()
    changed = system.table("sys_dictionary").first("name=task^element=short_description")
    assert changed is not None
    system.table("sys_dictionary").update(changed.sys_id, {"mandatory": "true", "max_length": "99"})
    before = {table.name: table for table in instance.dictionary.tables()}
    _, known = assembly._known(keep=False)
    read_dictionary(instance)
    read = [{table.name: table for table in instance.dictionary.tables()}]
    read_dictionary(instance, known=known)
    read.append({table.name: table for table in instance.dictionary.tables()})
    assert read[0] == read[1] == before
    column = read[1]["task"].columns["short_description"]
    assert (column.mandatory, column.max_length) == (True, 99)
    # Most columns are not made anew, or nothing is gained by it.
    shipped = {id(column) for column in known.values()}
    columns = [column for table in read[1].values() for column in table.columns.values()]
    assert sum(id(column) in shipped for column in columns) > len(columns) / 2
    instance.close()
