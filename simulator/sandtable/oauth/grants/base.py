"""What a grant is: a name, the parameters it needs, and how it turns a request into tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..request import TokenRequest
from ..tokens import Issued

if TYPE_CHECKING:
    from sandtable.core.instance import Instance
    from sandtable.core.records import Record


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

    `needs` are the parameters without which nothing else is looked at. `issue` writes the tokens and returns them; it
    raises OAuthError, and whatever it wrote is then taken back. `client_of` finds the client of a request that names
    none. `cleans_up` runs after a refusal, in a transaction of its own.
    """

    grant_type: str
    needs: tuple[str, ...]
    issue: Callable[[GrantRequest], Issued]
    client_of: Callable[[Instance, TokenRequest], Record | None] | None = None
    cleans_up: Callable[[GrantRequest], None] | None = None
