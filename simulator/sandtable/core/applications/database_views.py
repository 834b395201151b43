"""Database views: tables whose rows are joined from those of other tables, for reading only.

A view is a `sys_db_view` record with a `sys_db_view_table` for each table, in their order; a column is called by its
table's prefix and its own name. The rows are kept, and joined anew when one of the tables has changed since. Source:
ServiceNow documentation, database views; support articles KB0534905, KB0535471, KB0551018.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.platform.table_access import TableAccess
from sandtable.core.platform.views import FIELDS, TABLES, VIEWS
from sandtable.core.platform.writing.rules import INSERT_OR_UPDATE, BusinessRule, RuleContext
from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.columns import Column

LIMIT = "glide.db.max_view_records"
MOST = 10_000
SYSTEM_COLUMNS = ("sys_created_on", "sys_created_by", "sys_updated_on", "sys_updated_by", "sys_mod_count")
_CONDITION = re.compile(r"""\s*(\w+)\s*={1,2}\s*(?:(\w+)|'([^']*)'|"([^"]*)")\s*""")


@dataclass(frozen=True, slots=True)
class Joined:
    """One table of a view: how its columns are called, and the conditions (column, column or text) it is joined by."""

    table: str
    prefix: str
    left: bool
    conditions: tuple[tuple[str, str, str | None], ...]
    columns: tuple[str, ...]


def refresh(instance: Instance, name: str) -> None:
    """Join the rows of a view anew, if one of its tables has changed."""
    if not instance.dictionary.has(name):
        return
    tables = _tables(instance, name)
    roots = sorted({instance.dictionary.root(each.table) for each in tables})
    instance.cached(("rows of view", name), (*roots, TABLES, FIELDS, "sys_properties"), lambda: _fill(instance, name))


def define(instance: Instance, name: str) -> None:
    """Make the table of a view, with a column for each that it shows; those that are there stay."""
    system, dictionary = instance.system(), instance.dictionary
    view = system.table(VIEWS).first(filters={"name": name})
    if view is None or not name:
        return
    if not dictionary.has(name):
        label = view["label"] or name
        system.table("sys_db_object").insert({"name": name, "label": label, "plural": view["plural"] or label})
    for each in _tables(instance, name):
        columns = dictionary.columns(each.table)
        for element in each.columns:
            called = f"{each.prefix}_{element}"
            if called not in dictionary.columns(name):
                system.table("sys_dictionary").insert(_described(name, called, columns[element]))
                _offer_choices(instance, each.table, element, name, called)


def define_all(instance: Instance) -> None:
    """Make the tables of all views."""
    for view in instance.system().table(VIEWS).query(""):
        define(instance, view["name"])


def _described(view: str, called: str, column: Column) -> dict[str, object]:
    return {
        "name": view,
        "element": called,
        "column_label": column.label or column.name,
        "internal_type": column.type,
        "max_length": str(column.max_length),
        "reference": column.reference,
        "choice": str(column.choice),
        "read_only": "true",
    }


def _offer_choices(instance: Instance, table: str, element: str, view: str, called: str) -> None:
    for choice in instance.dictionary.choices(table, element):
        values = {"name": view, "element": called, "value": choice.value, "label": choice.label}
        instance.system().table("sys_choice").insert({**values, "sequence": str(choice.sequence), "language": "en"})


def _tables(instance: Instance, name: str) -> tuple[Joined, ...]:
    """Return the tables of a view in their order; one that is no table here is left out, and told."""

    def read() -> tuple[Joined, ...]:
        system, dictionary = instance.system(), instance.dictionary
        view = system.table(VIEWS).first(filters={"name": name})
        if view is None:
            return ()
        listed = system.table(TABLES).query(f"view={view.sys_id}^active!=false^ORDERBYorder^ORDERBYsys_created_on")
        found = []
        for each in listed:
            if not dictionary.has(each["table"]):
                instance.ledger.note("table", each["table"], f"the view {name} joins it")
                continue
            shown = {field["field"] for field in system.table(FIELDS).query(f"view_table={each.sys_id}")}
            columns = tuple(
                column
                for column, known in dictionary.columns(each["table"]).items()
                if not known.is_journal and not known.calculated and (not shown or column in shown)
            )
            conditions = _conditions(instance, name, each["where_clause"])
            prefix = each["variable_prefix"] or each["table"]
            found.append(Joined(each["table"], prefix, each["left_join"] == "true", conditions, columns))
        return tuple(found)

    return instance.cached(("tables of view", name), (VIEWS, TABLES, FIELDS, "sys_db_object", "sys_dictionary"), read)


def _conditions(instance: Instance, view: str, clause: str) -> tuple[tuple[str, str, str | None], ...]:
    found: list[tuple[str, str, str | None]] = []
    for part in re.split(r"&&|\band\b", clause, flags=re.IGNORECASE):
        if not part.strip():
            continue
        matched = _CONDITION.fullmatch(part)
        if matched is None:
            instance.ledger.note(
                "query", f"where clause of {view}", f"{part.strip()!r} is left out; equality is simulated"
            )
            continue
        text = matched[3] if matched[3] is not None else matched[4]
        if text is None and matched[2].isdigit():
            text = matched[2]
        found.append((matched[1], matched[2] or "", text))
    return tuple(found)


# rows ----------------------------------------------------------------------------------------------------------------


def _fill(instance: Instance, name: str) -> None:
    """Let the rows of a view be those of its tables now."""
    most = whole_number(instance.property(LIMIT), MOST, most=MOST)
    with instance.transaction():
        wanted = dict(_rows(instance, name, most))
        store, root = instance.store, instance.dictionary.root(name)
        system = instance.system().without_business_rules()
        # A value that has gone has gone from the view as well.
        known = {row.sys_id: row for row in TableAccess(system, name).query("")}
        for sys_id, row in known.items():
            values = wanted.pop(sys_id, None)
            if values is None:
                store.delete(root, sys_id)
            elif any(row[column] != value for column, value in values.items()):
                store.update(root, sys_id, name, values)
        if wanted:
            store.insert_many(name, wanted.items())


def _rows(instance: Instance, name: str, most: int) -> Iterator[tuple[str, Mapping[str, str]]]:
    joined: list[dict[str, str]] = [{}]
    columns = instance.dictionary.columns(name)
    for each in _tables(instance, name):
        joined = list(_join(instance, joined, each))
    for values in joined[:most]:
        if values:
            digest = hashlib.sha256("".join(values[key] for key in sorted(values) if key.endswith("_sys_id")).encode())
            yield digest.hexdigest()[:32], {name: values.get(name, "") for name in columns if name != "sys_id"}


def _join(instance: Instance, left: list[dict[str, str]], right: Joined) -> Iterator[dict[str, str]]:
    """Yield each row on the left with the records of a table that fit it."""
    own = f"{right.prefix}_"
    pairs: list[tuple[str, str]] = []  # columns of the record, and of the rows before it
    fixed: list[tuple[str, str]] = []
    before: list[tuple[str, str, str | None]] = []  # conditions on the rows before it alone
    for one, other, text in right.conditions:
        if text is not None and one.startswith(own):
            fixed.append((one.removeprefix(own), text))
        elif text is None and one.startswith(own):
            pairs.append((one.removeprefix(own), other))
        elif text is None and other.startswith(own):
            pairs.append((other.removeprefix(own), one))
        else:
            before.append((one, other, text))
    found: dict[tuple[str, ...], list[Record]] = {}
    first = not pairs
    for record in instance.system().table(right.table).query(""):
        if all(record[column] == text for column, text in fixed):
            found.setdefault(tuple(record[column] for column, _ in pairs), []).append(record)
    for row in left:
        if any(row.get(one, "") != (row.get(other, "") if text is None else text) for one, other, text in before):
            continue
        fitting = found.get(() if first else tuple(row.get(column, "") for _, column in pairs), [])
        for record in fitting:
            own_values = {f"{own}{column}": record[column] for column in (*right.columns, "sys_id")}
            stamps = {} if row else {column: record[column] for column in SYSTEM_COLUMNS if column in right.columns}
            yield {**stamps, **row, **own_values}
        if not fitting and right.left:
            yield dict(row)


# rules ---------------------------------------------------------------------------------------------------------------


def _follow(context: RuleContext) -> None:
    """A view has the columns of a table from the moment that it is joined."""
    view = context.elevated.table(VIEWS).find(context.current["view"])
    if view is not None:
        define(context.instance, view["name"])


RULES = (BusinessRule("Show the columns of a joined table", TABLES, "after", INSERT_OR_UPDATE, _follow),)
