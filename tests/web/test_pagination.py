"""The Link header, literally."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.web.wire.pagination import link_header

ADDRESS = "https://i.service-now.com/api/now/table/incident"


def relations(header: str) -> dict[str, int]:
    """Return the offset that each relation links to, split the way naive clients split it."""
    found = {}
    for part in header.split(","):
        match = re.fullmatch(r'<[^<>]*[?&]sysparm_limit=\d+&sysparm_offset=(-?\d+)>;rel="(\w+)"', part)
        assert match is not None, part
        found[match.group(2)] = int(match.group(1))
    return found


@pytest.mark.recorded("a captured page of 5 at offset 600 of about 613 rows")
def test_the_header_is_literal() -> None:
    assert link_header(ADDRESS, [], limit=5, offset=600, total=613) == (
        f'<{ADDRESS}?sysparm_limit=5&sysparm_offset=0>;rel="first",'
        f'<{ADDRESS}?sysparm_limit=5&sysparm_offset=595>;rel="prev",'
        f'<{ADDRESS}?sysparm_limit=5&sysparm_offset=605>;rel="next",'
        f'<{ADDRESS}?sysparm_limit=5&sysparm_offset=610>;rel="last"'
    )


@pytest.mark.recorded("captured headers: other parameters come first, encoded, limit and offset last")
def test_other_parameters_are_kept_in_front() -> None:
    arguments = [
        ("sysparm_offset", "0"),
        ("sysparm_query", "active=true^a,b"),
        ("sysparm_limit", "10"),
        ("mine", "1 2"),
    ]
    header = link_header(ADDRESS, arguments, limit=10, offset=0, total=5)
    assert header.split(">", 1)[0] == (
        f"<{ADDRESS}?sysparm_query=active%3Dtrue%5Ea%2Cb&mine=1+2&sysparm_limit=10&sysparm_offset=0"
    )


@pytest.mark.parametrize(
    "limit, offset, total, expected",
    [
        pytest.param(
            1, 0, 73, {"first": 0, "prev": -1, "next": 1, "last": 72}, id="one-row-page-has-prev-at-minus-one"
        ),
        pytest.param(10, 0, 73, {"first": 0, "next": 10, "last": 70}, id="first-page"),
        pytest.param(10, 70, 73, {"first": 0, "prev": 60, "last": 70}, id="last-page-has-no-next"),
        pytest.param(10, 5, 12, {"first": 0, "prev": 0, "last": 10}, id="prev-is-never-before-the-start"),
        pytest.param(10, 0, 0, {"first": 0, "last": 0}, id="nothing-found"),
        pytest.param(10, 0, 10, {"first": 0, "last": 0}, id="exactly-one-page"),
        pytest.param(10, 10, 20, {"first": 0, "prev": 0, "last": 10}, id="exactly-two-pages"),
        pytest.param(10, 500, 20, {"first": 0, "prev": 490, "last": 10}, id="past-the-end"),
    ],
)
@pytest.mark.recorded("captured headers and what paging clients stop at")
def test_relations(limit: int, offset: int, total: int, expected: dict[str, int]) -> None:
    assert relations(link_header(ADDRESS, [], limit=limit, offset=offset, total=total)) == expected


@pytest.mark.parametrize("shown, relation", [(10, {"first": 0, "next": 10}), (9, {"first": 0})])
@pytest.mark.assumed("without a count no last is known, and a full page may have a successor")
def test_without_a_count(shown: int, relation: dict[str, int]) -> None:
    assert relations(link_header(ADDRESS, [], limit=10, offset=0, total=None, shown=shown)) == relation


@pytest.mark.assumed("a limit of nothing has no pages to link to")
def test_a_limit_of_nothing() -> None:
    assert link_header(ADDRESS, [], limit=0, offset=0, total=5) == ""


@pytest.mark.ours("a client that follows next ends, and has been given every row once")
@given(limit=st.integers(1, 40), total=st.integers(0, 200))
def test_following_next_ends_and_misses_nothing(limit: int, total: int) -> None:
    seen: list[int] = []
    offset: int | None = 0
    while offset is not None:
        seen.extend(range(offset, min(offset + limit, total)))
        offset = relations(link_header(ADDRESS, [], limit=limit, offset=offset, total=total)).get("next")
    assert seen == list(range(total))


@pytest.mark.ours("a header is one line of Latin-1, whatever the parameters hold")
@given(arguments=st.lists(st.tuples(st.text(), st.text()), max_size=4))
def test_nothing_breaks_out_of_the_header(arguments: list[tuple[str, str]]) -> None:
    clean = [(a.encode("utf-8", "replace").decode(), b.encode("utf-8", "replace").decode()) for a, b in arguments]
    header = link_header(ADDRESS, clean, limit=2, offset=2, total=9)
    assert header.isascii()
    assert not re.search(r"[\x00-\x1f]", header)
    assert list(relations(header)) == ["first", "prev", "next", "last"]
