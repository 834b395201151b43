"""The oracle: a list of incidents that is simple enough to trust, and is tested all the same."""

from __future__ import annotations

import pytest

from sandtable_scenarios.models.incidents import Incidents, Picture, Policy, difference

pytestmark = pytest.mark.ours("the oracle says what the rules of correlating and closing say")


def known(*entries: tuple[str, str, str], policy: Policy | None = None) -> Incidents:
    model = Incidents(policy or Policy())
    for sys_id, correlation_id, state in entries:
        model.arrive(sys_id, correlation_id, state)
    return model


def test_the_latest_open_one_is_closed() -> None:
    model = known(("a", "r:1", "1"), ("b", "R:1", "2"), ("c", "r:1", "7"), ("d", "r:1", "8"), ("e", "r:2", "1"))
    closed = model.closed_by("r:1")
    assert closed is not None
    assert closed.sys_id == "b"
    assert model.closed_by("r:3") is None


@pytest.mark.parametrize("blank", [None, "", " ", "\t"])
def test_a_blank_id_names_nothing(blank: str | None) -> None:
    model = known(("a", "", "1"), ("b", " ", "1"))
    assert model.matching(blank) == []
    assert model.closed_by(blank) is None
    assert model.pushed_to(blank) == frozenset()


def test_closed_ones_are_pushed_to_as_the_policy_says() -> None:
    entries = (("a", "r:1", "7"), ("b", "r:1", "1"))
    assert known(*entries).pushed_to("r:1") == {"a", "b"}
    assert known(*entries, policy=Policy(coalesce_closed=False)).pushed_to("r:1") == {"b"}


def test_arrival_goes_on_after_one_was_forgotten() -> None:
    model = known(("a", "", "1"), ("b", "", "1"))
    model.forget("a")
    assert model.arrive("c", "").arrival > model.known["b"].arrival


def test_a_difference_is_what_changed() -> None:
    before = Picture({"a": {"state": "1"}, "b": {"state": "1"}, "c": {"state": "1"}}, {"b": ("one",)})
    after = Picture({"a": {"state": "7"}, "b": {"state": "1"}, "d": {"state": "1"}}, {"b": ("one", "two")})
    change = difference(before, after)
    assert (change.created, change.changed, change.deleted) == (("d",), ("a", "b"), ("c",))
    assert str(difference(before, before)) == "nothing changed"
