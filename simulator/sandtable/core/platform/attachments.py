"""Files attached to records: a sys_attachment record for what is known of a file, a sys_attachment_doc for each chunk.

The bytes are packed with gzip as a whole and cut into chunks, each kept as base64 text, so snapshots, images and the
data file hold them like any other record. Source: ServiceNow documentation, Attachment API; the chunk size is that of
its samples.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from sandtable.core.query import Statement, compile_from_where, condition, conjunction, parse, resolve
from sandtable.core.values.errors import (
    AccessDenied,
    AttachmentRefused,
    AttachmentTooLarge,
    RecordNotFound,
    UnknownTable,
)
from sandtable.core.values.texts import comma_list, whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

TABLE, CHUNKS = "sys_attachment", "sys_attachment_doc"
CHUNK_BYTES = 700_000
MAX_SIZE, EXTENSIONS = "com.glide.attachment.max_size", "glide.attachment.extensions"
ROLES = "glide.attachment.role"
DEFAULT_MEGABYTES = 1024
MEGABYTE = 1024 * 1024
DEFAULT_TYPE = "application/octet-stream"
_GZIP = zlib.MAX_WBITS | 16


def size_limit(instance: Instance) -> int:
    """Return the largest file in bytes: property `com.glide.attachment.max_size` in megabytes, 1024 by default."""
    return (whole_number(instance.property(MAX_SIZE), 0) or DEFAULT_MEGABYTES) * MEGABYTE


def check_target(session: Session, table: str, sys_id: str, file_name: str) -> Record:
    """Return the record that a file is to be attached to.

    Raises AttachmentRefused for something missing or an extension that property `glide.attachment.extensions` does not
    list, RecordNotFound for an unknown table or record, AccessDenied for one that the caller may not write, or a caller
    with none of the roles in `glide.attachment.role`.
    """
    for name, value in (("table_name", table), ("table_sys_id", sys_id), ("file_name", file_name)):
        if not value.strip():
            raise AttachmentRefused(f"{name} is missing: say which record the file belongs to and what it is called")
    try:
        parent = session.table(table).get(sys_id)
    except UnknownTable:
        raise RecordNotFound from None
    roles = comma_list(session.instance.property(ROLES))
    if not session.instance.access.can(session, "write", parent.table, parent) or (
        roles and not session.has_role(*roles)
    ):
        raise AccessDenied("Insert")
    allowed = {each.lower().lstrip(".") for each in comma_list(session.instance.property(EXTENSIONS))}
    extension = file_name.rpartition(".")[2].lower() if "." in file_name else ""
    if allowed and extension not in allowed:
        raise AttachmentRefused(
            f"files with the extension {extension!r} are not allowed; {EXTENSIONS} lists {', '.join(sorted(allowed))}"
        )
    return parent


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file packed with gzip, waiting to be read from the start of `stream`; sizes in bytes, the hash as SHA-256."""

    stream: IO[bytes]
    size: int
    size_packed: int
    hash: str


@contextmanager
def packed(blocks: Iterable[bytes], limit: int) -> Iterator[PackedFile]:
    """Pack the bytes of a file, given in any portions, into a temporary file. Raises AttachmentTooLarge.

    No instance is needed for this, so that nobody waits for a large file to be packed.
    """
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    digest = hashlib.sha256()
    size = 0
    with SpooledTemporaryFile(max_size=MEGABYTE) as spool:
        for block in blocks:
            size += len(block)
            if size > limit:
                raise AttachmentTooLarge(limit)
            digest.update(block)
            spool.write(packer.compress(block))
        spool.write(packer.flush())
        size_packed = spool.tell()
        spool.seek(0)
        yield PackedFile(spool, size, size_packed, digest.hexdigest())


def attach(
    session: Session,
    table: str,
    sys_id: str,
    file_name: str,
    file: PackedFile,
    *,
    content_type: str = "",
    values: Mapping[str, str] | None = None,
) -> Record:
    """Attach a file to a record and return its sys_attachment record.

    `values` may give `encryption_context` and `sys_created_on`. Raises as `check_target`.
    """
    instance = session.instance
    with instance.transaction():
        parent = check_target(session, table, sys_id, file_name)
        attachment_id = instance.new_sys_id()
        _store_chunks(session, attachment_id, file.stream)
        # The caller may write the record itself, which is all that attaching to it asks for.
        return (
            session.without_access_control()
            .table(TABLE)
            .insert(
                {
                    **(values or {}),
                    "sys_id": attachment_id,
                    "file_name": file_name,
                    "content_type": content_type.partition(";")[0].strip() or DEFAULT_TYPE,
                    "table_name": table,
                    "table_sys_id": parent.sys_id,
                    "size_bytes": file.size,
                    "size_compressed": file.size_packed,
                    "compressed": "true",
                    "chunk_size_bytes": CHUNK_BYTES,
                    "hash": file.hash,
                    "state": "available",
                },
                auto_sys_fields="sys_created_on" not in (values or {}),
            )
        )


def _store_chunks(session: Session, attachment_id: str, stream: IO[bytes]) -> None:
    # Straight to the store: chunks have no rules, and are too many for the life of a record each.
    instance = session.instance
    position = 0
    while chunk := stream.read(CHUNK_BYTES):
        values = {
            **instance.stamps(CHUNKS, session.user_name),
            "sys_attachment": attachment_id,
            "position": str(position),
            "length": str(len(chunk)),
            "data": base64.b64encode(chunk).decode("ascii"),
        }
        instance.store.insert(CHUNKS, CHUNKS, instance.new_sys_id(), values)
        position += 1


def find(session: Session, sys_id: str) -> Record:
    """Return the sys_attachment record. Raises RecordNotFound, also for one whose record the caller may not see."""
    return session.table(TABLE).get(sys_id)


def content(instance: Instance, attachment: Record) -> Iterator[bytes]:
    """Yield the bytes of a file in portions. The instance is locked for each portion only, not in between."""
    unpack = zlib.decompressobj(_GZIP)
    for chunk_id in _chunks(instance, attachment.sys_id):
        with instance.lock:
            row = instance.store.get(CHUNKS, chunk_id)
        if row is None:
            # Deleted while it is being read; the reader sees an incomplete file, as on the product.
            return
        packed = base64.b64decode(row.values.get("data", ""))
        while packed:
            block = unpack.decompress(packed, CHUNK_BYTES)
            packed = unpack.unconsumed_tail
            if block:
                yield block
    rest = unpack.flush()
    if rest:
        yield rest


def _chunks(instance: Instance, attachment_id: str) -> list[str]:
    """Return the sys_ids of a file's chunks in order, without reading the chunks themselves."""
    query = conjunction(condition("sys_attachment", "=", attachment_id), parse("ORDERBYposition"))
    with instance.lock:
        resolved = resolve(query, CHUNKS, instance.system().query_context())
        clause = compile_from_where(resolved, CHUNKS, instance.dictionary, dialect=instance.store.dialect)
        listed, order = clause.column("sys_id"), clause.order_by(resolved.order)
        sql = f"SELECT {listed} FROM {clause.source} WHERE {clause.where} ORDER BY {order}"
        return [found for (found,) in instance.store.execute(Statement(sql, clause.parameters, clause.roots))]
