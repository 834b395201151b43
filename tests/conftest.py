"""What every test shares: its evidence, the doors it goes through, and the Hypothesis profiles.

Each test says how we know what it asserts. The nearest level that carries an evidence mark (the test, its parameters,
its class, its module) must carry exactly one; a test with none or two is refused at collection.

An instance has two doors, a call in process and a socket, that lead to the same code: tests/web/test_two_doors.py
compares them answer by answer. So a test with a client for each (a fixture with the parameters `in-process` and `live`)
goes through the socket with its first example, and in process with all; marked `sockets`, with all through both. The
whole matrix is run when SANDTABLE_TEST_DOORS is `both`, as `make test-anywhere` does.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator
from random import Random

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, settings
from tests.browsing import chromium, started_browser, window
from tests.postgresql import shared_server, why_not

__all__ = ["chromium", "started_browser", "window"]

# What is imported and collected, millions of objects, stays until the end: looking through it for garbage again and
# again would take a fifth of the time of a run. So nothing is looked for until all is there, then among what is new.
gc.set_threshold(200_000, 50, 100)

EVIDENCE = ("recorded", "documented", "assumed", "ours")

settings.register_profile("dev", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci",
    max_examples=60,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL of the tests' own, started once for all processes of a run; skipped without one."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    base = tmp_path_factory.getbasetemp()
    with shared_server(base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) as url:
        yield url


def evidence_of(item: pytest.Item) -> list[pytest.Mark]:
    """Return the evidence marks of the nearest level that has any, nearest first."""
    nearest: list[pytest.Mark] = []
    owner: pytest.Item | pytest.Collector | None = None
    for node, mark in item.iter_markers_with_node():
        if mark.name not in EVIDENCE:
            continue
        if owner is None:
            owner = node
        if node is owner:
            nearest.append(mark)
    return nearest


def complaints_about(items: Iterable[pytest.Item]) -> list[str]:
    """Return one line for each test whose evidence is missing, doubled, or has no text."""
    lines = []
    for item in items:
        marks = evidence_of(item)
        if len(marks) != 1:
            names = ", ".join(mark.name for mark in marks) or "none"
            lines.append(f"{item.nodeid}: exactly one of {'/'.join(EVIDENCE)} is needed, found {names}")
        elif not (marks[0].args and isinstance(marks[0].args[0], str) and marks[0].args[0].strip()):
            lines.append(f"{item.nodeid}: the {marks[0].name} mark must say where from, or why")
    return lines


def told_twice(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Return the tests that ask over a socket what they ask in process, save the first of each test function."""
    seen: set[str] = set()
    found = []
    for item in items:
        callspec = getattr(item, "callspec", None)
        if callspec is None or "live" not in callspec.params.values() or item.get_closest_marker("sockets"):
            continue
        test = item.nodeid.partition("[")[0]
        if test in seen:
            found.append(item)
        seen.add(test)
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test, and tell the process that counts what it counts: that set-up and tear-down passed goes unsaid.

    Each report is packed, sent, unpacked and looked at by every plugin: half a millisecond, twelve thousand times.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a run in which a test does not say how we know what it asserts, and leave out what is told twice.

    The tests are shuffled when that is asked for.
    """
    if os.environ.get("SANDTABLE_TEST_DOORS") != "both":
        left_out = set(told_twice(items))
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    lines = complaints_about(items)
    if lines:
        raise pytest.UsageError("tests without exactly one piece of evidence:\n" + "\n".join(lines))
    seed = os.environ.get("SANDTABLE_TEST_ORDER")
    if seed:
        Random(seed).shuffle(items)  # noqa: S311 - an order, no secret


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep what was collected out of the search for garbage; instances that a test leaves behind are large."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 10, 10)
