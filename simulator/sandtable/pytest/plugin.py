"""pytest: a ServiceNow instance for each test. Nothing is started for tests that ask for no fixture.

    def test_creates_an_incident(servicenow):
        my_client(servicenow.url, *servicenow.integration).open_incident("disk full")
        servicenow.verify(method="POST", table="incident", exactly=1)

`servicenow` listens on this machine, `servicenow_in_process` answers calls of requests and httpx to its address in this
process. Both are as new for each test. Override `sandtable_settings` to change how the instances are run, and use the
marker `servicenow` to change how one test's instance begins.
"""

from __future__ import annotations

import difflib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sandtable.library.live import LiveInstances
    from sandtable.library.simulated import SimulatedInstance
    from sandtable.pytest.wishes import Wishes
    from sandtable.scripting.engine.coverage import Coverage
    from sandtable.settings.settings import Settings

MARKER = "servicenow"
# How alike another marker is, from 0 to 1, when it is taken for ours mistyped.
NEARLY = 0.85
LCOV = "lcov"
MARKER_HELP = (
    "servicenow(profile='default', random_seed=None, records=(), faults=(), properties={}, frozen_at=None, "
    "strict=None, release='', basic_auth='', instance='', pass_through=()): "
    "how the ServiceNow instance of a test begins; see the documentation of Sandtable"
)
_COVERAGE: pytest.StashKey[Coverage] = pytest.StashKey()
_IN_USE = pytest.StashKey["list[SimulatedInstance]"]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER_HELP)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a marker that nobody declares and that is nearly called as ours: the test would not get what it asks for.

    Raises pytest.UsageError, which names the test.
    """
    declared = {line.partition(":")[0].partition("(")[0].strip() for line in config.getini("markers")}
    used = {mark.name: item.nodeid for item in items for mark in item.iter_markers()}
    for name in used.keys() - declared:
        if difflib.SequenceMatcher(None, name.lower(), MARKER).ratio() >= NEARLY:
            nodeid = used[name]
            raise pytest.UsageError(f"{nodeid}: there is no marker {name!r}; did you mean {MARKER}?")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer a report of the lines of JavaScript that ran."""
    parser.getgroup("sandtable").addoption(
        f"--sandtable-{LCOV}",
        metavar="FILE",
        default="",
        help="count which lines of instances' scripts run, and write FILE in the lcov format, the scripts beside it",
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the report of the lines of JavaScript that ran, where it is wanted."""
    wanted = session.config.getoption(f"--sandtable-{LCOV}")
    coverage = session.config.stash.get(_COVERAGE, None)
    if wanted and coverage is not None:
        from pathlib import Path

        path = Path(wanted)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(coverage.lcov(path.with_suffix(".scripts")), "utf-8")


@pytest.fixture(scope="session")
def sandtable_settings() -> Settings:
    """How the instances of this test run are run; override it, and keep port 0 when tests run in parallel."""
    from sandtable.settings.settings import Settings

    return Settings(port=0, log="off")


@pytest.fixture(scope="session")
def sandtable_server(sandtable_settings: Settings) -> Iterator[LiveInstances]:
    """The listening instances of this process; under pytest-xdist each worker has its own."""
    from sandtable.library.live import LiveInstances

    with LiveInstances(sandtable_settings) as instances:
        yield instances


@pytest.fixture
def servicenow(sandtable_server: LiveInstances, request: pytest.FixtureRequest) -> Iterator[SimulatedInstance]:
    """An instance that listens on this machine at `servicenow.url`, as new for each test."""
    wishes = _wishes(request)
    instance = sandtable_server.instance(wishes.profile)
    yield from _lent(instance, wishes, request)


@pytest.fixture
def servicenow_in_process(sandtable_settings: Settings, request: pytest.FixtureRequest) -> Iterator[SimulatedInstance]:
    """An instance that answers calls of requests and httpx to its address without a socket, as new for each test."""
    import dataclasses

    from sandtable.library.live import EMPTY
    from sandtable.library.mock import mock_by_settings

    wishes = _wishes(request)
    settings = sandtable_settings
    if wishes.profile == EMPTY:
        settings = dataclasses.replace(settings, empty=True, data="")
    with mock_by_settings(settings, wishes.pass_through) as instance:
        yield from _lent(instance, wishes, request)


def _wishes(request: pytest.FixtureRequest) -> Wishes:
    from sandtable.pytest.wishes import wishes_of

    return wishes_of(request.node)


def _lent(instance: SimulatedInstance, wishes: Wishes, request: pytest.FixtureRequest) -> Iterator[SimulatedInstance]:
    """Yield an instance as the marker asks for, and put it back afterwards."""
    instance.reset()
    if request.config.getoption(f"--sandtable-{LCOV}"):
        _count_lines(instance, request.config)
    try:
        wishes.arrange(instance)
        in_use = request.node.stash.setdefault(_IN_USE, [])
        in_use.append(instance)
        yield instance
        in_use.remove(instance)
    finally:
        instance.reset()


def _count_lines(instance: SimulatedInstance, config: pytest.Config) -> None:
    """Count the lines of an instance's scripts into the one report of this run."""
    from sandtable.scripting.engine.coverage import Coverage
    from sandtable.scripting.tools import host_of

    host_of(instance.instance).count_lines(config.stash.setdefault(_COVERAGE, Coverage()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failing test what its instance received and what changed in it."""
    report = yield
    if report.failed and report.when != "teardown":
        for instance in item.stash.get(_IN_USE, []):
            from sandtable.pytest.report import sections_of

            report.sections += sections_of(instance)
    return report
