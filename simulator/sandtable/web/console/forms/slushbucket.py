"""The two lists of Edit: what a record has, and what it could have; saving adds and removes the records between."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, request

from sandtable.core.query import condition, conjunction, parse
from sandtable.core.values.errors import AccessDenied, BadRequest, PlatformError
from sandtable.web.console.frame import show
from sandtable.web.console.layouts import RelatedList, shipped_form
from sandtable.web.console.lists.actions import refuse_forgery
from sandtable.web.console.navigator import plural_of
from sandtable.web.console.sign_in import redirect, required
from sandtable.web.console.visitor import wait_for_form

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.web.transaction import Transaction

OFFERED = 200


def slushbucket_page(transaction: Transaction) -> Response:
    """Show or save the lists. Raises BadRequest for a pair of tables that no form edits so, RecordNotFound."""
    visitor = required(transaction)
    if isinstance(visitor, Response):
        return visitor
    instance, session = transaction.instance, visitor.session
    if request.method == "POST":
        wait_for_form()
        refuse_forgery(visitor)
    asked = {
        name: request.values.get(f"sysparm_{name}", "") for name in ("table", "column", "edit", "parent", "sys_id")
    }
    with instance.transaction():
        related = _related(session, asked)
        record = session.table(asked["parent"]).get(asked["sys_id"])
        if not instance.access.can(session, "create", related.table):
            raise AccessDenied("Insert")
        target = instance.dictionary.columns(related.table)[related.edit].reference
        chosen, fixed = _chosen(session, record, related)
        display = instance.dictionary.display_column(target)
        if request.method != "POST":
            names = {each: _name(session, target, each, display) for each in {*chosen, *fixed}}
            offered = offered_records(session, target, "", excluded=set(chosen) | set(fixed))
    here = f"/{record.table}.do?sys_id={quote(record.sys_id)}"
    if request.method == "POST":
        return _save(transaction, visitor.session, record, related, chosen, fixed) or redirect(
            f"{request.script_root}{here}#{related.table}.{related.column}"
        )
    entry = instance.dictionary.table(record.table)
    return show(
        transaction,
        visitor,
        "slushbucket.html",
        title=f"Edit {related.title}",
        asked=asked,
        related=related,
        record=record,
        record_label=f"{entry.label or record.table} {record[instance.dictionary.display_column(record.table)]}",
        chosen=sorted(((each, names[each]) for each in chosen), key=lambda each: each[1].casefold()),
        fixed=sorted((names[each] for each in fixed), key=str.casefold),
        offered=offered,
        target=target,
        target_label=plural_of(instance, target),
        back=here,
    )


def _related(session: Session, asked: dict[str, str]) -> RelatedList:
    instance = session.instance
    for name in ("table", "parent"):
        instance.dictionary.table(asked[name])
    layout = shipped_form(instance, asked["parent"])
    for each in (layout.related or ()) if layout is not None else ():
        if (each.table, each.column, each.edit) == (asked["table"], asked["column"], asked["edit"]) and each.edit:
            return each
    raise BadRequest("Nothing to edit", f"the form of {asked['parent']} has no such list to edit")


def _chosen(session: Session, record: Record, related: RelatedList) -> tuple[dict[str, str], set[str]]:
    """Return what the record has, by the record between, and what it only inherits, which stays."""
    rows = session.table(related.table).query(condition(related.column, "=", record.sys_id))
    chosen = {each[related.edit]: each.sys_id for each in rows if each["inherited"] != "true" and each[related.edit]}
    inherited = {each[related.edit] for each in rows if each["inherited"] == "true" and each[related.edit]}
    return chosen, inherited - set(chosen)


def _name(session: Session, table: str, sys_id: str, display: str) -> str:
    values = session.instance.lookup(table, sys_id)
    return (values.get(display, "") if values is not None else "") or sys_id


def offered_records(session: Session, table: str, text: str, excluded: set[str]) -> list[tuple[str, str]]:
    """Return sys_id and name of records that can be chosen, by name; `text` is what the names hold."""
    display = session.instance.dictionary.display_column(table)
    query = parse(f"ORDERBY{display}")
    if text.strip():
        query = conjunction(condition(display, "LIKE", text.strip()), query)
    if "active" in session.instance.dictionary.columns(table):
        query = conjunction(condition("active", "=", "true"), query)
    found = session.table(table).page(query, limit=OFFERED + len(excluded), offset=0, count=False).records
    return [(each.sys_id, each[display] or each.sys_id) for each in found if each.sys_id not in excluded][:OFFERED]


def _save(
    transaction: Transaction,
    session: Session,
    record: Record,
    related: RelatedList,
    chosen: dict[str, str],
    fixed: set[str],
) -> Response | None:
    wanted = [each for each in request.form.getlist("chosen") if each]
    live = transaction.opened_session
    access = session.table(related.table)
    try:
        with transaction.instance.transaction():
            for each in dict.fromkeys(wanted):
                if each not in chosen and each not in fixed:
                    access.insert({related.column: record.sys_id, related.edit: each})
            for each, between in chosen.items():
                if each not in wanted:
                    access.delete(between)
    except PlatformError as error:
        live.messages.append(("error", f"Nothing was changed: {error.detail or error.message}"))
        return None
    live.messages.append(("ok", f"{related.title} saved."))
    return None
