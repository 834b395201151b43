"""Packages are put into an instance: in an order that works, matched to what is there, and told whole."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from tests.packages.conftest import APP_ID, element, export, table_records, update, update_set

from sandtable import Instance, create_instance, mock_servicenow
from sandtable.library.loaded import LoadError, load_path
from sandtable.packages.contents import Package, read_archive, read_bytes, read_folder
from sandtable.packages.installing import install
from sandtable.packages.records import PackageError

pytestmark = pytest.mark.documented(
    "ServiceNow documentation, update sets and source control: what is captured and how it loads"
)

APP = {"sys_id": APP_ID, "scope": "x_acme_app", "name": "Acme", "version": "1.2.0"}


def put(instance: Instance, data: bytes) -> Package:
    package = read_bytes(data, "given.xml")
    report = install(instance, package)
    assert report.left == [], report.lines()
    return package


@pytest.mark.parametrize("cdata", [False, True])
def test_an_update_set_in_the_order_of_its_ids(instance: Instance, cdata: bool) -> None:
    child = table_records("u_child", "u_parent")
    parent = table_records("u_parent", "task")
    app = ("sys_app_1", update(element("sys_app", APP), "sys_app"))
    updates = [(name, payload, f"{index:x}") for index, (name, payload) in enumerate([*child, *parent, app])]
    package = put(instance, update_set(updates, cdata=cdata))
    assert (package.kind, package.name) == ("update set", "A set")
    assert instance.dictionary.lineage("u_child") == ("u_child", "u_parent", "task")
    column = instance.dictionary.column("u_child", "u_region")
    assert column is not None
    assert (column.type, column.max_length, column.label) == ("string", 60, "Region")
    made = instance.system().table("u_child").insert({"u_region": "North", "short_description": "inherited"})
    assert made["u_region"] == "North"


def test_the_newest_capture_of_a_record_decides(instance: Instance) -> None:
    def value(text: str, action: str = "INSERT_OR_UPDATE") -> str:
        record = {"sys_id": "b" * 32, "name": "acme.limit", "value": text}
        return update(element("sys_properties", record, action), "sys_properties")

    put(instance, update_set([("p", value("new"), "19a2"), ("p", value("old"), "19a1")]))
    assert instance.property("acme.limit") == "new"
    put(instance, update_set([("p", value("gone", "DELETE"), "19a4"), ("p", value("again"), "19a3")]))
    assert instance.property("acme.limit", "nothing") == "nothing"


def test_choices_that_replace_and_choices_that_add(instance: Instance) -> None:
    def choice(value: str) -> str:
        return element("sys_choice", {"value": value, "label": value.title(), "language": "en", "inactive": "false"})

    def values() -> list[str]:
        found = instance.system().table("sys_choice").query("name=incident^element=category^language=en^inactive=false")
        return sorted(each["value"] for each in found)

    before = values()
    added = update(
        '<sys_choice_v2 action="INSERT_OR_UPDATE" field="category" table="incident" version="4">'
        '<sys_choice action="delete_multiple" query="name=incident^element=category^value=robots^language=en"/>'
        f"{choice('robots')}</sys_choice_v2>"
    )
    put(instance, added.encode())
    assert values() == sorted([*before, "robots"])
    replaced = update(
        '<sys_choice action="INSERT_OR_UPDATE" field="category" table="incident" version="3">'
        f"{choice('only')}</sys_choice>"
    )
    put(instance, replaced.encode())
    assert values() == ["only"]


def test_references_are_found_by_what_the_file_says_of_them(instance: Instance) -> None:
    group = instance.system().table("sys_user_group").insert({"name": "Acme operators"})
    rows = export(
        element(
            "incident",
            {
                "sys_id": "c" * 32,
                "short_description": "exported",
                "assignment_group": ("d" * 32, {"display_value": "Acme operators", "name": "Acme operators"}),
                "sys_created_on": "2020-02-02 02:02:02",
                "sys_mod_count": "7",
            },
        )
    )
    put(instance, rows)
    found = instance.system().table("incident").get("c" * 32)
    assert (found["assignment_group"], found["sys_created_on"], found["sys_mod_count"]) == (
        group.sys_id,
        "2020-02-02 02:02:02",
        "7",
    )


def application(folder: Path) -> Path:
    """An application as source control keeps it: some records without sys_id, a tombstone, a data row in a link."""
    inside = folder / APP_ID
    (folder / "sn_source_control.properties").parent.mkdir(parents=True, exist_ok=True)
    (folder / "sn_source_control.properties").write_text(f"path={APP_ID}\n", encoding="utf-8")
    described = (
        '<database><element name="x_acme_app_thing" type="collection" label="Thing">'
        '<element name="size" type="integer" label="Size" mandatory="true"/>'
        '<element name="colour" type="string" label="Colour" max_length="20" choice="1">'
        '<choice><element value="r" label="Red" sequence="1"/><element value="g" label="Green"/></choice></element>'
        "</element></database>"
    )
    row = update(element("x_acme_app_thing", {"sys_id": "e" * 32, "size": "3"}), "x_acme_app_thing")
    link = {"tablename": "x_acme_app_thing", "directory": "unload", "payload": row, "sys_id": "9" * 32}
    dead = {"sys_id": "8" * 32, "sys_metadata": "f" * 32, "sys_db_object": "sys_script_include"}
    files = {
        f"sys_app_{APP_ID}.xml": update(element("sys_app", APP), "sys_app"),
        "checksum.txt": "0",
        "dictionary/x_acme_app_thing.xml": described,
        "update/sys_dictionary_x_acme_app_thing_size.xml": update(
            element(
                "sys_dictionary",
                {"name": "x_acme_app_thing", "element": "size", "sys_scope": APP_ID, "comments": "how"},
            )
        ),
        "update/sys_metadata_link_1.xml": update(element("sys_metadata_link", link), "sys_metadata_link"),
        "update/cut.xml": "<record_update><sys_script",
        "author_elective_update/sys_metadata_delete_1.xml": update(element("sys_metadata_delete", dead)),
    }
    for name, text in files.items():
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_text(text, encoding="utf-8")
    return folder


def test_an_application_folder(instance: Instance, tmp_path: Path) -> None:
    instance.system().table("sys_script_include").insert({"sys_id": "f" * 32, "name": "Dead", "script": "var Dead;"})
    package = read_folder(application(tmp_path))
    report = install(instance, package)
    assert (package.kind, package.name, package.version) == ("application", "x_acme_app", "1.2.0")
    assert [each.where for each in report.left] == ["update/cut.xml"]
    assert "cut short" in report.left[0].why
    system = instance.system()
    assert system.table("x_acme_app_thing").get("e" * 32)["size"] == "3"
    assert system.table("sys_script_include").find("f" * 32) is None
    columns = instance.dictionary.columns("x_acme_app_thing")
    assert (columns["size"].mandatory, columns["size"].comments, columns["colour"].max_length) == (True, "how", 20)
    assert [each.label for each in instance.dictionary.choices("x_acme_app_thing", "colour")] == ["Red", "Green"]
    again = install(instance, read_folder(tmp_path))
    assert (sum(again.inserted.values()), sum(again.updated.values())) == (0, 0), again.lines()


def test_a_package_whose_entries_begin_with_a_slash(instance: Instance) -> None:
    def packed(name: str) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("/scope/sys_app_1.xml", update(element("sys_app", APP), "sys_app"))
            archive.writestr(
                name, update(element("sys_properties", {"name": "acme.on", "value": "1"}), "sys_properties")
            )
        return stream.getvalue()

    assert install(instance, read_archive(packed("/update/sys_properties_1.xml"), "app.zip")).left == []
    assert instance.property("acme.on") == "1"
    with pytest.raises(PackageError, match="leads out of the archive"):
        read_archive(packed("/../update/sys_properties_1.xml"), "app.zip")


@pytest.mark.parametrize(
    "data, problem",
    [
        (b"", "is empty"),
        (b"<html><body>Login</body></html>", "its root is <html>"),
        (b"<unload><incident", "cut short"),
        (b'<!DOCTYPE u [<!ENTITY a "b">]><unload/>', "is refused"),
        (b"<unload>" + b"<a>" * 70 + b"</a>" * 70 + b"</unload>", "nested deeper"),
        (b'<unload><incident action="EXPLODE"/></unload>', "is none of"),
    ],
)
def test_what_is_no_package_is_named(data: bytes, problem: str) -> None:
    with pytest.raises(PackageError, match=problem):
        read_bytes(data, "given.xml")


def test_what_cannot_be_put_is_left_and_told_or_refuses_the_whole(instance: Instance) -> None:
    data = export(
        element("u_nowhere", {"sys_id": "1" * 32}),
        element("sys_db_object", {"name": "u_orphan", "super_class": ("2" * 32, {"name": "u_no_parent"})}),
        element("incident", {"sys_id": "3" * 32, "short_description": "good", "u_missing": "x"}),
    )
    report = install(instance, read_bytes(data, "given.xml"))
    assert report.inserted == {"incident": 1}
    assert sorted(each.why for each in report.left) == [
        "its parent u_no_parent is not here",
        "there is no table u_nowhere here",
    ]
    assert report.unknown_columns == {"incident": {"u_missing": 1}}
    assert "u_missing (1)" in "\n".join(report.lines())
    instance.system().table("incident").delete("3" * 32)
    with pytest.raises(PackageError, match="u_nowhere|u_no_parent"):
        install(instance, read_bytes(data, "given.xml"), whole=True)
    assert instance.system().table("incident").find("3" * 32) is None


@pytest.mark.ours(
    "what a file of an application has of the platform's own is made; names of one's own are not, unasked"
)
def test_what_the_platform_has_and_the_instance_lacks_is_made(instance: Instance) -> None:
    page = {"sys_id": "1" * 32, "name": "Home", "html": "<b>", "enabled": "true", "sys_update_name": "sys_ux_home_1"}
    rule = {"sys_id": "2" * 32, "name": "R", "collection": "incident", "rest_wishes": "none", "u_own": "x"}
    data = update_set(
        [
            ("page", update(element("sys_ux_home", {**page, "sys_scope": "global"}), "sys_ux_home"), "1"),
            ("rule", update(element("sys_script", rule), "sys_script"), "2"),
            ("gone", update('<fx_nothing action="delete_multiple" query="id=1"/>', "sc_cat_item"), "3"),
            ("mine", update(element("u_mine", {"sys_id": "3" * 32, "u_name": "n"}), "u_mine"), "3"),
        ]
    )
    package = read_bytes(data, "given.xml")
    report = install(instance, package)
    assert report.made == {"sys_script": ["rest_wishes"], "sys_ux_home": ["enabled", "html", "name"]}
    assert report.unknown_columns == {"sys_script": {"u_own": 1}}
    assert [each.why for each in report.left] == ["there is no table u_mine here"]
    made = instance.system().table("sys_ux_home").get("1" * 32)
    assert (made["name"], made["html"], made["enabled"]) == ("Home", "<b>", "true")
    assert instance.dictionary.extends("sys_ux_home", "sys_metadata")
    column = instance.dictionary.column("sys_ux_home", "enabled")
    assert column is not None
    assert column.type == "boolean"
    assert instance.system().table("sys_script").get("2" * 32)["rest_wishes"] == "none"
    assert install(instance, package, unknown="create").made == {"sys_script": ["u_own"], "u_mine": ["u_name"]}
    assert instance.system().table("u_mine").get("3" * 32)["u_name"] == "n"
    with mock_servicenow() as other:
        with pytest.raises(PackageError, match="has no column|there is no table"):
            install(other.instance, package, whole=True, unknown="refuse")
        assert len(install(other.instance, package, unknown="ignore").left) == 2


@pytest.mark.ours("each fault of a package is named; the rest is loaded, or nothing, as asked")
def test_faults_of_a_package(instance: Instance) -> None:
    good = update(element("sys_properties", {"name": "u.good", "value": "1"}), "sys_properties")
    data = update_set([("cut", "<record_update><sys_script", "1"), ("good", good, "2")])
    report = install(instance, read_bytes(data, "given.xml"))
    assert [("cut" in each.where, "cut short" in each.why) for each in report.left] == [(True, True)]
    assert instance.property("u.good") == "1"
    twins = export(
        element("incident", {"sys_id": "4" * 32, "short_description": "one"}),
        element("incident", {"sys_id": "4" * 32, "short_description": "two"}),
    )
    report = install(instance, read_bytes(twins, "twins.xml"))
    assert [each.why.partition(" of ")[0] for each in report.left] == [f"has the sys_id {'4' * 32}"]
    circle = [
        element("sys_db_object", {"name": name, "super_class": ("5" * 32, {"name": parent})})
        for name, parent in (("u_egg", "u_hen"), ("u_hen", "u_egg"))
    ]
    assert len(install(instance, read_bytes(export(*circle), "circle.xml")).left) == 2


# ways in --------------------------------------------------------------------------------------------------------------


@pytest.mark.ours("an application, an update set and a folder of files are loaded alike by library, plane and command")
def test_ways_in(tmp_path: Path) -> None:
    folder = application(tmp_path / "app")
    with mock_servicenow() as servicenow:
        told = servicenow.load(folder, partial=True)
        assert told["inserted"] > 3
        assert servicenow.table("x_acme_app_thing").first("size=3") is not None
        with pytest.raises(LoadError, match="update/cut.xml: is no XML"):
            servicenow.load(folder)
    start = tmp_path / "start"
    start.mkdir()
    (start / "1_incident.csv").write_text("short_description\nfrom a file\n", encoding="utf-8")
    with pytest.raises(LoadError, match="there is no table '1_incident'"):
        load_path(create_instance(), start)
    (start / "1_incident.csv").rename(start / "incident.csv")
    set_ = update_set([(name, payload, f"{n:x}") for n, (name, payload) in enumerate(table_records("u_from_a_set"))])
    (start / "later.xml").write_bytes(set_)
    instance = create_instance()
    done = load_path(instance, start)
    assert [path.name for path, _ in done] == ["incident.csv", "later.xml"]
    assert instance.dictionary.has("u_from_a_set")


def test_an_empty_archive_is_told_as_one() -> None:
    data = io.BytesIO()
    zipfile.ZipFile(data, "w").close()
    with pytest.raises(PackageError, match="holds no XML file"):
        read_bytes(data.getvalue(), "empty.zip")


@pytest.mark.ours(
    "a type that an instance with more plugins has stays the column's, as text, and is told; a slip is not"
)
def test_types_that_are_not_known_here(instance: Instance) -> None:
    def typed(kind: str) -> dict[str, str]:
        return {"name": "incident", "element": "u_seal", "internal_type": kind, "column_label": "Seal"}

    slip = export(element("sys_dictionary", typed("strng")))
    assert "is it string?" in install(instance, read_bytes(slip, "given.xml")).left[0].why
    file = update(element("sys_dictionary", typed("masked"), table="incident", element="u_seal"))
    refused = install(instance, read_bytes(file.encode(), "given.xml"), unknown="refuse")
    assert "its type masked is none" in refused.left[0].why
    report = install(instance, read_bytes(file.encode(), "given.xml"), whole=True)
    assert report.unknown_types == {"masked": ["incident.u_seal"]}
    assert "  type masked is not known here, values are kept as text: incident.u_seal" in report.lines()
    column = instance.dictionary.column("incident", "u_seal")
    assert column is not None
    assert column.type == "masked"
    assert instance.system().table("incident").insert({"u_seal": "wax"})["u_seal"] == "wax"
