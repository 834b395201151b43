"""The language itself: what a text means as a tree, and the tree as text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable.core.query import Condition, Order, Query, condition, conjunction, parse, render
from sandtable.core.query.language.operators import SPELLINGS, VALUELESS
from sandtable.core.query.language.syntax import Block, Join, Unreadable

pytestmark = pytest.mark.documented("ServiceNow documentation, encoded query strings and operators")


def assumed(why: str, *rows: tuple[Any, ...]) -> list[Any]:
    """Return rows of a table that are our reading, in the middle of those that are documented."""
    return [pytest.param(*row, marks=pytest.mark.assumed(why)) for row in rows]


def c(path: str, operator: str, value: str = "") -> Condition:
    return Condition(path, operator, value)


@pytest.mark.parametrize(
    "text, alternatives",
    [
        ("", ()),
        ("a=1", (((c("a", "=", "1"),),),)),
        ("a=1^b=2", (((c("a", "=", "1"),), (c("b", "=", "2"),)),)),
        ("a=1^b=2^ORc=3^d=4", (((c("a", "=", "1"),), (c("b", "=", "2"), c("c", "=", "3")), (c("d", "=", "4"),)),)),
        ("b=1^ORc=2^ORe=3", (((c("b", "=", "1"), c("c", "=", "2"), c("e", "=", "3")),),)),
        (
            "a=1^b=2^NQc=3^d=4",
            (((c("a", "=", "1"),), (c("b", "=", "2"),)), ((c("c", "=", "3"),), (c("d", "=", "4"),))),
        ),
        ("a=1^EQ", (((c("a", "=", "1"),),),)),
        ("a=1^ORDERBYb^ORc=2", (((c("a", "=", "1"), c("c", "=", "2")),),)),
        ("^ORa=1", (((c("a", "=", "1"),),),)),
        ("a=x^^y^b=1", (((c("a", "=", "x^y"),), (c("b", "=", "1"),)),)),
        ("a=^^^b=1", (((c("a", "=", "^"),), (c("b", "=", "1"),)),)),
        ("^^a=1^", (((c("a", "=", "1"),),),)),
        ("aISEMPTY^^b=1", (((c("a", "ISEMPTY"),), (c("b", "=", "1"),)),)),
        ("a=", (((c("a", "="),),),)),
        ("a=b=c", (((c("a", "=", "b=c"),),),)),
        ("a.b.c=1", (((c("a.b.c", "=", "1"),),),)),
        ("AAAA=BBBB", (((c("AAAA", "=", "BBBB"),),),)),
        ("u_camelCaseLIKEx", (((c("u_camelCase", "LIKE", "x"),),),)),
        ("alikeb", (((Unreadable("alikeb"),),),)),
        ("123TEXTQUERY321=mail", (((c("123TEXTQUERY321", "=", "mail"),),),)),
        ("JOINa.x=b.y!c=1", (((Join("a.x=b.y!c=1"),),),)),
        (
            "a=1^RLQUERYg.u,>=1^r=x^ORr=y^ENDRLQUERY^ORb=2",
            (
                (
                    (c("a", "=", "1"),),
                    (
                        Block("RLQUERY", "g.u,>=1", Query((((c("r", "=", "x"), c("r", "=", "y")),),))),
                        c("b", "=", "2"),
                    ),
                ),
            ),
        ),
        ("RLQUERYg.u^r=x", (((Block("RLQUERY", "g.u", Query((((c("r", "=", "x"),),),))),),),)),
        *assumed(
            "blanks at the end of a value are its own, unless the client puts blanks around fields too",
            ("a=vpn ^b=1", (((c("a", "=", "vpn "),), (c("b", "=", "1"),)),)),
            ("a= x ", (((c("a", "=", " x "),),),)),
        ),
        pytest.param(
            "short_description LIKEvpn ^OR number STARTSWITHvpn",
            (((c("short_description", "LIKE", "vpn"), c("number", "STARTSWITH", "vpn")),),),
            marks=pytest.mark.recorded("a client sends blanks around its conditions"),
        ),
    ],
)
def test_conditions_group_as_the_language_says(text: str, alternatives: object) -> None:
    assert parse(text).alternatives == alternatives


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_operator_is_found_at_its_longest(spelling: str) -> None:
    value = "" if spelling in VALUELESS else "5"
    assert parse(f"some_field{spelling}{value}").alternatives == (((c("some_field", spelling, value),),),)


@pytest.mark.parametrize(
    "text, order",
    [
        ("ORDERBYa", (Order("a"),)),
        ("ORDERBYDESCa^ORDERBYb.c", (Order("a", True), Order("b.c"))),
        ("ORDERBYsys_created_on^", (Order("sys_created_on"),)),
        ("x=1^ORDERBYDESCa^y=2", (Order("a", True),)),
        ("x=1^ORDERBYDESCa^NQy=2^ORDERBYb", (Order("a", True), Order("b"))),
        ("ORDERBY", ()),
    ],
)
def test_orderings_stand_anywhere(text: str, order: tuple[Order, ...]) -> None:
    assert parse(text).order == order


def test_an_order_alone_is_no_condition() -> None:
    assert not parse("ORDERBYnumber")
    assert not parse("^EQ")
    assert parse("a=1")


def test_a_conjunction_reaches_every_alternative() -> None:
    query = conjunction(parse("a=1^NQb=2^ORDERBYx"), condition("c", "=", "3^NQd=4"), condition("e", "ISEMPTY"))
    assert render(query) == "a=1^c=3^^NQd=4^eISEMPTY^NQb=2^c=3^^NQd=4^eISEMPTY^ORDERBYx"
    assert conjunction(parse("ORDERBYx"), condition("c", "=", "3")) == parse("c=3^ORDERBYx")
    assert conjunction(parse("a=1^ORDERBYx"), parse("ORDERBYDESCy")) == parse("a=1^ORDERBYx^ORDERBYDESCy")
    assert conjunction() == Query()


@pytest.mark.parametrize("path, operator", [("a^b", "="), ("", "="), ("a", "like"), ("a b", "=")])
def test_a_condition_that_is_none_is_refused(path: str, operator: str) -> None:
    with pytest.raises(ValueError, match=r"no path|no operator"):
        condition(path, operator, "x")


@pytest.mark.parametrize("operator, value", [("IN", "STANCEOFx"), (">", "=5"), ("IN", "_HIERARCHYx")])
def test_what_the_language_cannot_say_is_not_written_wrongly(operator: str, value: str) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        render(condition("a", operator, value))


# Pieces that collide with each other far more often than random letters do.
PIECES = st.sampled_from(
    [
        "^",
        "^^",
        "OR",
        "NQ",
        "EQ",
        "ORDERBY",
        "ORDERBYDESC",
        "GROUPBY",
        "a",
        "b.c",
        "B",
        "=",
        "IN",
        "LIKE",
        " ",
        "x",
        "1",
    ]
    + [
        "ISEMPTY",
        "RLQUERY",
        "ENDRLQUERY",
        "SUBQUERY",
        "ENDSUBQUERY",
        "JOIN",
        "NOT",
        "!",
        "*",
        "%",
        "123TEXTQUERY321",
        ",",
    ]
    + ["é", "\n", "@", "javascript:"]
)
TEXTS = st.lists(PIECES, max_size=24).map("".join) | st.text(max_size=30)


@pytest.mark.ours("what is rendered reads back as the same query")
@given(TEXTS)
def test_what_was_parsed_reads_back_the_same(text: str) -> None:
    query = parse(text)
    assert parse(render(query)) == query
    assert hash(query) == hash(parse(render(query)))


@pytest.mark.ours("no value can leave its condition")
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b.c"]), st.sampled_from(["=", "!=", "LIKE", "STARTSWITH"]), TEXTS)),
    TEXTS,
)
def test_values_never_leave_their_condition(given_conditions: list[tuple[str, str, str]], text: str) -> None:
    base = parse(text)
    query = conjunction(base, *(condition(*each) for each in given_conditions))
    if any("javascript:" in value for _, _, value in given_conditions):
        # Such a value means itself here; written into a query it would be a script.
        with pytest.raises(ValueError, match="cannot be written"):
            render(query)
    else:
        assert parse(render(query)) == query
    assert len(query.alternatives) == max(len(base.alternatives), 1 if given_conditions else 0)


@pytest.mark.ours("reading is linear enough for the longest request")
@pytest.mark.parametrize(
    "text",
    ["^" * 200_000, "a=1" + "^^" * 100_000, "RLQUERYa.b^" * 20_000, "a=1^OR" * 50_000, "a" * 300_000, "NQ" * 99_999],
)
def test_absurdly_long_texts_are_read(text: str) -> None:
    assert isinstance(parse(text), Query)
