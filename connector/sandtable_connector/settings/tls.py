"""TLS as the verification modes none, certificate and full mean it (source: Kibana docs, xpack.actions.ssl)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from sandtable_connector.errors import CertificateRefused, ConfigurationError

MODES = ("none", "certificate", "full")

# How Node names what OpenSSL's number says; the text is the one a connector's error shows.
_REFUSALS: dict[int, tuple[str, str]] = {
    9: ("CERT_NOT_YET_VALID", "certificate is not yet valid"),
    10: ("CERT_HAS_EXPIRED", "certificate has expired"),
    18: ("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"),
    19: ("SELF_SIGNED_CERT_IN_CHAIN", "self-signed certificate in certificate chain"),
    20: ("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unable to get local issuer certificate"),
    21: ("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate"),
}
_WRONG_NAME = frozenset({62, 64})


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """What to verify of a TLS peer: its chain, its host name, and against which CAs (PEM text; None is the default
    set).

    The default set is Mozilla's, as in Node; a custom set replaces it.
    """

    chain: bool = True
    hostname: bool = True
    authorities: str | None = field(default=None, repr=False)

    @classmethod
    def of_mode(cls, mode: str, authorities: str | None = None) -> TlsSettings:
        """Return the settings a verification mode stands for; an unknown mode verifies everything."""
        return cls(chain=mode != "none", hostname=mode not in ("none", "certificate"), authorities=authorities)


def context_for(settings: TlsSettings) -> ssl.SSLContext:
    """Return a client context for the settings; ConfigurationError when the CAs are not PEM certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not settings.chain:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    context.check_hostname = settings.hostname
    try:
        if settings.authorities is None:
            context.load_verify_locations(cafile=DEFAULT_CA_BUNDLE_PATH)
        else:
            context.load_verify_locations(cadata=settings.authorities)
    except (ssl.SSLError, ValueError) as error:
        raise ConfigurationError(
            "customHostSettings: the certificate authorities are not PEM certificates; "
            "give certificateAuthoritiesFiles or certificateAuthoritiesData that begin with -----BEGIN CERTIFICATE-----"
        ) from error
    return context


def refusal(error: ssl.SSLError, host: str) -> CertificateRefused:
    """Return the error for a failed handshake, worded and coded as Node does."""
    number = getattr(error, "verify_code", 0)
    if number in _WRONG_NAME:
        return CertificateRefused(
            f"Hostname/IP does not match certificate's altnames: {host} is not in the certificate",
            code="ERR_TLS_CERT_ALTNAME_INVALID",
        )
    if number in _REFUSALS:
        code, text = _REFUSALS[number]
        return CertificateRefused(text, code=code)
    reason = getattr(error, "verify_message", "") or error.reason or "TLS handshake failed"
    return CertificateRefused(str(reason).replace("_", " ").lower(), code="EPROTO")
