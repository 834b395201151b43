"""What child tables say differently of an inherited column: records of sys_dictionary_override, as rules read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable.core.platform.writing.rules import INSERT, BusinessRule, RuleContext

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance


@dataclass(frozen=True, slots=True)
class Override:
    """What one table changes of an inherited column; None means that it changes nothing."""

    default: str | None
    attributes: Mapping[str, str] | None


def overrides(instance: Instance, table: str) -> Mapping[str, Override]:
    """Return the overrides that hold for a table by column name; the nearest table of its lineage wins."""
    return instance.cached(
        ("dictionary overrides", table), ("sys_dictionary_override",), lambda: _read(instance, table)
    )


def attribute(instance: Instance, table: str, element: str, name: str) -> str:
    """Return a dictionary attribute of a column as the table sees it; empty when it is not set."""
    override = overrides(instance, table).get(element)
    if override is not None and override.attributes is not None:
        return override.attributes.get(name, "")
    column = instance.dictionary.column(table, element)
    return parsed(column.attributes).get(name, "") if column is not None else ""


def parsed(attributes: str) -> dict[str, str]:
    """Return a comma list of name=value as a dict."""
    pairs = (part.partition("=") for part in attributes.split(",") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _read(instance: Instance, table: str) -> dict[str, Override]:
    lineage = instance.dictionary.lineage(table)
    records = instance.system().table("sys_dictionary_override").query(f"nameIN{','.join(lineage)}")
    found: dict[str, Override] = {}
    for record in sorted(records, key=lambda each: lineage.index(each["name"]), reverse=True):
        inherited = found.get(record["element"], Override(None, None))
        found[record["element"]] = Override(
            record["default_value"] if record["default_value_override"] == "true" else inherited.default,
            parsed(record["attributes"]) if record["attributes_override"] == "true" else inherited.attributes,
        )
    return found


def _use_overridden_defaults(context: RuleContext) -> None:
    for element, override in overrides(context.instance, context.table).items():
        if override.default is not None and not context.given.get(element):
            context.current[element] = override.default


RULES = (
    BusinessRule("Use overridden defaults", "task", "before", frozenset({INSERT}), _use_overridden_defaults, order=1),
)
