"""Templates in action parameters: what they are given, and what they become."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from sandtable_connector.rules import RuleRunner, render, render_params
from sandtable_connector.templates import lambdas
from sandtable_connector.templates.hjson import parse as parse_hjson

pytestmark = pytest.mark.documented("Kibana docs, Rule action variables")

RULE = "11111111-2222-4333-8444-555555555555"
VARIABLES: dict[str, Any] = {
    "name": "disk",
    "markup": "<b>&\"'",
    "value": 0.934,
    "count": 42,
    "big": 1e21,
    "whole": 3.0,
    "yes": True,
    "nothing": None,
    "list": ["a", 1, None],
    "rows": [{"id": "x"}, {"id": "y"}],
    "object": {"a": {"b": [1]}, "é": 1},
    "context": {"value": 12.5, "when": "2026-03-02T10:00:00Z"},
}


@pytest.mark.parametrize(
    "template, expected",
    [
        ("no braces", "no braces"),
        ("{{name}} {{ name }}", "disk disk"),
        ("{{markup}} {{{markup}}} {{&markup}}", "<b>&\"' <b>&\"' <b>&\"'"),
        ("[{{missing}}] [{{missing.deeper}}] [{{name.deeper}}]", "[] [] []"),
        ("[{{nothing}}]", "[]"),
        ("{{value}} {{count}} {{whole}} {{yes}}", "0.934 42 3 true"),
        ("{{list}}", "a,1,"),
        ("{{list.asJSON}}", '["a",1,null]'),
        ("{{object}}", '{"a":{"b":[1]},"é":1}'),
        ("{{object.a.b}}", "1"),
        ("{{#rows}}{{id}};{{/rows}}", "x;y;"),
        ("{{#missing}}never{{/missing}}{{^missing}}else{{/missing}}", "else"),
        ("{{#yes}}{{name}}{{/yes}}", "disk"),
        ("{{! a comment }}x", "x"),
        ("{{=<% %>=}}<%name%> {{name}}", "disk {{name}}"),
        ("{{> partial}}x", "x"),
    ],
)
def test_a_template_becomes(template: str, expected: str) -> None:
    assert render(template, VARIABLES) == expected


@pytest.mark.parametrize(
    "template, problem",
    [
        ("{{#open}}", 'Unclosed section "open"'),
        ("{{/shut}}", 'Unopened section "shut"'),
        ("{{#a}}{{#b}}{{/a}}{{/b}}", 'Unclosed section "b"'),
        ("{{name", "Unclosed tag"),
    ],
)
def test_a_bad_template_is_sent_as_its_error(template: str, problem: str) -> None:
    text = render_params(template, VARIABLES)
    assert text.startswith(f'error rendering mustache template "{template}": ')
    assert problem in text


def test_every_string_is_rendered_and_no_key_and_nothing_else() -> None:
    params = {"{{name}}": ["{{name}}", {"deep": "{{count}}"}], "flag": True, "number": 1, "none": None}
    assert render_params(params, VARIABLES) == {
        "{{name}}": ["disk", {"deep": "42"}],
        "flag": True,
        "number": 1,
        "none": None,
    }


def test_a_date_that_yaml_made_of_unquoted_text_is_text_again() -> None:
    assert render_params([datetime(2026, 3, 2, 10, tzinfo=UTC), date(2026, 3, 2)], {}) == [
        "2026-03-02T10:00:00.000Z",
        "2026-03-02",
    ]


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("1 + 2 * 3", "7"),
        ("round(context.value, 0)", "13"),
        ("100 * value", "93.4"),
        ("max(1, count, 3) % 5", "2"),
        ("-(count) / 0.5", "-84"),
        ("{{count}} + 1", "43"),
    ],
)
def test_math(expression: str, expected: str) -> None:
    assert render(f"{{{{#EvalMath}}}}{expression}{{{{/EvalMath}}}}", VARIABLES) == expected


FUNCTIONS: dict[str, list[tuple[str, str]]] = {
    "abs": [("abs(-2.5)", "2.5")],
    "add": [("add(1, 2, 3)", "6")],
    "cbrt": [("cbrt(64)", "4"), ("cbrt(-27)", "-3")],
    "ceil": [("ceil(1.2)", "2"), ("ceil(-1.2)", "-1")],
    "clamp": [("clamp(5, 1, 3)", "3"), ("clamp(-5, 1, 3)", "1"), ("clamp(2, 1, 3)", "2")],
    "cos": [("cos(0)", "1")],
    "cube": [("cube(-3)", "-27")],
    "degtorad": [("round(degtorad(180), 4)", "3.1416")],
    "divide": [("divide(6, 4)", "1.5")],
    "exp": [("exp(0)", "1")],
    "fix": [("fix(2.9)", "2"), ("fix(-2.9)", "-2")],
    "floor": [("floor(2.9)", "2"), ("floor(-2.1)", "-3")],
    "log": [("log(1)", "0"), ("log(8, 2)", "3")],
    "log10": [("log10(1000)", "3")],
    "max": [("max(1, 3, 2)", "3")],
    "mean": [("mean(1, 2, 6)", "3")],
    "median": [("median(9, 1, 2)", "2"), ("median(1, 2, 3, 10)", "2.5")],
    "min": [("min(3, 1, 2)", "1")],
    "mod": [("mod(10, 7)", "3"), ("mod(-10, 7)", "-3")],
    "multiply": [("multiply(4, 2.5)", "10")],
    "pi": [("round(pi(), 4)", "3.1416")],
    "pow": [("pow(2, 10)", "1024")],
    "radtodeg": [("radtodeg(pi())", "180")],
    "round": [("round(2.5)", "3"), ("round(-2.5)", "-2"), ("round(1.2345, 2)", "1.23"), ("round(1250, -2)", "1300")],
    "sin": [("sin(0)", "0")],
    "sqrt": [("sqrt(16)", "4")],
    "square": [("square(-3)", "9")],
    "subtract": [("subtract(5, 7)", "-2")],
    "sum": [("sum(1, 2, 3)", "6")],
    "tan": [("tan(0)", "0")],
}


@pytest.mark.parametrize("name", sorted(lambdas.FUNCTIONS))
def test_every_function_of_math(name: str) -> None:
    for expression, expected in FUNCTIONS[name]:
        assert render(f"{{{{#EvalMath}}}}{expression}{{{{/EvalMath}}}}", VARIABLES) == expected, expression


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("0.00005 * 1", "0.00005"),
        ("1 / 3", "0.3333333333333333"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("7 % 4 - -1", "4"),
        ("+count", "42"),
        ("10 ** 2", None),
        ("clamp(1, 3, 2)", None),
        ("cosh(1)", None),
        ("sqrt(-1)", None),
        ("max()", None),
    ],
)
def test_what_math_makes_of_it(expression: str, expected: str | None) -> None:
    text = render(f"{{{{#EvalMath}}}}{expression}{{{{/EvalMath}}}}", VARIABLES)
    if expected is None:
        assert text.startswith(f'error evaluating tinymath expression "{expression}": ')
    else:
        assert text == expected


@pytest.mark.parametrize(
    "expression",
    [
        "1 +",
        "name * 2",
        "missing",
        "__import__('os')",
        "count.real",
        "1 / 0",
        "9 ** 9",
        "(" * 999,
        "pow(10, 1e9)",
        "'a'",
    ],
)
def test_math_that_cannot_be_done_is_an_error_text(expression: str) -> None:
    text = render(f"{{{{#EvalMath}}}}{expression}{{{{/EvalMath}}}}", VARIABLES)
    assert text.startswith(f'error evaluating tinymath expression "{expression}": ')


@pytest.mark.parametrize(
    "text, expected",
    [
        ("{{context.when}}", "2026-03-02 10:00am"),
        ("{{context.when}}; Europe/Oslo", "2026-03-02 11:00am"),
        ("{{context.when}}; ; dddd MMM Do YYYY HH:mm:ss.SSS", "Monday Mar 2nd 2026 10:00:00.000"),
        ("{{context.when}}; America/New_York; YYYY-MM-DD [at] hh A Z", "2026-03-02 at 05 AM -05:00"),
        ("1772445600000; UTC; X", "1772445600"),
        ("yesterday", 'error evaluating date "yesterday": not a date'),
        ("{{context.when}}; Mars/Base", 'error evaluating date "2026-03-02T10:00:00Z": unknown time zone "Mars/Base"'),
    ],
)
def test_dates(text: str, expected: str) -> None:
    assert render(f"{{{{#FormatDate}}}}{text}{{{{/FormatDate}}}}", VARIABLES) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("1234567.891", "1,234,567.891"),
        ("1234567.891; de-DE; maximumFractionDigits: 1", "1.234.567,9"),
        ("0.256; en-US; style: percent", "26%"),
        ("-1234.5; en-US; style: currency, currency: USD", "-$1,234.50"),
        ("1234.5; ; useGrouping: false, minimumFractionDigits: 2", "1234.50"),
        ("-0.0001; ; maximumFractionDigits: 2", "0"),
        ("many", 'invalid number: "many"'),
        ("1; tlh", 'error formatting number "1": unknown locale "tlh"'),
        ("1; ; colour: red", 'error formatting number "1": unknown option "colour: red"'),
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
    ],
)
def test_hjson(text: str, expected: Any) -> None:
    assert parse_hjson(text) == expected


@pytest.mark.ours("the reader of Hjson reads all JSON, and fails on other text only with ValueError")
@drawn(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=8,
    )
)
def test_json_is_hjson(value: Any) -> None:
    if isinstance(value, list | dict):
        assert parse_hjson(json.dumps(value)) == value


@pytest.mark.ours("the reader of Hjson reads all JSON, and fails on other text only with ValueError")
@drawn(st.text(alphabet="{}[]:,'\"#/*\n ab1", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        json.dumps(parse_hjson(text))


def test_hjson_in_a_template_becomes_json_and_its_braces_are_left_alone() -> None:
    assert render("{{#ParseHjson}}{a: {{count}}}{{/ParseHjson}}", VARIABLES) == '{"a":42}'
    assert render('{{#ParseHjson}}{a: {b: {}}, c: "{{name}}"}{{/ParseHjson}}', VARIABLES) == '{"a":{"b":{}},"c":"disk"}'
    nested = "[" * 5000
    assert render(f"{{{{#ParseHjson}}}}{nested}{{{{/ParseHjson}}}}", {}).startswith("error parsing Hjson")


class TestVariables:
    def rendered(self, given: Any, template: str, *, document: dict[str, Any] | None = None, **rule: Any) -> str:
        more = {"kibana__alert__rule__rule_type_id": ".es-query", "kibana__space_ids": ["ops"]}
        rules = given.rules(
            actions=[given.push(description=template)], settings={"public_base_url": "https://k.example.com/"}, **rule
        )
        one = given.document(0, kibana__alert__action_group="critical", **more, **(document or {}))
        (call,) = RuleRunner(rules).calls(given.alerts(one))
        return str(call.incident["description"])

    @pytest.mark.parametrize(
        "template, expected",
        [
            ("{{rule.id}}", "11111111-2222-4333-8444-555555555555"),
            ("{{rule.name}}|{{alertName}}", "Disk|Disk"),
            ("{{rule.type}}|{{rule.spaceId}}|{{spaceId}}", ".es-query|ops|ops"),
            ("{{rule.tags}}|{{tags}}", "a,b|a,b"),
            ("{{rule.params}}|{{params.size}}", '{"size":5}|5'),
            (
                "{{rule.url}}",
                f"https://k.example.com/s/ops/app/management/insightsAndAlerting/triggersActions/rule/{RULE}",
            ),
            ("{{alert.id}}|{{alertInstanceId}}", "web-01|web-01"),
            ("{{alert.uuid}}", "uuid-web-01-0"),
            ("{{alert.actionGroup}}|{{alertActionGroup}}", "critical|critical"),
            ("{{alert.actionGroupName}}|{{alertActionGroupName}}", "Critical|Critical"),
            ("{{alert.flapping}}|{{alert.consecutiveMatches}}", "false|1"),
            ("{{context.reason}}", "web-01 is active"),
            ("{{date}}", "2026-03-02T10:00:00.000Z"),
            ("{{kibanaBaseUrl}}", "https://k.example.com/"),
            ("{{kibana.alert.instance.id}}", "web-01"),
        ],
    )
    def test_the_variables_of_an_alert(self, given: Any, template: str, expected: str) -> None:
        assert self.rendered(given, template, tags=["a", "b"], params={"size": 5}) == expected

    def test_context_and_state_come_from_the_document(self, given: Any) -> None:
        document = {
            "kibana.alert.context": {"group": "g"},
            "state": {"lastRun": 1},
            "kibana.alert.evaluation.value": 7,
            "host.name": "web-01.example.com",
        }
        template = "{{context.group}} {{state.lastRun}} {{context.value}} {{host.name}}"
        assert self.rendered(given, template, document=document) == "g 1 7 web-01.example.com"

    def test_a_quote_in_a_value_breaks_json_text_in_a_template_which_is_refused(self, given: Any, stage: Any) -> None:
        rules = given.rules(actions=[given.push(additional_fields='{"u_note": "{{context.reason}}"}')])
        good, bad = given.document(0), given.document(1, kibana__alert__reason='says "no"')
        calls = list(RuleRunner(rules).calls(given.alerts(good, bad)))
        assert json.loads(calls[0].incident["additional_fields"]) == {"u_note": "web-01 is active"}
        result = stage.connector(stage.Script([])).execute(calls[1].params, from_task=True)
        assert result.status == "error"
        assert "additional_fields" in (result.message or "")
