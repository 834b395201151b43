"""Which store an instance gets: SQLite in memory or in a file, or a database that it shares."""

from __future__ import annotations

import re

from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.schema.physical import StoreError
from sandtable.core.store.rows import Store

_SHARED = re.compile(r"postgres(?:ql)?://", re.IGNORECASE)


def is_shared(path: str) -> bool:
    """Tell whether a place for data is a database that other processes may use as well."""
    return _SHARED.match(path) is not None


def open_store(dictionary: Dictionary, path: str, world: str, near: Store | None = None) -> Store:
    """Return the store of a world: at a URL of PostgreSQL, in a file, or (empty) in memory. Raises StoreError.

    `near` is a store of the same database, whose connections it uses.
    """
    if not is_shared(path):
        return Store(dictionary, path)
    try:
        from sandtable.core.store.postgres import layout
        from sandtable.core.store.postgres.connections import Connections
        from sandtable.core.store.postgres.shared import SharedStore
    except ImportError as error:
        raise StoreError(f"PostgreSQL needs psycopg: pip install 'sandtable-servicenow[postgres]' ({error})") from None
    if isinstance(near, SharedStore):
        return SharedStore(dictionary, near.connections, world, own_connections=False)
    connections = Connections(path)
    try:
        layout.prepare(connections)
        return SharedStore(dictionary, connections, world)
    except BaseException:
        connections.close()
        raise
