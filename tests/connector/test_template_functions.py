"""The functions that templates may call on a section: what they make of their text, and what they say of a bad one."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from sandtable_connector.templates import Dialect, render, render_params
from sandtable_connector.templates.hjson import parse as parse_hjson
from sandtable_connector.templates.math import FUNCTIONS
from sandtable_connector.templates.script_values import ScriptError, script_value

pytestmark = pytest.mark.documented("Kibana docs, Rule action variables")

VARIABLES: dict[str, Any] = {
    "name": "disk",
    "value": 0.934,
    "count": 42,
    "yes": True,
    "nothing": None,
    "arr": [3, 1, 2],
    "pair": [10, 20],
    "many": [1, 2, 2, 3, 3],
    "none": [],
    "with space": 7,
    "a-1": 8,
    "object": {"a": {"b": [1]}, "é": 1},
    "rule": {"level": 3},
    "context": {"value": 12.5, "when": "2026-03-02T10:00:00Z", "hits": [{"n": 5}]},
}


def math(expression: str) -> str:
    return render(f"{{{{#EvalMath}}}}{expression}{{{{/EvalMath}}}}", VARIABLES)


EVERY_FUNCTION: dict[str, list[tuple[str, str]]] = {
    "abs": [("abs(-2.5)", "2.5"), ("abs(subtract(arr, 3))", "0,2,1")],
    "add": [("add(1, 2, 3)", "6"), ("add(arr)", "6"), ("add(arr, 1)", "4,2,3")],
    "cbrt": [("cbrt(64)", "4"), ("cbrt(-27)", "-3")],
    "ceil": [("ceil(1.2)", "2"), ("ceil(-1.2)", "-1")],
    "clamp": [("clamp(5, 1, 3)", "3"), ("clamp(-5, 1, 3)", "1"), ("clamp(arr, 2, 3)", "3,2,2")],
    "cos": [("cos(0)", "1")],
    "count": [("count(arr)", "3")],
    "cube": [("cube(-3)", "-27")],
    "defaults": [("defaults(nothing, 1)", "1"), ("defaults(count, 1)", "42")],
    "degtorad": [("round(degtorad(180), 4)", "3.1416")],
    "divide": [("divide(6, 4)", "1.5"), ("divide(pair, 10)", "1,2")],
    "eq": [("eq(1, 1)", "true"), ("eq(arr, 3)", "false")],
    "exp": [("exp(0)", "1")],
    "first": [("first(arr)", "3"), ("first(none)", "undefined")],
    "fix": [("fix(2.9)", "2"), ("fix(-2.9)", "-2")],
    "floor": [("floor(2.9)", "2"), ("floor(-2.1)", "-3")],
    "gt": [("gt(2, 1)", "true"), ("gt(arr, 0)", "true")],
    "gte": [("gte(2, 2)", "true")],
    "ifelse": [("ifelse(count > 1, 5, 6)", "5"), ("ifelse(1 > 2, 5, name)", "disk")],
    "last": [("last(arr)", "2")],
    "log": [("log(1)", "0"), ("log(8, 2)", "3")],
    "lt": [("lt(2, 1)", "false")],
    "lte": [("lte(2, 2)", "true")],
    "max": [("max(1, 3, 2)", "3"), ("max(arr)", "3"), ("max(pair, 15)", "15,20")],
    "mean": [("mean(1, 2, 6)", "3"), ("mean(arr)", "2")],
    "median": [("median(9, 1, 2)", "2"), ("median(1, 2, 3, 10)", "2.5"), ("median(arr)", "2")],
    "min": [("min(3, 1, 2)", "1"), ("min(arr)", "1")],
    "mod": [("mod(10, 7)", "3"), ("mod(-10, 7)", "-3")],
    "mode": [("mode(many)", "2,3"), ("mode(1, 1, 2)", "1")],
    "multiply": [("multiply(4, 2.5)", "10"), ("multiply(pair, pair)", "100,400")],
    "pi": [("round(pi(), 4)", "3.1416")],
    "pow": [("pow(2, 10)", "1024"), ("pow(arr, 2)", "9,1,4")],
    "radtodeg": [("radtodeg(pi())", "180")],
    "random": [("floor(random())", "0"), ("ifelse(random(5, 6) >= 5, 1, 2)", "1")],
    "range": [("range(arr)", "2"), ("range(1, 5)", "4")],
    "round": [("round(2.5)", "3"), ("round(-2.5)", "-2"), ("round(1.2345, 2)", "1.23"), ("round(1250, -2)", "1300")],
    "sin": [("sin(0)", "0")],
    "size": [("size(none)", "0")],
    "sqrt": [("sqrt(16)", "4")],
    "square": [("square(-3)", "9")],
    "subtract": [("subtract(5, 7)", "-2")],
    "sum": [("sum(1, 2, 3)", "6"), ("sum(arr, pair, 1)", "37"), ("sum(none)", "0")],
    "tan": [("tan(0)", "0")],
    "unique": [("unique(many)", "3"), ("unique(5)", "1")],
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS - {"log10"}))
def test_every_function_of_math(name: str) -> None:
    for expression, expected in EVERY_FUNCTION[name]:
        assert math(expression) == expected, expression


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("1 + 2 * 3", "7"),
        ("round(context.value, 0)", "13"),
        ("100 * value", "93.4"),
        ("-1 + 5", "4"),
        ("(1 + 2) / 4", "0.75"),
        ("{{count}} + 1", "43"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("0.00005 * 1", "0.00005"),
        ("1e3 + 1", "1001"),
        ("context.hits[0].n * 2", "10"),
        ("arr[0] + arr.1 + arr.length", "7"),
        ("arr * 2", "6,2,4"),
        ("'with space' * 1", "7"),
        ("a-1", "8"),
        ("a - 1", None),
        ("1 > 2", "false"),
        ("count == 42", "true"),
        ("(1 <= 2)", "true"),
        # other values go through as they are, and no sum is made of them
        ("name", "disk"),
        ("yes", "true"),
        ("nothing", "null"),
        ("object", '{"a":{"b":[1]},"é":1}'),
        ("name * 2", "NaN"),
        ("1 +\n\t2", "3"),
        ("pow(10, 400)", "Infinity"),
    ],
)
def test_what_math_makes_of_it(expression: str, expected: str | None) -> None:
    if expected is None:
        assert math(expression) == f'error evaluating tinymath expression "{expression}": Unknown variable: a'
    else:
        assert math(expression) == expected


@pytest.mark.recorded("observed with @kbn/tinymath: an expression sees the view it stands in, and no other")
def test_math_in_a_section_sees_that_section() -> None:
    template = "{{#rule}}{{#EvalMath}}level + 1{{/EvalMath}} {{#EvalMath}}count{{/EvalMath}}{{/rule}}"
    assert render(template, VARIABLES) == '4 error evaluating tinymath expression "count": Unknown variable: count'


FURTHER = 'Expected "*", "+", "-", "/", "<", "=", ">", end of input, or whitespace but'


@pytest.mark.recorded("observed with @kbn/tinymath and peggy 1.2")
@pytest.mark.parametrize(
    "expression, problem",
    [
        ("1 +", 'Failed to parse expression. Expected "(", function, literal, or whitespace but end of input found.'),
        (") 1 (", 'Failed to parse expression. Expected "(", function, literal, or whitespace but ")" found.'),
        ("5 % 2", f'Failed to parse expression. {FURTHER} "%" found.'),
        ("5.", f'Failed to parse expression. {FURTHER} "." found.'),
        ("0x10", f'Failed to parse expression. {FURTHER} "x" found.'),
        ("- 5", f'Failed to parse expression. {FURTHER} "5" found.'),
        ("log10(1000)", f'Failed to parse expression. {FURTHER} "(" found.'),
        ("(1 > 2) + 1", 'Failed to parse expression. Expected end of input or whitespace but "+" found.'),
        ("missing", "Unknown variable: missing"),
        ("--1", "Unknown variable: --1"),
        (".5", "Unknown variable: .5"),
        ("cosh(1)", "No such function: cosh"),
        ("mean(of=1)", "Named arguments are not supported in tinymath itself, at of"),
        ("1 / 0", "Cannot divide by 0"),
        ("clamp(1, 3, 2)", "Min must be less than max"),
        ("sqrt(-1)", "Unable find the square root of a negative number"),
        ("log(1, 0)", "Base out of range"),
        ("pow(2)", "Missing exponent"),
        ("eq(1)", "Missing b value"),
        ("ifelse(1, 2, 3)", "Condition clause is of the wrong type"),
        ("size(1)", "Must pass an array"),
        ("arr + pair", "Array length mismatch"),
        ("max()", "Reduce of empty array with no initial value"),
        ("(" * 2000, "Maximum call stack size exceeded"),
    ],
)
def test_math_that_cannot_be_done_says_why(expression: str, problem: str) -> None:
    assert math(expression) == f'error evaluating tinymath expression "{expression}": {problem}'


@pytest.mark.recorded("observed with moment 2.31, moment-timezone 0.6.6 and Node 20, called as Kibana calls them")
@pytest.mark.parametrize(
    "text, expected",
    [
        ("{{context.when}}", "2026-03-02 10:00am"),
        ("{{context.when}}; Europe/Oslo", "2026-03-02 11:00am"),
        ("{{context.when}}; ; dddd MMM Do YYYY HH:mm:ss.SSS", "Monday Mar 2nd 2026 10:00:00.000"),
        ("{{context.when}}; America/New_York; YYYY-MM-DD [at] hh A Z", "2026-03-02 at 05 AM -05:00"),
        ("{{context.when}};;LT|LTS|L|LL|ll", "10:00 AM|10:00:00 AM|03/02/2026|March 2, 2026|Mar 2, 2026"),
        ("{{context.when}};Europe/Oslo;z ZZ X x", "CET +0100 1772445600 1772445600000"),
        ("{{context.when}};;Q w W gg GG d dd e E k DDD SSSS N", "1 10 10 26 26 1 Mo 1 1 10 61 0000 AD"),
        ("{{context.when}};;garbage", "gamrbamg1"),
        ("{{context.when}};;YYYY;rest", "2026"),
        ("Oct 13 2021", "2021-10-13 12:00am"),
        ("10/13/2021", "2021-10-13 12:00am"),
        ("Wed, 13 Oct 2021 10:51:44 GMT", "2021-10-13 10:51am"),
        ("2021", "2021-01-01 12:00am"),
        ("2021-10-13T24:00", "2021-10-14 12:00am"),
        ("2021-012;;YYYY-MM-DD", "2021-01-12"),
        ("+012345-06-07T08:09:10Z;;YYYY Y", "12345 +12345"),
        ("1634122304981", 'invalid date "1634122304981"'),
        ("20211013", 'invalid date "20211013"'),
        ("2021-02-30", 'invalid date "2021-02-30"'),
        ("yesterday", 'invalid date "yesterday"'),
        (" ", "date is empty"),
        ("{{context.when}}; Mars/Base", 'unknown timeZone value "Mars/Base"'),
        ("{{context.when}}; utc", 'unknown timeZone value "utc"'),
    ],
)
def test_dates(text: str, expected: str) -> None:
    assert render(f"{{{{#FormatDate}}}}{text}{{{{/FormatDate}}}}", VARIABLES) == expected


@pytest.mark.recorded("observed with the Intl of Node 20, called as Kibana calls it")
@pytest.mark.parametrize(
    "text, expected",
    [
        ("1234567.891;;", "1,234,567.891"),
        ("1234567.891; de-DE; maximumFractionDigits: 1", "1.234.567,9"),
        ("1234.5; pl;", "1234,5"),
        ("1234567; en-IN;", "12,34,567"),
        ("1234567.5; ar-EG;", "١٬٢٣٤٬٥٦٧٫٥"),
        ("0.256; en-US; style: percent", "26%"),
        ("-1234.5; en-US; style: currency, currency: USD", "-$1,234.50"),
        ("-1; nl; style: currency, currency: EUR", "€\xa0-1,00"),
        ("1; pt-BR; style: currency, currency: BRL", "R$\xa01,00"),
        ("-5;;style: currency, currency: USD, currencySign: accounting", "($5.00)"),
        ("5;;style: currency, currency: USD, currencyDisplay: name", "5.00 US dollars"),
        ("5;;style: currency, currency: CHF", "CHF\xa05.00"),
        ("1234567;;notation: compact", "1.2M"),
        ("999999;;notation: compact, compactDisplay: long", "1 million"),
        ("1234567; ko; notation: compact", "123만"),
        ("123456;;notation: scientific", "1.235E5"),
        ("123456;;notation: engineering", "123.456E3"),
        ("16;;style: unit, unit: kilometer-per-hour", "16 km/h"),
        ("1;;style: unit, unit: day, unitDisplay: long", "1 day"),
        ("5;;signDisplay: always", "+5"),
        ("1234.5; ; useGrouping: false, minimumFractionDigits: 2", "1234.50"),
        ("12345;;maximumSignificantDigits: 2", "12,000"),
        ("5;;minimumIntegerDigits: 3", "005"),
        ("1.005;;maximumFractionDigits: 2", "1.01"),
        ("1.03;;roundingIncrement: 5, minimumFractionDigits: 2, maximumFractionDigits: 2", "1.05"),
        ("12abc;;", "12"),
        ("1,234.5;;", "1"),
        ("-0;;", "-0"),
        ("-Infinity;;", "-∞"),
        ("1; tlh;", "1"),
        ("1; tlh, de; minimumFractionDigits: 1", "1,0"),
        ("1; ; colour: red", "1"),
        ("5", "invalid format, missing semicolons: '5'"),
        ("many;;", "invalid number: 'many'"),
        ("1;;style", "invalid options: missing colon in option: 'style'"),
        ("1; xx!;", "error formatting number: Incorrect locale information provided"),
        ("1;;style: currency", "error formatting number: Currency code is required with currency style."),
        (
            "1;;style: big",
            "error formatting number: Value big out of range for Intl.NumberFormat options property style",
        ),
        ("1;;maximumFractionDigits: 200", "error formatting number: maximumFractionDigits value is out of range."),
        ("1;;style: unit, unit: x", "error formatting number: Invalid unit argument for Intl.NumberFormat() 'x'"),
    ],
)
def test_numbers(text: str, expected: str) -> None:
    assert render(f"{{{{#FormatNumber}}}}{text}{{{{/FormatNumber}}}}", VARIABLES) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("{a: 1, b: two words\n c: [x\n y\n], }", {"a": 1, "b": "two words", "c": ["x", "y"]}),
        ("{a: runs to the end, of the line]\n}", {"a": "runs to the end, of the line]"}),
        ("a: 1 # comment\nb: true // other\n/* more */ c: null", {"a": 1, "b": True, "c": None}),
        ('{"quoted": \'single "inside"\', n: -1.5e3}', {"quoted": 'single "inside"', "n": -1500.0}),
        ("{t: '''\n   one\n   two\n   '''}", {"t": "one\ntwo"}),
        ("[1, 2,\n 3]", [1, 2, 3]),
        ('{tab: "a\tb", point: 1., big: 1e400, lead: 01}', {"tab": "a\tb", "point": 1.0, "big": "1e400, lead: 01}"}),
    ],
)
def test_hjson(text: str, expected: Any) -> None:
    if text.startswith("{tab"):
        with pytest.raises(ScriptError):
            parse_hjson(text)
        text = text.replace(", lead: 01}", "\nlead: 01\n}")
        expected = {**expected, "big": "1e400", "lead": "01"}
    assert parse_hjson(text) == expected


@pytest.mark.recorded("observed with hjson 3.2.2 from npm")
@pytest.mark.parametrize(
    "text, problem",
    [
        (
            "[1,2,3,,]",
            "Found a punctuator character ',' when expecting a quoteless string (check your syntax) at line 1,7 >>>1,",
        ),
        ("{a", "Found EOF while looking for a key name (check your syntax) at line 1,3 >>> ..."),
        ('{a: "x', "Bad string at line 1,7 >>> ..."),
        ("[1", "End of input while parsing an array (missing ']') at line 1,3 >>> ..."),
    ],
)
def test_hjson_that_cannot_be_read_says_why(text: str, problem: str) -> None:
    rendered = render("{{#ParseHjson}}{{text}}{{/ParseHjson}}", {"text": text})
    assert rendered.startswith(f'error parsing Hjson "{text}": {problem.partition(" >>>")[0].rsplit(" at ", 1)[0]}')


@pytest.mark.ours("the reader of Hjson reads all JSON, and fails on other text only with ScriptError")
@drawn(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=8,
    )
)
def test_json_is_hjson(value: Any) -> None:
    if isinstance(value, list | dict):
        assert parse_hjson(json.dumps(value)) == script_value(value)


@pytest.mark.ours("the reader of Hjson reads all JSON, and fails on other text only with ScriptError")
@drawn(st.text(alphabet="{}[]:,'\"#/*\n ab1", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ScriptError):
        json.dumps(parse_hjson(text))


def test_hjson_in_a_template_becomes_json_and_its_braces_are_left_alone() -> None:
    assert render("{{#ParseHjson}}{a: {{count}}}{{/ParseHjson}}", VARIABLES) == '{"a":42}'
    assert render('{{#ParseHjson}}{a: {b: {}}, c: "{{name}}"}{{/ParseHjson}}', VARIABLES) == '{"a":{"b":{}},"c":"disk"}'
    nested = "[" * 5000
    assert render(f"{{{{#ParseHjson}}}}{nested}{{{{/ParseHjson}}}}", {}).startswith("error parsing Hjson")


@pytest.mark.recorded("observed with Node 20")
@pytest.mark.parametrize(
    "name, text, expected",
    [
        ("EncodeURI", " a/b?c=é&d#e", "%20a/b?c=%C3%A9&d#e"),
        ("EncodeURIComponent", " a/b?c=é&d#e", "%20a%2Fb%3Fc%3D%C3%A9%26d%23e"),
        ("EncodeURIComponent", "{{half}}", 'error evaluating encodeURIComponent("\ud83d"): URI malformed'),
    ],
)
def test_addresses(name: str, text: str, expected: str) -> None:
    assert render(f"{{{{#{name}}}}}{text}{{{{/{name}}}}}", {"half": "\ud83d"}) == expected


@pytest.mark.recorded("elastic/kibana#176014 and #173972: what a function that fails leaves, by release")
@pytest.mark.parametrize(
    "dialect, expected",
    [
        (Dialect(), "a date is empty b"),
        (Dialect(failed_functions="nothing"), "a  b"),
        (
            Dialect(failed_functions="abandoned"),
            'error rendering mustache template "a {{#FormatDate}} {{/FormatDate}} b": date is empty',
        ),
    ],
)
def test_what_a_function_that_fails_leaves(dialect: Dialect, expected: str) -> None:
    assert render_params("a {{#FormatDate}} {{/FormatDate}} b", {}, dialect=dialect) == expected


@pytest.mark.recorded("mustache.js 4: a name that is not known is an empty section")
def test_a_release_without_the_functions_for_addresses_leaves_their_sections_out() -> None:
    assert render("[{{#EncodeURI}}a b{{/EncodeURI}}]", {}, dialect=Dialect(uri_functions=False)) == "[]"


@pytest.mark.ours("a function that is named outside a section does not end the run")
@pytest.mark.parametrize("name", ["EvalMath", "FormatDate", "FormatNumber", "ParseHjson", "EncodeURI"])
def test_a_function_without_a_section_is_some_text(name: str) -> None:
    assert render(f"{{{{{name}}}}}", {}).startswith("function ")
