"""``xpack.actions.customHostSettings``: TLS settings for one host.

Source: Kibana docs, alerting and action settings.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandtable_connector.errors import ConfigurationError, without_credentials

_DEFAULT_PORTS = {"https": 443, "smtp": 25, "http": 80}
_INTRODUCTION = "In configuration xpack.actions.customHosts,"


@dataclass(frozen=True, slots=True)
class CustomHost:
    """TLS settings for one host: its canonical key, a verification mode or None, and PEM text of its CAs or None."""

    url: str
    verification_mode: str | None = None
    certificate_authorities: str | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """Return ``<protocol>//<hostname>:<port>`` with the protocol's default port filled in."""
        return canonical_key(self.url)


def canonical_key(url: str) -> str:
    """Return the key under which a URL's custom settings are found; ValueError when it is no URL."""
    parts = urlsplit(url)
    if not parts.scheme or not parts.hostname:
        raise ValueError(f"{url!r} is not a URL")
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme.lower(), 0)
    return f"{parts.scheme.lower()}://{_host(parts.hostname)}:{port}"


def _host(hostname: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(hostname).compressed}]"
    except ValueError:
        return hostname.lower()


def read_custom_hosts(entries: Iterable[Any], warn: Callable[[str], None]) -> tuple[CustomHost, ...]:
    """Return the usable entries of the setting; each one that is ignored, in whole or part, is warned about.

    ConfigurationError when an entry has not the shape of one. The first of two entries for one host wins.
    """
    hosts: dict[str, CustomHost] = {}
    for index, entry in enumerate(entries):
        where = f"xpack.actions.customHostSettings[{index}]"
        if not isinstance(entry, Mapping) or not isinstance(entry.get("url"), str):
            raise ConfigurationError(f"{where}.url: expected the URL of a host, such as https://dev.example.com:443")
        _refuse_unknown(entry, ("url", "smtp", "ssl"), where)
        url = entry["url"]
        key = _key_of(url, warn)
        if key is None:
            continue
        if key in hosts:
            warn(f'{_INTRODUCTION} multiple entries for "{key}" found; only the first one is used')
            continue
        scheme = key.split(":", 1)[0]
        _check_smtp(entry.get("smtp"), scheme, url, where, warn)
        hosts[key] = _read_tls(entry.get("ssl"), key, where, warn)
    return tuple(hosts.values())


def _key_of(url: str, warn: Callable[[str], None]) -> str | None:
    shown = without_credentials(url)
    try:
        parts = urlsplit(url)
        key = canonical_key(url)
    except ValueError:
        warn(f'{_INTRODUCTION} invalid URL "{shown}" ignored')
        return None
    if parts.scheme.lower() not in ("https", "smtp"):
        warn(f'{_INTRODUCTION} unsupported protocol used in URL "{shown}"; ignored')
        return None
    if parts.username or parts.password:
        warn(f'{_INTRODUCTION} URL "{shown}" contains authentication information which is ignored')
    if parts.fragment:
        warn(f'{_INTRODUCTION} URL "{shown}" contains hash information which is ignored')
    if parts.path not in ("", "/") or parts.query:
        warn(f'{_INTRODUCTION} URL "{shown}" contains path information which is ignored')
    return key


def _check_smtp(smtp: Any, scheme: str, url: str, where: str, warn: Callable[[str], None]) -> None:
    if smtp is None:
        return
    if not isinstance(smtp, Mapping):
        raise ConfigurationError(f"{where}.smtp: expected ignoreTLS and requireTLS")
    _refuse_unknown(smtp, ("ignoreTLS", "requireTLS"), f"{where}.smtp")
    shown = without_credentials(url)
    if scheme == "https":
        warn(f'{_INTRODUCTION} https URL "{shown}" cannot contain smtp options; they are ignored')
    elif smtp.get("ignoreTLS") and smtp.get("requireTLS"):
        warn(f'{_INTRODUCTION} URL "{shown}" cannot have both requireTLS and ignoreTLS; requireTLS is used')


def _read_tls(ssl: Any, key: str, where: str, warn: Callable[[str], None]) -> CustomHost:
    if ssl is None:
        return CustomHost(key)
    if not isinstance(ssl, Mapping):
        raise ConfigurationError(f"{where}.ssl: expected verificationMode and certificateAuthorities settings")
    _refuse_unknown(
        ssl, ("verificationMode", "certificateAuthoritiesFiles", "certificateAuthoritiesData"), f"{where}.ssl"
    )
    mode = ssl.get("verificationMode")
    if mode is not None and not isinstance(mode, str):
        raise ConfigurationError(f"{where}.ssl.verificationMode: expected none, certificate or full")
    data = ssl.get("certificateAuthoritiesData")
    if data is not None and not isinstance(data, str):
        raise ConfigurationError(f"{where}.ssl.certificateAuthoritiesData: expected PEM text")
    texts = [data] if data else []
    files = ssl.get("certificateAuthoritiesFiles") or []
    for file in [files] if isinstance(files, str) else _list_of_text(files, f"{where}.ssl.certificateAuthoritiesFiles"):
        try:
            texts.append(Path(file).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text"
            warn(f'{_INTRODUCTION} error reading file "{file}" specified in certificateAuthoritiesFiles: {reason}')
    return CustomHost(key, mode, "\n".join(texts) or None)


def _list_of_text(value: Any, where: str) -> Sequence[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigurationError(f"{where}: expected a file name or a list of them")
    return value


def _refuse_unknown(entry: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in entry:
        if name not in known:
            raise ConfigurationError(f"{where}.{name}: unknown setting; known are {', '.join(known)}")
