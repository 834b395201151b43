"""The demo in a browser: the story plays, the instance beside it changes, and the presenter has a hand in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from tests.browsing import Window
from tests.console.conftest import Stage
from tests.console.test_everybody_can_use_it import violations

from sandtable.demo.live.page import PREFIX, LivePage
from sandtable.demo.live.player import Player
from sandtable.demo.stage import Stage as DemoStage
from sandtable.demo.story import FOLDER, read_story

pytestmark = [pytest.mark.browser, pytest.mark.ours("the demo plays in a browser")]


@pytest.fixture
def demo(window: Window) -> Iterator[Stage]:
    stage = DemoStage()
    player = Player(stage, read_story(FOLDER))
    stage.app = LivePage(stage, player)
    with stage:
        player.start()
        shown = Stage(window, stage.url, stage.instance)
        yield shown
        shown.close()
        player.stop()
    assert shown.complaints == []


def test_the_story_plays_and_a_presenter_joins_in(demo: Stage, request: pytest.FixtureRequest) -> None:
    page = demo.page(user="")
    page.goto(demo.url + PREFIX)
    instance = page.frame_locator("#view")
    instance.get_by_text("There are no records in Incidents yet.").wait_for()
    page.get_by_role("button", name="Next").click()
    page.get_by_text("Step 1 of").wait_for()
    instance.locator("tbody tr.fresh", has_text="Disk usage on web-01").wait_for()
    page.get_by_label("Speed").select_option("fast")
    page.get_by_role("button", name="Play").click()
    page.get_by_text("Step 3 of").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()
    page.get_by_role("button", name="Break a privilege").click()
    page.get_by_role("button", name="Mend the privilege").wait_for()
    page.get_by_role("button", name="Fire").click()
    page.locator("#mine li", has_text="GlideRecord.insert not granted").wait_for()
    page.get_by_role("button", name="Mend the privilege").click()
    page.get_by_role("button", name="Break a privilege").wait_for()
    page.get_by_role("button", name="Fire").click()
    page.locator("#mine li", has_text="created").wait_for()
    page.get_by_role("button", name="Last incident").click()
    instance.get_by_text("Update").first.wait_for()
    page.get_by_role("button", name="Recover").click()
    page.locator("#mine li", has_text="closed").wait_for()
    page.get_by_role("button", name="Start again").click()
    page.get_by_text("Step 0 of").wait_for()
    assert demo.instance.system().table("incident").count() == 0
    assert violations(page, request.getfixturevalue("axe")) == []


def test_only_the_page_itself_may_play(demo: Stage) -> None:
    with requests.Session() as session:
        session.trust_env = False
        for headers in ({}, {"X-Demo-Token": "wrong"}):
            answer = session.post(f"{demo.url}{PREFIX}/do", json={"do": "next"}, headers=headers, timeout=10)
            assert answer.status_code == 403
        assert session.get(f"{demo.url}{PREFIX}", headers={"Host": "evil.example"}, timeout=10).status_code == 403
        assert session.get(f"{demo.url}{PREFIX}/state", timeout=10).json()["done"] == 0
