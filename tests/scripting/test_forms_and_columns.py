"""Scripts behind forms and columns: display rules, calculated columns, scripts that a form refuses to save."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.scripting.conftest import Bench

DOCS = "ServiceNowDocs, business rules"
HTML = {"Accept": "text/html"}


@pytest.fixture
def browser(script_app: Any, bench: Bench) -> Any:
    client = script_app.test_client()
    client.post("/login.do", data={"user_name": "admin", "user_password": "admin"}, headers=HTML)
    return client


def token(browser: Any) -> str:
    found = re.search(r'data-token="([0-9a-f]+)"', browser.get("/navpage.do", headers=HTML).text)
    assert found is not None
    return found[1]


@pytest.mark.documented(f"{DOCS}: display rules run when a form is read, and what they change is not stored")
def test_display_rules_run_for_a_form_alone(bench: Bench, browser: Any) -> None:
    made = bench.add("problem", short_description="stored")
    script = (
        "current.short_description = 'shown ' + current.number; gs.addInfoMessage('mind the gap'); g_scratchpad.a = 1;"
    )
    bench.rule(script, "problem", "display", action_insert=False, action_update=False)
    bench.rule("if (g_scratchpad.a == 1) gs.info('handed on')", "problem", "before_display", order=200)
    page = browser.get(f"/problem.do?sys_id={made.sys_id}", headers=HTML).text
    assert f"shown {made['number']}" in page
    assert "mind the gap" in page
    assert "handed on" in bench.logged()
    assert bench.system.table("problem").get(made.sys_id)["short_description"] == "stored"
    answer = bench.call("GET", f"/api/now/table/problem/{made.sys_id}?sysparm_fields=short_description")
    assert answer.json == {"result": {"short_description": "stored"}}


@pytest.mark.ours("a display rule that fails is logged, and the form is shown")
def test_a_broken_display_rule_hides_no_form(bench: Bench, browser: Any) -> None:
    made = bench.add("problem", short_description="still there")
    bench.rule("nothing.at.all();", "problem", "display", name="Broken")
    assert "still there" in browser.get(f"/problem.do?sys_id={made.sys_id}", headers=HTML).text
    assert any("Broken" in line for line in bench.logged("Evaluator"))


@pytest.mark.assumed(
    "a calculated column is calculated whenever its record is written; a value sent for it is not used"
)
def test_a_calculated_column(bench: Bench) -> None:
    bench.add(
        "sys_dictionary", name="problem", element="u_urgent", internal_type="string", max_length=40, virtual=True,
        calculation="(function calculatedFieldValue(current) { return current.urgency == 1 ? 'yes: ' + current.number : 'no'; })(current);",
    )  # fmt: skip
    made = bench.call("POST", "/api/now/table/problem", json={"urgency": "3", "u_urgent": "sent"}).json["result"]
    assert made["u_urgent"] == "no"
    bench.rule("current.urgency = 1;", "problem", order=900, action_insert=False)
    changed = bench.call("PATCH", f"/api/now/table/problem/{made['sys_id']}", json={"short_description": "x"}).json[
        "result"
    ]
    assert changed["u_urgent"] == f"yes: {made['number']}"
    assert len(bench.system.table("problem").query("u_urgentSTARTSWITHyes")) == 1


@pytest.mark.assumed("a form refuses a script that cannot be read; the Table API takes it")
def test_a_form_refuses_a_script_that_cannot_be_read(bench: Bench, browser: Any) -> None:
    given = {
        "sys_script.name": "Typo",
        "sys_script.collection": "incident",
        "sys_script.script": "gs.info('a');\nvar a = ;",
    }
    data = {**given, "sys_action": "sysverb_insert", "sys_uniqueValue": "-1", "sysparm_ck": token(browser)}
    answer = browser.post("/sys_script.do", data=data, headers=HTML)
    assert answer.status_code == 422
    assert "Could not save record because of a compile error: JavaScript parse error at line (2)" in answer.text
    assert "var a = ;" in answer.text
    assert bench.system.table("sys_script").first("name=Typo") is None
    bench.instance.set_property("sandtable.script.check_on_forms", "false")
    assert browser.post("/sys_script.do", data=data, headers=HTML).status_code == 302
    bench.instance.set_property("sandtable.script.check_on_forms", "true")
    sent = {"name": "Sent", "collection": "incident", "script": "var a = ;"}
    assert bench.call("POST", "/api/now/table/sys_script", json=sent).status_code == 201
