"""What the vendor's SDK (`now-sdk`) asks of an instance beside the REST APIs: sign-in, installation, download.

Source: the published package @servicenow/sdk 4.9.0, and what it sends. An installation is done when it is answered; its
tracker, its row of sys_upgrade_history and its rollback context are records, as the SDK looks them up afterwards.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from flask import Blueprint, Response, request

from sandtable.core.values.errors import BadRequest, NotAuthenticated
from sandtable.packages.applications import application_archive, remove_application
from sandtable.packages.contents import read_bytes
from sandtable.packages.installing import Report, install
from sandtable.packages.records import PackageError
from sandtable.web.console.visitor import set_cookie, wait_for_form
from sandtable.web.processors import routes
from sandtable.web.steps.authentication import identify, session_by_name
from sandtable.web.transaction import Transaction, current
from sandtable.web.worlds.sessions import COOKIE

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

blueprint = Blueprint("sdk", __name__)
JSON_TYPE, XML_TYPE = "application/json;charset=UTF-8", "text/xml;charset=UTF-8"
ADMIN = "admin"
DONE, FAILED = "2", "3"
TRACKERS, UPGRADES, ROLLBACKS = "sys_execution_tracker", "sys_upgrade_history", "sys_rollback_context"
PREFERENCES, PICKED = "sys_user_preference", "apps.current_app"
PROCESSOR = "com.snc.apps.AppsAjaxProcessor"
REMOVALS = ("deleteApplication", "uninstallApplication")
INVALID = "User name or password invalid"


@blueprint.route("/angular.do", methods=("POST",))
def angular() -> Response:
    """Sign in by a form, or answer whose token a session has. Raises NotAuthenticated, BadRequest."""
    transaction = current()
    kind = request.args.get("sysparm_type", "")
    wait_for_form()
    if kind == "view_form.login":
        return _sign_in(transaction)
    if kind == "get_user":
        return _who(transaction)
    transaction.instance.ledger.note("processor", f"angular.do {kind}")
    raise BadRequest("Invalid processor", f"angular.do?sysparm_type={kind} is not simulated")


def _sign_in(transaction: Transaction) -> Response:
    name, password = request.form.get("user_name", ""), request.form.get("user_password", "")
    session = session_by_name(transaction, name, password)
    if session is None or session.user is None:
        return answer_json({"status": "error", "message": INVALID})
    transaction.world.sessions.end(request.cookies.get(COOKIE, ""))
    live = transaction.world.sessions.open(session.user_sys_id, ui=True)
    transaction.session, transaction.logged_in, transaction.opened_session = session, True, live
    set_cookie(transaction, live)
    return answer_json({"status": "success"})


def _who(transaction: Transaction) -> Response:
    """Refuse a session that does not say its token and tell it, or begin one for nobody.

    Without a cookie the answer is a session of the guest, to which a later call binds its user.
    """
    live = transaction.world.sessions.find(request.cookies.get(COOKIE, ""))
    if live is None:
        nobody = transaction.instance.secrets.getrandbits(128)
        transaction.response_headers.append(("Set-Cookie", f"{COOKIE}={nobody:032X}; Path=/; HttpOnly"))
        return answer_json({"user_name": transaction.session.user_name})
    if request.headers.get("X-UserToken") != live.user_token:
        answer = answer_json(
            {"error": {"message": "User is not authenticated", "detail": None}, "status": "failure"}, 401
        )
        answer.headers["X-UserToken-Response"] = live.user_token
        return answer
    identify(transaction)
    return answer_json({"user_name": transaction.session.user_name, "user_sys_id": transaction.session.user_sys_id})


@blueprint.route("/sn_appclient_upload_processor.do", methods=("POST",))
def upload() -> Response:
    """Install the application in the uploaded archive. Raises NotAuthenticated for anybody who is no administrator."""
    transaction = current()
    wait_for_form()
    only_administrators(transaction)
    instance = transaction.instance
    part = request.files.get("attachFile")
    if part is None:
        raise BadRequest("Invalid upload", "the request is no multipart/form-data with the archive as attachFile")
    data, demo = part.stream.read(), request.form.get("load_demo", "false") == "true"
    scope = request.args.get("sysparm_fluent_scope_name", "")
    started = instance.clock.text()
    report, trouble = None, ""
    try:
        report = install(instance, read_bytes(data, "attachFile", demo=demo))
    except PackageError as error:
        trouble = str(error)
    left = report.left if report is not None else []
    for each in left:
        instance.log("warning", "sn_appclient", f"{scope}: {each.where}: {each.why}")
    if left:
        transaction.explanations.append(f"{len(left)} updates of {scope} were left: {left[0].where}: {left[0].why}")
    with instance.transaction():
        answer = {
            "executionTracker": _tracked(instance, f"Install {scope}", started, trouble, report),
            "rollbackContext": _rollback(instance, scope, started),
        }
        if report is not None:
            _upgraded(instance, scope, started, report)
    return answer_json(answer)


def _tracked(instance: Instance, name: str, started: str, trouble: str, report: Report | None = None) -> str:
    made = (
        instance.system()
        .table(TRACKERS)
        .insert(
            {
                "name": name,
                "state": FAILED if trouble else DONE,
                "message": trouble,
                "detail_message": "\n".join(report.lines()) if report is not None else "",
                "percent_complete": "100",
                "start_time": started,
                "completion_time": instance.clock.text(),
            }
        )
    )
    return made.sys_id


def _rollback(instance: Instance, scope: str, started: str) -> str:
    values = {"name": f"Install {scope}", "start_time": started, "end_time": instance.clock.text()}
    return instance.system().table(ROLLBACKS).insert(values).sys_id


def _upgraded(instance: Instance, scope: str, started: str, report: Report) -> None:
    changed = sum(sum(each.values()) for each in (report.inserted, report.updated, report.deleted))
    instance.system().table(UPGRADES).insert(
        {
            "to_version": scope,
            "upgrade_started": started,
            "upgrade_finished": instance.clock.text(),
            "changes_applied": str(changed),
            "changes_processed": str(changed + sum(report.unchanged.values()) + len(report.left)),
            "changes_skipped": str(len(report.left)),
        }
    )


@blueprint.route("/xmlhttp.do", methods=("POST",))
def ajax() -> Response:
    """Answer what the SDK asks of AppsAjaxProcessor: work in an application, or take one away.

    Any other processor is a script include that client scripts call. Raises NotAuthenticated, BadRequest for another
    function.
    """
    transaction = current()
    wait_for_form()
    if request.values.get("sysparm_processor") != PROCESSOR:
        return routes.processor("xmlhttp")
    only_administrators(transaction)
    function = request.form.get("sysparm_function", "")
    if function == "changeApplication":
        with transaction.instance.transaction():
            _prefer(transaction, request.form.get("sysparm_value", ""))
        return _ajax_answer(function, "")
    if function in REMOVALS:
        return _ajax_answer(function, _removed(transaction.instance, request.form.get("sysparm_sys_id", "")))
    transaction.instance.ledger.note("processor", f"{PROCESSOR}.{function}")
    known = ", ".join(("changeApplication", *REMOVALS))
    raise BadRequest("Invalid processor", f"{PROCESSOR}.{function} is not simulated; {known} are")


def _removed(instance: Instance, sys_id: str) -> str:
    started, trouble = instance.clock.text(), ""
    try:
        remove_application(instance, sys_id)
    except PackageError as error:
        trouble = error.why
    with instance.transaction():
        return _tracked(instance, f"Delete {sys_id}", started, trouble)


def _ajax_answer(function: str, text: str) -> Response:
    said = f"answer={quoteattr(text)} sysparm_function={quoteattr(function)} sysparm_processor={quoteattr(PROCESSOR)}"
    return Response(f'<?xml version="1.0" encoding="UTF-8"?><xml {said}/>', content_type=XML_TYPE)


def _prefer(transaction: Transaction, application: str) -> None:
    rows = transaction.instance.system().table(PREFERENCES)
    mine = {"user": transaction.session.user_sys_id, "name": PICKED}
    found = rows.first(filters=mine)
    if found is not None:
        rows.update(found.sys_id, {"value": application})
    else:
        rows.insert({**mine, "value": application})


@blueprint.route("/api/fluent/download/<sys_id>", methods=("GET",))
def download(sys_id: str) -> Response:
    """Send an application as an archive. Raises NotAuthenticated; one that is not here is told as the SDK reads it."""
    transaction = current()
    if not transaction.session.has_role(ADMIN):
        return answer_json({"result": "Insufficient rights to download an application"}, 403)
    if request.args.get("sysparam_mode", "complete") != "complete":
        transaction.instance.ledger.note("parameter", "sysparam_mode=incremental", "the whole application is sent")
    try:
        with transaction.instance.transaction():
            data = application_archive(transaction.session, sys_id)
    except PackageError as error:
        return answer_json({"result": error.why}, 404)
    answer = Response(data, content_type="application/zip")
    answer.headers["Content-Disposition"] = f"attachment;filename={sys_id}.zip"
    return answer


@blueprint.route("/fluent_update_set_export.do", methods=("GET",))
@blueprint.route("/export_update_set.do", methods=("GET",))
def update_set() -> Response:
    """Send an update set with its updates as XML that loads elsewhere. Raises NotAuthenticated, RecordNotFound."""
    from sandtable.packages.update_sets.export import update_set_document

    transaction = current()
    only_administrators(transaction)
    with transaction.instance.transaction():
        document = update_set_document(transaction.session, request.args.get("sysparm_sys_id", ""))
    answer = Response(document, content_type=XML_TYPE)
    answer.headers["Content-Disposition"] = "attachment;filename=sys_remote_update_set.xml"
    return answer


def only_administrators(transaction: Transaction) -> None:
    """Find out who is asking. Raises NotAuthenticated, for those who may not install anything too."""
    identify(transaction)
    if not transaction.session.has_role(ADMIN):
        transaction.session.explain(f"{transaction.session.user_name} needs the role admin to change applications")
        raise NotAuthenticated("User is not authorized")


def answer_json(content: dict[str, Any], status: int = 200) -> Response:
    """Return content as JSON that the SDK takes for such."""
    return Response(json.dumps(content), status=status, content_type=JSON_TYPE)
