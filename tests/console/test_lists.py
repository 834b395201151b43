"""Lists in a browser: sorting, filters and their breadcrumbs, groups, pages, columns, actions, and what hides rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.console.conftest import make_incident

if TYPE_CHECKING:
    from tests.console.conftest import Stage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.ours("a list shows, sorts, filters and changes records"),
]


def cells(page: Any, column: int) -> list[str]:
    return [text.strip() for text in page.locator(f"tbody tr td:nth-child({column})").all_inner_texts()]


@pytest.fixture
def three(stage: Stage) -> list[str]:
    texts = (("b second", "1"), ("a first", "2"), ("c third", "1"))
    return [make_incident(stage.instance, short_description=text, urgency=urgency).sys_id for text, urgency in texts]


def test_sorting_searching_and_breadcrumbs(stage: Stage, three: list[str]) -> None:
    page = stage.page()
    page.goto(stage.url + "/incident_list.do?sysparm_fields=number,short_description,urgency")
    page.get_by_role("link", name="Short description", exact=True).click()
    assert cells(page, 3) == ["a first", "b second", "c third"]
    page.get_by_role("link", name="Short description").first.click()
    assert cells(page, 3) == ["c third", "b second", "a first"]
    page.get_by_label("Search Urgency").fill("=1 - High")
    page.keyboard.press("Enter")
    page.locator(".breadcrumbs", has_text="Urgency is one of 1 - High").wait_for()
    assert cells(page, 3) == ["c third", "b second"]
    page.get_by_label("Search Short description").fill("sec")
    page.keyboard.press("Enter")
    page.locator(".breadcrumbs", has_text="Short description contains sec").wait_for()
    assert cells(page, 3) == ["b second"]
    page.get_by_role("link", name="Remove Urgency is one of 1 - High").click()
    page.locator(".range", has_text="1 to 1 of 1").wait_for()
    assert page.locator(".breadcrumbs", has_text="Urgency").count() == 0
    page.locator(".breadcrumbs").get_by_role("link", name="All").click()
    page.locator(".range", has_text="1 to 3 of 3").wait_for()


# Somebody is quick: what comes to the page later works from the moment it is there.
CHOOSE_AT_ONCE = """() => {
  const watch = new MutationObserver(() => {
    const field = document.querySelector("[name='c:field']");
    if (!field) return;
    watch.disconnect();
    field.value = "urgency";
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  watch.observe(document.body, { childList: true, subtree: true });
}"""


def test_the_condition_builder_makes_the_query_and_reads_it_back(stage: Stage, three: list[str]) -> None:
    page = stage.page()
    page.goto(stage.url + "/incident_list.do")
    page.evaluate(CHOOSE_AT_ONCE)
    page.get_by_label("Show or hide filter").click()
    page.locator(".condition select[name='c:value']").wait_for()
    page.get_by_label("Value").last.select_option(label="1 - High")
    page.get_by_role("button", name="OR", exact=True).click()
    page.get_by_label("Field").last.select_option(label="Short description")
    page.locator(".condition").nth(1).locator("select[name='c:operator'] option[value=STARTSWITH]").wait_for(
        state="attached"
    )
    page.get_by_label("Operator").last.select_option(label="starts with")
    page.get_by_label("Value").last.fill("a")
    page.click("#run-filter")
    page.locator(".breadcrumbs", has_text="Urgency is 1 - High or Short description starts with a").wait_for()
    assert "urgency%3D1%5EORshort_descriptionSTARTSWITHa" in page.url
    page.get_by_label("Show or hide filter").click()
    page.locator("[name='c:field']").nth(1).wait_for()
    assert [each.input_value() for each in page.locator("[name='c:field']").all()][:2] == [
        "urgency",
        "short_description",
    ]
    assert page.locator(".range").inner_text() == "1 to 3 of 3"


def test_groups_pages_columns_and_exports(stage: Stage, three: list[str]) -> None:
    page = stage.page()
    page.goto(stage.url + "/incident_list.do?sysparm_query=GROUPBYurgency")
    group = page.locator("details.group", has_text="1 - High")
    assert group.locator(".count").inner_text() == "2"
    group.locator("summary").first.click()
    group.get_by_text("b second").wait_for()
    page.goto(stage.url + "/incident_list.do?sysparm_userpref_rowcount=2&sysparm_query=ORDERBYnumber")
    assert page.locator(".range").inner_text() == "1 to 2 of 3"
    page.get_by_label("Next page").click()
    page.locator(".range", has_text="3 to 3 of 3").wait_for()
    page.goto(stage.url + "/incident_list.do")
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("Caller", exact=True).uncheck()
    page.get_by_label("Correlation ID", exact=True).check()
    page.get_by_label("Keep for me").check()
    page.get_by_role("button", name="Apply").click()
    page.goto(stage.url + "/incident_list.do")
    heads = page.locator("thead .sort").all_inner_texts()
    assert "Correlation ID" in heads
    assert "Caller" not in heads
    page.get_by_text("Actions on list").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    assert "c third" in download.value.path().read_text("windows-1252")


def test_ticked_rows_and_what_is_refused(stage: Stage, three: list[str]) -> None:
    page = stage.page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(stage.url + "/incident_list.do?sysparm_query=ORDERBYshort_description")
    page.locator(f"#row_{three[1]} input").check()
    page.get_by_label("Actions on selected rows").select_option(label="Delete")
    page.get_by_role("button", name="Go").click()
    page.get_by_text("1 record deleted.").wait_for()
    assert stage.instance.system().table("incident").find(three[1]) is None
    page.get_by_role("button", name="Go").click()
    page.get_by_text("No row is ticked.").wait_for()


def test_security_constraints_and_empty_lists(stage: Stage, three: list[str]) -> None:
    stage.instance.system().table("sys_user").insert({"user_name": "nobody", "user_password": "test-only"})
    page = stage.page("nobody", "test-only")
    page.goto(stage.url + "/incident_list.do")
    page.get_by_text("Number of rows removed from this list by Security constraints: 3").wait_for()
    page = stage.page()
    page.goto(stage.url + "/problem_list.do")
    page.get_by_role("link", name="Create the first one").wait_for()
    page.goto(stage.url + "/incident_list.do?sysparm_query=short_description=nothing")
    page.get_by_role("link", name="Remove the filter").click()
    page.locator(".range", has_text="1 to 3 of 3").wait_for()


def test_a_list_follows_what_a_client_writes_and_marks_it(stage: Stage, three: list[str]) -> None:
    page = stage.page()
    page.goto(stage.url + "/incident_list.do?sysparm_query=ORDERBYshort_description")
    made = make_incident(stage.instance, short_description="d by a client")
    page.locator(f"#row_{made.sys_id}.fresh").wait_for()
    stage.instance.acting_as("admin").table("incident").update(three[0], {"short_description": "b changed"})
    page.locator(f"#row_{three[0]} td.fresh", has_text="b changed").wait_for()
