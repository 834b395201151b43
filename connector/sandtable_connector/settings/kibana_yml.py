"""Reading the part of a ``kibana.yml`` that concerns connectors: ``xpack.actions`` and a few settings around it.

Source: Kibana docs, alerting and action settings, preconfigured connectors.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandtable_connector.connector_types import TYPES
from sandtable_connector.errors import ConfigurationError
from sandtable_connector.settings.networking import KNOWN_SETTINGS, Networking
from sandtable_connector.settings.retry import RetryPolicy, checked_attempts
from sandtable_connector.values.invalid_input import InvalidInput
from sandtable_connector.values.yaml_text import load_yaml

_ID_REFUSED = ("", "__proto__", "constructor")
_ENTRY = ("name", "actionTypeId", "config", "secrets", "exposeConfig")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}")
# Settings of xpack.actions that exist and have no bearing on a ServiceNow connector.
_IRRELEVANT = frozenset(
    {
        *("cleanupFailedExecutionsTask", "email", "enableFooterInEmail", "enabled", "microsoftExchangeUrl"),
        *("microsoftGraphApiScope", "microsoftGraphApiUrl", "preconfiguredAlertHistoryEsIndex", "rejectUnauthorized"),
        *("webhook", "usage", "rateLimiter", "auth", "axios", "proxyRejectUnauthorizedCertificates"),
    }
)
_READ = frozenset({name.split(".")[0] for name in KNOWN_SETTINGS} | {"enabledActionTypes", "preconfigured", "run"})


@dataclass(frozen=True, kw_only=True)
class Preconfigured:
    """A connector that a kibana.yml defines; it cannot be changed, and its config is shown only if it says so."""

    id: str
    name: str
    type_id: str
    config: Mapping[str, Any]
    secrets: Mapping[str, Any] = field(repr=False)
    exposes_config: bool = False


@dataclass(frozen=True, kw_only=True)
class KibanaSettings:
    """What a kibana.yml says about connectors; a value, with Kibana's defaults.

    ``queued_max`` bounds the actions that wait, ``alerts_max`` and ``actions_max`` what one check of a rule may do;
    the latter two are None where the file does not say.
    """

    networking: Networking = Networking()
    preconfigured: tuple[Preconfigured, ...] = ()
    retry: RetryPolicy = RetryPolicy()
    enabled_types: tuple[str, ...] = ("*",)
    queued_max: int = 1_000_000
    public_base_url: str = ""
    alerts_max: int | None = None
    actions_max: int | None = None
    encryption_key: str | None = field(default=None, repr=False)
    warnings: tuple[str, ...] = ()

    def enables(self, type_id: str) -> bool:
        """Return whether ``xpack.actions.enabledActionTypes`` lets a connector type run."""
        return "*" in self.enabled_types or type_id in self.enabled_types


def read_kibana_yml(path: str | Path, environ: Mapping[str, str] | None = None) -> KibanaSettings:
    """Return the settings in a file; InvalidInput says what cannot be read, ConfigurationError which setting is wrong.

    ``${NAME}`` and ``${NAME:default}`` in a value are taken from ``environ`` (the process's own by default).
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InvalidInput(f"cannot be read: {reason}", where=str(path)) from None
    return parse_kibana_yml(text, source=str(path), environ=environ)


def parse_kibana_yml(
    text: str, *, source: str = "kibana.yml", environ: Mapping[str, str] | None = None
) -> KibanaSettings:
    """Return the settings in a YAML text, as `read_kibana_yml` does."""
    try:
        _, loaded = load_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source} line {mark.line + 1}" if mark is not None else source
        raise InvalidInput(f"not YAML: {getattr(error, 'problem', None) or error}", where=where) from None
    if loaded is None:
        loaded = {}
    if not isinstance(loaded, Mapping):
        raise InvalidInput("the file is not a mapping of settings", where=source)
    filled = _filled(loaded, os.environ if environ is None else environ, source)
    return settings_of(_nested(filled, source))


def settings_of(root: Mapping[str, Any]) -> KibanaSettings:
    """Return the settings of an already nested mapping, as it stands in a kibana.yml."""
    actions = _mapping(_at(root, "xpack.actions"), "xpack.actions")
    warnings: list[str] = []
    for name in actions:
        if name not in _READ and name not in _IRRELEVANT and name != "queued":
            warnings.append(f"xpack.actions.{name}: unknown setting, ignored")
    networking = Networking.from_settings({name: value for name, value in actions.items() if name in _READ})
    return KibanaSettings(
        networking=networking,
        preconfigured=_preconfigured(_mapping(actions.get("preconfigured"), "xpack.actions.preconfigured")),
        retry=_retry(_mapping(actions.get("run"), "xpack.actions.run")),
        enabled_types=_texts(actions.get("enabledActionTypes"), "xpack.actions.enabledActionTypes", ("*",)),
        queued_max=_count(_at(root, "xpack.actions.queued.max"), "xpack.actions.queued.max") or 1_000_000,
        public_base_url=_text(_at(root, "server.publicBaseUrl"), "server.publicBaseUrl") or "",
        alerts_max=_count(_at(root, "xpack.alerting.rules.run.alerts.max"), "xpack.alerting.rules.run.alerts.max"),
        actions_max=_count(_at(root, "xpack.alerting.rules.run.actions.max"), "xpack.alerting.rules.run.actions.max"),
        encryption_key=_key(_at(root, "xpack.encryptedSavedObjects.encryptionKey")),
        warnings=(*warnings, *networking.warnings),
    )


def _filled(value: Any, environ: Mapping[str, str], source: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(item, environ, source) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, environ, source) for item in value]
    if not isinstance(value, str):
        return value

    def variable(match: re.Match[str]) -> str:
        found = environ.get(match[1], match[2])
        if found is None:
            raise InvalidInput(f"unknown environment variable {match[1]}", where=source, fix="Set it, or give a value.")
        return found

    return _VARIABLE.sub(variable, value)


def _nested(settings: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return settings with dotted names taken apart; only as deep as names go, values of lists stay as they are."""
    result: dict[str, Any] = {}
    for name, value in settings.items():
        inner = _nested(value, source) if isinstance(value, Mapping) and not _is_verbatim(str(name)) else value
        place = result
        *path, last = str(name).split(".")
        for step in path:
            below = place.setdefault(step, {})
            if not isinstance(below, dict):
                raise InvalidInput("is both a value and a group of settings", where=source, field=step)
            place = below
        if isinstance(place.get(last), dict) and isinstance(inner, dict):
            _merge(place[last], inner, source)
        elif last in place:
            raise InvalidInput("the setting is given twice", where=source, field=str(name))
        else:
            place[last] = inner
    return result


def _merge(into: dict[str, Any], more: Mapping[str, Any], source: str) -> None:
    for name, value in more.items():
        if isinstance(into.get(name), dict) and isinstance(value, dict):
            _merge(into[name], value, source)
        elif name in into:
            raise InvalidInput("the setting is given twice", where=source, field=name)
        else:
            into[name] = value


def _is_verbatim(name: str) -> bool:
    """Return whether a setting's own keys are names and not settings: a dot in them is part of the name."""
    return name.rsplit(".", 1)[-1] in ("config", "secrets", "proxyHeaders")


def _at(root: Mapping[str, Any], dotted: str) -> Any:
    place: Any = root
    for step in dotted.split("."):
        if not isinstance(place, Mapping):
            return None
        place = place.get(step)
    return place


def _preconfigured(entries: Mapping[str, Any]) -> tuple[Preconfigured, ...]:
    return tuple(_entry(str(name), entry) for name, entry in entries.items())


def _entry(name: str, entry: Any) -> Preconfigured:
    where = f"xpack.actions.preconfigured.{name}"
    if name in _ID_REFUSED:
        raise ConfigurationError(f'invalid preconfigured action id "{name}"')
    given = _mapping(entry, where)
    for key in given:
        if key not in _ENTRY:
            raise ConfigurationError(f"{where}.{key}: unknown setting; known are {', '.join(_ENTRY)}")
    for key in ("name", "actionTypeId"):
        if not isinstance(given.get(key), str) or not given[key]:
            raise ConfigurationError(f"{where}.{key}: expected text")
    exposes = given.get("exposeConfig", False)
    if not isinstance(exposes, bool):
        raise ConfigurationError(f"{where}.exposeConfig: expected true or false")
    return Preconfigured(
        id=name,
        name=given["name"],
        type_id=given["actionTypeId"],
        config=_mapping(given.get("config"), f"{where}.config"),
        secrets=_mapping(given.get("secrets"), f"{where}.secrets"),
        exposes_config=exposes,
    )


def _retry(run: Mapping[str, Any]) -> RetryPolicy:
    overrides: dict[str, int] = {}
    listed = run.get("connectorTypeOverrides") or []
    where = "xpack.actions.run.connectorTypeOverrides"
    if not isinstance(listed, list):
        raise ConfigurationError(f"{where}: expected a list of id and maxAttempts")
    for number, entry in enumerate(listed):
        given = _mapping(entry, f"{where}[{number}]")
        if not isinstance(given.get("id"), str):
            raise ConfigurationError(f"{where}[{number}].id: expected a connector type, such as {TYPES[0].id}")
        if given.get("maxAttempts") is not None:
            overrides[given["id"]] = checked_attempts(given["maxAttempts"], f"{where}[{number}].maxAttempts")
    attempts = run.get("maxAttempts")
    if attempts is None:
        return RetryPolicy(overrides=overrides)
    return RetryPolicy(max_attempts=checked_attempts(attempts, "xpack.actions.run.maxAttempts"), overrides=overrides)


def _mapping(value: Any, setting: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"{setting}: expected a group of settings, got {type(value).__name__}")
    return value


def _text(value: Any, setting: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ConfigurationError(f"{setting}: expected text, got {type(value).__name__}")
    return value


def _key(value: Any) -> str | None:
    setting = "xpack.encryptedSavedObjects.encryptionKey"
    key = _text(value, setting)
    if key is not None and len(key) < 32:
        raise ConfigurationError(f"{setting}: must have 32 characters or more")
    return key


def _texts(value: Any, setting: str, default: tuple[str, ...]) -> tuple[str, ...]:
    if value is None:
        return default
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigurationError(f"{setting}: expected a list of texts")
    return tuple(value)


def _count(value: Any, setting: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{setting}: {value!r} is not a whole number from 1")
    return value
