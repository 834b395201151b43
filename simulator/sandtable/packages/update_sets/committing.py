"""Retrieved update sets: brought as files, previewed, committed, and backed out again.

Source: ServiceNow documentation, system update sets: preview, commit, back out; a commit leaves a complete local set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.query import condition, conjunction
from sandtable.packages.contents import Left, Package, read_bytes
from sandtable.packages.installing import Report, install, tried
from sandtable.packages.records import DELETE, PackagedRecord, PackageError, keys_of
from sandtable.packages.update_sets.capture import SETS, UPDATES, VERSIONS, keep_version
from sandtable.packages.writing import update_name
from sandtable.packages.xml_records import parsed, records_in, rows_of_sets

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record

REMOTE, PROBLEMS = "sys_remote_update_set", "sys_update_preview_problem"
LOADED, PREVIEWED, COMMITTED = "loaded", "previewed", "committed"
IGNORED = ("ignored", "skipped", "accepted")
SAME = ("name", "action", "type", "target_name", "table", "category", "application", "update_domain", "view")
COPIED = (*SAME, "payload", "payload_hash", "update_guid", "sys_recorded_at", "replace_on_upgrade", "comments")


class CannotCommit(ValueError):
    """A set that cannot be committed as it is; the text says why."""


def retrieve(instance: Instance, data: bytes, where: str) -> Record:
    """Put an update set's file among the retrieved sets, and return its record. Raises PackageError."""
    return retrieve_all(instance, data, where)[0]


def retrieve_all(instance: Instance, data: bytes, where: str) -> list[Record]:
    """Put the sets of a file, one or one with its children, among the retrieved sets. Raises PackageError."""
    system = instance.system()
    made: list[Record] = []
    with instance.transaction():
        for head, updates in rows_of_sets(parsed(data, where), where):
            made.append(_put(system, REMOTE, {**_known(instance, REMOTE, head), "state": LOADED}))
            for row in updates:
                owned = {"remote_update_set": made[-1].sys_id, "update_set": ""}
                _put(system, UPDATES, {**_known(instance, UPDATES, row), **owned})
    return made


def _known(instance: Instance, table: str, row: dict[str, str]) -> dict[str, str]:
    columns = instance.dictionary.columns(table)
    return {name: text for name, text in row.items() if name in columns}


def _put(system: Session, table: str, values: dict[str, str]) -> Record:
    sys_id = values.get("sys_id", "")
    if sys_id and system.table(table).find(sys_id) is not None:
        return system.table(table).update(sys_id, {name: text for name, text in values.items() if name != "sys_id"})
    return system.table(table).insert(values)


def package_of(session: Session, remote: Record) -> Package:
    """Return what the updates of a retrieved set hold; what cannot be read is left, with the reason."""
    package = Package("update set", remote["name"])
    for update in _updates(session, remote):
        where = update["name"] or update.sys_id
        if update["action"].upper() == DELETE and not update["payload"].strip():
            continue
        try:
            found = records_in(update["payload"].encode(), where, recorded=update["sys_recorded_at"])
        except PackageError as error:
            package.left.append(Left(where, error.why))
            continue
        removes = update["action"].upper() == DELETE
        package.records += [
            PackagedRecord(each.table, DELETE, each.values, where, each.hints, recorded=each.recorded, captured=True)
            if removes and not each.query
            else each
            for each in found
        ]
    return package


def preview(instance: Instance, remote: Record) -> Record:
    """Look through a retrieved set, enter what stands against it as problems, and return its record.

    A problem is an update that cannot be put, or one whose file was changed here later. The counts say what a commit
    would do.
    """
    system = instance.system()
    with instance.transaction():
        for old in system.table(PROBLEMS).query(condition("remote_update_set", "=", remote.sys_id)):
            system.table(PROBLEMS).delete(old.sys_id)
        package = package_of(system, remote)
        report = tried(instance, package)
        collisions = 0
        for update in _updates(system, remote):
            newest = system.table(UPDATES).first(
                conjunction(condition("name", "=", update["name"]), condition("update_set", "!=", ""))
            )
            if newest is not None and newest["sys_recorded_at"] > update["sys_recorded_at"]:
                collisions += 1
                what = f"Found a local update that is newer than this one: {update['name']}"
                _problem(system, remote, what, update)
        for each in report.left:
            at = system.table(UPDATES).first(
                conjunction(condition("remote_update_set", "=", remote.sys_id), condition("name", "=", each.where))
            )
            _problem(system, remote, f"{each.where}: {each.why}", at)
        counts = {name: str(sum(getattr(report, name).values())) for name in ("inserted", "updated", "deleted")}
        return system.table(REMOTE).update(remote.sys_id, {**counts, "collisions": str(collisions), "state": PREVIEWED})


def _problem(system: Session, remote: Record, what: str, update: Record | None) -> None:
    values = {"description": what[:1000], "type": "error", "remote_update_set": remote.sys_id}
    system.table(PROBLEMS).insert({**values, "remote_update": update.sys_id if update is not None else ""})


def open_problems(session: Session, remote: Record) -> list[Record]:
    """Return the problems of a set's preview that nobody has accepted or skipped."""
    found = session.table(PROBLEMS).query(condition("remote_update_set", "=", remote.sys_id))
    return [each for each in found if each["status"].lower() not in IGNORED]


def commit(instance: Instance, remote: Record, *, force: bool = False) -> tuple[Record, Report]:
    """Put the updates of a retrieved set, and return the complete local set and what came of it.

    Raises CannotCommit for one that is committed, that was not previewed or has open problems, unless `force`d.
    """
    if remote["state"] == COMMITTED and not force:
        raise CannotCommit(f"{remote['name']} is committed already")
    if remote["state"] != PREVIEWED and not force:
        raise CannotCommit(f"{remote['name']} was not previewed")
    problems = open_problems(instance.system(), remote)
    if problems and not force:
        raise CannotCommit(f"{remote['name']} has {len(problems)} open preview problems: {problems[0]['description']}")
    with instance.transaction():
        package = package_of(instance.system(), remote)
        made = local_set(instance, remote)
        report = install(instance, package)
        _committed(instance, made, remote)
    return made, report


def load_set(instance: Instance, data: bytes, where: str, *, whole: bool, unknown: str = "") -> Report:
    """Retrieve and commit an update set's file at once, and return what came of it.

    Its problems are those of an installation (see `install`). Raises PackageError.
    """
    package = read_bytes(data, where)
    with instance.transaction():
        pairs = [(each, local_set(instance, each)) for each in retrieve_all(instance, data, where)]
        report = install(instance, package, whole=whole, unknown=unknown)
        for remote, made in pairs:
            _committed(instance, made, remote)
    return report


def _committed(instance: Instance, made: Record, remote: Record) -> None:
    for record in _here(instance, package_of(instance.system(), remote)):
        keep_version(instance.system(), record, SETS, made.sys_id)
    done = {"state": COMMITTED, "commit_date": instance.clock.text(), "update_set": made.sys_id}
    instance.system().table(REMOTE).update(remote.sys_id, done)


def local_set(instance: Instance, remote: Record) -> Record:
    """Make the complete local set of a retrieved one, with its updates and with what its files were before."""
    system = instance.system()
    values = {name: remote[name] for name in ("name", "description", "application", "release_date", "origin_sys_id")}
    more = {"state": "complete", "install_date": instance.clock.text(), "remote_sys_id": remote.sys_id}
    made = system.table(SETS).insert({**values, **more, "completed_on": instance.clock.text()})
    for update in _updates(system, remote):
        copied = {name: update[name] for name in COPIED if instance.dictionary.column(UPDATES, name) is not None}
        system.table(UPDATES).insert({**copied, "update_set": made.sys_id})
    for record in _here(instance, package_of(system, remote)):
        keep_version(system, record, REMOTE, remote.sys_id)
    return made


def _here(instance: Instance, package: Package) -> list[Record]:
    """Return the records of this instance that a package means, each once."""
    found = {}
    for each in package.records:
        record = found_here(instance, each)
        if record is not None:
            found[record.table, record.sys_id] = record
    return list(found.values())


def found_here(instance: Instance, wanted: PackagedRecord) -> Record | None:
    """Return the record of this instance that one of a package means: by sys_id, else by what identifies it."""
    if not instance.dictionary.has(wanted.table):
        return None
    rows = instance.system().table(wanted.table)
    if wanted.sys_id and (record := rows.find(wanted.sys_id)) is not None:
        return record
    for key in keys_of(wanted):
        known = [name for name in key if instance.dictionary.column(wanted.table, name) is not None]
        if len(known) == len(key) and len(key) < 3:
            return rows.first(filters={name: wanted.values.get(name, "") for name in key})
    return None


def back_out(instance: Instance, owner: Record) -> Report:
    """Take a committed set back: each of its files becomes what it was before, or goes if it was not there.

    Raises CannotCommit for a set that was not committed here.
    """
    system = instance.system()
    remote = system.table(REMOTE).find(owner["remote_sys_id"]) if owner["remote_sys_id"] else None
    if remote is None or remote["state"] != COMMITTED:
        raise CannotCommit(f"{owner['name']} was not committed from a retrieved set, or is backed out already")
    package = Package("back out of update set", owner["name"])
    with instance.transaction():
        for record in package_of(system, remote).records:
            package.records += _undoing(instance, record, remote)
        report = install(instance, package)
        system.table(REMOTE).update(remote.sys_id, {"state": LOADED, "update_set": "", "commit_date": ""})
        for update in system.table(UPDATES).query(condition("update_set", "=", owner.sys_id)):
            system.table(UPDATES).delete(update.sys_id)
        system.table(SETS).delete(owner.sys_id)
    return report


def _undoing(instance: Instance, record: PackagedRecord, remote: Record) -> list[PackagedRecord]:
    """Return what gives a file its state before a set: its version from before, or its deletion."""
    here = found_here(instance, record)
    if record.query or (here is None and not record.sys_id):
        return []
    name = update_name(here) if here is not None else f"{record.table}_{record.sys_id}"
    kept = {"name": name, "source_table": REMOTE, "source": remote.sys_id}
    before = instance.system().table(VERSIONS).first(filters=kept)
    if before is not None:
        return records_in(before["payload"].encode(), name)
    return [] if here is None else [PackagedRecord(here.table, DELETE, {"sys_id": here.sys_id}, name, captured=True)]


def _updates(session: Session, remote: Record) -> list[Record]:
    found = session.table(UPDATES).query(condition("remote_update_set", "=", remote.sys_id))
    return sorted(found, key=lambda each: (each["sys_recorded_at"], each.sys_id))
