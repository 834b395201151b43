"""Access tokens at rest."""

from __future__ import annotations

from sandtable_connector.auth.tokens import StoredToken
from sandtable_connector.registry.file import RegistryFile


class SealedTokens:
    """A `TokenCache` in the registry's file."""

    def __init__(self, file: RegistryFile) -> None:
        self._file = file

    def read(self, connector_id: str) -> StoredToken | None:
        """Return the connector's token, expired or not, or None."""
        with self._file.reading() as database:
            row = database.execute(
                "SELECT value, expires_at FROM token WHERE connector_id = ?", (connector_id,)
            ).fetchone()
        if row is None:
            return None
        value = self._file.open_up(row[0], belongs_to=f"token of connector {connector_id}").decode()
        return StoredToken(value, row[1])

    def write(self, connector_id: str, token: StoredToken) -> None:
        """Keep a token in place of the one before."""
        sealed = self._file.close_up(token.value.encode(), belongs_to=f"token of connector {connector_id}")
        with self._file.writing() as database:
            database.execute(
                "INSERT OR REPLACE INTO token (connector_id, value, expires_at) VALUES (?, ?, ?)",
                (connector_id, sealed, token.expires_at),
            )

    def delete(self, connector_id: str) -> None:
        """Forget the connector's token, if any."""
        with self._file.writing() as database:
            database.execute("DELETE FROM token WHERE connector_id = ?", (connector_id,))
