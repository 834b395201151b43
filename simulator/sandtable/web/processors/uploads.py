"""`sys_upload.do`: what "Import XML" and "Import Update Set from XML" send.

Source: clients that post update sets there; ServiceNow documentation, save and load update sets as XML, import XML.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from sandtable.core.values.errors import BadRequest
from sandtable.packages.contents import read_bytes
from sandtable.packages.installing import install
from sandtable.packages.records import PackageError
from sandtable.packages.update_sets.committing import REMOTE, retrieve_all
from sandtable.web.console.visitor import wait_for_form
from sandtable.web.processors.sdk import only_administrators
from sandtable.web.transaction import current

blueprint = Blueprint("uploads", __name__)


@blueprint.route("/sys_upload.do", methods=("POST",))
def upload() -> Response:
    """Put an update set among the retrieved ones, or the records of an export into their tables; then lead on.

    Raises NotAuthenticated, and BadRequest for a file that holds neither.
    """
    transaction = current()
    wait_for_form()
    only_administrators(transaction)
    instance = transaction.instance
    part = request.files.get("attachFile") or next(iter(request.files.values()), None)
    if part is None:
        raise BadRequest("Invalid upload", "the request is no multipart/form-data with the file as attachFile")
    data, target = part.stream.read(), request.form.get("sysparm_target", "")
    try:
        with instance.transaction():
            if target == REMOTE:
                made = retrieve_all(instance, data, part.filename or "attachFile")
                shown = f"{REMOTE}.do?sys_id={made[0].sys_id}"
            else:
                report = install(instance, read_bytes(data, part.filename or "attachFile"))
                for each in report.left:
                    instance.log("warning", "sys_upload", f"{each.where}: {each.why}")
                shown = f"{target}_list.do" if target else "navpage.do"
    except PackageError as error:
        raise BadRequest("Invalid upload", str(error)) from None
    wanted = request.form.get("sysparm_referring_url", "")
    own = wanted.startswith(("/", f"{REMOTE}")) and not wanted.startswith("//") and "\\" not in wanted
    answer = redirect(f"/{(wanted if own else shown).lstrip('/')}")
    assert isinstance(answer, Response)  # noqa: S101 - as Flask makes one
    return answer
