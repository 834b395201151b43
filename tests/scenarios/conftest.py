"""The command line of a rehearsal in this process, and worlds to play stories in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from sandtable_scenarios.catalogue import world_for
from sandtable_scenarios.cli import rehearse
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.instances import instance_from

OURS = "sandtable_connector.rehearsal:connector"


@pytest.fixture
def run() -> Callable[..., Result]:
    """Run ``sandtable rehearse`` with arguments; what it raises unexpectedly is raised here."""

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(rehearse, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A world of our own connector and a simulator in this process."""
    made = world_for(instance_from("sandtable.library.in_process:rehearsal_instance"), OURS)
    yield made
    made.connector.close()
    made.instance.close()
