"""Business rules with scripts: order, variables, aborts, asynchronous and query rules, and what callers see."""

from __future__ import annotations

import pytest
from tests.scripting.conftest import Bench

from sandtable.core.applications.jobs import run_due_jobs
from sandtable.core.values.errors import Aborted

DOCS = "ServiceNowDocs, business rules: order, current and previous, setAbortAction, asynchronous and query rules"
WRAPPED = "(function executeRule(current, previous /*null when async*/) { %s })(current, previous);"


@pytest.mark.documented(DOCS)
def test_before_rules_change_what_is_stored(bench: Bench) -> None:
    bench.rule(
        WRAPPED
        % "current.description = 'b' + current.operation() + current.isNewRecord(); current.work_notes = 'note';"
    )
    record = bench.add("incident", short_description="x")
    assert record["description"] == "binserttrue"
    notes = bench.system.table("sys_journal_field").query(f"element_id={record.sys_id}^element=work_notes")
    assert [note["value"] for note in notes] == ["note"]
    updated = bench.system.table("incident").update(record.sys_id, {"urgency": "1"})
    assert updated["description"] == "bupdatefalse"


@pytest.mark.documented(DOCS)
def test_rules_run_by_order_before_and_after(bench: Bench) -> None:
    for order, when in ((200, "before"), (100, "before"), (50, "after")):
        bench.rule(f"gs.log('{when} {order} ' + (previous === null), 'order');", when=when, order=order)
    bench.add("incident")
    assert bench.logged("order") == ["before 100 true", "before 200 true", "after 50 true"]


@pytest.mark.documented(DOCS)
def test_changes(bench: Bench) -> None:
    record = bench.add("incident", urgency="3", short_description="old")
    bench.rule(
        "gs.log([current.urgency.changes(), current.urgency.changesTo(1), current.urgency.changesFrom(3),"
        " current.urgency.changesFrom(2), current.short_description.changes(), previous.urgency + ''].join(), 'ch');"
    )
    bench.system.table("incident").update(record.sys_id, {"urgency": "1"})
    assert bench.logged("ch") == ["true,true,true,false,false,3"]


@pytest.mark.recorded("an answer of the Table API to a write that a business rule aborted")
def test_an_abort_over_the_wire(bench: Bench) -> None:
    bench.rule("gs.addErrorMessage('not seen'); current.setAbortAction(true); gs.log('goes on', 'ab');", name="No more")
    bench.rule("gs.log('later rules run', 'ab');", order=900)
    answer = bench.call("POST", "/api/now/table/incident", json={"short_description": "aborted"})
    assert answer.status_code == 403
    error = answer.json["error"]
    assert error["message"] == "Operation Failed"
    assert error["detail"].startswith("Operation against file 'incident' was aborted by Business Rule 'No more^")
    assert "not seen" not in answer.get_data(as_text=True)
    assert bench.system.table("incident").query("short_description=aborted") == []
    assert bench.logged("ab") == ["goes on", "later rules run"]


@pytest.mark.documented("ServiceNowDocs, GlideRecord: insert and update answer null when a rule aborts")
def test_an_abort_inside_a_script(bench: Bench) -> None:
    bench.rule("current.setAbortAction(true);")
    script = "var g = new GlideRecord('incident'); g.initialize(); [g.insert(), g.getLastErrorMessage().indexOf('aborted') > 0]"
    assert bench.value(script) == [None, True]


@pytest.mark.documented(DOCS)
def test_conditions_and_filters_are_both_needed(bench: Bench) -> None:
    bench.rule("current.description = 'both';", condition="current.urgency == 1", filter_condition="impact=1")
    assert bench.add("incident", urgency="1", impact="1")["description"] == "both"
    assert bench.add("incident", urgency="2", impact="1")["description"] == ""
    assert bench.add("incident", urgency="1", impact="2")["description"] == ""


@pytest.mark.assumed("an uncaught error in a rule is logged, the write goes on, and what was assigned before it stays")
def test_an_error_in_a_rule(bench: Bench) -> None:
    bench.rule("current.description = 'kept';\n\nfoo.bar();", name="Broken")
    assert bench.add("incident")["description"] == "kept"
    (line,) = bench.logged("Evaluator")
    assert '"foo" is not defined.' in line
    assert all(part in line for part in ("Broken", "line 3", "incident"))


@pytest.mark.documented("ServiceNowDocs: recursion of a rule through current.update() is detected, stopped and logged")
def test_recursion_is_stopped(bench: Bench) -> None:
    record = bench.add("problem")
    bench.rule("current.description = current.description + 'x'; current.update();", "problem", name="Again")
    assert bench.system.table("problem").update(record.sys_id, {"urgency": "1"})["description"] == "x"
    assert any("Recursive call of rule Again" in line for line in bench.logged("Business rule"))


@pytest.mark.documented("ServiceNowDocs: setWorkflow(false) runs no business rules")
def test_without_workflow_no_rules(bench: Bench) -> None:
    bench.rule("current.description = 'ruled';")
    script = "function m(w) { var g = new GlideRecord('incident'); g.initialize(); g.setWorkflow(w); g.get(g.insert()); return g.getValue('description'); } [m(true), m(false)]"
    assert bench.value(script) == ["ruled", None]


@pytest.mark.documented("ServiceNowDocs: autoSysFields(false), the columns of who and when that an update leaves alone")
def test_an_update_without_system_columns(bench: Bench) -> None:
    script = (
        "var g = new GlideRecord('incident'); g.initialize(); g.short_description = 'a'; var id = g.insert(); g.get(id);"
        "g.autoSysFields(false); g.short_description = 'b'; g.update(); g.get(id); [g.getValue('short_description'),"
        " g.getValue('sys_mod_count')]"
    )
    assert bench.value(script) == ["b", "0"]


@pytest.mark.documented("ServiceNowDocs: autoSysFields(false) leaves the system's columns to the script")
def test_system_fields_by_hand(bench: Bench) -> None:
    script = "var g = new GlideRecord('incident'); g.initialize(); g.autoSysFields(false); g.sys_created_on = '2001-01-01 00:00:00'; g.get(g.insert()); g.getValue('sys_created_on')"
    assert bench.value(script) == "2001-01-01 00:00:00"


@pytest.mark.documented(DOCS)
def test_after_rules_write_other_records(bench: Bench) -> None:
    bench.rule(
        "current.description = 'lost'; var p = new GlideRecord('problem'); p.initialize(); p.short_description = current.number; p.insert();",
        when="after",
    )
    record = bench.add("incident")
    assert bench.system.table("incident").get(record.sys_id)["description"] == ""
    assert len(bench.system.table("problem").query(f"short_description={record['number']}")) == 1


@pytest.mark.documented(DOCS)
def test_asynchronous_rules_run_later(bench: Bench) -> None:
    bench.rule(
        "current.description = 'later ' + previous; current.update();",
        "problem",
        "async",
        condition="current.urgency.changes()",
    )
    record = bench.add("problem", urgency="1")
    assert bench.system.table("problem").get(record.sys_id)["description"] == ""
    assert run_due_jobs(bench.instance) > 0
    assert bench.system.table("problem").get(record.sys_id)["description"] == "later null"


@pytest.mark.documented(DOCS)
def test_query_rules(bench: Bench) -> None:
    hidden = bench.add("problem", short_description="hidden one")
    bench.rule(
        "current.addQuery('short_description', '!=', 'hidden one');",
        "problem",
        action_query=True,
        action_insert=False,
        action_update=False,
    )
    assert bench.call("GET", "/api/now/table/problem?sysparm_query=short_description=hidden one").json["result"] == []
    assert bench.call("GET", f"/api/now/table/problem/{hidden.sys_id}").status_code == 404
    count = "function c(w) { var g = new GlideRecord('problem'); g.setWorkflow(w); g.addQuery('short_description', 'hidden one'); g.query(); return g.getRowCount(); } [c(true), c(false)]"
    assert bench.value(count) == [0, 1]


@pytest.mark.documented("ServiceNowDocs: a rule's functions called by name, as old rules have them")
def test_an_old_rule_with_a_function(bench: Bench) -> None:
    bench.rule("function onBefore(current, previous) { current.description = 'old'; }")
    assert bench.add("incident")["description"] == "old"


@pytest.mark.documented("ServiceNowDocs: setAbortAction counts only in the record's own scope")
def test_another_scope_cannot_abort(bench: Bench) -> None:
    app = bench.application("x_acme_other")
    bench.rule("current.setAbortAction(true);", sys_scope=app.sys_id)
    assert bench.add("incident").sys_id
    assert any(
        "Access to api 'setAbortAction' from scope 'x_acme_other'" in line for line in bench.logged("x_acme_other")
    )


@pytest.mark.ours("without the engine a script is not run, and the ledger is told")
def test_without_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from sandtable.serving.assembly import create_instance

    monkeypatch.setitem(sys.modules, "quickjs", None)
    instance = create_instance(random_seed=1)
    system = instance.system()
    system.table("sys_script").insert(
        {
            "name": "Silent",
            "collection": "incident",
            "when": "before",
            "advanced": True,
            "script": "x()",
            "action_insert": True,
        }
    )
    assert system.table("incident").insert({"short_description": "a"})["short_description"] == "a"
    assert [entry.name for entry in instance.ledger.entries()] == ["sys_script Silent"]


@pytest.mark.ours("aborting is an exception for callers of the core, as with rules in Python")
def test_the_exception_names_the_rule(bench: Bench) -> None:
    rule = bench.rule("current.setAbortAction(true);", name="Named")
    with pytest.raises(Aborted) as caught:
        bench.add("incident")
    assert (caught.value.rule, caught.value.sys_id) == ("Named", rule.sys_id)
