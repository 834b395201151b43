"""What the registry tells about a connector, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandtable_connector.connector_types import connector_type
from sandtable_connector.errors import ConfigurationError, Permanent
from sandtable_connector.settings.kibana_yml import Preconfigured


class NoSuchConnector(Permanent):
    """There is no connector with that id."""


class NotChangeable(Permanent):
    """A preconfigured connector cannot be changed or deleted; its file can."""


class TypeNotEnabled(Permanent):
    """``xpack.actions.enabledActionTypes`` does not name the connector's type."""


@dataclass(frozen=True, kw_only=True)
class ConnectorRecord:
    """A connector as it is kept; it holds no secret.

    ``config`` is None where a preconfigured connector does not expose it.
    """

    id: str
    name: str
    type_id: str
    config: Mapping[str, Any] | None
    is_preconfigured: bool = False
    is_deprecated: bool = False
    is_missing_secrets: bool = False

    def wire(self) -> dict[str, Any]:
        """Return the connector in the shape of Kibana's API."""
        wire: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "connector_type_id": self.type_id,
            "is_preconfigured": self.is_preconfigured,
            "is_system_action": False,
            "is_deprecated": self.is_deprecated,
        }
        if self.config is not None:
            wire["config"] = dict(self.config)
        if not self.is_preconfigured:
            wire["is_missing_secrets"] = self.is_missing_secrets
        return wire


def stored_record(row: tuple[str, str, str, str, int]) -> ConnectorRecord:
    """Return a connector from its row: id, name, type id, config as JSON, whether its secrets are missing."""
    config = json.loads(row[3])
    return ConnectorRecord(
        id=row[0],
        name=row[1],
        type_id=row[2],
        config=config,
        is_deprecated=_deprecated(row[2], config),
        is_missing_secrets=bool(row[4]),
    )


def preconfigured_record(entry: Preconfigured) -> ConnectorRecord:
    """Return a connector that a kibana.yml defines."""
    return ConnectorRecord(
        id=entry.id,
        name=entry.name,
        type_id=entry.type_id,
        config=entry.config if entry.exposes_config else None,
        is_preconfigured=True,
        is_deprecated=_deprecated(entry.type_id, entry.config),
    )


def _deprecated(type_id: str, config: Mapping[str, Any]) -> bool:
    """Return whether a connector writes through the Table API; one whose config does not say so does, too."""
    try:
        return connector_type(type_id).has_app and bool(config.get("usesTableApi", True))
    except ConfigurationError:
        return False


def check_name(name: Any) -> None:
    """Refuse a name that is none (ConfigurationError)."""
    if not isinstance(name, str) or not name.strip():
        raise ConfigurationError("[name]: a connector needs a name that is not empty", status=400)


def check_id(connector_id: str) -> None:
    """Refuse an id that no address can hold (ConfigurationError)."""
    if not connector_id or connector_id in ("__proto__", "constructor") or len(connector_id) > 256:
        raise ConfigurationError(f"[id]: {connector_id!r} cannot be a connector's id", status=400)
    if any(character in connector_id for character in "/?#\r\n\t\0") or not connector_id.isprintable():
        raise ConfigurationError(f"[id]: {connector_id!r} holds a character that no address can", status=400)
