"""Config and secrets are refused in the documented order with the documented texts."""

from __future__ import annotations

from typing import Any

import pytest

from sandtable_connector import Behaviour, Connector, Networking, errors
from sandtable_connector.schemas.validation import check_together

pytestmark = pytest.mark.recorded("Kibana's integration tests of 8.x; texts of its translations")

CONFIG = {"apiUrl": "https://h.example.com", "usesTableApi": False}
SECRETS = {"username": "u", "password": "p"}
OAUTH = {**CONFIG, "isOAuth": True, "clientId": "c", "jwtKeyId": "k", "userIdentifierValue": "v"}
OAUTH_SECRETS = {"clientSecret": "s", "privateKey": "p"}
E1_CONFIG, E1_SECRETS = "error validating action type config: ", "error validating action type secrets: "
E3_CONFIG, E3_SECRETS = "error validating connector type config: ", "error validating connector type secrets: "
TOGETHER = "error validating action type connector: "
BOTH = (
    "clientId, clientSecret, userIdentifierValue, jwtKeyId and privateKey should not be provided with isOAuth = false"
)

CASES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    # config, secrets, text under config-schema
    ({}, SECRETS, f"{E1_CONFIG}[apiUrl]: expected value of type [string] but got [undefined]"),
    ({"apiUrl": 5}, SECRETS, f"{E1_CONFIG}[apiUrl]: expected value of type [string] but got [number]"),
    ({**CONFIG, "isOAuth": "x"}, SECRETS, f"{E1_CONFIG}[isOAuth]: expected value of type [boolean] but got [string]"),
    ({**CONFIG, "extra": 1}, SECRETS, f"{E1_CONFIG}[extra]: definition for this key is missing"),
    (
        {**CONFIG, "clientId": 1},
        SECRETS,
        (
            f"{E1_CONFIG}[clientId]: types that failed validation:\n"
            "- [clientId.0]: expected value of type [string] but got [number]\n"
            "- [clientId.1]: expected value to equal [null]"
        ),
    ),
    (
        {**OAUTH, "userIdentifierValue": None},
        OAUTH_SECRETS,
        f"{E1_CONFIG}userIdentifierValue must be provided when isOAuth = true",
    ),
    ({**OAUTH, "clientId": None}, OAUTH_SECRETS, f"{E1_CONFIG}clientId must be provided when isOAuth = true"),
    ({**OAUTH, "jwtKeyId": None}, OAUTH_SECRETS, f"{E1_CONFIG}jwtKeyId must be provided when isOAuth = true"),
    (CONFIG, {}, f"{E1_SECRETS}Either basic auth or OAuth credentials must be specified"),
    (CONFIG, {"username": "", "password": ""}, f"{E1_SECRETS}Either basic auth or OAuth credentials must be specified"),
    (CONFIG, {"username": "u"}, f"{E1_SECRETS}username and password must both be specified"),
    (CONFIG, {"password": "p", "username": ""}, f"{E1_SECRETS}username and password must both be specified"),
    (OAUTH, {"clientSecret": "s"}, f"{E1_SECRETS}clientSecret and privateKey must both be specified"),
    (OAUTH, {"privateKey": "s"}, f"{E1_SECRETS}clientSecret and privateKey must both be specified"),
    (CONFIG, {**SECRETS, "token": "t"}, f"{E1_SECRETS}[token]: definition for this key is missing"),
    (
        OAUTH,
        {**SECRETS, **OAUTH_SECRETS},
        f"{TOGETHER}Username and password should not be provided with isOAuth = true",
    ),
    (OAUTH, SECRETS, f"{TOGETHER}clientSecret must be provided when isOAuth = true"),
    (OAUTH, {**SECRETS, "clientSecret": "s"}, f"{TOGETHER}privateKey must be provided when isOAuth = true"),
    (CONFIG, OAUTH_SECRETS, f"{TOGETHER}username must be provided when isOAuth = false"),
    (CONFIG, {**SECRETS, "clientSecret": "s"}, TOGETHER + BOTH),
    ({**CONFIG, "clientId": "c"}, SECRETS, TOGETHER + BOTH),
    ({**CONFIG, "userIdentifierValue": "c"}, SECRETS, TOGETHER + BOTH),
    ({**CONFIG, "jwtKeyId": "c"}, SECRETS, TOGETHER + BOTH),
    (CONFIG, {**SECRETS, "privateKey": "c"}, TOGETHER + BOTH),
    # config is looked at before secrets, and each alone before both together
    ({}, {}, f"{E1_CONFIG}[apiUrl]: expected value of type [string] but got [undefined]"),
    (OAUTH, {"username": "u"}, f"{E1_SECRETS}username and password must both be specified"),
]


@pytest.mark.parametrize("config, secrets, text", CASES)
@pytest.mark.parametrize("preset", ["documented", "kibana-8.13"])
def test_what_is_refused_and_how(preset: str, config: dict[str, Any], secrets: dict[str, Any], text: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        Connector(".servicenow", config, secrets, behaviour=Behaviour.preset(preset))
    assert caught.value.message == text


NEWER: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {},
        SECRETS,
        f"{E3_CONFIG}✖ Invalid input: expected string, received undefined\n  → at apiUrl",
    ),
    (
        {**CONFIG, "isOAuth": 1, "clientId": 2, "a": 1, "b": 2},
        SECRETS,
        (
            f'{E3_CONFIG}✖ Unrecognized keys: "a", "b"\n'
            "✖ Invalid input: expected boolean, received number\n  → at isOAuth\n"
            "✖ Invalid input: expected string, received number\n  → at clientId"
        ),
    ),
    (CONFIG, {"username": "u"}, f"{E3_SECRETS}username and password must both be specified"),
    (CONFIG, OAUTH_SECRETS, f"{TOGETHER}username must be provided when isOAuth = false"),
]


@pytest.mark.recorded("observed with zod 4")
@pytest.mark.parametrize("config, secrets, text", NEWER)
def test_the_newer_texts(config: dict[str, Any], secrets: dict[str, Any], text: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        Connector(".servicenow", config, secrets, behaviour=Behaviour.kibana_9())
    assert caught.value.message == text


HOST = "error configuring connector action: target url"
TAIL = "is not added to the Kibana config xpack.actions.allowedHosts"


@pytest.mark.parametrize(
    "url, allowed, fine",
    [
        ("https://h.example.com/x", ("h.example.com",), True),
        ("https://H.Example.com:8443", ("h.example.com",), True),
        ("https://h.example.com", ("example.com", "*.example.com"), False),
        ("https://h.example.com", (), False),
        ("h.example.com", ("h.example.com",), False),
        ("h.example.com", ("*",), True),
    ],
)
def test_allowed_hosts_compare_the_host_name_exactly(url: str, allowed: tuple[str, ...], fine: bool) -> None:
    networking = Networking(allowed_hosts=allowed)
    made = {"config": {**CONFIG, "apiUrl": url}, "secrets": SECRETS, "networking": networking}
    if fine:
        assert Connector(".servicenow", **made).config["apiUrl"] == url
        return
    with pytest.raises(errors.ConfigurationError) as caught:
        Connector(".servicenow", **made)
    assert caught.value.message == f'{E1_CONFIG}{HOST} "{url}" {TAIL}'


def test_the_host_is_looked_at_before_the_oauth_fields() -> None:
    config = {**OAUTH, "clientId": None}
    with pytest.raises(errors.ConfigurationError, match="is not added to the Kibana config"):
        Connector(".servicenow", config, OAUTH_SECRETS, networking=Networking(allowed_hosts=()))


@pytest.mark.recorded("observed with Node 20: a URL without a scheme is stored, and every run fails")
@pytest.mark.parametrize("preset", ["documented", "kibana-8.13", "kibana-9"])
def test_a_url_without_a_scheme_fails_at_each_run(stage: Any, preset: str) -> None:
    played = stage.push(preset, [], config={"apiUrl": "dev.example.com"})
    assert "Unable to get application version. Error: Invalid URL" in played.text
    assert isinstance(played.result.error, errors.InvalidAddress)


@pytest.mark.parametrize(
    "config, secrets",
    [
        ({**CONFIG, "apiUrl": ""}, SECRETS),
        ({**OAUTH, "clientId": ""}, OAUTH_SECRETS),
        ({**OAUTH, "jwtKeyId": ""}, OAUTH_SECRETS),
        ({**OAUTH, "userIdentifierValue": ""}, OAUTH_SECRETS),
    ],
)
def test_an_empty_value_passes_and_then_the_service_cannot_be_built(
    config: dict[str, Any], secrets: dict[str, Any]
) -> None:
    result = Connector(".servicenow", config, secrets).execute({"subAction": "getFields", "subActionParams": {}})
    assert result.service_message == "[Action]ServiceNow: Wrong configuration."


@pytest.mark.recorded("Kibana's texts for a connector without config or secrets")
def test_secrets_and_config_must_be_there() -> None:
    with pytest.raises(errors.ConfigurationError, match=f"^{TOGETHER}secrets must be defined$"):
        check_together(None, None)
    connector = Connector(".servicenow", CONFIG, SECRETS)
    with pytest.raises(errors.ConfigurationError, match=f"^{TOGETHER}config must be defined$"):
        check_together(None, connector._secrets)


@pytest.mark.ours("a URL with credentials in it is refused without showing them")
def test_credentials_in_the_url() -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        Connector(".servicenow", {**CONFIG, "apiUrl": "https://u:hunter22@h"}, SECRETS)
    assert "hunter22" not in caught.value.message
    assert "apiUrl must not hold a user name or password" in caught.value.message


@pytest.mark.parametrize("given", [[], "x", 5])
def test_a_config_that_is_no_object(given: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="object"):
        Connector(".servicenow", given, SECRETS)


@pytest.mark.documented("Kibana docs, ServiceNow connectors")
def test_the_types() -> None:
    with pytest.raises(errors.ConfigurationError, match=r"no connector type '\.jira'; known: \.servicenow, "):
        Connector(".jira", CONFIG, SECRETS)
    with pytest.raises(errors.ConfigurationError, match=r"\[usesTableApi\]: definition for this key is missing"):
        Connector(".servicenow-itom", CONFIG, SECRETS)
    itom = Connector(".servicenow-itom", {"apiUrl": "https://h"}, SECRETS)
    assert itom.is_deprecated is False
    assert itom.config == {
        "apiUrl": "https://h",
        "isOAuth": False,
        "userIdentifierValue": None,
        "clientId": None,
        "jwtKeyId": None,
    }
    assert Connector(".servicenow-sir", {"apiUrl": "https://h"}, SECRETS).is_deprecated is True


@pytest.mark.ours("no representation of a connector shows a secret")
def test_reprs_hold_no_secret(rsa_pem: str) -> None:
    connector = Connector(".servicenow", OAUTH, {"clientSecret": "s3cr3t-value", "privateKey": rsa_pem})
    shown = repr(connector) + repr(connector._secrets) + repr(connector.service())
    assert "s3cr3t-value" not in shown
    assert rsa_pem[40:80] not in shown
