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
from .behaviour import Behaviour
from .connector import Connector, ExecutionResult
from .connector_types import TYPES, ConnectorType, connector_type
from .custom_hosts import CustomHost
from .errors import ConnectorError
from .networking import Networking
from .requests_transport import RequestsTransport
from .transport import Request, Response, Transport

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
