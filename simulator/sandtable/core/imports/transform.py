"""One staging row through one transform map: field maps, coalesce, scripts, the target record, and what came of it.

Source: ServiceNow documentation, transform maps and coalesce; the texts of ignored and refused rows as recorded from
the Import Set API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandtable.core.imports.field_mapping import INVALID_TARGET, SCRIPT_ERROR, FieldRejected, convert
from sandtable.core.imports.row_transform import (
    InstalledScripts,
    RowTransform,
    SourceScripts,
    TransformRun,
    TransformScript,
)
from sandtable.core.imports.transform_maps import (
    ON_AFTER,
    ON_BEFORE,
    ON_COMPLETE,
    ON_MAP,
    ON_REJECT,
    ON_START,
    FieldMap,
    TransformMap,
)
from sandtable.core.imports.transform_scripts import scripts_of
from sandtable.core.platform.display import record_display
from sandtable.core.platform.writing.rules import FieldValues
from sandtable.core.values.errors import OperationFailed, PlatformError, ScopeAccessNotGranted, TableScopeRefused

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.columns import Column

INSERTED, UPDATED, IGNORED, SKIPPED, ERROR = "inserted", "updated", "ignored", "skipped", "error"
NO_CHANGE = "No field values changed"
NOT_FOUND = "Target record not found"
REFUSED_BY_SCRIPT = "Row transform ignored by onBefore script"
MISSING_COALESCE = "Unable to resolve target record, coalesce values not present: {}"
COALESCE_MISSING = 500
CLEARED = "NULL"  # the text that empties a target field


class RowError:
    """Why a row failed: the platform's code, the text, and the fields it is about."""

    __slots__ = ("code", "message", "source_field", "target_field")

    def __init__(self, code: int, message: str, entry: FieldMap | None = None) -> None:
        self.code = code
        self.message = message
        self.source_field = entry.source_field if entry is not None else ""
        self.target_field = entry.target_field if entry is not None else ""


class Outcome:
    """What one map made of a row: the elements of the answer, the state of the row, and the errors to record."""

    __slots__ = ("comment", "elements", "errors", "map", "state", "target_sys_id")

    def __init__(self, transform_map: TransformMap) -> None:
        self.map = transform_map
        self.elements: list[dict[str, str]] = []
        self.state = ERROR
        self.comment = ""
        self.target_sys_id = ""
        self.errors: list[RowError] = []


def transform(
    session: Session,
    transform_map: TransformMap,
    row: Record,
    given: Mapping[str, str],
    *,
    may_read: bool,
    run: TransformRun | None = None,
) -> Outcome:
    """Run one map on a staging row and return what came of it. What a refused row wrote is taken back.

    `session` is the loading user's, without access control. `may_read` tells whether that user may see target records:
    without it the answer names the target record but does not show it. `run` is what the rows of a set share.
    """
    context = RowTransform(session, transform_map, row, given)
    if run is not None:
        context.run = run
    outcome = Outcome(transform_map)
    scripts = [
        script
        for script in (*scripts_of(row.table), *session.instance.part(InstalledScripts).of(session.instance, row.table))
        if script.map_name in ("", transform_map.name)
    ]
    store = session.instance.store
    mark = store.mark()
    try:
        _run(context, scripts, ON_START)
        _map_fields(context, outcome, scripts, before=True)
        _coalesce(context)
        if not context.run.ignored:
            given_values = FieldValues(context.source)
            _run(context, scripts, ON_BEFORE)
            _map_fields(context, outcome, scripts, before=False, changed=_changed(given_values, context.source))
            _run(context, scripts, ON_MAP)
        context.ignore = context.ignore or context.run.ignored
        element = _refused(context, outcome) or _written(context, outcome, scripts, may_read=may_read)
    except FieldRejected as refusal:
        store.rewind(mark)
        outcome.errors.append(RowError(refusal.code, refusal.message, refusal.entry))
        context.error_message = refusal.message
        _run_apart(context, scripts, ON_REJECT)
        element = _error(context, outcome)
    except PlatformError as refusal:
        if not isinstance(refusal, ScopeAccessNotGranted | TableScopeRefused):  # the privilege just requested stays
            store.rewind(mark)
        context.error_message = _text(refusal)
        outcome.errors.append(RowError(SCRIPT_ERROR, context.error_message))
        element = _error(context, outcome)
    finally:
        store.release(mark)
    context.results = [element]
    _run_apart(context, scripts, ON_COMPLETE)
    outcome.elements = context.results
    return outcome


def _run(context: RowTransform, scripts: list[TransformScript], when: str) -> None:
    session = context.session
    for script in scripts:
        if script.when == when:
            context.session = session.in_scope(script.scope)
            try:
                script.script(context)
            finally:
                context.session = session


def _run_apart(context: RowTransform, scripts: list[TransformScript], when: str) -> None:
    """Run scripts whose failure changes nothing of what became of the row; it is logged, and their writes undone."""
    try:
        with context.instance.transaction():
            _run(context, scripts, when)
    except PlatformError as refusal:
        context.instance.log("error", f"import {context.row.table}", f"{when}: {_text(refusal)}")


def _text(refusal: PlatformError) -> str:
    return (refusal.detail or refusal.message) if isinstance(refusal, OperationFailed) else refusal.message


# from source to target -----------------------------------------------------------------------------------------------


def _changed(before: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the source's columns that a script has changed."""
    if before == now:
        return frozenset()
    return frozenset(name for name in {*before, *now} if before.get(name, "") != now.get(name, ""))


def _map_fields(
    context: RowTransform,
    outcome: Outcome,
    scripts: list[TransformScript],
    *,
    before: bool,
    changed: frozenset[str] = frozenset(),
) -> None:
    """Put into the target what the field maps say: `before` the scripts all that needs none, afterwards the rest.

    What a script has `changed` in the source is copied again; a source script runs afterwards, or before when its
    answer is what rows are matched by.
    """
    transform_map, dictionary = context.map, context.instance.dictionary
    if not dictionary.has(transform_map.target_table):
        raise PlatformError("Invalid table")
    for entry in transform_map.entries:
        if entry.scripted and before != entry.coalesce:
            continue
        if not entry.scripted and not before and entry.source_field not in changed:
            continue
        column = dictionary.column(transform_map.target_table, entry.target_field)
        if column is None:
            message = f"Invalid target field: {transform_map.target_table}.{entry.target_field}"
            outcome.errors.append(RowError(INVALID_TARGET, message, entry))
            continue
        value = _mapped(context, column, entry, scripts)
        if value is not None:
            context.target[entry.target_field] = value


def _mapped(context: RowTransform, column: Column, entry: FieldMap, scripts: list[TransformScript]) -> str | None:
    text = context.source[entry.source_field]
    if entry.scripted:
        value = context.instance.part(SourceScripts).value
        answer = value(context, entry) if value is not None else None
        if value is None:
            context.instance.ledger.note(
                "script", "sys_transform_entry", f"the source script for {entry.target_field} is not run"
            )
        if answer is None or (entry.target_field == "sys_id" and answer == "-1"):
            return None
        text = answer
    if text == CLEARED:
        return ""
    if not text:
        return "" if context.map.copy_empty_fields else None

    def may_create(when: str) -> bool:
        """Ask the scripts of the map whether a referenced record or a choice may be made."""
        ignored, context.ignore = context.ignore, False
        context.run.kept |= {"name": entry.target_field, "value": text}
        _run(context, scripts, when)
        refused, context.ignore = context.ignore, ignored
        return not refused

    return convert(context.session, context.map.target_table, column, entry, text, may_create=may_create)


def _coalesce(context: RowTransform) -> None:
    entries = context.map.coalescing
    if not entries:
        return
    wanted: dict[str, str] = {}
    exact = []
    for entry in entries:
        value = context.target[entry.target_field]
        if not value and entry.scripted and entry.target_field == "sys_id":
            return  # the script says that no record is meant, so a new one is
        if not value and not entry.coalesce_empty_fields:
            context.skip = not context.map.create_new_record_on_empty_coalesce_fields
            if context.skip:
                context.error_message = MISSING_COALESCE.format(entry.target_field)
            return
        wanted[entry.target_field] = value
        if entry.coalesce_case_sensitive:
            exact.append(entry.target_field)
    for record in matching(context.session, context.map.target_table, wanted):
        if all(record[field] == wanted[field] for field in exact):
            context.existing = record
            return


def matching(session: Session, table: str, wanted: Mapping[str, str]) -> list[Record]:
    """Return the records whose columns hold the wanted stored values (upper and lower case alike), oldest first."""
    return session.table(table).holding(wanted)


# outcomes ------------------------------------------------------------------------------------------------------------


def _refused(context: RowTransform, outcome: Outcome) -> dict[str, str] | None:
    if context.ignore:
        context.error_message = context.error_message or NOT_FOUND
        context.status_message = context.status_message or REFUSED_BY_SCRIPT
        return _error(context, outcome)
    if context.skip:
        # The row is skipped, and its answer an error: both texts say which value is missing.
        context.error_message = context.error_message or MISSING_COALESCE.format("")
        context.status_message = context.status_message or context.error_message
        outcome.errors.append(RowError(COALESCE_MISSING, context.error_message))
        element = _finished(context, outcome, SKIPPED)
        return {**element, "status": ERROR, "error_message": context.error_message}
    missing = _missing(context)
    if missing:
        context.error_message = f"Mandatory fields are empty: {', '.join(missing)}"
        outcome.errors.append(RowError(INVALID_TARGET, context.error_message))
        return _error(context, outcome)
    return None


def _missing(context: RowTransform) -> list[str]:
    """Return the labels of the mandatory columns that would be empty, as far as the map enforces them."""
    enforced = context.map.enforce_mandatory_fields
    if enforced == "no":
        return []
    mapped = {entry.target_field for entry in context.map.entries}
    stored: Mapping[str, str] = context.existing or {}
    return [
        column.label
        for name, column in context.instance.dictionary.columns(context.map.target_table).items()
        if column.mandatory
        and (enforced == "allFields" or name in mapped)
        and not (context.target[name] if name in context.target else stored.get(name) or column.default)
    ]


def _written(
    context: RowTransform, outcome: Outcome, scripts: list[TransformScript], *, may_read: bool
) -> dict[str, str]:
    session = context.session if context.apply_data_policies else context.session.for_import()
    if not context.map.run_business_rules:
        session = session.without_business_rules()
    access = session.table(context.map.target_table)
    before = context.existing
    if before is None:
        record, state = access.insert(context.target), INSERTED
    else:
        record = access.update(before.sys_id, context.target)
        state = UPDATED if record["sys_mod_count"] != before["sys_mod_count"] else IGNORED
    context.done = context.action
    context.existing = record
    _run(context, scripts, ON_AFTER)
    if state == IGNORED:
        context.status_message = context.status_message or NO_CHANGE
    outcome.target_sys_id = record.sys_id
    shown = {
        "display_name": context.instance.dictionary.display_column(record.table),
        "display_value": record_display(context.session, record.table, record.sys_id),
    }
    element = _finished(context, outcome, state, shown if may_read else {"display_value": ""})
    element["sys_id"] = record.sys_id
    return element


def _error(context: RowTransform, outcome: Outcome) -> dict[str, str]:
    context.instance.log("error", f"import {context.row.table}", context.error_message)
    element = _finished(context, outcome, ERROR)
    element["error_message"] = context.error_message
    outcome.comment = context.error_message
    return element


def _finished(
    context: RowTransform, outcome: Outcome, state: str, shown: Mapping[str, str] | None = None
) -> dict[str, str]:
    outcome.state, outcome.comment = state, context.status_message
    element = {"transform_map": context.map.name, "table": context.map.target_table, **(shown or {}), "status": state}
    if context.status_message:
        element["status_message"] = context.status_message
    return {**element, **context.response}
