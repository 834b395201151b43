"""Several instances behind one server, told apart by host name or by path."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sandtable import faults
from sandtable.web.journal.request_journal import RequestJournal
from sandtable.web.worlds.sessions import LiveSessions
from sandtable.web.worlds.snapshots import Snapshots
from sandtable.web.worlds.stubs import Stub, Stubs

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.moments import InstanceImage

PATH_PREFIX = "/_worlds/"
MOST_WORLDS = 1_000
TEMPLATES_KEPT = 4
_NAME = re.compile(r"[a-z0-9][a-z0-9\-]{0,62}", re.IGNORECASE)


class WorldError(ValueError):
    """A world that cannot be made, forked or dropped; the text says why."""


@dataclass(frozen=True, slots=True)
class WorldFacts:
    """What is told of a world: how many requests its journal holds, and how many faults are planned."""

    name: str
    journalled_requests: int
    planned_faults: int


class World:
    """One instance and what the web keeps beside it: live sessions, request journal, planned faults, snapshots.

    `origin` is what `reset` goes back to: the instance as it is now when left out, except that an instance in a file is
    put together anew by `remake`, so that a large one is not held in memory twice.
    """

    def __init__(
        self,
        name: str,
        instance: Instance,
        *,
        origin: InstanceImage | None = None,
        remake: Callable[[], Instance] | None = None,
    ) -> None:
        self.name = name
        self.dropped = False
        self.instance = instance
        instance.visits.moment = time.monotonic
        self.bodies: dict[Any, Any] = {}  # of answers that were made, for as long as nothing they hang on changes
        self.sessions, self.journal, self.faults = LiveSessions(instance), RequestJournal(instance), faults.new_plan()
        self.snapshots, self.stubs = Snapshots(), Stubs()
        if instance.store.shared:
            from sandtable.web.worlds.shared.beside import kept_beside

            kept = kept_beside(instance)
            self.sessions, self.journal, self.faults = kept.sessions, kept.journal, kept.faults
            self.snapshots, self.stubs = kept.snapshots, kept.stubs
        self._remake = remake if instance.store.path else None
        self._origin = origin if origin is not None or self._remake is not None else instance.image()

    def begin_filled(self, fill: Callable[[Instance], object]) -> None:
        """Fill the instance, and let `reset` go back to how it is then: what a server loads first is its start."""
        fill(self.instance)
        remake = self._remake
        if remake is None:
            self._origin = self.instance.image()
            return

        def filled() -> Instance:
            fresh = remake()
            fill(fresh)
            return fresh

        self._remake = filled
        if self.instance.store.shared:
            self.keep_origin(self.instance.image())

    def keep_origin(self, image: InstanceImage) -> None:
        """Let `reset` go back to an image, in whichever process it is asked for."""
        from sandtable.web.worlds.shared.beside import keep_origin

        keep_origin(self.instance, image)

    def become(self, image: InstanceImage) -> None:
        """Put an image in the place of everything in the instance; sessions end, their users may be gone.

        Requests that are under way end without having been carried out.
        """
        with self.instance.visits.going_back():
            self.instance.load_image(image)
            self.sessions.end_all()

    def end(self) -> None:
        """End the requests that are under way, because nobody is interested in this world any more."""
        with self.instance.visits.going_back():
            self.sessions.end_all()

    def close(self) -> None:
        """Do as `end`, and give back the memory of the records now, rather than when the instance is collected."""
        self.dropped = True
        self.end()
        self.instance.close()

    def forget(self) -> None:
        """Forget sessions, requests, planned faults, saved snapshots, and what was not simulated."""
        self.sessions.end_all()
        self.journal.restart()
        self.faults.restart()  # whose names begin anew
        self.stubs.reset()
        for saved in self.snapshots.all():
            self.snapshots.remove(saved.name)
        self.instance.ledger.clear()

    def facts(self) -> WorldFacts:
        """Return what is told of the world."""
        return WorldFacts(self.name, len(self.journal.entries()), len(list(self.faults)))

    def reset(self) -> None:
        """Go back to how the world began, and forget requests, planned faults and what was not simulated.

        Snapshots stay.
        """
        if self.instance.store.shared:
            from sandtable.web.worlds.shared.beside import origin

            self._origin = origin(self.instance) or self._origin
        if self._origin is None:
            assert self._remake is not None
            fresh = self._remake()
            self._origin = fresh.image()
            fresh.close()
        with self.instance.visits.going_back():
            self.become(self._origin)
            self.journal.clear()
            self.faults.clear()
            self.stubs.reset()
            self.instance.ledger.clear()


class Worlds:
    """The default instance, and others by name.

    A request whose path begins with `/_worlds/<name>/`, or whose host name begins with `<name>.`, is for that world;
    every other one is for the default. `make(name, **options)` creates the instance of a new world.
    """

    def __init__(self, default: Instance, make: Callable[..., Instance] | None = None) -> None:
        remake = (lambda: make(default.name)) if make is not None else None
        self._default = World(default.name, default, remake=remake)
        self._make = make
        self._worlds: dict[str, World] = {}
        self._templates: dict[tuple[tuple[str, Any], ...], tuple[Instance, InstanceImage]] = {}
        self._named = 0
        self._watching: Callable[[Instance], None] | None = None
        self._stubs: tuple[Stub, ...] = ()
        self.health: Callable[[], dict[str, Any]] | None = None  # how the processes are, where there are several
        self.metrics: Callable[[], bytes] | None = None  # what `/_sandtable/metrics` answers, where somebody counts
        self._lock = threading.Lock()
        self._making = threading.Lock()

    @property
    def default(self) -> Instance:
        """The instance of every request that names no world."""
        return self._default.instance

    def names(self) -> list[str]:
        """Return the names of all worlds, the default first."""
        with self._lock:
            return [self._default.name, *(world.name for world in self._worlds.values())]

    def instances(self) -> list[Instance]:
        """Return the instances of all worlds, the default one first."""
        with self._lock:
            return [self._default.instance, *(world.instance for world in self._worlds.values())]

    def world(self, name: str) -> World:
        """Return a world by name; raises WorldError when there is none."""
        if name == self._default.name:
            return self._default
        found = self._worlds.get(name.lower())
        if found is None:
            raise WorldError(f"no world is called {name!r}; there are {', '.join(self.names())}")
        return found

    def facts(self, name: str) -> WorldFacts:
        """Return what is told of a world; raises WorldError when there is none."""
        return self.world(name).facts()

    def all_facts(self) -> list[WorldFacts]:
        """Return what is told of each world, the default first."""
        return [world.facts() for world in self.here()]

    def here(self) -> list[World]:
        """Return the worlds of this process, the default first."""
        with self._lock:
            return [self._default, *self._worlds.values()]

    def watch_all(self, watching: Callable[[Instance], None]) -> None:
        """Have something done with the instance of each world there is, and of each that will be made."""
        with self._lock:
            self._watching = watching
        for each in self.here():
            watching(each.instance)

    def begin_with_stubs(self, stubs: Iterable[Stub]) -> None:
        """Have endpoints in each world there is, and in each that will be made."""
        self._stubs = tuple(stubs)
        for each in self.here():
            each.stubs.begin_with(self._stubs)

    def condition(self) -> dict[str, Any]:
        """Return what `/_sandtable/health/ready` adds to its answer; `ready` false makes it a 503."""
        return self.health() if self.health is not None else {}

    def why_missing(self, name: str) -> str:
        """Return the words for a request to a world that there is not."""
        return f"there is no world {name!r}"

    def find(self, host: str, path: str) -> tuple[World, str]:
        """Return the world a request is for, and the path inside it."""
        if path.startswith(PATH_PREFIX):
            name, slash, rest = path[len(PATH_PREFIX) :].partition("/")
            if name == self._default.name:
                return self._default, slash + rest or "/"
            found = self._worlds.get(name.lower())
            if found is not None:
                return found, slash + rest or "/"
        elif self._worlds:
            found = self._worlds.get(host.partition(".")[0].lower())
            if found is not None:
                return found, path
        return self._default, path

    def resolve(self, host: str, path: str) -> tuple[Instance, str]:
        """Return the instance a request is for, and the path inside it."""
        world, inside = self.find(host, path)
        return world.instance, inside

    def free_name(self) -> str:
        """Return a name that no world has had so far."""
        with self._lock:
            self._named += 1
            while f"world-{self._named}" in self._worlds:
                self._named += 1
            return f"world-{self._named}"

    def create(self, name: str, **options: Any) -> Instance:
        """Make a new world; raises WorldError when the name is taken or is no host name label."""
        if self._make is None:
            raise WorldError("this server was started without the means to make worlds; fork one instead")
        self._check(name)
        template, image = self._template(tuple(sorted(options.items())))
        instance = template.fork(name)
        if options.get("random_seed") is None:
            # A copy would give out the ids of the template, and of every other world made from it.
            instance.random.seed()
        origin = replace(image, random=instance.random.getstate())
        return self._add(World(name, instance, origin=origin))

    def fork(self, name: str, source: str) -> Instance:
        """Make a new world with a copy of another's records, clock and settings; raises WorldError as `create`."""
        original = self.world(source).instance
        self._check(name)
        return self._add(World(name, original.fork(name)))

    def drop(self, name: str) -> None:
        """Forget a world; raises WorldError for the default one and for an unknown name."""
        if name == self._default.name:
            raise WorldError(f"{name} is the default world and stays")
        dropped = self.world(name)
        with self._lock:
            self._worlds.pop(name.lower(), None)
        dropped.close()

    def drop_all(self) -> None:
        """Forget all worlds but the default one, and the names that were given out."""
        with self._lock:
            dropped = list(self._worlds.values())
            self._worlds.clear()
            self._named = 0
        for each in dropped:
            each.close()

    def may_wait(self) -> bool:
        """Tell whether an answer of any world may take time, because something is planned to go wrong."""
        return any(each.faults for each in self.here())

    def end_all(self) -> None:
        """End the requests that are under way in any world."""
        for each in self.here():
            each.end()

    def _template(self, options: tuple[tuple[str, Any], ...]) -> tuple[Instance, InstanceImage]:
        """Return an instance to copy and its image: putting one together takes many times as long as copying it."""
        with self._making:
            found = self._templates.get(options)
            if found is None:
                assert self._make is not None
                made = self._make("template", **dict(options))
                found = made, made.image()
                while len(self._templates) >= TEMPLATES_KEPT:
                    self._templates.pop(next(iter(self._templates)))
                self._templates[options] = found
            return found

    def _check(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise WorldError(f"a world's name is letters, digits and hyphens, at most 63, not {name!r}")
        if name.lower() in self._worlds or name.lower() == self._default.name.lower():
            raise WorldError(f"there is a world called {name} already")
        if len(self._worlds) >= MOST_WORLDS:
            raise WorldError(f"there are {MOST_WORLDS} worlds already; drop some first")

    def _add(self, world: World) -> Instance:
        with self._lock:
            self._check(world.name)
            world.stubs.begin_with(self._stubs)
            self._worlds[world.name.lower()] = world
        if self._watching is not None:
            self._watching(world.instance)
        return world.instance
