"""Business rules: before, after and asynchronous ones around a write, query rules around a query."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sandtable.core.platform.writing.rules import JournalEntry
from sandtable.core.platform.writing.script_host import Displayed
from sandtable.core.query import parse
from sandtable.core.schema.stored_values import stored_value
from sandtable.scripting.engine.failures import ScriptCancelled, ScriptThrew
from sandtable.scripting.places.telling import scope_of, tell

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.platform.writing.rules import RuleContext
    from sandtable.core.query import Query
    from sandtable.scripting.pool import Pool
    from sandtable.scripting.run import Run

ASYNC = "sandtable:async "
_CALLS = {"before": "onBefore", "after": "onAfter", "async": "onAsync", "query": "onQuery"}


def _name(record: Record) -> str:
    return f"sys_script {record['name']}"


def run(pool: Pool, record: Record, context: RuleContext) -> None:
    """Run a rule in the middle of a write. An error of its script is logged, and the write goes on."""
    with pool.run(context.session) as found:
        key = (record.sys_id, context.sys_id, context.operation)
        if key in found.rules_running:
            context.instance.log(
                "warning", "Business rule", f"Recursive call of rule {record['name']} on {context.table} was stopped"
            )
            return
        pool.rearm(found)
        found.rules_running.append(key)
        token = f"{len(found.bound)}:{context.sys_id}"
        found.bound[token] = context
        try:
            _run(found, record, context, token)
        except ScriptCancelled as stopped:
            stopped.place = f"{stopped.place} on {context.table}"
            raise
        except ScriptThrew as error:
            tell(context.session, error, f"business rule {record['name']} on {context.table}")
            if error.left is not None:
                _take(context, error.left)
        finally:
            found.rules_running.pop()
            found.bound.pop(token, None)


def _run(found: Run, record: Record, context: RuleContext, token: str) -> None:
    scope = scope_of(context.instance, record)
    with found.in_scope(scope):
        request = _request(found, record, context, token) | {"scope": scope}
        answer = found.enter("rule", _name(record), request)
    if answer["ran"]:
        _take(context, answer)


def _request(found: Run, record: Record, context: RuleContext, token: str) -> dict[str, Any]:
    current = dict(context.current)
    for entry in context.journal_entries:
        current[entry.element] = entry.text
    request: dict[str, Any] = {
        "table": context.table,
        "sys_id": context.sys_id,
        "operation": context.operation,
        "token": token,
        "stored": context.record is not None,
        "current": current,
        "previous": None if context.previous is None else dict(context.previous),
    }
    return request | _packages(found, record)


def _packages(found: Run, record: Record) -> dict[str, Any]:
    name, when = _name(record), record["when"]
    condition = record["condition"].strip()
    script = record["script"]
    call = _CALLS.get(when, "")
    return {
        "condition": found.package(f"{name} condition", condition, value=True, returns=True) if condition else None,
        "script": found.package(name, script) if script.strip() else None,
        "call": call if call and f"function {call}" in script else "",
    }


def _take(context: RuleContext, answer: dict[str, Any]) -> None:
    """Put what a before rule has assigned into the record in the making."""
    if context.record is not None or (context.rule is not None and context.rule.when != "before"):
        return
    columns = context.instance.dictionary.columns(context.table)
    changes = dict(answer["changes"])
    for field, amount in answer.get("adds", {}).items():
        changes[field] = str(int(float(context.current[field] or 0) + amount))
    for field, text in changes.items():
        column = columns.get(field)
        if column is None or field == "sys_id":
            continue
        if column.is_journal:
            context.journal_entries[:] = [each for each in context.journal_entries if each.element != field]
            if text:
                context.journal_entries.append(JournalEntry(field, text[: column.max_length]))
        else:
            context.current[field] = stored_value(column, text)
    if answer["aborted"] and context.aborted is None:
        context.aborted = context.rule


# asynchronous rules ----------------------------------------------------------------------------------


def later(pool: Pool, record: Record, context: RuleContext) -> None:
    """Queue a rule that runs after the write, as a scheduled job; its condition is judged now."""
    condition = record["condition"].strip()
    if condition:
        with pool.run(context.session) as found:
            pool.rearm(found)
            scope = scope_of(context.instance, record)
            try:
                with found.in_scope(scope):
                    request = _request(found, record, context, "") | {"scope": scope, "script": None}
                    if not found.enter("rule", _name(record), request)["ran"]:
                        return
            except ScriptThrew as error:
                tell(context.session, error, f"condition of business rule {record['name']} on {context.table}")
                return
    job = {"rule": record.sys_id, "operation": context.operation, "user": context.session.user_name}
    if context.operation == "delete":
        job["values"] = json.dumps(dict(context.current))
    context.session.without_access_control().in_scope("global").table("sys_trigger").insert(
        {
            "name": f"ASYNC: {record['name']}",
            "next_action": context.instance.clock.text(),
            "document": context.table,
            "document_key": context.sys_id,
            "job_context": ASYNC + json.dumps(job),
            "trigger_type": "0",
            "state": "0",
        }
    )


def run_later(pool: Pool, session: Session, trigger: Record) -> None:
    """Run a queued rule: `current` is the record as it is now, and there is no `previous`."""
    instance = session.instance
    job = json.loads(trigger["job_context"].removeprefix(ASYNC))
    record = instance.system().table("sys_script").find(job["rule"])
    if record is None or record["active"] != "true":
        return
    table, sys_id = trigger["document"], trigger["document_key"]
    row = instance.system().table(table).find(sys_id) if instance.dictionary.has(table) else None
    if row is None and "values" not in job:
        return
    current = dict(row) if row is not None else json.loads(job["values"])
    with pool.run(session) as found:
        pool.rearm(found)
        scope = scope_of(instance, record)
        request: dict[str, Any] = {
            "table": row.table if row is not None else table,
            "sys_id": sys_id,
            "operation": job["operation"],
            "token": "",
            "stored": True,
            "current": current,
            "previous": None,
            "scope": scope,
            "free": True,
        }
        try:
            with found.in_scope(scope):
                request |= _packages(found, record)
                if not instance.property_is_true("glide.businessrule.async_condition_check", False):
                    request["condition"] = None
                found.enter("rule", _name(record), request)
        except ScriptThrew as error:
            tell(session, error, f"business rule {record['name']} on {table}")


# display rules ----------------------------------------------------------------------------------


def display(pool: Pool, session: Session, shown: Record, rules: Sequence[Record], *, is_new: bool) -> Displayed:
    """Run the display rules of a form's record; what they assign is shown and not stored."""
    values: dict[str, str] = {}
    scratchpad: dict[str, object] = {}
    with pool.run(session) as found:
        pool.rearm(found)
        before = len(found.errors), len(found.infos)
        for record in rules:
            scope = scope_of(session.instance, record)
            request: dict[str, Any] = {
                "table": shown.table,
                "sys_id": "" if is_new else shown.sys_id,
                "operation": "insert" if is_new else "update",
                "current": {**shown.values_copy(), **values},
                "scratchpad": scratchpad,
                "scope": scope,
            }
            try:
                with found.in_scope(scope):
                    answer = found.enter("display_rule", _name(record), request | _packages(found, record))
            except ScriptThrew as error:
                tell(session, error, f"display rule {record['name']} on {shown.table}")
                continue
            values |= answer["changes"]
            scratchpad = answer["scratchpad"]
        told = [("error", text) for text in found.errors[before[0] :]]
        told += [("info", text) for text in found.infos[before[1] :]]
    return Displayed(values, tuple(told), scratchpad)


# query rules ----------------------------------------------------------------------------------


def query_conditions(pool: Pool, session: Session, table: str, rules: Sequence[Record]) -> tuple[Query, ...]:
    """Return what the query rules of a table add; a rule that queries its own table does not start itself again."""
    added: list[Query] = []
    with pool.run(session) as found:
        if table in found.querying:
            return ()
        found.querying.add(table)
        pool.rearm(found)
        try:
            for record in rules:
                scope = scope_of(session.instance, record)
                try:
                    with found.in_scope(scope):
                        request = _packages(found, record) | {"table": table, "scope": scope}
                        answer = found.enter("query_rule", _name(record), request)
                except ScriptThrew as error:
                    tell(session, error, f"query rule {record['name']} on {table}")
                    continue
                if answer["query"]:
                    added.append(parse(answer["query"]))
        finally:
            found.querying.discard(table)
    return tuple(added)
