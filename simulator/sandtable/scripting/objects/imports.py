"""What scripts ask of import sets and update sets: transforming a set, and entering a record into the current set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandtable.core.imports.cleanup import SETS
from sandtable.core.imports.counts import RUNS
from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.platform.writing.script_host import Scripts
from sandtable.core.values.errors import RecordNotFound

if TYPE_CHECKING:
    from sandtable.core.platform.writing.script_host import ScriptHost
    from sandtable.scripting.run import Run


def import_run(run: Run, import_set: str) -> dict[str, str]:
    """Begin a transform's history for an import set, a new one if none is given; return the sys_ids of both."""
    session = run.elevated()
    found = import_set or session.table(SETS).insert({"short_description": "Import set of a script"}).sys_id
    return {"set": found, "run": session.table(RUNS).insert({"set": found, "state": "running"}).sys_id}


def transform_set(run: Run, import_set: str, map_id: str, row: str) -> bool:
    """Transform the pending rows of an import set, or one of them, by its maps or one; tell whether one failed."""
    found = run.elevated().table(SETS).find(import_set)
    if found is None:
        run.instance.log("error", "GlideImportSetTransformer", f"there is no import set {import_set}")
        return True
    return ImportSets(run.instance).transform_set(found, map_id=map_id, row=row)


def _host(run: Run) -> ScriptHost:
    host = run.instance.part(Scripts).host
    if host is None:  # whoever runs scripts is there while one runs
        raise LookupError("no host")
    return host


def record_change(run: Run, table: str, sys_id: str) -> bool:
    """Enter a record into the user's current update set as it is now, of a recorded table or not."""
    session = run.elevated()
    try:
        _host(run).record_change(session, session.table(table).get(sys_id))
    except RecordNotFound:
        return False
    return True


def current_update_set(run: Run) -> str:
    """Return the sys_id of the set that the user's changes of the asking scope's application go to."""
    return _host(run).current_update_set(run.elevated(), run.scope)


OPERATIONS: dict[str, Callable[..., Any]] = {
    each.__name__: each for each in (import_run, transform_set, record_change, current_update_set)
}
