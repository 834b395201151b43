"""Whether the OAuth endpoint gives a token for a signed assertion; with an administrator's eyes, why it does not."""

from __future__ import annotations

import datetime
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from sandtable.doctor.findings import Finding, broken, ok, skipped
from sandtable.doctor.patient import Answer, OAuthClient, Patient

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 300


def oauth(patient: Patient) -> Finding:
    """Exchange an assertion for a token, and call the instance with it."""
    client = patient.oauth
    if client is None:
        return skipped("oauth", "no --client-id was given")
    try:
        assertion, public = _signed(client)
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        return broken(
            "oauth",
            f"the private key cannot sign: {words[:200]}",
            "give an RSA key in PEM with --private-key, and its password with --private-key-password",
        )
    answer = patient.ask(
        "POST",
        "/oauth_token.do",
        who="nobody",
        form={
            "grant_type": GRANT,
            "assertion": assertion,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
        },
    )
    token = answer.content.get("access_token") if answer.content is not None else None
    if answer.status != 200 or not isinstance(token, str) or not token:
        said = answer.content.get("error_description") if answer.content is not None else None
        reason = _reason(patient, client, public)
        return broken("oauth", f"no token ({answer.status} {said or answer.complaint}): {reason.text}", reason.fix)
    patient.token = token
    return ok("oauth", f"a token for {client.user_identifier} was given")


def _signed(client: OAuthClient) -> tuple[str, Any]:
    password = client.private_key_password.encode("utf-8") if client.private_key_password else None
    key: Any = serialization.load_pem_private_key(client.private_key.encode("utf-8"), password)
    now = int(time.time())
    claims = {
        "iss": client.client_id,
        "aud": client.client_id,
        "sub": client.user_identifier,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": client.key_id}), key.public_key()


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why there is no token, and what to do."""

    text: str
    fix: str


def _reason(patient: Patient, client: OAuthClient, public: Any) -> _Reason:
    """Find out with an administrator's credentials why there is no token; without them, say where to look."""
    if not patient.has_admin:
        return _Reason(
            "the instance does not tell a client why",
            "read the instance's system log for 'Exception on token flow', or give --admin-user: client id and secret, "
            "key id, certificate, user identifier, and the user's being no administrator are what can be wrong",
        )
    endpoint = _first(patient.list("oauth_jwt", who="admin", client_id=client.client_id))
    if endpoint is None:
        return _Reason(
            f"there is no OAuth JWT API endpoint with client id {client.client_id}",
            "make one: System OAuth > Application Registry > New, an OAuth JWT API endpoint for external clients",
        )
    if str(endpoint.get("active")) == "false":
        return _Reason(
            f"the endpoint {endpoint.get('name')} is not active", "set it active in the Application Registry"
        )
    return (
        _key_is_wrong(patient, client, endpoint, public)
        or _user_is_wrong(patient, client, endpoint)
        or _Reason(
            "client id, key, certificate and user are as they should be",
            "the client secret, the clocks and the system log remain to be looked at ('Exception on token flow')",
        )
    )


def _first(answer: Answer) -> Mapping[str, Any] | None:
    return answer.rows[0] if answer.rows else None


def _key_is_wrong(patient: Patient, client: OAuthClient, endpoint: Mapping[str, Any], public: Any) -> _Reason | None:
    maps = patient.list("jwt_verifier_map", who="admin", oauth_jwt=str(endpoint.get("sys_id", ""))).rows or []
    mapped = next((row for row in maps if row.get("kid") == client.key_id), None)
    if mapped is None:
        known = ", ".join(str(row.get("kid")) for row in maps) or "none"
        return _Reason(
            f"the endpoint has no JWT verifier map with key id {client.key_id} (it has: {known})",
            "open the endpoint, tab Jwt Verifier Maps, New, and use the key id that it shows",
        )
    reference = str(mapped.get("sys_certificate") or "")
    record = _first(patient.list("sys_certificate", who="admin", sys_id=reference)) if reference else None
    if record is None:
        return _Reason("the JWT verifier map has no certificate", "choose the certificate in the JWT verifier map")
    try:
        certificate = x509.load_pem_x509_certificate(str(record.get("pem_certificate")).encode("utf-8"))
    except ValueError:
        return _Reason("the verifier map's certificate is no PEM certificate", "put its PEM text into the record")
    if certificate.public_key() != public:
        return _Reason(
            "the private key does not belong to the certificate of the JWT verifier map",
            "sign with the key that the certificate was made from, or register that key's certificate",
        )
    now = datetime.datetime.now(datetime.UTC)
    if str(record.get("active")) == "false" or certificate.not_valid_after_utc <= now:
        return _Reason("the certificate is inactive or has ended", "register a certificate that is valid today")
    return None


def _user_is_wrong(patient: Patient, client: OAuthClient, endpoint: Mapping[str, Any]) -> _Reason | None:
    column = str(endpoint.get("user_field") or "email")
    users = patient.list("sys_user", who="admin", limit=2, **{column: client.user_identifier}).rows or []
    if len(users) != 1:
        return _Reason(
            f"{'several users have' if users else 'no user has'} {column} {client.user_identifier}",
            f"the endpoint's user field is {column}: use that field's value of the integration user as user identifier",
        )
    user = users[0]
    if str(user.get("active")) == "false" or str(user.get("locked_out")) == "true":
        return _Reason(f"the user {user.get('user_name')} is inactive or locked out", "activate and unlock the user")
    roles = patient.list("sys_user_has_role", who="admin", fields="role.name", user=str(user.get("sys_id"))).rows or []
    if any(row.get("role.name") == "admin" for row in roles):
        return _Reason(
            f"the user {user.get('user_name')} is an administrator, and tokens for those are refused",
            "use an integration user without the role admin",
        )
    return None
