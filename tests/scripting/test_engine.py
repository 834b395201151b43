"""The engine: limits, isolation of runs, language modes, and what hostile scripts cannot do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scripting.conftest import Bench

from sandtable.core.values.errors import PlatformError
from sandtable.scripting.engine.source import prepare

CANCELLED = "Transaction cancelled: maximum execution time exceeded"

RUNAWAYS = [
    "while (true) {}",
    "while (true) { try { while (true) {} } catch (e) {} finally {} }",
    "for (;;) { gs.getProperty('x'); }",
    "/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')",
    "var a = []; a.length = 4294967295; a.indexOf(1)",
    "var a = []; while (true) a.push('x'.repeat(4000000));",
]


@pytest.mark.documented(
    "ServiceNowDocs, transaction quotas: the text of a cancelled transaction; what it wrote is taken back"
)
@pytest.mark.parametrize("script", RUNAWAYS)
def test_a_runaway_is_cancelled_and_leaves_nothing(bench: Bench, script: str) -> None:
    bench.instance.set_property("sandtable.script.seconds", "0.2")
    before = bench.system.table("problem").count()
    outcome = bench.run("var p = new GlideRecord('problem'); p.initialize(); p.insert();\n" + script)
    assert (outcome.cancelled, outcome.error) == (True, CANCELLED)
    assert bench.system.table("problem").count() == before
    assert [line for line in bench.logged("Evaluator") if line.startswith(f"{CANCELLED}: background script line")]
    assert bench.value("1 + 1") == 2


@pytest.mark.documented("ServiceNowDocs, transaction quotas; the log names the rule")
def test_a_runaway_rule_refuses_its_write(bench: Bench) -> None:
    bench.instance.set_property("sandtable.script.seconds", "0.2")
    bench.rule("while (true) {}", "problem", name="Endless")
    answer = bench.call("POST", "/api/now/table/problem", json={"short_description": "x"})
    assert answer.status_code == 500
    assert answer.json["error"]["message"] == CANCELLED
    assert "sys_script Endless line 1" in answer.json["error"]["detail"]
    assert bench.logged("Evaluator") == [f"{CANCELLED}: sys_script Endless line 1 on problem"]
    assert bench.system.table("problem").query("short_description=x") == []


@pytest.mark.ours("deep recursion is an error of the script, not of the server")
def test_recursion_ends(bench: Bench) -> None:
    assert "call stack" in bench.run("function f() { return f() + 1; } f()").error
    bench.rule("var p = new GlideRecord('problem'); p.initialize(); p.insert();", "problem", "after")
    outcome = bench.run("var p = new GlideRecord('problem'); p.initialize(); p.insert()")
    assert not outcome.cancelled
    assert bench.value("2") == 2


LEAKS = [
    ("x1 = 5", "typeof x1"),
    ("var x2 = 5", "typeof x2"),
    ("function x3() {}", "typeof x3"),
    ("this.x4 = 1", "typeof x4"),
    ("(function () { x5 = 1; })()", "typeof x5"),
    ("Array.prototype.x6 = 1", "typeof [].x6"),
    ("Object.prototype.x7 = 1", "typeof ({}).x7"),
    ("''['const' + 'ructor'].prototype.x8 = 1", "typeof ''.x8"),
    ("GlideRecord.prototype.x9 = 1", "typeof GlideRecord.prototype.x9"),
    ("globalThis.x10 = 1", "typeof x10"),
    ("eval('var x11 = 1')", "typeof x11"),
    ("Object.defineProperty(this, 'x12', {value: 1})", "typeof x12"),
]


@pytest.mark.ours("nothing leaks from one script into the next, although engines are used again")
@pytest.mark.parametrize("script, question", LEAKS)
def test_nothing_leaks(bench: Bench, script: str, question: str) -> None:
    bench.run(script)
    assert bench.value(question) == "undefined"


@pytest.mark.ours("built-in functions that a script has replaced are whole again for the next")
def test_replaced_functions_are_whole_again(bench: Bench) -> None:
    bench.run("JSON.parse = null; Array.prototype.push = null; GlideRecord = null; gs = 1; Math.max = 2;")
    assert bench.value("[typeof JSON.parse, [].push(1), typeof GlideRecord, typeof gs.info, Math.max(1, 2)]") == [
        "function", 1, "function", "function", 2,
    ]  # fmt: skip


@pytest.mark.documented(
    "ServiceNowDocs, business rules: undeclared and top-level variables are seen by the next rule of the transaction"
)
def test_rules_of_one_transaction_share_their_globals(bench: Bench) -> None:
    bench.rule("var seen = 'first'; also = 'too';", order=10)
    bench.rule("current.description = seen + also;", order=20)
    assert bench.add("incident")["description"] == "firsttoo"
    assert bench.value("typeof seen") == "undefined"


@pytest.mark.ours("scripts see neither files, network, processes nor Python")
@pytest.mark.parametrize(
    "name", ["require", "process", "std", "os", "fetch", "XMLHttpRequest", "$host", "host", "call", "Deno", "load"]
)
def test_what_is_not_there(bench: Bench, name: str) -> None:
    assert bench.value(f"typeof globalThis['{name}']") == "undefined"


@pytest.mark.documented("ServiceNowDocs, JavaScript modes: what ES5 Standards and ES2021 take")
@pytest.mark.parametrize(
    "script",
    ["let a = 1", "const a = 1", "var f = () => 1", "class A {}", "var a = `x`", "var a = [...[1]]", "var a = {}?.b", "var a = null ?? 1", "function f(a = 1) {}", "for (var a of []) {}", "var {a} = {}", "2 ** 3"],
)  # fmt: skip
def test_modes_of_the_language(bench: Bench, script: str) -> None:
    assert not bench.run(script).failed
    bench.instance.set_property("sandtable.script.mode", "es5")
    outcome = bench.run("var first = 1;\n" + script)
    assert "is not allowed in es5 mode" in outcome.error
    assert outcome.line == 2


ENGINE = "ServiceNowDocs, JavaScript engine feature support (Zurich), ECMAScript 2021 mode"


@pytest.mark.documented(f"{ENGINE}: what is disallowed results in an error")
@pytest.mark.parametrize(
    "script, error",
    [
        ("async function* f() {}", "async generator is not allowed"),
        ("(async function () { for await (var x of []) {} })()", "for await is not allowed"),
        ("class A { async m() {} }", "async class method is not allowed"),
        ("new WeakRef({})", '"WeakRef" is not defined'),
        ("Reflect.ownKeys({})", '"Reflect" is not defined'),
        ("new Function('return 1')()", "Function constructor is not allowed"),
        ("(function () {}).constructor('return 1')()", "Function constructor is not allowed"),
        ("atob('aGk=')", '"atob" is not defined'),
        ("[2, 1].toSorted()", "toSorted is not a function"),
        ("Object.groupBy([], String)", "Cannot find function groupBy"),
    ],
)
def test_what_the_language_does_not_have_there(bench: Bench, script: str, error: str) -> None:
    assert error in bench.run(script).error


@pytest.mark.documented(f"{ENGINE}: what is supported")
@pytest.mark.parametrize(
    "script, value",
    [
        ("class A { static #n = 2; static get n() { return A.#n; } v = 1; } A.n + new A().v", 3),
        ("({ async m() {} }).m() instanceof Promise", True),
        ("[1, [2, [3]]].flat(2).at(-1) + Object.values({ a: 1 }).length", 4),
        ("(function () {} instanceof Function) && typeof Function === 'function'", True),
        ("[...(function* () { yield 1; yield* [2]; })()].join() + new WeakMap().has({})", "1,2false"),
        ("new Error('x', { cause: 7 }).cause + Object.fromEntries([['a', 1]]).a", 8),
    ],
)
def test_what_the_language_has(bench: Bench, script: str, value: Any) -> None:
    assert bench.value(script) == value
    assert bench.noted() == set()


@pytest.mark.documented(f"{ENGINE}: what is not supported was not validated")
def test_what_the_platform_does_not_vouch_for_is_told(bench: Bench) -> None:
    assert bench.value("class A { #n = 1; n() { return this.#n; } } class B extends Error {} new A().n()") == 1
    assert bench.noted() == {"private members of instances", "classes that extend those of the language"}


@pytest.mark.documented("ServiceNowDocs, JavaScript modes: the mode is the application's")
def test_the_mode_of_an_application(bench: Bench) -> None:
    bench.add("sys_app", name="Old", scope="x_acme_old", js_level="helsinki_es5")
    assert bench.run("let a = 1", scope="x_acme_old").failed
    assert not bench.run("let a = 1").failed


@pytest.mark.ours("the text of a script changes in place: lines stay, and so does what it means")
@pytest.mark.parametrize(
    "script, value",
    [
        ("var a = 1, b = 2; a == b ? 'x' : a != b && !(a == 2) ? 'y' : 'z'", "y"),
        ("var o = {a: 0}; o.a || o.b || 'last'", "last"),
        ("var n = 0; for (var i = 0; i < 3 && n < 10; i++) if (i != 1) n += i; else n += 10; n", 10),
        ("var s = ''; do { s += 'x' } while (s.length < 3); s", "xxx"),
        ("switch (3) { case 1 + 2: 'three'; break; default: 'other' }", "three"),
        ("'use strict'; (function () { return this === undefined; })()", True),
        ("label: for (var i in {a: 1}) { continue label; } typeof i", "string"),
        ("var x; try { throw {a: 1} } catch (e) { x = e.a } x", 1),
        ("/* head */ // line\n(function () { return 7; })(); // tail", 7),
        ("[1, 2, 3].filter(x => x == 2 || x == 3).map((x) => x * 2)", [4, 6]),
        ("`a${1 == 1 ? 'b' : 'c'}`", "ab"),
        ("null == undefined && !(null == 0) && '1' == 1", True),
    ],
)
def test_the_text_means_what_it_meant(bench: Bench, script: str, value: Any) -> None:
    assert bench.value(script) == value
    for counted in (False, True):
        assert prepare(script, counted=counted).prepared.count("\n") == script.count("\n")


WORDS = st.sampled_from(
    ["gr", "current", ".", "(", ")", "{", "}", ";", "=", "==", "'a'", "1", "var x", "function f", "if", "while (x)", "try",
     "catch (e)", "new GlideRecord('incident')", "insert()", "query()", "next()", "gs.info", "return", "null", ",", "[", "]",
     "throw", "\n", "?", ":", "!", "&&", "\u2028", "\x00", "\ud800", "`", "//", "/*"]
)  # fmt: skip


@pytest.mark.ours("whatever a script is made of, the server stays and nothing is half written")
@settings(max_examples=60)
@given(st.lists(WORDS, max_size=25).map(" ".join))
def test_fuzzed_scripts(script_instance: Any, script: str) -> None:
    from sandtable.scripting.tools import host_of

    moment = script_instance.snapshot()
    try:
        script_instance.set_property("sandtable.script.seconds", "0.2")
        host = host_of(script_instance)
        before = script_instance.system().table("incident").count()
        outcome = host.background(script_instance.acting_as("admin"), script)
        if outcome.cancelled:
            assert script_instance.system().table("incident").count() == before
        assert host.background(script_instance.acting_as("admin"), "6 * 7").value == 42
    finally:
        script_instance.restore(moment)
        script_instance.release(moment)


@pytest.mark.ours("a rule made of anything lets a write through whole or not at all")
@pytest.mark.parametrize(
    "script", ["}{", "current.short_description = {}.x.y", "throw 1", "current = null", "previous.x()", "", "return"]
)
def test_broken_rules(bench: Bench, script: str) -> None:
    bench.rule(script)
    try:
        record = bench.add("incident", short_description="whole")
    except PlatformError:
        assert bench.system.table("incident").query("short_description=whole") == []
    else:
        assert record["number"]


@pytest.mark.documented("ServiceNowDocs, JavaScript modes: ES2021 has promises and basic async functions")
def test_promises_are_kept_before_the_script_ends(bench: Bench) -> None:
    outcome = bench.run("async function f() { return 5; } f().then(function (v) { gs.info('got ' + v); }); 1")
    assert (outcome.value, outcome.printed()) == (1, ["*** Script: got 5"])
