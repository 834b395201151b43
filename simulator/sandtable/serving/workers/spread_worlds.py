"""The worlds of one process of several: its own, and the way to those of the others."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandtable.serving.workers.asking import ask
from sandtable.serving.workers.directory import Directory, Taken
from sandtable.web.environ import PLANE_PREFIX
from sandtable.web.worlds.worlds import MOST_WORLDS, PATH_PREFIX, World, WorldError, WorldFacts, Worlds

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.moments import InstanceImage

FIRST = 0  # the process in which the default world lives
WORLDS = f"{PLANE_PREFIX}/worlds"
ANYWHERE = (f"{PLANE_PREFIX}/health/", f"{PLANE_PREFIX}/metrics")


class Elsewhere(Exception):
    """A request came to a process in which its world does not live, or lives no longer."""


class SpreadWorlds(Worlds):
    """Worlds of which each lives in one process; the default one in the first, a new one where there are fewest.

    In the other processes `default` is an empty place that stands for it: no request is answered from it but those of
    the test plane about worlds.
    """

    def __init__(
        self, default: Instance, make: Callable[..., Instance], folder: Path, number: int, directory: Directory
    ) -> None:
        super().__init__(default, make)
        self._folder = folder
        self._number = number
        self._directory = directory

    @property
    def questions(self) -> Mapping[str, Callable[..., Any]]:
        """What the other processes ask this one."""
        return {"facts": self._facts_here, "image": self._image, "drop": self._drop}

    # where a request is answered ---------------------------------------------------------------------------------

    def place_of(self, environ: dict[str, Any]) -> int | None:
        """Return the number of the process that answers a request, None for this one."""
        path: str = environ["PATH_INFO"]
        name, rest = _named(environ.get("HTTP_HOST", ""), path)
        if rest.startswith(ANYWHERE):
            return None
        if rest == WORLDS and environ["REQUEST_METHOD"] == "POST":
            place = self._directory.least()
        elif name.lower() in self._worlds:
            return None
        else:
            owner = self._directory.owner(name)
            place = FIRST if owner is None else owner
        return None if place == self._number else place

    def find(self, host: str, path: str) -> tuple[World, str]:
        """Return the world a request is for, and the path inside it. Raises Elsewhere."""
        world, inside = super().find(host, path)
        if world is not self._default or self._number == FIRST:
            return world, inside
        _, inside = _named(host, path)
        if not inside.startswith((WORLDS, *ANYWHERE)):
            raise Elsewhere
        return world, inside

    # all worlds --------------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Return the names of all worlds, the default first."""
        return [self._default.name, *self._directory.names()]

    def world(self, name: str) -> World:
        """Return a world of this process by name; raises WorldError when there is none."""
        if name == self._default.name or name.lower() in self._worlds:
            return super().world(name)
        raise WorldError(f"{self.why_missing(name)}; there are {', '.join(self.names())}")

    def why_missing(self, name: str) -> str:
        """Return the words for a request to a world that there is not, or is not any more."""
        lost = ", it ended with its process" if self._directory.was_lost(name) else ""
        return f"no world is called {name!r}{lost}"

    def facts(self, name: str) -> WorldFacts:
        """Return what is told of a world; raises WorldError when there is none."""
        place = self._place(name)
        found: WorldFacts = self.world(name).facts() if place is None else ask(self._folder, place, "facts", name)[0]
        return found

    def all_facts(self) -> list[WorldFacts]:
        """Return what is told of each world, the default first; not of those of a process that is starting again."""
        found = {}
        for worker in self._directory.workers():
            with contextlib.suppress(WorldError):
                here = worker.number == self._number
                told = self._facts_here() if here else ask(self._folder, worker.number, "facts")
                found.update({each.name.lower(): each for each in told})
        return [found[name.lower()] for name in self.names() if name.lower() in found]

    def condition(self) -> dict[str, Any]:
        """Return how the processes are; ready when all are up."""
        workers = self._directory.workers()
        return {
            "ready": all(each.is_up for each in workers),
            "workers": [
                {
                    "process": each.number + 1,
                    "pid": each.pid,
                    "up": each.is_up,
                    "restarts": each.restarts,
                    "last_end": each.why,
                    "worlds_lost": list(each.lost),
                }
                for each in workers
            ],
        }

    def free_name(self) -> str:
        """Return a name that no world has had so far."""
        return self._directory.free_name()

    def create(self, name: str, **options: Any) -> Instance:
        """Make a new world in this process; raises WorldError when the name is taken or is no host name label."""
        with self._claimed(name):
            return super().create(name, **options)

    def fork(self, name: str, source: str) -> Instance:
        """Make a new world in this process with a copy of another's, wherever that lives; raises WorldError."""
        with self._claimed(name):
            place = self._place(source)
            if place is None:
                return super().fork(name, source)
            image, strict = ask(self._folder, place, "image", source)
            template, _ = self._template(())
            instance = template.fork(name)
            instance.ledger.strict = strict
            instance.load_image(replace(image, rules=instance.rules.state()))
            return self._add(World(name, instance))

    def drop(self, name: str) -> None:
        """Forget a world, wherever it lives; raises WorldError for the default one and for an unknown name."""
        place = self._place(name)
        if place is None:
            self._drop(name)
        else:
            ask(self._folder, place, "drop", name)

    # in this process ---------------------------------------------------------------------------------------------

    def _place(self, name: str) -> int | None:
        """Return the number of the process in which a world lives, None for this one and for no world."""
        owner = FIRST if name == self._default.name else self._directory.owner(name)
        return None if owner == self._number else owner

    def _facts_here(self, name: str = "") -> list[WorldFacts]:
        if name:
            return [self.world(name).facts()]
        return [each for each in super().all_facts() if self._number == FIRST or each.name != self._default.name]

    def _image(self, name: str) -> tuple[InstanceImage, bool]:
        instance = self.world(name).instance
        return replace(instance.image(), rules=None), instance.ledger.strict

    def _drop(self, name: str) -> None:
        if name != self._default.name:
            self.world(name)
            self._directory.release(name)
        super().drop(name)

    @contextlib.contextmanager
    def _claimed(self, name: str) -> Iterator[None]:
        self._check(name)
        try:
            if not self._directory.claim(name, self._number, MOST_WORLDS):
                raise WorldError(f"there are {MOST_WORLDS} worlds already; drop some first")
        except Taken:
            raise WorldError(f"there is a world called {name} already") from None
        try:
            yield
        except BaseException:
            self._directory.release(name)
            raise
        self._directory.settle(name)


def kept_apart(application: WSGIApplication) -> WSGIApplication:
    """Return the application, which answers 503 where a world left on the way: it was dropped, or its process ended."""

    def answering(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except Elsewhere:
            text = b"The world of this request is not in this process any more; ask once more.\n"
            headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(text))), ("Retry-After", "1")]
            start_response("503 Service Unavailable", headers)
            return [text]

    return answering


def _named(host: str, path: str) -> tuple[str, str]:
    """Return the name that a request calls its world by, which may be none, and the path inside it."""
    if path.startswith(PATH_PREFIX):
        name, slash, rest = path[len(PATH_PREFIX) :].partition("/")
        return name, slash + rest or "/"
    return host.partition(".")[0], path
