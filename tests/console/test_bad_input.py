"""What goes wrong while somebody fills in a form has a page each, and nothing that was typed is lost."""

from __future__ import annotations

import html
import re

import pytest
from tests.console.conftest import make_incident
from tests.console.over_http import HTML, Browser, ShownForm

from sandtable.core.platform.instance import Instance

pytestmark = pytest.mark.ours("a page says what is wrong with what was typed, keeps it, and saves nothing unasked")


def opened(browser: Browser, path: str) -> dict[str, str]:
    """Return what a form would send as it is shown."""
    answer = browser.get(path)
    assert answer.status_code == 200
    sent = ShownForm(answer.text).sent
    assert len(sent["sysparm_ck"]) == 72
    return sent


def test_two_people_save_the_same_record(browser: Browser, instance: Instance) -> None:
    incidents = instance.acting_as("admin").table("incident")
    made = make_incident(instance, short_description="first")
    path = f"/incident.do?sys_id={made.sys_id}"
    mine = {**opened(browser, path), "incident.short_description": "mine", "sys_action": "sysverb_update"}
    incidents.update(made.sys_id, {"short_description": "theirs", "category": "network"})
    asked = browser.post(path, mine, mine["sysparm_ck"])
    assert asked.status_code == 409
    assert "admin has changed this record while you were editing it" in asked.text
    assert re.search(r"Now saved there:[^a-z]*theirs", re.sub(r"<[^>]+>", "", asked.text))
    assert incidents.get(made.sys_id)["short_description"] == "theirs"
    again = ShownForm(asked.text).sent
    assert again["incident.short_description"] == "mine"
    assert browser.post(path, {**again, "sys_action": "sysverb_update"}, again["sysparm_ck"]).status_code == 302
    saved = incidents.get(made.sys_id)
    assert (saved["short_description"], saved["category"]) == ("mine", "network")


def test_two_people_who_change_different_fields_both_save(browser: Browser, instance: Instance) -> None:
    incidents = instance.acting_as("admin").table("incident")
    made = make_incident(instance, short_description="first")
    path = f"/incident.do?sys_id={made.sys_id}"
    mine = {**opened(browser, path), "incident.short_description": "mine", "sys_action": "sysverb_update"}
    incidents.update(made.sys_id, {"description": "theirs"})
    assert browser.post(path, mine, mine["sysparm_ck"]).status_code == 302
    saved = incidents.get(made.sys_id)
    assert (saved["short_description"], saved["description"]) == ("mine", "theirs")


def test_an_ended_session_keeps_what_was_typed(browser: Browser, instance: Instance) -> None:
    made = make_incident(instance, short_description="first")
    path = f"/incident.do?sys_id={made.sys_id}"
    typed = "two\nlines & <b>more</b>"
    sent = {**opened(browser, path), "incident.description": typed, "sys_action": "sysverb_update"}
    instance.clock.advance(3 * 3600)
    asked = browser.client.post(path, data=sent, headers=HTML)
    assert "Your session has ended. Log in again: what you typed is kept." in asked.text
    kept = ShownForm(asked.text, "").sent
    assert kept["kept:incident.description"] == typed
    wrong = browser.client.post("/login.do", data={**kept, "user_name": "admin", "user_password": "no"}, headers=HTML)
    kept = ShownForm(wrong.text, "").sent
    right = browser.client.post(
        "/login.do", data={**kept, "user_name": "admin", "user_password": "admin"}, headers=HTML
    )
    resent = ShownForm(right.text, "").sent
    shown = browser.client.post(path, data=resent, headers=HTML)
    assert "This is what you typed; it is not saved yet." in shown.text
    assert instance.system().table("incident").get(made.sys_id)["description"] == ""
    last = ShownForm(shown.text).sent
    assert browser.post(path, {**last, "sys_action": "sysverb_update"}, last["sysparm_ck"]).status_code == 302
    assert instance.system().table("incident").get(made.sys_id)["description"] == typed


def test_a_rule_refuses(browser: Browser, instance: Instance) -> None:
    sent = opened(browser, "/sys_cors_rule.do?sys_id=-1")
    api = instance.system().table("sys_ws_definition").query("", limit=1)[0].sys_id
    typed = {"sys_cors_rule.name": "Kibana", "sys_cors_rule.rest_api": api, "sys_cors_rule.domain": "no domain <b>"}
    answer = browser.post(
        "/sys_cors_rule.do?sys_id=-1", {**sent, **typed, "sys_action": "sysverb_insert"}, sent["sysparm_ck"]
    )
    assert answer.status_code == 422
    assert "refuses this" in answer.text
    assert "it must begin with http:// or https://" in html.unescape(answer.text)
    assert typed.items() <= ShownForm(answer.text).sent.items()
    assert instance.system().table("sys_cors_rule").first("name=Kibana") is None


def test_values_that_no_column_keeps_are_marked(browser: Browser, instance: Instance) -> None:
    before = instance.system().table("incident").count()
    sent = opened(browser, "/incident.do?sys_id=-1")
    typed = {
        "sys_display.incident.caller_id": "Nobody Of That Name",
        "incident.short_description": "x",
        "incident.due_date": "the day after tomorrow",
    }
    answer = browser.post(
        "/incident.do?sys_id=-1", {**sent, **typed, "sys_action": "sysverb_insert"}, sent["sysparm_ck"]
    )
    assert answer.status_code == 422
    assert "Invalid reference: nothing is called that. Choose from the list." in answer.text
    assert "This is no date and time; what you typed is kept below." in answer.text
    assert typed.items() <= ShownForm(answer.text).sent.items()
    assert instance.system().table("incident").count() == before


def test_what_must_be_filled_in(browser: Browser, instance: Instance) -> None:
    sent = opened(browser, "/incident.do?sys_id=-1")
    typed = {**sent, "incident.description": "kept", "sys_action": "sysverb_insert"}
    answer = browser.post("/incident.do?sys_id=-1", typed, sent["sysparm_ck"])
    assert answer.status_code == 422
    assert "The following mandatory fields are not filled in: Caller, Short description" in answer.text
    assert ShownForm(answer.text).sent["incident.description"] == "kept"


def test_a_text_of_five_megabytes(browser: Browser, instance: Instance) -> None:
    column = {"name": "incident", "element": "u_story", "internal_type": "string", "column_label": "Story"}
    instance.system().table("sys_dictionary").insert({**column, "max_length": "6000000"})
    text = ("a <word> of it " * 20 + "\n") * 17_000
    made = make_incident(instance, short_description="long", u_story=text)
    path = f"/incident.do?sys_id={made.sys_id}"
    page = browser.get(path).text
    assert len(page) < 1_000_000
    assert "Saving this form leaves them as they are." in page
    whole = browser.get(f"/_console/text?table=incident&sys_id={made.sys_id}&field=u_story")
    assert whole.text == text
    sent = ShownForm(page).sent
    assert "incident.u_story" not in sent
    saving = {**sent, "incident.short_description": "still long", "sys_action": "sysverb_update"}
    assert browser.post(path, saving, sent["sysparm_ck"]).status_code == 302
    saved = instance.system().table("incident").get(made.sys_id)
    assert (saved["u_story"], saved["short_description"]) == (text, "still long")
    assert len(browser.get("/incident_list.do?sysparm_fields=number,u_story").text) < 1_000_000
