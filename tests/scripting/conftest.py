"""One instance for all tests of scripts; each test gets it as it was, and its helpers to run scripts and make records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.record import Record
from sandtable.scripting import Host, ScriptOutcome
from sandtable.scripting.tools import host_of
from sandtable.serving.assembly import create_instance
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

NOON = "2024-05-01T12:00:00Z"


class Bench:
    """An instance with its scripts within reach."""

    def __init__(self, instance: Instance, client: Any) -> None:
        self.instance = instance
        self.client = client
        self.host: Host = host_of(instance)
        self.system = instance.system()

    def run(self, script: str, *, user: str = "admin", scope: str = "global") -> ScriptOutcome:
        """Run a script as a user and return what came of it."""
        return self.host.background(self.instance.acting_as(user), script, scope=scope)

    def value(self, script: str, *, user: str = "admin", scope: str = "global") -> Any:
        """Run a script that must not fail and return its value."""
        outcome = self.run(script, user=user, scope=scope)
        assert not outcome.failed, outcome.error
        return outcome.value

    def add(self, table: str, **values: Any) -> Record:
        """Insert a record as the system."""
        return self.system.table(table).insert(values)

    def rule(self, script: str, table: str = "incident", when: str = "before", **values: Any) -> Record:
        """Add a business rule; it runs on insert and update unless told otherwise."""
        given = {"name": f"rule {when}", "collection": table, "when": when, "advanced": True, "script": script}
        return self.add("sys_script", **{**given, "action_insert": True, "action_update": True, **values})

    def include(self, name: str, script: str, **values: Any) -> Record:
        """Add a script include."""
        return self.add("sys_script_include", **{"name": name, "script": script, "access": "public", **values})

    def application(self, scope: str, tracking: str = "none") -> Record:
        """Add an application with a scope of its own."""
        return self.add("sys_app", name=scope, scope=scope, runtime_access_tracking=tracking)

    def logged(self, source: str = "") -> list[str]:
        """Return the messages of the system log, of one source or of all."""
        rows = self.system.table("syslog").query(f"source={source}" if source else "")
        return [row["message"] for row in rows]

    def noted(self) -> set[str]:
        """Return the names that the ledger was told of."""
        return {entry.name for entry in self.instance.ledger.entries()}

    def call(self, method: str, path: str, *, user: str = "admin", **options: Any) -> Any:
        """Send a request to the instance as a user whose password is their name."""
        headers = dict(options.pop("headers", {}))
        auth = (user, user) if user else None
        return self.client.open(path, method=method, auth=auth, headers=headers, **options)


@pytest.fixture(scope="session")
def script_instance() -> Instance:
    return create_instance(random_seed=7)


@pytest.fixture(scope="session")
def script_app(script_instance: Instance) -> Any:
    return create_app(Worlds(script_instance))


@pytest.fixture
def bench(script_instance: Instance, script_app: Any) -> Iterator[Bench]:
    """The instance as it was when it was made, its clock standing still at noon."""
    moment = script_instance.snapshot()
    script_instance.clock.freeze(NOON)
    yield Bench(script_instance, script_app.test_client(use_cookies=False))
    host_of(script_instance).forget()
    script_instance.restore(moment)
    script_instance.release(moment)
    script_instance.ledger.clear()
