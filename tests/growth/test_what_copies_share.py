"""What a snapshot, a fork and a world have in common with their origin: everything, until it is written to."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance

pytestmark = pytest.mark.ours(
    "a snapshot, a fork and a world copy nothing; what is written to one is written to no other"
)

A_WRITE = 60  # pages: rows of an incident, its journal and its counter, their indexes, and a few that are divided


def _beyond(one: Instance, other: Instance) -> int:
    image = one.image().store
    return image.beyond(other.image().store) // len(image.pages[0])


def _texts(instance: Instance) -> list[str]:
    return sorted(record["short_description"] for record in instance.system().table("incident").query())


def test_copies_share_what_nobody_has_written_to() -> None:
    instance = create_instance(random_seed=1)
    with instance.transaction():
        instance.store.insert_many(
            "incident", ((f"{number:032x}", {"short_description": "x" * 500}) for number in range(2_000))
        )
    before = instance.image()
    with closing(instance), closing(instance.fork("fork")) as fork, closing(fork.fork("again")) as again:
        assert _beyond(fork, instance) == _beyond(again, instance) == 0
        fork.system().table("incident").insert({"short_description": "in the fork"})
        instance.system().table("incident").insert({"short_description": "in the origin"})
        assert 0 < _beyond(fork, again) < A_WRITE
        assert 0 < _beyond(instance, again) < A_WRITE
        assert [text for text in _texts(fork) if text.startswith("in")] == ["in the fork"]
        assert [text for text in _texts(instance) if text.startswith("in")] == ["in the origin"]
        assert len(_texts(again)) == 2_000
        instance.load_image(before)
        assert _beyond(instance, again) == 0
        assert _texts(instance) == _texts(again)


def test_a_fork_of_a_file_is_in_memory_and_its_own(tmp_path: Path) -> None:
    with (
        closing(create_instance(data=str(tmp_path / "data"), random_seed=1)) as instance,
        closing(instance.fork("fork")) as fork,
    ):
        fork.system().table("incident").insert({"short_description": "in the fork"})
        instance.system().table("incident").insert({"short_description": "in the file"})
        assert (_texts(fork), _texts(instance)) == (["in the fork"], ["in the file"])
