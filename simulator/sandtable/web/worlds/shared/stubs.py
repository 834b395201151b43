"""Stubs that every process answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandtable.web.worlds.stubs import Answering, Stub, Stubs

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

KIND = "stub"


class SharedStubs(Stubs):
    """The stubs of one world, kept beside its records; those answered by a function are of one process alone."""

    def __init__(self, instance: Instance) -> None:
        super().__init__()
        self._beside = instance.store.beside
        self.read_again()
        assert instance.sharing is not None
        instance.sharing.settings_readers.append(self.read_again)

    def read_again(self) -> None:
        """Take up the stubs that there are."""
        fresh = Stubs()
        for _, text in self._beside.all(KIND):
            fresh.add(Stub(**json.loads(text)))
        self._resources, self._stubs = fresh._resources, fresh._stubs  # noqa: SLF001 - of its own parent

    def begin_with(self, stubs: Iterable[Stub]) -> None:
        """Have these endpoints after each reset, and now where nobody has put others in their place."""
        self._first = tuple(stubs)
        for each in self._first:
            if (each.method, each.path) not in self._stubs:
                self.add(each)

    def add(self, stub: Stub, answering: Answering | None = None) -> None:
        """Add an endpoint, answered as the stub says. Raises ValueError for a function, which others cannot call."""
        if answering is not None:
            raise ValueError("a function answers in one process alone, and several have this instance in common")
        key = f"{stub.method} {stub.path}"
        self._beside.remove(KIND, key)  # the latest comes last
        self._beside.put(KIND, key, json.dumps(stub.shown()))
        self._beside.settings_changed()
        self.read_again()

    def remove(self, method: str, path: str) -> bool:
        """Take an endpoint away; return whether it was there."""
        found = bool(self._beside.remove(KIND, f"{method} {path}"))
        self._beside.settings_changed()
        self.read_again()
        return found

    def clear(self) -> None:
        """Take all endpoints away."""
        self._beside.clear(KIND)
        self._beside.settings_changed()
        self.read_again()
