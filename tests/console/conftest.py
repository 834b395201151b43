"""One headless Chromium for the tests of a module, and for each test a server with an instance of its own behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

CHROMIUM = os.environ.get("SANDTABLE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
NODE_MODULES = os.environ.get("SANDTABLE_COMPAT_NODE_MODULES", "")
ADMIN = "admin"  # user name and password of a fresh instance, for tests only
# What a page may take to show something, in milliseconds; a busy machine is slow, a fault stays.
PATIENCE = 40_000


# Of a module, not of the session: while Playwright's synchronous API is started, its event loop counts as running in
# this
# thread, and no other test of the session could use asyncio.run.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium of the system, shared by the tests of a module; without one the test is skipped, visibly."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, which finds what keeps people with a screen reader or a keyboard out."""
    path = Path(NODE_MODULES) / "axe-core" / "axe.min.js"
    if not NODE_MODULES or not path.is_file():
        pytest.skip("axe-core is not installed; make test installs it where there is an npm")
    return path.read_text("utf-8")


class Stage:
    """An instance behind a server, and pages of a browser that look at it."""

    def __init__(self, browser: Any, url: str, instance: Instance) -> None:
        self.url = url
        self.instance = instance
        self._browser = browser
        self._contexts: list[Any] = []
        self.complaints: list[str] = []

    def page(self, user: str = ADMIN, password: str = "", **options: Any) -> Any:
        """Return a page of a new browser profile, signed in as a user, or not at all for an empty name."""
        context = self._browser.new_context(
            base_url=self.url, **{"viewport": {"width": 1280, "height": 800}, **options}
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", self._heard)
        if user:
            page.goto("/login.do")
            page.fill("#user_name", user)
            page.fill("#user_password", password or user)
            page.click("#sysverb_login")
            page.wait_for_selector("#navigator", state="attached")
        return page

    def _heard(self, message: Any) -> None:
        # What a browser itself says about an answer that a test asks for on purpose is no complaint.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def text(self) -> str:
        """Return the addresses and the visible texts of all pages that are open."""
        pages = [page for context in self._contexts for page in context.pages]
        return "\n".join(f"{page.url}\n{page.evaluate('document.body.innerText')}" for page in pages)

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self._contexts.clear()


def _served(instance: Instance, **settings: Any) -> Server:
    server = Server(create_app(Worlds(instance), Settings(**settings)), "127.0.0.1", 0)
    server.start()
    return server


@pytest.fixture
def stage(browser: Any) -> Iterator[Stage]:
    """A fresh instance behind a server of the test's own: nothing that another test planned or sent is there.

    A script that fails on a page fails the test.
    """
    yield from _staged(browser, create_instance(random_seed=5, name="console-tests"))


@pytest.fixture
def empty_stage(browser: Any) -> Iterator[Stage]:
    """An instance that nobody has set up, behind a server of its own."""
    yield from _staged(browser, create_instance(random_seed=6, name="nobody-was-here", empty=True))


def _staged(browser: Any, instance: Instance) -> Iterator[Stage]:
    served = _served(instance)
    stage = Stage(browser, served.url, instance)
    yield stage
    stage.close()
    served.stop()
    assert stage.complaints == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say beside a failure what the pages showed: a time-out alone does not tell what was there instead."""
    report = yield
    if report.when == "call" and report.failed:
        for name in ("stage", "empty_stage"):
            shown = getattr(item, "funcargs", {}).get(name)
            if isinstance(shown, Stage):
                report.sections.append(("what the pages showed", shown.text()))
    return report


@pytest.fixture
def incident(stage: Stage) -> str:
    """The sys_id of an incident to look at."""
    return make_incident(stage.instance, short_description="The printer is on fire").sys_id


def make_incident(instance: Instance, **values: str) -> Any:
    caller = instance.system().table("sys_user").first(filters={"user_name": "admin"})
    assert caller is not None
    given = {"caller_id": caller.sys_id, "impact": "2", "urgency": "2", **values}
    return instance.acting_as("admin").table("incident").insert(given)
