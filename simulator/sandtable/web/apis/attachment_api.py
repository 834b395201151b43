"""Attachment API: files of records, streamed in both directions, and what is known of them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from sandtable.core.platform import attachments
from sandtable.core.schema.stored_values import as_text
from sandtable.core.values.errors import AttachmentRefused, AttachmentTooLarge, MethodNotSupported, UnreadableBody
from sandtable.web.transaction import Transaction, opened
from sandtable.web.wire import parameters
from sandtable.web.wire.answers import base_url, document, header_text, refuse_unacceptable
from sandtable.web.wire.body import read_object
from sandtable.web.wire.pagination import link_header

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.record import Record

blueprint = Blueprint("attachment_api", __name__)
ATTACHMENT_API = "Attachment API"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = ("/api/now/attachment", "/api/now/v<int:version>/attachment")
DEFAULT_LIMIT = 1000
BLOCK = 64 * 1024
FILE_PART = "sandtable.attachment.file_part"
NO_FORM = "the request is no multipart/form-data with table_name, table_sys_id and then a file"
MOST_OF_FIELDS = 500_000
UPLOAD = frozenset({"table_name", "table_sys_id", "file_name", "encryption_context", "creation_time"})
SHOWN = (
    "sys_id",
    "table_name",
    "table_sys_id",
    "file_name",
    "content_type",
    "size_bytes",
    "size_compressed",
    "compressed",
    "chunk_size_bytes",
    "state",
    "hash",
    "image_height",
    "image_width",
    "average_image_color",
    "sys_created_on",
    "sys_created_by",
    "sys_updated_on",
    "sys_updated_by",
    "sys_mod_count",
    "sys_tags",
)


def collection(version: int | None = None) -> Response:
    """List what is known of the files that the caller may see."""
    transaction = _opened(version)
    refuse_unacceptable()
    if request.method not in ("GET", "HEAD"):
        raise MethodNotSupported
    instance = transaction.instance

    def is_column(name: str) -> bool:
        return instance.dictionary.walk(attachments.TABLE, name) is not None

    asked = parameters.list_parameters(request.args, is_column, default_limit=DEFAULT_LIMIT)
    parameters.note_unknown(instance, request.args, parameters.DOCUMENTED, is_column)
    with instance.transaction():
        access = transaction.session.table(attachments.TABLE)
        page = access.page(
            asked.query, limit=asked.limit, offset=asked.offset, count=asked.count, filters=asked.filters
        )
    transaction.rows = len(page.records)
    answer = document(transaction, {"result": [_shown(transaction, record) for record in page.records]})
    if page.total is not None:
        answer.headers["X-Total-Count"] = str(page.total)
    link = link_header(
        f"{base_url(transaction)}{request.path}",
        request.args.items(multi=True),
        limit=asked.limit,
        offset=asked.offset,
        total=page.total,
        shown=len(page.records),
    )
    if asked.link and link:
        answer.headers["Link"] = link
    return answer


def member(sys_id: str, version: int | None = None) -> Response:
    """Read what is known of a file, rename it, or delete it; or take a new one at `file` and `upload`."""
    if sys_id in ("file", "upload"):
        return _received(_opened(version), sys_id)
    transaction = _opened(version)
    refuse_unacceptable()
    instance, session = transaction.instance, transaction.session
    if request.method in ("GET", "HEAD"):
        with instance.transaction():
            return document(transaction, {"result": _shown(transaction, attachments.find(session, sys_id))})
    if request.method in ("PATCH", "PUT"):
        if not instance.property_is_true("sandtable.attachment.attributes", True):
            raise MethodNotSupported
        values = read_object(request, instance)
        name = as_text(values.get("file_name")).strip()
        if not name:
            raise AttachmentRefused('the body must give the new name: {"file_name":"new.txt"}')
        with instance.transaction():
            session.table(attachments.TABLE).update(sys_id, {"file_name": name})
        return Response(status=204)
    if request.method == "DELETE":
        with instance.transaction():
            session.table(attachments.TABLE).delete(sys_id)
        return Response(status=204)
    raise MethodNotSupported


def file(sys_id: str, version: int | None = None) -> Response:
    """Send the bytes of a file, a portion at a time."""
    transaction = _opened(version)
    if request.method not in ("GET", "HEAD"):
        raise MethodNotSupported
    instance = transaction.instance
    with instance.transaction():
        record = attachments.find(transaction.session, sys_id)
        metadata = json.dumps(_shown(transaction, record), separators=(",", ":"))
    answer = Response(
        attachments.content(instance, record) if request.method == "GET" else b"",
        content_type=header_text(record["content_type"]) or attachments.DEFAULT_TYPE,
    )
    answer.headers["X-Attachment-Metadata"] = header_text(metadata)
    # What somebody attached is no page of the instance: a browser runs none of it, whatever its type is taken for.
    answer.headers["Content-Security-Policy"] = "sandbox"
    if _is_downloaded(instance, record["content_type"]):
        answer.headers["Content-Disposition"] = f"attachment;filename*=UTF-8''{quote(record['file_name'], safe='')}"
    return answer


def _is_downloaded(instance: Instance, content_type: str) -> bool:
    """Tell whether a browser is to download a file of a type rather than show it.

    Source: ServiceNow documentation, hardening settings, restricted downloadable MIME types.
    """
    if instance.property_is_true("glide.ui.attachment.force_download_all_mime_types", False):
        return True
    kind = content_type.partition(";")[0].strip().lower()
    listed = instance.property("glide.ui.attachment.download_mime_types").lower().split(",")
    return kind in {each.strip() for each in listed}


for _path in PATHS:
    _endpoint = str(_path.count("<"))
    blueprint.add_url_rule(_path, view_func=collection, methods=METHODS, endpoint=f"collection{_endpoint}")
    blueprint.add_url_rule(f"{_path}/<sys_id>", view_func=member, methods=METHODS, endpoint=f"member{_endpoint}")
    blueprint.add_url_rule(f"{_path}/<sys_id>/file", view_func=file, methods=METHODS, endpoint=f"file{_endpoint}")


def _opened(version: int | None) -> Transaction:
    transaction = opened(ATTACHMENT_API, attachments.TABLE, version)
    with transaction.instance.transaction():
        transaction.instance.access.check_api(transaction.session, ATTACHMENT_API, attachments.TABLE)
    return transaction


def _received(transaction: Transaction, kind: str) -> Response:
    """Take a file from the request: its body at `file`, a part of its form at `upload`."""
    refuse_unacceptable()
    if request.method != "POST":
        raise MethodNotSupported
    if kind == "file":
        parameters.note_unknown(transaction.instance, request.args, {*UPLOAD, *parameters.DOCUMENTED})
        return _from_body(transaction)
    parameters.note_unknown(transaction.instance, request.args, parameters.DOCUMENTED)
    return _from_form(transaction)


def _from_body(transaction: Transaction) -> Response:
    given = {name: request.args.get(name) or "" for name in UPLOAD}
    # Asked before the body is read: whoever may not attach does not send a gigabyte first.
    with transaction.instance.transaction():
        attachments.check_target(transaction.session, given["table_name"], given["table_sys_id"], given["file_name"])
    return _attached(transaction, given, _body_blocks(transaction), request.headers.get("Content-Type") or "")


def _from_form(transaction: Transaction) -> Response:
    """Take a file from a form, whose last part it must be: what comes after it is not looked at.

    Source: ServiceNow documentation, Attachment API. `sandtable.attachment.file_part` set to `anywhere` looks at all.
    """
    given = dict.fromkeys(UPLOAD, "")
    if transaction.instance.property(FILE_PART, "last") == "anywhere":
        part = next(iter(request.files.values()), None)
        if part is None:
            raise AttachmentRefused(NO_FORM)
        given |= {name: request.form.get(name) or "" for name in UPLOAD}
        given["file_name"] = given["file_name"] or part.filename or ""
        return _attached(transaction, given, _blocks(part.stream), part.content_type or "")
    events = _events(transaction)
    name = ""
    for event in events:
        if isinstance(event, Field):
            name = event.name if event.name in UPLOAD else ""
        elif isinstance(event, File):
            given["file_name"] = given["file_name"] or event.filename
            if not given["table_name"]:
                transaction.session.explain("the file must be the last part of the form: nothing after it is read")
            with transaction.instance.transaction():
                attachments.check_target(
                    transaction.session, given["table_name"], given["table_sys_id"], given["file_name"]
                )
            return _attached(transaction, given, _file_blocks(events), event.headers.get("Content-Type") or "")
        elif isinstance(event, Data) and name:
            given[name] += event.data.decode("utf-8", "replace")
    raise AttachmentRefused(NO_FORM)


def _events(transaction: Transaction) -> Iterator[Event]:
    """Yield what a form's body holds, as it comes; nothing for what is no form."""
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        return
    decoder = MultipartDecoder(boundary.encode("ascii", "replace"), max_form_memory_size=MOST_OF_FIELDS)
    try:
        for block in itertools.chain(_body_blocks(transaction), (None,)):
            decoder.receive_data(block)
            while not isinstance(event := decoder.next_event(), NeedData):
                if isinstance(event, Epilogue):
                    return
                yield event
    except (ValueError, RequestEntityTooLarge) as error:
        raise AttachmentRefused(f"{NO_FORM}: {error}") from None


def _file_blocks(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if not isinstance(event, Data):
            return
        yield bytes(event.data)
        if not event.more_data:
            return


def _body_blocks(transaction: Transaction) -> Iterator[bytes]:
    """Yield the body in portions. Raises AttachmentTooLarge, before any when its length says so, and UnreadableBody."""
    limit = attachments.size_limit(transaction.instance)
    declared = request.environ.get("CONTENT_LENGTH", "")
    if declared and not (declared.isascii() and declared.isdigit()):
        raise UnreadableBody("Content-Length is not a number")
    if declared and int(declared) > limit:
        raise AttachmentTooLarge(limit)
    if not declared and not request.environ.get("wsgi.input_terminated"):
        return
    try:
        yield from _blocks(request.stream)
    except (ValueError, OSError) as error:
        raise UnreadableBody(f"Cannot read: {error}") from None


def _attached(transaction: Transaction, given: dict[str, str], blocks: Iterable[bytes], content_type: str) -> Response:
    values = {"encryption_context": given["encryption_context"], "sys_created_on": given["creation_time"]}
    instance = transaction.instance
    # Received and packed before the transaction begins: a large file keeps nobody waiting.
    with attachments.packed(blocks, attachments.size_limit(instance)) as packed, instance.transaction():
        record = attachments.attach(
            transaction.session,
            given["table_name"],
            given["table_sys_id"],
            given["file_name"],
            packed,
            content_type=content_type,
            values={name: value for name, value in values.items() if value},
        )
        answer = document(transaction, {"result": _shown(transaction, record)}, 201)
    answer.headers["Location"] = header_text(f"{_address(transaction, record)}/file")
    return answer


def _blocks(source: IO[bytes]) -> Iterator[bytes]:
    while block := source.read(BLOCK):
        yield block


def _shown(transaction: Transaction, record: Record) -> dict[str, str]:
    shown = {name: record[name] for name in SHOWN}
    shown["download_link"] = f"{_address(transaction, record)}/file"
    return shown


def _address(transaction: Transaction, record: Record) -> str:
    return f"{base_url(transaction)}/api/now{transaction.version}/attachment/{record.sys_id}"
