"""Groups of import sets (sys_multi_import_set): what insertMultiple appends to, and which group runs after which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.values.errors import BadRequest

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

GROUPS = "sys_multi_import_set"


def group_for(system: Session, multi_import_set_id: str, run_after: str) -> str:
    """Return the sys_id of the group to append to: the named one, else a new one.

    Raises BadRequest for a group that does not exist, and for one that would wait for itself.
    """
    groups = system.table(GROUPS)
    for name, sys_id in (("multi_import_set_id", multi_import_set_id), ("run_after", run_after)):
        if sys_id and groups.find(sys_id) is None:
            raise BadRequest(f"Invalid {name}", f"there is no record of {GROUPS} with the sys_id {sys_id}")
    if not multi_import_set_id:
        return groups.insert({"run_after": run_after, "state": "loading"}).sys_id
    if run_after and _waits_for(system, run_after, multi_import_set_id):
        raise BadRequest("Invalid run_after", f"{run_after} itself waits for {multi_import_set_id}; name another group")
    groups.update(multi_import_set_id, {"state": "loading", **({"run_after": run_after} if run_after else {})})
    return multi_import_set_id


def is_blocked(instance: Instance, import_set: Record) -> bool:
    """Tell whether a set has to wait for the sets of the group that its own group runs after."""
    group = import_set["multi_import_set"]
    record = instance.system().table(GROUPS).find(group) if group else None
    return record is not None and bool(record["run_after"]) and _is_unfinished(instance, record["run_after"])


def close_group(instance: Instance, group: str) -> None:
    """Mark a group as processed when all its sets are."""
    groups = instance.system().table(GROUPS)
    if group and groups.find(group) is not None and not _is_unfinished(instance, group):
        groups.update(group, {"state": "processed"})


def _is_unfinished(instance: Instance, group: str) -> bool:
    query = f"multi_import_set={group}^stateNOT INprocessed,cancelled"
    return instance.system().table("sys_import_set").first(query) is not None


def _waits_for(system: Session, group: str, other: str) -> bool:
    """Tell whether a group is another one, or runs after it, however many groups on."""
    seen: set[str] = set()
    while group and group not in seen:
        if group == other:
            return True
        seen.add(group)
        record = system.table(GROUPS).find(group)
        group = record["run_after"] if record is not None else ""
    return False
