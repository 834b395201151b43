"""What GlideSysAttachment asks of the instance: files of records, and streams of bytes that scripts pass on."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandtable.core.platform import attachments
from sandtable.core.values.errors import PlatformError, RecordNotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandtable.scripting.run import Run


def _stored(run: Run, table: str, sys_id: str, name: str, kind: str, content: bytes) -> str | None:
    session = run.elevated()
    try:
        with attachments.packed([content], attachments.size_limit(run.instance)) as file:
            return attachments.attach(session, table, sys_id, name, file, content_type=kind).sys_id
    except PlatformError as refusal:
        run.instance.log("error", "GlideSysAttachment", str(refusal))
        return None


def attach(
    run: Run, table: str, sys_id: str, name: str, kind: str, content: str | Sequence[int], form: str
) -> str | None:
    """Attach a file to a row and return its sys_id; `form` is text, base64, bytes or stream."""
    if form == "stream":
        return _stored(run, table, sys_id, name, kind, stream_bytes(run, str(content)))
    if form == "bytes" and not isinstance(content, str):
        return _stored(run, table, sys_id, name, kind, bytes(int(each) & 255 for each in content))
    text = str(content)
    if form == "base64":
        try:
            return _stored(run, table, sys_id, name, kind, base64.b64decode(text))
        except ValueError:
            run.instance.log("error", "GlideSysAttachment", f"the content of {name} is not base64")
            return None
    return _stored(run, table, sys_id, name, kind, text.encode())


def attachment_ids(run: Run, table: str, sys_id: str) -> list[str]:
    """Return the sys_ids of a row's files."""
    found = run.elevated().table("sys_attachment")
    return [each.sys_id for each in found.query(f"table_name={table}^table_sys_id={sys_id}")]


def copy_attachments(run: Run, from_table: str, from_id: str, table: str, sys_id: str) -> list[str]:
    """Attach a row's files to another row as well; return old and new sys_id of each, divided by a comma."""
    made = []
    for each in attachment_ids(run, from_table, from_id):
        record = attachments.find(run.elevated(), each)
        content = b"".join(attachments.content(run.instance, record))
        new = _stored(run, table, sys_id, record["file_name"], record["content_type"], content)
        if new:
            made.append(f"{each},{new}")
    return made


def delete_attachment(run: Run, sys_id: str) -> None:
    """Delete a file."""
    try:
        run.elevated().table("sys_attachment").delete(sys_id)
    except RecordNotFound:
        run.session.explain(f"there is no attachment {sys_id}")


def _content(run: Run, sys_id: str) -> bytes:
    try:
        record = attachments.find(run.elevated(), sys_id)
    except RecordNotFound:
        return b""
    return b"".join(attachments.content(run.instance, record))


def attachment_text(run: Run, sys_id: str) -> str:
    """Return the content of a file as text."""
    return _content(run, sys_id).decode("utf-8", "replace")


def attachment_base64(run: Run, sys_id: str) -> str:
    """Return the content of a file as base64."""
    return base64.b64encode(_content(run, sys_id)).decode("ascii")


def attachment_bytes(run: Run, sys_id: str) -> list[int]:
    """Return the bytes of a file, from -128 to 127 each."""
    return [each - 256 if each > 127 else each for each in _content(run, sys_id)]


def attachment_attribute(run: Run, sys_id: str, name: str, value: str) -> None:
    """Note that attributes of files are not kept for scripts."""
    run.instance.ledger.note("script", "GlideSysAttachment.addAttribute", f"{name} of {sys_id} is not kept")


def stream_bytes(run: Run, token: str) -> bytes:
    """Return the bytes that a stream stands for: a file's, or those of the request that a script answers."""
    if token == "request":  # noqa: S105 - the name of a stream
        return run.web.raw if run.web is not None else b""
    return _content(run, token.partition(":")[2])


def stream_text(run: Run, token: str) -> str:
    """Return what a stream stands for as text."""
    return stream_bytes(run, token).decode("utf-8", "replace")


OPERATIONS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        attach, attachment_ids, copy_attachments, delete_attachment, attachment_text, attachment_base64,
        attachment_bytes, attachment_attribute, stream_text,
    )
}  # fmt: skip
