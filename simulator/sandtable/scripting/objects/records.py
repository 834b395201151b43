"""What GlideRecord asks of the instance: tables, rows, writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sandtable.core.platform.writing import numbering
from sandtable.core.platform.writing.script_host import Scripts
from sandtable.core.query import Query, asked_fields, condition, conjunction, evaluate, parse
from sandtable.core.schema.columns import JOURNAL_TYPES
from sandtable.core.security import scope_privileges as scopes
from sandtable.core.values.errors import (
    OperationFailed,
    PlatformError,
    RecordNotFound,
    TableScopeRefused,
)

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.columns import Column
    from sandtable.scripting.run import Run

CHUNK = 50
UPDATE_STAMPS = ("sys_updated_on", "sys_updated_by", "sys_mod_count")  # what autoSysFields(false) leaves alone
NO_ROWS_PROPERTY = "glide.invalid_query.returns_no_rows"
_PLAIN_TYPES = frozenset(
    {"string", "GUID", "html", "url", "email", "phone_number", "script", "script_plain", "xml", "json"}
)


def table(run: Run, name: str) -> dict[str, Any] | None:
    """Return what a script knows of a table, or None."""
    dictionary = run.instance.dictionary
    if not name or not dictionary.has(name):
        return None
    found = dictionary.table(name)
    return {
        "name": name,
        "label": found.label or name,
        "plural": found.plural or f"{found.label}s",
        "display": dictionary.display_column(name),
        "scope": found.scope,
        "columns": {each: _column(name, column) for each, column in dictionary.columns(name).items()},
    }


def _column(table_name: str, column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {"name": column.name, "type": column.type, "label": column.label, "table": column.table}
    described["reference"] = column.reference if column.is_reference else ""
    described |= {"choice": column.choice, "length": column.max_length, "attributes": column.attributes}
    described |= {"mandatory": column.mandatory, "read_only": column.read_only, "calculated": column.calculated}
    described |= {"dependent": column.dependent_on, "journal": column.type in JOURNAL_TYPES, "number": column.is_number}
    described["plain"] = column.type in _PLAIN_TYPES and not column.is_choice
    return described


# reading ----------------------------------------------------------------------------------


def query(run: Run, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first rows of a query, a token for the rest (0 when there is none), and how many there are."""
    rows, count = _found(run, asked)
    return _chunk(run, iter(rows), count)


def _chunk(run: Run, rows: Iterator[Record], count: int, token: int = 0) -> dict[str, Any]:
    part: list[list[Any]] = []
    for record in rows:
        part.append([record.table, record.sys_id, dict(record)])
        if len(part) >= CHUNK:
            break
    if len(part) < CHUNK:
        run.cursors.pop(token, None)
        return {"rows": part, "cursor": 0, "count": count}
    token = token or len(run.cursors) + 1 + max(run.cursors, default=0)
    run.cursors[token] = rows  # type: ignore[assignment]
    return {"rows": part, "cursor": token, "count": count}


def more(run: Run, token: int) -> dict[str, Any]:
    """Return the next rows of a query."""
    return _chunk(run, run.cursors.get(token, iter(())), 0, token)  # type: ignore[arg-type]


def _found(run: Run, asked: Mapping[str, Any]) -> tuple[list[Record], int]:
    name, window = asked["table"], asked["window"]
    session = run.elevated(enforced=asked["enforced"])
    if not may_touch(run, session, name, "read"):
        return [], 0
    parsed = checked_query(run, name, asked["query"], workflow=asked["workflow"])
    if parsed is None:
        return [], 0
    if asked["user_query"] and run.instance.access.hides_query(run.session, name, parsed):
        session.explain(f"{run.session.user_name} may not query {name} by all of these fields, so there are no rows")
        return [], 0
    access = session.table(name)
    if window is None:
        records = access.query(parsed)
        return records, len(records)
    first, last = int(window["first"]), int(window["last"])
    records = access.query(parsed, limit=max(0, last - first), offset=first)
    return records, access.count(parsed) if window["count"] else len(records)


def checked_query(run: Run, name: str, text: str, *, workflow: bool = True) -> Query | None:
    """Return a query with what query rules add to it, or None when the platform would give no rows for it.

    Conditions on unknown fields are dropped and logged; property `glide.invalid_query.returns_no_rows` makes them give
    no rows at all.
    """
    parsed = parse(text)
    if text and unknown_fields(run, name, parsed):
        for field in unknown_fields(run, name, parsed):
            run.instance.log("error", "GlideRecord", f"Invalid query detected, please check logs: {name}.{field}")
        if run.instance.property_is_true(NO_ROWS_PROPERTY, False):
            return None
    host = run.instance.part(Scripts).host
    if workflow and host is not None:
        added = host.query_conditions(run.session, name)
        if added:
            parsed = conjunction(parsed, *added)
    return parsed


def unknown_fields(run: Run, name: str, parsed: Query) -> list[str]:
    """Return the paths of a query that lead to no column."""
    dictionary = run.instance.dictionary
    found = []
    for asked in asked_fields(parsed, name, dictionary):
        if dictionary.has(asked.table) and dictionary.walk(asked.table, asked.path) is None:
            found.append(asked.path)
    return [each for each in found if not each.isdigit() and "TEXTQUERY" not in each]


def find(run: Run, asked: Mapping[str, Any]) -> list[Any] | None:
    """Return the row whose sys_id, or else whose display value, is the key of what is asked for."""
    name, key = asked["table"], asked["key"]
    session = run.elevated(enforced=asked["enforced"])
    if not may_touch(run, session, name, "read"):
        return None
    parsed = checked_query(run, name, asked["query"], workflow=asked["workflow"])
    if parsed is None:
        return None
    access = session.table(name)
    record = access.find(key)
    if record is not None and parsed and not evaluate(parsed, record, record.table, session.query_context()):
        record = None
    if record is None:
        shown = run.instance.dictionary.display_column(name)
        if shown and shown != "sys_id":
            record = access.first(conjunction(condition(shown, "=", key), parsed))
    return None if record is None else [record.table, record.sys_id, dict(record)]


def row(run: Run, name: str, sys_id: str, enforced: bool) -> dict[str, Any] | None:  # noqa: FBT001 - by position only
    """Return one row by its sys_id, or None."""
    if not sys_id or not run.instance.dictionary.has(name):
        return None
    record = run.elevated(enforced=enforced).table(name).find(sys_id)
    return None if record is None else {"table": record.table, "values": dict(record)}


def subquery(run: Run, name: str, text: str, field: str) -> list[str]:
    """Return the different values of a field among the rows of a query."""
    session = run.elevated()
    records = session.table(name).query(text) if may_touch(run, session, name, "read") else []
    values = dict.fromkeys(record.sys_id if field == "sys_id" else record[field] for record in records)
    return [value for value in values if value]


def valid_query(run: Run, name: str, text: str) -> bool:
    """Tell whether each field of an encoded query exists; an empty one is not valid."""
    return bool(text) and run.instance.dictionary.has(name) and not unknown_fields(run, name, parse(text))


def equalities(run: Run, name: str, text: str) -> list[list[str]]:
    """Return field and value of each `=` term of an encoded query."""
    pairs = (part.partition("=") for part in text.split("^") if not part.startswith(("OR", "NQ", "ORDERBY")))
    return [[field, value] for field, mark, value in pairs if mark and field.isidentifier()]


def template(run: Run, name: str, template_name: str) -> list[list[str]]:
    """Return what a template of that name sets in a table's records."""
    dictionary = run.instance.dictionary
    if not dictionary.has("sys_template"):
        run.instance.ledger.note("script", "GlideRecord.applyTemplate", "there is no table sys_template")
        return []
    found = run.instance.system().table("sys_template").first(filters={"name": template_name})
    return [] if found is None else equalities(run, name, found["template"])


# writing ----------------------------------------------------------------------------------


def may_touch(run: Run, session: Session, name: str, operation: str) -> bool:
    """Tell whether a scope's script may touch a table; a missing privilege is the script's error."""
    if session.scope == scopes.GLOBAL:
        return True
    try:
        scopes.require(session, name, scopes.TABLE, operation)
    except TableScopeRefused as refusal:
        session.explain(refusal.message)
        return False
    except PlatformError as refusal:
        raise run.refuse(refusal) from None
    return True


def _text(refusal: PlatformError) -> str:
    return (refusal.detail or refusal.message) if isinstance(refusal, OperationFailed) else refusal.message


def _refused(run: Run, refusal: PlatformError) -> dict[str, Any]:
    run.session.explain(_text(refusal))
    run.instance.log("error", "GlideRecord", _text(refusal))
    return {"sys_id": None, "done": False, "error": _text(refusal)}


def _writer(run: Run, options: Mapping[str, Any]) -> Session:
    return run.elevated(workflow=options["workflow"], enforced=options["enforced"])


def insert(run: Run, name: str, values: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
    """Insert a row; a refusal is an answer with its text."""
    session = _writer(run, options)
    if not may_touch(run, session, name, "create"):
        return {"sys_id": None, "error": f"Create operation against '{name}' was refused"}
    try:
        record = session.table(name).insert(values, auto_sys_fields=options["auto_sys"])
    except OperationFailed as refusal:
        return _refused(run, refusal)
    return {"sys_id": record.sys_id, "table": record.table, "operation": "insert"}


def update(
    run: Run, name: str, sys_id: str, values: Mapping[str, str], options: Mapping[str, Any], reason: str = ""
) -> dict[str, Any]:
    """Change a row; without a change nothing happens, and that counts as done unless it was forced."""
    session = _writer(run, options)
    if not may_touch(run, session, name, "write"):
        return {"sys_id": None, "error": f"Write operation against '{name}' was refused"}
    changes: dict[str, object] = dict(values)
    try:
        access = session.table(name)
        for field, amount in options["adds"].items():
            changes[field] = _added(access.get(sys_id)[field], amount)
        if changes and not options["auto_sys"]:
            stored = access.get(sys_id)
            changes = {field: stored[field] for field in UPDATE_STAMPS if field in stored} | changes
        record = access.update(sys_id, changes, auto_sys_fields=options["auto_sys"])
        if options["force"] and not changes:
            count = record["sys_mod_count"]
            access.update(sys_id, {"sys_mod_count": int(count or 0) + 1}, auto_sys_fields=False)
    except RecordNotFound:
        return {"sys_id": None, "error": f"{name} {sys_id} does not exist any more"}
    except OperationFailed as refusal:
        return _refused(run, refusal)
    return {"sys_id": record.sys_id, "table": record.table, "operation": "update"}


def _added(stored: str, amount: float) -> str:
    try:
        total = float(stored or 0) + amount
    except ValueError:
        return stored
    return str(int(total)) if total.is_integer() else repr(total)


def update_bound(
    run: Run, token: str, values: Mapping[str, str], options: Mapping[str, Any], reason: str
) -> dict[str, Any]:
    """Do `current.update()` in a rule: before the first write of a record there is nothing to update yet."""
    context = run.bound.get(token)
    if context is None:
        return {"sys_id": None, "error": "this record is not being written any more"}
    stored = context.record is not None or context.previous is not None
    if not stored or context.operation == "delete":
        run.instance.log(
            "warning", "Business rule", f"{run.running}: current.update() before the record is stored does nothing"
        )
        return {"sys_id": context.sys_id}
    before = context.record or context.previous
    pending = dict(context.current) if context.record is None else {}
    pending |= values
    changes = {field: value for field, value in pending.items() if value != before[field]}
    return update(run, before.table, context.sys_id, changes, options, reason)


def update_multiple(run: Run, asked: Mapping[str, Any], values: Mapping[str, str], options: Mapping[str, Any]) -> None:
    """Change every row of a query, each with its rules."""
    records, _ = _found(run, asked)
    for record in records:
        update(run, record.table, record.sys_id, values, options)


def delete(run: Run, name: str, sys_id: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Delete a row; `done` tells whether there was one."""
    session = _writer(run, options)
    if not may_touch(run, session, name, "delete"):
        return {"done": False, "error": f"Delete operation against '{name}' was refused"}
    try:
        session.table(name).delete(sys_id)
    except RecordNotFound:
        return {"done": False}
    except OperationFailed as refusal:
        return _refused(run, refusal)
    return {"done": True}


def delete_multiple(run: Run, asked: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Delete every row of a query; setWorkflow does not count here."""
    records, _ = _found(run, asked)
    for record in records:
        delete(run, record.table, record.sys_id, {**options, "workflow": True})


def delete_rows(run: Run, asked: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Delete every row of a query, with its rules only when asked for."""
    records, _ = _found(run, asked)
    for record in records:
        delete(run, record.table, record.sys_id, options)


def next_number(run: Run, name: str) -> str:
    """Draw the next number of a table; empty for one that is not numbered."""
    return numbering.next_number(run.instance, name) if run.instance.dictionary.has(name) else ""


def defaults(run: Run, name: str) -> dict[str, str]:
    """Return the values that a new row of a table begins with."""
    from sandtable.core.platform.writing.life_of_a_write import default_values

    return dict(default_values(run.elevated(), name))


def new_id(run: Run) -> str:
    """Return a new sys_id."""
    return run.instance.new_sys_id()


def may_abort(run: Run, name: str) -> bool:
    """Tell whether setAbortAction counts: a rule may stop writes of its own scope's records only."""
    return may_api(run, "setAbortAction", name)


def may_api(run: Run, api: str, name: str) -> bool:
    """Tell whether a call counts for a record of a table; across scopes it is refused and logged."""
    dictionary = run.instance.dictionary
    owner = dictionary.table(name).scope if dictionary.has(name) else scopes.GLOBAL
    if run.scope in (scopes.GLOBAL, owner):
        return True
    run.instance.log(
        "warning",
        run.scope,
        f"Access to api '{api}' from scope '{run.scope}' has been refused due to the api's cross-scope access policy",
    )
    return False


OPERATIONS = {
    each.__name__: each
    for each in (
        table, query, more, find, row, subquery, valid_query, equalities, template, insert, update, update_bound,
        update_multiple, delete, delete_multiple, delete_rows, next_number, defaults, new_id, may_abort, may_api,
    )
}  # fmt: skip
