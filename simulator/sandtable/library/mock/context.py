"""`mock_servicenow`: an instance for the length of a block or of a function, answering without a socket."""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import inspect
import re
import unittest
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar, overload

from sandtable.library.mock.addresses import Address, instance_address, let_through
from sandtable.library.mock.answering import Answering, Door
from sandtable.library.mock.http_client_door import http_client_doors
from sandtable.library.mock.requests_door import requests_doors
from sandtable.library.ready import ready_instances
from sandtable.library.simulated import SimulatedInstance
from sandtable.settings.settings import Settings

Function = TypeVar("Function", bound=Callable[..., Any])
DEFAULT_URL = f"https://{Settings.name}.service-now.com"
ARGUMENT = "servicenow"


@overload
def mock_servicenow(base_url: Function, /) -> Function: ...


@overload
def mock_servicenow(
    base_url: str = DEFAULT_URL,
    *,
    pass_through: str | Iterable[str] = (),
    random_seed: int | None = None,
    properties: Mapping[str, str] | None = None,
    empty: bool = False,
    strict: bool = False,
    release: str = Settings.release,
    basic_auth: str = Settings.basic_auth,
    instance: str = Settings.instance,
) -> MockServiceNow: ...


def mock_servicenow(
    base_url: Any = DEFAULT_URL,
    *,
    pass_through: str | Iterable[str] = (),
    random_seed: int | None = None,
    properties: Mapping[str, str] | None = None,
    empty: bool = False,
    strict: bool = False,
    release: str = Settings.release,
    basic_auth: str = Settings.basic_auth,
    instance: str = Settings.instance,
) -> Any:
    """Return a context, or decorator, in which calls to an instance's address are answered in this process.

    `base_url` is an address such as `https://acme.service-now.com`, or a host pattern such as `*.service-now.com`.
    Calls that `requests` (any session, also an older one), `httpx`, `urllib`, `http.client`, `urllib3` and `aiohttp`
    make to it reach a new instance; every other address is refused unless `pass_through` names its host (`localhost`,
    `*.example.com`, `host:port`, or `*` for all). `random_seed` makes ids repeatable, `properties` are system
    properties, `empty` leaves out the Elastic applications and their user, `strict` refuses with 501 what is not
    simulated. `release`, `basic_auth` and `instance` say what it answers as (see `sandtable release show`). As a
    decorator it may stand without parentheses. Raises ValueError for an address or a host that is none, TypeError for
    an argument of another type.
    """
    if inspect.isroutine(base_url) or inspect.isclass(base_url):
        return mock_servicenow()(base_url)
    address = instance_address(base_url)
    if random_seed is not None and (not isinstance(random_seed, int) or isinstance(random_seed, bool)):
        raise TypeError(f"random_seed is a whole number, not {random_seed!r}")
    if properties is not None and not isinstance(properties, Mapping):
        raise TypeError(f"properties are a mapping of names to values, not {properties!r}")
    name, url = _name_and_url(address)
    settings = Settings(
        name=name,
        # Of an instance with many names links lead to the one that was called.
        base_url="" if address.host.startswith("*") else url,
        log="off",
        random_seed=random_seed,
        properties=dict(properties or {}),
        empty=empty,
        strict=strict,
        release=release,
        basic_auth=basic_auth,
        instance=instance,
    )
    return MockServiceNow(
        _Options(shown=base_url, url=url, address=address, through=let_through(pass_through), settings=settings)
    )


def mock_by_settings(settings: Settings, pass_through: str | Iterable[str] = ()) -> MockServiceNow:
    """Return the mock of an instance that is set up as settings say; those about listening do not apply."""
    url = settings.base_url or f"https://{settings.name}.service-now.com"
    settings = dataclasses.replace(settings, base_url=url, log="off")
    return MockServiceNow(
        _Options(
            shown=url, url=url, address=instance_address(url), through=let_through(pass_through), settings=settings
        )
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Options:
    shown: str
    url: str
    address: Address
    through: tuple[Address, ...]
    settings: Settings


class MockServiceNow:
    """What `mock_servicenow` returns; each entering, and each call of a decorated function, begins a new instance."""

    def __init__(self, options: _Options) -> None:
        self._options = options
        self._doors: list[Door] = []
        self._entered: SimulatedInstance | None = None

    def __enter__(self) -> SimulatedInstance:
        if self._entered is not None:
            raise RuntimeError("this mock is in force already; make a second one with mock_servicenow(...)")
        options = self._options
        kept = ready_instances().take(options.settings)
        self._entered = SimulatedInstance(kept.worlds, options.url, options.settings, start=kept.start)
        # Whoever still holds the instance after the block may look at it: another mock gets it when nobody does.
        weakref.finalize(self._entered, ready_instances().give_back, kept).atexit = False
        answering = Answering(kept.app, options.address, options.through, options.shown, kept.worlds.may_wait)
        self._doors = opened(answering)
        return self._entered

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for door in self._doors:
            door.close()
        if self._entered is not None:
            self._entered.end()
        self._doors, self._entered = [], None

    def __call__(self, function: Function) -> Function:
        """Return a function each call of which has a new instance, as the argument `servicenow` if it takes one.

        Of a class each test has one: the methods that begin with `test`, or, of a unittest.TestCase, each run, `setUp`
        included, with the instance as the attribute `servicenow`. Raises TypeError for a generator.
        """
        if inspect.isclass(function):
            self._decorate_class(function)
            return function
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("mock_servicenow decorates functions, coroutines and classes; in others, it is a context")
        signature = inspect.signature(function)
        takes = ARGUMENT in signature.parameters

        @functools.wraps(function)
        def decorated(*arguments: Any, **named: Any) -> Any:
            with MockServiceNow(self._options) as instance:
                return function(*arguments, **named, **({ARGUMENT: instance} if takes else {}))

        @functools.wraps(function)
        async def decorated_coroutine(*arguments: Any, **named: Any) -> Any:
            with MockServiceNow(self._options) as instance:
                return await function(*arguments, **named, **({ARGUMENT: instance} if takes else {}))

        chosen: Any = decorated_coroutine if inspect.iscoroutinefunction(function) else decorated
        # Hidden, because pytest would look for a fixture of the name.
        left = [each for each in signature.parameters.values() if each.name != ARGUMENT]
        chosen.__signature__ = signature.replace(parameters=left)
        return chosen  # type: ignore[no-any-return]

    def _decorate_class(self, owner: type) -> None:
        if issubclass(owner, unittest.TestCase):
            options, run = self._options, owner.run

            @functools.wraps(run)
            def run_with_instance(case: Any, *arguments: Any, **named: Any) -> Any:
                with MockServiceNow(options) as instance:
                    case.servicenow = instance
                    return run(case, *arguments, **named)

            setattr(owner, "run", run_with_instance)  # noqa: B010 - a class of the caller's, whatever its types say
            return
        for name, method in inspect.getmembers(owner, inspect.isfunction):
            if name.startswith("test"):
                setattr(owner, name, self(method))


def opened(answering: Answering) -> list[Door]:
    """Open the doors of the client libraries that are installed."""
    doors = [*requests_doors(answering), *http_client_doors(answering)]
    if importlib.util.find_spec("httpx") is not None:
        from sandtable.library.mock.httpx_door import httpx_doors

        doors += httpx_doors(answering)
    if importlib.util.find_spec("aiohttp") is not None:
        from sandtable.library.mock.aiohttp_door import aiohttp_doors

        doors += aiohttp_doors(answering)
    return doors


def _name_and_url(address: Address) -> tuple[str, str]:
    """Return the name of the instance behind an address, and the URL that its links begin with."""
    scheme = address.scheme or "https"
    host = address.host.replace("*", Settings.name, 1) if address.host.startswith("*") else address.host
    label = host.partition(".")[0]
    name = label if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9\-]{0,62}", label) else Settings.name
    shown = f"[{host}]" if ":" in host else host
    return name, f"{scheme}://{shown}{f':{address.port}' if address.port else ''}"
