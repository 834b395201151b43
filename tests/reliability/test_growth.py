"""What would grow for ever is bounded: ended tokens, snapshots, the files of what can be made again."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sandtable.cli.plane.state import write_for_owner
from sandtable.core.applications.jobs import run_due_jobs
from sandtable.core.images.image_file import BadImageFile, pack, unpack
from sandtable.core.platform.instance import Instance
from sandtable.core.store.marks import Image
from sandtable.serving import start_image
from sandtable.serving.assembly import create_instance
from sandtable.web.worlds import snapshots
from sandtable.web.worlds.snapshots import SavedSnapshot, Snapshots


@pytest.fixture(scope="module")
def instance() -> Instance:
    return create_instance(random_seed=1)


@pytest.mark.documented("ServiceNow docs, table cleaner: sys_auto_flush deletes records by the age of a column")
def test_ended_tokens_are_deleted(instance: Instance) -> None:
    credentials = instance.system().table("oauth_credential")
    kept = credentials.insert({"type": "access_token", "token": "a", "expires": "9000-01-01 00:00:00"})
    ended = credentials.insert({"type": "access_token", "token": "b", "expires": instance.clock.text()})
    for number in range(5):
        credentials.insert({"type": "access_token", "token": f"c{number}", "expires": "2020-01-01 00:00:00"})
    assert run_due_jobs(instance) >= 5
    assert {each.sys_id for each in credentials.query()} == {kept.sys_id, ended.sys_id}


@pytest.mark.ours("a rule of the table cleaner that names nothing that exists deletes nothing")
def test_rules_that_name_nothing(instance: Instance) -> None:
    rules = instance.system().table("sys_auto_flush")
    for values in ({"tablename": "no_such"}, {"tablename": "incident", "matchfield": "no_such"}, {"age": "soon"}):
        rules.insert({"tablename": "incident", "matchfield": "sys_created_on", "age": "1", **values})
    instance.system().table("incident").insert({"short_description": "stays"})
    instance.clock.advance(7200)
    run_due_jobs(instance)
    assert instance.system().table("incident").count() >= 1


def _snapshot(name: str, size: int) -> SavedSnapshot:
    image: Any = SimpleNamespace(store=Image((bytearray(size),), {}))  # type: ignore[arg-type] # no two are the same
    return SavedSnapshot(name, "2026-01-01 00:00:00", image)


@pytest.mark.ours("snapshots of a world take a bounded amount of memory, a few of any size apart")
def test_snapshots_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MOST_BYTES", 1000)
    saved = Snapshots()
    for number in range(snapshots.FEW):
        saved.save(_snapshot(f"large-{number}", 900))
    with pytest.raises(ValueError, match="delete some first"):
        saved.save(_snapshot("one more", 900))
    saved.save(_snapshot("large-0", 900))
    again = saved.get("large-1")
    assert again is not None
    saved.save(SavedSnapshot("the same moment", again.saved_at, again.image))
    assert len(saved.all()) == snapshots.FEW + 1


@pytest.mark.ours("a file that is no image of an instance is refused in one line")
@pytest.mark.parametrize("records", [b"", b"SQLite format 2\x00", b"SQLite format 3\x00"])
def test_an_empty_database_is_refused(instance: Instance, records: bytes) -> None:
    import dataclasses

    image = instance.image()
    damaged = dataclasses.replace(image, store=dataclasses.replace(image.store, pages=(records,)))
    with pytest.raises(BadImageFile, match=r"records\.sqlite") as refusal:
        unpack(instance, pack(damaged, {}))
    assert "\n" not in str(refusal.value)


@pytest.mark.ours("a start image that was damaged is made again, without a look at what is in it")
def test_a_damaged_start_image_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    assert start_image.kept("a", lambda: ["made"], folder) == ["made"]
    (path,) = folder.iterdir()
    assert start_image.kept("a", lambda: ["made again"], folder) == ["made"]
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(data)
    assert start_image.kept("a", lambda: ["made again"], folder) == ["made again"]


@pytest.mark.ours("a downloaded snapshot, which holds secrets, is its owner's alone")
@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_files_with_secrets_are_the_owners(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        old, new = tmp_path / "old", tmp_path / "new"
        old.write_bytes(b"a longer text than before")
        for path in (old, new):
            write_for_owner(path, b"secret")
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert path.read_bytes() == b"secret"
    finally:
        os.umask(before)
