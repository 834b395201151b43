"""The scenarios in anybody's pytest: fixtures for the two targets, and every scenario as a test.

    pytest --pyargs sandtable_scenarios.suite --sandtable-connector cmd:"node my-connector.js"

The fixtures ``sandtable_instance`` and ``connector_under_test`` are made to be overridden. Nothing here runs by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sandtable_scenarios.stage.world import World
    from sandtable_scenarios.targets.connectors import ConnectorTarget
    from sandtable_scenarios.targets.instances import InstanceTarget

OPTIONS = (
    (
        "connector",
        "sandtable_connector.rehearsal:connector",
        "connector under test: module:factory, cmd:PROGRAM, or a Kibana address",
    ),
    (
        "instance",
        "",
        "instance under test: module:factory, or an http(s) address; a simulator of its own when there is none",
    ),
    ("profile", "quick", "how hard to look: quick, ci or deep"),
    ("random-seed", "0", "the same seed tells the same stories"),
    ("rules", "*", "watch only rules that match these patterns, separated by commas"),
    ("scenarios", "*", "run only scenarios that match these patterns, separated by commas"),
    ("expect", "", "known differences: a preset such as kibana-8.13, or a YAML file"),
    ("admin", "admin:admin", "user:password that looks at the instance from outside"),
    ("integration", "elastic.integration:elastic-integration", "user:password that the connector uses"),
    ("database", "", "example database: a folder, or redis://host/0"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ``--sandtable-*`` options."""
    group = parser.getgroup("sandtable", "Sandtable scenarios")
    for name, default, text in OPTIONS:
        group.addoption(
            f"--sandtable-{name}", default=default, metavar=name.upper(), help=f"{text} (default: {default or 'none'})"
        )


def option(config: pytest.Config, name: str) -> str:
    """Return the value of one ``--sandtable-*`` option."""
    return str(config.getoption(f"--sandtable-{name}"))


@pytest.fixture(scope="session")
def sandtable_instance(pytestconfig: pytest.Config) -> Iterator[InstanceTarget]:
    """The instance under test; override it to point the scenarios at an instance of your own."""
    from sandtable_scenarios.targets.instances import Credentials, instance_from, simulator_for

    def credentials(name: str) -> Credentials:
        user, colon, password = option(pytestconfig, name).partition(":")
        if not colon:
            raise pytest.UsageError(f"--sandtable-{name} must be USER:PASSWORD")
        return Credentials(user, password)

    target = instance_from(
        option(pytestconfig, "instance") or simulator_for(option(pytestconfig, "connector")),
        admin=credentials("admin"),
        integration=credentials("integration"),
    )
    yield target
    target.close()


@pytest.fixture(scope="session")
def connector_under_test(pytestconfig: pytest.Config) -> Iterator[ConnectorTarget]:
    """The connector under test; override it to hand the scenarios a connector of your own."""
    from sandtable_scenarios.targets.choosing import connector_from

    target = connector_from(option(pytestconfig, "connector"))
    yield target
    target.close()


@pytest.fixture(scope="session")
def sandtable_world(sandtable_instance: InstanceTarget, connector_under_test: ConnectorTarget) -> Iterator[World]:
    """The world that the scenarios play in: the two targets put together."""
    from sandtable_scenarios.catalogue import world_of

    world = world_of(sandtable_instance, connector_under_test)
    yield world
    world.clean_up()
