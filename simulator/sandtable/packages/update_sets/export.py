"""Update sets of an instance as files that load elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.query import condition
from sandtable.core.values.errors import RecordNotFound
from sandtable.packages.writing import text, unload_document

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

SETS, UPDATES, REMOTE = "sys_update_set", "sys_update_xml", "sys_remote_update_set"
SCOPES = "sys_scope"
KEPT = ("action", "application", "category", "comments", "name", "payload", "payload_hash", "replace_on_upgrade")
ALSO = ("sys_id", "sys_created_on", "sys_created_by", "sys_mod_count", "sys_recorded_at", "sys_updated_on")
MORE = ("sys_updated_by", "table", "target_name", "type", "update_domain", "update_guid", "view")


def update_set_document(session: Session, sys_id: str) -> str:
    """Return a set with its updates as an export; raises RecordNotFound. They come in the order of their sys_ids."""
    found = session.table(SETS).find(sys_id)
    if found is None:
        raise RecordNotFound
    updates = sorted(session.table(UPDATES).query(condition("update_set", "=", sys_id)), key=lambda each: each.sys_id)
    elements = [_head(session, found), *(_update(each, found.sys_id) for each in updates)]
    return unload_document(elements, session.instance.clock.text())


def _head(session: Session, found: Record) -> str:
    owner = session.table(SCOPES).find(found["application"])
    values = {
        "application": found["application"],
        "application_name": owner["name"] if owner is not None else "",
        "application_scope": owner["scope"] if owner is not None else "",
        "application_version": owner["version"] if owner is not None else "",
        "description": found["description"],
        "name": found["name"],
        "origin_sys_id": found["origin_sys_id"],
        "parent": "",
        "release_date": found["release_date"],
        "remote_sys_id": found.sys_id,
        "state": "loaded",
        "sys_id": found.sys_id,
    }
    return _element(REMOTE, values)


def _update(record: Record, owner: str) -> str:
    values = {name: record.get(name) or "" for name in (*KEPT, *ALSO, *MORE)}
    return _element(UPDATES, {**values, "remote_update_set": owner})


def _element(table: str, values: dict[str, str]) -> str:
    fields = "".join(f"<{name}>{text(value)}</{name}>" if value else f"<{name}/>" for name, value in values.items())
    return f'<{table} action="INSERT_OR_UPDATE">{fields}</{table}>'
