"""One clone: reads what is wanted, writes it into one export as it comes, and goes on where an earlier run stopped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO, Any

from sandtable.cloning import what
from sandtable.cloning.people import PEOPLE, InventedPeople
from sandtable.cloning.reading import CannotRead, Reader
from sandtable.packages.records import PUT
from sandtable.packages.writing import PROLOGUE, text

HEAD = f"{PROLOGUE}\n<unload>\n"
END = "</unload>\n"
TABLES, COLUMNS = "sys_db_object", "sys_dictionary"
OWNERS = frozenset(owner for _, _, owner in what.BY_OWNER)


@dataclass(slots=True)
class Plan:
    """What is asked for: patterns of tables, a query by table for their records, how many, and how far references go.

    `most` is the largest number of records of each table, 0 for all of them.
    """

    tables: list[str]
    queries: dict[str, str] = field(default_factory=dict)
    most: int = 1_000
    depth: int = 1
    real_people: bool = False


@dataclass(slots=True)
class Report:
    """What came of it: rows by table, and what the account could not read, with the reason."""

    rows: Counter[str] = field(default_factory=Counter)
    unreadable: dict[str, str] = field(default_factory=dict)
    secrets: int = 0

    def shown(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {"rows": dict(sorted(self.rows.items())), "unreadable": self.unreadable, "without_secrets": self.secrets}


class Clone:
    """Copies from a reader into a file. `tell` is called with a table, how many of its rows there are, and of how many.

    What is kept to go on after an interruption is a few numbers; the rest is read back from what was written.
    """

    def __init__(
        self, reader: Reader, plan: Plan, into: Path, *, tell: Callable[[str, int, int], None] = lambda *_: None
    ) -> None:
        self._reader, self._plan, self._into, self._tell = reader, plan, into, tell
        self._part, self._state_file = into.with_name(f"{into.name}.part"), into.with_name(f"{into.name}.state")
        self.report = Report()
        self._people = None if plan.real_people else InventedPeople()
        self._found = Found()
        # How many steps are done, the last sys_id of the one under way, how many rows it has taken, the part's size.
        self._done, self._last, self._taken, self._size = 0, "", 0, 0
        self._step_number = 0
        # Of each level of references: how many rows there were when it began, and what those refer to.
        self._levels: list[int] = []
        self._referred: list[dict[str, set[str]]] = []
        self._learned: list[list[str]] = []  # references of tables that are not copied: table, column, target
        self._expected: dict[str, int] = {}

    def run(self) -> Report:
        """Copy all, and return the report. Raises CannotRead when the tables themselves cannot be read, OSError."""
        listed = what.all_tables(self._reader)
        self._found.lineages = what.lineages(listed)
        self._resume()
        tables = what.tables_of(listed, self._plan.tables)
        names = [row["name"] for row in tables]
        with self._part.open("r+b" if self._part.exists() else "w+b") as file:
            file.truncate(self._size)
            file.seek(self._size)
            if not self._size:
                file.write(HEAD.encode())
            self._file = file
            if self._begins():
                self._write(TABLES, tables)
                self._finish()
            self._schema(names)
            self._data(names)
            file.write(END.encode())
        self._part.replace(self._into)
        self._state_file.unlink(missing_ok=True)
        return self.report

    def counts(self) -> dict[str, int | str]:
        """Return how many records a run would read of each table, or why it cannot. Raises CannotRead."""
        found: dict[str, int | str] = {}
        for name in self._sampled(
            [row["name"] for row in what.tables_of(what.all_tables(self._reader), self._plan.tables)]
        ):
            try:
                found[name] = self._count(name)
            except CannotRead as error:
                found[name] = str(error)
        return found

    def _count(self, name: str) -> int:
        count = self._reader.count(name, self._plan.queries.get(name, ""))
        return min(count, self._plan.most) if self._plan.most else count

    # steps: those that are counted are the same ones in the same order in each run ------------------------------------

    def _schema(self, names: list[str]) -> None:
        for table, column in what.BY_CHAIN:
            for some in what.split(names):
                self._step(table, f"{column}IN{some}")
        if not self.report.rows[COLUMNS] and COLUMNS not in self.report.unreadable:
            self.report.unreadable[COLUMNS] = "empty to this account, which lacks the role personalize_dictionary"
        for table, column, owner in what.BY_OWNER:
            for ids in what.split(sorted(self._found.owners.get(owner, ()))):
                self._step(table, f"{column}IN{ids}")
        for table in what.WHOLE:
            self._step(table, "")
        self._script_includes()

    def _script_includes(self) -> None:
        """Copy the script includes that scripts name, and those that these name."""
        try:
            listed = [row for page in self._reader.rows(what.INCLUDES, columns="sys_id,name") for row in page]
        except CannotRead as error:
            self.report.unreadable[what.INCLUDES] = str(error)
            return
        while True:
            wanted = sorted(
                row["sys_id"]
                for row in listed
                if row["name"] in self._found.words and not self._found.has(row["sys_id"])
            )
            if not wanted:
                return
            for ids in what.split(wanted):
                self._step(what.INCLUDES, f"sys_idIN{ids}", counted=False)
            if not any(self._found.has(each) for each in wanted):
                return

    def _data(self, names: list[str]) -> None:
        for name in self._sampled(names):
            if not name.startswith("sys_"):
                with suppress(CannotRead):
                    self._expected[name] = self._count(name)
                self._step(name, self._plan.queries.get(name, ""), most=self._plan.most, own=True)
        for level in range(self._plan.depth):
            if level == len(self._levels):
                self._levels.append(sum(self.report.rows.values()))
                self._referred.append(self._found.take_wanted())
            self._learn(self._referred[level])
            for table, ids in sorted(self._missing(self._referred[level]).items()):
                for some in what.split(ids):
                    self._step(table, f"sys_idIN{some}", counted=False)

    def _learn(self, tables: Iterable[str]) -> None:
        """Find out what the columns of tables refer to that are not copied themselves."""
        unknown = {name for table in tables for name in self._found.lineages.get(table, ())} - self._found.described
        for names in what.split(sorted(unknown)):
            query = f"nameIN{names}^internal_type=reference"
            with suppress(CannotRead):
                for page in self._reader.rows(COLUMNS, query, columns="sys_id,name,element,internal_type,reference"):
                    for row in page:
                        self._found.describe(row)
                        self._learned.append([row["name"], row["element"], row["reference"]])
        self._found.described |= unknown

    def _sampled(self, names: list[str]) -> list[str]:
        return [name for name in names if any(fnmatchcase(name, pattern) for pattern in self._plan.tables)]

    def _begins(self) -> bool:
        """Begin the next step, and tell whether it is still to be done."""
        self._step_number += 1
        return self._step_number > self._done

    def _step(self, table: str, query: str, *, most: int = 0, own: bool = False, counted: bool = True) -> None:
        """Copy the rows of a query. A step that is not counted is taken again in each run; it finds what is missing."""
        if counted and not self._begins():
            return
        try:
            for page in self._reader.rows(table, query, after=self._last if counted else ""):
                rows = [row for row in page if not own or row.get("sys_class_name", table) in ("", table)]
                rows = rows[: most - self._taken] if most else rows
                self._write(table, rows, remember=not own or bool(most))  # a million ids are not kept
                if counted:
                    self._last, self._taken = page[-1]["sys_id"], self._taken + len(rows)
                self._save()
                if most and self._taken >= most:
                    break
        except CannotRead as error:
            self.report.unreadable[table] = str(error)
        if counted:
            self._finish()

    def _write(self, table: str, rows: list[dict[str, str]], *, remember: bool = True) -> None:
        for row in rows:
            if self._found.has(row["sys_id"]):
                continue
            kept = what.without_secrets(table, row, self._types_of(row.get("sys_class_name") or table))
            if kept is None:
                self.report.secrets += 1
                continue
            if table == PEOPLE and self._people is not None:
                kept = self._people.of(kept)
            self._found.note(table, kept, remember=remember)
            self._file.write(element(kept.get("sys_class_name") or table, kept).encode())
            self.report.rows[table] += 1
        self._tell(table, self.report.rows[table], self._expected.get(table, 0))

    def _types_of(self, table: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in reversed(self._found.lineages.get(table, (table,))):
            found |= self._found.types.get(name, {})
        return found

    def _missing(self, wanted: dict[str, set[str]]) -> dict[str, list[str]]:
        """Return which of the records that are referred to are not there, by table."""
        whole = () if self._plan.most else self._sampled(list(wanted))
        return {
            table: sorted(key for key in ids if not self._found.has(key))
            for table, ids in wanted.items()
            if table not in whole or table in self._plan.queries
        }

    # going on --------------------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        self._done, self._last, self._taken = self._step_number, "", 0
        self._save()

    def _save(self) -> None:
        self._file.flush()
        self._size = self._file.tell()
        state = {
            "plan": self._asked(),
            "done": self._done,
            "last": self._last,
            "taken": self._taken,
            "size": self._size,
            "levels": self._levels,
            "learned": self._learned,
            "report": {"rows": self.report.rows, "unreadable": self.report.unreadable, "secrets": self.report.secrets},
        }
        fresh = self._state_file.with_name(f"{self._state_file.name}.new")
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(self._state_file)

    def _asked(self) -> dict[str, Any]:
        plan = self._plan
        asked = {"tables": plan.tables, "queries": plan.queries, "most": plan.most, "depth": plan.depth}
        return {**asked, "real_people": plan.real_people}

    def _resume(self) -> None:
        if not self._state_file.is_file() or not self._part.is_file():
            self._part.unlink(missing_ok=True)
            return
        kept = json.loads(self._state_file.read_text(encoding="utf-8"))
        if kept.get("plan") != self._asked() or self._part.stat().st_size < kept["size"]:
            self._part.unlink()
            return
        self._done, self._last, self._taken, self._size = (kept[name] for name in ("done", "last", "taken", "size"))
        told = kept["report"]
        self.report = Report(Counter(told["rows"]), told["unreadable"], told["secrets"])
        self._levels, self._learned = kept["levels"], kept["learned"]
        for name, column, target in self._learned:
            row = {"name": name, "element": column, "internal_type": "reference", "reference": target}
            self._found.describe(row)
        whole = not self._plan.most
        for number, (table, row) in enumerate(rows_in(self._part, self._size)):
            while len(self._referred) < len(self._levels) and number == self._levels[len(self._referred)]:
                self._referred.append(self._found.take_wanted())
            own = whole and not table.startswith("sys_") and bool(self._sampled([table]))
            self._found.note(table, row, remember=not own)
        while len(self._referred) < len(self._levels):
            self._referred.append(self._found.take_wanted())


class Found:
    """What the rows written so far say of those that are still to be read."""

    def __init__(self) -> None:
        self.lineages: dict[str, tuple[str, ...]] = {}
        self.types: dict[str, dict[str, str]] = {}
        self.owners: dict[str, set[str]] = {}
        self.words: set[str] = set()
        self.wanted: dict[str, set[str]] = {}
        self.described: set[str] = set()
        self._references: dict[str, dict[str, str]] = {}
        self._columns: dict[str, dict[str, str]] = {}
        self._ids: set[str] = set()

    def has(self, sys_id: str) -> bool:
        """Tell whether a row is remembered as written; a sys_id is one in the whole instance."""
        return sys_id in self._ids

    def take_wanted(self) -> dict[str, set[str]]:
        """Return what was referred to since the last time, by table."""
        taken, self.wanted = self.wanted, {}
        return taken

    def describe(self, row: dict[str, str]) -> None:
        """Take note of a column that a row of sys_dictionary describes."""
        if row.get("internal_type") == "reference" and row.get("reference"):
            self._references.setdefault(row["name"], {})[row["element"]] = row["reference"]
            self._columns.clear()

    def note(self, table: str, row: dict[str, str], *, remember: bool) -> None:
        """Take note of a row."""
        if remember:
            self._ids.add(row["sys_id"])
        if table in OWNERS:
            self.owners.setdefault(table, set()).add(row["sys_id"])
        if table == COLUMNS:
            self.described.add(row["name"])
            self.types.setdefault(row["name"], {})[row.get("element", "")] = row.get("internal_type", "")
            self.describe(row)
        if table.startswith("sys_") and table != PEOPLE:
            self.words.update(what.words_of(row))
            return
        for column, target in self._referring(row.get("sys_class_name") or table).items():
            if row.get(column):
                self.wanted.setdefault(target, set()).add(row[column])

    def _referring(self, table: str) -> dict[str, str]:
        """Return the columns of a table that refer to others, with those it inherits."""
        found = self._columns.get(table)
        if found is None:
            found = {}
            for name in reversed(self.lineages.get(table, (table,))):
                found |= self._references.get(name, {})
            self._columns[table] = found
        return found


def element(table: str, row: dict[str, str]) -> str:
    """Return a row as an element of an export, with the stored values as they came."""
    fields = "".join(
        f"<{name}>{text(value)}</{name}>" if value else f"<{name}/>" for name, value in sorted(row.items())
    )
    return f'<{table} action="{PUT}">{fields}</{table}>\n'


def rows_in(path: Path, size: int = 0) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of a clone, one at a time and without keeping them; of the first `size` bytes when that is given.

    Raises OSError, ParseError.
    """
    from defusedxml.ElementTree import iterparse

    depth, root = 0, None
    with path.open("rb") as file:
        source = _Beginning(file, size) if size else file
        for event, found in iterparse(source, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                depth += 1
                root = found if root is None else root
                continue
            depth -= 1
            if depth == 1 and root is not None:
                yield found.tag, {field.tag: field.text or "" for field in found}
                root.clear()


class _Beginning:
    """The beginning of a file that was cut after a whole row, with the end that it lacks."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left, self._end = file, size, END.encode()

    def read(self, amount: int = -1) -> bytes:
        """Return the next bytes, the missing end last."""
        if self._left:
            data = self._file.read(self._left if amount < 0 else min(amount, self._left))
            self._left -= len(data)
            if data:
                return data
        data, self._end = self._end, b""
        return data
