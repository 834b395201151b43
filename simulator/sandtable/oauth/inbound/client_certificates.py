"""Client certificates: which user the certificate of a TLS client stands for, and whose certificates are asked for.

`sys_ca_certificate` has the authorities that an instance trusts, `sys_user_certificate` says whose a certificate is.
Source: ServiceNow documentation, Certificate-based authentication: the user designated in the mapping has the session;
the authority must be trusted, and certificates that sign themselves are refused (KB0993615).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sandtable.core.platform import attachments
from sandtable.core.platform.writing.rules import INSERT, INSERT_OR_UPDATE, BusinessRule, RuleContext
from sandtable.oauth.signed.certificates import BadCertificate, check_in_force, read_with_properties

if TYPE_CHECKING:
    from cryptography import x509

    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

AUTHORITIES, MAPPINGS = "sys_ca_certificate", "sys_user_certificate"
ENABLED = "glide.authenticate.mutual.enabled"
_KINDS = {AUTHORITIES: "ca_cert", MAPPINGS: "client_cert"}
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_LONGEST_CHAIN = 10


def trusted(instance: Instance) -> str:
    """Return the authorities whose certificates a server is to ask for, as PEM text.

    Empty while the instance has no active mapping, no active authority, or `glide.authenticate.mutual.enabled` is
    false: then nobody is asked.
    """

    def collect() -> str:
        with instance.transaction():
            system = instance.system()
            if not instance.property_is_true(ENABLED, True) or system.table(MAPPINGS).first("active=true") is None:
                return ""
            return "\n".join(each for each in _authorities(instance) if each)

    return instance.cached("client authorities", (AUTHORITIES, MAPPINGS, "sys_properties"), collect)


def user_of(instance: Instance, certificate: bytes, explain: Callable[[str], None]) -> Record | None:
    """Return the user that a client's certificate (DER) is mapped to, or None with the reason explained."""
    if not instance.property_is_true(ENABLED, True):
        explain(f"a client certificate came, and {ENABLED} is false")
        return None
    mapping = _mapping(instance, certificate)
    if mapping is None:
        explain("no active sys_user_certificate record has the client's certificate")
        return None
    try:
        check_in_force(instance, mapping, read_with_properties(instance, mapping["pem_certificate"]))
    except BadCertificate as error:
        explain(f"sys_user_certificate: {error}")
        return None
    refused = _why_untrusted(instance, mapping["pem_certificate"])
    if refused:
        explain(f"sys_user_certificate {mapping['name']!r}: {refused}")
        return None
    user = instance.system().table("sys_user").find(mapping["user"]) if mapping["user"] else None
    if user is None:
        explain(f"sys_user_certificate {mapping['name']!r} names no user")
    return user


def _mapping(instance: Instance, certificate: bytes) -> Record | None:
    """Return the active mapping of a certificate: the whole of it counts, never a name that it says it has."""

    def by_content() -> dict[bytes, str]:
        found: dict[bytes, str] = {}
        for record in instance.system().table(MAPPINGS).query("active=true^ORDERBYsys_created_on^ORDERBYsys_id"):
            for parsed in _parsed(record["pem_certificate"]):
                found.setdefault(_der(parsed), record.sys_id)
        return found

    with instance.transaction():
        sys_id = instance.cached("client certificates", (MAPPINGS,), by_content).get(certificate)
        return instance.system().table(MAPPINGS).find(sys_id) if sys_id else None


def _authorities(instance: Instance) -> list[str]:
    return [each["pem_certificate"].strip() for each in instance.system().table(AUTHORITIES).query("active=true")]


def _why_untrusted(instance: Instance, pem: str) -> str:
    """Return why a certificate does not lead to an authority of the instance, or empty text when it does."""
    from cryptography.exceptions import InvalidSignature

    known = [parsed for text in _authorities(instance) for parsed in _parsed(text)]
    current = next(iter(_parsed(pem)), None)
    if current is None:
        return "it holds no certificate"
    if current.subject == current.issuer:
        return "a certificate that signs itself is not taken; let an authority of sys_ca_certificate sign it"
    for _ in range(_LONGEST_CHAIN):
        issuer = None
        for each in known:
            try:
                current.verify_directly_issued_by(each)
            except (ValueError, TypeError, InvalidSignature):
                continue
            issuer = each
            break
        if issuer is None:
            return f"no active sys_ca_certificate record has its issuer, {current.issuer.rfc4514_string()}"
        if issuer.subject == issuer.issuer:
            return ""
        current = issuer
    return "its chain of authorities is too long"


def _blocks(text: str) -> Iterator[str]:
    """Yield each certificate of a PEM text, its armour included."""
    _, *parts = text.split(_BEGIN)
    for part in parts:
        inner, end, _ = part.partition(_END)
        if end:
            yield _BEGIN + inner + end


def _parsed(pem: str) -> list[x509.Certificate]:
    """Return the certificates in a PEM text that can be read."""
    from cryptography import x509

    found = []
    for block in _blocks(pem):
        try:
            found.append(x509.load_pem_x509_certificate(block.encode("ascii", "replace")))
        except ValueError:
            continue
    return found


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


# what the records do by themselves -----------------------------------------------------------------------------------


def _name_kind(context: RuleContext) -> None:
    """A mapping holds a client's certificate and an authority one that others are signed by, unless somebody chose."""
    if "type" not in context.given:
        context.current["type"] = _KINDS[context.table]


def _check_issuer(context: RuleContext) -> None:
    """Tell in the log when a mapped certificate will open nothing. It is kept: its authority may come later."""
    current = context.current
    if current["pem_certificate"] and context.changed("pem_certificate"):
        refused = _why_untrusted(context.instance, current["pem_certificate"])
        if refused:
            context.instance.log("warning", "Certificate", f"{MAPPINGS} {current['name'][:100]!r}: {refused}")


def _take_upload(context: RuleContext) -> None:
    """A file attached to one of the records is its certificate, as the form asks for it."""
    row = context.current
    if row["table_name"] not in _KINDS:
        return
    elevated = context.elevated
    record = elevated.table("sys_attachment").get(context.sys_id)
    text = b"".join(attachments.content(context.instance, record)).decode("utf-8", "replace")
    if any(_blocks(text)):
        elevated.table(row["table_name"]).update(row["table_sys_id"], {"pem_certificate": text})


RULES = (
    *(
        BusinessRule("Name the kind of certificate", table, "before", frozenset({INSERT}), _name_kind, 50)
        for table in _KINDS
    ),
    BusinessRule("Check the issuer", MAPPINGS, "after", INSERT_OR_UPDATE, _check_issuer),
    BusinessRule("Take the uploaded certificate", "sys_attachment", "after", frozenset({INSERT}), _take_upload),
)
