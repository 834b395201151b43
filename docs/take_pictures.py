"""Take the pictures of docs/console.md and the README from the running product; needs Chromium and Playwright.

Run from the top of the repository: python docs/take_pictures.py
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from sandtable.demo.live.page import PREFIX, LivePage
from sandtable.demo.live.player import Player
from sandtable.demo.stage import Stage
from sandtable.demo.story import FOLDER, read_story
from sandtable.demodata import load
from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds
from sandtable_connector.kibana_api import KibanaApi, KibanaServer
from sandtable_connector.pages import Pages, Workbench
from sandtable_connector.registry import Registry

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = os.environ.get("SANDTABLE_CHROMIUM") or shutil.which("chromium") or "chromium"
SIZE = {"width": 1200, "height": 700}


def picture(page: Any, name: str) -> None:
    page.wait_for_timeout(400)
    page.screenshot(path=str(PICTURES / f"{name}.png"), scale="css", animations="disabled")


def sign_in(page: Any) -> None:
    page.goto("/login.do")
    page.fill("#user_name", "admin")
    page.fill("#user_password", "admin")
    page.click("#sysverb_login")
    page.wait_for_selector("#navigator", state="attached")


def of_the_instance(browser: Any) -> None:
    instance = create_instance(random_seed=7, name="acme")
    load(instance, scale=1)
    server = Server(create_app(Worlds(instance)), "127.0.0.1", 0)
    server.start()
    page = browser.new_context(base_url=server.url, viewport=SIZE).new_page()
    sign_in(page)
    page.goto("/incident_list.do?sysparm_query=active=true^stateIN2,3,6^ORDERBYpriority")
    picture(page, "list")
    record = instance.system().table("incident").query("active=true^ORDERBYpriority", limit=1)[0]
    values = {"work_notes": "The vendor is on the phone", "urgency": "1"}
    instance.acting_as("admin").table("incident").update(record.sys_id, values)
    page.goto(f"/incident.do?sys_id={record.sys_id}")
    picture(page, "form")
    page.goto("/$pa_dashboard.do")
    picture(page, "dashboard")
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry(Path(folder) / "connectors.db")
        kept = registry.create(
            ".servicenow",
            "ServiceNow ITSM",
            {"apiUrl": server.url, "usesTableApi": False},
            {"username": "elastic.integration", "password": "elastic-integration"},
        )
        with KibanaServer(KibanaApi(registry), pages=Pages(Workbench(registry))) as kibana:
            connectors = browser.new_context(base_url=kibana.url, viewport=SIZE).new_page()
            connectors.goto(f"/app/management/insightsAndAlerting/triggersActionsConnectors/connectors/{kept.id}/test")
            connectors.get_by_label("Short description").fill("Disk usage on web-01")
            connectors.get_by_label("Correlation ID").fill("disk-usage:web-01")
            connectors.get_by_role("button", name="Run").click()
            connectors.get_by_text("Test was successful").wait_for()
            picture(connectors, "connector")
    page.goto("/_console/workshop/requests?path=/api/*")
    page.locator(".request summary", has_text="POST").first.click()
    picture(page, "workshop")
    server.stop()


def of_the_demo(browser: Any) -> None:
    stage = Stage()
    player = Player(stage, read_story(FOLDER))
    stage.app = LivePage(stage, player)
    with stage:
        player.start()
        page = browser.new_context(base_url=stage.url, viewport=SIZE).new_page()
        page.goto(PREFIX)
        for number in range(1, 6):
            page.get_by_role("button", name="Next").click()
            page.get_by_text(f"Step {number} of").wait_for()
        page.frame_locator("#view").locator("tbody tr.fresh").first.wait_for()
        picture(page, "demo")
        player.stop()


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        of_the_instance(launched)
        of_the_demo(launched)
        launched.close()
