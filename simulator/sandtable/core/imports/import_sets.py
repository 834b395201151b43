"""Import sets: rows loaded into staging tables, transformed at once or later, and what became of them.

Source: ServiceNow documentation, Import Set API and import sets; for a caller without import roles, the vendor's
knowledge base and field reports disagree, so it is a property.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sandtable.core.imports.cleanup import SETS, clean_up, is_stale
from sandtable.core.imports.counts import ImportRuns
from sandtable.core.imports.groups import close_group, group_for, is_blocked
from sandtable.core.imports.row_keys import RowKeys
from sandtable.core.imports.row_transform import TransformRun
from sandtable.core.imports.transform import ERROR, IGNORED, INSERTED, NO_CHANGE, SKIPPED, UPDATED, transform
from sandtable.core.imports.transform_maps import maps_of
from sandtable.core.platform.display import record_display
from sandtable.core.platform.writing.bookkeeping import note
from sandtable.core.schema.stored_values import as_text
from sandtable.core.values.clock import TEXT_FORMAT
from sandtable.core.values.errors import AccessDenied, BadRequest, RecordNotFound
from sandtable.core.values.texts import seconds

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

ROW_TABLE = "sys_import_set_row"
LOADING, LOADED, PROCESSING = "loading", "loaded", "processing"
PROCESSED, CANCELLED = "processed", "cancelled"
SYNCHRONOUS, ASYNCHRONOUS = "synchronous", "asynchronous"
PENDING = "pending"
FAILS = "error"
LOADER, TRANSFORMER = "import_set_loader", "import_transformer"
_NEW_COLUMN = re.compile(r"u_[a-z0-9_]{1,78}")
NO_MAP = "No transform entry or scripts are defined; Target record not found"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of one row: `results` has one element for each transform map that ran, in the map's order.

    `failed` says that the platform broke off with an error of its own after the target record was made.
    """

    import_set: str
    staging_table: str
    row_sys_id: str
    results: list[dict[str, str]] = field(default_factory=list)
    failed: bool = False


class ImportSets:
    """The import sets of one instance, as the Import Set API uses them. Keeps nothing of its own."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    # one row ---------------------------------------------------------------------------------------------------

    def load_row(self, session: Session, staging: str, values: Mapping[str, object]) -> ImportResult:
        """Load one row and transform it, and return what came of it; a refused row is a result, not an error.

        Keys that are no columns of the staging table are ignored; texts longer than their column are cut. Raises
        UnknownTable, and AccessDenied for a caller who may not load or (by property
        `sandtable.import.missing_role`: `403`, the default, or `empty`) lacks the role import_set_loader. What a caller
        without import_transformer gets is property `sandtable.import.missing_transformer`: `error` (the records are
        made, and the answer is a failure), `empty` (made, without a result) or `403` (nothing is made).
        """
        given = {name: as_text(value) for name, value in values.items()}
        if not self._is_staging(staging):
            return ImportResult("", staging, "", [{"status": ERROR, "error_message": "Invalid staging table"}])
        if not self._may_load(session, staging):
            return ImportResult("", staging, "")
        with self._instance.transaction():
            self._add_columns(staging, given)
            import_set = self._open_set(session, staging)
            row = self._store_row(session, staging, import_set, given)
            if import_set["mode"] == ASYNCHRONOUS:
                return ImportResult(import_set["number"], staging, row.sys_id)
            without_role = self._without_transformer(session)
            results = self._transform(session, import_set, row, given)
            if without_role:
                return ImportResult(import_set["number"], staging, row.sys_id, failed=without_role == FAILS)
            return ImportResult(import_set["number"], staging, row.sys_id, results)

    def read_row(self, session: Session, staging: str, sys_id: str) -> ImportResult:
        """Return what came of a row that was loaded before, from what the row itself says.

        A pending row has no results. Raises UnknownTable, and RecordNotFound for a row that does not exist, was cleaned
        up, or may not be read.
        """
        clean_up(self._instance)
        if not self._is_staging(staging):
            raise RecordNotFound
        row = session.table(staging).get(sys_id)
        system = self._instance.system()
        import_set = system.table(SETS).find(row["sys_import_set"])
        number = import_set["number"] if import_set is not None else ""
        if row["sys_import_state"] == PENDING or self._had_no_map(row):
            return ImportResult(number, staging, row.sys_id)
        return ImportResult(number, staging, row.sys_id, [self._element(session, row)])

    def _had_no_map(self, row: Record) -> bool:
        no_map = row["sys_import_state_comment"] == NO_MAP and not row["sys_transform_map"]
        return no_map and self._instance.property("sandtable.import.no_map", "empty") != "error"

    def _element(self, session: Session, row: Record) -> dict[str, str]:
        state, table, target = row["sys_import_state"], row["sys_target_table"], row["sys_target_sys_id"]
        element = {
            "transform_map": record_display(session, "sys_transform_map", row["sys_transform_map"]),
            "table": table,
        }
        if target and state in (INSERTED, UPDATED, IGNORED):
            element |= self._shown(session, table, target)
        element["status"] = ERROR if state == SKIPPED else state
        if state == SKIPPED:
            element["status_message"] = element["error_message"] = row["sys_import_state_comment"]
        elif state == ERROR:
            element["error_message"] = row["sys_import_state_comment"]
        elif row["sys_import_state_comment"]:
            element["status_message"] = row["sys_import_state_comment"]
        if target:
            element["sys_id"] = target
        return element

    def _shown(self, session: Session, table: str, sys_id: str) -> dict[str, str]:
        dictionary = self._instance.dictionary
        if not dictionary.has(table) or not self._instance.access.can(session, "read", table):
            return {"display_value": ""}
        return {
            "display_name": dictionary.display_column(table),
            "display_value": record_display(session, table, sys_id),
        }

    # many rows -------------------------------------------------------------------------------------------------

    def load_many(
        self,
        session: Session,
        staging: str,
        records: Sequence[Mapping[str, object]],
        *,
        multi_import_set_id: str = "",
        run_after: str = "",
    ) -> tuple[str, str]:
        """Load many rows into an import set of their own; return its sys_id and that of its group.

        Keys are column labels, or names, as `RowKeys` tells by a record of sys_rest_insert_multiple (which may ask for
        a synchronous transform, too). The rows stay pending until `transform_pending`. Raises UnknownTable,
        AccessDenied, ApiAccessDenied, and BadRequest for an unknown group.
        """
        if not self._is_staging(staging):
            raise BadRequest("Invalid staging table", f"{staging} does not extend {ROW_TABLE}")
        if self._instance.property_is_true("com.glide.import_set_api.insert_multiple_optimize", False):
            self._instance.access.check_endpoint(session, "Import Set API Insert Multiple")
            if not session.has_role(TRANSFORMER):
                raise AccessDenied("Insert")
        elif not self._may_load(session, staging):
            return "", ""
        with self._instance.transaction():
            system = session.without_access_control()
            group = group_for(system, multi_import_set_id, run_after)
            settings = self._settings(staging)
            begun = {"table_name": staging, "mode": ASYNCHRONOUS, "state": LOADING, "multi_import_set": group}
            import_set = system.table(SETS).insert(begun)
            keys = RowKeys(self._instance, staging, settings)
            for position, record in enumerate(records, 1):
                self._store_row(session, staging, import_set, keys.values(session, record), position)
            loaded = {"state": LOADED, "load_completed": self._instance.clock.text()}
            system.table(SETS).update(import_set.sys_id, loaded)
            if settings is not None and settings["transform_type"] == SYNCHRONOUS:
                self.transform_set(system.table(SETS).get(import_set.sys_id))
            return import_set.sys_id, group

    def _settings(self, staging: str) -> Record | None:
        """Return what insertMultiple is told about a staging table, if anything."""
        table = self._instance.system().table("sys_rest_insert_multiple")
        found = table.first(f"source_table={staging}^active=true")
        if found is not None and found["column_mapping"] == "data_source":
            self._instance.ledger.note(
                "setting", "sys_rest_insert_multiple.column_mapping", "data_source is taken as label"
            )
        return found

    def transform_pending(self) -> int:
        """Transform the rows of all loaded asynchronous import sets whose time has come; return how many sets.

        The time is property `sandtable.import.async_delay` in seconds of the instance's clock after the load (default
        1), and not before the group named by `run_after` is done. What is due at midnight is done too. Cheap when
        there is nothing to do.
        """
        clean_up(self._instance)
        waiting = self._instance.cached(("sets waiting",), (SETS,), self._waiting)
        if not waiting:
            return 0
        delay = seconds(self._instance.property("sandtable.import.async_delay"), 1.0)
        due = (self._instance.clock.now() - timedelta(seconds=delay)).strftime(TEXT_FORMAT)
        done = 0
        with self._instance.transaction():
            for sys_id in waiting:
                import_set = self._instance.system().table(SETS).find(sys_id)
                if (
                    import_set is not None
                    and import_set["load_completed"] <= due
                    and not is_blocked(self._instance, import_set)
                ):
                    self.transform_set(import_set)
                    done += 1
        return done

    def is_waiting(self) -> bool:
        """Tell whether a set waits to be transformed, or to be closed or deleted since midnight."""
        return is_stale(self._instance) or bool(self._instance.cached(("sets waiting",), (SETS,), self._waiting))

    def _waiting(self) -> tuple[str, ...]:
        sets = self._instance.system().table(SETS)
        return tuple(each.sys_id for each in sets.query(f"mode={ASYNCHRONOUS}^state={LOADED}^ORDERBYsys_created_on"))

    def transform_set(self, import_set: Record, *, map_id: str = "", row: str = "") -> bool:
        """Transform the pending rows of a set, or one, by its maps, or one; tell whether one of them failed."""
        system = self._instance.system()
        system.table(SETS).update(import_set.sys_id, {"state": PROCESSING})
        loader = self._loader(import_set["sys_created_by"])
        staging, failed = import_set["table_name"], False
        if self._is_staging(staging):
            only = f"^sys_id={row}" if row else ""
            rows = system.table(staging).query(
                f"sys_import_set={import_set.sys_id}^sys_import_state={PENDING}{only}^ORDERBYsys_import_row"
            )
            shared = TransformRun()
            for number, each in enumerate(rows, 1):
                shared.first, shared.last = number == 1, number == len(rows)
                made = self._transform(loader, import_set, each, each.values_copy(), shared, map_id)
                failed = failed or any(element["status"] == ERROR for element in made)
                if shared.stopped:
                    break
        system.table(SETS).update(import_set.sys_id, {"state": PROCESSED})
        close_group(self._instance, import_set["multi_import_set"])
        return failed

    def _loader(self, user_name: str) -> Session:
        """Return the session of who loaded a set; of the system when that user is gone by now."""
        try:
            return self._instance.acting_as(user_name)
        except LookupError:
            return self._instance.system()

    # parts -----------------------------------------------------------------------------------------------------

    def _is_staging(self, table: str) -> bool:
        self._instance.dictionary.table(table)
        return table != ROW_TABLE and self._instance.dictionary.extends(table, ROW_TABLE)

    def _may_load(self, session: Session, staging: str) -> bool:
        """Tell whether the row may be stored; False means: answer as if nothing had been asked."""
        if not self._instance.access.can(session, "create", staging):
            raise AccessDenied("Insert")
        return self._has_import_role(session, LOADER)

    def _without_transformer(self, session: Session) -> str:
        """Return how a caller without the role import_transformer is answered; empty for one who has it.

        Source: support articles KB0791757 and KB0813223: the row and its target are made all the same.
        """
        if session.has_role(TRANSFORMER):
            return ""
        session.explain(f"{session.user_name} lacks the role {TRANSFORMER}: the target record is made, untold")
        answer = self._instance.property("sandtable.import.missing_transformer", FAILS)
        if answer == "403":
            raise AccessDenied("Insert")
        return answer

    def _has_import_role(self, session: Session, role: str) -> bool:
        if session.has_role(role):
            return True
        session.explain(f"{session.user_name} lacks the role {role}, which the Import Set API asks for")
        if self._instance.property("sandtable.import.missing_role", "403") == "empty":
            return False
        raise AccessDenied("Insert")

    def _add_columns(self, staging: str, given: Mapping[str, str]) -> None:
        """Add a column for each unknown key, where the instance is set to do so."""
        if not self._instance.property_is_true("glide.import_set_row.dynamically_add_fields", False):
            return
        columns = self._instance.dictionary.columns(staging)
        for name in given:
            if name not in columns and _NEW_COLUMN.fullmatch(name):
                self._instance.system().table("sys_dictionary").insert(
                    {"name": staging, "element": name, "internal_type": "string", "max_length": "40"}
                )

    def _open_set(self, session: Session, staging: str) -> Record:
        """Return the newest loading set of the staging table, or a new one."""
        clean_up(self._instance)
        found = self._instance.cached(("loading set", staging), (SETS,), lambda: self._loading_set(staging))
        if found is not None:
            return found
        return (
            session.without_access_control()
            .table(SETS)
            .insert(
                {
                    "table_name": staging,
                    "mode": SYNCHRONOUS,
                    "state": LOADING,
                    "short_description": f"Import set of {staging}",
                }
            )
        )

    def _loading_set(self, staging: str) -> Record | None:
        return (
            self._instance.system().table(SETS).first(f"table_name={staging}^state={LOADING}^ORDERBYDESCsys_created_on")
        )

    def _store_row(
        self, session: Session, staging: str, import_set: Record, given: Mapping[str, str], position: int = 0
    ) -> Record:
        columns = self._instance.dictionary.columns(staging)
        own = {name: value for name, value in given.items() if name in columns and not name.startswith("sys_")}
        for name in given:
            if name not in own and position and not name.startswith("sys_"):
                session.explain(f"{staging} has no column with the label {name!r}, so its values are not loaded")
                self._instance.ledger.note("field", f"{staging}.{name}", "no column has this label; not loaded")
            elif name not in own:
                session.explain(f"{staging} has no column {name}; only the scripts of its transform maps see the value")
        access = session.without_access_control().table(staging)
        number = position or ImportRuns(self._instance).next_position(import_set)
        return access.insert(
            {**own, "sys_import_set": import_set.sys_id, "sys_import_row": number, "sys_import_state": PENDING}
        )

    def _transform(
        self,
        session: Session,
        import_set: Record,
        row: Record,
        given: Mapping[str, str],
        shared: TransformRun | None = None,
        map_id: str = "",
    ) -> list[dict[str, str]]:
        instance = self._instance
        maps = [each for each in maps_of(instance, row.table) if map_id in ("", each.sys_id)]
        elevated = session.without_access_control()
        rows = elevated.table(row.table)
        if not maps:
            rows.update(row.sys_id, {"sys_import_state": ERROR, "sys_import_state_comment": NO_MAP})
            if instance.property("sandtable.import.no_map", "empty") == "error":
                return [{"status": ERROR, "error_message": NO_MAP}]
            return []
        runs = ImportRuns(instance)
        results: list[dict[str, str]] = []
        for each in maps:
            may_read = not instance.dictionary.has(each.target_table) or instance.access.can(
                session, "read", each.target_table
            )
            outcome = transform(elevated, each, row, given, may_read=may_read, run=shared)
            run = runs.count(elevated, import_set, outcome)
            error = runs.record_errors(elevated, row, run, outcome)
            note(
                elevated,
                row,
                {
                    "sys_import_state": outcome.state,
                    "sys_import_state_comment": outcome.comment,
                    "sys_target_table": each.target_table,
                    "sys_target_sys_id": outcome.target_sys_id,
                    "sys_transform_map": each.sys_id,
                    "import_set_run": run,
                    "sys_row_error": error,
                },
            )
            results += outcome.elements
        return results


__all__ = ["NO_CHANGE", "ImportResult", "ImportSets"]
