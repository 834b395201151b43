"""The Identification and Reconciliation API: configuration items from a source, identified before they are written.

Source: ServiceNow documentation, Identification and Reconciliation API. A payload that fails is answered with 200
and `hasError`. An item is known by what its source calls it (sys_object_source), else by serial number, else by name.
Not simulated: identifier and reconciliation rules of one's own, lookup and related items, incomplete payloads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandtable.core.applications import cmdb
from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Handler, Resource, ScriptRequest
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import BadRequest, PlatformError

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

SCOPE = "sn_cmdb"
BASE = "/api/now/identifyreconcile"
SERVICE = "Identification and Reconciliation [now/identifyreconcile]"
SOURCES = "sys_object_source"
INVALID, MISSING = "INVALID_INPUT_DATA", "MISSING_MATCHING_ATTRIBUTES"
UNKNOWN = "Unknown"


class _Abandoned(Exception):
    """Nothing of the payload is to be kept."""


@dataclass(slots=True)
class Outcome:
    """What became of one member of the payload: its answer, and the record it stands for."""

    answer: dict[str, Any]
    sys_id: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)

    def shown(self, *, committed: bool) -> dict[str, Any]:
        """Return the member of the answer; a record that was not kept has no sys_id."""
        known = self.sys_id if committed or self.answer.get("operation") != "INSERT" else ""
        said = self.answer | {"sysId": known or UNKNOWN}
        return {**said, "errors": self.errors, "errorCount": len(self.errors)} if self.errors else said


def endpoint(*, commits: bool, enhanced: bool) -> Handler:
    """Return the script that writes a payload, or only says what would be written."""

    def answer(request: ScriptRequest) -> dict[str, Any]:
        session = request.session
        items, relations = _members(request.body, "items"), _members(request.body, "relations")
        partial = enhanced and "partial_payloads:true" in request.query.get("sysparm_options", "").replace(" ", "")
        done: list[Outcome] = []
        linked: list[Outcome] = []
        failed = False
        try:
            with session.instance.transaction():
                source = request.query.get("sysparm_data_source", "")
                done = [_item(session, source, number, item) for number, item in enumerate(items)]
                linked = [_relation(session, done, number, each) for number, each in enumerate(relations)]
                failed = any(each.errors for each in (*done, *linked))
                if not commits or (failed and not partial):
                    raise _Abandoned
        except _Abandoned:
            pass
        committed = commits and (partial or not failed)
        return {
            "items": [each.shown(committed=committed) for each in done],
            "relations": [each.shown(committed=committed) for each in linked],
            **({"hasError": True} if failed else {}),
        }

    return answer


def _members(body: object, name: str) -> list[Mapping[str, Any]]:
    given = body.get(name, []) if isinstance(body, dict) else None
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise BadRequest("Invalid request body", f"The body must be an object whose {name} is a list of objects")
    return given


def _item(session: Session, source: str, number: int, item: Mapping[str, Any]) -> Outcome:
    class_name = item.get("className")
    outcome = Outcome({"className": class_name, "operation": "NO_CHANGE", "inputIndices": [number]})
    try:
        _write(session, source, item, outcome)
    except PlatformError as error:
        outcome.errors.append({"error": INVALID, "message": ": ".join(filter(None, [error.message, error.detail]))})
    return outcome


def _write(session: Session, source: str, item: Mapping[str, Any], outcome: Outcome) -> None:
    class_name, values = item.get("className"), item.get("values", {})
    if not isinstance(class_name, str) or not isinstance(values, dict):
        raise BadRequest("Invalid item", "className must be a text, and values an object")
    cmdb.check_class(session, class_name)
    choices = [choice.value for choice in session.instance.dictionary.choices(class_name, cmdb.SOURCE)]
    if source not in choices:
        said = f"In payload invalid data source [{source or 'null'}] exist"
        outcome.errors.append({"error": INVALID, "message": f"{said}; it must be one of {', '.join(choices)}"})
        return
    info = item.get("sys_object_source_info")
    key = info if isinstance(info, dict) else {}
    called = _called(key)
    known = _known(session, class_name, called) or cmdb.identified(session, class_name, values)
    attributes = [name for name in cmdb.IDENTIFIERS if values.get(name)]
    if known is None and not attributes and not key:
        wanted = ", ".join(cmdb.IDENTIFIERS)
        outcome.errors.append({"error": MISSING, "message": f"{class_name} is identified by one of {wanted}"})
        return
    outcome.answer["identificationAttempts"] = [
        {
            "attributes": attributes,
            "identifierName": f"{class_name} rule",
            "result": "MATCHED" if known is not None else "NO_MATCH",
            "searchOnTable": class_name,
        }
    ]
    access = session.table(class_name)
    if known is None:
        made = access.insert({**values, cmdb.SOURCE: source})
        outcome.answer["operation"] = "INSERT"
    else:
        before = known["sys_mod_count"]
        made = session.table(known.table).update(known.sys_id, {**values, cmdb.SOURCE: source})
        outcome.answer["operation"] = "NO_CHANGE" if made["sys_mod_count"] == before else "UPDATE"
    outcome.answer["identifierEntrySysId"] = stable_id("cmdb_identifier_entry", class_name)
    outcome.sys_id = made.sys_id
    _remember(session, class_name, called, made)


def _called(key: Mapping[str, Any]) -> dict[str, str]:
    """Return what the source calls an item, as columns of its row; empty for one that it does not name in full."""
    called = {"name": str(key.get("source_name") or ""), "id": str(key.get("source_native_key") or "")}
    return called if all(called.values()) else {}


def _known(session: Session, class_name: str, called: Mapping[str, str]) -> Record | None:
    if not called:
        return None
    rows = session.without_access_control().table(SOURCES)
    found = rows.page("", limit=None, offset=0, count=False, filters=called).records
    items = (session.table(class_name).find(row["target_sys_id"]) for row in found)
    return next((item for item in items if item is not None), None)


def _remember(session: Session, class_name: str, called: Mapping[str, str], item: Record) -> None:
    if not called:
        return
    rows = session.without_access_control().table(SOURCES)
    row = {**called, "target_sys_id": item.sys_id}
    seen = {"target_table": class_name, "last_scan": session.instance.clock.text()}
    found = rows.first(filters=row)
    if found is not None:
        rows.update(found.sys_id, seen)
    else:
        rows.insert(row | seen)


def _relation(session: Session, items: list[Outcome], number: int, relation: Mapping[str, Any]) -> Outcome:
    outcome = Outcome({"className": cmdb.RELATIONS, "operation": "NO_CHANGE", "inputIndices": [number]})
    ends = [relation.get(end) for end in ("parent", "child")]
    if not all(isinstance(end, int) and not isinstance(end, bool) and 0 <= end < len(items) for end in ends):
        outcome.errors.append({"error": INVALID, "message": "parent and child are indexes of items of the payload"})
        return outcome
    name = str(relation.get("type") or "")
    kind = session.table(cmdb.TYPES).first(filters={"name": name}) if name else None
    if kind is None:
        outcome.errors.append({"error": INVALID, "message": f"No such relationship [{name}] in {cmdb.TYPES}"})
        return outcome
    parent, child = (items[int(end)].sys_id for end in ends if end is not None)
    if not (parent and child):
        outcome.errors.append({"error": "ABANDONED", "message": "An item of this relation has errors"})
        return outcome
    row = {"parent": parent, "child": child, "type": kind.sys_id}
    access = session.table(cmdb.RELATIONS)
    found = access.first(filters=row)
    if found is None:
        outcome.answer["operation"] = "INSERT"
        found = access.insert(row)
    outcome.sys_id = found.sys_id
    return outcome


APPLICATION = Application(
    scope=SCOPE,
    name="CMDB Identification and Reconciliation",
    version="1.0.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Writes configuration items of a source, identified first",
    resources=tuple(
        Resource(
            "POST",
            f"{BASE}{path}",
            endpoint(commits=commits, enhanced=enhanced),
            roles=("itil", "asset"),
            scope="global",
            service=SERVICE,
        )
        for path, commits, enhanced in (
            ("", True, False),
            ("/query", False, False),
            ("/enhanced", True, True),
            ("/queryEnhanced", False, True),
        )
    ),
)
