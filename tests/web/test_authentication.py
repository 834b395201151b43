"""Who may call: Basic credentials, public tables, lock-out, and what a refusal looks like."""

from __future__ import annotations

import base64
import socket
from typing import TYPE_CHECKING

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.serving.server import Server

if TYPE_CHECKING:
    from tests.web.conftest import Wire

INCIDENTS = "/api/now/table/incident?sysparm_limit=1"
B401 = {
    "error": {"message": "User is not authenticated", "detail": "Required to provide Auth information"},
    "status": "failure",
}


def basic(text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    return "Basic " + base64.b64encode(data).decode()


@pytest.fixture
def user(instance: Instance) -> str:
    """A user with a password that needs care: a colon and characters beyond ASCII."""
    record = (
        instance.system().table("sys_user").insert({"user_name": "zo\u00eb", "user_password": "p:\u00e4ss w\u00f6rd"})
    )
    return record.sys_id


@pytest.mark.parametrize(
    "header",
    [
        None,
        basic("admin:wrong"),
        basic("admin:"),
        basic(":admin"),
        basic(":"),
        basic("admin"),
        basic("nobody-here:admin"),
        basic("admin^ORuser_name=admin:admin"),
        basic("%:admin"),
        basic("ADMIN:Admin"),
        basic(b"\xff\xfe:\xff"),
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic YWRtaW46YWRtaW4",
        "Bearer",
        "Bearer x",
        "Bearer a.b.c",
        "Digest username=admin",
        "",
        "admin:admin",
        f"{basic('admin:admin')}, {basic('admin:admin')}",
    ],
)
@pytest.mark.recorded("captured 401 answers: nothing tells one cause from another")
def test_refused(wire: Wire, header: str | None) -> None:
    answer = wire.get(INCIDENTS, auth=None, headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.json()) == (401, B401)
    assert 'BASIC realm="Service-now"' in answer.headers["WWW-Authenticate"]
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer.headers["X-Is-Logged-In"] == "false"
    cookies = answer.headers["Set-Cookie"]
    assert all(name in cookies for name in ("JSESSIONID=", "glide_user=;", "glide_user_session=;"))
    assert "glide_session_store" not in cookies


@pytest.mark.parametrize(
    "header",
    [basic("admin:admin"), basic("admin:admin").replace("Basic", "bAsIc"), basic("admin:admin").replace(" ", "   ")],
)
@pytest.mark.documented("RFC 7617: the scheme's name is case-insensitive")
def test_admitted(wire: Wire, header: str) -> None:
    answer = wire.get(INCIDENTS, auth=None, headers={"Authorization": header})
    assert answer.status_code == 200
    assert answer.headers["X-Is-Logged-In"] == "true"


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.documented("RFC 7617: the first colon separates, so a password may hold more of them")
def test_a_difficult_password(wire: Wire, user: str, encoding: str) -> None:
    header = basic("zo\u00eb:p:\u00e4ss w\u00f6rd".encode(encoding))
    assert wire.get(INCIDENTS, auth=None, headers={"Authorization": header}).status_code == 200


@pytest.mark.parametrize(
    "change, status",
    [
        ({"active": "false"}, 401),
        ({"locked_out": "true"}, 401),
        ({"web_service_access_only": "true"}, 200),
        ({"password_needs_reset": "true"}, 200),
        ({"user_password": "another"}, 401),
        ({"user_name": "somebody.else"}, 401),
    ],
)
@pytest.mark.documented("ServiceNow docs: who may use Basic authentication")
def test_a_change_of_the_user_counts_at_once(
    wire: Wire, instance: Instance, user: str, change: dict[str, str], status: int
) -> None:
    headers = {"Authorization": basic("zo\u00eb:p:\u00e4ss w\u00f6rd")}
    assert wire.get(INCIDENTS, auth=None, headers=headers).status_code == 200
    instance.system().table("sys_user").update(user, change)
    assert wire.get(INCIDENTS, auth=None, headers=headers).status_code == status


@pytest.mark.documented("ServiceNow docs: glide.authenticate.only.allow.active.user.login")
def test_inactive_users_may_be_let_in(wire: Wire, instance: Instance, user: str) -> None:
    instance.set_property("glide.authenticate.only.allow.active.user.login", "false")
    instance.system().table("sys_user").update(user, {"active": "false", "locked_out": "false"})
    headers = {"Authorization": basic("zo\u00eb:p:\u00e4ss w\u00f6rd")}
    assert wire.get(INCIDENTS, auth=None, headers=headers).status_code == 200
    instance.set_property("glide.authenticate.only.allow.active.user.login", "true")
    assert wire.get(INCIDENTS, auth=None, headers=headers).status_code == 401


@pytest.mark.documented("ServiceNow docs: glide.authenticate.api.user.reset_password.mandatory")
def test_a_new_password_may_be_asked_for_first(wire: Wire, instance: Instance, user: str) -> None:
    headers = {"Authorization": basic("zo\u00eb:p:\u00e4ss w\u00f6rd"), "X-Sandtable-Explain": "true"}
    instance.system().table("sys_user").update(user, {"password_needs_reset": "true"})
    for value, status in (("false", 200), ("true", 401), ("false", 200)):
        instance.set_property("glide.authenticate.api.user.reset_password.mandatory", value)
        answer = wire.get(INCIDENTS, auth=None, headers=headers)
        assert answer.status_code == status
        assert ("must choose a new password" in answer.headers["X-Sandtable-Explain"]) == (status == 401)


@pytest.mark.documented("ServiceNow docs: five failed sign-ins lock a user where the script action is on")
def test_lock_out(wire: Wire, instance: Instance, user: str) -> None:
    good, bad = ({"Authorization": basic(f"zo\u00eb:{word}")} for word in ("p:\u00e4ss w\u00f6rd", "wrong"))

    def statuses(*headers: dict[str, str]) -> list[int]:
        return [wire.get(INCIDENTS, auth=None, headers=each).status_code for each in headers]

    assert statuses(*[bad] * 6, good)[-1] == 200
    instance.set_property("sandtable.authentication.lock_out", "true")
    assert statuses(*[bad] * 4, good)[-1] == 200
    assert statuses(*[bad] * 4, good)[-1] == 200
    assert statuses(*[bad] * 5, good)[-1] == 401
    assert instance.system().table("sys_user").get(user)["locked_out"] == "true"


@pytest.mark.documented(
    "ServiceNow docs: tables in sys_public need no authentication, their access controls still hold"
)
def test_public_tables(wire: Wire, instance: Instance) -> None:
    path = "/api/now/table/cmn_location?sysparm_limit=1"
    assert wire.get(path, auth=None).status_code == 401
    public = instance.system().table("sys_public").insert({"page": "cmn_location"})
    answer = wire.get(path, auth=None)
    assert answer.status_code in (200, 403)
    assert answer.headers["X-Is-Logged-In"] == "false"
    assert wire.get(path, auth=("admin", "wrong")).status_code == 401
    assert wire.post("/api/now/table/cmn_location", auth=None, json={"name": "x"}).status_code == 403
    assert wire.get("/api/now/table/incident", auth=None).status_code == 401
    instance.system().table("sys_public").update(public.sys_id, {"active": "false"})
    assert wire.get(path, auth=None).status_code == 401


@pytest.mark.documented(
    "ServiceNow docs: with glide.basicauth.required.api off, callers without credentials are guests"
)
def test_guests_may_be_let_in(wire: Wire, instance: Instance) -> None:
    instance.set_property("glide.basicauth.required.api", "false")
    assert wire.get(INCIDENTS, auth=None).status_code in (200, 403)
    assert wire.get(INCIDENTS, auth=("admin", "wrong")).status_code == 401


@pytest.mark.recorded("instances before Zurich word the message differently")
def test_older_wording(wire: Wire, instance: Instance) -> None:
    instance.set_property("sandtable.web.newer_401_message", "false")
    error = wire.get(INCIDENTS, auth=None).json()["error"]
    assert error == {"message": "User Not Authenticated", "detail": "Required to provide Auth information"}


@pytest.mark.recorded("two captured 401 answers carry no X-Is-Logged-In, others do")
def test_logged_in_header_is_switchable(wire: Wire, instance: Instance) -> None:
    instance.set_property("sandtable.web.logged_in_header_on_401", "false")
    assert "X-Is-Logged-In" not in wire.get(INCIDENTS, auth=None).headers


@pytest.mark.assumed("two Authorization headers are a malformed one")
def test_two_authorization_headers(server: Server, instance: Instance) -> None:
    good = basic("admin:admin").encode()
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        lines = [b"GET /api/now/table/incident HTTP/1.1", b"Host: x", b"Connection: close"]
        raw.sendall(b"\r\n".join([*lines, b"Authorization: " + good, b"Authorization: " + good, b"", b""]))
        received = b"".join(iter(lambda: raw.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 401")
