"""An application as a whole: its files, packed as the platform hands them out, and its removal."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from sandtable.core.query import condition, conjunction
from sandtable.packages.records import PackageError
from sandtable.packages.writing import choices_document, update_document, update_name

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

FILES, APPLICATIONS = "sys_metadata", "sys_scope"
TABLES, COLUMNS, CHOICES = "sys_db_object", "sys_dictionary", "sys_choice"
# An entry's moment in the archive; archives of the same files are equal.
MOMENT = (1980, 1, 1, 0, 0, 0)


def application(session: Session, sys_id: str) -> Record:
    """Return the record of an application, of its own class. Raises PackageError."""
    found = session.table(APPLICATIONS).find(sys_id)
    if found is None:
        raise PackageError("", f"there is no application {sys_id} here")
    return session.table(found.table).get(found.sys_id)


def files_of(session: Session, sys_id: str) -> list[Record]:
    """Return the files of an application, each of its own class, by class and sys_id."""
    found = session.table(FILES).query(condition("sys_scope", "=", sys_id))
    whole = [session.table(each.table).get(each.sys_id) for each in found]
    whole += session.table("sys_user_role").query(condition("sys_scope", "=", sys_id))
    return sorted({each.sys_id: each for each in whole}.values(), key=lambda each: (each.table, each.sys_id))


def application_archive(session: Session, sys_id: str) -> bytes:
    """Return an application as an archive, a file an update, as the product hands it to its SDK.

    Raises PackageError for an application that is not here.
    """
    owner = application(session, sys_id)
    entries = {f"scope/{update_name(owner)}.xml": update_document(session, owner)}
    for record in files_of(session, sys_id):
        if record.table == COLUMNS and record["element"].startswith("sys_"):
            continue  # what every table has
        entries[f"update/{update_name(record)}.xml"] = update_document(session, record)
        if record.table == COLUMNS and record["element"]:
            choices = _choices(session, record["name"], record["element"])
            if choices:
                name = f"sys_choice_{record['name']}_{record['element']}"
                document = choices_document(session, record["name"], record["element"], choices)
                entries[f"author_elective_update/{name}.xml"] = document
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, document in sorted(entries.items()):
            archive.writestr(zipfile.ZipInfo(path, MOMENT), document, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def remove_application(instance: Instance, sys_id: str) -> int:
    """Take an application away with its files, and return how many records went. Raises PackageError."""
    session = instance.system().without_business_rules()
    with instance.transaction():
        owner = application(session, sys_id)
        files = files_of(session, sys_id)
        # Tables last: their columns and their data go with them.
        files.sort(key=lambda each: each.table in (TABLES, COLUMNS))
        gone = 0
        for record in files:
            if session.table(record.table).find(record.sys_id) is not None:
                session.table(record.table).delete(record.sys_id)
                gone += 1
        session.table(owner.table).delete(owner.sys_id)
    return gone + 1


def _choices(session: Session, table: str, column: str) -> list[Record]:
    found = session.table(CHOICES).query(conjunction(condition("name", "=", table), condition("element", "=", column)))
    return sorted(found, key=lambda each: (int(each["sequence"] or 0), each["value"]))
