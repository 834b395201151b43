"""One headless Chromium for all tests of a process, and one page that they hand on: each new page costs a second."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

# What a page may take to show something, in milliseconds; a busy machine is slow, a fault stays.
PATIENCE = 40_000
VIEWPORT = {"width": 1280, "height": 800}


class Window:
    """A browser with one page that is kept, and others in profiles of their own."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._loop = asyncio.get_running_loop()
        self._others: list[Any] = []
        self.page = self._opened()

    def _opened(self) -> Any:
        profile = self._browser.new_context(viewport=VIEWPORT)
        profile.set_default_timeout(PATIENCE)
        return profile.new_page()

    def another(self) -> Any:
        """Return a page of a new profile."""
        page = self._opened()
        self._others.append(page.context)
        return page

    def clear(self) -> None:
        """Leave nothing of a test: no place, no cookie, nothing stored, no size or colours of its own."""
        for profile in self._others:
            profile.close()
        self._others.clear()
        kept = self.page.context
        for page in kept.pages:
            if page is not self.page:
                page.close()
        if self.page.url.startswith("http"):
            origin = "/".join(self.page.url.split("/")[:3])
            storage = kept.new_cdp_session(self.page)
            storage.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
            storage.detach()
        self.page.goto("about:blank")
        kept.clear_cookies()
        kept.clear_permissions()
        self.page.set_viewport_size(VIEWPORT)
        self.page.emulate_media(color_scheme="null", reduced_motion="null", media="null")

    def lend(self) -> None:
        """Let the client's loop run in this thread."""
        asyncio._set_running_loop(self._loop)

    def put_aside(self) -> None:
        """Let others use asyncio.run: Playwright's synchronous client leaves its loop running between its calls."""
        asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program of a Chromium of the system; without one the test is skipped, visibly."""
    named = os.environ.get("SANDTABLE_CHROMIUM")
    for name in (named,) if named else ("chromium", "chromium-browser", "google-chrome", "chrome"):
        found = shutil.which(name)
        if found:
            return found
    pytest.skip("there is no Chromium on this machine: apt-get install chromium")


@pytest.fixture(scope="session")
def started_browser(chromium: str) -> Iterator[Window]:
    """The browser of the process."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        window = Window(browser)
        window.put_aside()
        yield window
        window.lend()
        browser.close()


@pytest.fixture
def window(started_browser: Window) -> Iterator[Window]:
    """The browser, with its page as it was when it was opened."""
    started_browser.lend()
    yield started_browser
    started_browser.clear()
    started_browser.put_aside()
