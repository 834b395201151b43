"""Saving a form: what was typed becomes what is stored, and nothing of it is lost when that is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, request

from sandtable.core.platform.writing.script_host import Scripts
from sandtable.core.schema.columns import JOURNAL_TYPES
from sandtable.core.schema.private_values import is_private
from sandtable.core.values.errors import Aborted, DataPolicyViolation, PlatformError, RecordNotFound, UniqueViolation
from sandtable.core.values.passwords import TypedPassword
from sandtable.web.console.forms.fields import kind_of, mark_of, stored_of, text_of
from sandtable.web.console.forms.layout import form_layout
from sandtable.web.console.forms.page import NEW, columns_shown, draw_form, last_list, new_record
from sandtable.web.console.forms.rights import rights_of
from sandtable.web.console.lists.actions import refuse_forgery
from sandtable.web.console.sign_in import redirect
from sandtable.web.console.visitor import SCOPE_PICKED, inside, preference, wait_for_form

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.core.schema.columns import Column
    from sandtable.web.console.visitor import Visitor
    from sandtable.web.transaction import Transaction

INSERT, INSERT_AND_STAY = "sysverb_insert", "sysverb_insert_and_stay"
UPDATE, UPDATE_AND_STAY, DELETE = "sysverb_update", "sysverb_update_and_stay", "sysverb_delete"
ACTIONS = (INSERT, INSERT_AND_STAY, UPDATE, UPDATE_AND_STAY, DELETE)
RESUMED, SEEN, SEEN_COUNT = "sysparm_resumed", "sysparm_seen", "sysparm_mod_count"
SCRIPTS, CHECKED = frozenset(("script", "script_plain", "script_server")), "sandtable.script.check_on_forms"
INVALID = "This is no {what}; what you typed is kept below."


@dataclass(slots=True)
class Given:
    """What a form brought: values to store, what was typed by column, and what is wrong with it."""

    values: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def save(transaction: Transaction, visitor: Visitor, table: str) -> Response:
    """Do what the form asks for and lead on; a refusal shows the form again with what was typed.

    Raises ApiAccessDenied for a form without the session's token, RecordNotFound, UnknownTable.
    """
    instance, session = transaction.instance, visitor.session
    wait_for_form()
    refuse_forgery(visitor)
    form = request.form
    action = form.get("sys_action", "")
    sys_id = (form.get("sys_uniqueValue") or request.args.get("sys_id") or "").strip()
    goto = inside(form.get("sysparm_goto_url", ""))
    with instance.transaction():
        is_new = sys_id in ("", NEW)
        stored = None if is_new else session.table(table).find(sys_id)
        if stored is None and not is_new:
            # Deleted meanwhile: what was typed is shown as a new record, so that nobody has to type it again.
            if form.get(RESUMED) or any(name.startswith(f"{table}.") for name in form):
                return _gone(transaction, visitor, table, goto)
            raise RecordNotFound
        record = stored if stored is not None else new_record(session, table)
        table = record.table
        columns = columns_shown(session, table)
        given = read_form(session, record, columns, is_new=is_new)
    if form.get(RESUMED) or action not in ACTIONS:
        note = [("warning", "Your session had ended. This is what you typed; it is not saved yet.")]
        banners = note if form.get(RESUMED) else [("error", f"{action!r} is nothing that this form can do.")]
        return draw_form(
            transaction,
            visitor,
            table,
            record=record,
            typed=given.typed,
            errors=given.errors,
            banners=banners,
            goto=goto,
        )
    if action == DELETE:
        return _delete(transaction, visitor, record, goto)
    if action in (UPDATE, UPDATE_AND_STAY) and not is_new:
        theirs = conflicts(session, record, columns, given)
        if theirs:
            return _conflict(transaction, visitor, record, given, theirs, goto)
    if action in (INSERT, INSERT_AND_STAY) and not is_new:
        given.values = {**_copied(session, record, columns), **given.values}
    missing = _missing(session, record, columns, given, is_new=is_new or action in (INSERT, INSERT_AND_STAY))
    if given.errors or missing:
        return _again(transaction, visitor, record, given, missing, goto)
    try:
        with instance.transaction():
            if is_new or action in (INSERT, INSERT_AND_STAY):
                saved = session.table(table).insert(_with_scope(session, table, given.values))
            else:
                saved = session.table(table).update(record.sys_id, given.values)
    except PlatformError as error:
        return _refused(transaction, visitor, record, given, error, goto)
    return _saved(transaction, visitor, saved, action, goto, was_new=is_new or action in (INSERT, INSERT_AND_STAY))


def read_form(session: Session, record: Record, columns: Mapping[str, Column], *, is_new: bool) -> Given:
    """Return what was typed; only what differs from the stored record is to be written."""
    given = Given()
    form, table = request.form, record.table
    layout = form_layout(session.instance, table, "")
    rights = rights_of(session, record, is_new=is_new, of_form=layout.mandatory)
    seen = _seen()
    for name, column in columns.items():
        texts = form.getlist(f"{table}.{name}")
        if not texts or rights.is_read_only(column):
            continue
        # A tick box sends the text of its hidden twin first, and its own behind it when it is ticked.
        text = texts[-1].replace("\r\n", "\n")
        kind = kind_of(column)
        if column.type in JOURNAL_TYPES:
            if text.strip():
                given.values[name] = given.typed[name] = text
            continue
        if kind == "password" or is_private(record, column):
            if text:
                given.typed[name] = text
                given.values[name] = TypedPassword(text) if kind == "password" else text
            continue
        if kind == "reference":
            _read_reference(session, record, column, text, given)
            continue
        if not is_new and seen.get(name) == mark_of(text):
            continue  # as it was shown: not this user's change
        given.typed[name] = text
        if column.type in SCRIPTS:
            given.errors |= _unreadable(session, table, column, text)
            if name in given.errors:
                continue
        stored = stored_of(session, table, column, text)
        if stored is None:
            what = {"number": "number", "datetime": "date and time", "date": "date"}.get(kind, "valid value")
            given.errors[name] = INVALID.format(what=what)
        elif stored != (column.default if is_new else record[name]):
            # A default that nobody touched is not given: rules may know better what a new record begins with.
            given.values[name] = stored
    return given


def _unreadable(session: Session, table: str, column: Column, text: str) -> dict[str, str]:
    host = session.instance.part(Scripts).host
    if host is None or not text.strip() or not session.instance.property_is_true(CHECKED, True):
        return {}
    why = host.unreadable(session.instance, text, returns=table == "sys_security_acl")
    return {column.name: f"Could not save record because of a compile error: {why}"} if why else {}


def _read_reference(session: Session, record: Record, column: Column, value: str, given: Given) -> None:
    name, table = column.name, record.table
    shown = request.form.get(f"sys_display.{table}.{name}")
    text = (shown or "").strip()
    if record.sys_id == NEW or shown is None or _seen().get(name) != mark_of(text) or value != record[name]:
        given.typed[name], given.typed[f"{name} id"] = text, value
    if shown is None:
        # A program that fills in the form may send the sys_id alone, as for the product's.
        stored: str | None = value.strip()
    elif not text:
        stored = ""
    elif value and text_of(session, _with(record, name, value), column) == text:
        stored = value
    else:
        stored = stored_of(session, table, column, text)
    if stored is None:
        given.errors[name] = "Invalid reference: nothing is called that. Choose from the list."
        return
    seen = _seen().get(name)
    if record.sys_id != NEW and seen == mark_of(text) and shown is not None and stored == record[name]:
        return
    if record.sys_id == NEW or stored != record[name]:
        given.values[name] = stored


def _with(record: Record, name: str, value: str) -> Record:
    from sandtable.core.platform.record import Record as Made
    from sandtable.core.store.row import Row

    return Made(Row(record.sys_id, record.table, record.seq, {**record.values_copy(), name: value}))


def _seen() -> dict[str, str]:
    try:
        seen = json.loads(request.form.get(SEEN) or "{}")
    except ValueError:
        return {}
    return {str(name): str(mark) for name, mark in seen.items()} if isinstance(seen, dict) else {}


def conflicts(session: Session, record: Record, columns: Mapping[str, Column], given: Given) -> dict[str, str]:
    """Return what others have written meanwhile into fields that this user changed too, by column as people see it."""
    if not request.form.get(SEEN) or request.form.get(SEEN_COUNT) == record["sys_mod_count"]:
        return {}
    seen = _seen()
    theirs = {}
    for name in given.values:
        if name not in seen or name not in columns or columns[name].type in JOURNAL_TYPES:
            continue
        now = text_of(session, record, columns[name])
        if mark_of(now) != seen[name] and given.values[name] != record[name]:
            theirs[name] = now or "(empty)"
    return theirs


def _missing(
    session: Session, record: Record, columns: Mapping[str, Column], given: Given, *, is_new: bool
) -> list[str]:
    """Return the labels of fields that must not stay empty and would, and mark them."""
    layout = form_layout(session.instance, record.table, "")
    typed = {name: value for name, value in given.values.items() if columns[name].type not in JOURNAL_TYPES}
    rights = rights_of(session, record, is_new=is_new, of_form=layout.mandatory, as_typed=typed)
    labels = []
    shown = [name for section in layout.sections for name in section.names if name in columns]
    for name in dict.fromkeys((*shown, *columns)):
        column = columns[name]
        if not rights.is_mandatory(column) or f"{record.table}.{name}" not in request.form:
            continue
        if not given.values.get(name, record[name] if column.type not in JOURNAL_TYPES else "").strip():
            labels.append(column.label or name)
            given.errors.setdefault(name, "This field is mandatory.")
    return labels


def _copied(session: Session, record: Record, columns: Mapping[str, Column]) -> dict[str, str]:
    """Return what a copy of a record takes along: all but what names it and what the platform writes."""
    layout = form_layout(session.instance, record.table, "")
    rights = rights_of(session, record, is_new=True, of_form=layout.mandatory)
    return {
        name: record[name]
        for name, column in columns.items()
        if record[name] and not rights.is_read_only(column) and name != "number" and not column.unique
    }


def _with_scope(session: Session, table: str, values: Mapping[str, str]) -> dict[str, str]:
    """Put a new file of an application into the application that is picked."""
    picked = preference(session, SCOPE_PICKED, "global")
    columns = session.instance.dictionary.columns(table)
    if picked != "global" and "sys_scope" in columns and not values.get("sys_scope"):
        return {**values, "sys_scope": picked}
    return dict(values)


# what comes of it ----------------------------------------------------------------------------------------------------


def _saved(
    transaction: Transaction, visitor: Visitor, saved: Record, action: str, goto: str, *, was_new: bool
) -> Response:
    dictionary = transaction.instance.dictionary
    name = saved[dictionary.display_column(saved.table)] or saved.sys_id
    label = dictionary.table(saved.table).label or saved.table
    visitor.tell("ok", f"{label} {name} was {'created' if was_new else 'saved'}.")
    if action in (INSERT_AND_STAY, UPDATE_AND_STAY):
        stay = f"&sysparm_goto_url={quote(goto, safe='')}" if goto else ""
        return redirect(f"{request.script_root}/{saved.table}.do?sys_id={quote(saved.sys_id)}{stay}")
    return redirect(f"{request.script_root}{goto or last_list(visitor, saved.table)}")


def _delete(transaction: Transaction, visitor: Visitor, record: Record, goto: str) -> Response:
    try:
        with transaction.instance.transaction():
            visitor.session.table(record.table).delete(record.sys_id)
    except PlatformError as error:
        return _refused(transaction, visitor, record, Given(), error, goto)
    visitor.tell("ok", "The record was deleted.")
    here = f"/{record.table}.do?sys_id={record.sys_id}"
    visitor.live.visits[:] = [each for each in visitor.live.visits if each[0] != here]
    return redirect(f"{request.script_root}{goto or last_list(visitor, record.table)}")


def _again(
    transaction: Transaction, visitor: Visitor, record: Record, given: Given, missing: list[str], goto: str
) -> Response:
    banners = []
    if missing:
        banners.append(("error", f"The following mandatory fields are not filled in: {', '.join(missing)}"))
    elif given.errors:
        banners.append(("error", "Some fields cannot be saved as they are; they are marked below."))
    return _drawn_again(transaction, visitor, record, given, banners, goto)


def _refused(
    transaction: Transaction, visitor: Visitor, record: Record, given: Given, error: PlatformError, goto: str
) -> Response:
    """Show the form again with what a rule, a policy, a key or access control says against it."""
    banners = [("error", _words(error))]
    columns = columns_shown(visitor.session, record.table)
    if isinstance(error, DataPolicyViolation):
        for name, column in columns.items():
            if column.label in error.labels:
                given.errors[name] = "This field is mandatory."
    if isinstance(error, UniqueViolation) and error.key in columns:
        given.errors[error.key] = "Another record has this value already."
    return _drawn_again(transaction, visitor, record, given, banners, goto)


def _drawn_again(
    transaction: Transaction,
    visitor: Visitor,
    record: Record,
    given: Given,
    banners: list[tuple[str, str]],
    goto: str,
) -> Response:
    """Show the form with what was typed, marked and explained."""
    return draw_form(
        transaction,
        visitor,
        record.table,
        record=record,
        typed=given.typed,
        errors=given.errors,
        banners=banners,
        goto=goto,
        status=422,
    )


def _words(error: PlatformError) -> str:
    if isinstance(error, Aborted):
        said = f": {error.reason}" if error.reason else ""
        return f"Invalid update. The business rule '{error.rule}' refuses this{said}"
    if isinstance(error, UniqueViolation):
        return f"Unique key violation: {error.key} {error.value!r} is used by another record already."
    return " ".join((error.detail or error.message).split())


def _conflict(
    transaction: Transaction, visitor: Visitor, record: Record, given: Given, theirs: dict[str, str], goto: str
) -> Response:
    """Show what others wrote beside what was typed; saving once more keeps what was typed."""
    who = record["sys_updated_by"] or "Somebody"
    text = f"{who} has changed this record while you were editing it. Compare the marked fields, then save again."
    return draw_form(
        transaction,
        visitor,
        record.table,
        record=record,
        typed=given.typed,
        errors=given.errors,
        theirs=theirs,
        banners=[("warning", text)],
        goto=goto,
        status=409,
    )


def _gone(transaction: Transaction, visitor: Visitor, table: str, goto: str) -> Response:
    session = visitor.session
    record = new_record(session, table)
    given = read_form(session, record, columns_shown(session, table), is_new=True)
    text = "This record was deleted while you were editing it. What you typed is kept below, as a new record."
    return draw_form(
        transaction,
        visitor,
        table,
        record=record,
        typed=given.typed,
        banners=[("warning", text)],
        goto=goto,
        status=410,
    )
