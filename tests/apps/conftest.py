"""One instance for all tests of the applications; each test gets it as it was at the start, its clock stopped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.instances import lent

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.session import Session
from sandtable.serving.assembly import create_instance


@pytest.fixture(scope="session")
def made_instance() -> Instance:
    made = create_instance(random_seed=1)
    made.clock.freeze(datetime(2024, 5, 1, 10, tzinfo=UTC))
    return made


@pytest.fixture
def instance(made_instance: Instance) -> Iterator[Instance]:
    """An instance at 2024-05-01 10:00:00 UTC, with the default applications and users."""
    with lent(made_instance):
        yield made_instance


@pytest.fixture
def integration(instance: Instance) -> Session:
    """The integration user as the set-up guide makes it."""
    return instance.acting_as("elastic.integration")
