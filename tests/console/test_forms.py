"""Forms in a browser: what is typed is saved, or kept; references, choices, files, activity, and two people at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.console.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.ours("a form saves what was typed, or shows why not and keeps it")]


def field(page: Any, label: str) -> Any:
    return page.get_by_label(label, exact=True).first


def stored(stage: Stage, sys_id: str) -> Any:
    return stage.instance.system().table("incident").get(sys_id)


def test_a_new_incident_with_look_up_choices_and_mandatory_fields(stage: Stage) -> None:
    page = stage.page()
    page.goto(stage.url + "/incident_list.do")
    page.click("#sysverb_new")
    page.click("#sysverb_insert")
    page.get_by_text("The following mandatory fields are not filled in: Caller, Short description").wait_for()
    field(page, "Caller").press_sequentially("System Adm")
    page.get_by_role("option", name="System Administrator").click()
    field(page, "Category").select_option(label="Network")
    offered = field(page, "Subcategory").locator("option").all_inner_texts()
    assert "VPN" in offered
    assert "Memory" not in offered
    field(page, "Subcategory").select_option(label="VPN")
    field(page, "Short description").fill("Made in a browser")
    page.click("#sysverb_insert")
    page.wait_for_url("**/incident_list.do**")
    (made,) = stage.instance.system().table("incident").query("short_description=Made in a browser")
    assert (made["subcategory"], made["sys_created_by"]) == ("vpn", "admin")
    page.get_by_text(f"Incident {made['number']} was created.").wait_for()
    page.get_by_role("link", name=made["number"]).first.click()
    page.get_by_role("button", name="Preview Caller").click()
    page.get_by_role("dialog").get_by_text("admin@example.com").wait_for()


def test_notes_activity_and_files(stage: Stage, incident: str, tmp_path: Path) -> None:
    page = stage.page()
    page.goto(f"{stage.url}/incident.do?sys_id={incident}")
    field(page, "Work notes").fill("Looked at it\nand it burns")
    page.locator(".field[data-field=work_notes] .post").click()
    page.locator(".activity .work_notes", has_text="and it burns").wait_for()
    picture = tmp_path / "dot.png"
    picture.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50"
            "0f0003860180a94d4d1f0000000049454e44ae426082"
        )
    )
    page.get_by_role("button", name="Manage attachments").click()
    page.set_input_files("#file-input", str(picture))
    page.get_by_role("button", name="Attach", exact=True).click()
    page.get_by_role("img", name="Preview of dot.png").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="dot.png", exact=True).click()
    assert download.value.path().read_bytes() == picture.read_bytes()


def test_update_returns_to_the_list_and_save_stays(stage: Stage, incident: str) -> None:
    page = stage.page()
    page.goto(stage.url + "/incident_list.do?sysparm_query=active%3Dtrue")
    page.get_by_role("link", name=stored(stage, incident)["number"]).click()
    field(page, "Short description").fill("The printer is out")
    page.click("#sysverb_update")
    page.wait_for_url("**/incident_list.do?sysparm_query=active%3Dtrue")
    page.goto(f"{stage.url}/incident.do?sys_id={incident}")
    field(page, "Urgency").select_option(label="1 - High")
    page.locator("[data-context-menu] h1").click(button="right")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was saved.").wait_for()
    assert page.url.endswith(f"/incident.do?sys_id={incident}")
    assert (stored(stage, incident)["urgency"], stored(stage, incident)["short_description"]) == (
        "1",
        "The printer is out",
    )
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#sysverb_delete")
    page.get_by_text("The record was deleted.").wait_for()


def test_two_people_save_the_same_record(stage: Stage, incident: str) -> None:
    page = stage.page()
    page.goto(f"{stage.url}/incident.do?sys_id={incident}")
    field(page, "Short description").fill("mine")
    other = stage.instance.acting_as("admin").table("incident")
    other.update(incident, {"short_description": "theirs", "category": "network"})
    page.get_by_text("This record was just changed by somebody else.").wait_for()
    page.click("#sysverb_update")
    page.get_by_text("has changed this record while you were editing it").wait_for()
    page.locator(".field[data-field=short_description]", has_text="Now saved there: theirs").wait_for()
    assert field(page, "Short description").input_value() == "mine"
    assert stored(stage, incident)["short_description"] == "theirs"
    page.click("#sysverb_update")
    page.wait_for_url("**/incident_list.do**")
    assert (stored(stage, incident)["short_description"], stored(stage, incident)["category"]) == ("mine", "network")


def test_an_ended_session_keeps_what_was_typed(stage: Stage, incident: str) -> None:
    page = stage.page()
    page.goto(f"{stage.url}/incident.do?sys_id={incident}")
    field(page, "Short description").fill("typed before the end")
    field(page, "Description").fill("two\nlines & <b>more</b>")
    page.context.clear_cookies()
    page.click("#sysverb_update")
    page.get_by_text("Your session has ended").wait_for()
    page.fill("#user_name", "admin")
    page.fill("#user_password", "admin")
    page.click("#sysverb_login")
    page.get_by_text("This is what you typed; it is not saved yet.").wait_for()
    assert field(page, "Description").input_value() == "two\nlines & <b>more</b>"
    assert stored(stage, incident)["description"] == ""
    page.click("#sysverb_update")
    page.wait_for_url("**/incident_list.do**")
    assert stored(stage, incident)["description"] == "two\nlines & <b>more</b>"


def test_a_form_follows_what_happens_and_shows_what_may_not_be_changed(stage: Stage, incident: str) -> None:
    stage.instance.system().table("sys_user").insert({"user_name": "reader", "user_password": "test-only"})
    user = stage.instance.system().table("sys_user").first("user_name=reader")
    role = stage.instance.system().table("sys_user_role").first("name=sn_incident_read")
    assert user is not None
    assert role is not None
    stage.instance.system().table("sys_user_has_role").insert({"user": user.sys_id, "role": role.sys_id})
    page = stage.page("reader", "test-only")
    page.goto(f"{stage.url}/incident.do?sys_id={incident}")
    page.get_by_text("You may read this record, and not change it.").wait_for()
    assert page.locator("#sysverb_update").count() == 0
    stage.instance.acting_as("admin").table("incident").update(incident, {"short_description": "by a client"})
    page.locator(".field.fresh[data-field=short_description]").wait_for()
    assert field(page, "Short description").input_value() == "by a client"
