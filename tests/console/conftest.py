"""Pages of the Chromium that all tests share, and for each test a server with an instance of its own behind."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.browsing import Window
from tests.console.over_http import Browser

from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

NODE_MODULES = os.environ.get("SANDTABLE_COMPAT_NODE_MODULES", "")
ADMIN = "admin"  # user name and password of a fresh instance, for tests only


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, which finds what keeps people with a screen reader or a keyboard out."""
    path = Path(NODE_MODULES) / "axe-core" / "axe.min.js"
    if not NODE_MODULES or not path.is_file():
        pytest.skip("axe-core is not installed; make test installs it where there is an npm")
    return path.read_text("utf-8")


class Stage:
    """An instance behind a server, and pages of a browser that look at it."""

    def __init__(self, window: Window, url: str, instance: Instance) -> None:
        self.url = url
        self.instance = instance
        self._window = window
        self._pages: list[Any] = []
        self.complaints: list[str] = []

    def page(self, user: str = ADMIN, password: str = "") -> Any:
        """Return an empty page of a profile of its own, signed in as a user, or not at all for an empty name.

        The form is posted as a browser posts it: two pages less for each test. `sign_in` types.
        """
        page = self._window.another() if self._pages else self._window.page
        self._pages.append(page)
        page.on("pageerror", self._failed)
        page.on("console", self._heard)
        if user:
            typed = {"user_name": user, "user_password": password or user}
            answer = requests.post(
                f"{self.url}/login.do", typed, headers={"Accept": "text/html"}, allow_redirects=False, timeout=30
            )
            assert answer.cookies, answer.text
            page.context.add_cookies(
                [{"name": each.name, "value": each.value, "url": self.url} for each in answer.cookies]
            )
        return page

    def sign_in(self, page: Any, user: str = ADMIN) -> None:
        """Open the page of the login, and type the name of a user who is called like their password."""
        page.goto(f"{self.url}/login.do")
        page.fill("#user_name", user)
        page.fill("#user_password", user)
        page.click("#sysverb_login")
        page.wait_for_selector("#navigator", state="attached")

    def _failed(self, error: Any) -> None:
        self.complaints.append(f"script: {error}")

    def _heard(self, message: Any) -> None:
        # What a browser itself says about an answer that a test asks for on purpose is no complaint.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def text(self) -> str:
        """Return the addresses and the visible texts of all pages that are open."""
        return "\n".join(f"{page.url}\n{page.evaluate('document.body.innerText')}" for page in self._pages)

    def close(self) -> None:
        for page in self._pages:
            page.remove_listener("pageerror", self._failed)
            page.remove_listener("console", self._heard)
        self._window.clear()
        self._pages.clear()


class Shown:
    """What answers at the one address that all pages look at: to a browser, another address is another process."""

    def __init__(self) -> None:
        self.app: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


@pytest.fixture(scope="session")
def shown() -> Shown:
    return Shown()


@pytest.fixture(scope="session")
def address(shown: Shown) -> Iterator[str]:
    with Server(shown) as server:
        yield server.url


@pytest.fixture
def stage(window: Window, shown: Shown, address: str) -> Iterator[Stage]:
    """A fresh instance of the test's own: nothing that another test planned or sent is there.

    A script that fails on a page fails the test.
    """
    yield from _staged(window, shown, address, create_instance(random_seed=5, name="console-tests"))


@pytest.fixture
def empty_stage(window: Window, shown: Shown, address: str) -> Iterator[Stage]:
    """An instance that nobody has set up."""
    yield from _staged(window, shown, address, create_instance(random_seed=6, name="nobody-was-here", empty=True))


def _staged(window: Window, shown: Shown, address: str, instance: Instance) -> Iterator[Stage]:
    shown.app = create_app(Worlds(instance))
    stage = Stage(window, address, instance)
    yield stage
    stage.close()
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


@pytest.fixture(scope="session")
def shared() -> tuple[Instance, Any]:
    """One instance with its application, for all pages that are asked for without a browser."""
    instance = create_instance(random_seed=9, name="pages")
    return instance, create_app(Worlds(instance), Settings())


@pytest.fixture
def instance(shared: tuple[Instance, Any]) -> Iterator[Instance]:
    snapshot = shared[0].snapshot()
    yield shared[0]
    shared[0].restore(snapshot)
    shared[0].release(snapshot)


@pytest.fixture
def browser(shared: tuple[Instance, Any], instance: Instance) -> Browser:
    return Browser(shared[1])
