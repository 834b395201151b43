"""A reference connector: Kibana's three ServiceNow connectors as a typed Python library.

>>> from sandtable_connector import Connector
>>> connector = Connector(".servicenow", {"apiUrl": "https://dev00000.service-now.com", "usesTableApi": False},
...                       {"username": "elastic.integration", "password": "..."})
>>> connector.is_deprecated
False
"""

from __future__ import annotations

from . import errors
from .auth.tokens import MemoryTokenCache, StoredToken, TokenCache
from .behaviour.switches import Behaviour
from .connector import Connector, ExecutionResult
from .connector_types import TYPES, ConnectorType, connector_type
from .errors import ConnectorError
from .settings.custom_hosts import CustomHost
from .settings.networking import Networking
from .transport.messages import Request, Response, Transport
from .transport.requests_transport import RequestsTransport

__all__ = [
    "TYPES",
    "Behaviour",
    "Connector",
    "ConnectorError",
    "ConnectorType",
    "CustomHost",
    "ExecutionResult",
    "MemoryTokenCache",
    "Networking",
    "Request",
    "RequestsTransport",
    "Response",
    "StoredToken",
    "TokenCache",
    "Transport",
    "connector_type",
    "errors",
]
