"""Transform maps and their field maps, read from records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

CREATE, IGNORE, REJECT = "create", "ignore", "reject"
ON_START, ON_BEFORE, ON_MAP, ON_AFTER = "onStart", "onBefore", "onMap", "onAfter"
ON_REJECT, ON_COMPLETE = "onReject", "onComplete"
ON_FOREIGN_INSERT, ON_CHOICE_CREATE = "onForeignInsert", "onChoiceCreate"
TABLES = ("sys_transform_map", "sys_transform_entry", "sys_transform_script")


@dataclass(frozen=True, slots=True)
class FieldMap:
    """One row of a map: which staging column goes into which target column, and how."""

    sys_id: str
    source_field: str
    target_field: str
    coalesce: bool
    coalesce_empty_fields: bool
    coalesce_case_sensitive: bool
    choice_action: str
    date_format: str
    referenced_value_field: str
    scripted: bool


@dataclass(frozen=True, slots=True)
class TransformMap:
    """One active transform map with its field maps."""

    sys_id: str
    name: str
    source_table: str
    target_table: str
    order: int
    run_business_rules: bool
    enforce_mandatory_fields: str
    copy_empty_fields: bool
    create_new_record_on_empty_coalesce_fields: bool
    entries: tuple[FieldMap, ...]

    @property
    def coalescing(self) -> tuple[FieldMap, ...]:
        return tuple(entry for entry in self.entries if entry.coalesce)


def maps_of(instance: Instance, staging: str) -> tuple[TransformMap, ...]:
    """Return the active maps of a staging table by order, remembered until a definition changes."""
    return instance.cached(("transform maps", staging), TABLES, lambda: _read(instance, staging))


def _read(instance: Instance, staging: str) -> tuple[TransformMap, ...]:
    system = instance.system()
    found = []
    for record in system.table("sys_transform_map").query(f"source_table={staging}^active=true"):
        found.append(
            TransformMap(
                record.sys_id,
                record["name"],
                record["source_table"],
                record["target_table"],
                _whole(record["order"], 100),
                record["run_business_rules"] != "false",
                record["enforce_mandatory_fields"] or "no",
                record["copy_empty_fields"] == "true",
                record["create_new_record_on_empty_coalesce_fields"] == "true",
                tuple(_entries(instance, record.sys_id)),
            )
        )
    return tuple(sorted(found, key=lambda each: each.order))


def _entries(instance: Instance, map_id: str) -> list[FieldMap]:
    entries = []
    for record in instance.system().table("sys_transform_entry").query(f"map={map_id}"):
        scripted = record["use_source_script"] == "true"
        entries.append(
            FieldMap(
                record.sys_id,
                record["source_field"],
                record["target_field"],
                record["coalesce"] == "true",
                record["coalesce_empty_fields"] == "true",
                record["coalesce_case_sensitive"] == "true",
                record["choice_action"] or CREATE,
                record["date_format"],
                record["referenced_value_field"] or record["reference_value_field"],
                scripted,
            )
        )
    return entries


def _whole(text: str, default: int) -> int:
    return int(text) if text.lstrip("-").isdecimal() and text.isascii() else default
