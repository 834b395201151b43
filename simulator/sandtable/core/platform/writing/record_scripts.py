"""Business rules as records of sys_script, and calculated columns: what runs is a script that the host is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.platform.writing.rules import EVERY_TABLE, BusinessRule, RuleContext, When
from sandtable.core.platform.writing.script_host import host_of
from sandtable.core.query import Query, evaluate, parse
from sandtable.core.schema.stored_values import stored_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

TABLE, COLUMNS = "sys_script", "sys_dictionary"
LAST = 1_000_000  # columns are calculated when all rules before the write have run
_DECLARED, _CALCULATED = ("declared rules",), ("calculated columns",)
ASYNCHRONOUS = ("async", "async_always", "async_deprecated")


def declared_rules(
    instance: Instance, lineage: tuple[str, ...], when: When, operation: str
) -> tuple[BusinessRule, ...]:
    """Return the active rules of sys_script, and the calculated columns, for a table given as its lineage, by order."""
    scripts = instance.cached(_DECLARED, (TABLE,), lambda: _read(instance))
    calculated = instance.cached(_CALCULATED, (COLUMNS,), lambda: _calculated(instance))
    if not scripts and not calculated:
        return ()
    tables = {*lineage, EVERY_TABLE}
    return tuple(
        rule
        for rule in (*scripts, *calculated)
        if rule.table in tables and rule.when == when and operation in rule.operations
    )


def _read(instance: Instance) -> tuple[BusinessRule, ...]:
    if not instance.dictionary.has(TABLE):
        return ()
    records = (
        instance.system()
        .table(TABLE)
        .query(f"active=true^whenINbefore,after,{','.join(ASYNCHRONOUS)}^ORDERBYorder^ORDERBYname")
    )
    return tuple(_rule(record) for record in records)


def _calculated(instance: Instance) -> tuple[BusinessRule, ...]:
    # The dictionary knows which tables have any: the records of thousands of other columns are not looked through.
    dictionary = instance.dictionary
    tables = dictionary.memo(
        ("tables with calculated columns",),
        lambda: [table.name for table in dictionary.tables() if table.calculates],
    )
    if not tables or not dictionary.has(COLUMNS):
        return ()
    records = (
        instance.system()
        .table(COLUMNS)
        .query(f"nameIN{','.join(tables)}^virtual=true^calculationISNOTEMPTY^active!=false")
    )
    return tuple(
        BusinessRule(
            f"calculation of {record['element']}",
            record["name"],
            "before",
            frozenset(("insert", "update")),
            _calculating(record["element"], record["calculation"]),
            LAST,
            sys_id=record.sys_id,
        )
        for record in records
    )


def _calculating(name: str, script: str) -> Callable[[RuleContext], None]:
    def run(context: RuleContext) -> None:
        host, column = host_of(context.instance), context.instance.dictionary.column(context.table, name)
        if host is None or column is None:
            context.instance.ledger.note("script", f"{context.table}.{name}", "calculated columns are not calculated")
            return
        values = {**context.current, "sys_id": context.sys_id}
        context.current[name] = stored_value(
            column, host.default_value(context.session, context.table, values, script) or ""
        )

    return run


def _rule(record: Record) -> BusinessRule:
    operations = frozenset(name for name in ("insert", "update", "delete") if record[f"action_{name}"] == "true")
    order = record["order"]
    return BusinessRule(
        record["name"],
        record["collection"] or EVERY_TABLE,
        "before" if record["when"] == "before" else "after",
        operations,
        _doing(record),
        int(order) if order.lstrip("-").isdigit() else 100,
        sys_id=record.sys_id,
    )


def _doing(record: Record) -> Callable[[RuleContext], None]:
    condition = parse(record["filter_condition"])
    template = template_values(record["template"])
    scripted = record["advanced"] == "true" and bool(record["script"].strip() or record["condition"].strip())
    asynchronous = record["when"] in ASYNCHRONOUS

    def run(context: RuleContext) -> None:
        if not _holds(condition, context):
            return
        host = host_of(context.instance) if scripted else None
        if scripted and host is None:
            context.instance.ledger.note("script", f"{TABLE} {record['name']}", "scripts of business rules are not run")
        if asynchronous:
            if host is not None:
                host.later(record, context)
            return
        if host is not None:
            host.rule(record, context)
        if context.rule is not None and context.rule.when == "before":
            _set(context, template)
        if record["abort_action"] == "true":
            context.abort(record["message"])

    return run


def _holds(condition: Query, context: RuleContext) -> bool:
    if not condition:
        return True
    return evaluate(condition, context.current, context.table, context.elevated.query_context())


def template_values(text: str) -> tuple[tuple[str, str], ...]:
    """Return the column=value pairs of a template, which is written like an encoded query."""
    pairs = (part.partition("=") for part in text.split("^") if "=" in part)
    return tuple((name.strip(), value) for name, _, value in pairs)


def _set(context: RuleContext, template: tuple[tuple[str, str], ...]) -> None:
    columns = context.instance.dictionary.columns(context.table)
    for name, value in template:
        if name in columns:
            context.current[name] = stored_value(columns[name], value)
