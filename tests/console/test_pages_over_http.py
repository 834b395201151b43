"""Pages as HTTP shows them: who is let in, forged forms, deep links, scripts that somebody stored, troubles."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from tests.console.over_http import HTML, Browser

from sandtable.core.platform.instance import Instance
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

pytestmark = pytest.mark.ours("a page shows stored text as text, and changes nothing for another site's form")

ATTACK = "\"'><script>window.hit=1</script><img src=x onerror=window.hit=1>{{7*7}}javascript:window.hit=1"


# signing in ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/incident_list.do?sysparm_query=a%3Db", "/incident.do?sys_id=-1", "/$pa_dashboard.do"]
)
def test_a_stranger_is_asked_to_sign_in_and_led_back(shared: tuple[Instance, Any], path: str) -> None:
    stranger = Browser(shared[1], user="")
    asked = stranger.get(path)
    assert (asked.status_code, asked.headers["Location"].partition("?")[0]) == (302, "/login.do")
    form = stranger.get(asked.headers["Location"]).text
    goto = re.search(r'name="sysparm_goto_url" value="([^"]*)"', form)
    assert goto is not None
    given = {"user_name": "admin", "user_password": "admin", "sysparm_goto_url": goto[1].replace("&amp;", "&")}
    assert stranger.client.post("/login.do", data=given, headers=HTML).headers["Location"] == path
    assert stranger.get(path).status_code == 200


@pytest.mark.parametrize(
    "goto", ["https://evil.example/", "//evil.example", "/\\evil.example", "\thttps://evil.example"]
)
def test_signing_in_leads_nowhere_else(shared: tuple[Instance, Any], goto: str) -> None:
    given = {"user_name": "admin", "user_password": "admin", "sysparm_goto_url": goto}
    answer = Browser(shared[1], user="").client.post("/login.do", data=given, headers=HTML)
    assert answer.headers["Location"] == "/navpage.do"


def test_who_is_not_let_in(shared: tuple[Instance, Any], instance: Instance) -> None:
    users = instance.system().table("sys_user")
    users.insert({"user_name": "robot", "user_password": "robot", "web_service_access_only": "true"})
    users.insert({"user_name": "gone", "user_password": "gone", "active": "false"})
    for name, password in (("admin", "wrong"), ("robot", "robot"), ("gone", "gone"), ("nobody", "x")):
        answer = Browser(shared[1], user="").client.post(
            "/login.do", data={"user_name": name, "user_password": password}, headers=HTML
        )
        assert answer.status_code == 401
        assert "User name or password invalid" in answer.text
        assert "Set-Cookie" not in answer.headers
    forged = Browser(shared[1], user="").client.post(
        "/login.do",
        data={"user_name": "admin", "user_password": "admin"},
        headers={**HTML, "Origin": "https://evil.example"},
    )
    assert (forged.status_code, "Set-Cookie" in forged.headers) == (403, False)


def test_a_person_may_be_idle_for_half_an_hour(browser: Browser, instance: Instance) -> None:
    instance.clock.advance(29 * 60)
    assert browser.get("/incident_list.do").status_code == 200
    instance.clock.advance(31 * 60)
    assert browser.get("/incident_list.do").status_code == 302


def test_a_program_is_still_refused_as_a_program(shared: tuple[Instance, Any]) -> None:
    client = shared[1].test_client()
    answer = client.get("/incident_list.do")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (401, "application/json")
    assert client.post("/incident.do", data={"incident.short_description": "x"}).status_code == 401


def test_impersonation_begins_and_ends(browser: Browser, instance: Instance) -> None:
    user = instance.system().table("sys_user").insert({"user_name": "fred", "first_name": "Fred", "last_name": "Luddy"})
    browser.post("/impersonate.do", {"user": user.sys_id})
    assert "You are looking at this instance as Fred Luddy." in browser.get("/navpage.do").text
    assert browser.get("/sys_scope_privilege.do?sys_id=-1").status_code == 403
    browser.post("/impersonate.do", {"end": "1"})
    assert "System Administrator" in browser.get("/navpage.do").text


# forged forms --------------------------------------------------------------------------------------------------------

WRITES = (
    ("/incident.do?sys_id=-1", {"sys_action": "sysverb_insert", "incident.short_description": "forged"}),
    ("/incident_list.do", {"sys_action": "sysverb_delete_multiple", "sys_id": "x"}),
    ("/impersonate.do", {"user": "x"}),
    ("/$allappsmgmt.do", {"scope": "sn_si", "do": "remove"}),
    ("/sys_m2m_template.do", {"sysparm_table": "sys_user_has_role"}),
    ("/sys_attachment.do?sysparm_table=incident&sysparm_sys_id=x", {}),
    ("/_console/favourite", {"address": "/incident_list.do"}),
    ("/_console/scope", {"scope": "x"}),
    ("/_console/reveal?table=oauth_entity&sys_id=x&field=client_secret", {}),
    ("/_console/workshop/faults", {"clear": "1"}),
    ("/_console/workshop/state", {"do": "reset"}),
    ("/_console/workshop/requests", {}),
    ("/_console/workshop/unsimulated", {}),
)


@pytest.mark.parametrize("path, data", WRITES)
def test_a_form_without_the_token_of_the_session_changes_nothing(
    browser: Browser, path: str, data: dict[str, str]
) -> None:
    token = browser.token()
    for given, headers in (("", {}), ("0" * 72, {}), (token, {"Origin": "https://evil.example"})):
        answer = browser.post(path, data, given, **headers)
        assert answer.status_code == 403, (path, given)
        assert "does not carry the token of this session" in answer.text


def test_every_form_that_writes_carries_the_token(browser: Browser, instance: Instance) -> None:
    incident = instance.acting_as("admin").table("incident").insert({"short_description": "x"})
    pages = (
        f"/incident.do?sys_id={incident.sys_id}", "/incident.do?sys_id=-1", "/incident_list.do", "/$allappsmgmt.do",
        "/impersonate.do", "/sys_import.do", "/_console/workshop/state", "/_console/workshop/faults",
        "/_console/workshop/requests", "/sys.scripts.do",
    )  # fmt: skip
    for path in pages:
        text = browser.get(path).text
        forms = re.findall(r'<form[^>]*method="post".*?</form>', text, re.S)
        assert forms, path
        for form in forms:
            assert re.search(r'name="sysparm_ck" value="[0-9a-f]{72}"', form), (path, form[:200])


def test_a_forged_background_script_does_not_run(browser: Browser, instance: Instance) -> None:
    for token in ("", "0" * 72):
        assert "Log in to" in browser.post("/sys.scripts.do", {"script": "gs.info('forged')"}, token).text
    assert instance.system().table("syslog").query("messageLIKEforged") == []
    shown = browser.post("/sys.scripts.do", {"script": "gs.print('a < b'); nothing.at.all"})
    assert shown.status_code == 200
    assert 'id="navigator"' in shown.text
    assert "*** Script: a &lt; b" in shown.text
    assert "nothing&#34; is not defined" in shown.text


# stored scripts ------------------------------------------------------------------------------------------------------


def test_what_clients_stored_is_shown_as_text_everywhere(browser: Browser, instance: Instance) -> None:
    admin = instance.acting_as("admin")
    columns = instance.dictionary.columns("incident")
    given = {
        name: ATTACK
        for name, column in columns.items()
        if column.type in ("string", "html", "url", "journal_input", "conditions", "script")
        and not column.is_choice
        and not name.startswith("sys_")
        and name != "number"
    }
    user = instance.system().table("sys_user").insert({"user_name": ATTACK, "first_name": ATTACK, "last_name": ATTACK})
    incident = admin.table("incident").insert({**given, "caller_id": user.sys_id})
    admin.table("incident").update(incident.sys_id, {"description": ATTACK + "2"})
    admin.table("sys_choice").insert({"name": "incident", "element": "category", "value": "a", "label": ATTACK})
    article = admin.table("kb_knowledge").insert({"short_description": ATTACK, "text": ATTACK})
    admin.table("sys_app_application").insert({"title": ATTACK, "name": "x", "active": "true"})
    browser.get(f"/api/now/table/{'a' * 20}<script>window.hit=1</script>")
    browser.client.get("/api/now/table/incident?sysparm_query=" + ATTACK, headers={"User-Agent": ATTACK})
    paths = (
        f"/incident.do?sys_id={incident.sys_id}", "/incident_list.do?sysparm_fields=" + ",".join(list(given)[:20]),
        "/incident_list.do?sysparm_query=GROUPBYshort_description",
        f"/incident_list.do?sysparm_query=description={ATTACK}",
        f"/sys_user.do?sys_id={user.sys_id}", "/sys_user_list.do", f"/kb_view.do?sys_kb_id={article.sys_id}",
        "/textsearch.do?sysparm_search=script", f"/navigate.do?q={ATTACK}", "/impersonate.do?q=script",
        f"/_console/preview?table=incident&sys_id={incident.sys_id}", "/_console/workshop/requests?pages=1",
        "/_console/workshop/unsimulated", "/$pa_dashboard.do", f"/login.do?sysparm_goto_url={ATTACK}",
        f"/incident_list.do?sandtable_part=filter&sysparm_query=description={ATTACK}",
        f"/incident_list.do?sandtable_panel=columns&sysparm_query=description={ATTACK}",
        f"/{ATTACK}.do", "/navpage.do", f"/sys.scripts.do?script={ATTACK}", f"/_console/tables?q={ATTACK}",
    )  # fmt: skip
    for path in paths:
        text = browser.get(path.replace("#", "%23")).text
        for danger in ("<script>window", "<img src=x", 'href="javascript:', "49javascript"):
            assert danger not in text, (path, danger)


def test_pages_allow_no_script_or_style_but_their_own(browser: Browser) -> None:
    answer = browser.get("/incident_list.do")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "style=" not in answer.text
    assert re.search(r"<script(?![^>]*\bsrc=)", answer.text) is None
    assert re.search(r"\son\w+=", answer.text) is None


def test_a_file_opened_in_a_browser_is_in_a_world_of_its_own(browser: Browser, instance: Instance) -> None:
    incident = instance.acting_as("admin").table("incident").insert({"short_description": "x"})
    for name, kind in (("evil.html", "text/html"), ("evil.svg", "image/svg+xml")):
        file = (io.BytesIO(b"<script>window.hit=1</script>"), name, kind)
        path = f"/sys_attachment.do?sysparm_table=incident&sysparm_sys_id={incident.sys_id}"
        assert browser.post(path, {"file": file}).status_code == 303
    for record in instance.system().table("sys_attachment").query(f"table_sys_id={incident.sys_id}"):
        answer = browser.get(f"/sys_attachment.do?sys_id={record.sys_id}")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# links and troubles --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "/nav_to.do?uri=incident.do%3Fsys_id%3DID",
        "/nav_to.do?uri=incident.do?sys_id=ID",
        "/nav_to.do?uri=%2Fincident.do%3Fsys_id%3DID%26sysparm_view%3D",
        "/now/nav/ui/classic/params/target/incident.do%3Fsys_id%3DID",
        "/now/nav/ui/classic/params/target/incident.do%253Fsys_id%253DID",
        "/now/nav/ui/classic/params/target/nav_to.do%3Furi%3Dincident.do%253Fsys_id%253DID",
        "/now/sow/record/incident/ID",
        "/now/workspace/agent/record/incident/ID/params/selected-tab-index/0",
        "/sp?id=ticket&table=incident&sys_id=ID",
        "/sp?id=form&table=incident&sys_id=ID",
        "/textsearch.do?sysparm_search=NUMBER",
        "/task.do?sys_id=ID",
    ],
)
def test_links_old_and_new_lead_to_the_record(browser: Browser, instance: Instance, link: str) -> None:
    record = instance.acting_as("admin").table("incident").insert({"short_description": "linked to"})
    address = link.replace("ID", record.sys_id).replace("NUMBER", record["number"])
    for _ in range(4):
        answer = browser.get(address)
        if answer.status_code == 200:
            break
        assert answer.status_code == 302
        address = answer.headers["Location"]
    assert f'data-sys-id="{record.sys_id}"' in answer.text


@pytest.mark.parametrize("typed, target", [
    ("incident.list", "/incident_list.do"), ("incident.do", "/incident.do?sys_id=-1"),
    ("sys_cors_rule.LIST", "/sys_cors_rule_list.do"), ("sys_scope_privilege", "/sys_scope_privilege_list.do"),
    ("incident_list.do", "/incident_list.do"), ("incident.FORM", "/incident.do?sys_id=-1")])  # fmt: skip
def test_what_is_typed_into_the_navigator(browser: Browser, typed: str, target: str) -> None:
    assert browser.get(f"/navigate.do?q={typed}").headers["Location"] == target


def test_troubles_have_a_page_each(browser: Browser, instance: Instance) -> None:
    for path, status, words in (
        ("/nosuch_list.do", 404, "There is no page, table or record at this address"),
        ("/nosuch.do?sys_id=1", 404, "There is no page"),
        (f"/incident.do?sys_id={'0' * 32}", 404, "Record not found"),
        ("/now/something/else", 404, "There is no page"),
        ("/incident_list.do?PDF", 501, "Not simulated"),
    ):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html;charset=UTF-8"), path
        assert words in answer.text
        assert "<?xml" not in answer.text
    record = instance.acting_as("admin").table("incident").insert({"short_description": "to go"})
    form = {"sys_action": "sysverb_update", "sys_uniqueValue": record.sys_id, "incident.short_description": "typed"}
    instance.system().table("incident").delete(record.sys_id)
    answer = browser.post(f"/incident.do?sys_id={record.sys_id}", form)
    assert answer.status_code == 410
    assert 'value="typed"' in answer.text


def test_the_panels_of_a_list_are_drawn_when_they_are_opened(browser: Browser) -> None:
    address = "/incident_list.do?sysparm_query=active=true^ORDERBYnumber&sysparm_fields=number,state"
    page = browser.get(address).text
    assert 'name="c:field"' not in page
    assert 'name="c:columns"' not in page
    for panel, name in (("filter", "c:field"), ("columns", "c:columns")):
        link = re.search(rf'href="(/incident_list\.do[^"]*sandtable_panel={panel})"', page)
        assert link is not None
        opened = browser.get(link[1].replace("&amp;", "&")).text
        alone = browser.get(f"{address}&sandtable_part={panel}").text
        assert f'name="{name}"' in opened
        assert f'name="{name}"' in alone
        assert "<html" in opened
        assert "<html" not in alone
    assert 'name="c:field"' in browser.get(f"{address}&sysparm_filter_only=true").text


def test_every_module_of_the_navigator_opens(browser: Browser) -> None:
    links = set(re.findall(r'<li><a href="(/[^"]+)"', browser.get("/navpage.do").text))
    assert len(links) > 60
    wrong = {
        link: code for link in sorted(links) if (code := browser.get(link.replace("&amp;", "&")).status_code) != 200
    }
    assert wrong == {}


def test_pages_that_look_again_leave_no_trace(
    browser: Browser, shared: tuple[Instance, Any], instance: Instance
) -> None:
    browser.token()
    ids = instance.random.getstate()
    before = browser.client.get("/_sandtable/requests").json["total"]
    first = browser.get("/_console/live?table=incident")
    assert browser.get("/_console/live?table=incident", **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert browser.get("/_console/again/incident_list.do").status_code == 200
    assert browser.client.get("/_sandtable/requests").json["total"] == before
    assert instance.random.getstate() == ids
    instance.acting_as("admin").table("incident").insert({"short_description": "x"})
    assert browser.get("/_console/live?table=incident", **{"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_workshop_is_where_the_test_plane_is(instance: Instance) -> None:
    closed = Browser(create_app(Worlds(instance), Settings(plane=False)))
    assert closed.get("/_console/workshop/requests").status_code == 404
    assert "Workshop" not in closed.get("/navpage.do").text
    guarded = Browser(create_app(Worlds(instance), Settings(plane_token="a token for tests only")))
    assert guarded.get("/_console/workshop/requests").status_code == 401
    assert guarded.post("/_console/workshop/requests", {"plane_token": "wrong"}).status_code == 401
    assert guarded.post("/_console/workshop/requests", {"plane_token": "a token for tests only"}).status_code == 303
    assert guarded.get("/_console/workshop/requests").status_code == 200


def test_a_secret_is_shown_to_who_may_write_it_and_a_password_to_nobody(browser: Browser, instance: Instance) -> None:
    made = instance.acting_as("admin").table("oauth_entity").insert({"name": "x", "client_secret": "for tests only"})
    page = browser.get(f"/oauth_entity.do?sys_id={made.sys_id}").text
    assert "for tests only" not in page
    path = f"/_console/reveal?table=oauth_entity&sys_id={made.sys_id}&field=client_secret"
    assert browser.post(path, {}).json == {"text": "for tests only"}
    admin = instance.system().table("sys_user").first("user_name=admin")
    assert admin is not None
    path = f"/_console/reveal?table=sys_user&sys_id={admin.sys_id}&field=user_password"
    assert browser.post(path, {}).status_code == 404
