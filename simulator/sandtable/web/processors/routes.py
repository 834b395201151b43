"""Everything that ends in `.do`: JSONv2, SOAP, exports and plain pages, told apart by the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from sandtable.core.values.errors import MethodNotSupported, Unsimulated
from sandtable.web import console
from sandtable.web.console.visitor import wait_for_form
from sandtable.web.steps.authentication import identify, identify_or_challenge, refusal
from sandtable.web.transaction import Transaction, current
from sandtable.web.wire.body import wait_for_body
from sandtable.web.worlds.sessions import COOKIE

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

blueprint = Blueprint("processors", __name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LIST = "_list"
SCRIPT_PAGES = frozenset({"sys.scripts", "xmlhttp"})
JSONV2 = ("JSONv2", "JSON")
SOAP = ("SOAP", "WSDL")
# The formats of `exports`, by the flags that ask for them.
FORMATS = ("CSV", "XML", "UNL", "JSON")
SCHEMA = "SCHEMA"
NOT_SIMULATED = ("EXCEL", "XLSX", "PDF", "XSD", "RSS", "HIST")
JSON_BASIC_REQUIRED = "glide.basicauth.required.jsonv2"


@blueprint.route("/<name>.do", methods=METHODS)
def processor(name: str) -> Response:
    """Answer `NAME.do` by what its parameters say it is. Raises NotFound for a page that is neither table nor known."""
    transaction = current()
    instance = transaction.instance
    table = name.removesuffix(LIST)
    if _is_page(name) and not _is_scripted(instance, name):
        if not instance.dictionary.has(table):
            instance.ledger.note("path", request.path)
            raise NotFound
        # Pages open their own transactions: they are drawn when nobody waits for them any more.
        return console.list_page(transaction, table) if name.endswith(LIST) else console.record_page(transaction, table)
    if name in SCRIPT_PAGES and COOKIE in request.cookies and "Authorization" not in request.headers:
        wait_for_form()  # the token of the session is in it
    wait_for_body(request, instance)
    with instance.transaction():
        return _for_programs(transaction, name, table)


def _is_page(name: str) -> bool:
    """Tell whether a request asks for a page that people look at, or sends one of its forms."""
    if any(flag in request.args for flag in (*JSONV2, *SOAP, *FORMATS, SCHEMA, *NOT_SIMULATED)):
        return False
    if request.method in ("GET", "HEAD"):
        return "Authorization" in request.headers or console.wants_page() or COOKIE in request.cookies
    by_browser = COOKIE in request.cookies or console.wants_page()
    return request.method == "POST" and by_browser and "Authorization" not in request.headers


def _for_programs(transaction: Transaction, name: str, table: str) -> Response:
    from sandtable.web.processors import (
        exports,
        jsonv2,
        soap,
        table_schema,
    )  # few clients use them, and a server starts sooner

    redirected = _identified(transaction)
    if redirected is not None:
        return redirected
    if SCHEMA in request.args:
        _only_reading()
        return table_schema.answer(transaction, table)
    if not transaction.instance.dictionary.has(table):
        scripted = _scripted(transaction, name)
        if scripted is not None:
            return scripted
        transaction.instance.ledger.note("path", request.path)
        raise NotFound
    # `incident_list.do?JSON` is an export of the list; everything else with JSON is the web service.
    if any(flag in request.args for flag in JSONV2) and not (
        name.endswith(LIST) and "sysparm_action" not in request.args
    ):
        return jsonv2.answer(transaction, table)
    if any(flag in request.args for flag in SOAP):
        return soap.answer(transaction, table)
    for kind in exports.FORMATS:
        if kind in request.args or (kind == exports.JSON_FORMAT and "JSONv2" in request.args):
            _only_reading()
            return exports.export(transaction, table, kind)
    for kind in exports.NOT_SIMULATED:
        if kind in request.args:
            transaction.instance.ledger.note("export", kind)
            raise Unsimulated("export", kind, "CSV, XML, UNL and JSON are simulated")
    _only_reading()
    raise refusal(transaction.instance)  # a page, for a caller that nobody knows


@blueprint.route("/sys_attachment.do", methods=METHODS)
def attachment() -> Response:
    """Send the file behind a download link of the user interface, or attach one; other calls are as for any table."""
    flagged = any(flag in request.args for flag in (*JSONV2, *SOAP, *FORMATS))
    transaction = current()
    if flagged or (request.method == "POST" and "sysparm_sys_id" not in request.args):
        return processor("sys_attachment")
    if request.method == "POST":
        return console.attach(transaction)
    sys_id = request.args.get("sys_id", "")
    if not sys_id or sys_id == "-1" or "sysparm_record" in request.args:
        return processor("sys_attachment")
    return _file(transaction, sys_id)


def _file(transaction: Transaction, sys_id: str) -> Response:
    from sandtable.web.apis.attachment_api import file

    if "Authorization" not in request.headers and (COOKIE in request.cookies or console.wants_page()):
        return console.file(transaction, lambda: file(sys_id))
    redirected = _identified(transaction)
    return redirected if redirected is not None else file(sys_id)


def _is_scripted(instance: Instance, name: str) -> bool:
    """Tell whether an address is one that runs scripts: the page for them, client calls, the path of a processor."""
    if instance.dictionary.has(name.removesuffix(LIST)):
        return False
    if name in SCRIPT_PAGES:
        return True
    if not instance.dictionary.has("sys_processor"):
        return False
    processors = instance.system().table("sys_processor")
    return processors.first("active=true^type=script", filters={"path": name}) is not None


def _scripted(transaction: Transaction, name: str) -> Response | None:
    """Answer a page that runs scripts, or return None for another."""
    from sandtable.web.processors import script_pages

    known = {"sys.scripts": script_pages.background, "xmlhttp": script_pages.ajax}
    return known[name](transaction) if name in known else script_pages.processor(transaction, name)


def _only_reading() -> None:
    if request.method not in ("GET", "HEAD"):
        raise MethodNotSupported


def _identified(transaction: Transaction) -> Response | None:
    """Find out who is asking. Raises NotAuthenticated, with a challenge that makes a browser ask."""
    if any(flag in request.args for flag in JSONV2) and not transaction.instance.property_is_true(
        JSON_BASIC_REQUIRED, True
    ):
        return identify(transaction) if "Authorization" in request.headers else None
    return identify_or_challenge(transaction)
