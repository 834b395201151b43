"""The request journal of an instance that several processes have in common: each enters what it has answered."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandtable.core.store.changes import Change
from sandtable.core.store.row import Row
from sandtable.web.environ import NUMBER
from sandtable.web.journal.request_journal import BETWEEN_TRIMS, EntryPattern, JournalEntry, Kept, RequestJournal

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

KIND = "request"
PLAIN = ("at", "method", "path", "status", "ending", "user", "table", "api", "milliseconds", "_query")
LISTS = ("explanations", "unsimulated", "faults")
PAIRS = ("_received", "_answer_headers")
BODIES = ("request_body", "response_body")


class SharedJournal(RequestJournal):
    """The newest requests of one world, by order of their arrival; one that is not answered yet is not among them."""

    counted = KIND

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._beside = instance.store.beside

    def __len__(self) -> int:
        return int(self._beside.size(KIND))

    def begin(self, environ: Mapping[str, Any]) -> JournalEntry:
        """Give a request that has arrived its number."""
        number = environ.get(NUMBER) or self._beside.next(KIND)
        entry = JournalEntry(number, environ, self._instance.clock.text(), self._instance)
        self._beside.gather()
        return entry

    def finish(self, entry: JournalEntry) -> None:
        """Enter a request that is answered."""
        self._beside.put_all(KIND, f"{entry.id:015d}", _written(entry))
        if not entry.id % BETWEEN_TRIMS:
            self._beside.trim(KIND, self._size())

    def entries(self, pattern: EntryPattern | None = None, *, since: int = 0) -> list[JournalEntry]:
        """Return the entries that match, oldest first; `since` leaves out those up to an id."""
        kept = sorted((int(key), text) for key, text in self._beside.all(KIND) if int(key) > since)
        found = [_read(number, text, self._instance) for number, text in kept[-self._size() :]]
        return found if pattern is None else [each for each in found if pattern.matches(each)]

    def get(self, number: int) -> JournalEntry | None:
        """Return an entry by its id, or None."""
        kept = self._beside.get(KIND, f"{number:015d}")
        return _read(number, kept, self._instance) if kept is not None else None

    def clear(self) -> None:
        """Forget all entries; ids go on."""
        self._beside.clear(KIND)

    def restart(self) -> None:
        """Forget all entries, and count from 1 again."""
        self.clear()
        self._beside.begin_again(KIND)

    def trim(self) -> None:
        """Nothing: what is entered is trimmed as it is entered."""

    def sending(self) -> None:
        """Keep what the request has made before the first of its answer is sent."""
        self._beside.settle()


def _written(entry: JournalEntry) -> str:
    told: dict[str, Any] = {name: getattr(entry, name) for name in (*PLAIN, *LISTS)}
    told |= {name: [(key, _text(value)) for key, value in getattr(entry, name)] for name in PAIRS}
    for name in BODIES:
        kept: Kept = getattr(entry, name)
        told[name] = [base64.b64encode(bytes(kept.data)).decode(), kept.length]
    told["changes"] = [[_row(change.before), _row(change.after)] for change in entry.changes]
    return json.dumps(told)


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def _row(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"sys_id": row.sys_id, "table": row.table, "seq": row.seq, "values": dict(row.values)}


def _read(number: int, text: str, instance: Instance) -> JournalEntry:
    told = json.loads(text)
    received = [(str(name), str(value)) for name, value in told["_received"]]
    environ = {**dict(received), "REQUEST_METHOD": told["method"], "QUERY_STRING": told["_query"], "PATH_INFO": ""}
    entry = JournalEntry(number, environ, told["at"], instance)
    for name in PLAIN:
        setattr(entry, name, told[name])
    for name in LISTS:
        setattr(entry, name, tuple(told[name]))
    for name in PAIRS:
        setattr(entry, name, [(key, value) for key, value in told[name]])
    for name in BODIES:
        data, length = told[name]
        setattr(entry, name, Kept(bytearray(base64.b64decode(data)), length))
    entry.changes = tuple(
        Change(*(Row(**side) if side is not None else None for side in sides)) for sides in told["changes"]
    )
    return entry
