"""A simulated instance as a test holds it: its address, its records, its clock, and what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandtable.core.platform.writing.script_host import Scripts
from sandtable.faults.forms import read
from sandtable.library.checked_tables import CheckedTable, Viewpoint
from sandtable.library.sources import Source
from sandtable.serving.assembly import ADMIN, INTEGRATION
from sandtable.settings.settings import Settings
from sandtable.web.journal.request_journal import UNTOLD
from sandtable.web.journal.verification import Expectation, verify
from sandtable.web.worlds.stubs import Answering, Stub

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.moments import Snapshot
    from sandtable.core.platform.record import Record
    from sandtable.core.store.changes import Change
    from sandtable.core.values.clock import Clock
    from sandtable.core.values.ledger import LedgerEntry
    from sandtable.faults.plan import FaultPlan
    from sandtable.scripting.places.background import ScriptOutcome
    from sandtable.web.journal.request_journal import RequestJournal
    from sandtable.web.worlds.worlds import World, Worlds

# What changes with every write, and says nothing about it.
BESIDE = UNTOLD | {"sys_number_counter", "sys_trigger", "sys_update_xml", "sys_update_version"}
COUNTS = ("exactly", "at_least", "at_most", "since")


class SimulatedInstance:
    """An instance that answers at `url`, in process or over a socket, and whose other side is open to the test.

    What is read and written here acts as the platform itself, whom access control does not hold back; `acting_as`
    gives the view of a user. `admin` and `integration` are the user names and passwords that it starts with. `worlds`
    are those of its server, the instance being the default one.
    """

    def __init__(self, worlds: Worlds, url: str, settings: Settings, *, start: Snapshot | None = None) -> None:
        self.url = url
        self.worlds = worlds
        self.world: World = worlds.world(worlds.default.name)
        self.instance: Instance = self.world.instance
        self.admin = (ADMIN, settings.admin_password)
        self.integration = (INTEGRATION, settings.integration_password)
        self._strict = settings.strict
        self._start: Snapshot = start or self.instance.snapshot()
        self._set_up: Snapshot | None = None

    def __repr__(self) -> str:
        return f"<SimulatedInstance {self.instance.name} at {self.url}>"

    # records ---------------------------------------------------------------------------------------------------------

    def table(self, name: str) -> CheckedTable:
        """Return access to the records of a table, to read, insert, update and delete.

        A column that the table does not have is an UnknownColumn error, in a query, a filter and in `record[name]`, and
        so is reading one with `get`. Raises UnknownTable.
        """
        return CheckedTable(self.instance.system(), name)

    def add_table(self, name: str, *, extends: str = "", label: str = "", number: str = "") -> CheckedTable:
        """Make a table of your own, and return access to it. Raises BadDefinition, which names the fix."""
        from sandtable.core.applications.own_tables import add_table

        add_table(self.instance, name, extends=extends, label=label, number=number)
        return self.table(name)

    def acting_as(self, user: Record | str) -> Viewpoint:
        """Return the session of a user, for what they may see and do. Raises LookupError for an unknown name."""
        return Viewpoint(self.instance.acting_as(user))

    def system_property(self, name: str, default: str = "") -> str:
        """Return the value of a system property, the default where there is no record of it."""
        return self.instance.property(name, default)

    def set_property(self, name: str, value: str) -> None:
        """Write a system property. Raises ValueError for what is no name of one."""
        if not name or name != name.strip() or any(letter.isspace() for letter in name):
            raise ValueError(f"{name!r} is no name of a system property; give one such as glide.sys.default.tz")
        self.instance.set_property(name, value)

    def load(
        self,
        source: Source,
        *,
        values: str = "",
        rules: bool | None = None,
        unknown: str = "",
        partial: bool = False,
    ) -> dict[str, Any]:
        """Insert records, or update those whose sys_id exists, all of them or none; return how many of what.

        `source` is a mapping of table names to lists of records, or a file or several: `.json` (such a mapping),
        `.csv` (named after its table), `.xml` (the platform's own export, or an update set), `.zip` or a folder (an
        application, or recordings). `values` are
        "stored" or, as people see them, "display" (so in CSV unless said otherwise); `rules` tells whether business
        rules run (not for XML, unless said otherwise); `unknown` columns and values that none keeps are "refuse" or
        (so in XML) "ignore"; of an update set or application `partial` takes what can be taken. Raises LoadError.
        """
        from sandtable.library.loaded import load

        given = {"values": values, "unknown": unknown}
        return load(self.instance, source, rules=rules, partial=partial, **given)

    # scripts ---------------------------------------------------------------------------------------------------------

    def script(self, script: str, *, user: str = "admin", scope: str = "global", name: str = "test script") -> Any:
        """Run a script on the instance's side and return the value of its last expression, as JSON has it.

        Raises AssertionError with the script's error, its line and what it wrote, when it fails; `run_script` returns
        all that came of it instead.
        """
        __tracebackhide__ = True
        outcome = self.run_script(script, user=user, scope=scope, name=name)
        if outcome.failed:
            raise AssertionError("\n".join([outcome.error, *outcome.printed()]))
        return outcome.value

    def run_script(
        self, script: str, *, user: str = "admin", scope: str = "global", name: str = "test script"
    ) -> ScriptOutcome:
        """Run a script on the instance's side and return its lines, its value and its error.

        Raises EngineUnusable where scripts cannot be run, and LookupError for a user that nobody is.
        """
        from sandtable.scripting.tools import host_of

        return host_of(self.instance).background(self.acting_as(user), script, scope=scope, name=name)

    def plant(
        self,
        url: str,
        *,
        method: str = "",
        status: int = 200,
        body: str = "",
        headers: Mapping[str, str] | None = None,
        error: str = "",
    ) -> None:
        """Plant an answer for outbound calls of scripts to addresses that begin with `url`; the newest that fits wins.

        `error` is the text of a failure in place of an answer. Raises ValueError for an address or a status that a call
        cannot have.
        """
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is no address that a script can call; give one such as https://example.com/api")
        if not 100 <= status <= 599:
            raise ValueError(f"{status!r} is no status of an answer; give one from 100 to 599")
        from sandtable.scripting.planted import Stub
        from sandtable.scripting.tools import host_of

        host_of(self.instance).plant(Stub(url, method, status, body, tuple((headers or {}).items()), error))

    @property
    def outbound(self) -> list[tuple[str, str, str]]:
        """The outbound calls that scripts have made: method, address, body."""
        from sandtable.scripting.tools import host_of

        return list(host_of(self.instance).outbound.calls)

    def script_log(self) -> list[str]:
        """Return what scripts have written to the system log since the start, their errors too, oldest first."""
        host = self.instance.part(Scripts).host
        sources = host.log_sources() if host is not None else frozenset()
        rows = [each.row for each in self.instance.changes(self._start) if each.row.table == "syslog"]
        rows.sort(key=lambda row: row.seq)
        values = [row.values for row in rows if row.values.get("source", "") in sources]
        return [f"{row.get('source', '')}: {row.get('message', '')}" for row in values]

    # the test plane --------------------------------------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        """The clock of the instance: `freeze`, `advance`, `set_rate`."""
        return self.instance.clock

    @property
    def faults(self) -> FaultPlan:
        """What is to go wrong: `add({"fault": "unavailable", "times": 3})`, `clear()`."""
        return self.world.faults

    @property
    def journal(self) -> RequestJournal:
        """The requests that were received: `entries()`, oldest first."""
        return self.world.journal

    @property
    def unsimulated(self) -> list[LedgerEntry]:
        """What clients used that is not simulated."""
        return self.instance.ledger.entries()

    def verify(self, **expected: Any) -> None:
        """Check that requests were received, at least one unless `exactly`, `at_least` or `at_most` says how many.

        The other names are conditions on a request: method, path, table, user, query, headers, body_contains, body and
        status. Raises AssertionError, which names the near misses, and ValueError for a name that is no condition.
        """
        __tracebackhide__ = True
        counts = {name: expected.pop(name) for name in COUNTS if name in expected}
        found = verify(self.journal, read(Expectation, {"match": expected, **counts}))
        if not found["verified"]:
            raise AssertionError(_told(found, [each.line() for each in self.journal.entries()]))

    # endpoints of one's own ------------------------------------------------------------------------------------------

    def stub(
        self,
        method: str,
        path: str,
        answering: Answering | None = None,
        *,
        authentication: bool = True,
        **answer: Any,
    ) -> None:
        """Add a scripted REST resource of your own, such as `stub("GET", "/api/x_acme/thing/{id}", json={"a": 1})`.

        It answers with `status`, `headers` and `json` or `text`, sent as they are; or with what `answering` returns for
        a ScriptRequest: a dict, a list, or a ScriptResponse. One of the same method and path is replaced, `reset` takes
        all away. Requests to it stand in the journal. Raises BadForm, a ValueError, which names the field.
        """
        if answering is not None and answer:
            raise TypeError(f"{next(iter(answer))} is given beside a function; let it return a ScriptResponse")
        form = {"method": method, "path": path, "authentication": authentication, **answer}
        self.world.stubs.add(read(Stub, form), answering)

    # moments ---------------------------------------------------------------------------------------------------------

    def changes(self, since: Snapshot | None = None, *, beside: bool = False) -> list[Change]:
        """Return how the records differ from those at a moment: the one given, else the end of the set-up.

        Each change has `operation`, `table`, `sys_id`, and `values`: the columns that differ, before and after.
        What changes beside every write (audit, log, counters, metrics, update sets) is told only with `beside`.
        """
        found = self.instance.changes(since or self._set_up or self._start)
        return found if beside else [each for each in found if each.table not in BESIDE]

    def end_set_up(self) -> None:
        """Let `changes` count from here; the pytest plugin does so when it has done what a marker asks for."""
        if self._set_up is not None:
            self.instance.release(self._set_up)
        self._set_up = self.instance.snapshot()

    def snapshot(self) -> Snapshot:
        """Return the present moment of records, clock and randomness, for `restore`."""
        return self.instance.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a moment; later ones are gone, sessions end. Raises ValueError for one that is gone, or none."""
        if not hasattr(snapshot, "mark"):
            raise ValueError(f"{snapshot!r} is no snapshot; give what snapshot() has returned")
        with self.instance.visits.going_back():
            self.instance.restore(snapshot)
            self.world.sessions.end_all()

    def reset(self) -> None:
        """Become again what the instance was at its start; forget sessions, requests, faults, snapshots, other worlds.

        Requests that are under way, such as one that waits in a fault, end without having been carried out.
        """
        with self.instance.visits.going_back():
            self._begin_again()

    def _begin_again(self) -> None:
        world, instance = self.world, self.instance
        if self._set_up is not None:
            instance.release(self._set_up)
            self._set_up = None
        try:
            instance.restore(self._start)
        except ValueError:
            # A saved snapshot was loaded meanwhile, or an earlier moment restored.
            instance.release(self._start)
            world.reset()
            self._start = instance.snapshot()
        world.sessions.end_all()
        world.journal.restart()
        world.faults.clear()
        self._forget_outbound()
        world.stubs.clear()
        for saved in world.snapshots.all():
            world.snapshots.remove(saved.name)
        instance.ledger.clear()
        instance.ledger.strict = self._strict
        self.worlds.drop_all()

    def _forget_outbound(self) -> None:
        host = self.instance.part(Scripts).host
        if host is not None:
            host.forget()

    def end(self) -> None:
        """End the requests that are under way, because nobody is interested in them any more."""
        self.worlds.end_all()


def _told(found: Mapping[str, Any], received: list[str]) -> str:
    """Return why a verification failed, in lines."""
    lines = [f"expected {found['expected']} of {found['match'] or 'any request'}, received {found['count']}"]
    lines += [f"  {line}" for line in found["matching"]]
    if found["near_misses"]:
        lines.append("near misses:")
        lines += [f"  {miss['request']}: {'; '.join(miss['reasons'])}" for miss in found["near_misses"]]
    elif not found["matching"]:
        lines.append("received: " + ("; ".join(received) or "nothing"))
    return "\n".join(lines)
