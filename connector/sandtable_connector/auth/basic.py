"""Basic authentication (source: RFC 7617; Kibana 8.13 docs, username and password)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandtable_connector.auth import Flow
from sandtable_connector.schemas.secrets import basic_token
from sandtable_connector.transport.messages import Request


@dataclass(frozen=True, slots=True)
class Basic:
    """Sends the user name and password with every request."""

    username: str
    password: str = field(repr=False)

    def flow(self, request: Request) -> Flow:
        """Yield the request with its Authorization header."""
        yield request.having("Authorization", f"Basic {basic_token(self.username, self.password)}")
