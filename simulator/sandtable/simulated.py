"""A simulated instance as a test holds it: its address, its records, its clock, and what it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.assembly import ADMIN, INTEGRATION
from sandtable.settings import Settings

if TYPE_CHECKING:
    from sandtable.core.changes import Change
    from sandtable.core.clock import Clock
    from sandtable.core.instance import Instance, Snapshot
    from sandtable.core.ledger import LedgerEntry
    from sandtable.core.records import Record, TableAccess
    from sandtable.core.session import Session
    from sandtable.worlds import World


class SimulatedInstance:
    """An instance that answers at `url`, in process or over a socket, and whose other side is open to the test.

    What is read and written here acts as the platform itself, whom access control does not hold back; `acting_as`
    gives the view of a user. `admin` and `integration` are the user names and passwords that it starts with.
    """

    def __init__(self, world: World, url: str, settings: Settings) -> None:
        self.url = url
        self.world = world
        self.instance: Instance = world.instance
        self.admin = (ADMIN, settings.admin_password)
        self.integration = (INTEGRATION, settings.integration_password)
        self._start: Snapshot = self.instance.snapshot()

    def __repr__(self) -> str:
        return f"<SimulatedInstance {self.instance.name} at {self.url}>"

    # records ---------------------------------------------------------------------------------------------------------

    def table(self, name: str) -> TableAccess:
        """Return access to the records of a table, to read, insert, update and delete. Raises UnknownTable."""
        return self.instance.system().table(name)

    def acting_as(self, user: Record | str) -> Session:
        """Return the session of a user, for what they may see and do. Raises LookupError for an unknown name."""
        return self.instance.acting_as(user)

    def system_property(self, name: str, default: str = "") -> str:
        """Return the value of a system property, the default where there is no record of it."""
        return self.instance.property(name, default)

    def set_property(self, name: str, value: str) -> None:
        """Write a system property."""
        self.instance.set_property(name, value)

    # the test plane --------------------------------------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        """The clock of the instance: `freeze`, `advance`, `set_rate`."""
        return self.instance.clock

    @property
    def unsimulated(self) -> list[LedgerEntry]:
        """What clients used that is not simulated."""
        return self.instance.ledger.entries()

    # moments ---------------------------------------------------------------------------------------------------------

    def changes(self) -> list[Change]:
        """Return how the records differ from those that the instance started with."""
        return self.instance.changes(self._start)

    def snapshot(self) -> Snapshot:
        """Return the present moment of records, clock and randomness, for `restore`."""
        return self.instance.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a moment; later ones are gone. Raises ValueError for one that is gone."""
        self.instance.restore(snapshot)

    def reset(self) -> None:
        """Become again what the instance was at its start, and forget sessions, requests, faults and notes."""
        self.instance.restore(self._start)
        self.world.sessions.end_all()
        self.instance.ledger.clear()
