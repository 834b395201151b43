"""Changes that people make to application files are recorded in update sets, a file once in a set, with its versions.

What the platform does by itself is not recorded, nor are rows of data. Layouts of forms and lists are not either, since
the product records those from its designers and not from their records. Source: ServiceNow documentation, system update
sets; files of sets.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sandtable.core.platform.display import record_display
from sandtable.core.platform.writing.rules import DELETE as DELETING
from sandtable.core.platform.writing.rules import INSERT, UPDATE, BusinessRule, RuleContext
from sandtable.core.query import condition, conjunction
from sandtable.packages.records import DELETE, PUT
from sandtable.packages.writing import choices_document, update_document, update_name

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

SWITCH = "sandtable.update_sets.capture"
SETS, UPDATES, VERSIONS, TOMBSTONES = "sys_update_set", "sys_update_xml", "sys_update_version", "sys_metadata_delete"
PREFERENCES, PICKED = "sys_user_preference", "sys_update_set"
GLOBAL, IN_PROGRESS = "global", "in progress"
CHOICES = "sys_choice"
# Tables whose records are application files although they do not extend sys_metadata here.
MORE = (CHOICES, "sys_documentation", "sys_user_role", "sys_user_role_contains", "sys_app")
# What the product records from its designers, or never.
NOT_CAPTURED = frozenset(
    {
        *("sys_ui_section", "sys_ui_form", "sys_ui_list", "sys_ui_list_element", "sys_ui_related_list"),
        *(TOMBSTONES, "sys_metadata_link"),
    }
)
LABELS = {"sys_dictionary": "Dictionary", "sys_documentation": "Field Label", CHOICES: "Choice list"}
# The column that says what table a file is about.
ABOUT = ("collection", "table", "name", "model_table", "target_table", "category")
EVERY = frozenset({INSERT, UPDATE, DELETING})


def current_set(session: Session, application: str) -> Record:
    """Return the set that a user's changes to an application go to: the chosen one if it fits, else the default set.

    The default set of an application is made by its first change.
    """
    rows = session.table(SETS)
    mine = conjunction(condition("user", "=", session.user_sys_id), condition("name", "=", PICKED))
    picked = session.table(PREFERENCES).first(mine)
    chosen = rows.find(picked["value"]) if picked is not None and picked["value"] else None
    if chosen is not None and chosen["state"] == IN_PROGRESS and (chosen["application"] or GLOBAL) == application:
        return chosen
    wanted = {"is_default": "true", "state": IN_PROGRESS, "application": application}
    return rows.first(filters=wanted) or rows.insert({"name": "Default", **wanted})


def record_update(
    session: Session, record: Record, *, removed: bool = False, owner: Record | None = None
) -> Record | None:
    """Enter a change of a file into a set, the current one if none is given, and among the versions of the file.

    Return its update.

    None for a table that is not recorded. `session` is that of the user, without access control.
    """
    if record.table in NOT_CAPTURED:
        return None
    name, payload, action = _described(session, record, removed=removed)
    application = record.get("sys_scope") or (record.sys_id if record.table == "sys_app" else "") or GLOBAL
    owner = owner or current_set(session, application)
    guid, recorded = session.instance.new_sys_id(), _recorded_at(session)
    values = {
        "name": name,
        "action": action,
        "type": _kind(session, record),
        "application": application,
        "payload": payload,
        "target_name": record_display(session, record.table, record.sys_id) or record.get("name") or name,
        "update_guid": guid,
    }
    found = session.table(UPDATES).first(filters={"name": name, "update_set": owner.sys_id})
    more = {
        "table": _about(record),
        "category": "customer",
        "sys_recorded_at": recorded,
        "payload_hash": _signed(zlib.crc32(payload.encode())),
    }
    if found is None:
        update = session.table(UPDATES).insert({**values, **more, "update_set": owner.sys_id})
    else:
        update = session.table(UPDATES).update(found.sys_id, {**values, **more})
    version = _version(session, record, {**values, "source": owner.sys_id, "source_table": SETS})
    if removed and application != GLOBAL:
        session.table(TOMBSTONES).insert(
            {"sys_metadata": record.sys_id, "sys_db_object": record.table, "sys_update_version": version.sys_id}
        )
    return update


def keep_version(session: Session, record: Record, source_table: str, source: str) -> None:
    """Keep what a file is now among its versions, as what a source made of it or found."""
    name, payload, action = _described(session, record, removed=False)
    values = {"name": name, "action": action, "payload": payload, "source_table": source_table, "source": source}
    _version(
        session, record, {**values, "type": _kind(session, record), "application": record.get("sys_scope") or GLOBAL}
    )


def _described(session: Session, record: Record, *, removed: bool) -> tuple[str, str, str]:
    """Return the name, the payload and the action of an update of a file.

    Choices are one update a column: the whole list, or its deletion with the last of them.
    """
    if record.table == CHOICES:
        return _choices(session, record)
    action = DELETE if removed else PUT
    return update_name(record), update_document(session, record, action), action


def _kind(session: Session, record: Record) -> str:
    return LABELS.get(record.table) or session.instance.dictionary.table(record.table).label


def _version(session: Session, record: Record, values: dict[str, str]) -> Record:
    versions = session.table(VERSIONS)
    for earlier in versions.query(
        conjunction(condition("name", "=", values["name"]), condition("state", "=", "current"))
    ):
        versions.update(earlier.sys_id, {"state": "previous"})
    named = {"record_name": record.get("sys_name") or values.get("target_name", ""), "state": "current"}
    return versions.insert({**values, **named, "instance_name": session.instance.name})


def _choices(session: Session, record: Record) -> tuple[str, str, str]:
    table, column = record["name"], record["element"]
    wanted = conjunction(condition("name", "=", table), condition("element", "=", column))
    listed = sorted(session.table(CHOICES).query(wanted), key=lambda each: (each["sequence"].zfill(9), each["value"]))
    document = choices_document(session, table, column, listed)
    return f"{CHOICES}_{table}_{column}", document, PUT if listed else DELETE


def _about(record: Record) -> str:
    for column in ABOUT:
        value = record.get(column)
        if value and (column != "name" or record.table in ("sys_dictionary", "sys_documentation", CHOICES)):
            return value
    return ""


def _recorded_at(session: Session) -> str:
    """Return a moment as text that sorts: milliseconds, then a number that keeps those of one moment in order."""
    return f"{int(session.instance.clock.timestamp() * 1000):x}{session.table(VERSIONS).count():07x}"


def _signed(number: int) -> str:
    return str(number - (1 << 32) if number >= 1 << 31 else number)


def _capture(context: RuleContext) -> None:
    session, instance = context.elevated, context.instance
    if session.user is None or not instance.property_is_true(SWITCH, True):
        return
    record = context.previous if context.operation == DELETING else context.record
    if record is not None:
        record_update(session, record, removed=context.operation == DELETING)


RULES = tuple(
    BusinessRule("Record the change in an update set", table, "after", EVERY, _capture, order=99_000)
    for table in ("sys_metadata", *MORE)
)
