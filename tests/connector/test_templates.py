"""Templates in action parameters: what they are given, and what they become."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sandtable_connector.rules import RuleRunner, render, render_params

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
    "context": {
        "value": 12.5,
        "when": "2026-03-02T10:00:00Z",
        "hits": [{"_source": {"host.name": "web"}}, {"_source": {"host": {"name": "db"}}}],
    },
    "emoji": "a😀b",
    "empty": {},
    "none": [],
    "zero": 0,
    "odd": {"toString": "no function"},
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
        # indexes, lengths, and names with dots inside lists
        ("{{list.0}}|{{rows.1.id}}|{{list.3}}", "a|y|"),
        ("{{list.length}}|{{name.length}}|{{emoji.length}}", "3|4|4"),
        ("{{#list.length}}some{{/list.length}}{{^list.length}}none{{/list.length}}", "some"),
        ("{{context.hits.0._source.host.name}}", "web"),
        ("{{#context.hits}}{{_source.host.name}};{{/context.hits}}", "web;db;"),
        # what is true, and what becomes the view
        ("{{#rows}}{{#yes}}{{id}}{{/yes}}{{/rows}}", "xy"),
        ("{{#empty}}shown{{/empty}}{{#zero}}not{{/zero}}{{^zero}}zero{{/zero}}", "shownzero"),
        ("{{#none}}not{{/none}}{{^none}}empty{{/none}}", "empty"),
        ("{{#name}}{{.}} {{length}}{{/name}}", "disk "),
        ("{{#context.hits}}{{#_source}}{{name}}{{/_source}}{{/context.hits}}", "diskdisk"),
        # tags that print nothing take their line with them
        ("a\n  {{#yes}}  \nb\n{{/yes}}\nc", "a\nb\nc"),
        ("a\r\n{{! comment }}\r\nb", "a\r\nb"),
        ("{{=<% %>=}}\n<%name%>", "disk"),
        ("{{#yes}}{{/yes}}\nb", "b"),
        ("a {{#yes}}\nb{{/yes}}", "a \nb"),
        ("{{}}x", "x"),
        # what objects inherit in JavaScript
        ("{{constructor}}|{{list.keys}}|{{list.concat.x}}", "[object Object]|[object Array Iterator]|"),
        ("{{#object}}{{hasOwnProperty}}{{/object}}", "false"),
        ("{{object.toString}}", '{"a":{"b":[1]},"é":1}'),
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
        ("{{name", "Unclosed tag at 6"),
        ("{{{a}}", "Unclosed tag at 6"),
        ("{{{a} }}", "Unclosed tag at 8"),
        ("😀 {{/shut}}", 'Unopened section "shut" at 3'),
        ("{{=<%=}}", "Invalid tags: <%"),
        ("{{=<% %>}}", "Unclosed tag at 10"),
        ("{{list.map}}", "undefined is not a function"),
        ("{{odd}}", "Cannot convert object to primitive value"),
        ("{{#list}}{{x}}{{/list}}", "Cannot read properties of null (reading 'x')"),
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
