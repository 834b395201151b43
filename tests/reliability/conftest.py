"""One server for the tests of what reaches it over a raw socket, and one connection to the records behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.instances import lent

from sandtable.core.applications.jobs import run_due_jobs
from sandtable.core.platform.instance import Instance
from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds


@pytest.fixture(scope="session")
def kept_instance() -> Instance:
    made = create_instance(random_seed=1)
    run_due_jobs(made)  # once here, and not with the first request of each test
    return made


@pytest.fixture(scope="session")
def running(kept_instance: Instance) -> Iterator[Server]:
    with Server(create_app(Worlds(kept_instance))) as server:
        yield server


@pytest.fixture
def instance(kept_instance: Instance) -> Iterator[Instance]:
    """The instance as it was when it was made."""
    with lent(kept_instance):
        yield kept_instance
