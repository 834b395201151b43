"""Instances that mocks are done with, put back to their start for the next: to make one takes ten times as long."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sandtable.serving.assembly import make_worlds
from sandtable.web.app import create_app

if TYPE_CHECKING:
    from flask import Flask

    from sandtable.core.platform.moments import Snapshot
    from sandtable.settings.settings import Settings
    from sandtable.web.worlds.worlds import World, Worlds

KEPT_OF_A_KIND, KEPT = 2, 6


@dataclass(eq=False, slots=True)
class Ready:
    """An instance that answers in process, with its application and the moment it began at."""

    kind: tuple[Any, ...]
    worlds: Worlds
    world: World
    app: Flask
    start: Snapshot
    settings: Settings

    def begin_again(self) -> bool:
        """Become as a new instance is; tell whether that is possible."""
        world, instance = self.world, self.world.instance
        self.worlds.drop_all()
        try:
            with instance.visits.going_back():
                instance.restore(self.start)
        except ValueError:  # a saved snapshot was loaded, or an earlier moment restored: this one is gone
            return False
        if self.settings.random_seed is None:
            instance.random.seed()  # two instances give out different ids
        instance.base_url = self.settings.base_url
        world.forget()
        instance.ledger.strict = self.settings.strict
        return True


class ReadyInstances:
    """The instances that are kept, by how they are set up."""

    def __init__(self) -> None:
        self._kept: list[Ready] = []
        self._lock = threading.Lock()

    def take(self, settings: Settings) -> Ready:
        """Return an instance as new by settings; one that has a data file is always made."""
        kind = _kind(settings)
        while (found := self._found(kind)) is not None:
            if found.begin_again():
                return found
        worlds = make_worlds(settings)
        world = worlds.world(worlds.default.name)
        return Ready(kind, worlds, world, create_app(worlds, settings), world.instance.snapshot(), settings)

    def _found(self, kind: tuple[Any, ...]) -> Ready | None:
        with self._lock:
            for ready in reversed(self._kept):
                if ready.kind == kind:
                    self._kept.remove(ready)
                    return ready
        return None

    def give_back(self, ready: Ready) -> None:
        """Keep an instance that nobody uses any more, unless there are enough."""
        with self._lock:
            if ready.settings.data or sum(each.kind == ready.kind for each in self._kept) >= KEPT_OF_A_KIND:
                return
            self._kept.append(ready)
            del self._kept[:-KEPT]


# One set of instances serves all mocks of the process, as one set of compiled modules does.
@lru_cache(maxsize=1)
def ready_instances() -> ReadyInstances:
    """Return the instances that mocks of this process share, one after the other."""
    return ReadyInstances()


def _kind(settings: Settings) -> tuple[Any, ...]:
    values = vars(settings)
    return tuple(tuple(sorted(value.items())) if hasattr(value, "items") else value for value in values.values())
