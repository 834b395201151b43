"""The application repository of an instance: versions of applications, each kept whole, installed and put back.

Source: ServiceNow documentation, application repository, and CI/CD API. A version is a record of sys_app_version with
the archive attached to it; what an installation replaces is kept as a version too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandtable.core.platform import attachments
from sandtable.core.query import condition, conjunction
from sandtable.packages.applications import application_archive, files_of
from sandtable.packages.contents import read_archive
from sandtable.packages.installing import Report, install
from sandtable.packages.records import PackageError

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

VERSIONS, SCOPES, ARCHIVE = "sys_app_version", "sys_scope", "application.zip"
LAST_NUMBER = re.compile(r"(\d+)(\D*)$")
TABLES, COLUMNS = "sys_db_object", "sys_dictionary"


def publish(session: Session, app: Record, version: str, notes: str = "") -> Record:
    """Keep an application as it is now as a version, and return the record of it.

    Without a version the last number of the present one is raised. Raises PackageError for a version that is kept.
    """
    present = session.table(app.table).get(app.sys_id)
    version = version or raised(present["version"])
    found = version_of(session, app.sys_id, version)
    if found is not None and found["published"] == "true":
        raise PackageError("", f"{app['scope']} {version} is published already; give a higher version")
    if present["version"] != version:
        present = session.table(app.table).update(app.sys_id, {"version": version})
    if found is not None:
        session.table(VERSIONS).delete(found.sys_id)
    return _keep(session, present, notes, published=True)


def version_of(session: Session, application: str, version: str = "") -> Record | None:
    """Return a version of an application, by its sys_id or scope: the one named, else the newest published."""
    column = "source_app_id" if re.fullmatch(r"[0-9a-f]{32}", application) else "scope"
    found = session.table(VERSIONS).query(condition(column, "=", application))
    if version:
        return next((each for each in found if each["version"] == version), None)
    published = [each for each in found if each["published"] == "true"]
    return max(published, key=lambda each: numbers(each["version"]), default=None)


def version_before(session: Session, app: Record) -> str:
    """Return the version that an application had before its last installation; empty for none."""
    wanted = conjunction(condition("source_app_id", "=", app.sys_id), condition("version", "=", app["version"]))
    found = session.table(VERSIONS).first(wanted)
    return found["replaced"] if found is not None else ""


def install_version(instance: Instance, version: Record) -> Report:
    """Make an application what it was as a version: its files are those of the version and no others.

    Raises PackageError.
    """
    system = instance.system()
    attachment = system.table("sys_attachment").first(filters={"table_sys_id": version.sys_id})
    if attachment is None:
        raise PackageError("", f"the archive of {version['scope']} {version['version']} is not kept")
    archive = b"".join(attachments.content(instance, attachment))
    with instance.transaction():
        present = system.table(SCOPES).find(version["source_app_id"])
        if present is not None:
            if version_of(system, present.sys_id, present["version"]) is None:
                _keep(system, system.table(present.table).get(present.sys_id), "", published=False)
            if present["version"] != version["version"]:
                system.table(VERSIONS).update(version.sys_id, {"replaced": present["version"]})
        package = read_archive(archive, ARCHIVE)
        report = install(instance, package)
        named = {(each.table, each.sys_id) for each in package.records}
        silent = system.without_business_rules()
        gone = [each for each in files_of(system, version["source_app_id"]) if (each.table, each.sys_id) not in named]
        for record in sorted(gone, key=lambda each: each.table in (TABLES, COLUMNS)):
            own = record.table == COLUMNS and record["element"].startswith("sys_")
            if not own and silent.table(record.table).find(record.sys_id) is not None:
                silent.table(record.table).delete(record.sys_id)
                report.deleted[record.table] += 1
    return report


def _keep(session: Session, app: Record, notes: str, *, published: bool) -> Record:
    values = {name: app.get(name) or "" for name in ("name", "scope", "version", "vendor", "short_description")}
    more = {"source_app_id": app.sys_id, "dev_notes": notes, "published": "true" if published else "false"}
    when = {"publish_date": session.instance.clock.text()} if published else {}
    made = session.table(VERSIONS).insert({**values, **more, **when})
    data = application_archive(session, app.sys_id)
    with attachments.packed([data], max(len(data), 1)) as packed:
        attachments.attach(session, VERSIONS, made.sys_id, ARCHIVE, packed, content_type="application/zip")
    return made


def raised(version: str) -> str:
    """Return a version with its last number raised by one."""
    return LAST_NUMBER.sub(lambda found: f"{int(found[1]) + 1}{found[2]}", version) if version else "1.0.0"


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, by which versions are ordered."""
    return tuple(int(each) for each in re.findall(r"\d+", version))
