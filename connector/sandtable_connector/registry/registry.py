"""`Registry`: the connectors created here, in one file with their secrets sealed, and those of a kibana.yml.

Source: Kibana docs, connector API; observed behaviour for texts.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from sandtable_connector.auth.tokens import MemoryTokenCache, TokenCache
from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.connector import Connector
from sandtable_connector.connector_types import ConnectorType, connector_type
from sandtable_connector.errors import ConfigurationError, Redactor
from sandtable_connector.registry.file import RegistryFile
from sandtable_connector.registry.records import (
    ConnectorRecord,
    NoSuchConnector,
    NotChangeable,
    TypeNotEnabled,
    check_id,
    check_name,
    preconfigured_record,
    stored_record,
)
from sandtable_connector.registry.tokens import SealedTokens
from sandtable_connector.schemas.secrets import SECRETS_SCHEMA, Secrets
from sandtable_connector.schemas.validation import check_config, check_connector
from sandtable_connector.settings.kibana_yml import KibanaSettings
from sandtable_connector.transport.messages import Log, Transport
from sandtable_connector.transport.requests_transport import RequestsTransport

Wrap = Callable[[Transport, Redactor], Transport]
"""Puts something around a connector's transport; it is given what removes the connector's secrets from a text."""


@dataclass(frozen=True, kw_only=True)
class Sockets:
    """What an opened connector is made over, where it is not plain sockets: a session, something around, a log."""

    session: requests.Session | None = None
    wrap: Wrap | None = None
    log: Log | None = None
    tokens: TokenCache | None = field(default=None, repr=False)


class Registry:
    """Connectors by id, in the file at ``path`` (made when first needed, for its owner only).

    ``key`` is the text that seals the secrets; without one it is read from, or first written to, ``<path>.key``.
    ``settings`` are those of a kibana.yml, with its preconfigured connectors. Safe to share between threads. Raises
    InvalidInput when a file cannot be used, ConfigurationError with Kibana's text for a connector that is refused.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        key: str | None = None,
        settings: KibanaSettings | None = None,
        behaviour: Behaviour | None = None,
    ) -> None:
        self.settings = settings or KibanaSettings()
        self.behaviour = behaviour or Behaviour.documented()
        self._file = RegistryFile(Path(path), key or self.settings.encryption_key)
        self._preconfigured = {entry.id: entry for entry in self.settings.preconfigured}
        self._shared_tokens = MemoryTokenCache()

    # reading

    def all(self) -> list[ConnectorRecord]:
        """Return every connector, by name and then id."""
        found = [preconfigured_record(entry) for entry in self._preconfigured.values()]
        if self._file.exists:
            with self._file.reading() as database:
                rows = database.execute("SELECT id, name, type_id, config, secrets IS NULL FROM connector").fetchall()
            found += [stored_record(row) for row in rows if row[0] not in self._preconfigured]
        return sorted(found, key=lambda record: (record.name.casefold(), record.id))

    def get(self, connector_id: str) -> ConnectorRecord:
        """Return a connector; NoSuchConnector when there is none."""
        entry = self._preconfigured.get(connector_id)
        if entry is not None:
            return preconfigured_record(entry)
        if self._file.exists:
            with self._file.reading() as database:
                row = database.execute(
                    "SELECT id, name, type_id, config, secrets IS NULL FROM connector WHERE id = ?", (connector_id,)
                ).fetchone()
            if row is not None:
                return stored_record(row)
        raise NoSuchConnector(f"Saved object [action/{connector_id}] not found", status=404)

    def types(self) -> dict[str, str]:
        """Return the type id of every connector by its id."""
        return {record.id: record.type_id for record in self.all()}

    def open(self, connector_id: str, over: Sockets | None = None) -> Connector:
        """Return a connector that can run; NoSuchConnector, TypeNotEnabled, Undecryptable or ConfigurationError."""
        record = self.get(connector_id)
        if not record.is_preconfigured and not self.settings.enables(record.type_id):
            raise TypeNotEnabled(
                f'action type "{record.type_id}" is not enabled in the Kibana config xpack.actions.enabledActionTypes',
                status=403,
            )
        entry = self._preconfigured.get(connector_id)
        config = entry.config if entry is not None else record.config or {}
        secrets = entry.secrets if entry is not None else self._secrets(connector_id)
        over = over or Sockets()
        transport: Transport = RequestsTransport(over.session, self.settings.networking, self.behaviour)
        if over.wrap is not None:
            transport = over.wrap(transport, redactor_of(secrets))
        return Connector(
            record.type_id,
            config,
            secrets,
            connector_id=connector_id,
            name=record.name,
            behaviour=self.behaviour,
            networking=self.settings.networking,
            transport=transport,
            tokens=over.tokens or self.tokens(connector_id),
            log=over.log,
        )

    def tokens(self, connector_id: str) -> TokenCache:
        """Return where a connector's access token is kept: sealed in the file, in memory for a preconfigured one."""
        return self._shared_tokens if connector_id in self._preconfigured else SealedTokens(self._file)

    # writing

    def create(
        self,
        type_id: str,
        name: str,
        config: Mapping[str, Any],
        secrets: Mapping[str, Any],
        *,
        connector_id: str | None = None,
    ) -> ConnectorRecord:
        """Check and keep a new connector and return it; its id is a new UUID unless one is given."""
        kind = self._enabled(type_id)
        check_name(name)
        new_id = connector_id if connector_id is not None else str(uuid.uuid4())
        check_id(new_id)
        if new_id in self._preconfigured:
            raise ConfigurationError(f"This {new_id} already exists in a preconfigured action.", status=400)
        checked, _ = self._checked(kind, config, secrets)
        sealed = self._sealed(new_id, secrets)
        with self._file.writing() as database:
            if database.execute("SELECT 1 FROM connector WHERE id = ?", (new_id,)).fetchone():
                raise ConfigurationError(f"Saved object [action/{new_id}] conflict", status=409)
            database.execute(
                "INSERT INTO connector (id, name, type_id, config, secrets) VALUES (?, ?, ?, ?, ?)",
                (new_id, name, type_id, json.dumps(checked), sealed),
            )
        return self.get(new_id)

    def update(
        self, connector_id: str, *, name: str, config: Mapping[str, Any], secrets: Mapping[str, Any]
    ) -> ConnectorRecord:
        """Check and keep a connector anew, secrets included, and return it; its access token is forgotten."""
        self._refuse_preconfigured(connector_id, "update")
        record = self.get(connector_id)
        check_name(name)
        checked, _ = self._checked(connector_type(record.type_id), config, secrets)
        sealed = self._sealed(connector_id, secrets)
        with self._file.writing() as database:
            database.execute(
                "UPDATE connector SET name = ?, config = ?, secrets = ? WHERE id = ?",
                (name, json.dumps(checked), sealed, connector_id),
            )
            database.execute("DELETE FROM token WHERE connector_id = ?", (connector_id,))
        return self.get(connector_id)

    def rename(self, connector_id: str, name: str) -> ConnectorRecord:
        """Give a connector another name and return it."""
        self._refuse_preconfigured(connector_id, "update")
        self.get(connector_id)
        check_name(name)
        with self._file.writing() as database:
            database.execute("UPDATE connector SET name = ? WHERE id = ?", (name, connector_id))
        return self.get(connector_id)

    def delete(self, connector_id: str) -> None:
        """Forget a connector with its secrets and its token; NoSuchConnector when there is none."""
        self._refuse_preconfigured(connector_id, "delete")
        self.get(connector_id)
        with self._file.writing() as database:
            database.execute("DELETE FROM connector WHERE id = ?", (connector_id,))
            database.execute("DELETE FROM token WHERE connector_id = ?", (connector_id,))

    def config_of(self, connector_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Return a connector's config with some properties changed, unchecked."""
        return {**(self.get(connector_id).config or {}), **changes}

    def secrets_of(self, connector_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Return a connector's secrets with some changed, unchecked; for an update that keeps the others."""
        return {**self._secrets(connector_id), **changes}

    # details

    def _enabled(self, type_id: str) -> ConnectorType:
        try:
            kind = connector_type(type_id)
        except ConfigurationError:
            raise ConfigurationError(f'Action type "{type_id}" is not registered.', status=400) from None
        if not self.settings.enables(type_id):
            raise TypeNotEnabled(
                f'action type "{type_id}" is not enabled in the Kibana config xpack.actions.enabledActionTypes',
                status=403,
            )
        return kind

    def _checked(
        self, kind: ConnectorType, config: Mapping[str, Any], secrets: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Secrets]:
        checked, kept = check_connector(
            kind, config, secrets, behaviour=self.behaviour, networking=self.settings.networking
        )
        return checked.wire(), kept

    def check_config(self, type_id: str, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return a config with its defaults; ConfigurationError has Kibana's text."""
        kind = self._enabled(type_id)
        return check_config(kind, config, behaviour=self.behaviour, networking=self.settings.networking).wire()

    def _refuse_preconfigured(self, connector_id: str, verb: str) -> None:
        if connector_id in self._preconfigured:
            raise NotChangeable(f"Preconfigured action {connector_id} is not allowed to {verb}.", status=400)

    def _secrets(self, connector_id: str) -> dict[str, Any]:
        with self._file.reading() as database:
            row = database.execute("SELECT secrets FROM connector WHERE id = ?", (connector_id,)).fetchone()
        if row is None or row[0] is None:
            return {}
        found: dict[str, Any] = json.loads(
            self._file.open_up(row[0], belongs_to=f"secrets of connector {connector_id}")
        )
        return found

    def _sealed(self, connector_id: str, secrets: Mapping[str, Any]) -> bytes:
        # A byte more or less would tell how long a password is; a block of 64 tells little.
        text = json.dumps({name: value for name, value in secrets.items() if value is not None})
        padded = text + " " * (-len(text) % 64)
        return self._file.close_up(padded.encode(), belongs_to=f"secrets of connector {connector_id}")


def redactor_of(secrets: Mapping[str, Any]) -> Redactor:
    """Return what removes a connector's secrets from a text; secrets of the wrong shape remove what text they have."""
    named = {name: secrets.get(name) for name in SECRETS_SCHEMA.fields}
    if all(value is None or isinstance(value, str) for value in named.values()):
        return Secrets.of(named).redactor()
    return Redactor([value for value in named.values() if isinstance(value, str)])
