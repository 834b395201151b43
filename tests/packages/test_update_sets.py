"""Changes are recorded in update sets; a set goes out as a file, comes in, is previewed, committed and backed out."""

from __future__ import annotations

import pytest
import requests
from tests.packages.conftest import element, export, update, update_set

from sandtable import Instance, create_instance, mock_servicenow
from sandtable.packages.contents import read_bytes
from sandtable.packages.update_sets.committing import CannotCommit, back_out, commit, load_set, preview, retrieve
from sandtable.packages.update_sets.export import update_set_document

pytestmark = pytest.mark.documented(
    "ServiceNow documentation, system update sets: what is recorded, preview, commit, back out"
)
ADMIN = ("admin", "admin")


def changed(instance: Instance) -> str:
    """Make changes of each kind as an administrator, in a set of their own, and return the set's sys_id."""
    session = instance.acting_as("admin").without_access_control()
    owner = session.table("sys_update_set").insert({"name": "Mine"})
    session.table("sys_user_preference").insert(
        {"user": session.user_sys_id, "name": "sys_update_set", "value": owner.sys_id}
    )
    session.table("sys_db_object").insert({"name": "u_site", "label": "Site"})
    session.table("sys_dictionary").insert(
        {"name": "u_site", "element": "u_region", "internal_type": "string", "max_length": "60", "choice": "1"}
    )
    for value in ("north", "south"):
        session.table("sys_choice").insert(
            {"name": "u_site", "element": "u_region", "value": value, "label": value.title(), "language": "en"}
        )
    rule = session.table("sys_script").insert(
        {"name": "Shout", "collection": "u_site", "when": "before", "action_insert": "true", "script": "1 < 2; // ]]>"}
    )
    session.table("sys_script").update(
        rule.sys_id, {"script": "current.u_region = 'a & b';", "active": "true", "advanced": "true"}
    )
    role = session.table("sys_user_role").insert({"name": "u_keeper"})
    acl = session.table("sys_security_acl").insert({"name": "u_site", "operation": "read", "type": "record"})
    session.table("sys_security_acl_role").insert({"sys_security_acl": acl.sys_id, "sys_user_role": role.sys_id})
    session.table("sys_properties").insert({"name": "u.limit", "value": "7"})
    doomed = session.table("sys_script_include").insert({"name": "Doomed", "script": "var Doomed;"})
    session.table("sys_script_include").delete(doomed.sys_id)
    session.table("incident").insert({"short_description": "data, which is not recorded"})
    return owner.sys_id


def test_a_set_that_was_recorded_here_makes_the_same_there(instance: Instance) -> None:
    here, there = create_instance(random_seed=1), instance
    owner = changed(here)
    updates = {each["name"]: each for each in here.system().table("sys_update_xml").query(f"update_set={owner}")}
    kinds = sorted((each["type"], each["action"]) for each in updates.values())
    assert kinds == [
        ("Access Control", "INSERT_OR_UPDATE"),
        ("Access Role", "INSERT_OR_UPDATE"),
        ("Business Rule", "INSERT_OR_UPDATE"),
        ("Choice list", "INSERT_OR_UPDATE"),
        ("Dictionary", "INSERT_OR_UPDATE"),
        ("Role", "INSERT_OR_UPDATE"),
        ("Script Include", "DELETE"),
        ("System Property", "INSERT_OR_UPDATE"),
        ("Table", "INSERT_OR_UPDATE"),
    ]
    assert {"sys_dictionary_u_site_u_region", "sys_choice_u_site_u_region"} <= updates.keys()
    rule = next(each for each in updates.values() if each["type"] == "Business Rule")
    versions = here.system().table("sys_update_version").query(f"name={rule['name']}")
    assert sorted(each["state"] for each in versions) == ["current", "previous"]
    moments = [each["sys_recorded_at"] for each in updates.values()]
    assert len(set(moments)) == len(moments)

    document = update_set_document(here.system(), owner).encode()
    remote = retrieve(there, document, "mine.xml")
    with pytest.raises(CannotCommit, match="not previewed"):
        commit(there, remote)
    previewed = preview(there, remote)
    assert (previewed["state"], previewed["collisions"], previewed["deleted"]) == ("previewed", "0", "0")
    assert not there.dictionary.has("u_site")
    local, report = commit(there, previewed)
    assert report.left == []
    assert (local["state"], local["name"]) == ("complete", "Mine")
    assert there.system().table("sys_update_xml").count(f"update_set={local.sys_id}") == len(updates)
    for table, query in (
        ("sys_script", "name=Shout"),
        ("sys_user_role", "name=u_keeper"),
        ("sys_properties", "name=u.limit"),
        ("sys_security_acl", "name=u_site"),
    ):
        one, two = (each.system().table(table).first(query) for each in (here, there))
        assert one is not None
        assert two is not None
        assert one.values_copy() == two.values_copy()
    assert [each.value for each in there.dictionary.choices("u_site", "u_region")] == ["north", "south"]
    made = there.system().table("u_site").insert({"u_region": "north"})
    assert made["u_region"] == "a & b"


def test_a_set_is_backed_out_and_a_newer_change_is_a_collision(instance: Instance) -> None:
    system = instance.system()
    system.table("sys_properties").insert({"sys_id": "a" * 32, "name": "u.old", "value": "before"})
    old = update(element("sys_properties", {"sys_id": "a" * 32, "name": "u.old", "value": "after"}), "sys_properties")
    new = update(element("sys_properties", {"sys_id": "b" * 32, "name": "u.new", "value": "1"}), "sys_properties")
    data = update_set([(f"sys_properties_{'a' * 32}", old, "1"), (f"sys_properties_{'b' * 32}", new, "2")])
    local, _ = commit(instance, preview(instance, retrieve(instance, data, "set.xml")))
    assert (instance.property("u.old"), instance.property("u.new")) == ("after", "1")
    back_out(instance, local)
    assert (instance.property("u.old"), instance.property("u.new", "gone")) == ("before", "gone")
    assert system.table("sys_update_set").find(local.sys_id) is None

    admin = instance.acting_as("admin")
    admin.table("sys_properties").update("a" * 32, {"value": "mine"})
    remote = system.table("sys_remote_update_set").query()[0]
    again = preview(instance, remote)
    assert again["collisions"] == "1"
    with pytest.raises(CannotCommit, match="open preview problems"):
        commit(instance, again)
    problem = system.table("sys_update_preview_problem").query()[0]
    system.table("sys_update_preview_problem").update(problem.sys_id, {"status": "ignored"})
    commit(instance, again)
    assert instance.property("u.old") == "after"


@pytest.mark.ours("what is recorded can be switched off, and what the instance does by itself is not recorded")
def test_what_is_not_recorded(instance: Instance) -> None:
    instance.system().table("sys_properties").insert({"name": "u.by_itself", "value": "1"})
    assert instance.system().table("sys_update_xml").count() == 0
    instance.set_property("sandtable.update_sets.capture", "false")
    instance.acting_as("admin").table("sys_properties").insert({"name": "u.off", "value": "1"})
    assert instance.system().table("sys_update_xml").count() == 0


def test_changes_go_to_the_default_set_of_their_application_and_out_by_http() -> None:
    with mock_servicenow() as servicenow:
        app = servicenow.table("sys_app").insert({"name": "Acme", "scope": "x_acme"})
        url = f"{servicenow.url}/api/now/table/sys_script_include"
        body = {"name": "Helper", "script": "var Helper;", "sys_scope": app["sys_id"]}
        made = requests.post(url, json=body, auth=ADMIN).json()["result"]
        row = servicenow.table("sys_update_xml").first(f"name=sys_script_include_{made['sys_id']}")
        assert row is not None
        owner = servicenow.table("sys_update_set").get(row["update_set"])
        assert (owner["name"], owner["is_default"], owner["application"]) == ("Default", "true", app["sys_id"])
        assert row["sys_created_by"] == "admin"
        requests.delete(f"{url}/{made['sys_id']}", auth=ADMIN)
        assert servicenow.table("sys_update_xml").get(row["sys_id"])["action"] == "DELETE"
        assert servicenow.table("sys_metadata_delete").first(f"sys_metadata={made['sys_id']}") is not None
        sent = requests.get(f"{servicenow.url}/export_update_set.do?sysparm_sys_id={owner['sys_id']}", auth=ADMIN)
        package = read_bytes(sent.content, "sent.xml")
        assert [(each.table, each.action) for each in package.records] == [("sys_script_include", "DELETE")]


def test_a_set_with_its_children_is_uploaded_as_from_the_page() -> None:
    def head(sys_id: str, name: str, parent: str = "") -> str:
        return element("sys_remote_update_set", {"sys_id": sys_id, "name": name, "parent": parent, "state": "loaded"})

    def entry(number: str, owner: str) -> str:
        record = {"sys_id": number * 32, "name": f"u.of_{number}", "value": number}
        payload = update(element("sys_properties", record), "sys_properties")
        values = {"name": f"sys_properties_{number * 32}", "action": "INSERT_OR_UPDATE", "payload": payload}
        return element("sys_update_xml", {**values, "sys_id": number * 31 + "0", "remote_update_set": owner})

    parent, child = "a" * 32, "b" * 32
    data = export(head(parent, "Base"), head(child, "Child", parent), entry("1", parent), entry("2", child))
    with mock_servicenow() as servicenow:
        form = {"sysparm_target": "sys_remote_update_set", "sysparm_referring_url": "sys_remote_update_set_list.do"}
        url = f"{servicenow.url}/sys_upload.do"
        sent = requests.post(url, data=form, files={"attachFile": ("s.xml", data)}, auth=ADMIN, allow_redirects=False)
        assert (sent.status_code, sent.headers["Location"]) == (302, "/sys_remote_update_set_list.do")
        remote = servicenow.table("sys_remote_update_set")
        assert (remote.get(parent)["name"], remote.get(child)["parent"]) == ("Base", parent)
        assert servicenow.table("sys_update_xml").count(f"remote_update_set={child}") == 1
        assert servicenow.system_property("u.of_1") == ""
        broken = requests.post(url, data=form, files={"attachFile": ("s.xml", b"<unload><cut")}, auth=ADMIN)
        assert (broken.status_code, "cut short" in broken.text) == (400, True)
        rows = export(element("sys_user_group", {"sys_id": "c" * 32, "name": "Imported"}))
        requests.post(url, files={"attachFile": ("g.xml", rows)}, auth=ADMIN, allow_redirects=False)
        assert servicenow.table("sys_user_group").get("c" * 32)["name"] == "Imported"
    with mock_servicenow() as servicenow:
        instance = servicenow.instance
        assert load_set(instance, data, "batch.xml", whole=True).left == []
        assert (instance.property("u.of_1"), instance.property("u.of_2")) == ("1", "2")
        locals_ = instance.system().table("sys_update_set").query("state=complete^ORDERBYname")
        assert [(each["name"], each["remote_sys_id"]) for each in locals_] == [("Base", parent), ("Child", child)]
