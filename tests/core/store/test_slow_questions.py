"""A question that takes long is asked of the records as they were, while others go on with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.store import reading
from sandtable.core.store.sqlite.in_memory import MemoryDatabase
from sandtable.core.values import visits
from sandtable.core.values.visits import Outlived
from sandtable.serving.assembly import create_instance

pytestmark = pytest.mark.ours("who asks something slow sees one moment, and keeps nobody else from reading or writing")

ASKED = "short_descriptionLIKEdisk^ORDERBYshort_description"
Meanwhile = Callable[[Callable[[], object]], list[str]]


class _Everything(set[str]):
    """Each statement is known to be slow."""

    def __contains__(self, statement: object) -> bool:
        return True


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.setattr(reading, "LARGE", 1)
    with closing(create_instance(random_seed=1)) as made:
        table = made.system().table("incident")
        for name in ("disk a", "disk b", "disk c"):
            table.insert({"short_description": name})
        made.store.aside._slow = _Everything()
        yield made


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Return what has something done by another thread while a slow question is asked; it returns what went wrong."""

    def plan(action: Callable[[], object]) -> list[str]:
        wrong: list[str] = []
        copied = MemoryDatabase.copied

        def work() -> None:
            try:
                action()
            except BaseException as error:
                wrong.append(repr(error))

        def with_others(database: MemoryDatabase) -> MemoryDatabase:
            copy = copied(database)
            execute = copy.execute

            def slowly(*asked: Any) -> Any:
                copy.execute = execute
                other = threading.Thread(target=work)
                other.start()
                other.join(20)  # as long as the question takes; who has to wait for its end is still alive then
                if other.is_alive():
                    wrong.append("had to wait")
                return execute(*asked)

            copy.execute = slowly
            return copy

        monkeypatch.setattr(MemoryDatabase, "copied", with_others)
        return wrong

    return plan


def _page(instance: Instance, limit: int | None = 10, **options: Any) -> list[str]:
    found = instance.system().table("incident").page(ASKED, limit=limit, offset=0, count=False, patient=True, **options)
    return [record["short_description"] for record in found.records]


def _change(instance: Instance) -> None:
    table = instance.system().table("incident")
    first, second, _ = table.query(ASKED)
    with instance.transaction():
        table.delete(first.sys_id)
        table.update(second.sys_id, {"short_description": "disk z"})
        table.insert({"short_description": "disk 0"})


@pytest.mark.parametrize("limit", [10, 500])
def test_others_write_and_the_question_sees_one_moment(instance: Instance, meanwhile: Meanwhile, limit: int) -> None:
    wrong = meanwhile(lambda: _change(instance))
    with instance.transaction():
        assert _page(instance, limit) == ["disk a", "disk b", "disk c"]
    assert wrong == []
    assert _page(instance, limit) == ["disk 0", "disk c", "disk z"]


def test_what_others_wrote_stays_when_the_one_who_asked_fails(instance: Instance, meanwhile: Meanwhile) -> None:
    wrong = meanwhile(lambda: _change(instance))
    with pytest.raises(ZeroDivisionError), instance.transaction():
        _page(instance)
        instance.system().table("incident").insert({"short_description": "disk taken back"})
        raise ZeroDivisionError
    assert wrong == []
    assert _page(instance) == ["disk 0", "disk c", "disk z"]


def test_nobody_is_let_in_once_something_is_written(instance: Instance, meanwhile: Meanwhile) -> None:
    with instance.transaction():
        instance.system().table("incident").insert({"short_description": "disk d"})
        wrong = meanwhile(lambda: pytest.fail("nobody asks aside") if instance.level == 0 else None)
        assert _page(instance)[-1] == "disk d"
    assert wrong == []


def test_a_question_of_a_state_that_is_left_meanwhile_ends(
    instance: Instance, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "PATIENCE_SECONDS", 0.05)
    before = instance.snapshot()
    wrong = meanwhile(lambda: instance.restore(before))
    with pytest.raises(Outlived), instance.visits.visit(), instance.transaction():
        _page(instance)
    assert wrong == []
    assert _page(instance) == ["disk a", "disk b", "disk c"]


def test_a_slow_question_alone_is_found_out_and_answered(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    instance.store.aside._slow = set()
    monkeypatch.setattr("sandtable.core.store.sqlite.in_memory.STEPS_BETWEEN_LOOKS", 10)
    instance.load_image(instance.image())
    with instance.transaction():
        assert _page(instance) == ["disk a", "disk b", "disk c"]
    assert len(instance.store.aside._slow) == 1


def test_answers_of_a_state_are_none_of_another_that_counts_its_versions_alike(instance: Instance) -> None:
    other = instance.fork("other")
    for each, name in ((instance, "disk d"), (other, "lamp")):
        each.system().table("incident").insert({"short_description": name})
    assert "disk d" in _page(instance)
    image = other.image()
    assert image.store.versions["incident"] == instance.store.version("incident")
    instance.load_image(image)
    assert _page(instance) == ["disk a", "disk b", "disk c"]


@pytest.mark.parametrize("asked", ["lookup", "related", "find", "count", "holding", "property", "guest", "scope_names"])
def test_whoever_reads_holds_the_lock(instance: Instance, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    """A database in memory does not wait for another thread's statement; it fails."""
    table = instance.system().table("incident")
    first = table.query("")[0]
    instance.store._rows.clear()
    instance.store._classes.forget()
    instance.remembered.clear()
    instance.store.era += 1
    execute, held = instance.store._db.execute, []

    def noted(*given: Any) -> Any:
        held.append(instance.lock._is_owned())  # type: ignore[attr-defined]
        return execute(*given)

    monkeypatch.setattr(instance.store._db, "execute", noted)
    answers: dict[str, Callable[[], object]] = {
        "lookup": lambda: instance.lookup("incident", first.sys_id),
        "related": lambda: list(instance.related("incident")),
        "find": lambda: table.find(first.sys_id),
        "count": table.count,
        "holding": lambda: table.holding({"number": first["number"]}),
        "property": lambda: instance.property("glide.servlet.uri"),
        "guest": instance.guest,
        "scope_names": instance.scope_names,
    }
    answers[asked]()
    assert held
    assert all(held)


def test_who_waits_is_next(instance: Instance) -> None:
    order = []

    def wait() -> None:
        with instance.transaction():
            order.append("who waited")

    other = threading.Thread(target=wait)
    with instance.transaction():
        other.start()
        while not instance.patience._door.locked():
            other.join(0.001)
    with instance.transaction():
        order.append("who came back at once")
    other.join()
    assert order == ["who waited", "who came back at once"]
