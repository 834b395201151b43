"""GlideRecord, GlideElement, GlideRecordSecure and GlideAggregate, each claim as a script and its value."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scripting.conftest import Bench

DOCS = "ServiceNowDocs, api-reference: GlideRecord, GlideElement and GlideAggregate, global and scoped"
SEEN = "public scripts of the vendor's developer programme rely on it"

MADE = """
function made(values) {
  var gr = new GlideRecord('incident');
  gr.initialize();
  for (var name in values) gr.setValue(name, values[name]);
  return gr.insert();
}
"""

DOCUMENTED: list[tuple[str, str, Any]] = [
    ("an unknown table is not valid", "new GlideRecord('nope').isValid()", False),
    ("insert answers the sys_id", "made({short_description: 'a'}).length", 32),
    ("get by sys_id", "var i = made({short_description: 'a'}); new GlideRecord('incident').get(i)", True),
    ("get by display value", "made({number: 'INC77'}); new GlideRecord('incident').get('INC77')", True),
    ("get by field", "made({short_description: 'fff'}); new GlideRecord('incident').get('short_description', 'fff')", True),
    ("get of nothing", "new GlideRecord('incident').get('not there')", False),
    (
        "rows are walked in order, and the count is known",
        "made({short_description: 'q1'}); made({short_description: 'q2'});"
        "var g = new GlideRecord('incident'); g.addQuery('short_description', 'STARTSWITH', 'q');"
        "g.orderByDesc('short_description'); g.query(); var seen = [g.getRowCount(), g.hasNext()];"
        "while (g.next()) seen.push(g.getValue('short_description')); seen.push(g.next()); seen",
        [2, True, "q2", "q1", False],
    ),
    (
        "alternatives bind closer than conjunctions",
        "made({short_description: 'o1', urgency: 1}); made({short_description: 'o2', urgency: 2});"
        "made({short_description: 'o3', urgency: 3}); var g = new GlideRecord('incident');"
        "g.addQuery('short_description', 'STARTSWITH', 'o');"
        "g.addQuery('urgency', 1).addOrCondition('urgency', 2); g.query(); g.getRowCount()",
        2,
    ),
    (
        "an array is taken by IN",
        "made({short_description: 'i1'}); made({short_description: 'i2'}); var g = new GlideRecord('incident');"
        "g.addQuery('short_description', 'IN', ['i1', 'i2']); g.query(); g.getRowCount()",
        2,
    ),
    (
        "a circumflex in a value stays one",
        "made({short_description: 'a^b'}); var g = new GlideRecord('incident');"
        "g.addQuery('short_description', 'a^b'); g.query(); g.getRowCount()",
        1,
    ),
    (
        "null queries",
        "made({short_description: 'n1'}); made({short_description: 'n2', correlation_id: 'x'});"
        "var g = new GlideRecord('incident'); g.addQuery('short_description', 'STARTSWITH', 'n');"
        "g.addNullQuery('correlation_id'); g.query(); g.next(); g.getValue('short_description')",
        "n1",
    ),
    (
        "a limit and a window",
        "for (var i = 0; i < 4; i++) made({short_description: 'w' + i});"
        "function walk(gr) { gr.addQuery('short_description', 'STARTSWITH', 'w'); gr.orderBy('short_description');"
        " gr.query(); var s = []; while (gr.next()) s.push(gr.getValue('short_description')); return s.join(); }"
        "var a = new GlideRecord('incident'); a.setLimit(2); var b = new GlideRecord('incident'); b.chooseWindow(1, 3);"
        "[walk(a), walk(b)]",
        ["w0,w1", "w1,w2"],
    ),
    (
        "a subquery by a reference",
        "var p = new GlideRecord('problem'); p.initialize(); p.short_description = 'parent'; var id = p.insert();"
        "made({short_description: 'child', problem_id: id}); var g = new GlideRecord('problem');"
        "g.addJoinQuery('incident', 'sys_id', 'problem_id').addCondition('short_description', 'child');"
        "g.query(); g.next() && g.getUniqueValue() == id",
        True,
    ),
    ("getValue of an empty field is null", "var g = new GlideRecord('incident'); g.initialize(); g.getValue('number')", None),
    ("getValue of no field is null", "var g = new GlideRecord('incident'); g.getValue('nothing')", None),
    ("booleans come out as digits", "var g = new GlideRecord('incident'); g.get(made({})); g.getValue('active')", "1"),
    ("the field's own text is a word", "var g = new GlideRecord('incident'); g.get(made({})); g.active.toString()", "true"),
    ("a choice shows its label", "var g = new GlideRecord('incident'); g.get(made({})); g.getDisplayValue('state')", "New"),
    ("a choice can be set by its label", "var g = new GlideRecord('incident'); g.setDisplayValue('state', 'On Hold'); g.getValue('state')", "3"),
    ("NULL in capitals clears", "var g = new GlideRecord('incident'); g.number = 'x'; g.number = 'NULL'; g.number.nil()", True),
    ("newRecord has defaults and an id", "var g = new GlideRecord('incident'); g.newRecord(); [g.isNewRecord(), g.getUniqueValue().length, g.getValue('active')]", [True, 32, "1"]),
    ("initialize has neither", "var g = new GlideRecord('incident'); g.initialize(); [g.isNewRecord(), g.getUniqueValue()]", [False, None]),
    ("a set id is used", "var g = new GlideRecord('incident'); g.initialize(); g.setNewGuidValue('0123456789abcdef0123456789abcdef'); g.insert()", "0123456789abcdef0123456789abcdef"),
    ("update of what was not read inserts", "var g = new GlideRecord('incident'); g.short_description = 'u'; g.update().length", 32),
    ("deleteRecord says whether there was one", "var g = new GlideRecord('incident'); g.get(made({})); [g.deleteRecord(), new GlideRecord('incident').deleteRecord()]", [True, False]),
    (
        "deleteMultiple is not held back by a limit",
        "for (var i = 0; i < 3; i++) made({short_description: 'dm'}); var g = new GlideRecord('incident');"
        "g.addQuery('short_description', 'dm'); g.setLimit(1); g.deleteMultiple();"
        "var h = new GlideRecord('incident'); h.addQuery('short_description', 'dm'); h.query(); h.getRowCount()",
        0,
    ),
    (
        "updateMultiple changes every row",
        "for (var i = 0; i < 3; i++) made({short_description: 'um'}); var g = new GlideRecord('incident');"
        "g.addQuery('short_description', 'um'); g.setValue('urgency', 1); g.updateMultiple();"
        "var h = new GlideRecord('incident'); h.addQuery('short_description', 'um'); h.addQuery('urgency', 1); h.query(); h.getRowCount()",
        3,
    ),
    ("addValue adds at the save", "var i = made({reassignment_count: 2}); var g = new GlideRecord('incident'); g.get(i); g.addValue('reassignment_count', 3); g.update(); g.getValue('reassignment_count')", "5"),
    (
        "a reference leads on",
        "var u = new GlideRecord('sys_user'); u.get('user_name', 'admin'); var g = new GlideRecord('incident');"
        "g.get(made({caller_id: u.getUniqueValue()}));"
        "[g.caller_id.user_name.toString(), g.getDisplayValue('caller_id.user_name'), g.caller_id.getRefRecord().getValue('user_name'), g.caller_id.getReferenceTable()]",
        ["admin", "admin", "admin", "sys_user"],
    ),
    ("an empty reference leads to an empty record", "var g = new GlideRecord('incident'); g.get(made({})); [g.problem_id.getRefRecord().isValidRecord(), g.problem_id.assigned_to.manager.nil()]", [False, True]),
    ("fields are known", "var g = new GlideRecord('incident'); [g.isValidField('number'), g.isValidField('x'), g.getTableName(), g.getLabel(), g.getDisplayName()]", [True, False, "incident", "Incident", "number"]),
    ("a field describes itself", "var g = new GlideRecord('incident'); var d = g.number.getED(); [d.getName(), d.getLabel(), d.getInternalType(), g.caller_id.getName()]", ["number", "Number", "string", "caller_id"]),
    ("choices are listed", "new GlideRecord('incident').urgency.getChoices()", ["1", "2", "3"]),
    ("a link", "var g = new GlideRecord('incident'); g.get(made({})); g.getLink(true).indexOf('incident.do?sys_id=')", 0),
    ("an encoded query is judged", "var g = new GlideRecord('incident'); [g.isValidEncodedQuery('active=true'), g.isValidEncodedQuery('zzz=1'), g.isValidEncodedQuery('')]", [True, False, False]),
    (
        "a journal entry begins with who and when",
        "var g = new GlideRecord('incident'); g.get(made({})); g.comments = 'hello'; g.update();"
        "var e = g.comments.getJournalEntry(1); [e.indexOf('(Additional comments)') > 0, e.split('\\n')[1]]",
        [True, "hello"],
    ),
    (
        "groups with counts as text",
        "made({short_description: 'ag', urgency: 1}); made({short_description: 'ag', urgency: 1}); made({short_description: 'ag', urgency: 2});"
        "var a = new GlideAggregate('incident'); a.addQuery('short_description', 'ag'); a.addAggregate('COUNT'); a.groupBy('urgency'); a.query();"
        "var s = []; while (a.next()) s.push([a.urgency.toString(), a.getAggregate('COUNT'), a.urgency.getDisplayValue()]); s",
        [["1", "2", "1 - High"], ["2", "1", "2 - Medium"]],
    ),
    (
        "sums and the like, and having",
        "made({short_description: 'sm', reassignment_count: 1}); made({short_description: 'sm', reassignment_count: 5});"
        "var a = new GlideAggregate('incident'); a.addQuery('short_description', 'sm'); a.addAggregate('SUM', 'reassignment_count');"
        "a.addAggregate('MAX', 'reassignment_count'); a.setGroup(false); a.query(); a.next();"
        "[a.getAggregate('SUM', 'reassignment_count'), a.getAggregate('MAX', 'reassignment_count')]",
        ["6", "5"],
    ),
]  # fmt: skip

OBSERVED: list[tuple[str, str, Any]] = [
    ("a field is an object", "typeof new GlideRecord('incident').number", "object"),
    ("a field equals its text, and is not identical with it", "var g = new GlideRecord('incident'); g.get(made({short_description: 'a'})); [g.short_description == 'a', g.short_description === 'a', g.short_description + '']", [True, False, "a"]),
    ("a flag equals true and 'true'", "var g = new GlideRecord('incident'); g.get(made({})); [g.active == true, g.active == 'true', g.active == false]", [True, True, False]),
    ("a number in a field compares", "var g = new GlideRecord('incident'); g.get(made({urgency: 2})); [g.urgency == 2, g.urgency > 1, g.urgency < 3]", [True, True, True]),
    ("a field in an array shows the last row", "made({short_description: 'l1'}); made({short_description: 'l2'}); var g = new GlideRecord('incident'); g.addQuery('short_description', 'STARTSWITH', 'l'); g.orderBy('short_description'); g.query(); var f = []; while (g.next()) f.push(g.short_description); g.query(); g.next(); f[0] == f[1]", True),
    ("names of fields are walked by for-in", "var g = new GlideRecord('incident'); var n = []; for (var f in g) n.push(f); n.indexOf('number') >= 0", True),
    ("a field is reached by brackets", "var g = new GlideRecord('incident'); g['short' + '_description'] = 'br'; g.getValue('short_description')", "br"),
]  # fmt: skip


@pytest.mark.documented(DOCS)
@pytest.mark.parametrize("script, value", [case[1:] for case in DOCUMENTED], ids=[case[0] for case in DOCUMENTED])
def test_documented_calls(bench: Bench, script: str, value: Any) -> None:
    assert bench.value(MADE + script) == value


@pytest.mark.assumed(SEEN)
@pytest.mark.parametrize("script, value", [case[1:] for case in OBSERVED], ids=[case[0] for case in OBSERVED])
def test_observed_habits(bench: Bench, script: str, value: Any) -> None:
    assert bench.value(MADE + script) == value


@pytest.mark.assumed("25 public scripts test a field for emptiness by its truth; whether that holds is a switch")
@pytest.mark.parametrize("switch, seen", [("true", ["empty", "full"]), ("false", ["full", "full"])])
def test_whether_an_empty_field_counts_as_false_is_a_switch(bench: Bench, switch: str, seen: list[str]) -> None:
    bench.instance.set_property("sandtable.script.empty_field_is_false", switch)
    script = (
        "var g = new GlideRecord('incident'); g.initialize(); var first = g.correlation_id ? 'full' : 'empty';"
        "g.correlation_id = 'x'; [first, g.correlation_id ? 'full' : 'empty']"
    )
    assert bench.value(script) == seen


@pytest.mark.documented("ServiceNowDocs: an invalid query drops its condition; a property makes it give no rows")
@pytest.mark.parametrize("switch, count", [("false", 1), ("true", 0)])
def test_a_query_with_an_unknown_field(bench: Bench, switch: str, count: int) -> None:
    bench.instance.set_property("glide.invalid_query.returns_no_rows", switch)
    script = (
        "made({short_description: 'iq'}); var g = new GlideRecord('incident'); g.addQuery('short_description', 'iq');"
        "g.addQuery('zzz', 'x'); g.query(); g.getRowCount()"
    )
    assert bench.value(MADE + script) == count
    assert any("zzz" in line for line in bench.logged("GlideRecord"))


@pytest.mark.documented(
    "ServiceNowDocs: GlideRecordSecure skips rows that cannot be read, and answers null to refused writes"
)
def test_a_secure_record_passes_access_control(bench: Bench) -> None:
    bench.add("sys_user", user_name="nobody")
    script = (
        "var g = new {0}('sys_properties'); g.query(); var n = g.getRowCount(); var m = 0; while (g.next()) m++;"
        "var w = new {0}('sys_properties'); w.initialize(); w.name = 'made.by.{0}'; [m > 0, w.insert() === null]"
    )
    assert bench.value(script.replace("{0}", "GlideRecordSecure"), user="nobody") == [False, True]
    assert bench.value(script.replace("{0}", "GlideRecord"), user="nobody") == [True, False]


@pytest.mark.ours("a field that does not exist is told in the ledger when a script reads or sets it")
def test_fields_that_do_not_exist_are_told(bench: Bench) -> None:
    bench.value("var g = new GlideRecord('incident'); g.initialize(); g.u_nope = 1; g.u_other == 2; 1")
    assert {"incident.u_nope", "incident.u_other"} <= bench.noted()


@pytest.mark.documented("ServiceNowDocs: scoped GlideRecord lacks the calls of the global one; the text is assumed")
@pytest.mark.parametrize("call", ["find('number', 'x')", "changes()", "setForceUpdate(true)", "applyTemplate('x')"])
def test_global_calls_are_refused_in_a_scope(bench: Bench, call: str) -> None:
    bench.application("x_acme_tests")
    outcome = bench.run(f"new GlideRecord('incident').{call}", scope="x_acme_tests")
    assert f"Function '{call.partition('(')[0]}' is not allowed in scope 'x_acme_tests'" in outcome.error
