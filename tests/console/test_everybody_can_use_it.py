"""axe-core finds nothing on any page, light and dark; nothing is cut off from 390 to 1920 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.console.conftest import make_incident

if TYPE_CHECKING:
    from tests.console.conftest import Stage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.ours("everybody can use the pages, on any screen"),
]

SLUSHBUCKET = (
    "/sys_m2m_template.do?sysparm_table=sys_user_has_role&sysparm_column=user&sysparm_edit=role"
    "&sysparm_parent=sys_user&sysparm_sys_id=ADMIN"
)
NAVIGATOR = "/navpage.do"
PAGES = (
    "/incident_list.do", "/incident_list.do?sandtable_panel=filter", "/sys.scripts.do",
    "/incident_list.do?sysparm_query=active=true^GROUPBYstate", "/incident.do?sys_id=ID",
    "/incident.do?sys_id=-1", "/sys_user.do?sys_id=ADMIN", "/oauth_entity.do?sys_id=-1", "/$allappsmgmt.do",
    "/$pa_dashboard.do", NAVIGATOR, "/impersonate.do", "/sys_import.do", "/textsearch.do?sysparm_search=printer",
    SLUSHBUCKET,
    "/_console/workshop/requests", "/_console/workshop/faults", "/_console/workshop/state",
    "/_console/workshop/unsimulated", "/_console/workshop/doctor", "/nosuch.do",
)  # fmt: skip
ATTACK = "\"'><script>window.hit=1</script><img src=x onerror=window.hit=1>{{7*7}}"
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]},
    "resultTypes": ["violations"],
}
# The rules that look at colours, which are all that differs between light and dark.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}


def violations(page: Any, axe: str, *, without: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds on a page, light and dark, `without` elements that are the same on another page.

    Its script is run as an evaluation, which a page's policy does not bind. It reads even what it is to leave out, so
    that is emptied first.
    """
    run = "([without, rules]) => axe.run({exclude: without.map((each) => [each])}, rules)"
    page.emulate_media(color_scheme="light")
    page.evaluate("(without) => without.forEach((each) => document.querySelector(each)?.replaceChildren())", without)
    page.evaluate(axe)
    found = page.evaluate(run, [without, RULES])["violations"]
    page.emulate_media(color_scheme="dark")
    found += page.evaluate(run, [without, COLOURS])["violations"]
    return [f"{each['id']} ({each['impact']}): {node['html'][:160]}" for each in found for node in each["nodes"]]


@pytest.fixture
def paths(stage: Stage, incident: str) -> list[str]:
    make_incident(stage.instance, short_description=f"printer {ATTACK}", description=ATTACK, comments=ATTACK)
    stage.instance.acting_as("admin").table("incident").update(incident, {"work_notes": ATTACK, "close_notes": ATTACK})
    admin = stage.instance.system().table("sys_user").first("user_name=admin")
    assert admin is not None
    return [path.replace("ID", incident, 1) if "=ID" in path else path.replace("ADMIN", admin.sys_id) for path in PAGES]


def width_of(page: Any, width: int) -> int:
    """Return how many pixels a page needs on a screen that is so many wide."""
    page.set_viewport_size({"width": width, "height": 844})
    needed: int = page.evaluate("document.documentElement.scrollWidth")
    return needed


def test_axe_finds_nothing_and_wide_screens_suffice(stage: Stage, paths: list[str], axe: str) -> None:
    page = stage.page()
    found: dict[str, Any] = {}
    for path in (*paths, "/login.do"):
        if path == "/login.do":
            page.context.clear_cookies()
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(stage.url + path)
        # The navigator of all pages is looked at on one.
        if wrong := violations(page, axe, without=() if path == NAVIGATOR else ("#navigator",)):
            found[path] = wrong
        if (needed := width_of(page, 1920)) > 1920:
            found[f"{path} 1920"] = needed
    assert found == {}


def test_no_page_is_wider_than_a_small_screen_or_runs_what_somebody_stored(stage: Stage, paths: list[str]) -> None:
    page = stage.page()
    too_wide, hit, shown = {}, [], []
    for path in paths:
        # A page looks at the screen when it is opened: one that is wide opens the navigator beside it.
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(stage.url + path)
        for width in (390, 768):
            if (needed := width_of(page, width)) > width:
                too_wide[f"{path} {width}"] = needed
        ran, text = page.evaluate("[window.hit, document.body.innerText]")
        hit += [path] * (ran is not None)
        shown += [path] * (ATTACK in text)
    assert (too_wide, hit) == ({}, [])
    assert {"/incident_list.do", paths[4]} <= set(shown)


def test_the_navigator_filter_favourites_and_history_by_keyboard(stage: Stage, incident: str) -> None:
    page = stage.page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{stage.url}/incident.do?sys_id={incident}")
    page.get_by_role("button", name="Favorite").click()
    page.locator(".star[aria-pressed=true]").wait_for()
    page.goto(stage.url + "/navpage.do")
    page.get_by_role("button", name="All").click()
    page.keyboard.type("sys_cors_rule.list")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sys_cors_rule_list.do")
    page.get_by_role("button", name="All").click()
    page.get_by_role("tab", name="All").focus()
    page.keyboard.press("ArrowRight")
    number = stage.instance.system().table("incident").get(incident)["number"]
    page.get_by_role("tabpanel", name="Favorites").get_by_role("link", name=f"Incident - {number}").wait_for()
    page.keyboard.press("ArrowRight")
    page.get_by_role("tabpanel", name="History").get_by_role("link", name=f"Incident - {number}").wait_for()
