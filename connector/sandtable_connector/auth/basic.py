"""Basic authentication (source: RFC 7617; Kibana 8.13 docs, username and password)."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..schemas.secrets import basic_token
from ..transport.messages import Request
from . import Flow


@dataclass(frozen=True, slots=True)
class Basic:
    """Sends the user name and password with every request."""

    username: str
    password: str = field(repr=False)

    def flow(self, request: Request) -> Flow:
        """Yield the request with its Authorization header."""
        yield request.having("Authorization", f"Basic {basic_token(self.username, self.password)}")
