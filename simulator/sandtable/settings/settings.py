"""Settings of the tool itself; what belongs to the simulated instance is a record, not a setting.

Defaults < TOML file < environment (`SANDTABLE_*`, and `PORT`) < command-line flags. Each field carries its help text,
and the flags, the page in the documentation and `--show-settings` are made from the same walk over the fields.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sandtable.core.images.releases import UnknownRelease, release
from sandtable.core.values.secret_names import STARS, is_secret_name
from sandtable.core.values.texts import comma_list, nearest

PREFIX = "SANDTABLE_"
DEFAULT_FILE = "sandtable.toml"
TRUE = ("true", "1", "yes", "on")
FALSE = ("false", "0", "no", "off")
LOG_FORMATS = ("text", "json", "off")
# Set for the tool or by a container platform, not settings of the simulator.
NOT_SETTINGS = re.compile(
    r"SANDTABLE_((APP|CLONE|COMPAT|CONNECTOR|DOCS|DOCTOR|DRIFT|OAUTH|REHEARSE|SCENARIOS|SERVICE|PORT_\d+|TEST)_.*"
    r"|API_KEY|BEHAVIOUR|CONFIG|CONNECTORS|ENCRYPTION_KEY|KIBANA_YML|NEWEST|URL)",
    re.IGNORECASE,
)
DEFAULT_PROXY_HOSTS = "*.service-now.com"
HOST_PATTERN = re.compile(r"(\*\.)?[A-Za-z0-9_]([A-Za-z0-9._\-]*[A-Za-z0-9_])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SECRETS = frozenset({"admin_password", "integration_password", "plane_token"})


class SettingsError(ValueError):
    """A setting that cannot be used; the text names it, where it was given, and what is accepted."""


def option(default: Any, help_text: str) -> Any:
    """Return a dataclass field with its help text; a mapping default is made fresh for each Settings."""
    if isinstance(default, Mapping):
        return field(default_factory=lambda: MappingProxyType(dict(default)), metadata={"help": help_text})
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one simulator process is run.

    Raises SettingsError, naming the field, for a value out of range.
    """

    host: str = option("127.0.0.1", "Address to listen on.")
    port: int = option(8080, "Port to listen on; 0 takes a free one and the ready line says which.")
    threads: int = option(16, "Requests answered at the same time.")
    workers: int = option(1, "Processes behind the port; each world lives in one of them.")
    base_url: str = option("", "Address that links in answers begin with; empty means the one the request came to.")
    tls: bool = option(False, "Serve HTTPS with a certificate of the development CA, or with tls_certificate.")
    tls_names: str = option("", "More names for that certificate, separated by commas.")
    tls_certificate: str = option("", "PEM file with the server certificate and its chain; with tls_key, serves HTTPS.")
    tls_key: str = option("", "PEM file with the private key of tls_certificate.")
    ca_folder: str = option("", "Folder of the development CA; empty means the user's own data folder.")
    proxy: int | None = option(None, "Port of a proxy that answers for proxy_hosts over HTTPS; 0 takes a free one.")
    proxy_hosts: str = option(
        DEFAULT_PROXY_HOSTS, "What the proxy answers for: names and *.names, with commas between."
    )
    name: str = option("dev00000", "Name of the instance, as in https://<name>.service-now.com.")
    data: str = option(
        "", "File that keeps the instance between runs, or postgresql://user@host/db; empty keeps it in memory."
    )
    random_seed: int | None = option(None, "Number that makes ids repeatable; without it they differ from run to run.")
    empty: bool = option(False, "Start without the Elastic applications and without the integration user.")
    demo_data: bool = option(False, "Start with a company in it: people, groups, items and a year of their work.")
    scale: int = option(1, "Size of the demo data: 1 is a thousand incidents, 1000 is a million.")
    start_image: bool = option(True, "Keep what new instances start from in the user's cache folder.")
    release: str = option("australia", "Release to answer as: xanadu, yokohama, zurich, australia or brazil.")
    basic_auth: str = option(
        "", "Restriction of Basic authentication: open, tracking or enforced; empty: open, or enforced when new."
    )
    instance: str = option("upgraded", "Kind of instance: upgraded, or new, with what only new ones have switched on.")
    strict: bool = option(False, "Refuse, with 501, whatever a client uses that is not simulated.")
    admin_password: str = option("admin", "Password of the user admin.")
    integration_password: str = option("elastic-integration", "Password of the user elastic.integration.")
    sample_logins: bool = option(
        True, "Let the other users that the instance starts with sign in; the password of each is its user name."
    )
    plane: bool = option(True, "Offer the test plane under /_sandtable/.")
    plane_token: str = option("", "When set, the test plane asks for it in the header X-Sandtable-Token.")
    metrics: bool = option(False, "Offer metrics for Prometheus at /_sandtable/metrics; asks for the extra metrics.")
    log: str = option("text", "One line per request on stderr: text, json or off.")
    load: tuple[str, ...] = option((), "Files and folders to load into a new instance, in this order.")
    stubs: str = option("", "TOML file with endpoints of your own, each a table [[stub]].")
    properties: Mapping[str, str] = option({}, "System properties to set at start, by name.")

    def __post_init__(self) -> None:
        for name, low, high in (("port", 0, 65535), ("threads", 1, 1024), ("workers", 1, 64), ("scale", 1, 10_000)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(f"{name} must be between {low} and {high}, not {value}")
        if self.log not in LOG_FORMATS:
            raise SettingsError(f"log must be one of {', '.join(LOG_FORMATS)}, not {self.log!r}")
        if bool(self.tls_certificate) != bool(self.tls_key):
            missing = "tls_key" if self.tls_certificate else "tls_certificate"
            raise SettingsError(f"{missing} is missing: tls_certificate and tls_key are given together or not at all")
        if self.base_url and not re.fullmatch(r"https?://[A-Za-z0-9.\-_\[\]:]+(/[^\s?#]*)?", self.base_url):
            raise SettingsError(f"base_url must look like https://name.example.com, not {self.base_url!r}")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9\-]{0,62}", self.name):
            raise SettingsError(f"name must be letters, digits and hyphens (a host name label), not {self.name!r}")
        self._check_reach()
        by_tls = not self.in_database and (self.tls or self.tls_certificate)
        if self.workers > 1 and (by_tls or self.proxy is not None):
            raise SettingsError(
                "workers pass connections on, which cannot be done with TLS: leave out tls and proxy, "
                "and let a proxy in front speak HTTPS"
            )
        self._check_release()
        if self.scale != 1 and not self.demo_data:
            raise SettingsError("scale is the size of the demo data, and none are asked for; set demo_data too")
        for name in ("admin_password", "integration_password"):
            if not getattr(self, name):
                raise SettingsError(f"{name} must not be empty")
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        object.__setattr__(self, "properties", MappingProxyType(dict(self.properties)))

    def _check_reach(self) -> None:
        if not self.host.strip():
            raise SettingsError("host must not be empty; 127.0.0.1 is this machine alone, 0.0.0.0 every address of it")
        if self.proxy is not None and not 0 <= self.proxy <= 65535:
            raise SettingsError(f"proxy must be a port from 0 to 65535, not {self.proxy}")
        if self.proxy and self.proxy == self.port:
            raise SettingsError(f"proxy and port are both {self.port}; the proxy needs a port of its own")
        for name in ("tls_names", "proxy_hosts"):
            for host in comma_list(getattr(self, name)):
                if not HOST_PATTERN.fullmatch(host):
                    raise SettingsError(f"{name} lists host names with commas between, and {host!r} is none")
        if self.proxy is not None and not comma_list(self.proxy_hosts):
            raise SettingsError(
                f"proxy_hosts is empty, so the proxy would refuse everything; try {DEFAULT_PROXY_HOSTS}"
            )

    def _check_release(self) -> None:
        default = {"release": "australia", "basic_auth": "", "instance": "upgraded"}
        if all(getattr(self, name) == value for name, value in default.items()):
            return
        try:
            release(self.release, basic_auth=self.basic_auth, kind=self.instance)
        except UnknownRelease as error:
            raise SettingsError(str(error)) from None

    @property
    def in_database(self) -> bool:
        """True when the instance is in a database, which several processes may have in common."""
        return "://" in self.data

    @property
    def exposed(self) -> bool:
        """True when other machines can reach the server."""
        return self.host not in LOOPBACK_NAMES

    @property
    def has_default_password(self) -> bool:
        """True when a user that the instance starts with still has the password from the documentation."""
        default = Settings()
        integration = not self.empty and self.integration_password == default.integration_password
        return self.admin_password == default.admin_password or integration

    def shown(self) -> dict[str, Any]:
        """Return every setting with its value in force; a secret that was changed shows as stars."""
        default = Settings()
        values: dict[str, Any] = {}
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            if item.name in SECRETS and value != getattr(default, item.name):
                value = STARS
            elif item.name == "data":
                value = re.sub(r"(?<=://)([^:/@]*):[^/@]*@", rf"\1:{STARS}@", value)  # a password in a URL
            elif isinstance(value, Mapping):
                value = {name: STARS if is_secret_name(name) and text else text for name, text in value.items()}
            values[item.name] = value
        return values


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    file: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings in force.

    `flags` holds only what was given on the command line. `file` (or SANDTABLE_CONFIG, or ./sandtable.toml when it is
    there) is TOML with one key per setting. Raises SettingsError for an unknown key, a value of the wrong type, or a
    named file that cannot be read.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    values.update(_from_file(file or environ.get(PREFIX + "CONFIG", "")))
    values.update(_from_environment(environ))
    for name, value in (flags or {}).items():
        if name == "properties":
            values[name] = {**values.get(name, {}), **value}
        else:
            values[name] = _checked(name, value, "on the command line")
    return Settings(**values)


def _names() -> list[str]:
    return [item.name for item in dataclasses.fields(Settings)]


def _refuse_unknown(name: str, shown: str, where: str) -> None:
    if name in _names():
        return
    near = nearest(name, _names())
    hint = f"; did you mean {near}?" if near else f"; known are {', '.join(_names())}"
    raise SettingsError(f"unknown setting {shown} {where}{hint}")


def _from_file(path: str) -> dict[str, Any]:
    named = bool(path)
    place = Path(path or DEFAULT_FILE)
    if not named and not place.is_file():
        return {}
    import tomllib

    try:
        with place.open("rb") as stream:
            document = tomllib.load(stream)
    except OSError as error:
        raise SettingsError(f"settings file {place} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"settings file {place} is not TOML: it is no text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"settings file {place} is not TOML: {error}") from None
    for name, value in document.items():
        if isinstance(value, Mapping) and name not in _names():
            raise SettingsError(f"unknown table [{name}] in {place}; settings stand at its top, above [properties]")
        _refuse_unknown(name, name, f"in {place}")
    return {name: _checked(name, value, f"in {place}") for name, value in document.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if environ.get("PORT"):
        values["port"] = _checked("port", environ["PORT"], "in the environment variable PORT")
    for key, text in environ.items():
        if not key.upper().startswith(PREFIX) or NOT_SETTINGS.fullmatch(key):
            continue
        # Kubernetes describes a service called "sandtable" this way; it is not a port to listen on.
        if key.upper() == PREFIX + "PORT" and "://" in text:
            continue
        name = key[len(PREFIX) :].lower()
        _refuse_unknown(name, key, "in the environment")
        values[name] = _checked(name, text, f"in the environment variable {key}")
    return values


def _checked(name: str, value: Any, where: str) -> Any:
    """Return a value of the field's type, read from text when it came as text."""
    kind = {item.name: str(item.type) for item in dataclasses.fields(Settings)}[name]
    try:
        return _READERS[kind](value)
    except (ValueError, TypeError, AttributeError):
        given = f"one of type {type(value).__name__}" if name in SECRETS else repr(value)
        raise SettingsError(f"{name} {where} must be {_WANTED[kind]}, not {given}") from None


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError
    return int(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower()
    if word not in TRUE and word not in FALSE:
        raise ValueError
    return word in TRUE


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _optional_integer(value: Any) -> int | None:
    return None if value is None or value == "" else _integer(value)


def _pairs(value: Any) -> dict[str, str]:
    """Read a TOML table, or NAME=VALUE pairs separated by commas."""
    if isinstance(value, str):
        pairs = [part.split("=", 1) for part in value.split(",") if part.strip()]
        return {name.strip(): text for name, text in pairs}
    return {
        name: ("true" if item else "false") if isinstance(item, bool) else _text_of(item)
        for name, item in value.items()
    }


def _text_of(value: Any) -> str:
    if not isinstance(value, str | int | float):
        raise ValueError
    return str(value)


def _listing(value: Any) -> tuple[str, ...]:
    """Read a TOML list, or texts separated by commas."""
    parts = value.split(",") if isinstance(value, str) else list(value)
    return tuple(_text(part).strip() for part in parts if _text(part).strip())


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "int": _integer,
    "int | None": _optional_integer,
    "bool": _boolean,
    "str": _text,
    "tuple[str, ...]": _listing,
    "Mapping[str, str]": _pairs,
}
_WANTED = {
    "int": "a whole number",
    "int | None": "a whole number",
    "bool": "true or false",
    "str": "text",
    "tuple[str, ...]": "a list of texts, or texts separated by commas",
    "Mapping[str, str]": "a table of names and values, or NAME=VALUE pairs separated by commas",
}
