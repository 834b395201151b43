"""Images of instances, and what an instance remembers when one is put in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandtable.core.images.image_difference import differences
from sandtable.core.images.image_file import pack, unpack
from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance

pytestmark = pytest.mark.ours("an instance that has become an image behaves as the one that it was taken of")


@pytest.fixture(scope="module")
def origin() -> Iterator[Instance]:
    made = create_instance(random_seed=3)
    yield made
    made.close()


STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "take", "load"]), st.integers(0, 1), st.integers(0, 5)), max_size=14
)


@given(STEPS)
@settings(max_examples=25)
def test_what_is_remembered_is_never_that_of_another_image(origin: Instance, steps: list[tuple[str, int, int]]) -> None:
    """Two forks exchange images while a remembered value (a property) is read all the time."""
    worlds = [origin.fork("a"), origin.fork("b")]
    images = [(worlds[0].image(), "")]
    expected = ["", ""]
    try:
        for number, (step, which, choice) in enumerate(steps):
            world = worlds[which]
            if step == "write":
                expected[which] = f"value {number}"
                world.set_property("test.remembered", expected[which])
            elif step == "take":
                images.append((world.image(), expected[which]))
            else:
                image, expected[which] = images[choice % len(images)]
                world.load_image(image)
            assert [each.property("test.remembered") for each in worlds] == expected
    finally:
        for world in worlds:
            world.close()


def test_the_short_way_to_a_difference_finds_what_the_long_way_finds(origin: Instance) -> None:
    world = origin.fork("world")
    start = world.image()
    world.set_property("test.one", "1")
    incident = world.system().table("incident").insert({"short_description": "x"})
    middle = world.image()
    world.load_image(start)
    world.set_property("test.two", "2")
    end = world.image()
    for one, other in ((middle, end), (end, start)):
        # Images that seem to be of two instances are compared row by row.
        stranger = replace(other, lineage=object())
        quick, thorough = (
            {(each.operation, each.row.sys_id) for each in differences(origin, one, to)} for to in (other, stranger)
        )
        assert quick == thorough
        assert quick
    assert ("insert", incident.sys_id) in {
        (each.operation, each.row.sys_id) for each in differences(origin, start, middle)
    }
    world.close()


def test_a_packed_image_unpacks_to_the_same_instance(origin: Instance) -> None:
    source = origin.fork("source")
    source.system().table("incident").insert({"short_description": "carried"})
    source.clock.freeze()
    image = source.image()
    found, about = unpack(origin, pack(image, {"name": "x"}))
    assert about == {"name": "x"}
    assert list(differences(origin, image, found)) == []
    target = origin.fork("target")
    target.load_image(found)
    assert target.clock.timestamp() == source.clock.timestamp()
    assert target.new_sys_id() == source.new_sys_id()
    assert {table.name for table in target.dictionary.tables()} == {table.name for table in source.dictionary.tables()}
    incident = target.dictionary.columns("incident")
    assert incident == source.dictionary.columns("incident")
    # Earlier versions packed an instance that was kept in a file with the mark of a database that has a log beside it.
    first, *others = image.store.pages
    with_log = replace(image.store, pages=(first[:18] + b"\x02\x02" + first[20:], *others))
    earlier, _ = unpack(origin, pack(replace(image, store=with_log), {}))
    assert list(differences(origin, found, earlier)) == []
    for each in (source, target):
        each.close()
