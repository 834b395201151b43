"""Stores in PostgreSQL for tests: each in a schema of its own, which is dropped afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from uuid import uuid4

from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.store.rows import Store


@contextmanager
def emptied(url: str, *, one_world: bool = False) -> Iterator[Callable[[Dictionary], Store]]:
    """Yield what makes a store: each an empty one, or all of one world, whose name no other process of tests takes."""
    from sandtable.core.store.postgres import layout
    from sandtable.core.store.postgres.connections import Connections
    from sandtable.core.store.postgres.shared import SharedStore

    connections = Connections(url)
    layout.prepare(connections)
    world, numbers = f"store-{uuid4().hex}", count()
    made: dict[str, Store] = {}
    stores: list[Store] = []

    def make(dictionary: Dictionary) -> Store:
        name = world if one_world else f"{world}-{next(numbers)}"
        made[name] = store = SharedStore(dictionary, connections, name)
        stores.append(store)
        return store

    yield make
    for store in stores:
        store._give_up(wrote_all=True)
    for name in made:
        layout.drop(connections, name)
    connections.close()
