"""A connector's config: the six properties that are not secret (source: Kibana 8.13 docs, connector configuration)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandtable_connector.connector_types import ConnectorType
from sandtable_connector.schemas.schema import Fields, Flag, Node, Nullable, Text


@dataclass(frozen=True, slots=True)
class Config:
    """The config of one connector; ``wire()`` gives it under the names the API uses, defaults filled in.

    ``uses_table_api`` is None for a type that has no such property.
    """

    api_url: str
    is_oauth: bool = False
    user_identifier_value: str | None = None
    client_id: str | None = None
    jwt_key_id: str | None = None
    uses_table_api: bool | None = True

    @property
    def is_deprecated(self) -> bool:
        """Return whether this is the deprecated form, which writes through the Table API."""
        return bool(self.uses_table_api)

    def wire(self) -> dict[str, Any]:
        """Return the config under its wire names."""
        wire: dict[str, Any] = {
            "apiUrl": self.api_url,
            "isOAuth": self.is_oauth,
            "userIdentifierValue": self.user_identifier_value,
            "clientId": self.client_id,
            "jwtKeyId": self.jwt_key_id,
        }
        if self.uses_table_api is not None:
            wire["usesTableApi"] = self.uses_table_api
        return wire

    @classmethod
    def of(cls, wire: Mapping[str, Any]) -> Config:
        """Return the config of an already checked mapping with wire names."""
        return cls(
            api_url=wire["apiUrl"],
            is_oauth=wire["isOAuth"],
            user_identifier_value=wire["userIdentifierValue"],
            client_id=wire["clientId"],
            jwt_key_id=wire["jwtKeyId"],
            uses_table_api=wire.get("usesTableApi"),
        )


def config_schema(kind: ConnectorType) -> Fields:
    """Return the shape of a type's config; unknown keys are refused."""
    fields: dict[str, Node] = {
        "apiUrl": Text(),
        "isOAuth": Flag(False),
        "userIdentifierValue": Nullable(Text()),
        "clientId": Nullable(Text()),
        "jwtKeyId": Nullable(Text()),
    }
    if kind.has_app:
        # A connector made over the API without the flag is deprecated at birth; the form sets it to false.
        fields["usesTableApi"] = Flag(True)
    return Fields(fields)
