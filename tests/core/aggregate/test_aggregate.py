"""Aggregates computed by the database agree with ones computed by hand from the records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.lists.aggregate import (
    FUNCTIONS,
    Aggregation,
    Having,
    Sorting,
    aggregate,
    read_having,
    read_order,
)
from sandtable.core.values.errors import BadRequest
from sandtable.serving.assembly import create_instance

pytestmark = pytest.mark.ours("the Aggregate API counts what is there")
NUMBERS = ("impact", "reassignment_count")
GROUPS = ("category", "active", "impact", "caller_id.user_name")
ADMIN, ITIL = "6816f79cc0a8016401c5a33be04be441", "681b365ec0a80164000fb0b05854a0cd"
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "category": st.sampled_from(["", "network", "Network", "software", 'it\'s "odd"']),
            "active": st.sampled_from(["true", "false", ""]),
            "impact": st.sampled_from(["1", "2", "3", ""]),
            "reassignment_count": st.sampled_from(["0", "7", "10", "-2", ""]),
            "caller_id": st.sampled_from(["", ADMIN, ITIL, "gone"]),
        }
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def instance() -> Iterator[Instance]:
    made = create_instance(random_seed=1)
    yield made
    made.close()


def by_hand(rows: Sequence[dict[str, str]], names: Sequence[str]) -> dict[tuple[str, ...], list[dict[str, str]]]:
    users = {ADMIN: "admin", ITIL: "itil"}
    groups: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        values = {**row, "caller_id.user_name": users.get(row["caller_id"], "")}
        groups[tuple(values[name].lower() for name in names)].append(row)
    return groups


def numbers(rows: Sequence[dict[str, str]], name: str) -> list[int]:
    return [int(row[name]) for row in rows if row[name]]


def expected(rows: Sequence[dict[str, str]]) -> dict[str, Any]:
    stats: dict[str, Any] = {"count": str(len(rows))}
    for name in NUMBERS:
        known = numbers(rows, name)
        for function, value in (
            ("avg", f"{sum(known) / len(known):.4f}" if known else ""),
            ("min", str(min(known)) if known else ""),
            ("max", str(max(known)) if known else ""),
            ("sum", str(sum(known)) if known else ""),
        ):
            stats.setdefault(function, {})[name] = value
    return stats


def asked(**more: Any) -> Aggregation:
    return Aggregation(count=True, columns=dict.fromkeys(FUNCTIONS, NUMBERS), **more)


@given(rows=ROWS, names=st.lists(st.sampled_from(GROUPS), max_size=3, unique=True), least=st.integers(0, 3))
def test_agreement(instance: Instance, rows: list[dict[str, str]], names: list[str], least: int) -> None:
    snapshot = instance.snapshot()
    try:
        with instance.transaction():
            instance.store.insert_many("incident", [(f"{n:032x}", row) for n, row in enumerate(rows)])
        having = (Having("count", "", ">=", str(least)),)
        groups = aggregate(instance.system(), "incident", "", asked(group_by=names, having=having))
        found = {tuple(each.value.lower() for each in group.values): group.stats for group in groups}
        hand = by_hand(rows, names) if names else {(): rows}
        assert found == {key: expected(part) for key, part in hand.items() if len(part) >= least}
        assert len(groups) == len(found)
    finally:
        instance.restore(snapshot)
        instance.release(snapshot)


@given(
    rows=ROWS,
    name=st.sampled_from(["category", "impact"]),
    descending=st.booleans(),
    by_count=st.booleans(),
)
def test_order(instance: Instance, rows: list[dict[str, str]], name: str, descending: bool, by_count: bool) -> None:  # noqa: FBT001
    snapshot = instance.snapshot()
    try:
        with instance.transaction():
            instance.store.insert_many("incident", [(f"{n:032x}", row) for n, row in enumerate(rows)])
        order = (Sorting("" if by_count else name, "count" if by_count else "", descending),)
        groups = aggregate(instance.system(), "incident", "", asked(group_by=(name,), order_by=order))
        keys = [int(group.stats["count"]) if by_count else group.values[0].value.lower() for group in groups]
        assert keys == sorted(keys, reverse=descending)
    finally:
        instance.restore(snapshot)
        instance.release(snapshot)


@given(text=st.text(alphabet="^,<>=!.0123456789 countavgsumimpactDESC'\"", max_size=40))
def test_nothing_a_client_writes_breaks_the_readers(instance: Instance, text: str) -> None:
    order = read_order(text)
    try:
        having = read_having(text)
    except BadRequest:
        having = ()
    aggregate(instance.system(), "incident", text, asked(group_by=(text, "impact"), order_by=order, having=having))
