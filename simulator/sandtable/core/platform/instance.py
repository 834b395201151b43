"""An instance: a value that holds everything there is of one simulated ServiceNow instance, and shares nothing."""

from __future__ import annotations

import random as randomness
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sandtable.core.platform.contracts import GUEST, SYSTEM
from sandtable.core.platform.lists.ties import Ties
from sandtable.core.platform.moments import InstanceImage, Snapshot
from sandtable.core.platform.parts import Parts
from sandtable.core.platform.record import Record
from sandtable.core.platform.session import Session
from sandtable.core.platform.transactions.patience import Patience
from sandtable.core.platform.transactions.sharing import Sharing
from sandtable.core.platform.transactions.transaction import Transaction
from sandtable.core.platform.writing.rules import RuleBook
from sandtable.core.query import ResolvedQuery
from sandtable.core.schema.columns import Table
from sandtable.core.schema.dictionary import Dictionary
from sandtable.core.store import data_file
from sandtable.core.store.changes import Change, ChangeWatch
from sandtable.core.store.marks import Mark
from sandtable.core.store.opening import open_store
from sandtable.core.store.remembered import Remembered
from sandtable.core.store.row import Selection
from sandtable.core.store.rows import Store
from sandtable.core.values.clock import Clock
from sandtable.core.values.ledger import Ledger
from sandtable.core.values.visits import Visits

T = TypeVar("T")

LOG_LEVELS: Mapping[str, str] = {"info": "0", "warning": "1", "error": "2", "debug": "-1"}
_PROPERTIES, _PROPERTIES_TABLES = ("properties",), ("sys_properties",)
TRUE = frozenset({"true", "1", "yes", "on"})


class Instance:
    """One simulated instance: records with their dictionary, rules and access control, a clock, randomness, a ledger.

    All reading and writing goes through sessions: `system()`, `guest()`, `acting_as(user)`. `base_url` is what links in
    answers begin with, empty for the address that a request came to. `random` is what ids are drawn from, and a number
    may make it repeat; `secrets` is what tokens, keys and session ids are drawn from, which no two instances share.
    `parts` are what the rooms above build on it; `shipped_tables` are what the tables came from. In a shared
    database `world` is what it is called there, and it uses the connections of one `near`. Raises StoreError.
    """

    def __init__(
        self,
        *,
        parts: Parts,
        clock: Clock,
        random: randomness.Random,
        secrets: randomness.Random | None = None,
        name: str = "dev00000",
        base_url: str = "",
        path: str = "",
        shipped_tables: Mapping[str, Table] | None = None,
        ledger: Ledger | None = None,
        world: str = "",
        near: Instance | None = None,
    ) -> None:
        self.name = name
        self.base_url = base_url
        self.clock = clock
        self.random = random
        self.secrets = secrets or randomness.SystemRandom()
        self.ledger = ledger or Ledger()
        self.watch = ChangeWatch()
        self.ties = Ties()
        self.visits = Visits()
        self.lock = threading.RLock()
        self.dictionary = Dictionary()
        self.store: Store = open_store(self.dictionary, path, world or name, near.store if near is not None else None)
        self.rules = RuleBook(parts.rules)
        self.access = parts.access(self)
        self._parts = parts
        self._found_by_class = {type(each): each for each in (self.rules, *parts.others)}
        self.depth = 0
        self._shipped = dict(shipped_tables or {})
        self.remembered = Remembered(self.store, self.lock, self.dictionary)
        self.on_end: Callable[[bool], None] | None = None  # told of each outermost transaction whether it was kept
        self._lineage = object()
        self._known_versions: dict[object, int] = {}
        self._system = Session(self, None, user_name=SYSTEM, user_sys_id="", enforced=False)
        self.level = 0  # how many transactions are under way, one in the other
        self.patience = Patience(self)
        self._deferred: list[Callable[[], None]] = []
        parts_shared = (self.store, self.dictionary, self.clock, self.visits, self.ledger)
        self.sharing = Sharing(*parts_shared) if self.store.shared else None

    def __repr__(self) -> str:
        return f"<Instance {self.name}>"

    def part(self, kind: type[T]) -> T:
        """Return what was handed to this instance of a class. Raises LookupError where nothing was."""
        found = self._found_by_class.get(kind)
        if not isinstance(found, kind):
            raise LookupError(f"{self.name} was assembled without {kind.__name__}")
        return found

    def roles_of(self, user_sys_id: str) -> frozenset[str]:
        """Return the names of all roles of a user; empty for an unknown one."""
        return self._parts.roles_of(self, user_sys_id)

    # who is at work --------------------------------------------------------------------------------------------------

    def system(self) -> Session:
        """Return the session of the platform itself, which access control does not hold back."""
        return self._system

    def guest(self) -> Session:
        """Return a session of somebody who did not sign in."""
        user = self.cached(("guest",), ("sys_user",), lambda: self._user_named(GUEST))
        return Session(self, user) if user is not None else Session(self, None, user_name=GUEST)

    def acting_as(self, user: Record | str) -> Session:
        """Return a session of a user, by record or user name. Raises LookupError for a name that nobody has."""
        if not isinstance(user, str):
            return Session(self, user)
        if user == SYSTEM:
            return self._system
        found = self._user_named(user)
        if found is None:
            raise LookupError(f"there is no user {user!r} on {self.name}")
        return Session(self, found)

    def _user_named(self, user_name: str) -> Record | None:
        if not self.dictionary.has("sys_user"):
            return None
        return self._system.table("sys_user").first(filters={"user_name": user_name})

    # properties ------------------------------------------------------------------------------------------------------

    def property(self, name: str, default: str = "") -> str:
        """Return the value of a system property, the default where there is no record of it."""
        values = self.remembered.get(_PROPERTIES, _PROPERTIES_TABLES, self._properties, "")
        return values.get(name, default)

    def property_is_true(self, name: str, default: bool) -> bool:  # noqa: FBT001 - reads as a sentence with a constant
        """Return whether a system property is true; the default where there is no record, or an empty one."""
        value = self.property(name).strip().lower()
        return value in TRUE if value else default

    def set_property(self, name: str, value: str) -> None:
        """Write a system property, as an administrator would through its record."""
        access = self._system.table("sys_properties")
        found = access.first(filters={"name": name})
        if found is not None:
            access.update(found.sys_id, {"value": value})
        else:
            access.insert({"name": name, "value": value})

    def _properties(self) -> dict[str, str]:
        if not self.dictionary.has("sys_properties"):
            return {}
        # Straight from the store: resolving a query asks for properties.
        everything = Selection("sys_properties", ResolvedQuery(), None, 0)
        return {row.values.get("name", ""): row.values.get("value", "") for row in self.store.select(everything)}

    # transactions and what is remembered -----------------------------------------------------------------------------

    def transaction(self, *, reading: bool = False) -> Transaction:
        """Return a context in which nobody else writes: what it raises is taken back, nested ones alone.

        The end of the outermost one makes everything durable. One for `reading` need not keep other processes from
        writing; it raises NeedsToWrite where something is written after all, and a store is shared.
        """
        return Transaction(self, reading=reading)

    def cached(self, key: object, tables: Sequence[str], compute: Callable[[], T], *, moment: str = "") -> T:
        """Return `compute()`, remembered until a record of one of the tables, or of one that extends it, changes.

        With a `moment`, a text of the clock, only as long as that is the same.
        """
        return self.remembered.get(key, tables, compute, moment)

    def defer(self, action: Callable[[], None]) -> None:
        """Have something done after the outermost transaction, whether it was kept or taken back; at once outside."""
        with self.lock:  # another thread's transaction is not the one that this is to wait for
            if self.level:
                self._deferred.append(action)
                return
        action()

    def refresh(self) -> None:
        """Take in what other processes have changed, where the store is shared."""
        if self.sharing is not None:
            with self.lock:
                self.store.refresh()

    def log(self, level: str, source: str, message: str) -> None:
        """Write a line to syslog that stays even when the transaction it tells of is taken back."""
        self.defer(lambda: data_file.try_to(lambda: self._log(level, source, message)))

    def _log(self, level: str, source: str, message: str) -> None:
        if not self.dictionary.has("syslog"):
            return
        with self.transaction():
            values = {"level": LOG_LEVELS.get(level, "0"), "source": source, "message": message[:4000]}
            self.store.insert(
                self.dictionary.root("syslog"), "syslog", self.new_sys_id(), {**self.stamps("syslog"), **values}
            )

    # for the other parts of the core ---------------------------------------------------------------------------------

    def new_sys_id(self) -> str:
        """Return a new sys_id: 32 hex digits, repeatable by the random seed."""
        return f"{self.random.getrandbits(128):032x}"

    def stamps(self, table: str, user_name: str = SYSTEM) -> dict[str, str]:
        """Return what the platform writes into the system columns of a new record of a table."""
        now = self.clock.text()
        stamps = {"sys_created_on": now, "sys_created_by": user_name, "sys_updated_on": now}
        stamps |= {"sys_updated_by": user_name, "sys_mod_count": "0", "sys_class_name": table}
        columns = self.dictionary.columns(table)
        return {name: value for name, value in stamps.items() if name in columns}

    def shipped(self, table: str) -> Table | None:
        """Return the definition that a table was shipped with, or None for one that somebody made here."""
        return self._shipped.get(table)

    def ship(self, tables: Iterable[Table]) -> None:
        """Add definitions of tables that are about to be made."""
        self._shipped.update({table.name: table for table in tables})

    def scope_names(self) -> Mapping[str, str]:
        """Return the name of each application scope by the sys_id of its record."""
        if not self.dictionary.has("sys_scope"):
            return {}
        return self.cached(
            ("scope names",),
            ("sys_scope",),
            lambda: {record.sys_id: record["scope"] for record in self._system.table("sys_scope").query()},
        )

    def lookup(self, table: str, sys_id: str) -> Mapping[str, str] | None:
        """Return the values of a record without asking access control, or None."""
        if not self.dictionary.has(table):
            return None
        with self.lock:
            row = self.store.get(self.dictionary.root(table), sys_id)
        return row.values if row is not None and self.dictionary.extends(row.table, table) else None

    def related(self, table: str) -> Iterator[Mapping[str, str]]:
        """Yield the values of every record of a table and those that extend it, without asking access control."""
        if self.dictionary.has(table):
            with self.lock:
                rows = list(self.store.rows(self.dictionary.root(table)))
            yield from (row.values for row in rows if self.dictionary.extends(row.table, table))

    # moments to go back to -------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return the present moment; give it back with `release` when it is no longer needed."""
        with self.lock:
            return Snapshot(self.store.mark(), self.clock.state(), self.random.getstate(), self.rules.state())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a moment: records, clock, randomness and rules. Later moments are gone.

        Work that was under way ends (see `visits`). Raises ValueError for a moment that is gone or released, and inside
        a transaction.
        """
        with self._going_back():
            self.store.rewind(snapshot.mark)
            self.store.commit()
            self.clock.restore(snapshot.clock)
            self.random.setstate(snapshot.random)  # type: ignore[arg-type]
            self.rules.restore(snapshot.rules)

    def release(self, snapshot: Snapshot) -> None:
        """Give up a moment."""
        with self.lock:
            self.store.release(snapshot.mark)

    def changes(self, snapshot: Snapshot) -> list[Change]:
        """Return what differs from a moment, record by record in the order of their first write.

        Raises ValueError for a moment that is gone or released.
        """
        with self.lock:
            return self.store.changes_since(snapshot.mark)

    def image(self) -> InstanceImage:
        """Return everything of the instance as one value that outlives it."""
        with self.lock:
            return InstanceImage(
                self.store.image(),
                self.dictionary.state(),
                self.clock.state(),
                self.random.getstate(),
                self.rules.state(),
                self._lineage,
            )

    def load_image(self, image: InstanceImage) -> None:
        """Become what an image says; snapshots are gone, and work that was under way ends (see `visits`).

        Raises ValueError inside a transaction.
        """
        with self._going_back():
            self.store.load(image.store, image.dictionary)
            self.dictionary.restore(image.dictionary)
            if image.lineage is not self._lineage and image.newest > self._known_versions.get(image.lineage, -1):
                self._begin_anew(image)
            self.clock.restore(image.clock)
            if self.sharing is not None:
                self.sharing.settle()
            else:  # or two processes that go back would draw the same ids
                self.random.setstate(image.random)  # type: ignore[arg-type]
            self.rules.restore(image.rules)

    @contextmanager
    def _going_back(self) -> Iterator[None]:
        with self.lock:
            if self.level:
                raise ValueError("an instance cannot be restored in the middle of a transaction")
        # Not under the lock, which those who are at work need to come to their end.
        with self.visits.going_back(), self.lock:
            yield
            # What was to be done after a transaction belongs to what is no more.
            self._deferred.clear()

    def _begin_anew(self, image: InstanceImage) -> None:
        """Forget what is remembered by version numbers: those of an unknown image stand for other contents."""
        self.remembered.clear()
        self.store.era += 1
        self._lineage = object()
        self._known_versions = {image.lineage: image.newest}

    def fork(self, name: str) -> Instance:
        """Return a new instance in memory with the same content, which shares nothing with this one."""
        twin = Instance(
            parts=self._parts,
            clock=Clock(self.clock.source),
            random=randomness.Random(),  # noqa: S311 - ids, not secrets; the state is copied below
            name=name,
            shipped_tables=self._shipped,
            ledger=Ledger(strict=self.ledger.strict),
        )
        twin.load_image(self.image())
        return twin

    def close(self) -> None:
        """End what waits, and close the data file, if there is one; the instance is of no use afterwards."""
        with self.visits.going_back(), self.lock:
            self.store.close()

    # called by Transaction -------------------------------------------------------------------------------------------

    def enter(self, *, reading: bool = False) -> Mark:
        """Begin a transaction, or one inside it, and return the mark to leave it with; it holds the lock until then.

        Raises Outlived for work that began before the instance went back to another moment.
        """
        self.patience.take_turn()
        try:
            self.visits.check()
            if not self.level:
                self.store.begin_work(reading=reading, looked=reading and self.visits.visiting)
                if self.sharing is not None:
                    self.sharing.check()
        except BaseException:
            self.lock.release()
            raise
        self.level += 1
        return self.store.mark()

    def leave(self, mark: Mark, *, failed: bool) -> None:
        """End the transaction that began at `mark`: keep what was written, or take it back when it `failed`."""
        try:
            if failed:
                self.store.rewind(mark)
            elif self.level == 1 and self.watch.wanted:
                self.watch.tell(self.store.changes_since(mark))
            if self.level == 1:
                if self.sharing is not None and not failed:
                    self.sharing.tell()
                self.store.commit()
                if self.on_end is not None:
                    self.on_end(not failed)
        finally:
            self.store.release(mark)
            self.level -= 1
            self.lock.release()
        if not self.level:
            self._do_deferred()

    def _do_deferred(self) -> None:
        while self._deferred:
            # Under the lock, so that the instance does not go back to another moment between one and the next.
            with self.lock:
                actions, self._deferred = self._deferred, []
                for action in actions:
                    action()
