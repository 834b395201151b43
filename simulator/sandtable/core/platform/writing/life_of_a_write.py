"""The life of a write: may the caller, what becomes of the values, before rules, the store, after rules, the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from sandtable.core.platform.record import Record
from sandtable.core.platform.views import refuse_writes
from sandtable.core.platform.writing import audit, dictionary_records
from sandtable.core.platform.writing import journal as journal_rule
from sandtable.core.platform.writing.coercion import Given, coerce
from sandtable.core.platform.writing.numbering import catch_up, next_number
from sandtable.core.platform.writing.record_scripts import declared_rules
from sandtable.core.platform.writing.rules import (
    DELETE,
    INSERT,
    UPDATE,
    BusinessRule,
    FieldValues,
    RuleBook,
    RuleContext,
    When,
)
from sandtable.core.platform.writing.script_host import host_of
from sandtable.core.query.language.syntax import SCRIPT
from sandtable.core.schema.columns import WHOLE_TYPES
from sandtable.core.schema.stored_values import stored_value
from sandtable.core.values.errors import Aborted, AccessDenied, RecordNotFound, UniqueViolation

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.schema.columns import Column

# Whether an update may make a configuration item one of another class: to one that extends its own, to any, or never.
ITEMS, RECLASSIFY, DOWN, ANY = "cmdb", "sandtable.cmdb.update_changes_class", "down", "any"
DEEPEST = 40  # rules that write records whose rules write records; a circle of them ends here


def insert(
    session: Session, table: str, values: Mapping[str, object], *, input_display: bool, auto_sys_fields: bool
) -> Record:
    """Insert a record and return it as it is when all rules have run. Raises as TableAccess.insert."""
    instance = session.instance
    refuse_writes(instance, table)
    if not instance.access.can(session, "create", table):
        raise AccessDenied("Insert")
    drawn = ""
    try:
        with instance.transaction():
            given = coerce(
                session, table, "create", values, input_display=input_display, auto_sys_fields=auto_sys_fields
            )
            current = _with_defaults(session, table, given)
            columns = instance.dictionary.columns(table)
            if "number" in columns and not current["number"]:
                drawn = current["number"] = next_number(instance, table)
            _stamp_insert(session, table, current, given, columns, auto_sys_fields=auto_sys_fields)
            new_id = "" if given.sys_id else current["sys_id"]
            context = RuleContext(session, table, INSERT, current, None, given.values, given.journal)
            _run_before(context)
            _tell_overruled(context)
            _cut(current, columns)
            root = instance.dictionary.root(table)
            _check_unique(session, table, root, current, None, new_id=new_id)
            row = instance.store.insert(root, table, current["sys_id"], _storable(current, columns))
            record = Record(row)
            dictionary_records.follow(instance, None, record)
            return _finish(context, record)
    except Exception:
        if drawn and instance.property_is_true("sandtable.numbering.refused_insert_uses_number", True):
            instance.defer(partial(catch_up, instance, table, drawn))
        raise


def update(
    session: Session,
    table: str,
    sys_id: str,
    values: Mapping[str, object],
    *,
    input_display: bool,
    auto_sys_fields: bool,
) -> Record:
    """Change a record and return it as it is when all rules have run. Raises as TableAccess.update."""
    instance = session.instance
    refuse_writes(instance, table)
    with instance.transaction():
        previous = _found(session, table, sys_id, "write", "Update")
        given = coerce(
            session, previous.table, "write", values, input_display=input_display, auto_sys_fields=auto_sys_fields
        )
        kind = _reclassified(session, previous, given)
        current = FieldValues(previous.values_copy())
        current.update(given.values)
        if kind != previous.table:
            current["sys_class_name"] = kind
        if not _differs(current, previous) and not given.journal:
            return previous
        context = RuleContext(session, kind, UPDATE, current, previous, given.values, given.journal)
        _run_before(context)
        _tell_overruled(context)
        columns = instance.dictionary.columns(kind)
        _cut(current, columns)
        if not _differs(current, previous) and not context.journal_entries:
            return previous
        _stamp_update(session, current, given, columns, auto_sys_fields=auto_sys_fields)
        root = instance.dictionary.root(kind)
        _check_unique(session, kind, root, current, previous)
        record = Record(instance.store.update(root, previous.sys_id, kind, _storable(current, columns)))
        dictionary_records.follow(instance, previous, record)
        return _finish(context, record)


def delete(session: Session, table: str, sys_id: str) -> None:
    """Delete a record. Raises as TableAccess.delete."""
    instance = session.instance
    refuse_writes(instance, table)
    with instance.transaction():
        previous = _found(session, table, sys_id, "delete", "Delete")
        current = FieldValues(previous.values_copy())
        context = RuleContext(session, previous.table, DELETE, current, previous, {}, [])
        _run_before(context)
        instance.store.delete(instance.dictionary.root(previous.table), previous.sys_id)
        dictionary_records.follow(instance, previous, None)
        _run_after(context)
        audit.record_deletion(session, previous)


# parts ---------------------------------------------------------------------------------------------------------------


def default_values(session: Session, table: str, given: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Return what the dictionary puts into the columns of a new record that are not given."""
    dictionary = session.instance.dictionary
    plain, scripted = dictionary.memo(("defaults", table), lambda: _declared_defaults(dictionary.columns(table)))
    if not scripted:
        return dict(plain)
    values = dict(plain)
    host = host_of(session.instance)
    for name, expression in scripted.items():
        if name in given:
            continue
        if host is None:
            session.instance.ledger.note("script", f"default of {table}.{name}", "default values by script are not run")
            continue
        value = host.default_value(session, table, {**values, **given}, expression)
        if value:
            values[name] = stored_value(dictionary.columns(table)[name], value)
    return values


def _found(session: Session, table: str, sys_id: str, operation: str, word: str) -> Record:
    """Return the record that is to be written. Raises RecordNotFound, and AccessDenied with the product's word."""
    record = session.table(table).find(sys_id)
    if record is None:
        raise RecordNotFound
    if not session.instance.access.can(session, operation, record.table, record):
        raise AccessDenied(word)
    return record


def _declared_defaults(columns: Mapping[str, Column]) -> tuple[dict[str, str], dict[str, str]]:
    plain, scripted = {}, {}
    for name, column in columns.items():
        if column.default.startswith(SCRIPT):
            scripted[name] = column.default.removeprefix(SCRIPT)
        elif column.default:
            plain[name] = column.default
    return plain, scripted


def _with_defaults(session: Session, table: str, given: Given) -> FieldValues:
    current = FieldValues(default_values(session, table, given.values))
    # A default stands in for what was not given; an empty text is given.
    current.update(given.values)
    return current


def _stamp_insert(
    session: Session,
    table: str,
    current: FieldValues,
    given: Given,
    columns: Mapping[str, Column],
    *,
    auto_sys_fields: bool,
) -> None:
    instance = session.instance
    now = instance.clock.text()
    stamps = {"sys_created_on": now, "sys_created_by": session.user_name, "sys_updated_on": now}
    stamps |= {"sys_updated_by": session.user_name, "sys_mod_count": "0", "sys_class_name": table}
    for name, value in stamps.items():
        if name in columns and (auto_sys_fields or name not in given.values):
            current[name] = value
    current["sys_id"] = given.sys_id or instance.new_sys_id()


def _stamp_update(
    session: Session, current: FieldValues, given: Given, columns: Mapping[str, Column], *, auto_sys_fields: bool
) -> None:
    count = current["sys_mod_count"]
    stamps = {
        "sys_updated_on": session.instance.clock.text(),
        "sys_updated_by": session.user_name,
        "sys_mod_count": str(int(count) + 1 if count.isdigit() else 1),
    }
    for name, value in stamps.items():
        if name in columns and (auto_sys_fields or name not in given.values):
            current[name] = value


def _reclassified(session: Session, previous: Record, given: Given) -> str:
    """Return the class that a record has after an update: another of the same hierarchy when the caller names one."""
    dictionary = session.instance.dictionary
    asked = given.class_name
    if not asked or asked == previous.table:
        return previous.table
    if not dictionary.has(asked) or dictionary.root(asked) != dictionary.root(previous.table):
        session.explain(f"sys_class_name {asked!r} is no class of the same hierarchy, so the class stays")
        session.instance.ledger.note("value", f"{previous.table}.sys_class_name", "no class of the same hierarchy")
        return previous.table
    allowed = session.instance.property(RECLASSIFY, DOWN)
    if (
        dictionary.root(asked) == ITEMS
        and allowed != ANY
        and not (allowed == DOWN and dictionary.extends(asked, previous.table))
    ):
        session.explain(f"an update does not make a {previous.table} a {asked}: {RECLASSIFY} is {allowed}")
        return previous.table
    return asked


def _tell_overruled(context: RuleContext) -> None:
    """Say which of the values that were sent the rules have replaced."""
    current = context.current
    for name, value in context.given.items():
        if current[name] != value and name not in ("user_password",):
            context.session.explain(
                f"{context.table}.{name} was sent as {value!r}; a rule of the platform makes it {current[name]!r}"
            )


def _differs(current: Mapping[str, str], previous: Record) -> bool:
    # What both have is left out first: of a hundred columns nearly all are the same.
    other = current.items() - previous.stored.items()
    return any(previous[name] != value for name, value in other)


def _cut(current: FieldValues, columns: Mapping[str, Column]) -> None:
    """Cut what rules have put into columns to their lengths."""
    for name, value in current.items():
        if len(value) > 40 and name in columns and len(value) > columns[name].max_length > 0:
            if columns[name].type in WHOLE_TYPES:
                continue
            current[name] = value[: columns[name].max_length]


def _storable(current: Mapping[str, str], columns: Mapping[str, Column]) -> dict[str, str]:
    return {name: value for name, value in current.items() if value and name in columns}


def _check_unique(
    session: Session, table: str, root: str, current: FieldValues, previous: Record | None, *, new_id: str = ""
) -> None:
    """Refuse a second record of the same sys_id, unless that was just drawn (`new_id`), or of the same unique key."""
    instance = session.instance
    dictionary, store = instance.dictionary, instance.store
    sys_id = current["sys_id"]
    if previous is None and sys_id != new_id and store.exists(root, sys_id):
        raise UniqueViolation(table, "PRIMARY", sys_id)
    for key in dictionary.memo(("unique keys", table), lambda: _unique_keys(session, table)):
        values = [current[name] for name in key]
        if not all(values) or (previous is not None and values == [previous[name] for name in key]):
            continue
        if len(key) == 1:
            others = store.holders(root, key[0], values[0])
            # The tables beside it that share its root may have a column of that name too.
            owner = next(each for each in dictionary.lineage(table) if key[0] in dictionary.table(each).columns)
            asked = owner if owner != root and any(other != sys_id for other in others) else ""
        else:
            asked, others = table, []
        if asked:
            filters = dict(zip(key, values, strict=True))
            page = instance.system().table(asked).page("", limit=2, offset=0, count=False, filters=filters)
            others = [record.sys_id for record in page.records]
        if any(other != sys_id for other in others):
            raise UniqueViolation(table, "_".join(key), ",".join(values))


def _unique_keys(session: Session, table: str) -> tuple[tuple[str, ...], ...]:
    dictionary = session.instance.dictionary
    keys = [(name,) for name, column in dictionary.columns(table).items() if column.unique and name != "sys_id"]
    return tuple(keys) + tuple(key for each in dictionary.lineage(table) for key in dictionary.table(each).unique_keys)


# rules ---------------------------------------------------------------------------------------------------------------


def _run_before(context: RuleContext) -> None:
    instance = context.instance
    if not context.session.runs_rules:
        return
    instance.depth += 1
    try:
        if instance.depth > DEEPEST:
            raise Aborted(context.table, "recursion limit", "", "business rules call each other without end")
        _run(context, _rules(context, "before"))
    finally:
        instance.depth -= 1
    if context.aborted is not None:
        context.rule = context.aborted
        context.abort("its script called setAbortAction")


def _finish(context: RuleContext, record: Record) -> Record:
    """Run the after rules of an insert or update and keep the audit; return the record as they left it."""
    instance = context.instance
    context.record = record
    context.current = FieldValues(record.stored)
    _run_after(context)
    if context.previous is not None and record.table not in audit.KINDS:
        audit.record_change(context.session, context.previous, record, context.journal_entries)
    row = instance.store.get(instance.dictionary.root(record.table), record.sys_id)
    return record if row is None or row.values is record.stored or row.values == record.stored else Record(row)


def _run_after(context: RuleContext) -> None:
    instance = context.instance
    if not context.session.runs_rules:
        # Without rules a journal text would be lost, and losing data is not what switching rules off means.
        for rule in journal_rule.RULES:
            if context.operation in rule.operations:
                rule.script(context)
        return
    instance.depth += 1
    try:
        if instance.depth > DEEPEST:
            raise Aborted(context.table, "recursion limit", "", "business rules call each other without end")
        _run(context, _rules(context, "after"))
    finally:
        instance.depth -= 1


def _rules(context: RuleContext, when: When) -> Sequence[BusinessRule]:
    instance = context.instance
    lineage = instance.dictionary.lineage(context.table)
    built_in = instance.part(RuleBook).matching(lineage, when, context.operation)
    declared = declared_rules(instance, lineage, when, context.operation)
    return sorted([*built_in, *declared], key=lambda rule: rule.order) if declared else built_in


def _run(context: RuleContext, rules: Sequence[BusinessRule]) -> None:
    for rule in rules:
        context.rule = rule
        rule.script(context)
    context.rule = None
