"""The workshop in a browser: requests as they arrive, faults, clock and snapshots, the check-list; the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from tests.console.conftest import make_incident

if TYPE_CHECKING:
    from tests.console.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.ours("the workshop shows what arrives, and lets the instance fail")]


def call(stage: Stage, method: str = "GET", path: str = "incident", **options: object) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.request(
            method,
            f"{stage.url}/api/now/table/{path}",
            auth=("admin", "admin"),
            timeout=20,
            **options,  # type: ignore[arg-type]
        )


def test_requests_appear_with_their_reasons_changes_and_curl(stage: Stage) -> None:
    page = stage.page()
    page.goto(stage.url + "/_console/workshop/requests?path=/api/*")
    made = call(stage, "POST", json={"short_description": "by a client", "nonsense": "x"}).json()["result"]
    entry = page.locator(".request", has_text="/api/now/table/incident")
    entry.locator("summary").click()
    entry.get_by_text("incident has no column nonsense").first.wait_for()
    entry.get_by_text("curl -sS -X POST").wait_for()
    assert "YWRtaW46YWRtaW4" not in page.content()
    entry.get_by_role("link", name=f"incident {made['number']}").click()
    page.wait_for_url(f"**/incident.do?sys_id={made['sys_id']}")


def test_a_request_that_somebody_reads_stays_where_it_is_while_others_arrive(stage: Stage) -> None:
    page = stage.page()
    call(stage, path="incident")
    page.goto(stage.url + "/_console/workshop/requests?path=/api/*")
    read = page.locator(".request", has_text="table/incident")
    read.locator("summary").click()
    read.evaluate("each => { each.isTheSame = true; }")
    call(stage, path="problem")
    page.locator(".request", has_text="/api/now/table/problem").wait_for()
    assert read.evaluate("each => each.isTheSame && each.open")
    page.get_by_text("2 requests, the newest first.").wait_for()
    assert page.locator(".request").first.get_attribute("id") != read.get_attribute("id")


def test_a_page_of_requests_is_not_drawn_again_because_it_was_drawn(stage: Stage) -> None:
    page = stage.page()
    drawn: list[str] = []
    page.on("request", lambda request: drawn.append(request.url) if "/workshop/requests" in request.url else None)
    page.goto(stage.url + "/_console/workshop/requests")
    for _ in range(3):
        with page.expect_response("**/_console/live?*"):
            pass
    assert len(drawn) == 1


def test_a_fault_is_switched_on_and_off(stage: Stage) -> None:
    page = stage.page()
    page.goto(stage.url + "/_console/workshop/faults")
    page.get_by_role("button", name="Switch on unavailable").click()
    page.get_by_text("unavailable is planned").wait_for()
    assert call(stage).status_code == 503
    page.get_by_role("button", name="Switch off").click()
    page.get_by_text("The fault was taken back.").wait_for()
    assert call(stage).status_code == 200


def test_clock_snapshots_and_worlds(stage: Stage) -> None:
    page = stage.page()
    page.goto(stage.url + "/_console/workshop/state")
    page.get_by_label("Stop at").fill("2026-03-01 08:00:00")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("The clock is stopped at 2026-03-01 08:00:00.").wait_for()
    page.get_by_label("Name of the snapshot").fill("before")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved as before.").wait_for()
    make_incident(stage.instance, short_description="after the snapshot")
    page.get_by_label("How much").fill("2")
    page.get_by_role("button", name="Advance").click()
    page.get_by_text("It is 2026-03-01 10:00:00 now.").wait_for()
    page.get_by_role("button", name="Go back to before").click()
    page.get_by_text("Back at before.").wait_for()
    assert stage.instance.system().table("incident").count() == 0
    assert stage.instance.clock.text() == "2026-03-01 08:00:00"
    page.get_by_label("Name of the world").fill("second")
    page.get_by_role("button", name="Copy this world").click()
    page.get_by_role("link", name="second").click()
    page.get_by_role("link", name="Log in").wait_for()


def test_the_check_list_leads_to_what_mends_it(stage: Stage) -> None:
    privileges = stage.instance.acting_as("admin").table("sys_scope_privilege")
    for record in privileges.query("target_name=GlideRecord.insert^source_scope.scope=x_elas2_inc_int"):
        privileges.update(record.sys_id, {"status": "denied"})
    page = stage.page()
    page.goto(stage.url + "/_console/workshop/doctor")
    page.get_by_role("heading", name="1 step is missing for Elastic for ITSM").wait_for()
    page.get_by_role("link", name="Set it to Allowed").click()
    page.get_by_label("Status", exact=True).select_option(label="Allowed")
    page.click("#sysverb_update")
    page.wait_for_selector("#list")
    page.goto(stage.url + "/_console/workshop/doctor")
    page.get_by_role("heading", name="Everything holds for Elastic for ITSM").wait_for()


def test_the_dashboard_plots_and_follows(stage: Stage) -> None:
    make_incident(stage.instance, short_description="one")
    page = stage.page()
    page.goto(stage.url + "/$pa_dashboard.do")
    plot = page.get_by_label("Incidents by state", exact=True)
    plot.get_by_role("img", name="New: 1").wait_for()
    make_incident(stage.instance, short_description="two")
    plot.get_by_role("img", name="New: 2").wait_for()
    page.get_by_role("img", name="Opened: 2; Closed: 0").wait_for()
