"""What differs between a running instance and a copy of it: tables, columns, choices, rules, and what is answered.

Both are asked through the Table API, so the same question is put to each; nothing is written to either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from sandtable.cloning import what
from sandtable.cloning.reading import CannotRead, Reader

TABLES, COLUMNS, CHOICES, RULES, ANSWERS = "tables", "columns", "choices", "rules", "answers"
KINDS = (TABLES, COLUMNS, CHOICES, RULES, ANSWERS)
MISSING, EXTRA, DIFFERENT = "missing from the copy", "only in the copy", "different"
NOT_THERE = "0" * 32
PEOPLE = "sys_user"

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: of a kind, of a table, by a name; `there` is the instance's side, `here` the copy's."""

    kind: str
    table: str
    name: str
    what: str
    there: str = ""
    here: str = ""

    def line(self) -> str:
        """Return it for people."""
        if self.what != DIFFERENT:
            return f"{self.name}: {self.what}"
        return f"{self.name}: {_short(self.there)} there, {_short(self.here)} in the copy"


@dataclass(slots=True)
class Drift:
    """What came of a comparison: when (as the instance says), of what, how many things were compared by kind."""

    at: str = ""
    there: str = ""
    here: str = ""
    tables: list[str] = field(default_factory=list)
    compared: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    differences: list[Difference] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """Records that are compared: their table, how they hang on the wanted ones, what names them, and what counts."""

    kind: str
    table: str
    by: str
    named: tuple[str, ...]
    counts: tuple[str, ...]


# What is compared of the records that describe and drive tables.
COMPARED = (
    Kind(
        COLUMNS,
        "sys_dictionary",
        "name",
        ("name", "element"),
        (
            *("internal_type", "reference", "max_length", "mandatory", "read_only", "default_value", "choice"),
            *("display", "unique", "active", "array", "dependent_on_field", "column_label"),
        ),
    ),
    Kind(
        CHOICES,
        "sys_choice",
        "name",
        ("name", "element", "language", "dependent_value", "value"),
        ("label", "sequence", "inactive"),
    ),
    Kind(
        RULES,
        "sys_script",
        "collection",
        ("collection", "name"),
        (
            *("active", "when", "order", "action_insert", "action_update", "action_delete", "action_query"),
            *("condition", "filter_condition", "script"),
        ),
    ),
    Kind(
        RULES,
        "sys_data_policy2",
        "model_table",
        ("model_table", "short_description"),
        ("active", "conditions", "enforce_ui", "apply_import_set", "apply_soap"),
    ),
    Kind(
        RULES,
        "sys_ui_policy",
        "table",
        ("table", "short_description"),
        ("active", "conditions", "order", "reverse_if_false", "on_load"),
    ),
    Kind(
        RULES,
        "sys_transform_map",
        "target_table",
        ("source_table", "target_table", "name"),
        ("active", "order", "run_business_rules", "enforce_mandatory_fields", "copy_empty_fields", "script"),
    ),
    Kind(
        RULES,
        "sys_dictionary_override",
        "name",
        ("name", "element"),
        (
            "default_value",
            "default_value_override",
            "mandatory",
            "mandatory_override",
            "read_only",
            "read_only_override",
        ),
    ),
)
TABLE_COUNTS = ("label", "is_extendable", "ws_access", "access", "create_access", "update_access", "delete_access")
# Requests whose answers say how an instance refuses; {table} is one of the wanted.
REFUSALS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("a record that is not there", "/api/now/table/{table}/" + NOT_THERE, {}),
    ("a table that is not there", "/api/now/table/no_such_table_here", {"sysparm_limit": "1"}),
)
LEFT_OUT = frozenset({"sys_updated_on", "sys_updated_by", "sys_mod_count", "sys_tags"})


class Comparison:
    """Compares `there` with `here`; `tell` is called with what is being read."""

    def __init__(
        self,
        there: Reader,
        here: Reader,
        patterns: list[str],
        *,
        records: int = 20,
        kinds: Iterable[str] = KINDS,
        ignore: Iterable[str] = (),
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._there, self._here, self._patterns = there, here, patterns
        self._records, self._kinds, self._ignore, self._tell = records, tuple(kinds), tuple(ignore), tell
        self.drift = Drift()

    def run(self) -> Drift:
        """Compare, and return what differs. Raises CannotRead when the tables of either side cannot be read."""
        drift = self.drift
        there = _by(what.tables_of(what.all_tables(self._there), self._patterns), "name")
        here = _by(what.tables_of(what.all_tables(self._here), self._patterns, may_lack=True), "name")
        drift.tables = sorted({name for name in (*there, *here) if _matches(name, self._patterns)})
        if TABLES in self._kinds:
            self._tell("sys_db_object")
            self._differ(TABLES, _with_parents(there), _with_parents(here), (*TABLE_COUNTS, "extends"), lambda key: key)
        chain = sorted({*there, *here})
        for kind in COMPARED:
            if kind.kind in self._kinds:
                self._tell(kind.table)
                self._records_of(kind, chain)
        if ANSWERS in self._kinds:
            self._answers(sorted(there.keys() & here.keys() & set(drift.tables)))
        drift.at = self._there.answered_at
        return drift

    # records that describe -------------------------------------------------------------------------------------------

    def _records_of(self, kind: Kind, chain: list[str]) -> None:
        try:
            sides = [_named(self._read(side, kind, chain), kind.named) for side in (self._there, self._here)]
        except CannotRead as error:
            self.drift.unreadable[kind.table] = str(error)
            return
        if kind.table == "sys_dictionary" and not sides[0]:
            self.drift.unreadable[kind.table] = "empty to this account, which lacks the role personalize_dictionary"
            return
        self._differ(kind.kind, sides[0], sides[1], kind.counts, lambda key: key.partition(".")[0], kind.table)

    def _read(self, side: Reader, kind: Kind, chain: list[str]) -> Iterator[Row]:
        for names in what.split(chain):
            for page in side.rows(kind.table, f"{kind.by}IN{names}"):
                yield from page

    def _differ(
        self,
        kind: str,
        there: Mapping[str, Row],
        here: Mapping[str, Row],
        counts: tuple[str, ...],
        owner: Callable[[str], str],
        table: str = "",
    ) -> None:
        self.drift.compared[kind] += len(there.keys() | here.keys())
        prefix = f"{table} " if kind == RULES else ""
        for key in sorted(there.keys() | here.keys()):
            if key not in here:
                self._add(Difference(kind, owner(key), f"{prefix}{key}", MISSING))
            elif key not in there:
                self._add(Difference(kind, owner(key), f"{prefix}{key}", EXTRA))
            else:
                for column in counts:
                    # A column that one side does not have says nothing of the record.
                    if column in there[key] and column in here[key]:
                        one, other = _normal(there[key][column]), _normal(here[key][column])
                        if one != other:
                            self._add(Difference(kind, owner(key), f"{prefix}{key}.{column}", DIFFERENT, one, other))

    # answers ---------------------------------------------------------------------------------------------------------

    def _answers(self, tables: list[str]) -> None:
        for table in tables:
            self._tell(table)
            try:
                self._shape(table)
                self._values(table)
                for called, path, parameters in REFUSALS:
                    self._refusal(table, called, path.format(table=table), parameters)
            except CannotRead as error:
                self.drift.unreadable[table] = str(error)

    def _shape(self, table: str) -> None:
        """Compare the names in an answer."""
        asked = {"sysparm_limit": "1", "sysparm_exclude_reference_link": "true"}
        there, here = (side.get(f"/api/now/table/{table}", asked) for side in (self._there, self._here))
        self.drift.compared[ANSWERS] += 1
        if not there or not here:
            return
        for name in sorted(there[0].keys() - here[0].keys()):
            self._add(Difference(ANSWERS, table, f"{table}: {name}", MISSING))
        for name in sorted(here[0].keys() - there[0].keys()):
            self._add(Difference(ANSWERS, table, f"{table}: {name}", EXTRA))

    def _values(self, table: str) -> None:
        """Compare records that both have, by sys_id; what says who wrote last is left out, and so are people."""
        if not self._records or table == PEOPLE:
            return
        asked = {"sysparm_limit": str(self._records), "sysparm_exclude_reference_link": "true"}
        copied = {row["sys_id"]: row for row in self._here.get(f"/api/now/table/{table}", asked) if row.get("sys_id")}
        if not copied:
            return
        wanted = {**asked, "sysparm_query": f"sys_idIN{','.join(sorted(copied))}"}
        for row in self._there.get(f"/api/now/table/{table}", wanted):
            other = copied.get(str(row.get("sys_id", "")))
            if other is None:
                continue
            self.drift.compared[ANSWERS] += 1
            for name in sorted((row.keys() & other.keys()) - LEFT_OUT):
                one, two = _text(row[name]), _text(other[name])
                if one != two:
                    self._add(Difference(ANSWERS, table, f"{table} {row['sys_id']}.{name}", DIFFERENT, one, two))

    def _refusal(self, table: str, called: str, path: str, parameters: dict[str, str]) -> None:
        there, here = (side.answer(path, parameters) for side in (self._there, self._here))
        self.drift.compared[ANSWERS] += 1
        if there != here:
            self._add(Difference(ANSWERS, table, f"{table}: {called}", DIFFERENT, there, here))

    def _add(self, found: Difference) -> None:
        if any(fnmatchcase(f"{found.kind}:{found.name}", pattern) for pattern in self._ignore):
            self.drift.ignored += 1
        else:
            self.drift.differences.append(found)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _by(rows: Iterable[Row], column: str) -> dict[str, Row]:
    return {row[column]: row for row in rows if row.get(column)}


def _with_parents(rows: Mapping[str, Row]) -> dict[str, Row]:
    names = {row["sys_id"]: name for name, row in rows.items()}
    return {name: {**row, "extends": names.get(row.get("super_class", ""), "")} for name, row in rows.items()}


def _named(rows: Iterable[Row], columns: tuple[str, ...]) -> dict[str, Row]:
    """Return rows by their names; of several of one name each counts, in the order of their sys_ids."""
    found: dict[str, Row] = {}
    for row in sorted(rows, key=lambda each: each.get("sys_id", "")):
        key = ".".join(row.get(column, "") for column in columns)
        number = 2
        name = key
        while name in found:
            name, number = f"{key} ({number})", number + 1
        found[name] = row
    return found


def _normal(text: str) -> str:
    """Return a value without what says nothing: kinds of line ends, and the false of a column that was never set."""
    return "" if text == "false" else text.replace("\r\n", "\n").strip()


def _text(value: object) -> str:
    found = value.get("value") if isinstance(value, dict) else value
    return "" if found is None else str(found)


def _short(text: str) -> str:
    shown = " ".join(text.split())
    return f"{shown[:60]}..." if len(shown) > 60 else shown or "nothing"
