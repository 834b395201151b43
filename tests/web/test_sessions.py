"""Cookies: a session that goes on without credentials, and the token that guards its writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from sandtable.core.applications.scripted_resources import Resource
from sandtable.core.platform.instance import Instance
from sandtable.oauth import tokens
from sandtable.web.worlds.sessions import MOST_SESSIONS, LiveSessions

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.sockets
INCIDENTS = "/api/now/table/incident"


def cookie_of(answer: requests.Response) -> dict[str, str]:
    return {"Cookie": f"JSESSIONID={answer.cookies['JSESSIONID']}"}


@pytest.fixture
def opened(wire: Wire, app: object) -> dict[str, str]:
    """The Cookie header of a session that the admin has opened."""
    return cookie_of(wire.get(INCIDENTS, params={"sysparm_limit": "1"}))


def live(app: object, wire: Wire, opened: dict[str, str]) -> str:
    """Return the user token of a session, as a page of the instance would know it."""
    worlds = app.wsgi_app.__closure__  # type: ignore[attr-defined]
    found = next(cell.cell_contents for cell in worlds if hasattr(cell.cell_contents, "find"))
    session = found.world(found.default.name).sessions.find(opened["Cookie"].partition("=")[2])
    assert session is not None
    return str(session.user_token)


@pytest.mark.documented("ServiceNow docs: a client with a cookie jar goes on without Authorization")
def test_a_session_goes_on(wire: Wire) -> None:
    session = wire.session("admin", "admin")
    first = session.get(f"{wire.base_url}{INCIDENTS}?sysparm_limit=1")
    session.auth = None
    second = session.get(f"{wire.base_url}{INCIDENTS}?sysparm_limit=1")
    assert "JSESSIONID" in first.cookies
    assert (second.status_code, second.headers["X-Is-Logged-In"]) == (200, "true")
    assert "Set-Cookie" not in second.headers


@pytest.mark.parametrize("value", ["", "x", "0" * 32, "a;b", '"', "%00"])
@pytest.mark.assumed("a cookie of no live session is no credential")
def test_an_unknown_session(wire: Wire, value: str) -> None:
    assert wire.get(INCIDENTS, auth=None, headers={"Cookie": f"JSESSIONID={value}"}).status_code == 401


@pytest.mark.recorded("captured: a write with a wrong user token is told the right one, and the session lives on")
def test_a_refused_write_does_not_end_the_session(wire: Wire) -> None:
    session = wire.session("admin", "admin")
    session.get(f"{wire.base_url}{INCIDENTS}?sysparm_limit=1")
    session.auth = None
    for headers in ({}, {"X-UserToken": "wrong"}):
        refused = session.post(f"{wire.base_url}{INCIDENTS}", json={}, headers=headers)
        assert (refused.status_code, "Set-Cookie" in refused.headers) == (401, False)
        assert ("X-UserToken-Response" in refused.headers) == bool(headers)
    told = {"X-UserToken": refused.headers["X-UserToken-Response"]}
    assert session.post(f"{wire.base_url}{INCIDENTS}", json={}, headers=told).status_code == 201


@pytest.mark.assumed("the page for logging out ends the session of the cookie")
def test_logging_out(wire: Wire) -> None:
    session = wire.session("admin", "admin")
    session.get(f"{wire.base_url}{INCIDENTS}?sysparm_limit=1")
    session.auth = None
    assert session.get(f"{wire.base_url}{INCIDENTS}?sysparm_limit=1").status_code == 200
    left = session.get(f"{wire.base_url}/logout.do", allow_redirects=False)
    assert (left.status_code, left.headers["Location"]) == (302, "/login.do")
    assert session.get(f"{wire.base_url}{INCIDENTS}?sysparm_limit=1").status_code == 401


@pytest.mark.assumed("the page that health checks look for is HTML and needs no credentials")
def test_the_statistics_page(wire: Wire, instance: Instance) -> None:
    def live_sessions() -> int:
        answer = wire.get("/stats.do", auth=None)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html;charset=UTF-8")
        assert instance.name in answer.text
        return int(answer.text.partition("sessions: ")[2].partition("<")[0])

    opened = cookie_of(wire.get(f"{INCIDENTS}?sysparm_limit=1"))
    before = live_sessions()
    wire.get("/logout.do", auth=None, headers=opened)
    assert live_sessions() == before - 1


@pytest.mark.ours("credentials count before cookies, and open a session of their own")
def test_another_user_with_the_cookies_of_the_first(wire: Wire) -> None:
    who = "/api/now/table/sys_user?sysparm_query=sys_id=javascript:gs.getUserID()&sysparm_fields=user_name"
    session = wire.session()
    for user in ("admin", "itil"):
        for auth in ((user, user), None):
            answer = session.get(f"{wire.base_url}{who}", auth=auth)
            assert answer.json() == {"result": [{"user_name": user}]}


@pytest.mark.documented("ServiceNow docs: an integration session ends after idle time")
def test_idle_sessions_end(wire: Wire, instance: Instance, opened: dict[str, str]) -> None:
    instance.clock.advance(59)
    assert wire.get(INCIDENTS, auth=None, headers=opened).status_code == 200
    instance.clock.advance(59)
    assert wire.get(INCIDENTS, auth=None, headers=opened).status_code == 200
    instance.clock.advance(62)
    assert wire.get(INCIDENTS, auth=None, headers=opened).status_code == 401


@pytest.mark.parametrize("change", [{"active": "false"}, {"locked_out": "true"}])
@pytest.mark.documented("ServiceNow docs: locking a user ends the live sessions")
def test_a_locked_user_has_no_session(
    wire: Wire, instance: Instance, opened: dict[str, str], change: dict[str, str]
) -> None:
    users = instance.system().table("sys_user")
    admin = users.first("user_name=admin")
    assert admin is not None
    users.update(admin.sys_id, change)
    assert wire.get(INCIDENTS, auth=None, headers=opened).status_code == 401


@pytest.mark.assumed("a write that only a cookie vouches for needs the user token")
def test_writes_need_the_user_token(wire: Wire, app: object, opened: dict[str, str]) -> None:
    token = live(app, wire, opened)
    refused = wire.post(INCIDENTS, auth=None, headers=opened, json={})
    assert refused.status_code == 401
    assert "X-UserToken-Response" not in refused.headers
    wrong = wire.post(INCIDENTS, auth=None, headers={**opened, "X-UserToken": "nonsense \u00e4"}, json={})
    assert (wrong.status_code, wrong.headers["X-UserToken-Response"]) == (401, token)
    assert wire.post(INCIDENTS, auth=None, headers={**opened, "X-UserToken": token}, json={}).status_code == 201
    assert wire.post(f"{INCIDENTS}?sysparm_ck={token}", auth=None, headers=opened, json={}).status_code == 201
    assert wire.post(INCIDENTS, headers=opened, json={}).status_code == 201


@pytest.mark.assumed("every method that may write needs the user token, and no other does")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_which_methods_need_the_user_token(wire: Wire, instance: Instance, opened: dict[str, str], method: str) -> None:
    made = instance.system().table("incident").insert({"short_description": "before"})
    path = INCIDENTS if method == "POST" else f"{INCIDENTS}/{made.sys_id}"
    answer = wire.request(method, path, auth=None, headers=opened, json={"short_description": "after"})
    assert answer.status_code == (200 if method == "GET" else 401)
    assert [record["short_description"] for record in instance.system().table("incident").query()] == ["before"]


@pytest.mark.ours("a session that a token opened lives no longer than the token")
def test_the_session_of_a_token_ends_with_it(wire: Wire, instance: Instance) -> None:
    system = instance.system()
    client = system.table("oauth_entity").insert({"name": "Client", "client_id": "c", "active": "true"})
    user = system.table("sys_user").first("user_name=admin")
    assert user is not None
    token = tokens.issue(instance, client, user, scope="useraccount", grant_type="password")
    bearer = {"Authorization": f"Bearer {token['token']}"}
    cookie = cookie_of(wire.get(INCIDENTS, params={"sysparm_limit": "1"}, auth=None, headers=bearer))
    assert wire.get(INCIDENTS, auth=None, headers=cookie).status_code == 200
    tokens.revoke(instance, token)
    assert wire.get(INCIDENTS, auth=None, headers=cookie).status_code == 401


@pytest.mark.documented("ServiceNow docs: the token of another live session leads to security_interceptor.do")
def test_a_token_of_another_session(wire: Wire, app: object, instance: Instance, opened: dict[str, str]) -> None:
    other = live(app, wire, cookie_of(wire.get(INCIDENTS, params={"sysparm_limit": "1"})))
    headers = {**opened, "X-UserToken": other}
    instance.set_property("glide.security.csrf.strict.validation.mode", "false")
    answer = wire.post(INCIDENTS, auth=None, headers=headers, json={})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/security_interceptor.do")
    instance.set_property("glide.security.csrf.strict.validation.mode", "true")
    assert wire.post(INCIDENTS, auth=None, headers=headers, json={}).status_code == 401


PUBLIC = "/api/x_test/svc/ping"


@pytest.mark.documented("ServiceNow documentation, Brazil release notes: cross-site requests to public REST resources")
@pytest.mark.parametrize(
    "enabled, allowed, status",
    [("false", "", 200), ("true", "", 401), ("true", PUBLIC, 200), ("true", "/api/x_test/svc/other", 401)],
)
def test_public_resources_and_cookies(
    wire: Wire,
    instance: Instance,
    opened: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    enabled: str,
    allowed: str,
    status: int,
) -> None:
    resources = (Resource("POST", PUBLIC, lambda asked: {"pong": True}, requires_authentication=False),)
    monkeypatch.setattr("sandtable.core.applications.application.resources", lambda instance: resources)
    instance.set_property("glide.security.csrf.rest.public_csrf.enabled", enabled)
    if allowed:
        instance.system().table("sys_rest_csrf_allow_list").insert({"resource_path": allowed})
    assert wire.post(PUBLIC, auth=None, headers=opened, json={}).status_code == status
    assert wire.post(INCIDENTS, auth=None, headers=opened, json={}).status_code == 401


@pytest.mark.ours("sessions that nobody ends do not fill the memory")
def test_sessions_are_bounded(instance: Instance) -> None:
    sessions = LiveSessions(instance)
    first = sessions.open("u")
    for _ in range(MOST_SESSIONS):
        last = sessions.open("u")
    assert sessions.find(first.session_id) is None
    assert sessions.find(last.session_id) is last
    sessions.end(last.session_id)
    assert sessions.find(last.session_id) is None
    sessions.end_all()


@pytest.mark.ours("of too many sessions those go first that nobody has used for the longest time")
def test_a_session_in_use_outlives_idle_ones(instance: Instance) -> None:
    sessions = LiveSessions(instance)
    used, idle = sessions.open("u"), sessions.open("u")
    for _ in range(MOST_SESSIONS - 2):
        sessions.open("u")
    assert sessions.find(used.session_id) is used
    sessions.open("u")
    assert sessions.find(used.session_id) is used
    assert sessions.find(idle.session_id) is None


@pytest.mark.ours("a clock that a test has set back keeps no session alive for ever")
def test_a_session_from_the_future_has_ended(instance: Instance) -> None:
    sessions = LiveSessions(instance)
    session = sessions.open("u")
    instance.clock.advance(-3600)
    assert sessions.find(session.session_id) is None
