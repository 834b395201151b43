"""Bringing a deprecated connector up to date, as the form's guided update does.

Source: Kibana 8.13 docs, update a deprecated ServiceNow ITSM connector.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandtable_connector.connector import Connector
from sandtable_connector.connector_types import connector_type
from sandtable_connector.errors import ConfigurationError
from sandtable_connector.registry import ConnectorRecord, NotChangeable, Registry, Sockets, redactor_of
from sandtable_connector.transport.messages import Transport
from sandtable_connector.transport.requests_transport import RequestsTransport

AFFECTS_ALL = "This updates all instances of this connector and cannot be reversed."


def guided_update(
    registry: Registry,
    connector_id: str,
    *,
    config: Mapping[str, Any],
    secrets: Mapping[str, Any],
    over: Sockets | None = None,
) -> ConnectorRecord:
    """Make a deprecated connector write through the Elastic app's import set, and return it.

    `config` and `secrets` are what changes; without credentials the old ones stay. The app's health resource is asked
    first with the new values: when it does not answer, ConnectorError says why and the connector stays as it is.
    """
    record = registry.get(connector_id)
    if record.is_preconfigured:
        raise NotChangeable(f"Preconfigured action {connector_id} is not allowed to update.", status=400)
    if not record.is_deprecated:
        raise ConfigurationError(f"connector {connector_id} is not deprecated; there is nothing to update", status=400)
    new_config = registry.config_of(connector_id, {**config, "usesTableApi": False})
    new_secrets = dict(secrets) if secrets else registry.secrets_of(connector_id, {})
    over = over or Sockets()
    transport: Transport = RequestsTransport(over.session, registry.settings.networking, registry.behaviour)
    if over.wrap is not None:
        transport = over.wrap(transport, redactor_of(new_secrets))
    candidate = Connector(
        connector_type(record.type_id).id,
        new_config,
        new_secrets,
        connector_id=connector_id,
        behaviour=registry.behaviour,
        networking=registry.settings.networking,
        transport=transport,
        log=over.log,
    )
    candidate.service().check_application()
    return registry.update(connector_id, name=record.name, config=new_config, secrets=new_secrets)
