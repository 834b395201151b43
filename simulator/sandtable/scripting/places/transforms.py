"""Scripts of transform maps: those of the map itself, of its events, and of its field maps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sandtable.core.imports.row_transform import TransformScript
from sandtable.core.imports.transform_maps import ON_COMPLETE, ON_MAP, ON_START, TABLES
from sandtable.core.schema.stored_values import stored_value
from sandtable.core.security.scope_privileges import GLOBAL
from sandtable.core.values.errors import PlatformError
from sandtable.scripting.engine.failures import ScriptThrew
from sandtable.scripting.places.telling import scope_of, tell

if TYPE_CHECKING:
    from sandtable.core.imports.row_transform import RowTransform
    from sandtable.core.imports.transform_maps import FieldMap
    from sandtable.core.platform.contracts import Instance
    from sandtable.scripting.pool import Pool
    from sandtable.scripting.run import Run

MOMENTS = ("onStart", "onBefore", "onMap", "onAfter", "onReject", "onComplete", "onForeignInsert", "onChoiceCreate")


@dataclass(frozen=True, slots=True)
class _Script:
    name: str
    text: str


def scripts_of(pool: Pool, instance: Instance, staging: str) -> tuple[TransformScript, ...]:
    """Return a step for each moment of each map that has scripts, in the order of the maps."""
    return instance.cached(("scripts of maps", staging), TABLES, lambda: _read(pool, instance, staging))


def _read(pool: Pool, instance: Instance, staging: str) -> tuple[TransformScript, ...]:
    system = instance.system()
    found: list[TransformScript] = []
    for record in system.table("sys_transform_map").query(f"source_table={staging}^active=true"):
        moments: dict[str, list[_Script]] = {}
        for each in system.table("sys_transform_script").query(f"map={record.sys_id}^active=true^ORDERBYorder"):
            if each["script"].strip() and each["when"] in MOMENTS:
                name = f"sys_transform_script {record['name']} {each['when']}"
                moments.setdefault(each["when"], []).append(_Script(name, each["script"]))
        if record["run_script"] == "true" and record["script"].strip():
            moments.setdefault(ON_MAP, []).append(_Script(f"sys_transform_map {record['name']}", record["script"]))
        scope = scope_of(instance, record)
        for when, scripts in moments.items():
            step = partial(_step, pool, record.sys_id, when, tuple(scripts))
            found.append(TransformScript(staging, when, step, scope, map_name=record["name"]))  # type: ignore[arg-type]
    return tuple(found)


def _step(pool: Pool, map_id: str, when: str, scripts: tuple[_Script, ...], row: RowTransform) -> None:
    if row.map.sys_id != map_id:  # another map of the same name
        return
    if (when == ON_START and not row.run.first) or (when == ON_COMPLETE and not row.run.last):
        return
    with pool.run(row.session) as run:
        pool.rearm(run)
        scope = row.session.scope
        with run.in_scope(scope):
            try:
                request = _request(run, row, when) | {"scope": scope}
                request["scripts"] = [run.package(each.name, each.text) for each in scripts]
                answer = run.enter("transform", scripts[0].name, request)
            except ScriptThrew as error:
                tell(row.session, error, f"{when} of transform map {row.map.name}")
                raise PlatformError(error.message) from error
    _take(row, when, answer)


def _request(run: Run, row: RowTransform, when: str) -> dict[str, Any]:
    variables: dict[str, Any] = {"status_message": row.status_message, "error_message": row.error_message}
    request: dict[str, Any] = {
        "staging": row.row.table,
        "row": row.row.sys_id,
        "source": dict(row.source) if when != ON_START else {},
        "map": row.map.sys_id,
        "import_set": row.row["sys_import_set"],
        "log_source": row.map.name,
        "variables": variables,
        "target": None,
        "saved": when == "onAfter",
    }
    if when in (ON_START, ON_COMPLETE):
        return request
    variables["action"] = "insert" if row.action == "insert" else "update"
    if "name" in row.run.kept:
        variables |= {"name": row.run.kept["name"], "value": row.run.kept["value"]}
    request["target"] = _target(row, saved=when == "onAfter")
    request["response"] = dict(row.response)
    return request


def _target(row: RowTransform, *, saved: bool) -> dict[str, Any]:
    existing = row.existing
    target: dict[str, Any] = {"table": row.map.target_table, "values": {} if saved else dict(row.target)}
    if existing is not None:
        target |= {"table": existing.table, "sys_id": existing.sys_id, "stored": dict(existing)}
    return target


def _take(row: RowTransform, when: str, answer: dict[str, Any]) -> None:
    instance = row.instance
    row.source.update(answer["source"])
    row.response.update(answer.get("response", {}))
    if when == "onAfter":
        changes = answer.get("target", {})
        if changes:
            row.session.explain("what onAfter assigns to target is not saved without target.update()")
    elif when not in (ON_START, ON_COMPLETE):
        columns = instance.dictionary.columns(row.map.target_table)
        for field, text in answer.get("target", {}).items():
            if field in columns:
                row.target[field] = text if columns[field].is_journal else stored_value(columns[field], text)
    row.status_message = answer["status_message"] or row.status_message
    if answer["error"]:
        row.run.stopped = True
        row.ignore = True
        row.error_message = answer["error_message"] or f"Transform stopped by {when} script"
        row.status_message = row.status_message or "Transform stopped by script"
        if when == ON_START:
            row.run.ignored = True
        return
    row.error_message = answer["error_message"] or row.error_message
    if answer["ignore"] or answer.get("aborted"):
        if when == ON_START:
            row.run.ignored = True
        row.ignore = True


def source_value(pool: Pool, row: RowTransform, entry: FieldMap) -> str | None:
    """Return the `answer` of a field map's source script, or None for nothing. Raises PlatformError when it fails."""
    record = row.instance.system().table("sys_transform_entry").find(entry.sys_id)
    text = record["source_script"] if record is not None else ""
    if not text.strip():
        return None
    name = f"sys_transform_entry {row.map.name} {entry.target_field}"
    map_record = row.instance.system().table("sys_transform_map").find(row.map.sys_id)
    scope = scope_of(row.instance, map_record) if map_record is not None else GLOBAL
    with pool.run(row.session) as run:
        pool.rearm(run)
        with run.in_scope(scope):
            try:
                request = _request(run, row, "source") | {"scope": scope, "answer": True}
                request["scripts"] = [run.package(name, text, value=True)]
                answer: str | None = run.enter("transform", name, request)["answer"]
            except ScriptThrew as error:
                tell(row.session, error, f"source script of {entry.target_field} in transform map {row.map.name}")
                raise PlatformError(error.message) from error
    return answer
