"""A reference connector: Kibana's three ServiceNow connectors as a typed Python library.

>>> from sandtable_connector import Connector
>>> connector = Connector(".servicenow", {"apiUrl": "https://dev00000.service-now.com", "usesTableApi": False},
...                       {"username": "elastic.integration", "password": "..."})
>>> connector.is_deprecated
False
"""

from __future__ import annotations

from sandtable_connector import errors
from sandtable_connector.auth.tokens import MemoryTokenCache, StoredToken, TokenCache
from sandtable_connector.behaviour.switches import Behaviour
from sandtable_connector.connector import Connector, ExecutionResult
from sandtable_connector.connector_types import TYPES, ConnectorType, connector_type
from sandtable_connector.errors import ConnectorError
from sandtable_connector.settings.custom_hosts import CustomHost
from sandtable_connector.settings.networking import Networking
from sandtable_connector.transport.messages import Request, Response, Transport
from sandtable_connector.transport.requests_transport import RequestsTransport

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
