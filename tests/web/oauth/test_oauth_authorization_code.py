"""The authorization code flow: sign in, allow or deny, redeem the code; and whom none of it is shown to."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.oauth.grants.authorization_code import challenge_of

if TYPE_CHECKING:
    import requests
    from tests.web.conftest import Wire

PATH = "/oauth_auth.do"
CALLBACK = "https://client.example.com/callback?from=sandtable"
OTHER = "https://client.example.com/other"
PASSWORD = "p\u00e4ss:w\u00f6rd"
VERIFIER = "v" * 43


class Browser:
    """A person with a browser, and the client that sent them."""

    def __init__(self, wire: Wire, instance: Instance, user: str) -> None:
        self.wire, self.instance, self.user = wire, instance, user
        self.entity = (
            instance.system()
            .table("oauth_entity")
            .insert(
                {
                    "name": "<Mobile & Co>",
                    "client_id": "code-client",
                    "client_secret": "code-secret",
                    "redirect_url": f"{CALLBACK}, {OTHER}",
                }
            )
        )
        self.session = wire.session()

    def query(self, **changes: str) -> str:
        parameters = {
            "response_type": "code",
            "client_id": "code-client",
            "redirect_uri": CALLBACK,
            "state": "s1 &=\u00fc",
            **changes,
        }
        return urlencode({name: value for name, value in parameters.items() if value != "-"})

    def get(self, **changes: str) -> requests.Response:
        return self.session.get(f"{self.wire.base_url}{PATH}?{self.query(**changes)}", allow_redirects=False)

    def post(self, form: dict[str, str], **changes: str) -> requests.Response:
        return self.session.post(
            f"{self.wire.base_url}{PATH}?{self.query(**changes)}", data=form, allow_redirects=False
        )

    def sign_in(self, user: str = "jwt.user", password: str = PASSWORD, **changes: str) -> requests.Response:
        return self.post({"user_name": user, "user_password": password}, **changes)

    def token_on(self, page: requests.Response) -> str:
        found = re.search(r'name="sysparm_ck" value="([^"]+)"', page.text)
        assert found is not None
        return html.unescape(found[1])

    def decide(self, decision: str, **changes: str) -> requests.Response:
        page = self.get(**changes)
        return self.post({"decision": decision, "sysparm_ck": self.token_on(page)}, **changes)

    def code(self, **changes: str) -> str:
        self.sign_in(**changes)
        return sent(self.decide("allow", **changes))["code"]

    def redeem(self, code: str, **changes: str) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "client_id": "code-client",
            "client_secret": "code-secret",
            **changes,
        }
        form = {name: value for name, value in form.items() if value != "-"}
        return self.wire.post("/oauth_token.do", auth=None, data=form)

    def bearer(self, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        status: int = self.wire.get("/api/now/table/sys_user?sysparm_limit=1", auth=None, headers=headers).status_code
        return status

    def change(self, **values: str) -> None:
        self.instance.system().table("oauth_entity").update(self.entity.sys_id, values)

    def last_reason(self) -> str:
        return self.instance.system().table("syslog").query("source=OAuth")[-1]["message"]


def sent(answer: requests.Response) -> dict[str, str]:
    """Return the parameters that a redirect carries to the client."""
    assert answer.status_code == 302
    parts = urlsplit(answer.headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" in (CALLBACK.partition("?")[0], OTHER)
    values = {name: texts[0] for name, texts in parse_qs(parts.query, strict_parsing=True).items()}
    values.pop("from", None)
    return values


@pytest.fixture
def browser(wire: Wire, instance: Instance, oauth_user: str) -> Browser:
    instance.clock.freeze()
    return Browser(wire, instance, oauth_user)


@pytest.mark.documented("a logged-in user allows or denies; the client gets code and state, and redeems the code once")
def test_the_whole_flow(browser: Browser) -> None:
    page = browser.get()
    assert page.status_code == 200
    assert "Log in" in page.text
    assert "<Mobile" not in page.text
    assert "&lt;Mobile &amp; Co&gt;" in page.text
    back = browser.sign_in()
    assert back.status_code == 302
    assert back.headers["Location"].startswith("/oauth_auth.do?")
    assert "HttpOnly" in back.headers["Set-Cookie"]
    page = browser.session.get(browser.wire.base_url + back.headers["Location"], allow_redirects=False)
    assert "Allow" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://client.example.com" in policy
    assert "unsafe-inline" not in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    values = sent(browser.decide("allow"))
    assert set(values) == {"code", "state"}
    assert values["state"] == "s1 &=\u00fc"
    answer = browser.redeem(values["code"])
    assert answer.status_code == 200
    document = answer.json()
    assert set(document) == {"access_token", "refresh_token", "scope", "token_type", "expires_in"}
    assert browser.bearer(document["access_token"]) == 200


@pytest.mark.documented("RFC 6749, 4.1.2: a code that comes back ends the tokens that came from it")
def test_a_code_is_good_once(browser: Browser) -> None:
    code = browser.code()
    first = browser.redeem(code).json()
    assert browser.bearer(first["access_token"]) == 200
    assert browser.redeem(code).status_code == 401
    assert "the code was redeemed before" in browser.last_reason()
    assert browser.bearer(first["access_token"]) == 401
    again = {"client_id": "code-client", "client_secret": "code-secret", "grant_type": "refresh_token"}
    form = {**again, "refresh_token": first["refresh_token"]}
    assert browser.wire.post("/oauth_token.do", auth=None, data=form).status_code == 401


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"code": "unknown"}, "the code is unknown"),
        ({"redirect_uri": OTHER}, "redirect_uri is not the one"),
        ({"redirect_uri": CALLBACK + "/"}, "redirect_uri is not the one"),
        ({"redirect_uri": "-"}, "parameter redirect_uri is missing"),
        ({"code": "-"}, "parameter code is missing"),
        ({"code_verifier": VERIFIER}, "code_verifier was sent, and the code has no challenge"),
        ({"client_id": "other", "client_secret": "other"}, "was issued to another client"),
        ({"client_secret": "wrong"}, "client_secret of client"),
        ({"client_secret": "-"}, "no client_secret was sent"),
    ],
)
@pytest.mark.documented("RFC 6749, 4.1.3 and RFC 9700, 4.8: what a code is bound to")
def test_what_a_code_is_bound_to(browser: Browser, changes: dict[str, str], reason: str) -> None:  # T17
    browser.instance.system().table("oauth_entity").insert(
        {"name": "Other", "client_id": "other", "client_secret": "other"}
    )
    code = browser.code()
    assert browser.redeem(**{"code": code, **changes}).status_code == 401
    assert reason in browser.last_reason()
    assert browser.redeem(code).status_code == 200


@pytest.mark.assumed("a code lives 60 seconds; RFC 6749 recommends at most ten minutes, which no property exceeds")
def test_a_code_ends(browser: Browser) -> None:
    code = browser.code()
    browser.instance.clock.advance(60)
    assert browser.redeem(code).status_code == 401
    assert "the code ended at" in browser.last_reason()
    browser.instance.set_property("sandtable.oauth.code_lifetime", "99999")
    code = browser.code()
    browser.instance.clock.advance(601)
    assert browser.redeem(code).status_code == 401


@pytest.mark.ours("the user may have left between consent and redemption")
def test_the_user_of_a_code_is_checked(browser: Browser) -> None:
    code = browser.code()
    browser.instance.system().table("sys_user").update(browser.user, {"active": "false"})
    assert browser.redeem(code).status_code == 401
    assert "is inactive" in browser.last_reason()


@pytest.mark.documented("RFC 7636: a verifier proves that the one who redeems is the one who asked")
def test_pkce(browser: Browser) -> None:
    asked = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    for wrong, reason in (
        ("-", "code_verifier is missing"),
        ("w" * 43, "does not fit the challenge"),
        ("v" * 42, "code_verifier is malformed"),
        ("\u00fc" * 43, "code_verifier is malformed"),
    ):
        code = browser.code(**asked)
        assert browser.redeem(code, code_verifier=wrong).status_code == 401
        assert reason in browser.last_reason()
    assert browser.redeem(browser.code(**asked), code_verifier=VERIFIER).status_code == 200


@pytest.mark.documented("a public client has no secret, and must use PKCE")
def test_public_client(browser: Browser) -> None:
    browser.change(public_client="true")
    assert sent(browser.get())["error"] == "invalid_request"
    assert "must use PKCE" in browser.last_reason()
    asked = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    answer = browser.redeem(browser.code(**asked), client_secret="-", code_verifier=VERIFIER)
    assert answer.status_code == 200
    form = {
        "grant_type": "refresh_token",
        "client_id": "code-client",
        "refresh_token": answer.json()["refresh_token"],
    }
    assert browser.wire.post("/oauth_token.do", auth=None, data=form).status_code == 200


@pytest.mark.documented("RFC 7636 test vector of appendix B")
def test_the_challenge_of_the_standard() -> None:
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    "changes, error, reason",
    [
        ({"response_type": "-"}, "invalid_request", "response_type is missing"),
        ({"response_type": "code token"}, "unsupported_response_type", "'code token' is not known"),
        ({"response_type": "token"}, "unauthorized_client", "implicit grant is not allowed"),
        ({"state": "-"}, "invalid_request", "Missing State parameter in request"),
        ({"state": " "}, "invalid_request", "Missing State parameter in request"),
        ({"scope": "everything"}, "invalid_scope", "may not have the scope"),
        ({"code_challenge": challenge_of(VERIFIER)}, "invalid_request", "must be S256"),
        (
            {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "plain"},
            "invalid_request",
            "must be S256",
        ),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request", "malformed"),
        ({"code_challenge_method": "S256"}, "invalid_request", "without a code_challenge"),
    ],
)
@pytest.mark.documented("RFC 6749, 4.1.2.1: refusals that the client is told in the redirect")
def test_refusals_by_redirect(browser: Browser, changes: dict[str, str], error: str, reason: str) -> None:
    values = sent(browser.get(**changes))
    assert values["error"] == error
    assert reason in browser.last_reason()
    assert values.get("state") == (None if changes.get("state") == "-" else changes.get("state", "s1 &=\u00fc"))
    assert "code" not in values


@pytest.mark.documented("state is required by a property, which may be false")
def test_state_may_be_optional(browser: Browser) -> None:
    browser.instance.set_property("glide.oauth.state.parameter.required", "false")
    browser.sign_in(state="-")
    assert set(sent(browser.decide("allow", state="-"))) == {"code"}


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "-"}, {"client_id": "nobody"}, {"client_id": "code-client^ORactive=true"}],
)
@pytest.mark.documented("RFC 6749, 4.1.2.1: an unknown client is never redirected to")
def test_refusals_on_a_page(browser: Browser, changes: dict[str, str]) -> None:
    answer = browser.get(**changes)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "there is no client" in answer.text


@pytest.mark.documented("an unregistered redirect URI falls back to the first registered one")
def test_unregistered_redirect(browser: Browser) -> None:
    browser.sign_in()
    answer = browser.decide("allow", redirect_uri="https://evil.example.com/")
    assert answer.headers["Location"].startswith(CALLBACK)
    browser.instance.set_property("sandtable.oauth.unregistered_redirect", "refuse")
    assert browser.get(redirect_uri="https://evil.example.com/").status_code == 400
    browser.instance.set_property("sandtable.oauth.unregistered_redirect", "first")
    browser.instance.set_property("sandtable.oauth.error_profile", "rfc")
    refused = browser.get(redirect_uri="https://evil.example.com/")
    assert (refused.status_code, "Location" in refused.headers) == (400, False)
    assert browser.get(redirect_uri=OTHER).status_code == 200


@pytest.mark.parametrize(
    "registered", ["", "javascript:alert(1)", "https://a.example.com/\u00fc", "/callback", "https://["]
)
@pytest.mark.ours("a registered address that no Location header should carry is not used")
def test_unusable_redirect(browser: Browser, registered: str) -> None:
    browser.change(redirect_url=registered)
    answer = browser.get()
    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    assert "has no redirect_url" in answer.text


@pytest.mark.documented("RFC 6749, 4.1.2.1: access_denied when the user says no")
def test_denied(browser: Browser) -> None:
    browser.sign_in()
    values = sent(browser.decide("deny"))
    assert (values["error"], values["state"]) == ("access_denied", "s1 &=\u00fc")
    assert browser.instance.system().table("oauth_credential").count() == 0


@pytest.mark.ours("nobody else's page can answer for the user")
def test_a_decision_needs_the_session_and_its_token(browser: Browser) -> None:
    allow: dict[str, Any] = {"decision": "allow"}
    assert "Log in" in browser.post({**allow, "sysparm_ck": "x"}).text
    browser.sign_in()
    for token in ("", "x", "\u00fc"):
        refused = browser.post({**allow, "sysparm_ck": token})
        assert refused.status_code == 400
        assert "Location" not in refused.headers
    token = browser.token_on(browser.get())
    assert browser.post({"decision": "maybe", "sysparm_ck": token}).status_code == 400
    browser.instance.system().table("sys_user").update(browser.user, {"locked_out": "true"})
    assert "Log in" in browser.post({**allow, "sysparm_ck": token}).text
    assert browser.instance.system().table("oauth_credential").count() == 0


@pytest.mark.parametrize(
    "user, password",
    [
        ("jwt.user", "wrong"),
        ("nobody", PASSWORD),
        ("", ""),
        ("jwt.user^ORuser_name=admin", PASSWORD),
        ("jwt.user", "\0"),
    ],
)
@pytest.mark.ours("a failed sign-in says no more than that, and opens nothing")
def test_failed_sign_in(browser: Browser, user: str, password: str) -> None:
    answer = browser.sign_in(user, password)
    assert answer.status_code == (400 if "\0" in password else 401)
    assert "Set-Cookie" not in answer.headers
    assert password not in answer.text or not password
    assert "wrong" not in answer.text


@pytest.mark.documented("users who may only use web services cannot sign in to a page")
def test_web_service_user_cannot_sign_in(browser: Browser) -> None:
    browser.instance.system().table("sys_user").update(browser.user, {"web_service_access_only": "true"})
    assert browser.sign_in().status_code == 401
    assert "may only use web services" in browser.last_reason()


@pytest.mark.ours("what a client sends cannot break out of a header or of the page")
def test_injection(browser: Browser) -> None:
    evil = "x\r\nSet-Cookie: a=b\r\n\r\n<script>alert(1)</script>"
    browser.sign_in(state=evil)
    answer = browser.decide("allow", state=evil)
    assert sent(answer)["state"] == evil
    assert "a=b" not in answer.headers.get("Set-Cookie", "")
    for name in ("client_id", "redirect_uri", "scope", "response_type", "code_challenge_method"):
        page = browser.get(**{name: evil})
        assert "<script>" not in page.text
        assert "\n" not in page.headers.get("Location", "")
    twice = browser.session.get(f"{browser.wire.base_url}{PATH}?{browser.query()}&state=other", allow_redirects=False)
    assert twice.status_code == 400
    assert "more than once" in twice.text
