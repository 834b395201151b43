"""One clone: reads what is wanted, writes it into one export as it comes, and goes on where an earlier run stopped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    """Copies from a reader into a file. `tell` is called with a table and how many of its rows are there so far."""

    def __init__(
        self, reader: Reader, plan: Plan, into: Path, *, tell: Callable[[str, int], None] = lambda *_: None
    ) -> None:
        self._reader, self._plan, self._into, self._tell = reader, plan, into, tell
        self._part, self._state_file = into.with_name(f"{into.name}.part"), into.with_name(f"{into.name}.state")
        self.report = Report()
        self._people = None if plan.real_people else InventedPeople()
        self._types: dict[str, dict[str, str]] = {}
        self._references: dict[str, dict[str, str]] = {}
        # What is done, by the name of a step: the last sys_id, or true; the ids of owners; the size of the part.
        self._state: dict[str, Any] = {"done": {}, "last": {}, "ids": {}, "size": 0, "seen": {}}

    def run(self) -> Report:
        """Copy all, and return the report. Raises CannotRead when the tables themselves cannot be read, OSError."""
        self._resume()
        tables = what.tables_of(self._reader, self._plan.tables)
        names = [row["name"] for row in tables]
        with self._part.open("r+b" if self._part.exists() else "w+b") as file:
            file.truncate(self._state["size"])
            file.seek(self._state["size"])
            if not self._state["size"]:
                file.write(HEAD.encode())
            self._file = file
            if not self._is_done("tables"):
                self._write(TABLES, tables)
                self._finish("tables")
            self._schema(names)
            self._data(names)
            file.write(END.encode())
        self._part.replace(self._into)
        self._state_file.unlink(missing_ok=True)
        return self.report

    def counts(self) -> dict[str, int | str]:
        """Return how many records a run would read of each table, or why it cannot. Raises CannotRead."""
        found: dict[str, int | str] = {}
        for name in self._sampled([row["name"] for row in what.tables_of(self._reader, self._plan.tables)]):
            try:
                count = self._reader.count(name, self._plan.queries.get(name, ""))
                found[name] = min(count, self._plan.most) if self._plan.most else count
            except CannotRead as error:
                found[name] = str(error)
        return found

    # steps -----------------------------------------------------------------------------------------------------------

    def _schema(self, names: list[str]) -> None:
        chain = ",".join(names)
        for table, column in what.BY_CHAIN:
            self._step(f"{table} {column}", table, f"{column}IN{chain}")
        if not self.report.rows[COLUMNS] and COLUMNS not in self.report.unreadable:
            self.report.unreadable[COLUMNS] = "empty to this account, which lacks the role personalize_dictionary"
        for table, column, owner in what.BY_OWNER:
            for index, ids in enumerate(what.split(sorted(self._state["ids"].get(owner, [])))):
                self._step(f"{table} {column} {index}", table, f"{column}IN{ids}")
        for table in what.WHOLE:
            self._step(table, table, "")

    def _data(self, names: list[str]) -> None:
        for name in self._sampled(names):
            if not name.startswith("sys_"):
                self._step(f"data {name}", name, self._plan.queries.get(name, ""), most=self._plan.most, own=True)
        for level in range(self._plan.depth):
            wanted = self._state.pop(f"referenced {level}", None) or self._referenced()
            self._state[f"referenced {level}"] = wanted
            for table, ids in sorted(wanted.items()):
                for index, some in enumerate(what.split(ids)):
                    self._step(f"level {level} {table} {index}", table, f"sys_idIN{some}")

    def _sampled(self, names: list[str]) -> list[str]:
        from fnmatch import fnmatchcase

        return [name for name in names if any(fnmatchcase(name, pattern) for pattern in self._plan.tables)]

    def _step(self, name: str, table: str, query: str, *, most: int = 0, own: bool = False) -> None:
        if self._is_done(name):
            return
        seen = 0
        try:
            for page in self._reader.rows(table, query, after=self._state["last"].get(name, "")):
                rows = [row for row in page if not own or row.get("sys_class_name", table) in ("", table)]
                rows = rows[: most - seen] if most else rows
                seen += len(rows)
                self._write(table, rows, remember=not own or bool(most))  # a million ids are not kept
                self._state["last"][name] = page[-1]["sys_id"]
                self._save()
                if most and seen >= most:
                    break
        except CannotRead as error:
            self.report.unreadable[table] = str(error)
        self._finish(name)

    def _write(self, table: str, rows: list[dict[str, str]], *, remember: bool = True) -> None:
        ids = self._state["ids"].setdefault(table, [])
        seen = self._state["seen"]
        for row in rows:
            if row["sys_id"] in seen:
                continue
            if remember:
                seen[row["sys_id"]] = 1
                if table in OWNERS:
                    ids.append(row["sys_id"])
            if table == COLUMNS and row.get("element"):
                self._columns(row)
            kept = what.without_secrets(table, row, self._types_of(row.get("sys_class_name") or table))
            if kept is None:
                self.report.secrets += 1
                continue
            if table == PEOPLE and self._people is not None:
                kept = self._people.of(kept)
            self._note_references(table, kept)
            self._file.write(element(kept.get("sys_class_name") or table, kept).encode())
            self.report.rows[table] += 1
        self._tell(table, self.report.rows[table])

    # what refers to what ----------------------------------------------------------------------------------------------

    def _columns(self, row: dict[str, str]) -> None:
        self._types.setdefault(row["name"], {})[row["element"]] = row.get("internal_type", "")
        if row.get("internal_type") == "reference" and row.get("reference"):
            self._references.setdefault(row["name"], {})[row["element"]] = row["reference"]
            self._state.setdefault("references", {}).setdefault(row["name"], {})[row["element"]] = row["reference"]
        self._state.setdefault("types", {}).setdefault(row["name"], {})[row["element"]] = row.get("internal_type", "")

    def _types_of(self, table: str) -> dict[str, str]:
        return self._types.get(table, {})

    def _note_references(self, table: str, row: dict[str, str]) -> None:
        if table.startswith("sys_") and table != PEOPLE:
            return
        wanted = self._state.setdefault("wanted", {})
        for columns in self._references.values():
            for column, target in columns.items():
                if row.get(column):
                    wanted.setdefault(target, {})[row[column]] = 1

    def _referenced(self) -> dict[str, list[str]]:
        seen = self._state["seen"]
        wanted = self._state.pop("wanted", {})
        whole = () if self._plan.most else self._sampled(list(wanted))
        return {
            table: sorted(key for key in ids if key not in seen)
            for table, ids in wanted.items()
            if table not in whole or table in self._plan.queries
        }

    # going on --------------------------------------------------------------------------------------------------------

    def _is_done(self, name: str) -> bool:
        return bool(self._state["done"].get(name))

    def _finish(self, name: str) -> None:
        self._state["done"][name] = True
        self._save()

    def _save(self) -> None:
        self._file.flush()
        self._state["size"] = self._file.tell()
        self._state["report"] = {"rows": self.report.rows, "unreadable": self.report.unreadable}
        fresh = self._state_file.with_name(f"{self._state_file.name}.new")
        fresh.write_text(json.dumps({**self._state, "plan": self._asked()}), encoding="utf-8")
        fresh.replace(self._state_file)

    def _asked(self) -> dict[str, Any]:
        plan = self._plan
        return {"tables": plan.tables, "queries": plan.queries, "most": plan.most, "depth": plan.depth}

    def _resume(self) -> None:
        if not self._state_file.is_file() or not self._part.is_file():
            self._part.unlink(missing_ok=True)
            return
        kept = json.loads(self._state_file.read_text(encoding="utf-8"))
        if kept.pop("plan", None) != self._asked():
            self._part.unlink()
            return
        self._state = kept
        self.report.rows = Counter(kept["report"]["rows"])
        self.report.unreadable = kept["report"]["unreadable"]
        self._types, self._references = kept.get("types", {}), kept.get("references", {})


def element(table: str, row: dict[str, str]) -> str:
    """Return a row as an element of an export, with the stored values as they came."""
    fields = "".join(
        f"<{name}>{text(value)}</{name}>" if value else f"<{name}/>" for name, value in sorted(row.items())
    )
    return f'<{table} action="{PUT}">{fields}</{table}>\n'


def rows_in(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of a clone, one at a time and without keeping them. Raises OSError, ParseError."""
    from defusedxml.ElementTree import iterparse

    depth, root = 0, None
    for event, found in iterparse(path, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            depth += 1
            root = found if root is None else root
            continue
        depth -= 1
        if depth == 1 and root is not None:
            yield found.tag, {field.tag: field.text or "" for field in found}
            root.clear()
