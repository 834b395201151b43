"""The verification of a JWT-bearer assertion, in the product's order of checks; the first that fails is the reason.

The client is known and authenticated before this begins. Order: form and header; the key by client and kid; key and
algorithm; certificate; signature; aud; iss; exp; nbf; iat; the client's own claim rows; sub and the user; jti. Source:
ServiceNow documentation of the OAuth JWT API endpoint, RFC 7523 and RFC 8725.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandtable.core.values.texts import comma_list, whole_number
from sandtable.oauth.errors import InvalidGrant
from sandtable.oauth.records import matching
from sandtable.oauth.signed import compact
from sandtable.oauth.signed.certificates import TABLE as CERTIFICATE
from sandtable.oauth.signed.certificates import BadCertificate, Certificate, check_in_force, read_with_properties
from sandtable.oauth.signed.claims import check_text, custom_claims, satisfies
from sandtable.oauth.users import by_field, is_admin

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record
    from sandtable.oauth.signed.certificates import PublicKey

VERIFIER_MAP = "jwt_verifier_map"
DEFAULT_SKEW = 300
ALGORITHMS = "RS256,RS384,RS512,ES256,ES384,ES512,HS256,HS384,HS512"


@dataclass(frozen=True, slots=True)
class Verified:
    """An assertion that passed: whom it speaks for, and the JTI to remember until `jti_expires` (unix seconds)."""

    user: Record
    claims: Mapping[str, Any]
    jti: str = ""
    jti_expires: float = 0.0


def verify(instance: Instance, client: Record, assertion: str, *, endpoint: str = "") -> Verified:
    """Return what an assertion says, all checks passed; it writes nothing. Raises InvalidGrant with the true reason.

    `endpoint` is the token endpoint's address, which some releases take as audience.
    """
    token = compact.parse(assertion)
    allowed = set(comma_list(instance.property("sandtable.oauth.jwt_algorithms", ALGORITHMS)))
    # "none" stays refused even where somebody lists it.
    if token.algorithm not in allowed or token.algorithm not in ALGORITHMS.split(","):
        raise InvalidGrant(
            f"alg {token.algorithm[:40]!r} is not allowed; this instance takes {', '.join(sorted(allowed))}"
        )
    _check_signature(instance, client, token)
    claims = compact.json_object(token.payload, "payload")
    skew = whole_number(client["clock_skew"], DEFAULT_SKEW)
    rows = custom_claims(instance, client)
    _check_audience(instance, client, claims, endpoint)
    _check_issuer(client, claims, replaced="iss" in rows)
    expires = _check_times(instance, claims, skew)
    for name, row in rows.items():
        satisfies(claims, name, row)
    subject = check_text(claims, "sub", "sub")
    user = by_field(instance, client["user_field"] or "email", subject)
    if is_admin(instance, user) and instance.property_is_true("sandtable.oauth.refuse_admin", True):
        raise InvalidGrant("Grant access to admin is not allowed")
    return Verified(user, claims, _jti(instance, client, claims), expires + skew)


# the key and the signature -------------------------------------------------------------------------------------------


def _check_signature(instance: Instance, client: Record, token: compact.Unverified) -> None:
    rows = _verifier_maps(instance, client, token.header)
    if client["jwks_url"]:
        instance.ledger.note("field", "oauth_jwt.jwks_url", "keys come from the client's verifier maps alone")
    reasons = []
    for row in rows:
        reason = _why_not(instance, token, row)
        if not reason:
            return
        reasons.append(reason)
    raise InvalidGrant("; ".join(reasons))


def _verifier_maps(instance: Instance, client: Record, header: Mapping[str, Any]) -> list[Record]:
    """Return the verifier maps to try: those of this client alone, by the exact kid. Raises InvalidGrant."""
    rows = matching(instance, VERIFIER_MAP, oauth_jwt=client.sys_id)
    if not rows:
        raise InvalidGrant(f"client {client['client_id']!r} has no JWT verifier map")
    if "kid" not in header:
        mode = instance.property("sandtable.oauth.missing_kid", "only_map")
        if mode == "any" or (mode == "only_map" and len(rows) == 1):
            return rows
        raise InvalidGrant(f"the assertion has no kid, and the client has {len(rows)} JWT verifier maps")
    kid = header["kid"]
    if not isinstance(kid, str):
        raise InvalidGrant("kid in the header is no text")
    found = [row for row in rows if row["kid"] == kid]
    if not found:
        raise InvalidGrant(f"kid {kid[:100]!r} is that of no JWT verifier map of client {client['client_id']!r}")
    return found


def _why_not(instance: Instance, token: compact.Unverified, row: Record) -> str:
    """Return why a verifier map does not vouch for a token, or empty text when it does.

    Nothing is remembered from one token to the next: a certificate deactivated a moment ago verifies nothing.
    """
    name = f"JWT verifier map {row['name']!r}"
    try:
        record, certificate = _certificate(instance, row)
        key: PublicKey | str = certificate.key if certificate is not None else row["shared_key"]
        if not key:
            return f"{name} has neither a certificate nor a shared key"
        fitting = compact.algorithms_for(key)
        if token.algorithm not in fitting:
            takes = ", ".join(sorted(fitting)) or "no algorithm at all; a shared key is at least 32 bytes of plain text"
            return f"alg {token.algorithm!r} does not fit the key of {name}, which takes {takes}"
        if record is not None and certificate is not None:
            check_in_force(instance, record, certificate)
    except BadCertificate as error:
        return f"{name}: {error}"
    return "" if compact.verify(token, key) else f"the signature is not by the key of {name}"


def _certificate(instance: Instance, row: Record) -> tuple[Record | None, Certificate | None]:
    """Return the certificate's record and what it says, or neither for a row without one. Raises BadCertificate."""
    if not row["sys_certificate"]:
        return None, None
    record = instance.system().table(CERTIFICATE).find(row["sys_certificate"])
    if record is None:
        raise BadCertificate("its certificate is gone")
    return record, read_with_properties(instance, record["pem_certificate"])


# the claims ----------------------------------------------------------------------------------------------------------


def _check_audience(instance: Instance, client: Record, claims: Mapping[str, Any], endpoint: str) -> None:
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or not named or not all(isinstance(each, str) for each in named):
        raise InvalidGrant("aud is missing, or is neither text nor a list of texts")
    accepted = {client["client_id"]}
    if instance.property_is_true("sandtable.oauth.accept_endpoint_audience", False):
        accepted |= {endpoint, f"{instance.base_url}/oauth_token.do"} - {""}
    if not accepted & set(named):
        raise InvalidGrant(f"aud {_shown(audience)} is not the client ID {client['client_id']!r}")


def _check_issuer(client: Record, claims: Mapping[str, Any], *, replaced: bool) -> None:
    """The issuer is the client, unless a claim row of the client says who it is."""
    issuer = check_text(claims, "iss", "iss")
    if not replaced and issuer != client["client_id"]:
        raise InvalidGrant(
            f"iss {_shown(issuer)} is not the client ID {client['client_id']!r}; add a claim row for another issuer"
        )


def _check_times(instance: Instance, claims: Mapping[str, Any], skew: int) -> float:
    """Return exp after checking exp, nbf and iat against the instance's clock. Raises InvalidGrant."""
    now = instance.clock.timestamp()
    if claims.get("exp") is None:
        raise InvalidGrant("exp is missing")
    expires = _moment(claims, "exp")
    if now >= expires + skew:
        raise InvalidGrant(f"exp was {now - expires:.0f} s ago, and the clock skew allowed is {skew} s")
    longest = whole_number(instance.property("sandtable.oauth.longest_assertion_lifetime", "0"), 0)
    if longest and expires > now + longest + skew:
        raise InvalidGrant(f"exp lies {expires - now:.0f} s ahead; {longest} s is the most")
    if "nbf" in claims and (begin := _moment(claims, "nbf")) > now + skew:
        raise InvalidGrant(f"nbf is {begin - now:.0f} s ahead, and the clock skew allowed is {skew} s")
    if "iat" in claims and instance.property_is_true("sandtable.oauth.check_issued_at", True):
        issued = _moment(claims, "iat")
        if issued > now + skew:
            raise InvalidGrant(f"iat is {issued - now:.0f} s ahead, and the clock skew allowed is {skew} s")
    return expires


def _moment(claims: Mapping[str, Any], name: str) -> float:
    """Return a NumericDate: a JSON number, with or without a fraction, and nothing else (RFC 7519, 2)."""
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidGrant(f"{name} is no number")
    try:
        moment = float(value)
    except OverflowError:
        moment = math.inf
    if not math.isfinite(moment):
        raise InvalidGrant(f"{name} is no number that a time can have")
    return moment


def _jti(instance: Instance, client: Record, claims: Mapping[str, Any]) -> str:
    """Return the JTI to check for replay, or empty text where there is nothing to check. Raises InvalidGrant."""
    if client["enable_jti_verification"] != "true":
        return ""
    name = client["jti_claim"] or "jti"
    if name not in claims:
        if instance.property_is_true("sandtable.oauth.require_jti", False):
            raise InvalidGrant(f"{name} is missing, and property sandtable.oauth.require_jti is true")
        return ""
    return check_text(claims, name, name)


def _shown(value: object) -> str:
    return repr(value)[:120]
