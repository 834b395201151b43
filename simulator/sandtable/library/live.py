"""Instances that listen on this machine for as long as a block lasts, one for each way of being set up."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from sandtable.library.simulated import SimulatedInstance

if TYPE_CHECKING:
    from sandtable.settings.settings import Settings

DEFAULT, EMPTY = "default", "empty"
PROFILES = (DEFAULT, EMPTY)


class LiveInstances:
    """The instances of one test run, by profile; each begins to listen when it is first asked for.

    `default` is as the settings say, `empty` the same without the Elastic applications and their user. Both take a free
    port, except that `default` listens on the port of the settings.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open = ExitStack()
        self._instances: dict[str, SimulatedInstance] = {}

    def __enter__(self) -> LiveInstances:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._instances.clear()
        self._open.close()

    @property
    def url(self) -> str:
        """The address of the default instance, without a slash at the end."""
        return self.instance().url

    def instance(self, profile: str = DEFAULT) -> SimulatedInstance:
        """Return the instance of a profile. Raises ValueError for an unknown one, and what the server raises."""
        if profile not in PROFILES:
            raise ValueError(f"there is no profile {profile!r}; there are {', '.join(PROFILES)}")
        if profile not in self._instances:
            settings = self._settings
            if profile == EMPTY:
                settings = dataclasses.replace(settings, empty=True, port=0, proxy=None, data="")
            self._instances[profile] = self._open.enter_context(_Listening(settings)).simulated
        return self._instances[profile]


class _Listening:
    """One server and its instance."""

    def __init__(self, settings: Settings) -> None:
        from sandtable.serving.assembly import client_authorities, make_worlds
        from sandtable.serving.reach import Reach
        from sandtable.web.app import create_app
        from sandtable.web.journal.request_log import RequestLog

        worlds = make_worlds(settings)
        self._instance = worlds.default
        app = create_app(worlds, settings, log=RequestLog(settings.log))
        self._reach = Reach(app, settings, lambda: client_authorities(worlds)).start()
        url = settings.base_url or self._reach.server.url
        self.simulated = SimulatedInstance(worlds, url, settings)

    def __enter__(self) -> _Listening:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # First, because the server waits for the requests that are being answered.
        self.simulated.end()
        self._reach.stop()
        self._instance.close()


@contextmanager
def live_servicenow(settings: Settings | None = None) -> Iterator[SimulatedInstance]:
    """Let an instance listen on this machine for the length of a block; on a free port unless the settings name one.

    Raises what a server raises that cannot listen: ServerError, and AuthorityError for a CA that cannot be used.
    """
    from sandtable.settings.settings import Settings

    with LiveInstances(settings or Settings(port=0, log="off")) as instances:
        yield instances.instance()
