"""What the records of OAuth do by themselves when they are written: IDs and secrets made, certificates read."""

from __future__ import annotations

from collections.abc import Callable

from sandtable.core.platform.writing.rules import INSERT, INSERT_OR_UPDATE, BusinessRule, RuleContext
from sandtable.oauth.inbound import client_certificates
from sandtable.oauth.registered import metadata_documents
from sandtable.oauth.secrets import STARS, digest, new_api_key, new_secret
from sandtable.oauth.signed.certificates import BadCertificate, first_of_chain, read_with_properties

_ON_INSERT = frozenset({INSERT})


def _complete_client(context: RuleContext) -> None:
    """Make the client ID and secret that were left empty. Documented: both are generated."""
    current = context.current
    if not current["client_id"]:
        current["client_id"] = context.instance.new_sys_id()
    if not current["client_secret"] and context.table != metadata_documents.TABLE:
        current["client_secret"] = new_secret(context.instance)


def _default_to_jwt(context: RuleContext) -> None:
    """A JWT endpoint takes the JWT bearer grant, unless somebody chose otherwise."""
    if "inbound_grant_type" not in context.given:
        context.current["inbound_grant_type"] = "jwt"


def _make_key_id(context: RuleContext) -> None:
    """Make the key ID that was left empty. Documented: the instance fills it."""
    if not context.current["kid"]:
        context.current["kid"] = context.instance.new_sys_id()


def _read_certificate(context: RuleContext) -> None:
    """Fill in what a certificate says of itself, and refuse what is none."""
    current = context.current
    if current["format"] not in ("", "pem") or not current["pem_certificate"] or not context.changed("pem_certificate"):
        return
    try:
        text = current["pem_certificate"]
        if context.table == client_certificates.AUTHORITIES:
            text = first_of_chain(text)
        certificate = read_with_properties(context.instance, text)
    except BadCertificate as error:
        reason = f"pem_certificate is refused: {error}"
        context.instance.log("error", "OAuth", f"{context.table} {current['name'][:100]!r}: {reason}")
        context.abort(reason)
        return
    current["valid_from"], current["expires"] = certificate.valid_from, certificate.expires
    current["subject"], current["issuer"] = certificate.subject, certificate.issuer


def _keep_secret(column: str) -> Callable[[RuleContext], None]:
    """Return a rule that keeps a secret when a client writes back the stars that it was shown instead."""

    def keep(context: RuleContext) -> None:
        if context.previous is not None and context.current[column] == STARS:
            context.current[column] = context.previous[column]

    return keep


def _make_api_key(context: RuleContext) -> None:
    """Make the key that was left empty, and note what it is found by."""
    current = context.current
    if not current["token"]:
        current["token"] = new_api_key(context.instance)
    current["token_digest"] = digest(current["token"])


def _make_hmac_key_id(context: RuleContext) -> None:
    """Make the ID that a signed call names its secret by, where it was left empty."""
    if not context.current["key_id"]:
        context.current["key_id"] = new_secret(context.instance)


RULES = (
    BusinessRule(
        "Keep the client secret", "oauth_entity", "before", INSERT_OR_UPDATE, _keep_secret("client_secret"), 50
    ),
    BusinessRule("Make client ID and secret", "oauth_entity", "before", INSERT_OR_UPDATE, _complete_client),
    BusinessRule(
        "Complete a client known by its metadata",
        metadata_documents.TABLE,
        "before",
        INSERT_OR_UPDATE,
        metadata_documents.complete,
        40,
    ),
    BusinessRule("Default to the JWT bearer grant", "oauth_jwt", "before", _ON_INSERT, _default_to_jwt),
    BusinessRule("Keep the shared key", "jwt_verifier_map", "before", INSERT_OR_UPDATE, _keep_secret("shared_key"), 50),
    BusinessRule("Make the key ID", "jwt_verifier_map", "before", INSERT_OR_UPDATE, _make_key_id),
    BusinessRule("Read the certificate", "sys_certificate", "before", INSERT_OR_UPDATE, _read_certificate),
    BusinessRule("Keep the API key", "api_key", "before", INSERT_OR_UPDATE, _keep_secret("token"), 50),
    BusinessRule("Make the API key", "api_key", "before", INSERT_OR_UPDATE, _make_api_key),
    BusinessRule("Keep the HMAC secret", "hmac_secret", "before", INSERT_OR_UPDATE, _keep_secret("shared_secret"), 50),
    BusinessRule("Make the HMAC key ID", "hmac_secret", "before", INSERT_OR_UPDATE, _make_hmac_key_id),
    *client_certificates.RULES,
)
