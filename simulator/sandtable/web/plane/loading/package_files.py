"""Update sets, files of applications and packed applications, as the test plane takes them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from sandtable.packages.contents import UPDATE_SET, read_bytes
from sandtable.packages.installing import install
from sandtable.packages.records import PackageError
from sandtable.packages.update_sets.committing import load_set
from sandtable.web.plane.operations import PlaneError

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

PACKAGE = "package"
ARCHIVE_START = b"PK\x03\x04"
BEGINNING = 4096
# A byte order mark, the prolog and comments may come first.
EXPORT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*+<unload[\s>]", re.DOTALL)
# What a document holds that is more than rows of tables.
MARKS = (b"<sys_remote_update_set", b"<sys_update_xml", b"<record_update", b"<database")


def is_package(data: bytes) -> bool:
    """Tell whether an XML document is an update set or a file of an application, by how it begins."""
    start = data[:BEGINNING]
    return any(mark in start for mark in MARKS)


def is_export(data: bytes) -> bool:
    """Tell whether an XML document is an export of records, by its first element."""
    return EXPORT.match(data) is not None


def put_package(instance: Instance, data: bytes, *, whole: bool, unknown: str = "") -> dict[str, Any]:
    """Put a package into an instance, and return what came of it. Raises PlaneError, which names the place."""
    try:
        package = read_bytes(data, "")
        if package.kind == UPDATE_SET:
            report = load_set(instance, data, "", whole=whole, unknown=unknown)
        else:
            report = install(instance, package, whole=whole, unknown=unknown)
    except PackageError as error:
        fix = "mend it, or take the rest with partial=true"
        raise PlaneError(422, error.where.removeprefix(": ") or "body", error.why, fix) from None
    tables = Counter(report.inserted) + Counter(report.updated) + Counter(report.deleted)
    counts = {name: sum(getattr(report, name).values()) for name in ("inserted", "updated", "deleted")}
    ignored = {table: list(names) for table, names in report.unknown_columns.items()}
    for table, names in report.lost_values.items():
        ignored.setdefault(table, []).extend(names)
    return {
        "format": PACKAGE,
        **counts,
        "tables": dict(tables),
        "ignored_columns": ignored,
        "package": report.shown(),
    }
