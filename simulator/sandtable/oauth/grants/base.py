"""What a grant is: a name, the parameters it needs, the clients it is for, and how a request becomes tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.oauth.endpoints.request import TokenRequest
from sandtable.oauth.errors import UnauthorizedClient
from sandtable.oauth.registered.clients import ENTITY, shown
from sandtable.oauth.tokens import Issued

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

# The values of a client's `inbound_grant_type` that leave the grant open.
UNSPECIFIC = frozenset({"", "default", "multiple", "uncertain"})


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """A token request whose client is known, authenticated and allowed this grant; `scope` is what it may have."""

    instance: Instance
    client: Record
    request: TokenRequest
    scope: str


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant of the token endpoint.

    `needs` are the parameters without which nothing else is looked at. `inbound_types` are the values of a client's
    `inbound_grant_type` that allow the grant, `client_table` is the table its record must be in, and `secret_needed`
    says that a public client cannot use it. `issue` writes the tokens and returns them; it raises OAuthError, and
    whatever it wrote is then taken back. `client_of` finds the client of a request that names none. `cleans_up` runs
    after a refusal, when what `issue` wrote is gone; what it writes stays.
    """

    grant_type: str
    needs: tuple[str, ...]
    issue: Callable[[GrantRequest], Issued]
    inbound_types: frozenset[str] = UNSPECIFIC
    client_table: str = ENTITY
    secret_needed: bool = True
    client_of: Callable[[Instance, TokenRequest], Record | None] | None = None
    cleans_up: Callable[[GrantRequest], None] | None = None

    def check_client(self, client: Record, *, authenticated: bool) -> None:
        """Raise UnauthorizedClient when a client may not use the grant; `authenticated` says it proved who it is."""
        if self.client_table not in (ENTITY, client.table):
            raise UnauthorizedClient(
                f"client {shown(client)} is no record of {self.client_table};"
                f" register it there to use {self.grant_type}"
            )
        configured = client["inbound_grant_type"]
        if configured not in self.inbound_types:
            raise UnauthorizedClient(
                f"client {shown(client)} may not use {self.grant_type}:"
                f" its inbound_grant_type is {configured or 'empty'}"
            )
        if self.secret_needed and not authenticated:
            raise UnauthorizedClient(
                f"client {shown(client)} is public, and {self.grant_type} is for clients with a secret"
            )
