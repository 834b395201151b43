"""The page that somebody sees who opens the address of an instance in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.ours("the address of an instance leads somewhere, and every link on it does")


def test_every_link_leads_somewhere(wire: Wire, instance: Instance) -> None:
    links = links_on(wire, instance, "/")
    assert "/login.do" in links
    assert {link: wire.get(link).status_code for link in links} == dict.fromkeys(links, 200)


@pytest.mark.parametrize("path", ["/navpage.do", "/home.do"])
def test_a_stranger_is_shown_the_same_elsewhere(wire: Wire, instance: Instance, path: str) -> None:
    assert links_on(wire, instance, path) == links_on(wire, instance, "/")


def links_on(wire: Wire, instance: Instance, path: str) -> set[str]:
    stranger = wire.get(path, auth=None)
    assert (stranger.status_code, stranger.headers["Content-Type"]) == (200, "text/html;charset=UTF-8")
    assert instance.name in stranger.text
    return set(re.findall(r'<a[^>]* href="(/[^"]*)"', stranger.text))


def test_lists_that_are_not_there_are_not_named(wire: Wire, instance: Instance) -> None:
    from sandtable.core.applications import application

    assert "em_event" in wire.get("/").text
    application.uninstall(instance, "sn_em")
    assert "em_event" not in wire.get("/").text
