"""The CI/CD API's part for update sets: made, retrieved, previewed, committed and backed out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandtable.apps.cicd.cicd_tracking import Done, WorkFailed, asked, is_true, missing, not_found, start, system_of
from sandtable.core.applications.scripted_resources import ScriptRequest, ScriptResponse
from sandtable.core.values.texts import comma_list
from sandtable.packages.update_sets.committing import REMOTE, CannotCommit, back_out, commit, open_problems, preview

if TYPE_CHECKING:
    from sandtable.core.platform.record import Record

SETS, SCOPES, SOURCES = "sys_update_set", "sys_scope", "sys_update_set_source"
Answer = ScriptResponse | dict[str, Any]


def create(request: ScriptRequest) -> ScriptResponse:
    """Make an update set in an application, which `scope` or `sys_id` names; the default is the global one."""
    name = asked(request, "update_set_name")
    if not name:
        return missing("update_set_name")
    rows = request.session.without_access_control()
    application = "global"
    scope, sys_id = asked(request, "scope"), asked(request, "sys_id")
    if scope or sys_id:
        found = rows.table(SCOPES).find(sys_id) if sys_id else rows.table(SCOPES).first(filters={"scope": scope})
        if found is None:
            return not_found(f"There is no application {sys_id or scope}")
        application = found.sys_id
    values = {"name": name, "application": application, "description": asked(request, "description")}
    made = rows.table(SETS).insert(values)
    done = {"status": "2", "status_label": "Successful", "status_message": "", "status_detail": "", "error": ""}
    return ScriptResponse(201, {**done, "percent_complete": 100, "update_set_id": made.sys_id})


def retrieve(request: ScriptRequest) -> Answer:
    """Take a set of another instance into work.

    No connection is made to that instance: the set has to be among the retrieved ones, brought as a file.
    """
    wanted = asked(request, "update_set_id")
    if not wanted:
        return missing("update_set_id")
    source, instance_id = asked(request, "update_source_id"), asked(request, "update_source_instance_id")
    system = system_of(request)
    if not source and not instance_id:
        return missing("update_source_id or update_source_instance_id")
    if source and system.table(SOURCES).find(source) is None:
        return not_found(f"There is no remote instance {source}")

    def work() -> Done:
        found = next(
            (
                each
                for column in ("remote_sys_id", "origin_sys_id", "sys_id")
                for each in system.table(REMOTE).query(f"{column}={wanted}^ORDERBYDESCsys_created_on")
            ),
            None,
        )
        if found is None:
            request.session.instance.ledger.note("application", "sn_cicd update_set/retrieve", "no call goes out")
            raise WorkFailed(f"Update set {wanted} was not retrieved: bring its file among the retrieved update sets")
        if is_true(request, "cleanup_retrieved"):
            for other in system.table(REMOTE).query(f"remote_sys_id={found['remote_sys_id']}^sys_id!={found.sys_id}"):
                system.table(REMOTE).delete(other.sys_id)
        if is_true(request, "auto_preview"):
            found = preview(request.session.instance, found)
        return Done(source=(REMOTE, found.sys_id), detail=f"Retrieved {found['name']}")

    return start(request, f"Retrieve update set {wanted}", work)


def preview_set(request: ScriptRequest) -> Answer:
    """Preview a retrieved set."""
    remote = _remote(request, request.path_parameters["remote_id"])
    if remote is None:
        return not_found(f"There is no retrieved update set {request.path_parameters['remote_id']}")

    def work() -> Done:
        preview(request.session.instance, remote)
        problems = open_problems(system_of(request), remote)
        return Done(source=(REMOTE, remote.sys_id), detail=f"{len(problems)} preview problems")

    return start(request, f"Preview {remote['name']}", work)


def commit_set(request: ScriptRequest) -> Answer:
    """Commit a retrieved set."""
    remote = _remote(request, request.path_parameters["remote_id"])
    if remote is None:
        return not_found(f"There is no retrieved update set {request.path_parameters['remote_id']}")
    return start(request, f"Commit {remote['name']}", lambda: _commit(request, [remote]))


def commit_sets(request: ScriptRequest) -> Answer:
    """Commit retrieved sets in the order given; the first that cannot be committed ends it, and nothing is kept."""
    listed = comma_list(asked(request, "remote_update_set_ids"))
    if not listed:
        return missing("remote_update_set_ids")
    found = [_remote(request, each) for each in listed]
    absent = next((each for each, remote in zip(listed, found, strict=True) if remote is None), None)
    if absent is not None:
        return not_found(f"There is no retrieved update set {absent}")
    remotes = [remote for remote in found if remote is not None]
    return start(request, f"Commit {len(remotes)} update sets", lambda: _commit(request, remotes))


def back_out_set(request: ScriptRequest) -> Answer:
    """Take a committed set back."""
    wanted = asked(request, "update_set_id")
    if not wanted:
        return missing("update_set_id")
    owner = system_of(request).table(SETS).find(wanted)
    if owner is None:
        return not_found(f"There is no update set {wanted}")

    def work() -> Done:
        try:
            report = back_out(request.session.instance, owner)
        except CannotCommit as error:
            raise WorkFailed(str(error)) from None
        return Done(detail="; ".join(report.lines()))

    return start(request, f"Back out {owner['name']}", work)


def _commit(request: ScriptRequest, remotes: list[Record]) -> Done:
    detail, made = [], None
    for remote in remotes:
        try:
            made, report = commit(request.session.instance, remote, force=is_true(request, "force_commit"))
        except CannotCommit as error:
            raise WorkFailed(str(error), Done(source=(REMOTE, remote.sys_id))) from None
        detail += report.lines()
    return Done(source=(SETS, made.sys_id if made is not None else ""), detail="\n".join(detail))


def _remote(request: ScriptRequest, sys_id: str) -> Record | None:
    return system_of(request).table(REMOTE).find(sys_id)
