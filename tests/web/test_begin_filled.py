"""What a server loads at its start is there again after a reset."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance, make_worlds
from sandtable.settings.settings import Settings

pytestmark = pytest.mark.ours("reset goes back to how the server began, demo data included")


def fill(instance: Instance) -> None:
    instance.system().table("incident").insert({"short_description": "loaded at the start"})


@pytest.mark.parametrize("in_a_file", [False, True])
def test_reset_keeps_what_was_loaded_at_the_start(tmp_path: Path, in_a_file: bool) -> None:
    settings = Settings(data=str(tmp_path / "instance.db") if in_a_file else "", port=0, log="off")
    worlds = make_worlds(settings)
    world = worlds.world(worlds.default.name)
    world.begin_filled(fill)
    incidents = world.instance.system().table("incident")
    incidents.insert({"short_description": "made later"})
    world.reset()
    assert [record["short_description"] for record in world.instance.system().table("incident").query()] == [
        "loaded at the start"
    ]
    world.instance.close()


def test_without_filling_reset_is_empty() -> None:
    instance = create_instance(random_seed=1)
    assert instance.system().table("incident").count() == 0
    instance.close()
