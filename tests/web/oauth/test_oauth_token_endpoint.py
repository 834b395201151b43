"""The token endpoint: its form, its clients, the password, refresh and client credentials grants, and revocation."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode, urlsplit

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.oauth.endpoints import server
from sandtable.oauth.grants import password

if TYPE_CHECKING:
    import requests
    from tests.web.conftest import Wire

PATH = "/oauth_token.do"
PROFILES = pytest.mark.parametrize("error_profile", ["servicenow", "rfc"], indirect=True)
REQUEST, CLIENT, GRANT = (400, "invalid_request"), (401, "invalid_client"), (400, "invalid_grant")
UNAUTHORIZED, SCOPE = (400, "unauthorized_client"), (400, "invalid_scope")
GOOD = (200, "")
ENABLED = "glide.oauth.inbound.client.credential.grant_type.enabled"
USER_PASSWORD = "p\u00e4ss:w\u00f6rd"


class PlainSide:
    """A client with a secret, which asks for a user of its own."""

    def __init__(self, wire: Wire, instance: Instance, user: str) -> None:
        self.wire, self.instance, self.user = wire, instance, user
        self.entity = (
            instance.system()
            .table("oauth_entity")
            .insert({"name": "Plain", "client_id": "plain-id", "client_secret": "s\u00e4crt+&=%/"})
        )

    def form(self, **changes: str) -> dict[str, str]:
        form = {
            "grant_type": "password",
            "client_id": "plain-id",
            "client_secret": "s\u00e4crt+&=%/",
            "username": "jwt.user",
            "password": USER_PASSWORD,
            **changes,
        }
        return {name: value for name, value in form.items() if value != "-"}

    def ask(self, form: Any = None, **options: Any) -> requests.Response:
        return self.wire.post(PATH, auth=None, data=self.form() if form is None else form, **options)

    def refresh(self, token: str, **changes: str) -> requests.Response:
        return self.ask(
            self.form(grant_type="refresh_token", refresh_token=token, username="-", password="-", **changes)
        )

    def credentials(self, **changes: str) -> requests.Response:
        return self.ask(self.form(grant_type="client_credentials", username="-", password="-", **changes))

    def change(self, **values: str) -> None:
        self.instance.system().table("oauth_entity").update(self.entity.sys_id, values)

    def change_user(self, **values: str) -> None:
        self.instance.system().table("sys_user").update(self.user, values)

    def bearer(self, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        status: int = self.wire.get("/api/now/table/sys_user?sysparm_limit=1", auth=None, headers=headers).status_code
        return status

    def last_reason(self) -> str:
        rows = self.instance.system().table("syslog").query("source=OAuth")
        return rows[-1]["message"] if rows else ""


@pytest.fixture
def plain(wire: Wire, instance: Instance, oauth_user: str) -> PlainSide:
    instance.clock.freeze()
    return PlainSide(wire, instance, oauth_user)


@dataclass(frozen=True)
class Case:
    """One row: its number, what is done, what an RFC server answers, and words of the reason in the log."""

    number: str
    ask: Callable[[PlainSide], requests.Response]
    expected: tuple[int, str]
    reason: str


def sent(**changes: str) -> Callable[[PlainSide], requests.Response]:
    return lambda side: side.ask(side.form(**changes))


def with_user(**values: str) -> Callable[[PlainSide], requests.Response]:
    def ask(side: PlainSide) -> requests.Response:
        side.change_user(**values)
        return side.ask()

    return ask


def with_client(**values: str) -> Callable[[PlainSide], requests.Response]:
    def ask(side: PlainSide) -> requests.Response:
        side.change(**values)
        return side.ask()

    return ask


def with_property(name: str, value: str, ask: Callable[[PlainSide], requests.Response] | None = None) -> Any:
    def asked(side: PlainSide) -> requests.Response:
        side.instance.set_property(name, value)
        return side.ask() if ask is None else ask(side)

    return asked


def refresh_of_another(side: PlainSide) -> requests.Response:
    side.instance.system().table("oauth_entity").insert(
        {"name": "Other", "client_id": "other-id", "client_secret": "other"}
    )
    token = side.ask().json()["refresh_token"]
    return side.refresh(token, client_id="other-id", client_secret="other")


def expired_refresh(side: PlainSide) -> requests.Response:
    token = side.ask().json()["refresh_token"]
    side.instance.clock.advance(8_640_000)
    return side.refresh(token)


def refresh_of_the_gone(side: PlainSide) -> requests.Response:
    token = side.ask().json()["refresh_token"]
    side.change_user(active="false")
    return side.refresh(token)


def access_as_refresh(side: PlainSide) -> requests.Response:
    return side.refresh(side.ask().json()["access_token"])


def raw(body: bytes, content_type: str | None = "application/x-www-form-urlencoded") -> Any:
    headers = {} if content_type is None else {"Content-Type": content_type}
    return lambda side: side.wire.post(PATH, auth=None, data=body, headers=headers)


def encoded(side: PlainSide) -> bytes:
    return urlencode(side.form()).encode()


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def basic_only(pair: str) -> Callable[[PlainSide], requests.Response]:
    return lambda side: side.ask(side.form(client_id="-", client_secret="-"), headers=basic(pair))


SAFE_PAIR = "plain-id:" + quote_plus("s\u00e4crt+&=%/")

CASES = [
    Case("T1", sent(client_id="nobody"), CLIENT, "there is no client 'nobody'"),
    Case("T1 other case", sent(client_id="PLAIN-ID"), CLIENT, "there is no client"),
    Case("T1 query text", sent(client_id="plain-id^ORactive=true"), CLIENT, "there is no client"),
    Case("T1 empty", sent(client_id=""), CLIENT, "no client_id was sent"),
    Case("T2", sent(client_secret="wrong"), CLIENT, "client_secret of client"),
    Case("T2 non-ASCII", sent(client_secret="\u65e5\u672c"), CLIENT, "client_secret of client"),
    Case("T2 Basic", basic_only("plain-id:wrong"), CLIENT, "client_secret of client"),
    Case(
        "T2 Basic, unreadable", lambda side: side.ask(headers={"Authorization": "Basic !!!"}), CLIENT, "cannot be read"
    ),
    Case("T2 Basic, no colon", basic_only("plain-id"), CLIENT, "holds no client_id:client_secret"),
    Case("T3", sent(client_secret="-"), CLIENT, "no client_secret was sent"),
    Case("T4", with_client(active="false"), CLIENT, "is inactive"),
    Case("T4 outbound", with_client(type="oauth_provider"), CLIENT, "there is no client"),
    Case("T5", sent(grant_type="-"), REQUEST, "parameter grant_type is missing"),
    Case("T5 empty", sent(grant_type=""), REQUEST, "parameter grant_type is missing"),
    Case("T6", sent(grant_type="device_code"), (400, "unsupported_grant_type"), "'device_code' is not known"),
    Case("T6 other case", sent(grant_type="Password"), (400, "unsupported_grant_type"), "'Password' is not known"),
    Case("T7", with_client(inbound_grant_type="authz_code"), UNAUTHORIZED, "its inbound_grant_type is authz_code"),
    Case("T7 none", with_client(inbound_grant_type="not_applicable"), UNAUTHORIZED, "is not_applicable"),
    Case(
        "T7 password off",
        with_property("glide.oauth.inbound.ropc.grant_type.disabled", "true"),
        UNAUTHORIZED,
        "the password grant is off",
    ),
    Case(
        "OAuth off", with_property("com.snc.platform.security.oauth.is.active", "false"), UNAUTHORIZED, "OAuth is off"
    ),
    Case("T8 password", sent(password="wrong"), GRANT, "the password of user 'jwt.user' is wrong"),
    Case("T8 user", sent(username="nobody"), GRANT, "there is no user 'nobody'"),
    Case("T8 query text", sent(username="jwt.user^ORuser_name=admin"), GRANT, "there is no user"),
    Case("T8 no password", sent(password="-"), REQUEST, "parameter password is missing"),
    Case("T8 no user name", sent(username="-"), REQUEST, "parameter username is missing"),
    Case("T9 locked", with_user(locked_out="true"), GRANT, "is locked out"),
    Case("T9 inactive", with_user(active="false"), GRANT, "is inactive"),
    Case("T9 reset", with_user(password_needs_reset="true"), GRANT, "must change the password first"),
    Case("T9 web services", with_user(web_service_access_only="true"), GRANT, "may only use web services"),
    Case("T10 unknown", lambda side: side.refresh("unknown"), GRANT, "the refresh token is unknown"),
    Case("T10 another client's", refresh_of_another, GRANT, "was issued to another client"),
    Case("T10 expired", expired_refresh, GRANT, "the refresh token ended at"),
    Case("T10 user gone", refresh_of_the_gone, GRANT, "is inactive"),
    Case("T10 access token", access_as_refresh, GRANT, "the refresh token is unknown"),
    Case("T10 missing", lambda side: side.refresh(""), REQUEST, "parameter refresh_token is missing"),
    Case("T11", lambda side: side.credentials(), UNAUTHORIZED, f"create property {ENABLED}"),
    Case(
        "T11 false", with_property(ENABLED, "false", lambda side: side.credentials()), UNAUTHORIZED, "create property"
    ),
    Case("T13", sent(scope="more"), SCOPE, "may not have the scope 'more'"),
    Case("T13 malformed", sent(scope="a  b"), SCOPE, "scope is malformed"),
    Case("T13 header injection", sent(scope="useraccount\r\nX-Evil: 1"), SCOPE, "scope is malformed"),
    Case(
        "T14",
        lambda side: side.wire.post(
            PATH, auth=None, params=side.form(), headers={"Content-Type": "application/x-www-form-urlencoded"}
        ),
        REQUEST,
        "parameter grant_type is missing or empty; send it in the form body",
    ),
    Case("T15", lambda side: side.wire.post(PATH, auth=None, json=side.form()), REQUEST, "'application/json'"),
    Case("T15 no type", lambda side: raw(encoded(side), None)(side), REQUEST, "the content type is ''"),
    Case("T15 text", lambda side: raw(encoded(side), "text/plain")(side), REQUEST, "'text/plain'"),
    Case("T15 files", lambda side: side.wire.post(PATH, auth=None, files={"grant_type": "x"}), REQUEST, "multipart"),
    Case(
        "T15 character set",
        lambda side: raw(encoded(side), "application/x-www-form-urlencoded; charset=utf-16")(side),
        REQUEST,
        "the character set is 'utf-16'",
    ),
    Case(
        "T16", lambda side: raw(encoded(side) + b"&client_id=plain-id")(side), REQUEST, "'client_id' is there more than"
    ),
    Case(
        "T16 empty twin", lambda side: raw(encoded(side) + b"&scope=&scope=a")(side), REQUEST, "'scope' is there more"
    ),
    Case("T16 unknown twin", lambda side: raw(encoded(side) + b"&x=1&x=2")(side), REQUEST, "'x' is there more"),
    Case("not UTF-8", lambda side: raw(encoded(side) + b"&x=\xff")(side), REQUEST, "is not UTF-8"),
    Case("not UTF-8, encoded", lambda side: raw(encoded(side) + b"&x=%FF%FE")(side), REQUEST, "is not UTF-8"),
    Case("zero character", lambda side: raw(encoded(side) + b"&x=%00")(side), REQUEST, "zero character"),
    Case("many", lambda side: raw(encoded(side) + b"&a=1" * 200)(side), REQUEST, "more than 100 parameters"),
    Case("empty", raw(b""), REQUEST, "parameter grant_type is missing"),
    Case("separators", raw(b"&&&=&"), REQUEST, "parameter grant_type is missing"),
    Case(
        "both ways of authentication",
        lambda side: side.ask(headers=basic("plain-id:x")),
        REQUEST,
        "in the Basic header and in the body",
    ),
    Case(
        "two clients",
        lambda side: side.ask(side.form(client_id="other", client_secret="-"), headers=basic("plain-id:x")),
        REQUEST,
        "client_id in the body is another",
    ),
    Case(
        "Basic not taken",
        with_property("sandtable.oauth.basic_client_authentication", "false", basic_only(SAFE_PAIR)),
        CLIENT,
        "no client_id was sent",
    ),
    Case(
        "T18", lambda side: side.ask(side.form(padding="x" * 70_000)), (413, "invalid_request"), "more than 65536 bytes"
    ),
    Case("public client, password", with_client(public_client="true"), GOOD, ""),
    Case(
        "public client without its secret",
        lambda side: (side.change(public_client="true"), side.ask(side.form(client_secret="-")))[1],
        UNAUTHORIZED,
        "is for clients with a secret",
    ),
]


@PROFILES
@pytest.mark.parametrize("case", CASES, ids=[case.number for case in CASES])
@pytest.mark.recorded("wrong clients, secrets, users and refresh tokens all have one answer; the codes are RFC 6749's")
def test_a_request_is_checked(plain: PlainSide, outcome: Callable[..., None], error_profile: str, case: Case) -> None:
    answer = case.ask(plain)
    outcome(answer, error_profile, *case.expected)
    if case.expected != GOOD:
        assert plain.last_reason().startswith(f"Exception on token flow - {case.expected[1]}: ")
        assert case.reason in plain.last_reason()


@PROFILES
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.documented("RFC 6749, 3.2: a client must use POST")
def test_other_methods(plain: PlainSide, outcome: Callable[..., None], error_profile: str, method: str) -> None:
    answer = plain.wire.request(method, PATH, auth=None, data=plain.form())
    outcome(answer, error_profile, 405, "invalid_request")
    assert answer.headers.get("Allow") == (None if error_profile == "servicenow" else "POST")


@PROFILES
@pytest.mark.ours("a method override cannot make a token request of another method")
def test_overridden_method(plain: PlainSide, outcome: Callable[..., None], error_profile: str) -> None:
    outcome(plain.ask(headers={"X-HTTP-Method-Override": "GET"}), error_profile, 405, "invalid_request")


@pytest.mark.recorded("a described answer on one instance, the opaque one on another")
def test_client_credentials_without_a_user(plain: PlainSide) -> None:  # T12
    plain.instance.set_property(ENABLED, "true")
    described = (
        "Received client_credentials grant_type request however integration user is not configured"
        f" for OAuth:{plain.entity.sys_id}"
    )
    answer = plain.credentials()
    assert (answer.status_code, answer.json()) == (
        401,
        {"error_description": described, "error": "unauthorized_client"},
    )
    assert list(answer.json()) == ["error_description", "error"]
    plain.instance.set_property("sandtable.oauth.client_credentials_no_user", "opaque")
    assert plain.credentials().json() == {"error_description": "access_denied", "error": "server_error"}
    plain.instance.set_property("sandtable.oauth.error_profile", "rfc")
    assert (plain.credentials().status_code, plain.credentials().json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize("profile", ["servicenow", "rfc"])
@pytest.mark.ours("a bug of the simulator is answered, logged, named as ours, and leaves nothing written")
def test_a_bug_is_answered(plain: PlainSide, monkeypatch: pytest.MonkeyPatch, profile: str) -> None:  # T19
    plain.instance.set_property("sandtable.oauth.error_profile", profile)

    def fail(asked: Any) -> Any:
        password.issue(asked)
        raise KeyError("planted")

    broken = password.Grant("password", ("username", "password"), fail)
    monkeypatch.setattr(server, "_BY_TYPE", {"password": broken})
    answer = plain.ask()
    assert answer.headers["X-Sandtable-Error"] == "internal"
    assert answer.json()["error"] == "server_error"
    assert answer.status_code == (401 if profile == "servicenow" else 500)
    assert "planted" not in answer.text
    assert plain.last_reason().startswith("Exception on token flow - server_error: KeyError")
    assert plain.instance.system().table("oauth_credential").count() == 0


@pytest.mark.documented("RFC 6749, 5.2: a client that used Basic is told so")
def test_basic_challenge(plain: PlainSide) -> None:
    assert "WWW-Authenticate" not in basic_only("plain-id:wrong")(plain).headers
    plain.instance.set_property("sandtable.oauth.error_profile", "rfc")
    assert basic_only("plain-id:wrong")(plain).headers["WWW-Authenticate"] == 'Basic realm="Service-now"'
    assert "WWW-Authenticate" not in plain.ask(plain.form(client_secret="wrong")).headers
    assert basic_only(SAFE_PAIR)(plain).status_code == 200


@pytest.mark.parametrize(
    ("encoding", "plainly", "encoded"), [("either", 200, 200), ("form", 401, 200), ("plain", 200, 401)]
)
@pytest.mark.assumed(
    "RFC 6749, 2.3.1 form-encodes ID and secret, simple-oauth2 does, Authlib and requests-oauthlib do not"
)
def test_how_a_basic_header_is_read(plain: PlainSide, encoding: str, plainly: int, encoded: int) -> None:
    plain.instance.set_property("sandtable.oauth.basic_client_encoding", encoding)
    assert basic_only("plain-id:s\u00e4crt+&=%/")(plain).status_code == plainly
    assert basic_only(SAFE_PAIR)(plain).status_code == encoded
    plain.change(client_secret="%FF")  # no text, read as a form
    assert basic_only("plain-id:%FF")(plain).status_code == plainly


# success -------------------------------------------------------------------------------------------------------------


@pytest.mark.recorded("the body of a password grant, and a default token's 1799 seconds")
def test_password_grant(plain: PlainSide) -> None:
    plain.instance.clock.unfreeze()
    answer = plain.ask(headers={"Accept": "application/json"})
    document = answer.json()
    assert answer.status_code == 200
    assert list(document) == ["access_token", "refresh_token", "scope", "token_type", "expires_in"]
    assert (document["scope"], document["token_type"]) == ("useraccount", "Bearer")
    assert document["expires_in"] == 1799
    assert all(len(document[name]) == 86 for name in ("access_token", "refresh_token"))
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    assert "Set-Cookie" not in answer.headers
    assert plain.bearer(document["access_token"]) == 200


@pytest.mark.assumed("user names are compared as the platform compares texts: letter case does not count")
def test_case_of_the_user_name(plain: PlainSide) -> None:
    assert plain.ask(plain.form(username="JWT.User")).status_code == 200
    assert plain.ask(plain.form(password=USER_PASSWORD.upper())).status_code == 401


@pytest.mark.documented("within the life of a token, asking again returns it with fewer seconds")
def test_the_token_in_force_is_returned(plain: PlainSide) -> None:
    first = plain.ask().json()
    plain.instance.clock.advance(100)
    second = plain.ask().json()
    assert second["access_token"] == first["access_token"]
    assert second["refresh_token"] == first["refresh_token"]
    assert second["expires_in"] == first["expires_in"] - 100
    plain.instance.clock.advance(1800)
    third = plain.ask().json()
    assert third["access_token"] != first["access_token"]
    assert plain.bearer(first["access_token"]) == 401
    assert plain.bearer(third["access_token"]) == 200
    plain.instance.set_property("sandtable.oauth.reuse_tokens", "")
    assert plain.ask().json()["access_token"] != third["access_token"]


@pytest.mark.documented("the refresh grant: a new access token, and the refresh token stays")
def test_refresh_grant(plain: PlainSide) -> None:
    first = plain.ask().json()
    plain.instance.clock.advance(1801)
    assert plain.bearer(first["access_token"]) == 401
    second = plain.refresh(first["refresh_token"]).json()
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] == first["refresh_token"]
    assert plain.bearer(second["access_token"]) == 200
    assert plain.refresh(first["refresh_token"]).json()["access_token"] == second["access_token"]
    plain.instance.set_property("sandtable.oauth.repeat_refresh_token", "false")
    assert "refresh_token" not in plain.refresh(first["refresh_token"]).json()


@pytest.mark.documented("RFC 9700, 4.14: a refresh token that was replaced ends all of its line when it comes back")
def test_rotated_refresh_tokens(plain: PlainSide) -> None:
    plain.instance.set_property("sandtable.oauth.rotate_refresh_tokens", "true")
    first = plain.ask().json()
    second = plain.refresh(first["refresh_token"]).json()
    third = plain.refresh(second["refresh_token"]).json()
    assert len({each["refresh_token"] for each in (first, second, third)}) == 3
    assert plain.bearer(third["access_token"]) == 200
    assert plain.refresh(first["refresh_token"]).status_code == 401
    assert "was replaced by a newer one" in plain.last_reason()
    assert plain.bearer(third["access_token"]) == 401
    assert plain.refresh(third["refresh_token"]).status_code == 401


@pytest.mark.documented("a refreshed token may have less scope than the first, never more")
def test_scope_of_a_refresh(plain: PlainSide) -> None:
    system = plain.instance.system()
    for name in ("a", "b"):
        system.table("oauth_entity_scope").insert({"name": name, "oauth_entity": plain.entity.sys_id})
    first = plain.ask(plain.form(scope="a")).json()
    assert first["scope"] == "a"
    assert plain.refresh(first["refresh_token"], scope="a").json()["scope"] == "a"
    assert plain.refresh(first["refresh_token"], scope="b").status_code == 401
    assert "invalid_scope" in plain.last_reason()


@pytest.mark.recorded("the body of a client credentials grant, also for an administrator")
def test_client_credentials(plain: PlainSide) -> None:
    plain.instance.set_property(ENABLED, "true")
    admin = plain.instance.system().table("sys_user").first("user_name=admin")
    plain.change(user=admin.sys_id)
    document = plain.credentials().json()
    assert list(document) == ["access_token", "scope", "token_type", "expires_in"]
    assert plain.bearer(document["access_token"]) == 200
    assert plain.credentials().json()["access_token"] != document["access_token"]
    plain.instance.system().table("sys_user").delete(admin.sys_id)
    assert "integration user is not configured" in plain.credentials().json()["error_description"]


@pytest.mark.documented("each client has its own lifetimes")
def test_lifetimes(plain: PlainSide) -> None:
    plain.change(access_token_lifespan="60", refresh_token_lifespan="120")
    document = plain.ask().json()
    assert document["expires_in"] in (59, 60)
    plain.instance.clock.advance(59)
    assert plain.bearer(document["access_token"]) == 200
    plain.instance.clock.advance(1)
    assert plain.bearer(document["access_token"]) == 401
    assert plain.refresh(document["refresh_token"]).status_code == 200
    plain.instance.clock.advance(61)
    assert plain.refresh(document["refresh_token"]).status_code == 401


@pytest.mark.ours("a token ends with its client, its user, and OAuth itself; a refresh token opens nothing")
def test_what_ends_a_token(plain: PlainSide) -> None:
    document = plain.ask().json()
    token = document["access_token"]
    assert plain.bearer(document["refresh_token"]) == 401
    assert "it is a refresh token" in plain.last_reason()
    for end, begin in (
        (lambda: plain.change(active="false"), lambda: plain.change(active="true")),
        (lambda: plain.change_user(locked_out="true"), lambda: plain.change_user(locked_out="false")),
        (lambda: plain.change_user(active="false"), lambda: plain.change_user(active="true")),
        (
            lambda: plain.instance.set_property("com.snc.platform.security.oauth.is.active", "false"),
            lambda: plain.instance.set_property("com.snc.platform.security.oauth.is.active", "true"),
        ),
    ):
        assert plain.bearer(token) == 200
        end()
        assert plain.bearer(token) == 401
        begin()
    plain.instance.system().table("oauth_entity").delete(plain.entity.sys_id)
    assert plain.bearer(token) == 401


@pytest.mark.documented("RFC 6749, 5.1: expires_in is the lifetime in seconds, and nothing beyond it")
def test_the_last_second_of_a_token(plain: PlainSide) -> None:
    plain.instance.clock.freeze(datetime(2024, 5, 1, 10, tzinfo=UTC))
    document = plain.ask().json()
    plain.instance.clock.advance(document["expires_in"] - 1)
    assert plain.bearer(document["access_token"]) == 200
    plain.instance.clock.advance(1)
    assert plain.bearer(document["access_token"]) == 401


@pytest.mark.documented("parameters in the query string are read when the property says so")
def test_query_string_parameters(plain: PlainSide) -> None:
    plain.instance.set_property("glide.oauth.allow.parameters.in.post.body.only", "false")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert plain.wire.post(PATH, auth=None, params=plain.form(), headers=headers).status_code == 200
    assert plain.wire.post(PATH, auth=None, params=plain.form(), data={"scope": "useraccount"}).status_code == 200
    assert plain.wire.post(PATH, auth=None, params=plain.form(), data=plain.form()).status_code == 401
    assert "more than once" in plain.last_reason()


@pytest.mark.documented("the session cookies of an API call play no part at the token endpoint")
def test_cookies_are_not_looked_at(plain: PlainSide) -> None:
    with plain.wire.session("admin", "admin") as session:
        assert session.get(f"{plain.wire.base_url}/api/now/table/incident?sysparm_limit=1").status_code == 200
        session.auth = None
        assert session.post(f"{plain.wire.base_url}{PATH}", data=plain.form()).status_code == 200
        assert session.post(f"{plain.wire.base_url}{PATH}", data={"grant_type": "password"}).status_code == 401


@pytest.mark.documented("tokens are records, which an administrator sees without the token itself")
def test_tokens_are_records(plain: PlainSide) -> None:
    document = plain.ask().json()
    answer = plain.wire.get("/api/now/table/oauth_credential?sysparm_query=ORDERBYtype")
    rows = answer.json()["result"]
    assert [row["type"] for row in rows] == ["access_token", "refresh_token"]
    assert all(row["peer"]["value"] == plain.entity.sys_id and row["user"]["value"] == plain.user for row in rows)
    assert document["access_token"] not in answer.text
    assert document["refresh_token"] not in answer.text
    headers = {"Authorization": f"Bearer {document['access_token']}"}
    assert plain.wire.get("/api/now/table/oauth_credential", auth=None, headers=headers).status_code == 403


@pytest.mark.ours("a header in the middle of a value stays a value")
def test_header_injection(plain: PlainSide) -> None:
    for name in ("grant_type", "client_id", "username", "scope", "password"):
        answer = plain.ask(
            plain.form(**{name: "x\r\nX-Evil: 1\r\n\r\n<script>"}), headers={"X-Sandtable-Explain": "true"}
        )
        assert answer.status_code == 401
        assert "X-Evil" not in answer.headers
        assert "\n" not in answer.headers["X-Sandtable-Explain"]
        assert "\r" not in plain.last_reason()


@pytest.mark.ours("a body with a false length or broken chunks is refused, and the server goes on")
def test_broken_bodies(plain: PlainSide) -> None:
    if not plain.wire.base_url.startswith("http://127.0.0.1"):
        assert plain.ask(b"", headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code == 401
        return
    parts = urlsplit(plain.wire.base_url)
    head = b"POST /oauth_token.do HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    for rest in (b"Content-Length: minus\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n"):
        with socket.create_connection((parts.hostname, parts.port)) as connection:
            connection.sendall(head + rest)
            connection.shutdown(socket.SHUT_WR)
            status = connection.makefile("rb").readline()
            assert status == b"" or b" 4" in status
    assert plain.ask().status_code == 200


# revocation ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["GET", "POST form", "POST query"])
@pytest.mark.documented("revocation asks nobody who they are; clients also POST it as a form")
def test_revocation(plain: PlainSide, way: str) -> None:
    def revoke(token: str) -> requests.Response:
        if way == "GET":
            return plain.wire.get("/oauth_revoke_token.do", auth=None, params={"token": token})
        options = {"data": {"token": token}} if way == "POST form" else {"params": {"token": token}}
        return plain.wire.post("/oauth_revoke_token.do", auth=None, **options)

    document = plain.ask().json()
    answer = revoke(document["access_token"])
    assert (answer.status_code, answer.json()) == (200, {})
    assert plain.bearer(document["access_token"]) == 401
    again = plain.refresh(document["refresh_token"]).json()
    assert plain.bearer(again["access_token"]) == 200
    assert revoke(document["refresh_token"]).status_code == 200
    assert plain.bearer(again["access_token"]) == 401
    assert plain.refresh(document["refresh_token"]).status_code == 401
    assert revoke("unknown").status_code == 200
    assert revoke("").status_code == 401


@pytest.mark.documented("RFC 7009: by POST, by the client the token was issued to, and 200 for an unknown token")
def test_revocation_by_the_rfc(plain: PlainSide) -> None:
    plain.instance.set_property("sandtable.oauth.error_profile", "rfc")
    plain.instance.system().table("oauth_entity").insert(
        {"name": "Other", "client_id": "other-id", "client_secret": "other"}
    )
    token = plain.ask().json()["access_token"]

    def revoke(**form: str) -> tuple[int, str]:
        answer = plain.wire.post("/oauth_revoke_token.do", auth=None, data=form)
        return answer.status_code, answer.json().get("error", "")

    assert plain.wire.get("/oauth_revoke_token.do", auth=None, params={"token": token}).status_code == 405
    assert revoke(token=token) == (401, "invalid_client")
    assert revoke(client_id="plain-id", client_secret=plain.form()["client_secret"]) == (400, "invalid_request")
    assert revoke(token=token, client_id="other-id", client_secret="other") == (200, "")
    assert plain.bearer(token) == 200
    assert revoke(token="unknown", client_id="other-id", client_secret="other") == (200, "")
    assert revoke(token=token, client_id="plain-id", client_secret=plain.form()["client_secret"]) == (200, "")
    assert plain.bearer(token) == 401


# JWT access tokens ---------------------------------------------------------------------------------------------------


@pytest.mark.documented("token format JWT: a signed token whose subject is the column that sub_claim names")
def test_jwt_access_tokens(plain: PlainSide) -> None:
    import jwt

    assert plain.wire.get("/api/now/oauth/jwks", auth=None).json() == {"keys": []}
    plain.instance.clock.unfreeze()
    plain.change(token_format="jwt", sub_claim="email")
    token = plain.ask().json()["access_token"]
    keys = plain.wire.get("/api/now/oauth/jwks", auth=None).json()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="plain-id", issuer=plain.instance.base_url)
    assert claims["sub"] == "jwt.user@example.com"
    assert "d" not in keys["keys"][0]
    assert plain.bearer(token) == 200
    head, body, signature = token.split(".")
    assert plain.bearer(f"{head}.{body}.{signature[:-4]}AAAA") == 401
    # A valid signature is not enough: only what was issued is accepted, so a revoked token stays out.
    plain.wire.get("/oauth_revoke_token.do", auth=None, params={"token": token})
    assert plain.bearer(token) == 401


@pytest.mark.ours("each answer of the endpoint is compact JSON")
def test_the_answer_is_compact(plain: PlainSide) -> None:
    answer = plain.ask()
    assert answer.content == json.dumps(answer.json(), separators=(",", ":")).encode()
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
