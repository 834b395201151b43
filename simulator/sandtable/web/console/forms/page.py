"""The page of a record: `TABLE.do?sys_id=`, `-1` for a new one. A POST saves it, see `saving`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Response, request

from sandtable.core.platform.display import display_value
from sandtable.core.platform.record import Record
from sandtable.core.platform.writing.script_host import Displayed, Scripts
from sandtable.core.query import Condition, parse
from sandtable.core.schema.columns import JOURNAL_TYPES
from sandtable.core.store.row import Row
from sandtable.core.values.errors import AccessDenied, RecordNotFound
from sandtable.web.console.forms.activity import activity_of, attachments_of
from sandtable.web.console.forms.fields import Field, draw_field, mark_of, stored_of, text_of
from sandtable.web.console.forms.layout import form_layout, other_columns, readable_sections
from sandtable.web.console.forms.related import related_lists
from sandtable.web.console.forms.rights import Rights, rights_of
from sandtable.web.console.frame import show
from sandtable.web.console.lists.page import version_of
from sandtable.web.console.visitor import SCOPE_PICKED, inside, preference

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.schema.columns import Column
    from sandtable.web.console.visitor import Visitor
    from sandtable.web.transaction import Transaction

NEW = "-1"


def asks_for_new() -> bool:
    """Return whether the address asks for an empty form."""
    sys_id = (
        request.values.get("sys_id") or request.values.get("sysparm_sys_id") or request.values.get("sys_uniqueValue")
    )
    return (sys_id or "").strip() == NEW or (not sys_id and not request.args.get("sysparm_query"))


def wanted_record(session: Session, table: str) -> Record:
    """Return the record that the address names. Raises RecordNotFound."""
    access = session.table(table)
    sys_id = (request.args.get("sys_id") or request.args.get("sysparm_sys_id") or "").strip()
    record = access.find(sys_id) if sys_id else None
    query = request.args.get("sysparm_query")
    if record is None and not sys_id and query:
        record = access.first(query)
    if record is None:
        raise RecordNotFound
    return record


def new_record(session: Session, table: str, typed: Mapping[str, str] | None = None) -> Record:
    """Return a record that is not stored: defaults, what the address asks for, and what was typed."""
    dictionary = session.instance.dictionary
    columns = dictionary.columns(table)
    values = {name: column.default for name, column in columns.items() if column.default}
    query = parse(request.args.get("sysparm_query") or "")
    for group in query.alternatives[0] if len(query.alternatives) == 1 else ():
        (term, *others) = group
        if isinstance(term, Condition) and not others and term.operator == "=" and term.path in columns:
            value = session.user_sys_id if term.value == "javascript:gs.getUserID()" else term.value
            if "javascript:" not in value:
                values[term.path] = value
    picked = preference(session, SCOPE_PICKED, "global")
    if table == "sys_scope_privilege" and "source_scope" not in values and picked != "global":
        values["source_scope"] = picked
    values |= dict(typed or {})
    values["sys_class_name"] = table
    kept = {name: value for name, value in values.items() if name in columns and value and value != "NULL"}
    return Record(Row(NEW, table, 0, kept))


def draw_form(
    transaction: Transaction,
    visitor: Visitor,
    table: str,
    *,
    record: Record | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    theirs: Mapping[str, str] | None = None,
    banners: list[tuple[str, str]] | None = None,
    goto: str = "",
    status: int = 200,
) -> Response:
    """Return the page of a form, as it is stored or with what was typed and what was wrong with it."""
    instance, session = transaction.instance, visitor.session
    with instance.transaction():
        is_new = asks_for_new() if record is None else record.sys_id == NEW
        if record is None:
            record = new_record(session, table) if is_new else wanted_record(session, table)
        if is_new and not instance.access.can(session, "create", table):
            raise AccessDenied("Insert")
        shown = displayed(session, record, is_new=is_new)
        banners = [*(banners or []), *shown.messages]
        record = Record(Row(record.sys_id, record.table, record.seq, {**record.values_copy(), **shown.values}))
        content = form_content(
            session, record, is_new=is_new, typed=typed or {}, errors=errors or {}, theirs=theirs or {}
        )
    if not is_new and not request.path.startswith("/_console/"):
        visitor.visit(content["here_address"], content["heading"])
    goto = goto or inside(request.values.get("sysparm_goto_url") or "")
    return show(
        transaction,
        visitor,
        "form.html",
        title=content["heading"],
        status=status,
        banners=banners,
        goto=goto,
        back=goto or last_list(visitor, record.table),
        **content,
    )


def displayed(session: Session, record: Record, *, is_new: bool) -> Displayed:
    """Return what the display rules of a record leave to its form."""
    host = session.instance.part(Scripts).host
    return Displayed() if host is None else host.display(session, record, is_new=is_new)


def last_list(visitor: Visitor, table: str) -> str:
    """Return the list to go back to: the last one seen that the table belongs to, else its own."""
    lineage = visitor.session.instance.dictionary.lineage(table)
    for address, _ in visitor.live.visits:
        name = address.partition("?")[0].strip("/").removesuffix(".do")
        if name.endswith("_list") and name.removesuffix("_list") in lineage:
            return address
    return f"/{table}_list.do"


def form_content(
    session: Session,
    record: Record,
    *,
    is_new: bool,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    theirs: Mapping[str, str],
) -> dict[str, Any]:
    """Return what the template of a form needs."""
    instance, table = session.instance, record.table
    view = (request.args.get("sysparm_view") or "").strip()
    layout = form_layout(instance, table, view)
    columns = columns_shown(session, table)
    rights = rights_of(session, record, is_new=is_new, of_form=layout.mandatory)

    def draw(column: Column) -> Field:
        return draw_field(session, record, column, rights, is_new=is_new, typed=typed, errors=errors, theirs=theirs)

    sections = [
        (title, [draw(each) for each in left], [draw(each) for each in right], [draw(each) for each in wide])
        for title, left, right, wide in readable_sections(layout.sections, columns)
    ]
    rest = readable_sections((other_columns(instance, table, layout.sections),), columns)
    others = [
        (title, [draw(each) for each in left], [draw(each) for each in right], [draw(each) for each in wide])
        for title, left, right, wide in rest
    ]
    label = instance.dictionary.table(table).label or table
    display = columns.get(instance.dictionary.display_column(table))
    name = "" if is_new or display is None else display_value(session, record, display)
    here = f"/{table}.do?sys_id={quote(record.sys_id)}"
    return {
        "table": table,
        "label": label,
        "heading": f"{label} - New record" if is_new else f"{label} - {name or record.sys_id}",
        "display": name,
        "record": record,
        "sys_id": record.sys_id,
        "is_new": is_new,
        "sections": sections,
        "others": others,
        "seen": json.dumps(seen_marks(session, record, columns), separators=(",", ":")),
        "mod_count": record["sys_mod_count"],
        "may_write": rights.may_write,
        "may_create": instance.access.can(session, "create", table),
        "may_delete": not is_new and instance.access.can(session, "delete", table, record),
        "activity": [] if is_new else activity_of(session, record),
        "attachments": [] if is_new else attachments_of(session, record),
        "related": [] if is_new else related_lists(session, record, layout.related or ()),
        "here_address": here,
        "versions": version_of(session, table),
        "has_policies": has_policies(rights, table),
        "dictionary_address": f"/sys_dictionary_list.do?sysparm_query=name%3D{table}",
    }


def has_policies(rights: Rights, table: str) -> bool:
    """Return whether marks of a form's fields may change while somebody types."""
    from sandtable.core.behaviour.data_policy import policies_of

    return bool(policies_of(rights.session.instance, table))


def columns_shown(session: Session, table: str) -> dict[str, Column]:
    """Return the columns of a table that the user may read, by name."""
    readable = session.instance.access.readable_columns(session, table)
    return {
        name: column
        for name, column in session.instance.dictionary.columns(table).items()
        if readable is None or name in readable
    }


def seen_marks(session: Session, record: Record, columns: Mapping[str, Column]) -> dict[str, str]:
    """Return a mark of what each input of the form shows, to tell at the next save what became of it meanwhile."""
    return {
        name: mark_of(text_of(session, record, column))
        for name, column in columns.items()
        if column.type not in JOURNAL_TYPES
    }


def typed_values(
    session: Session, table: str, form: Mapping[str, str], columns: Mapping[str, Column]
) -> dict[str, str]:
    """Return the stored values that a half-filled form would have, for what depends on them."""
    values = {}
    for name, column in columns.items():
        text = form.get(f"{table}.{name}")
        if text is None:
            continue
        stored = text if column.is_reference else stored_of(session, table, column, text)
        if stored is not None:
            values[name] = stored
    return values
