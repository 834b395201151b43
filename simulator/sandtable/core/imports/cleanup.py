"""What an instance does with its import sets at midnight: close those of yesterday, delete those of last week.

Source: ServiceNow documentation, Import Set API and import set deletion.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandtable.core.values import zones

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

SETS = "sys_import_set"
DAYS_KEPT = 7
_DEPENDENTS = (("sys_import_set_row", "sys_import_set"), ("sys_import_set_run", "set"))


def clean_up(instance: Instance) -> None:
    """Do what is due since the last midnight of the instance's time zone; cheap when there is nothing.

    Synchronous sets that still load become processed; sets from before the last seven days go, with their rows.
    """
    stale = _stale_now(instance)
    if not stale:
        return
    zone = instance.system().time_zone
    oldest = zones.stored_text(_midnight(instance, zone) - timedelta(days=DAYS_KEPT), zone)
    system = instance.system()
    with instance.transaction():
        for import_set in stale:
            if import_set["sys_created_on"] < oldest:
                _delete(system, import_set)
            else:
                system.table(SETS).update(import_set.sys_id, {"state": "processed"})


def is_stale(instance: Instance) -> bool:
    """Tell whether `clean_up` has something to do."""
    return bool(_stale_now(instance))


def _stale_now(instance: Instance) -> tuple[Record, ...]:
    def find() -> tuple[Record, ...]:
        zone = instance.system().time_zone
        midnight = _midnight(instance, zone)
        return instance.cached(("stale sets", zone, midnight), (SETS,), lambda: _stale(instance, zone, midnight))

    # Midnight comes with a new second.
    return instance.cached(("stale sets now",), (SETS, "sys_properties"), find, moment=instance.clock.text())


def _midnight(instance: Instance, zone: str) -> datetime:
    now = zones.to_zone(instance.clock.now(), zone)
    return now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)


def _stale(instance: Instance, zone: str, midnight: datetime) -> tuple[Record, ...]:
    today = zones.stored_text(midnight, zone)
    oldest = zones.stored_text(midnight - timedelta(days=DAYS_KEPT), zone)
    query = f"sys_created_on<{today}^state=loading^mode=synchronous^NQsys_created_on<{oldest}"
    return tuple(instance.system().table(SETS).query(query))


def _delete(system: Session, import_set: Record) -> None:
    for table, column in _DEPENDENTS:
        access = system.table(table)
        for record in access.query(f"{column}={import_set.sys_id}"):
            if column == "sys_import_set":
                errors = system.table("sys_import_set_row_error")
                for error in errors.query(f"row={record.sys_id}"):
                    errors.delete(error.sys_id)
            access.delete(record.sys_id)
    system.table(SETS).delete(import_set.sys_id)
