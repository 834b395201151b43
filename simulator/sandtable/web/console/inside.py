"""What pages fetch by themselves under `/_console/`: static files, versions, completions, previews, small writes."""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.exceptions import NotFound

from sandtable.core.platform.display import display_value
from sandtable.core.query import condition, conjunction, parse
from sandtable.core.schema.private_values import is_private
from sandtable.core.values.errors import AccessDenied, ApiAccessDenied, MethodNotSupported, RecordNotFound
from sandtable.web.console import navigator
from sandtable.web.console.forms.fields import kind_of
from sandtable.web.console.forms.layout import form_layout
from sandtable.web.console.forms.page import (
    NEW,
    columns_shown,
    new_record,
    typed_values,
)
from sandtable.web.console.forms.record import record_page
from sandtable.web.console.forms.rights import rights_of
from sandtable.web.console.forms.slushbucket import offered_records
from sandtable.web.console.frame import STATIC, part, protect
from sandtable.web.console.lists.actions import refuse_forgery
from sandtable.web.console.lists.builder import condition_row
from sandtable.web.console.lists.columns import available_columns
from sandtable.web.console.lists.conditions import WORDS
from sandtable.web.console.lists.page import list_page, version_of
from sandtable.web.console.sign_in import redirect
from sandtable.web.console.visitor import SCOPE_PICKED, find_visitor, prefer, wait_for_form
from sandtable.web.console.visitor import inside as inside_address
from sandtable.web.console.workshop import requests

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.web.console.visitor import Visitor
    from sandtable.web.transaction import Transaction

OFFERED, LOOKED_UP = 12, 60
_ETAG = re.compile(r'"([^"]*)"')


def answer(transaction: Transaction, path: str) -> Response:
    """Answer one request of a page. Raises NotFound, and what the core refuses."""
    name, _, rest = path.partition("/")
    if name == "static":
        return _static(rest)
    if name == "workshop":
        from sandtable.web.console.workshop.pages import workshop

        return workshop(transaction, rest)
    visitor = find_visitor(transaction, watching=True)
    if visitor is None:
        return Response("The session has ended.", status=401, content_type="text/plain")
    if name == "again":
        return _again(transaction, rest)
    view, writes = VIEWS.get(name, (None, False))
    if view is None or rest:
        raise NotFound
    if writes:
        if request.method != "POST":
            raise MethodNotSupported
        wait_for_form()
        refuse_forgery(visitor)
    return view(transaction, visitor)


def _static(name: str) -> Response:
    path = STATIC / name
    if not name or "/" in name or path.suffix not in (".css", ".js", ".svg", ".png") or not path.is_file():
        raise NotFound
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    answer = Response(path.read_bytes(), content_type=f"{kind};charset=UTF-8" if kind.startswith("text/") else kind)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _again(transaction: Transaction, path: str) -> Response:
    """Draw a list, a form or the dashboard once more, for a page that follows what happens."""
    if request.method == "POST":
        raise MethodNotSupported
    name = path.removesuffix(".do")
    if name == "$pa_dashboard":
        from sandtable.web.console.dashboards.page import dashboard_page

        return dashboard_page(transaction)
    if name.endswith("_list"):
        return list_page(transaction, name.removesuffix("_list"))
    return record_page(transaction, name)


def _live(transaction: Transaction, visitor: Visitor) -> Response:
    """Say which version a table has; 304 when it is the one that the page was drawn with."""
    if "requests" in request.args:
        entries = requests.chosen(transaction) if transaction.settings.plane else []
        version = requests.version_of(entries)
    elif "dashboard" in request.args:
        from sandtable.web.console.dashboards.page import version_of_dashboard

        version = version_of_dashboard(transaction.instance)
    else:
        version = version_of(visitor.session, _table(visitor))
    known = _ETAG.fullmatch(request.headers.get("If-None-Match", ""))
    if known is not None and known[1] == version:
        answer = Response(status=304)
    else:
        answer = Response(json.dumps({"version": version}), content_type="application/json")
    answer.headers["ETag"] = f'"{version}"'
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _table(visitor: Visitor) -> str:
    table = request.values.get("table", "")
    visitor.session.instance.dictionary.table(table)
    return table


# looking up ----------------------------------------------------------------------------------------------------------


def _tables(transaction: Transaction, visitor: Visitor) -> Response:
    text = request.args.get("q", "")
    with transaction.instance.transaction():
        found = navigator.tables_like(visitor.session, text)
    return part(
        transaction,
        visitor,
        "tables.html",
        tables=found,
        typed=navigator.typed_address(transaction.instance, text),
        text=text,
    )


def _table_names(transaction: Transaction, visitor: Visitor) -> Response:
    found = navigator.tables_like(visitor.session, request.args.get("q", ""))
    return _json([{"value": name, "text": f"{label} [{name}]"} for name, label in found])


def _complete(transaction: Transaction, visitor: Visitor) -> Response:
    """Offer the records that a reference could name, those whose name begins with the text first."""
    instance, session = transaction.instance, visitor.session
    column = instance.dictionary.column(_table(visitor), request.args.get("field", ""))
    if column is None or not column.is_reference or not instance.dictionary.has(column.reference):
        raise RecordNotFound
    table, text = column.reference, request.args.get("q", "").strip()
    most = LOOKED_UP if request.args.get("all") else OFFERED
    with instance.transaction():
        display = instance.dictionary.display_column(table)
        columns = instance.dictionary.columns(table)
        base = parse(f"ORDERBY{display}")
        if "active" in columns:
            base = conjunction(condition("active", "=", "true"), base)
        qualifier = _qualifier(session, column.table, column.name)
        if qualifier:
            base = conjunction(parse(qualifier), base)
        access = session.table(table)
        first = conjunction(condition(display, "STARTSWITH", text), base) if text else base
        found = access.page(first, limit=most, offset=0, count=False).records
        if text and len(found) < most:
            known = {each.sys_id for each in found}
            more = access.page(conjunction(condition(display, "LIKE", text), base), limit=most, offset=0, count=False)
            found += [each for each in more.records if each.sys_id not in known]
        beside = next(
            (
                name
                for name in ("email", "short_description", "description", "scope")
                if name in columns and name != display
            ),
            "",
        )
        shown = [
            {
                "value": each.sys_id,
                "text": display_value(session, each, columns[display]) or each.sys_id,
                "beside": each[beside][:60] if beside else "",
            }
            for each in found[:most]
        ]  # fmt: skip
    return _json(shown)


def _qualifier(session: Session, table: str, element: str) -> str:
    """Return the encoded query that a reference is limited to; one that is a script is noted, and not applied."""
    system = session.instance.system()
    record = system.table("sys_dictionary").first(filters={"name": table, "element": element})
    text = record["reference_qual"].strip() if record is not None else ""
    if text.startswith("javascript:"):
        session.instance.ledger.note("reference qualifier", f"{table}.{element}", "a script; all records are offered")
        return ""
    return text


def _preview(transaction: Transaction, visitor: Visitor) -> Response:
    """Show the first fields of a record, beside the reference to it."""
    instance, session = transaction.instance, visitor.session
    with instance.transaction():
        record = session.table(_table(visitor)).get(request.args.get("sys_id", ""))
        columns = columns_shown(session, record.table)
        layout = form_layout(instance, record.table, "")
        names = [name for section in layout.sections[:1] for name in section.names if name in columns]
        fields = [
            (columns[name].label or name, display_value(session, record, columns[name])[:300])
            for name in names
            if not columns[name].type.startswith("journal")
        ]
    label = instance.dictionary.table(record.table).label or record.table
    shown = [each for each in fields if each[1]]
    return part(transaction, visitor, "preview.html", fields=shown, record=record, label=label)


def _whole_text(transaction: Transaction, visitor: Visitor) -> Response:
    """Send a text that is too long for a form, as a file. Raises RecordNotFound."""
    instance, session = transaction.instance, visitor.session
    with instance.transaction():
        record = session.table(_table(visitor)).get(request.args.get("sys_id", ""))
        column = columns_shown(session, record.table).get(request.args.get("field", ""))
    if column is None or is_private(record, column) or kind_of(column) not in ("textarea", "code"):
        raise RecordNotFound
    answer = protect(Response(record[column.name].encode("utf-8", "replace"), content_type="text/plain;charset=UTF-8"))
    answer.headers["Content-Disposition"] = "attachment"
    return answer


def _condition(transaction: Transaction, visitor: Visitor) -> Response:
    table = _table(visitor)
    with transaction.instance.transaction():
        row = condition_row(
            visitor.session, table, request.args.get("c:field", ""), joint=request.args.get("c:joint", "AND")
        )
        fields = available_columns(visitor.session, table)
    return part(transaction, visitor, "condition.html", row=row, table=table, condition_fields=fields, words=WORDS)


def _offered(transaction: Transaction, visitor: Visitor) -> Response:
    with transaction.instance.transaction():
        found = offered_records(visitor.session, _table(visitor), request.args.get("q", ""), set())
    return _json([{"value": sys_id, "text": name} for sys_id, name in found])


def _marks(transaction: Transaction, visitor: Visitor) -> Response:
    """Say which fields must be filled in and which are closed, for a form as it is filled in so far."""
    instance, session = transaction.instance, visitor.session
    wait_for_form()
    with instance.transaction():
        table = _table(visitor)
        sys_id = request.args.get("sys_id", NEW)
        record = new_record(session, table) if sys_id == NEW else session.table(table).get(sys_id)
        columns = columns_shown(session, record.table)
        typed = typed_values(session, record.table, request.form, columns)
        layout = form_layout(instance, record.table, "")
        rights = rights_of(session, record, is_new=sys_id == NEW, of_form=layout.mandatory, as_typed=typed)
        marks = {
            "mandatory": [name for name, column in columns.items() if rights.is_mandatory(column)],
            "closed": sorted(rights.closed),
        }
    return _json(marks)


# small writes --------------------------------------------------------------------------------------------------------


def _favourite(transaction: Transaction, visitor: Visitor) -> Response:
    address = inside_address(request.form.get("address", ""))
    if not address:
        raise ApiAccessDenied("Not a page", "a favourite is a page of this instance")
    with transaction.instance.transaction():
        is_one = navigator.toggle_favourite(visitor.session, address, request.form.get("title", address))
    return _json({"favourite": is_one})


def _scope(transaction: Transaction, visitor: Visitor) -> Response:
    """Work in another application. Raises AccessDenied for who is no administrator."""
    if not visitor.session.is_admin:
        raise AccessDenied("Update")
    with transaction.instance.transaction():
        found = transaction.instance.system().table("sys_scope").find(request.form.get("scope", ""))
        if found is not None:
            prefer(visitor.session, SCOPE_PICKED, found.sys_id)
            visitor.tell("ok", f"You work in the application {found['name'] or found['scope']} now.")
    return redirect(f"{request.script_root}{inside_address(request.form.get('back', '')) or '/navpage.do'}")


def _reveal(transaction: Transaction, visitor: Visitor) -> Response:
    """Show a secret that can be read back, such as a client's, to who may write it; a hashed password never is.

    Raises RecordNotFound, AccessDenied.
    """
    instance, session = transaction.instance, visitor.session
    with instance.transaction():
        record = session.table(_table(visitor)).get(request.args.get("sys_id", ""))
        column = instance.dictionary.column(record.table, request.args.get("field", ""))
        if column is None or column.type != "password2" or kind_of(column) != "password":
            raise RecordNotFound
        allowed = instance.access.can(session, "write", record.table, record)
        if not allowed or not instance.access.can_field(session, "write", record.table, column.name):
            raise AccessDenied("Read")
    return _json({"text": record[column.name]})


def _json(content: object) -> Response:
    text = json.dumps(content, ensure_ascii=False)
    return protect(Response(text.encode("utf-8", "replace"), content_type="application/json"))


VIEWS: dict[str, tuple[Callable[[Transaction, Visitor], Response], bool]] = {
    "live": (_live, False),
    "tables": (_tables, False),
    "table_names": (_table_names, False),
    "complete": (_complete, False),
    "preview": (_preview, False),
    "condition": (_condition, False),
    "text": (_whole_text, False),
    "offered": (_offered, False),
    "marks": (_marks, True),
    "favourite": (_favourite, True),
    "scope": (_scope, True),
    "reveal": (_reveal, True),
}
