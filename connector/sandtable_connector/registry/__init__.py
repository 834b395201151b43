"""The connectors that were created here, with secrets sealed at rest, and those of a kibana.yml beside them."""

from __future__ import annotations

from .records import ConnectorRecord, NoSuchConnector, NotChangeable, TypeNotEnabled
from .registry import Registry, Sockets, redactor_of

__all__ = [
    "ConnectorRecord",
    "NoSuchConnector",
    "NotChangeable",
    "Registry",
    "Sockets",
    "TypeNotEnabled",
    "redactor_of",
]
