"""Numbers and JSON as JavaScript writes them."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandtable_connector.rules import render
from sandtable_connector.values.javascript_json import json_text, number_text

pytestmark = pytest.mark.recorded("observed with Node 20: String(number) and JSON.stringify")

NUMBERS: list[tuple[Any, str]] = [
    (0, "0"),
    (0.0, "0"),
    (-0.0, "0"),
    (1.0, "1"),
    (-3.25, "-3.25"),
    (0.1, "0.1"),
    (100.0, "100"),
    (1234567.0, "1234567"),
    (5e-05, "0.00005"),
    (1e-06, "0.000001"),
    (1.5e-06, "0.0000015"),
    (1e-07, "1e-7"),
    (1.5e-07, "1.5e-7"),
    (1e16, "10000000000000000"),
    (1.5e20, "150000000000000000000"),
    (1e20, "100000000000000000000"),
    (1e21, "1e+21"),
    (1.5e21, "1.5e+21"),
    (5e-324, "5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
    (2**53, "9007199254740992"),
    (2**53 + 1, "9007199254740992"),
    (12345678901234567890, "12345678901234567000"),
    (-(10**400), "-Infinity"),
    (math.inf, "Infinity"),
    (math.nan, "NaN"),
]


@pytest.mark.parametrize("value, text", NUMBERS)
def test_a_number_is_printed(value: Any, text: str) -> None:
    assert number_text(value) == text
    assert json_text([value]) == f"[{text if text.lstrip('-')[0].isdigit() else 'null'}]"
    # Variables go through JSON, which has no infinity.
    shown = text if text.lstrip("-")[0].isdigit() else ""
    assert render("{{x}} {{y}}", {"x": value, "y": [value]}) == f"{shown} {shown}"


@pytest.mark.ours("what is printed reads as the same number")
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_nothing_is_lost(value: float) -> None:
    text = number_text(value)
    assert float(text) == value
    assert len(text) <= 25


@pytest.mark.parametrize(
    "value, text",
    [
        ({"a": 1.0, "b": [5e-05, None, True, False]}, '{"a":1,"b":[0.00005,null,true,false]}'),
        ({}, "{}"),
        ([], "[]"),
        ([[], {}, [{}]], "[[],{},[{}]]"),
        ({"a": {"b": {"c": ()}}, "d": "e"}, '{"a":{"b":{"c":[]}},"d":"e"}'),
        ('é "q" \n\t\x00\u2028', '"é \\"q\\" \\n\\t\\u0000\u2028"'),
        ([math.nan, math.inf, -math.inf], "[null,null,null]"),
        ({1: 2}, '{"1":2}'),
    ],
)
def test_json_is_written(value: Any, text: str) -> None:
    assert json_text(value) == text
    assert render("{{x}}", {"x": {"y": value}}) == f'{{"y":{text}}}'


@pytest.mark.ours("nothing that can be read is too deep to be written")
def test_deep_nesting() -> None:
    value: Any = 1.0
    for _ in range(20_000):
        value = [{"a": value}]
    assert json_text(value) == '[{"a":' * 20_000 + "1" + "}]" * 20_000


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.ours("what is written reads as the same value")
@given(JSON)
def test_json_reads_as_it_was(value: Any) -> None:
    assert json.loads(json_text(value), parse_int=float) == value  # as in JavaScript, there are only doubles


def test_numbers_of_additional_fields_go_out_as_kibana_sends_them(stage: Any) -> None:
    answers = [stage.health(), stage.row(), stage.answer(stage.record())]
    given_fields = '{"u_whole": 1.0, "u_small": 0.00005, "u_list": [1e2], "u_text": "1.0"}'
    played = stage.push("kibana-9", answers, {"additional_fields": given_fields})
    body = (played.script.requests[1].body or b"").decode()
    assert body.startswith('{"u_whole":1,"u_small":0.00005,"u_list":[100],"u_text":"1.0",')
