"""The bookkeeping of transforms: runs with their counts, row errors, and the position of a row in its set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.platform.writing.bookkeeping import note

if TYPE_CHECKING:
    from sandtable.core.imports.transform import Outcome
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

RUNS, ERRORS = "sys_import_set_run", "sys_import_set_row_error"
COUNTERS = {"inserted": "inserts", "updated": "updates", "ignored": "ignored", "skipped": "skipped", "error": "errors"}


class ImportRuns:
    """The runs of one instance: one for each import set and map, counting as rows go through."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def count(self, session: Session, import_set: Record, outcome: Outcome) -> str:
        """Add an outcome to the run of its import set and map; return the run's sys_id."""
        runs = session.table(RUNS)
        known = self._known(import_set)
        map_id = outcome.map.sys_id
        present = next((run for run in self._runs(import_set) if run["sys_transform_map"] in (map_id, "")), None)
        now = self._instance.clock.text()
        counter = COUNTERS[outcome.state]
        values = {"completed": now, "total": "1", counter: "1", "sys_transform_map": map_id}
        if present is None:
            begun = {"set": import_set.sys_id, "state": _state(outcome.state == "error")}
            known[map_id] = runs.insert({**values, **begun}).sys_id
            return known[map_id]
        for name in ("total", counter):
            values[name] = str(int(present[name] or 0) + 1)
        values["state"] = _state(outcome.state == "error" or present["errors"] not in ("", "0"))
        return note(session, present, values).sys_id

    def record_errors(self, session: Session, row: Record, run: str, outcome: Outcome) -> str:
        """Write a record for each error of an outcome; return the sys_id of the first, or nothing."""
        first = ""
        for error in outcome.errors:
            written = session.table(ERRORS).insert(
                {
                    "row": row.sys_id,
                    "run": run,
                    "error_code": error.code,
                    "error_message": error.message,
                    "source_field": error.source_field,
                    "target_field": error.target_field,
                }
            )
            first = first or written.sys_id
        return first

    def next_position(self, import_set: Record) -> int:
        """Return the number of the next row of an import set, from 1: behind those that went through its runs."""
        runs = self._runs(import_set)
        if runs:
            return max(int(run["total"] or 0) for run in runs) + 1
        return self._instance.system().table("sys_import_set_row").count(f"sys_import_set={import_set.sys_id}") + 1

    def _runs(self, import_set: Record) -> list[Record]:
        """Return the runs of an import set, oldest first: where they were last time, unless they are there no more."""
        table, known = self._instance.system().table(RUNS), self._known(import_set)
        found = []
        for map_id, sys_id in known.items():
            run = table.find(sys_id)
            if run is not None and run["set"] == import_set.sys_id and run["sys_transform_map"] == map_id:
                found.append(run)
        if found and len(found) == len(known):
            return found
        found = table.holding({"set": import_set.sys_id})
        known.clear()
        for run in found:
            known.setdefault(run["sys_transform_map"], run.sys_id)
        return found

    def _known(self, import_set: Record) -> dict[str, str]:
        """Return the sys_ids of a set's runs by their maps, as far as they were met; every row asks for them twice."""
        return self._instance.cached(("runs", import_set.sys_id), ("sys_import_set",), dict)


def _state(failed: bool) -> str:  # noqa: FBT001
    return "complete_with_errors" if failed else "complete"
