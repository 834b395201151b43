"""Data policies: columns that are mandatory or read-only under a condition, as records of sys_data_policy2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.platform.writing.rules import (
    DATA_POLICY_ORDER,
    EVERY_TABLE,
    INSERT_OR_UPDATE,
    BusinessRule,
    RuleContext,
)
from sandtable.core.query import Query, evaluate, parse
from sandtable.core.values.errors import DataPolicyViolation, OperationFailed

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance


@dataclass(frozen=True, slots=True)
class Policy:
    """One active policy as a table sees it: when it holds, and which columns it then asks for or closes."""

    name: str
    condition: Query
    for_import_sets: bool
    mandatory: tuple[str, ...]
    read_only: tuple[str, ...]


def policies_of(instance: Instance, table: str) -> tuple[Policy, ...]:
    """Return the active policies for a table: its own, and those of its ancestors that are inherited."""
    return instance.cached(
        ("data policies", table), ("sys_data_policy2", "sys_data_policy_rule"), lambda: _read(instance, table)
    )


def _read(instance: Instance, table: str) -> tuple[Policy, ...]:
    system = instance.system()
    lineage = instance.dictionary.lineage(table)
    found = []
    for record in system.table("sys_data_policy2").query(f"active=true^model_tableIN{','.join(lineage)}"):
        if record["model_table"] != table and record["inherit"] != "true":
            continue
        rules = system.table("sys_data_policy_rule").query(f"sys_data_policy={record.sys_id}")
        found.append(
            Policy(
                record["short_description"],
                parse(record["conditions"]),
                record["apply_import_set"] == "true",
                tuple(rule["field"] for rule in rules if rule["mandatory"] == "true"),
                tuple(rule["field"] for rule in rules if rule["disabled"] == "true"),
            )
        )
    return tuple(found)


def _apply(context: RuleContext) -> None:
    policies = policies_of(context.instance, context.table)
    if not policies:
        return
    missing: dict[str, None] = {}
    closed: dict[str, None] = {}
    for policy in policies:
        if context.session.importing and not policy.for_import_sets:
            continue
        if not _holds(policy, context):
            continue
        context.session.explain(f"data policy holds: {policy.name}")
        missing |= {element: None for element in policy.mandatory if not _has_value(context, element)}
        closed |= {element: None for element in policy.read_only if _touched(context, element)}
    if missing:
        raise DataPolicyViolation(_labels(context, missing))
    if closed:
        labels = ", ".join(_labels(context, closed))
        raise OperationFailed(detail=f"Data Policy Exception: \n\tThe following fields are read only: {labels}")


def _holds(policy: Policy, context: RuleContext) -> bool:
    return evaluate(policy.condition, context.current, context.table, context.elevated.query_context())


def _has_value(context: RuleContext, element: str) -> bool:
    return bool(context.current[element]) or any(
        entry.element == element and entry.text for entry in context.journal_entries
    )


def _touched(context: RuleContext, element: str) -> bool:
    return context.previous is not None and element in context.given and context.changed(element)


def _labels(context: RuleContext, elements: Mapping[str, None]) -> list[str]:
    columns = context.instance.dictionary.columns(context.table)
    return [columns[element].label if element in columns else element for element in elements]


RULES = (BusinessRule("Apply data policies", EVERY_TABLE, "before", INSERT_OR_UPDATE, _apply, order=DATA_POLICY_ORDER),)
