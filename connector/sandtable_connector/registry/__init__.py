"""The connectors that were created here, with secrets sealed at rest, and those of a kibana.yml beside them."""

from __future__ import annotations

from sandtable_connector.registry.records import ConnectorRecord, NoSuchConnector, NotChangeable, TypeNotEnabled
from sandtable_connector.registry.registry import Registry, Sockets, redactor_of

__all__ = [
    "ConnectorRecord",
    "NoSuchConnector",
    "NotChangeable",
    "Registry",
    "Sockets",
    "TypeNotEnabled",
    "redactor_of",
]
