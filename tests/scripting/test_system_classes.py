"""Classes that public scripts use and few documents name; the console; import sets and update sets by script."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scripting.conftest import Bench

DOCS = "ServiceNowDocs, server API reference"
SET = (
    "var s = new GlideRecord('sys_import_set'); s.initialize(); s.table_name = 'u_devices'; s.state = 'loaded';"
    "var id = s.insert();"
    "['one', 'two'].forEach(function (text, at) { var r = new GlideRecord('u_devices'); r.initialize();"
    " r.sys_import_set = id; r.u_text = text; r.sys_import_row = at + 1; r.sys_import_state = 'pending'; r.insert(); });"
    "s.get(id);"
)

CLASSES: list[tuple[str, str, Any]] = [
    ("tables and columns are asked for by name", "[GlideTableDescriptor.isValid('incident'), GlideTableDescriptor.isValid('nope'), GlideTableDescriptor.fieldExists('incident', 'caller_id'), GlideTableDescriptor.fieldExists('incident', 'nope')]", [True, False, True, False]),
    ("a table's columns are described", "var t = GlideTableDescriptor.get('incident'); [t.getElementDescriptor('caller_id').getReference(), t.getElementDescriptor('nope'), t.getSchemaList().size() > 60]", ["sys_user", None, True]),
    ("many rows at once, without journal of who and when", "var g = new GlideRecord('incident'); g.initialize(); g.short_description = 'a'; var id = g.insert(); var m = new GlideMultipleUpdate('incident'); m.addQuery('sys_id', id); m.setValue('category', 'network'); m.setIncrement('reassignment_count', 2); m.execute(); g.get(id); [g.getValue('category'), g.getValue('reassignment_count'), g.getValue('sys_mod_count')]", ["network", "2", "0"]),
    ("many rows are deleted at once", "var g = new GlideRecord('incident'); g.initialize(); g.short_description = 'a'; var id = g.insert(); var m = new GlideMultipleDelete('incident'); m.addQuery('sys_id', id); m.execute(); g.get(id)", False),
    ("the next number is drawn", "var n = new NumberManager('incident'), a = n.getNextObjNumberPadded(), b = n.getNextObjNumberPadded(); [a.slice(0, 3), a.length, Number(b.slice(3)) - Number(a.slice(3))]", ["INC", 10, 1]),
    ("an error for readers", "try { NiceError.raise('no such thing'); } catch (e) { [e.message, e.name, e instanceof NiceError, e instanceof Error] }", ["no such thing", "NiceError", True, True]),
    ("a list of choices", "var l = new GlideChoiceList(); l.add('1', 'One'); l.add(new GlideChoice('2', 'Two')); l.addNone(); [l.getSize(), l.getChoice(0).getValue(), l.getLabelOf('2'), l.getValueOf('One')]", [3, "", "Two", "1"]),
    ("bytes of base64", "var b = GlideStringUtil.base64DecodeAsBytes('aGn/'); [b.length, b[0], b[2], GlideStringUtil.base64Encode(b)]", [3, 104, -1, "aGn/"]),
    ("messages of all kinds", "gs.addErrorMessage('e'); gs.addHighMessage('h'); gs.addModerateMessage('m'); gs.addLowMessage('l'); gs.addSuccessMessage('s'); gs.getErrorMessages()", ["e"]),
    ("the sum over the groups", "['a', 'b', 'b'].forEach(function (c) { var g = new GlideRecord('incident'); g.initialize(); g.short_description = 'sum'; g.category = c; g.insert(); }); var a = new GlideAggregate('incident'); a.addQuery('short_description', 'sum'); a.addAggregate('COUNT'); a.groupBy('category'); a.query(); while (a.next()) {} a.getTotal('COUNT')", 3),
    ("what is made with new and is nothing", "var X; try { new X(); } catch (e) { e.message }", "X is not a function."),
]  # fmt: skip


@pytest.mark.assumed("public scripts use these classes so; the vendor documents them in part")
@pytest.mark.parametrize("script, value", [each[1:] for each in CLASSES], ids=[each[0] for each in CLASSES])
def test_classes_of_public_scripts(bench: Bench, script: str, value: Any) -> None:
    assert bench.value(script) == value


@pytest.mark.documented("ServiceNow documentation, business rules: functions of a global business rule")
def test_functions_of_a_rule_on_every_table(bench: Bench) -> None:
    rules = bench.instance.system().table("sys_script")
    script = "function acmeTwice(n) { return acmeOnce(n) * 2; }\nfunction acmeOnce(n) { return Number(n); }"
    shared = {"collection": "global", "advanced": "true", "script": script, "active": "true"}
    made = rules.insert({"name": "acme functions", **shared})
    rules.insert({"name": "acme old", **shared, "script": "function onBefore(current, previous) { }"})
    assert bench.value("[acmeTwice(3), acmeOnce('4'), typeof onBefore]") == [6, 4, "undefined"]
    rules.update(made.sys_id, {"active": "false"})
    assert bench.value("typeof acmeTwice") == "undefined"


@pytest.mark.documented(f"{DOCS}: GlideCertificateEncryption, its sample; the code by RFC 2104")
@pytest.mark.parametrize("name", ["GlideCertificateEncryption", "CertificateEncryption"])
def test_the_code_that_authenticates_a_message(bench: Bench, name: str) -> None:
    script = f"new {name}().generateMac(gs.base64Encode('sample_key'), 'HmacSHA256', 'sample_data')"
    assert bench.value(script) == "4VWUI48lJvmGSF6MYmOVWA9c0hfu55Ur+3e+fUFFFr4="
    outcome = bench.run(script.replace("HmacSHA256", "HmacNope"))
    assert "Algorithm HmacNope not available" in outcome.error


@pytest.mark.documented(f"{DOCS}: Console, the samples of each method")
@pytest.mark.parametrize(
    "script, lines",
    [
        ("console.log('Hello, my name is %s and I am %d years old.', 'Alex', 25)", ["Hello, my name is Alex and I am 25 years old."]),
        ("console.error('Error in module:', 'ModuleName')", ["Error in module: ModuleName"]),
        ("console.assert(1 === 1, 'no'); console.assert(15 === 20, 'Expected %d but got %d', 20, 15)", ["Expected 20 but got 15"]),
        ("console.count('bob'); console.count('bob'); console.countReset('bob'); console.count()", ["bob: 1", "bob: 2", "bob: 0", "default: 1"]),
        ("console.time('T'); console.timeLog('T', 'After Step 1'); console.timeEnd('T'); console.timeEnd('T')", ["T: 0ms After Step 1", "T: 0ms", 'Timer "T" doesn\'t exist.']),
        ("console.log('out'); console.group('in'); console.log('a'); console.group(); console.warn('b'); console.groupEnd(); console.groupEnd(); console.log('out')", ["out", "in", "    a", "        b", "out"]),
    ],
)  # fmt: skip
def test_the_console_writes_to_the_log(bench: Bench, script: str, lines: list[str]) -> None:
    assert [each.text for each in bench.run(script).lines] == lines
    assert [each.text for each in bench.run("console.count('bob'); console.log('a')").lines] == ["bob: 1", "a"]


@pytest.mark.ours("an attachment for no record is refused and told; the script goes on")
def test_a_file_for_no_record_is_refused(bench: Bench) -> None:
    assert bench.value("new GlideSysAttachment().write('incident', '', 'name.csv', 'text')") is None
    assert any("table_sys_id is missing" in line for line in bench.logged("GlideSysAttachment"))


def _staging(bench: Bench) -> str:
    parent = bench.system.table("sys_db_object").first("name=sys_import_set_row")
    assert parent is not None
    bench.add("sys_db_object", name="u_devices", label="Devices", super_class=parent.sys_id)
    bench.add("sys_dictionary", name="u_devices", element="u_text", internal_type="string", column_label="Text")
    given = {"source_table": "u_devices", "target_table": "incident"}
    for name in ("first", "second"):
        made = bench.add("sys_transform_map", name=name, active=True, **given)
        bench.add("sys_transform_entry", map=made.sys_id, source_field="u_text", target_field=name_of(name), **given)
    return str(made.sys_id)


def name_of(transform_map: str) -> str:
    return "short_description" if transform_map == "first" else "description"


@pytest.mark.documented(f"{DOCS}: GlideImportSetTransformer, GlideImportSetRun, GlideImportLog")
def test_a_script_transforms_an_import_set(bench: Bench) -> None:
    second = _staging(bench)
    answer = bench.value(
        SET + "var run = new GlideImportSetRun(id), log = new GlideImportLog(run, 'mine'); log.warn('begun');"
        "var t = new GlideImportSetTransformer(); t.setLogger(log); t.setImportSetRun(run); t.transformAllMaps(s);"
        "var h = new GlideRecord('sys_import_set_run'); h.get(run.getImportSetRunSysID());"
        "[t.isError(), t.getImportSetRun() === run, h.getValue('total'), h.getValue('state')]"
    )
    assert answer == [False, True, "2", "complete"]
    assert bench.system.table("incident").count("short_descriptionINone,two") == 2
    assert bench.system.table("incident").count("descriptionINone,two") == 2
    assert bench.system.table("sys_import_set_run").count("") == 2
    once_more = (
        f"{SET} var t = new GlideImportSetTransformer(); t.setMapID('{second}'); t.transformAllMaps(s); t.isError()"
    )
    assert bench.value(once_more) is False
    assert bench.system.table("incident").count("short_descriptionINone,two") == 2
    assert bench.system.table("incident").count("descriptionINone,two") == 4


@pytest.mark.assumed("GlideUpdateManager2 enters any record into the current set, as public scripts use it")
def test_a_record_of_any_table_is_entered_into_the_current_update_set(bench: Bench) -> None:
    group = bench.add("sys_user_group", name="Night shift")
    chosen = bench.value(
        "var s = new GlideRecord('sys_update_set'); s.initialize(); s.name = 'Mine'; s.application = 'global';"
        "s.state = 'in progress'; var id = s.insert(); new GlideUpdateSet().set(id);"
        f"var g = new GlideRecord('sys_user_group'); g.get('{group.sys_id}'); new GlideUpdateManager2().saveRecord(g);"
        "new GlideUpdateSet().get() === id && id"
    )
    (update,) = bench.system.table("sys_update_xml").query(f"update_set={chosen}")
    assert update["name"] == f"sys_user_group_{group.sys_id}"
    assert "Night shift" in update["payload"]


@pytest.mark.ours("a script include of the instance goes before the class of its name that comes with it")
def test_an_include_of_ones_own_goes_first(bench: Bench) -> None:
    bench.include(
        "NumberManager", "function NumberManager() { this.getNextObjNumberPadded = function () { return 'mine'; }; }"
    )
    assert bench.value("new NumberManager('incident').getNextObjNumberPadded()") == "mine"
