"""Files of a record: attached by a form, and sent to a browser so that nothing in them runs as a page of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, request

from sandtable.core.platform import attachments
from sandtable.core.values.errors import AttachmentRefused, PlatformError
from sandtable.web.console.forms.activity import PREVIEWED
from sandtable.web.console.lists.actions import refuse_forgery
from sandtable.web.console.sign_in import redirect, required
from sandtable.web.console.visitor import wait_for_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandtable.web.transaction import Transaction

BLOCK = 64 * 1024
# Whatever a file holds, opened on its own it is in a world of its own.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def attach(transaction: Transaction) -> Response:
    """Attach the files of a form to a record, and lead back to it. Raises ApiAccessDenied without the token."""
    visitor = required(transaction)
    if isinstance(visitor, Response):
        return visitor
    instance, session = transaction.instance, visitor.session
    wait_for_form()
    refuse_forgery(visitor)
    files = [each for each in request.files.values() if each.filename]
    files = [each for name in request.files for each in request.files.getlist(name) if each.filename] or files
    table, sys_id = request.values.get("sysparm_table", ""), request.values.get("sysparm_sys_id", "")
    instance.dictionary.table(table)
    try:
        if not files:
            raise AttachmentRefused("no file was chosen")
        for each in files:
            blocks = iter(lambda stream=each.stream: stream.read(BLOCK), b"")  # type: ignore[misc]
            with attachments.packed(blocks, attachments.size_limit(instance)) as packed:
                attachments.attach(
                    session, table, sys_id, each.filename or "", packed, content_type=each.content_type or ""
                )
        visitor.tell("ok", f"{len(files)} file{'' if len(files) == 1 else 's'} attached.")
    except PlatformError as error:
        visitor.tell("error", error.detail or error.message)
    return redirect(f"{request.script_root}/{quote(table)}.do?sys_id={quote(sys_id)}#attachments", 303)


def sent(transaction: Transaction, send: Callable[[], Response]) -> Response:
    """Return a file for a browser: images may be shown in a page, everything else is saved."""
    visitor = required(transaction)
    if isinstance(visitor, Response):
        return visitor
    answer = send()
    if answer.status_code != 200:
        return answer
    with transaction.instance.transaction():
        record = attachments.find(visitor.session, request.args["sys_id"])
    shown = record["content_type"].lower() in PREVIEWED and "view" in request.args
    name = quote(record["file_name"], safe="")
    answer.headers["Content-Disposition"] = f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
