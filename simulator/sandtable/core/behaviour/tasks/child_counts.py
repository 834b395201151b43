"""Columns that count the records which point at theirs: child incidents, incidents of a problem or an observable."""

from __future__ import annotations

from collections.abc import Callable

from sandtable.core.platform.writing.rules import DELETE, INSERT, UPDATE, BusinessRule, RuleContext


def counter_rules(*, table: str, reference: str, parent: str, counter: str) -> tuple[BusinessRule, ...]:
    """Return the rules that keep `parent.counter` equal to the number of `table` records that point at it."""
    return (
        BusinessRule(
            f"Count {table} by {reference}",
            table,
            "after",
            frozenset({INSERT, UPDATE, DELETE}),
            _counting(table, reference, parent, counter),
        ),
    )


def _counting(table: str, reference: str, parent: str, counter: str) -> Callable[[RuleContext], None]:
    def count(context: RuleContext) -> None:
        before = context.previous[reference] if context.previous is not None else ""
        after = "" if context.operation == DELETE else context.current[reference]
        if before == after and context.operation != DELETE:
            return
        session = context.elevated
        for sys_id in {before, after} - {""}:
            record = session.table(parent).find(sys_id)
            if record is None:
                continue
            number = str(session.table(table).count(f"{reference}={sys_id}"))
            if record[counter] != number:
                session.table(parent).update(sys_id, {counter: number})

    return count
