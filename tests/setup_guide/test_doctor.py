"""The doctor names the step of the set-up guide that was left out, and finds nothing when none was."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.keys import key_pair

from sandtable.cli import main
from sandtable.cli.running_instance.doctor import address_of, origin_of
from sandtable.core.images.releases import apply_release, release
from sandtable.core.platform.instance import Instance
from sandtable.doctor.examination import STEPS, examine, exit_code, first_broken, unchecked
from sandtable.doctor.patient import OAuthClient, Patient
from sandtable.doctor.subjects import SUBJECTS
from sandtable.library.in_process import app_for
from sandtable.serving.proxy import ConnectProxy
from sandtable.serving.server import Server
from sandtable.serving.tls.authority import open_authority
from sandtable.serving.tls.contexts import HostCertificates

pytestmark = pytest.mark.ours("the first broken prerequisite is named, with its fix")

URL = "https://dev00000.service-now.com"
KIBANA = "https://kibana.example.com:5601"
USER, EMAIL, PASSWORD, CLIENT_SECRET = "kibana.user", "kibana.user@example.com", "test-only", "test-only-secret"
ADMIN = {"admin_user": "admin", "admin_password": "admin"}


def patient(guide: Any, *, oauth: bool = False, **values: Any) -> Patient:
    given: dict[str, Any] = {"user": USER, "password": PASSWORD, "origin": KIBANA, "try_import": True, **values}
    if oauth:
        given["oauth"] = OAuthClient(
            client_id=guide.noted.get("client_id", "never noted"),
            client_secret=CLIENT_SECRET,
            private_key=guide.keys.key,
            key_id=guide.noted.get("key_id", "never noted"),
            user_identifier=EMAIL,
        )
    return Patient(url=URL, subject=SUBJECTS["itsm"], session=guide.session, **given)


def outcomes(examined: Patient) -> dict[str, str]:
    return {finding.check: finding.outcome for finding in examine(examined)}


@pytest.mark.parametrize("values", [{}, ADMIN, {"oauth": True}, {"oauth": True, **ADMIN}])
def test_a_whole_set_up_is_healthy(guide: Any, empty_instance: Instance, values: dict[str, Any]) -> None:
    guide.follow()
    findings = list(examine(patient(guide, **values)))
    assert [finding.check for finding in findings] == [step.name for step in STEPS]
    assert exit_code(findings) == 0, first_broken(findings)
    expected = dict.fromkeys(("reachable", "tls", "instance", "credentials", "app", "import", "choices", "cors"), "ok")
    seen = {finding.check: finding.outcome for finding in findings}
    assert expected.items() <= seen.items()
    assert seen["oauth"] == ("ok" if "oauth" in values else "skipped")
    assert (seen["privileges"], seen["roles"]) == (("ok", "ok") if "admin_user" in values else ("unknown", "unknown"))
    # With an administrator's credentials the record of the trial is deleted again.
    assert empty_instance.system().table("incident").count() == (0 if "admin_user" in values else 1)


@pytest.mark.parametrize("admin", [False, True], ids=["alone", "with an administrator"])
@pytest.mark.parametrize(
    "step, check, text, fix",
    [
        ("app", "app", "Elastic for ITSM is not installed", "ServiceNow store"),
        ("privilege GlideRecord.insert", "privileges", "GlideRecord.insert (execute)", "sys_scope_privilege"),
        ("privilege GlideRecord.setValue", "privileges", "GlideRecord.setValue (execute)", "sys_scope_privilege"),
        ("privilege GlideRecordSecure.getValue", "privileges", "GlideRecordSecure.getValue", "sys_scope_privilege"),
        ("privilege Incident", "privileges", "incident (read)", "sys_scope_privilege"),
        ("privilege ScriptableServiceResultBuilder.setBody", "privileges", "Builder.setBody", "sys_scope_privilege"),
        ("privilege ScopedGlideElement", "privileges", "ScopedGlideElement (execute)", "sys_scope_privilege"),
        ("user", "credentials", "user name or password of kibana.user is refused", "user"),
        ("role x_elas2_inc_int.integration_user", "roles", "x_elas2_inc_int.integration_user", "tab Roles"),
        ("CORS rule", "cors", f"a page on {KIBANA} may not call", "Elastic ITSM API [x_elas2_inc_int/elastic_api]"),
    ],
)
def test_the_step_that_was_left_out_is_named(
    guide: Any, admin: bool, step: str, check: str, text: str, fix: str
) -> None:
    guide.follow(without=[step])
    findings = list(examine(patient(guide, **(ADMIN if admin else {}))))
    found = first_broken(findings)
    assert found is not None
    assert found.check == check
    assert text in found.text
    assert fix in found.fix
    assert exit_code(findings) == 1


@pytest.mark.parametrize(
    "role, alone, text",
    [
        ("import_set_loader", "import", "the user may not import: 403"),
        ("import_transformer", "import", "the user may not import: 500"),
        ("personalize_choices", "choices", "no choice can be read: 403 Insufficient rights to query records"),
    ],
)
def test_a_role_that_was_left_out_shows_in_what_it_is_for(guide: Any, role: str, alone: str, text: str) -> None:
    guide.follow(without=[f"role {role}"])
    seen = first_broken(list(examine(patient(guide))))
    assert seen is not None
    assert (seen.check, seen.text.startswith(text), role in seen.fix) == (alone, True, True), seen
    by_name = first_broken(list(examine(patient(guide, **ADMIN))))
    assert by_name is not None
    assert (by_name.check, by_name.text) == ("roles", f"the integration user lacks {role}")


def test_choices_without_values_are_none(guide: Any, empty_instance: Instance) -> None:
    apply_release(empty_instance, release("xanadu"))
    guide.follow(without=["role personalize_choices"])
    seen = first_broken(list(examine(patient(guide))))
    assert seen is not None
    assert (seen.check, seen.text) == ("choices", "no choice can be read: the list holds labels alone, no values")
    assert "personalize_choices" in seen.fix


@pytest.mark.parametrize(
    "step, text",
    [
        ("certificate", "the JWT verifier map has no certificate"),
        ("OAuth endpoint", "there is no OAuth JWT API endpoint with client id never noted"),
        ("verifier map", "no JWT verifier map with key id never noted (it has: none)"),
        ("user", "there is no user kibana.user@example.com"),
    ],
)
def test_the_step_of_oauth_that_was_left_out_is_named(guide: Any, step: str, text: str) -> None:
    guide.follow(without=[step])
    found = first_broken(list(examine(patient(guide, oauth=True, user="", password="", **ADMIN))))
    assert found is not None
    assert found.check == ("user" if step == "user" else "oauth")
    assert text in found.text
    alone = first_broken(list(examine(patient(guide, oauth=True, user="", password=""))))
    assert alone is not None
    assert "does not tell a client why" in alone.text
    assert "Exception on token flow" in alone.fix


def change(guide: Any, table: str, values: dict[str, str], **filters: str) -> None:
    sys_id = guide.find(table, **filters)
    answer = guide.session.patch(f"{URL}/api/now/table/{table}/{sys_id}", json=values, auth=("admin", "admin"))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "table, values, text",
    [
        ("oauth_jwt", {"active": "false"}, "is not active"),
        ("sys_certificate", {"active": "false"}, "inactive or has ended"),
        ("jwt_verifier_map", {"kid": "other"}, "(it has: other)"),
        ("oauth_jwt", {"user_field": "user_name"}, "no user has user_name kibana.user@example.com"),
        ("oauth_jwt", {"client_secret": "another"}, "as they should be"),
    ],
)
def test_what_is_wrong_with_oauth(guide: Any, table: str, values: dict[str, str], text: str) -> None:
    guide.follow()
    examined = patient(guide, oauth=True, **ADMIN)
    change(guide, table, values, name="Kibana")
    found = first_broken(list(examine(examined)))
    assert found is not None
    assert (found.check, text in found.text) == ("oauth", True), found


def test_a_key_that_does_not_belong_to_the_certificate(guide: Any) -> None:
    guide.follow()
    examined = patient(guide, oauth=True, **ADMIN)
    guide.keys = key_pair("another")
    examined.oauth = patient(guide, oauth=True).oauth
    found = first_broken(list(examine(examined)))
    assert found is not None
    assert "does not belong to the certificate" in found.text


def test_an_administrator_gets_no_token(guide: Any) -> None:
    guide.follow()
    guide.give("admin")
    found = first_broken(list(examine(patient(guide, oauth=True, **ADMIN))))
    assert found is not None
    assert "is an administrator" in found.text


@pytest.mark.parametrize(
    "values, text",
    [
        ({"domain": "https://kibana.example.com"}, "may not call the application"),
        ({"access_control_allow_headers": "Content-Type"}, "does not allow the header Authorization"),
        ({"get": "false", "post": "true"}, "the answer to its GET allows no origin"),
        ({"active": "false"}, "may not call the application"),
    ],
)
def test_what_is_wrong_with_the_cors_rule(guide: Any, values: dict[str, str], text: str) -> None:
    guide.follow()
    change(guide, "sys_cors_rule", values, name="Kibana")
    found = first_broken(list(examine(patient(guide))))
    assert found is not None
    assert (found.check, text in found.text) == ("cors", True), found


def test_the_application_for_security_incidents(guide: Any, empty_instance: Instance) -> None:
    guide.follow()
    examined = patient(guide, **ADMIN)
    examined.subject = SUBJECTS["sir"]
    examined.origin = ""
    missing = first_broken(list(examine(examined)))
    assert missing is not None
    assert (missing.check, "Elastic for Security Operations is not installed" in missing.text) == ("app", True)
    scope = guide.create("sys_store_app", scope="x_elas2_sir_int")["sys_id"]
    names = {name: kind for name, kind, _ in SUBJECTS["sir"].privileges if kind == "scriptable"}
    for name, kind in {**names, "Security Incident": "sys_db_object"}.items():
        found = first_broken(list(examine(_again(examined))))
        assert found is not None
        assert (found.check, name.lower() in found.text.lower() or "sn_si_incident" in found.text) == (
            "privileges",
            True,
        )
        operation = "execute" if kind == "scriptable" else "read"
        common = {"source_scope": scope, "target_scope": "global", "status": "allowed"}
        guide.create("sys_scope_privilege", target_name=name, target_type=kind, operation=operation, **common)
    for role in ("sn_si.basic", "x_elas2_sir_int.integration_user"):
        found = first_broken(list(examine(_again(examined))))
        assert found is not None
        assert (found.check, role in found.text) == ("roles", True), found
        guide.give(role)
    findings = list(examine(_again(examined)))
    assert first_broken(findings) is None, findings
    assert {finding.check for finding in findings if finding.outcome == "ok"} >= {
        "app",
        "import",
        "roles",
        "privileges",
    }
    assert empty_instance.system().table("sn_si_incident").count() == 0


def _again(examined: Patient) -> Patient:
    """Return the same patient for a new examination: what was answered before is not remembered."""
    return dataclasses.replace(examined)


def test_without_a_trial_what_cannot_be_seen_is_unknown_and_nothing_is_written(
    guide: Any, empty_instance: Instance
) -> None:
    guide.follow(without=["privilege GlideRecord.insert"])
    seen = outcomes(patient(guide, try_import=False))
    assert (seen["privileges"], seen["import"]) == ("unknown", "unknown")
    assert empty_instance.system().table("incident").count() == 0
    assert empty_instance.system().table("sys_import_set_row").count() == 0


def test_without_credentials_little_is_seen(guide: Any) -> None:
    guide.follow()
    seen = outcomes(patient(guide, user="", password=""))
    assert {name for name, outcome in seen.items() if outcome == "ok"} == {"reachable", "tls", "instance"}
    assert seen["cors"] == "unknown"
    assert "broken" not in seen.values()


def test_an_administrator_who_is_none(guide: Any) -> None:
    guide.follow()
    for password, words in (("wrong", "401"), (PASSWORD, "403")):
        name = "admin" if password == "wrong" else USER
        found = first_broken(list(examine(patient(guide, admin_user=name, admin_password=password))))
        assert found is not None
        assert (found.check, words in found.text) == ("admin", True), found


@pytest.mark.parametrize(
    "health, check, words",
    [
        ("404", "app", "is not installed"),
        ("no_result", "app", "without a result"),
        ("html", "app", "hibernating"),
        ("403", "roles", "x_elas2_inc_int.integration_user"),
        ("500", "app", "500"),
    ],
)
def test_a_broken_health_resource(guide: Any, empty_instance: Instance, health: str, check: str, words: str) -> None:
    guide.follow()
    empty_instance.set_property("sandtable.elastic_itsm.health", health)
    found = first_broken(list(examine(patient(guide))))
    assert found is not None
    assert (found.check, words in found.text) == (check, True), found


ROLE = "snc_basic_auth_api_access"


def change_user(instance: Instance, name: str = USER, **values: str) -> None:
    users = instance.system().table("sys_user")
    found = users.first(filters={"user_name": name})
    assert found is not None
    users.update(found.sys_id, values)


@pytest.mark.parametrize(
    "values, text, fix",
    [
        ({"active": "false"}, "the user kibana.user is not active", "tick Active"),
        ({"locked_out": "true"}, "the user kibana.user is locked out", "clear Locked out"),
        ({}, "it is the password", "set the user's password anew"),
    ],
)
def test_an_administrator_is_told_why_a_user_is_refused_and_what_can_be_judged_is(
    guide: Any, empty_instance: Instance, values: dict[str, str], text: str, fix: str
) -> None:
    guide.follow(without=["privilege GlideRecord.insert", "role personalize_choices"])
    change_user(empty_instance, **values)
    findings = {each.check: each for each in examine(patient(guide, password="wrong", **ADMIN))}
    first = first_broken(list(findings.values()))
    assert first is not None
    assert (first.check, text in first.text, fix in first.fix) == ("credentials", True, True), first
    assert findings["user"].outcome == ("broken" if values else "ok")
    # Administrators see these without the user; what only the user can try says what it waits for.
    assert "GlideRecord.insert" in findings["privileges"].text
    assert "personalize_choices" in findings["roles"].text
    assert {findings[name].text for name in ("import", "choices")} == {"not seen, because of credentials"}


def test_what_hangs_on_something_broken_names_it(guide: Any) -> None:
    guide.follow(without=[step for step in guide.steps if step != "user"])
    findings = {each.check: each for each in examine(patient(guide, oauth=True, user="", password="", **ADMIN))}
    assert (findings["oauth"].outcome, findings["app"].outcome) == ("broken", "broken")
    assert {findings[name].text for name in ("import", "privileges", "cors")} == {"not reached, because of app"}
    assert findings["choices"].text == "not seen, because of oauth"
    assert "import_transformer" in findings["roles"].text
    assert "integration_user" not in findings["roles"].text


def test_an_administrator_looks_at_a_user_without_the_password(guide: Any) -> None:
    guide.follow()
    findings = list(examine(patient(guide, password="", **ADMIN)))
    seen = {each.check: each.outcome for each in findings}
    assert (seen["user"], seen["app"], seen["roles"], seen["privileges"]) == ("ok", "ok", "ok", "ok")
    assert unchecked(findings) == ["credentials", "import", "choices"]
    assert exit_code(findings) == 4


@pytest.mark.parametrize(
    "basic_auth, values, outcome, text",
    [
        ("open", {}, "ok", "instances new since 2026 refuse them"),
        ("tracking", {}, "ok", "passwords pass, and their use is recorded"),
        ("enforced", {}, "broken", "keeps kibana.user's password from the APIs"),
        ("enforced", {"web_service_access_only": "true"}, "ok", "may use a password although"),
    ],
)
def test_the_restriction_of_basic_authentication(
    guide: Any, empty_instance: Instance, basic_auth: str, values: dict[str, str], outcome: str, text: str
) -> None:
    guide.follow()
    change_user(empty_instance, **values)
    change_user(empty_instance, "admin", web_service_access_only="true")
    apply_release(empty_instance, release("australia", basic_auth=basic_auth))
    findings = {each.check: each for each in examine(patient(guide, **ADMIN))}
    found = findings["basic"]
    assert (found.outcome, text in found.text) == (outcome, True), found
    assert findings["credentials"].outcome == outcome
    if outcome == "broken":
        assert "restricts Basic authentication" in findings["credentials"].text
        assert all(word in found.fix for word in (ROLE, "web service access only", "exception", "OAuth JWT"))


# the command --------------------------------------------------------------------------------------------------------


@pytest.fixture
def live(guide: Any, empty_instance: Instance) -> Iterator[Server]:
    guide.follow()
    with Server(app_for(empty_instance)) as running:
        yield running


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(
        main, ["doctor", *arguments], env={f"SANDTABLE_DOCTOR_{k}": v for k, v in environment.items()}
    )


def test_the_command(live: Server, guide: Any, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text(guide.keys.key)
    arguments = (
        *(live.url, "--user", USER, "--password", PASSWORD, "--origin", f"{KIBANA}/"),
        *("--admin-user", "admin", "--admin-password", "admin", "--try-import"),
        *("--client-id", guide.noted["client_id"], "--client-secret", CLIENT_SECRET, "--private-key", str(key)),
        *("--key-id", guide.noted["key_id"], "--user-identifier", EMAIL),
    )
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert "nothing is broken" in result.output
    document = json.loads(run(*arguments, "--json").output)
    assert (document["ok"], document["first_broken"]) == (True, None)
    assert [check["check"] for check in document["checks"]] == [step.name for step in STEPS]
    for secret in (PASSWORD, CLIENT_SECRET, "PRIVATE"):
        assert secret not in result.output


def test_the_command_names_the_first_broken_one(live: Server) -> None:
    result = run(live.url, "--user", USER, PASSWORD="hunter2-wrong")
    assert result.exit_code == 1
    assert "first broken: credentials" in result.output
    assert "fix: check the password" in result.output
    assert "hunter2" not in result.output
    document = json.loads(run(live.url, "--user", USER, "--password", "hunter2-wrong", "--json").output)
    assert document["first_broken"]["check"] == "credentials"
    assert {check["outcome"] for check in document["checks"][5:]} == {"skipped"}


def page(status: str, body: bytes, *headers: tuple[str, str]) -> Any:
    def application(environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, [("Content-Type", "text/html"), ("Content-Length", str(len(body))), *headers])
        return [body]

    return application


@pytest.mark.parametrize(
    "application, words",
    [
        (page("200 OK", b"<html>Your instance is Hibernating</html>"), "hibernating"),
        (page("200 OK", b"<html>Hello</html>"), "does not look like a ServiceNow instance"),
        (page("404 Not Found", b""), "does not look like a ServiceNow instance"),
        (page("302 Found", b"", ("Location", "https://sso.example.com/login")), "redirects API calls to https://sso"),
        (page("200 OK", b'["json"]'), "does not look like a ServiceNow instance"),
    ],
)
def test_what_is_no_instance(application: Any, words: str) -> None:
    with Server(application) as running:
        result = run(running.url)
    assert result.exit_code == 3
    assert "first broken: instance" in result.output
    assert words in result.output


def test_tls(tmp_path: Path, empty_instance: Instance) -> None:
    authority = open_authority(tmp_path)
    certificates = HostCertificates(authority, ["localhost"])
    with Server(app_for(empty_instance), tls=certificates.context) as running:
        url = f"https://localhost:{running.port}"
        result = run(url, "--ca", str(authority.certificate_path))
        assert (result.exit_code, "nothing is broken" in result.output) == (4, False), result.output
        assert "not checked: credentials, app, privileges, roles, import, choices" in result.output
        for arguments in ((url,), (f"https://127.0.0.1:{running.port}", "--ca", str(authority.certificate_path))):
            result = run(*arguments)
            assert result.exit_code == 3
            assert "first broken: tls" in result.output
            assert "--ca" in result.output
            assert result.output.count(" tls ") == 1
        plain = run(f"http://localhost:{running.port}")
        assert plain.exit_code == 3
    with Server(app_for(empty_instance)) as running:
        result = run(f"https://localhost:{running.port}")
        assert (result.exit_code, "no TLS handshake" in result.output) == (3, True), result.output


def test_a_proxy_that_does_not_lead_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with ConnectProxy(("127.0.0.1", 9)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        result = run("https://dev12345.example.com")
    assert result.exit_code == 3
    assert "dev12345.example.com is not simulated here" in result.output


def test_nothing_there() -> None:
    result = run("http://127.0.0.1:9", "--timeout", "5")
    assert result.exit_code == 3
    assert "first broken: reachable" in result.output
    assert "refused" in result.output


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("ftp://x",), "URL is no http or https address"),
        (("https://",), "URL is no http or https address"),
        (("https://user:hunter2@x.example.com",), "URL holds credentials"),
        (("https://x.example.com/?a=b",), "URL has a query"),
        (("https://x", "--user", "a"), "--user needs --password beside it, or an administrator"),
        (("https://x", "--password", "a"), "--password needs --user"),
        (("https://x", "--admin-user", "a"), "--admin-user needs --admin-password"),
        (("https://x", "--client-id", "a"), "--client-secret is missing"),
        (("https://x", "--ca", "/no/such/file"), "--ca /no/such/file cannot be used: No such file"),
        (("https://x", "--ca", __file__), "it holds no certificate in PEM"),
        (("https://x", "--origin", "kibana"), "--origin is scheme, host and port"),
        (("https://x", "--origin", "https://kibana/app"), "--origin is scheme, host and port"),
        (
            ("https://x", "--client-id", "a", "--client-secret", "hunter2", "--private-key", "/no/such")
            + ("--key-id", "k", "--user-identifier", "u"),
            "--private-key /no/such cannot be read",
        ),
    ],
)
def test_wrong_use_names_the_option(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.output
    assert "hunter2" not in result.output


@pytest.mark.parametrize("text", ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_that_is_none(guide: Any, text: str) -> None:
    guide.follow()
    examined = patient(guide, oauth=True)
    guide.keys = type("Keys", (), {"key": text})()
    examined.oauth = patient(guide, oauth=True).oauth
    found = first_broken(list(examine(examined)))
    assert found is not None
    assert (found.check, "cannot sign" in found.text) == ("oauth", True)


def test_addresses_and_origins() -> None:
    assert address_of("dev1.service-now.com") == "https://dev1.service-now.com"
    assert address_of("http://localhost:8080/") == "http://localhost:8080"
    assert origin_of("https://Kibana.example.com:443/") == "https://kibana.example.com"
    assert origin_of("http://[::1]:5601") == "http://[::1]:5601"
