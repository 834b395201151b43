"""Everything that ends in `.do`: JSONv2, SOAP, exports and plain pages, told apart by the address."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from sandtable.core.values.errors import MethodNotSupported, Unsimulated
from sandtable.web.console import record_pages
from sandtable.web.steps.authentication import identify, identify_or_challenge
from sandtable.web.transaction import Transaction, current

blueprint = Blueprint("processors", __name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LIST = "_list"
JSONV2 = ("JSONv2", "JSON")
SOAP = ("SOAP", "WSDL")
JSON_BASIC_REQUIRED = "glide.basicauth.required.jsonv2"


@blueprint.route("/<name>.do", methods=METHODS)
def processor(name: str) -> Response:
    """Answer `NAME.do` by what its parameters say it is. Raises NotFound for a page that is neither table nor known."""
    from sandtable.web.processors import exports, jsonv2, soap  # few clients use them, and a server starts sooner

    transaction = current()
    redirected = _identified(transaction)
    if redirected is not None:
        return redirected
    if name == "nav_to":
        return record_pages.navigate(transaction)
    table = name.removesuffix(LIST)
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
    if name.endswith(LIST):
        return record_pages.list_page(transaction, table)
    return record_pages.record_page(transaction, table)


@blueprint.route("/sys_attachment.do", methods=METHODS)
def attachment() -> Response:
    """Lead the download link of the user interface on to the file; other calls are those of any table."""
    from sandtable.web.processors.exports import FORMATS

    if "sys_id" in request.args and not any(flag in request.args for flag in (*JSONV2, *FORMATS)):
        transaction = current()
        redirected = _identified(transaction)
        if redirected is not None:
            return redirected
        from sandtable.web.apis.attachment_api import file

        return file(request.args["sys_id"])
    return processor("sys_attachment")


def _scripted(transaction: Transaction, name: str) -> Response | None:
    """Answer a page that runs scripts, or return None for another."""
    from sandtable.web.processors import script_pages

    if name == "sys.scripts":
        return script_pages.background(transaction)
    if name == "xmlhttp":
        return script_pages.ajax(transaction)
    return script_pages.processor(transaction, name)


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
