"""`Networking`: the part of ``xpack.actions`` that decides how requests reach a host.

Source: Kibana docs, alerting and action settings; precedence as observed in Kibana or as documented, by `Behaviour`.
Proxy variables of the environment are ignored.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.errors import ConfigurationError, without_credentials
from sandtable_connector.settings.custom_hosts import CustomHost, canonical_key, read_custom_hosts
from sandtable_connector.settings.proxies import ProxyHop, ProxySettings, is_proxy_url
from sandtable_connector.settings.tls import MODES, TlsSettings
from sandtable_connector.settings.units import parse_duration, parse_size

KNOWN_SETTINGS = (
    "allowedHosts",
    "customHostSettings",
    "maxResponseContentLength",
    "proxyBypassHosts",
    "proxyHeaders",
    "proxyOnlyHosts",
    "proxyUrl",
    "responseTimeout",
    "ssl.proxyVerificationMode",
    "ssl.verificationMode",
)
"""The settings under ``xpack.actions`` that `Networking.from_settings` reads."""


@dataclass(frozen=True, slots=True)
class Route:
    """How one URL is reached: the host to speak to, its TLS or None, the proxy or None, and whether it tunnels."""

    scheme: str
    host: str
    port: int
    tls: TlsSettings | None
    proxy: ProxyHop | None
    tunnel: bool

    @property
    def server_name(self) -> str:
        """Return the TLS server name that is sent: empty for plain HTTP and for an IP address."""
        return "" if self.tls is None or _is_address(self.host) else self.host


@dataclass(frozen=True, kw_only=True)
class Networking:
    """Allowed hosts, proxy, TLS and limits; a value, with Kibana's defaults.

    ``response_timeout`` is in seconds and is for one request, ``max_response_content_length`` in bytes: strictly more
    is refused. ``warnings`` is what reading the settings had to say.
    """

    allowed_hosts: tuple[str, ...] = ("*",)
    proxy_url: str | None = field(default=None, repr=False)
    proxy_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy_bypass_hosts: frozenset[str] | None = None
    proxy_only_hosts: frozenset[str] | None = None
    verification_mode: str = "full"
    proxy_verification_mode: str = "full"
    custom_host_settings: tuple[CustomHost, ...] = ()
    max_response_content_length: int = 1048576
    response_timeout: float = 60.0
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        found: list[str] = []
        if self.proxy_url is not None and not is_proxy_url(self.proxy_url):
            found.append(f'invalid proxy URL "{without_credentials(self.proxy_url)}" ignored')
            object.__setattr__(self, "proxy_url", None)
        if self.proxy_bypass_hosts is not None and self.proxy_only_hosts is not None:
            found.append("proxyBypassHosts and proxyOnlyHosts are both set; proxyOnlyHosts is ignored")
            object.__setattr__(self, "proxy_only_hosts", None)
        custom = [host.verification_mode for host in self.custom_host_settings if host.verification_mode is not None]
        for mode in (self.verification_mode, self.proxy_verification_mode, *custom):
            if mode not in MODES:
                found.append(f"Unknown ssl verificationMode: {mode}")
        if self.response_timeout <= 0:
            raise ConfigurationError("xpack.actions.responseTimeout: must be more than 0")
        object.__setattr__(self, "warnings", (*self.warnings, *(text for text in found if text not in self.warnings)))

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], *, warn: Callable[[str], None] | None = None) -> Networking:
        """Return the networking of an ``xpack.actions`` mapping, nested or with dotted names.

        ConfigurationError names a setting of the wrong type; settings that are not about networking are left to others.
        Each warning is kept in ``warnings`` and also given to ``warn``.
        """
        read = _Settings(settings)
        warnings: list[str] = []
        networking = cls(
            allowed_hosts=read.texts("allowedHosts", ("*",)),
            proxy_url=read.text("proxyUrl"),
            proxy_headers=read.headers("proxyHeaders"),
            proxy_bypass_hosts=read.hosts("proxyBypassHosts"),
            proxy_only_hosts=read.hosts("proxyOnlyHosts"),
            verification_mode=read.text("ssl.verificationMode") or "full",
            proxy_verification_mode=read.text("ssl.proxyVerificationMode") or "full",
            custom_host_settings=read_custom_hosts(read.entries("customHostSettings"), warnings.append),
            max_response_content_length=parse_size(
                read.value("maxResponseContentLength", 1048576), setting="xpack.actions.maxResponseContentLength"
            ),
            response_timeout=parse_duration(
                read.value("responseTimeout", 60_000), setting="xpack.actions.responseTimeout"
            ),
            warnings=tuple(warnings),
        )
        if warn is not None:
            for text in networking.warnings:
                warn(text)
        return networking

    @property
    def timeout_ms(self) -> int:
        """Return the response timeout in milliseconds, as error texts print it."""
        return round(self.response_timeout * 1000)

    def allows(self, hostname: str) -> bool:
        """Return whether allowedHosts names the host; ``*`` allows all, otherwise names are compared exactly."""
        return "*" in self.allowed_hosts or (bool(hostname) and hostname in self.allowed_hosts)

    def route(self, url: str, behaviour: Behaviour) -> Route:
        """Return how a URL is reached; pure, so that proxy and TLS rules can be asserted without a socket."""
        parts = urlsplit(url)
        secure = parts.scheme.lower() == "https"
        host = parts.hostname or ""
        port = parts.port or (443 if secure else 80)
        custom = self._custom_host(url)
        proxy = self._proxy()
        hop: ProxyHop | None = None
        if proxy is not None and proxy.serves(host):
            hop = proxy.hop(self._proxy_tls(proxy.url, custom, behaviour))
        return Route(
            scheme="https" if secure else "http",
            host=host,
            port=port,
            tls=self._target_tls(custom, behaviour) if secure else None,
            proxy=hop,
            tunnel=hop is not None and (secure or behaviour.proxy_tunnels_plain_http),
        )

    def _proxy(self) -> ProxySettings | None:
        if self.proxy_url is None:
            return None
        return ProxySettings(self.proxy_url, self.proxy_headers, self.proxy_bypass_hosts, self.proxy_only_hosts)

    def _custom_host(self, url: str) -> CustomHost | None:
        try:
            key = canonical_key(url)
        except ValueError:
            return None
        return next((host for host in self.custom_host_settings if host.key == key), None)

    def _target_tls(self, custom: CustomHost | None, behaviour: Behaviour) -> TlsSettings:
        if custom is None:
            return TlsSettings.of_mode(self.verification_mode)
        authorities = custom.certificate_authorities
        if custom.verification_mode is None:
            return TlsSettings.of_mode(self.verification_mode, authorities)
        if behaviour.custom_host_decides_hostname:
            return TlsSettings.of_mode(custom.verification_mode, authorities)
        # Kibana copies only "reject unauthorized" from the custom mode. The global mode "certificate" is the one that
        # installs an empty host name check; under the global mode "none" the check is there, and merely not enforced.
        chain = custom.verification_mode != "none"
        return TlsSettings(chain, chain and self.verification_mode != "certificate", authorities)

    def _proxy_tls(self, proxy_url: str, custom: CustomHost | None, behaviour: Behaviour) -> TlsSettings:
        if behaviour.custom_host_decides_hostname:
            own = self._custom_host(proxy_url)
            return TlsSettings.of_mode(self.proxy_verification_mode, own.certificate_authorities if own else None)
        # In Kibana the target's custom options are merged onto the agent that also speaks to the proxy.
        return TlsSettings.of_mode(self.proxy_verification_mode, custom.certificate_authorities if custom else None)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Settings:
    """Typed reads of an ``xpack.actions`` mapping; each refusal names the whole setting."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._flat: dict[str, Any] = {}
        for name, value in settings.items():
            if name == "ssl" and isinstance(value, Mapping):
                for inner, setting in value.items():
                    self._flat[f"ssl.{inner}"] = setting
            else:
                self._flat[name] = value
        for name in self._flat:
            if name.startswith("ssl.") and name not in KNOWN_SETTINGS:
                raise ConfigurationError(f"xpack.actions.{name}: unknown setting")

    def value(self, name: str, default: Any) -> Any:
        found = self._flat.get(name)
        return default if found is None else found

    def text(self, name: str) -> str | None:
        found = self._flat.get(name)
        if found is not None and not isinstance(found, str):
            raise ConfigurationError(f"xpack.actions.{name}: expected text, got {type(found).__name__}")
        return found

    def texts(self, name: str, default: Iterable[str]) -> tuple[str, ...]:
        found = self._flat.get(name)
        if found is None:
            return tuple(default)
        if not isinstance(found, list | tuple) or not all(isinstance(item, str) for item in found):
            raise ConfigurationError(f"xpack.actions.{name}: expected a list of host names")
        return tuple(found)

    def hosts(self, name: str) -> frozenset[str] | None:
        return None if self._flat.get(name) is None else frozenset(self.texts(name, ()))

    def headers(self, name: str) -> dict[str, str]:
        found = self.value(name, {})
        if not isinstance(found, Mapping) or not all(
            isinstance(key, str) and isinstance(value, str) for key, value in found.items()
        ):
            raise ConfigurationError(f"xpack.actions.{name}: expected header names and text values")
        for key, value in found.items():
            if any(character in key + value for character in "\r\n\0"):
                raise ConfigurationError(f"xpack.actions.{name}: header {key!r} holds a line end")
        return dict(found)

    def entries(self, name: str) -> list[Any]:
        found = self.value(name, [])
        if not isinstance(found, list | tuple):
            raise ConfigurationError(f"xpack.actions.{name}: expected a list")
        return list(found)
