"""Calls that are signed with a shared secret (HMAC): what opens an API, and what does not."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
import requests
from tests.web.conftest import Wire

from sandtable.core.platform.instance import Instance

pytestmark = pytest.mark.documented(
    "HMAC needs a configuration, a profile, a secret with a user and an access policy for the API:"
    " configure HMAC, platform security"
)
HEADER, PATH, SECRET = "x-sn-hmac-signature-256", "/api/now/table/incident", "test-only shared secret"
HASHES = {"HmacSHA256": hashlib.sha256, "HmacSHA384": hashlib.sha384, "HmacSHA512": hashlib.sha512}
BODY = b'{"short_description":"signed"}'


def signed(body: bytes, secret: str = SECRET, algorithm: str = "HmacSHA256") -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, HASHES[algorithm]).digest()).decode()


class Signing:
    """The records that a signed call hangs on, each by the name of its table."""

    def __init__(self, wire: Wire, instance: Instance) -> None:
        self.wire, self.instance = wire, instance
        system = instance.system()
        user: Any = system.table("sys_user").first("user_name=admin")
        configuration: Any = system.table("hmac_config").first("name=Default HMAC SHA256 Base64 Encoding")
        parameter: Any = system.table("sys_token_auth_parameter").first(f"parameter_name={HEADER}^type=auth_header")
        assert None not in (user, configuration, parameter)
        self.records = {"hmac_config": configuration.sys_id, "sys_token_auth_parameter": parameter.sys_id}
        secret = {"name": "Signer", "user": user.sys_id, "shared_secret": SECRET}
        self.key_id = self.made("hmac_secret", secret)["key_id"]
        profile = {"name": "Signed", "hmac_config": configuration.sys_id, "auth_parameter": parameter.sys_id}
        self.made("http_hmac_auth", profile)
        self.made("sys_api_access_policy", {"name": "Policy", "api": "Table API [now/table]"})
        mapping = {"api_access_policy": "sys_api_access_policy", "inbound_auth_profile": "http_hmac_auth"}
        self.made("sys_auth_profile_mapping", {name: self.records[table] for name, table in mapping.items()})

    def made(self, table: str, values: dict[str, str]) -> Any:
        record = self.instance.system().table(table).insert(values)
        self.records[table] = record.sys_id
        return record

    def change(self, table: str, **values: str) -> None:
        self.instance.system().table(table).update(self.records[table], values)

    def post(self, signature: str, body: bytes = BODY, path: str = PATH) -> requests.Response:
        headers = {HEADER: signature, "Content-Type": "application/json", "X-Sandtable-Explain": "true"}
        return self.wire.post(path, auth=None, data=body, headers=headers)

    def value(self, signature: str) -> str:
        return f"KEYID={self.key_id},SIGNATURE={signature}"


@pytest.fixture
def signing(wire: Wire, instance: Instance) -> Signing:
    return Signing(wire, instance)


@pytest.mark.parametrize("algorithm", HASHES)
def test_a_signed_call_acts_as_the_user_of_the_secret(signing: Signing, algorithm: str) -> None:
    signing.change("hmac_config", hash_algorithm=algorithm)
    assert len(signing.key_id) == 32
    made = signing.post(signing.value(signed(BODY, algorithm=algorithm)))
    assert made.status_code == 201, made.headers
    assert made.json()["result"]["sys_created_by"] == "admin"
    headers = {HEADER: signing.value(signed(b"", algorithm=algorithm))}
    assert signing.wire.get(f"{PATH}?sysparm_limit=1", auth=None, headers=headers).status_code == 200


def test_a_profile_may_name_the_key(signing: Signing) -> None:
    assert signing.post(signed(BODY)).status_code == 401
    signing.change("http_hmac_auth", default_key_id=signing.key_id)
    assert signing.post(signed(BODY)).status_code == 201


def test_a_signature_may_be_a_parameter(signing: Signing) -> None:
    signing.change("sys_token_auth_parameter", type="query_param")
    assert signing.post(signing.value(signed(BODY))).status_code == 401
    answer = signing.wire.post(
        PATH,
        auth=None,
        params={HEADER: signing.value(signed(BODY))},
        data=BODY,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("table", "values", "reason"),
    [
        ("hmac_secret", {"active": "false"}, "is inactive"),
        ("hmac_secret", {"expires": "2020-01-01 00:00:00"}, "expired at 2020-01-01 00:00:00 UTC"),
        ("hmac_secret", {"user": ""}, "has no user"),
        ("hmac_secret", {"shared_secret": "another"}, "is not that of the body's 30 bytes"),
        ("hmac_secret", {"key_id": "another"}, "there is no secret with key ID"),
        ("hmac_config", {"hash_algorithm": "HmacSHA512"}, "with HmacSHA512"),
        ("http_hmac_auth", {"hmac_config": ""}, "no HMAC configuration"),
        ("http_hmac_auth", {"active": "false"}, "no active REST API access policy"),
        ("sys_api_access_policy", {"active": "false"}, "no active REST API access policy"),
        ("sys_api_access_policy", {"api": "", "apply_global": "true"}, "no active REST API access policy"),
    ],
)
def test_what_a_signature_hangs_on(signing: Signing, table: str, values: dict[str, str], reason: str) -> None:
    signing.change(table, **values)
    answer = signing.post(signing.value(signed(BODY)))
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "User is not authenticated")
    assert reason in answer.headers["X-Sandtable-Explain"]
    assert reason in signing.instance.system().table("syslog").query("source=HMAC")[-1]["message"]
    assert SECRET not in answer.headers["X-Sandtable-Explain"]


@pytest.mark.parametrize(
    "value", ["", "KEYID=,SIGNATURE=", "SIGNATURE=x", "KEYID=a^ORactive=true,SIGNATURE=é", "x" * 5000]
)
def test_anything_else_is_refused(signing: Signing, value: str) -> None:
    answer = signing.post(value.encode("utf-8").decode("latin-1"))
    assert answer.status_code == 401


def test_a_signature_is_of_this_body_alone(signing: Signing) -> None:
    assert signing.post(signing.value(signed(BODY)), body=BODY + b" ").status_code == 401
