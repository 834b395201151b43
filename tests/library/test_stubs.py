"""Endpoints of one's own: scripted REST resources that a test declares in a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
import requests

from sandtable import SimulatedInstance, live_servicenow, mock_servicenow
from sandtable.cli.serving.beginning import begun_worlds, stubs_in
from sandtable.core.applications.scripted_resources import ScriptRequest, ScriptResponse
from sandtable.faults.forms import BadForm
from sandtable.library.plane_client import PlaneClient, PlaneRefusal
from sandtable.serving.server import Server
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app

pytestmark = pytest.mark.ours("a test declares an endpoint in one line, and it behaves as one of an application would")
PATH = "/api/x_acme/thing/{id}"


def asked(
    servicenow: SimulatedInstance, method: str = "GET", signed_in: str = "admin", **more: Any
) -> requests.Response:
    auth = servicenow.admin if signed_in else None
    return requests.request(method, f"{servicenow.url}/api/x_acme/thing/7", auth=auth, timeout=10, **more)


def test_it_answers_as_told_is_in_the_journal_and_counted() -> None:
    with mock_servicenow() as servicenow:
        servicenow.stub("GET", PATH, status=202, json={"a": [1]}, headers={"X-Acme": "yes"})
        answer = asked(servicenow)
        assert (answer.status_code, answer.json(), answer.headers["X-Acme"]) == (202, {"a": [1]}, "yes")
        servicenow.verify(method="GET", path="/api/x_acme/thing/7", exactly=1)
        assert servicenow.unsimulated == []
        assert asked(servicenow, "POST", json={}).status_code == 405


def test_a_function_sees_the_request_and_the_records() -> None:
    def make(request: ScriptRequest) -> dict[str, str] | ScriptResponse:
        if "title" not in request.body:
            return ScriptResponse(422, {"why": "no title"})
        made = request.session.table("incident").insert({"short_description": request.body["title"]})
        return {"id": request.path_parameters["id"], "number": made["number"]}

    with mock_servicenow() as servicenow:
        servicenow.stub("POST", PATH, make)
        answer = asked(servicenow, "POST", json={"title": "disk"}).json()
        assert answer["id"] == "7"
        assert servicenow.table("incident").first(f"number={answer['number']}")["short_description"] == "disk"
        refused = asked(servicenow, "POST", json={})
        assert (refused.status_code, refused.json()) == (422, {"result": {"why": "no title"}})


def test_it_asks_for_credentials_unless_told_otherwise() -> None:
    with mock_servicenow() as servicenow:
        servicenow.stub("GET", PATH, text="hello")
        assert asked(servicenow, signed_in="").status_code == 401
        servicenow.stub("GET", PATH, text="hello", authentication=False)
        assert asked(servicenow, signed_in="").text == "hello"


def test_the_latest_wins_and_reset_takes_all_away() -> None:
    with mock_servicenow() as servicenow:
        servicenow.stub("GET", PATH, json=1)
        servicenow.stub("GET", PATH, json=2)
        servicenow.stub("GET", "/api/x_acme/thing/7", json=3)
        assert asked(servicenow).json() == 3
        servicenow.reset()
        assert asked(servicenow).status_code == 400
        assert len(servicenow.unsimulated) == 1


@pytest.mark.parametrize(
    "given, field",
    [
        ({"method": "get", "path": PATH}, "method"),
        ({"method": "GET", "path": "/x_acme/thing"}, "path"),
        ({"method": "GET", "path": "/api/now/table/incident"}, "path"),
        ({"method": "GET", "path": "/api/x_acme/{a}/{a}"}, "path"),
        ({"method": "GET", "path": PATH, "json": 1, "text": "x"}, "text"),
        ({"method": "GET", "path": PATH, "headers": {"X": "a\r\nb"}}, "headers"),
        ({"method": "GET", "path": PATH, "statsu": 201}, "statsu"),
        ({"method": "GET", "path": PATH, "status": 999}, "status"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, Any], field: str) -> None:
    with mock_servicenow() as servicenow, pytest.raises(BadForm) as told:
        servicenow.stub(**given)
    assert told.value.field == field


def test_the_plane_declares_them_as_well() -> None:
    with live_servicenow() as servicenow, PlaneClient(servicenow.url) as plane:
        plane.stub("GET", PATH, json={"b": None})
        assert asked(servicenow).json() == {"b": None}
        assert [each["path"] for each in plane.stubs()] == [PATH]
        with pytest.raises(PlaneRefusal, match="platform's own"):
            plane.stub("GET", "/api/now/table/incident")
        plane.reset()
        assert plane.stubs() == []
        plane.stub("GET", PATH)
        plane.clear_stubs()
        assert asked(servicenow).status_code == 400


def test_a_file_declares_them_for_every_world_and_after_each_reset(tmp_path: Path) -> None:
    place = tmp_path / "stubs.toml"
    place.write_text(f'[[stub]]\nmethod = "GET"\npath = "{PATH}"\njson = {{ a = 1 }}\n')
    settings = Settings(port=0, stubs=str(place), start_image=False)
    worlds = begun_worlds(settings)
    with Server(create_app(worlds, settings)) as server, PlaneClient(server.url) as plane:
        plane.create_world("more")
        for client in (plane, PlaneClient(server.url, world="more")):
            client.clear_stubs()
            assert client.stubs() == []
            client.stub("GET", "/api/x_acme/other")
            client.reset()
            assert [(each["path"], each["json"]) for each in client.stubs()] == [(PATH, {"a": 1})]
        for world in ("", "/_worlds/more"):
            answer = requests.get(f"{server.url}{world}/api/x_acme/thing/7", auth=("admin", "admin"), timeout=60)
            assert answer.json() == {"a": 1}


@pytest.mark.parametrize(
    "text, told",
    [
        (None, "cannot be read: No such file or directory"),
        ("[[stub]", "is not TOML"),
        ("[[stubs]]\nmethod = 'GET'", "stubs is no [[stub]]"),
        ("[stub]\nmethod = 'GET'", "stub is no [[stub]]"),
        ("[[stub]]\nmethod = 'GET'\npath = '/api/x_acme/a'\nstatsu = 1", "statsu"),
        ("[[stub]]\nmethod = 'GET'\npath = '/api/now/table/incident'", "the platform's own"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(text: str | None, told: str, tmp_path: Path) -> None:
    place = tmp_path / "stubs.toml"
    if text is not None:
        place.write_text(text)
    with pytest.raises(click.ClickException) as caught:
        stubs_in(str(place))
    assert caught.value.message.startswith(f"--stubs {place}")
    assert told in caught.value.message
