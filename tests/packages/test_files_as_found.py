"""Exports, updates and repositories as people keep them: out of order, with references by name, and files beside."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.packages.conftest import APP_ID, element, export, update, update_set

from sandtable import Instance
from sandtable.library.loaded import load, load_path
from sandtable.packages.contents import read_bytes, read_folder
from sandtable.packages.installing import install
from sandtable.packages.records import PackageError

pytestmark = pytest.mark.documented(
    "ServiceNow documentation, source control: the files of an application; export and import of XML"
)

APP = {"sys_id": APP_ID, "scope": "x_acme_app", "name": "Acme", "version": "1.0.0"}
TABLE = (
    f'<database><element name="x_acme_app_thing" type="collection" label="Thing" db_object_id="{"7" * 32}">'
    '<element name="size" type="integer" label="Size"/><index name="i"><element name="size"/></index>'
    "</element></database>"
)


def loaded(instance: Instance, data: bytes, path: Path) -> dict[str, object]:
    path.write_bytes(data)
    return load(instance, path)


@pytest.mark.parametrize("inside", ["", APP_ID])
def test_files_beside_an_application_are_no_part_of_it(instance: Instance, tmp_path: Path, inside: str) -> None:
    files = {
        f"sys_app_{APP_ID}.xml": update(element("sys_app", APP), "sys_app"),
        "dictionary/x_acme_app_thing.xml": TABLE,
        "unload.demo/thing.xml": export(element("x_acme_app_thing", {"sys_id": "d" * 32, "size": "1"})).decode(),
        "unload/thing.xml": export(element("x_acme_app_thing", {"sys_id": "e" * 32, "size": "2"})).decode(),
        "checksum.txt": "0",
    }
    beside = {"package.json": "{}", "docs/notes.xml": "<notes/>", "ui/page.xml": "<j:jelly xmlns:j='jelly:core'/>"}
    (tmp_path / "sn_source_control.properties").write_text(f"# ours\npath={inside}\n")
    for folder, held in ((tmp_path / inside, files), (tmp_path, beside)):
        for name, text in held.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    [(_, told)] = load_path(instance, tmp_path)
    assert told["ignored_columns"] == {}
    things = instance.system().table("x_acme_app_thing")
    assert sorted(each["size"] for each in things.query("")) == ["1", "2"]
    column = instance.system().table("sys_dictionary").first("name=x_acme_app_thing^element=size")
    assert column is not None
    assert column["sys_scope"] == APP_ID, "what a file describes is the application's"
    assert instance.system().table("sys_db_object").get("7" * 32)["name"] == "x_acme_app_thing"
    package = read_folder(tmp_path)
    assert sorted(package.beside) == sorted(beside)
    assert package.left == []
    report = install(instance, package)
    assert report.shown()["beside"] == package.beside
    assert any("beside the application, not read" in line for line in report.lines())
    read_demo = read_folder(tmp_path, demo=False)
    assert [each.where for each in read_demo.left] == ["unload.demo/thing.xml"]


def test_a_folder_that_the_properties_name_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "sn_source_control.properties").write_text("path=gone")
    (tmp_path / "sys_app_1.xml").write_text(update(element("sys_app", APP), "sys_app"))
    with pytest.raises(PackageError, match="path=gone is no folder below it"):
        read_folder(tmp_path)


def test_applications_in_the_global_scope_are_told_apart(instance: Instance) -> None:
    apps = [{"sys_id": each * 32, "scope": "global", "name": f"App {each}"} for each in "12"]
    script = "var AcmeHelp = function () { return 'helped'; };"
    helper = {"name": "AcmeHelp", "script": script, "active": "true", "sys_scope": "1" * 32, "sys_package": "1" * 32}
    updates = [(each["name"], update(element("sys_app", each), "sys_app"), "1") for each in apps]
    updates.append(("include", update(element("sys_script_include", helper)), "2"))
    for _ in range(2):
        assert install(instance, read_bytes(update_set(updates), "set.xml")).left == []
        found = {each["name"]: each for each in instance.system().table("sys_app").query("scope=global")}
        assert {"App 1", "App 2"} <= set(found)
    assert instance.scope_names()["1" * 32] == "global"


@pytest.mark.ours("a file of an application that is not here makes it, as far as the file names it, and says so")
@pytest.mark.parametrize(
    "source, scope", [("x_acme_app", "x_acme_app"), (APP_ID, "global")], ids=["its own scope", "the global scope"]
)
def test_a_file_of_an_application_that_is_not_here(instance: Instance, source: str, scope: str) -> None:
    owner = (APP_ID, {"display_value": "Acme", "source": source})
    script = "var AcmeHelp = function () { return 'helped'; };"
    include = {
        "sys_id": "3" * 32,
        "name": "AcmeHelp",
        "script": script,
        "sys_scope": (APP_ID, {}),
        "sys_package": owner,
    }
    data = update_set([("include", update(element("sys_script_include", include)), "1")])
    report = install(instance, read_bytes(data, "set.xml"))
    assert (report.made, report.inserted["sys_app"]) == ({"sys_app": [scope]}, 1)
    assert instance.scope_names()[APP_ID] == scope
    again = install(instance, read_bytes(data, "set.xml"))
    assert (again.made, sum(again.inserted.values())) == ({}, 0)


def test_an_application_that_is_here_under_another_sys_id(instance: Instance) -> None:
    instance.system().table("sys_app").insert({"sys_id": "5" * 32, "scope": "x_acme_app", "name": "Acme"})
    owner = (APP_ID, {"display_value": "Acme", "source": "x_acme_app"})
    value = {"sys_id": "3" * 32, "name": "x_acme_app.on", "value": "1", "sys_scope": (APP_ID, {}), "sys_package": owner}
    report = install(instance, read_bytes(update(element("sys_properties", value)).encode(), "p.xml"))
    assert (report.left, report.made) == ([], {})
    assert instance.system().table("sys_properties").get("3" * 32)["sys_scope"] == "5" * 32


def test_a_list_that_is_loaded_again_stays(instance: Instance) -> None:
    choices = [{"sys_id": each * 32, "value": each, "label": each.upper(), "language": "en"} for each in "ab"]
    inside = "".join(element("sys_choice", each) for each in choices)
    data = update(f'<sys_choice action="INSERT_OR_UPDATE" field="category" table="incident">{inside}</sys_choice>')
    first = install(instance, read_bytes(data.encode(), "choices.xml"))
    assert (first.inserted["sys_choice"], bool(first.deleted)) == (2, True)
    again = install(instance, read_bytes(data.encode(), "choices.xml"))
    assert (sum(again.inserted.values()), sum(again.deleted.values()), again.unchanged["sys_choice"]) == (0, 0, 2)


def test_an_export_in_any_order_with_references_by_name(instance: Instance, tmp_path: Path) -> None:
    role = ("f" * 32, {"display_value": "itil", "name": "itil"})
    parent = ("e" * 32, {"display_value": "Import Set Row", "name": "sys_import_set_row"})
    data = export(
        element("sys_ui_action_role", {"sys_id": "1" * 32, "sys_ui_action": "2" * 32, "sys_user_role": role}),
        element("u_acme_in", {"sys_id": "3" * 32, "u_name": "a row"}),
        element("sys_dictionary", {"name": "u_acme_in", "element": "u_name", "internal_type": "string"}),
        element("sys_db_object", {"sys_id": "4" * 32, "name": "u_acme_in", "label": "In", "super_class": parent}),
        element("sys_ui_action", {"sys_id": "2" * 32, "name": "Go", "table": "incident"}),
        element("sys_properties", {"sys_id": "5" * 32, "name": "glide.ui.escape_text", "value": "false"}),
    )
    commented = data.replace(b"<unload", b"<!-- " + b"x" * 5000 + b" --><unload", 1)
    told = loaded(instance, b"\xef\xbb\xbf" + commented, tmp_path / "export.xml")
    assert told["ignored_columns"] == {}
    assert instance.dictionary.lineage("u_acme_in") == ("u_acme_in", "sys_import_set_row")
    system = instance.system()
    granted = system.table("sys_user_role").get(system.table("sys_ui_action_role").get("1" * 32)["sys_user_role"])
    assert granted["name"] == "itil"
    assert len(system.table("sys_properties").query("name=glide.ui.escape_text")) == 1, "known by its name"
    assert loaded(instance, data, tmp_path / "again.xml")["inserted"] == 0


def test_values_that_no_column_keeps_are_told(instance: Instance, tmp_path: Path) -> None:
    row = {"sys_id": "a" * 32, "short_description": "kept", "opened_at": "some day", "u_unknown": "x"}
    told = loaded(instance, export(element("incident", row)), tmp_path / "export.xml")
    assert told["ignored_columns"] == {"incident": ["u_unknown", "opened_at"]}
    report = install(instance, read_bytes(export(element("incident", row)), "export.xml"))
    assert report.shown()["lost_values"] == {"incident": {"opened_at": 1}}


def test_labels_come_from_their_documentation(instance: Instance) -> None:
    column = {"name": "incident", "element": "u_how", "internal_type": "string", "column_label": ""}
    words = {"name": "incident", "element": "u_how", "language": "en", "label": "How it came"}
    german = {**words, "language": "de", "label": "Wie es kam", "sys_id": "2" * 32}
    ours = {"name": "u_acme_thing", "element": "", "language": "en", "label": "Thing of ours"}
    wrapped = (
        '<sys_documentation element="u_how" label="How it came" language="en" table="incident">'
        f"{element('sys_documentation', words)}{element('sys_documentation', german)}</sys_documentation>"
    )
    updates = [
        ("a", update(wrapped), "1"),
        ("b", update(element("sys_documentation", ours)), "2"),
        ("c", update(element("sys_dictionary", column, table="incident", element="u_how")), "3"),
        ("d", update(element("sys_db_object", {"name": "u_acme_thing"})), "4"),
    ]
    for _ in range(2):
        assert install(instance, read_bytes(update_set(updates), "set.xml")).left == []
        found = instance.dictionary.column("incident", "u_how")
        assert found is not None
        assert found.label == "How it came"
        assert instance.dictionary.table("u_acme_thing").label == "Thing of ours"


def test_the_file_of_a_deletion_takes_away_what_its_query_finds(instance: Instance) -> None:
    rows = instance.system().table("sys_variable_value")
    for key in ("gone", "gone", "stays"):
        rows.insert({"document": "wf_activity", "document_key": key, "value": "x"})
    data = update('<sys_variable_value action="DELETE" query="document_key=gone"/>', "wf_workflow_version")
    assert install(instance, read_bytes(data.encode(), "wf.xml")).left == []
    assert [each["document_key"] for each in rows.query("")] == ["stays"]


def test_marks_of_a_merge_are_named() -> None:
    text = update(element("sys_number", {"category": "incident"})).replace(
        "</sys_number>", "\n<<<<<<< HEAD\n<prefix>A</prefix>\n=======\n<prefix>B</prefix>\n>>>>>>> b\n</sys_number>"
    )
    with pytest.raises(PackageError, match="marks of a merge that was not finished"):
        read_bytes(text.encode(), "number.xml")


def test_the_default_of_a_number_column(instance: Instance) -> None:
    default = "javascript:global.getNextObjNumberPadded();"
    column = {"name": "u_acme_log", "element": "u_no", "internal_type": "string", "default_value": default}
    data = export(
        element("sys_db_object", {"name": "u_acme_log", "label": "Log"}),
        element("sys_dictionary", column),
        element("sys_number", {"category": "u_acme_log", "prefix": "ACM", "number": "7", "maximum_digits": "5"}),
    )
    assert install(instance, read_bytes(data, "export.xml")).left == []
    made = [instance.system().table("u_acme_log").insert({})["u_no"] for _ in range(2)]
    assert made == ["ACM00008", "ACM00009"]
