"""A connector's secrets: the five properties that are never shown.

Source: Kibana 8.13 docs, connector configuration.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandtable_connector.errors import Redactor
from sandtable_connector.schemas.schema import Fields, Nullable, Text


@dataclass(frozen=True, slots=True)
class Secrets:
    """The credentials of one connector; its repr shows none of them."""

    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    private_key_password: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, wire: Mapping[str, Any]) -> Secrets:
        """Return the secrets of an already checked mapping with wire names."""
        return cls(
            username=wire["username"],
            password=wire["password"],
            client_secret=wire["clientSecret"],
            private_key=wire["privateKey"],
            private_key_password=wire["privateKeyPassword"],
        )

    def redactor(self) -> Redactor:
        """Return what removes these secrets from a text; the user name is not one of them."""
        values = [self.password, self.client_secret, self.private_key, self.private_key_password]
        if self.private_key:
            values.append(self.private_key.strip())
        if self.username is not None and self.password is not None:
            values.append(basic_token(self.username, self.password))
        return Redactor(values, public=[self.username])


def basic_token(username: str, password: str) -> str:
    """Return the base64 text of the Basic scheme (source: RFC 7617, UTF-8)."""
    return base64.b64encode(f"{username}:{password}".encode("utf-8", "replace")).decode("ascii")


SECRETS_SCHEMA = Fields(
    {name: Nullable(Text()) for name in ("username", "password", "clientSecret", "privateKey", "privateKeyPassword")}
)
