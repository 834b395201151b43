"""The Change Management API: changes by type, their tasks, affected items, approvals, next states, models, templates.

Source: ServiceNow documentation, Change Management API. Not simulated: the change schedule, conflict detection (a
check finds no conflict), and risk assessments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sandtable.apps.change.change_states import next_states
from sandtable.apps.change.change_terms import choice_of_label, meta_of, without_order
from sandtable.apps.shown import typed_values
from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import BadRequest, RecordNotFound
from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

SCOPE = "sn_chg_rest"
BASE = "/api/sn_chg_rest/change"
SERVICE = "Change Management [sn_chg_rest/change]"
CHANGES, TASKS = "change_request", "change_task"
MODELS, TEMPLATES = "chg_model", "std_change_producer_version"
TYPES = ("normal", "standard", "emergency")
DEFAULT_LIMIT, DEFAULT_ORDER = 500, "number"
LARGEST_LIMIT = 10_000
ITEM_TABLES = {"affected": "task_ci", "impacted": "task_cmdb_ci_service", "offering": "task_service_offering"}
ITEM_COLUMNS = {"affected": "ci_item", "impacted": "cmdb_ci_service", "offering": "service_offering"}


# changes -------------------------------------------------------------------------------------------------------------


def changes(request: ScriptRequest) -> list[dict[str, Any]]:
    """List changes by `sysparm_query` or by columns, in the order of `order`; `textSearch` looks in their texts."""
    return _changes(request, "")


def changes_of(kind: str) -> Script:
    """Return the script that lists the changes of one type."""
    return lambda request: _changes(request, kind)


def _changes(request: ScriptRequest, kind: str) -> list[dict[str, Any]]:
    asked = dict(request.query)
    query = without_order(request.session, asked.get("sysparm_query", ""))
    order, text = asked.get("order", ""), asked.get("textSearch", "")
    kind = kind or asked.get("type", "")
    columns = request.session.instance.dictionary.columns(CHANGES)
    parts = [query] if query else []
    parts.append(f"ORDERBY{order if order in columns else DEFAULT_ORDER}")
    filters = {name: value for name, value in asked.items() if name in columns and name not in ("order", "type")}
    if kind and kind != "all":
        filters["type"] = kind
    found = _page(request, CHANGES, "^".join(parts), filters)
    words = text.casefold().split()
    if words:
        texts = ("number", "short_description", "description")
        found = [each for each in found if all(any(w in each[t].casefold() for t in texts) for w in words)]
    return [*(typed_values(request.session, each) for each in found), meta_of(request.session, CHANGES, query)]


def one_change(kind: str) -> Script:
    """Return the script that answers a change; with a type, one of that type only."""

    def answer(request: ScriptRequest) -> dict[str, Any]:
        return typed_values(request.session, _change(request, kind))

    return answer


def create_change(kind: str) -> Script:
    """Return the script that creates a change, of a type or of what `type` or `chg_model` say."""

    def answer(request: ScriptRequest) -> dict[str, Any]:
        values = _values(request)
        if kind:
            values["type"] = kind
        elif values.get("type", "normal") not in TYPES:
            raise BadRequest("Invalid change type", f"type is one of {', '.join(TYPES)}: {values['type']!r}")
        elif values.get("type") == "standard":
            raise BadRequest("A standard change needs its template", f"POST {BASE}/standard/{{template}}")
        return _written(request, request.session.table(CHANGES).insert(_known(request, CHANGES, values)), values)

    return answer


def create_standard(request: ScriptRequest) -> dict[str, Any]:
    """Create a change from the template of a standard change."""
    template = _found(request.session, TEMPLATES, request.path_parameters["template"])
    values = _values(request) | {"type": "standard", "std_change_producer_version": template.sys_id}
    return _written(request, request.session.table(CHANGES).insert(_known(request, CHANGES, values)), values)


def update_change(kind: str) -> Script:
    """Return the script that changes a change; what is no column is named in `__meta.ignoredFields`."""

    def answer(request: ScriptRequest) -> dict[str, Any]:
        change, values = _change(request, kind), _values(request)
        updated = request.session.table(CHANGES).update(change.sys_id, _known(request, CHANGES, values))
        return _written(request, updated, values)

    return answer


def delete_change(kind: str) -> Script:
    """Return the script that deletes a change."""

    def answer(request: ScriptRequest) -> dict[str, Any]:
        change = _change(request, kind)
        shown = typed_values(request.session, change)
        request.session.table(CHANGES).delete(change.sys_id)
        return shown

    return answer


def approve(request: ScriptRequest) -> dict[str, Any]:
    """Approve or reject a change as the caller, who must have been asked."""
    change, values = _change(request), _values(request)
    state = values.get("state", "")
    if state not in ("approved", "rejected"):
        raise BadRequest("Invalid approval state", f"state is approved or rejected: {state!r}")
    approvals = request.session.table("sysapproval_approver")
    mine = {"sysapproval": change.sys_id, "approver": request.session.user_sys_id, "state": "requested"}
    asked = approvals.first(filters=mine)
    if asked is None:
        raise BadRequest("No approval found", "No approval of this change has been requested from the caller")
    decided = approvals.update(asked.sys_id, {"state": state, "comments": values.get("comments", "")})
    return {"approval": typed_values(request.session, decided), "change": typed_values(request.session, change)}


def conflicts(request: ScriptRequest) -> dict[str, Any]:
    """Return what the last check for conflicts found."""
    change = typed_values(request.session, _change(request))
    return {
        "sysId": change["sys_id"]["value"],
        "status": change["conflict_status"],
        "lastRun": change["conflict_last_run"],
        "conflicts": [],
    }


def check_conflicts(request: ScriptRequest) -> dict[str, Any]:
    """Check for conflicts: none is found."""
    change, now = _change(request), request.session.instance.clock.text()
    values = {"conflict_status": "No Conflict", "conflict_last_run": now}
    request.session.table(CHANGES).update(change.sys_id, values)
    return conflicts(request)


# tasks and items -----------------------------------------------------------------------------------------------------


def tasks(request: ScriptRequest) -> list[dict[str, Any]]:
    """List the tasks of a change."""
    owner = {"change_request": _change(request).sys_id}
    found = _page(request, TASKS, request.query.get("sysparm_query", ""), owner)
    return [typed_values(request.session, each) for each in found]


def one_task(request: ScriptRequest) -> dict[str, Any]:
    """Return a task of a change."""
    return typed_values(request.session, _task(request))


def create_task(request: ScriptRequest) -> dict[str, Any]:
    """Create a task of a change."""
    values = _values(request) | {"change_request": _change(request).sys_id}
    made = request.session.table(TASKS).insert(_known(request, TASKS, values))
    return _written(request, made, values)


def update_task(request: ScriptRequest) -> dict[str, Any]:
    """Change a task of a change."""
    values = _values(request)
    updated = request.session.table(TASKS).update(_task(request).sys_id, _known(request, TASKS, values))
    return _written(request, updated, values)


def delete_task(request: ScriptRequest) -> list[dict[str, Any]]:
    """Delete a task of a change, and return what it was."""
    task = _task(request)
    shown = typed_values(request.session, task)
    request.session.table(TASKS).delete(task.sys_id)
    return [shown]


def items(request: ScriptRequest) -> list[dict[str, Any]]:
    """List the configuration items of a change by `association_type`: affected, impacted or offering."""
    table, _ = _association(request.query.get("association_type") or request.query.get("type", "affected"))
    found = _page(request, table, request.query.get("sysparm_query", ""), {"task": _change(request).sys_id})
    return [typed_values(request.session, each) for each in found]


def add_items(request: ScriptRequest) -> dict[str, Any]:
    """Associate configuration items with a change; the work is done by the time of the answer."""
    change, values = _change(request), _values(request)
    kind = values.get("association_type", "")
    table, column = _association(kind)
    given = values.get("cmdb_ci_sys_ids", [])
    wanted = given.split(",") if isinstance(given, str) else given
    if not isinstance(wanted, list) or not all(isinstance(each, str) and each for each in wanted) or not wanted:
        raise BadRequest("Invalid request body", "cmdb_ci_sys_ids must be a list of sys_ids")
    added = request.session.table(table)
    for sys_id in wanted:
        _found(request.session, "cmdb_ci", sys_id)
        row = {"task": change.sys_id, column: sys_id}
        if added.first(filters=row) is None:
            added.insert(row)
    return {
        "request": {"association_type": kind, "cmdb_ci_sys_ids": wanted, "change_request_sys_id": change.sys_id},
        "worker": {
            "sysId": stable_id("sys_progress_worker", f"{change.sys_id} {kind} {','.join(wanted)}"),
            "type": "bulkAdd",
            "state": {"value": 3, "display_value": "Complete"},
            "messages": {"errorMessages": [], "warningMessages": [], "infoMessages": []},
        },
    }


# models and templates ------------------------------------------------------------------------------------------------


def listing(table: str) -> Script:
    """Return the script that lists the active records of a table."""

    def answer(request: ScriptRequest) -> list[dict[str, Any]]:
        query = request.query.get("sysparm_query", "")
        found = _page(request, table, without_order(request.session, query), {"active": "true"})
        return [*(typed_values(request.session, each) for each in found), meta_of(request.session, table, query)]

    return answer


def one_of(table: str) -> Script:
    """Return the script that answers one record of a table."""

    def answer(request: ScriptRequest) -> dict[str, Any]:
        return typed_values(request.session, _found(request.session, table, request.path_parameters["sys_id"]))

    return answer


# parts ---------------------------------------------------------------------------------------------------------------


def _page(request: ScriptRequest, table: str, query: str, filters: Mapping[str, str]) -> list[Record]:
    limit = whole_number(request.query.get("sysparm_limit", ""), DEFAULT_LIMIT, most=LARGEST_LIMIT)
    offset = whole_number(request.query.get("sysparm_offset", ""), 0, most=LARGEST_LIMIT)
    page = request.session.table(table).page(query, limit=limit, offset=offset, count=False, filters=filters)
    return page.records


def _change(request: ScriptRequest, kind: str = "") -> Record:
    change = _found(request.session, CHANGES, request.path_parameters["sys_id"])
    if kind and change["type"] != kind:
        raise RecordNotFound
    return change


def _task(request: ScriptRequest) -> Record:
    change, task = _change(request), _found(request.session, TASKS, request.path_parameters["task"])
    if task["change_request"] != change.sys_id:
        raise RecordNotFound
    return task


def _found(session: Session, table: str, sys_id: str) -> Record:
    record = session.table(table).find(sys_id)
    if record is None:
        raise RecordNotFound
    return record


def _association(kind: str) -> tuple[str, str]:
    if kind not in ITEM_TABLES:
        raise BadRequest("Invalid association type", f"association_type is one of {', '.join(ITEM_TABLES)}: {kind!r}")
    return ITEM_TABLES[kind], ITEM_COLUMNS[kind]


def _values(request: ScriptRequest) -> dict[str, Any]:
    """Return what the body says; values of a request may stand in its parameters as well."""
    body = {} if request.body is None else request.body
    if not isinstance(body, dict):
        raise BadRequest("Invalid request body", "The body must be an object of columns and values")
    return {name: value for name, value in request.query.items() if not name.startswith("sysparm_")} | body


def _known(request: ScriptRequest, table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of columns that there are; a choice may be given by its label, as this API takes it."""
    session, columns = request.session, request.session.instance.dictionary.columns(table)
    known = {}
    for name, value in values.items():
        if name in columns:
            known[name] = choice_of_label(session, table, columns[name], value)
        else:
            session.explain(f"{table} has no column {name}; __meta.ignoredFields names it")
    return known


def _written(request: ScriptRequest, record: Record, values: Mapping[str, Any]) -> dict[str, Any]:
    columns = request.session.instance.dictionary.columns(record.table)
    ignored = [name for name in values if name not in columns]
    return {**typed_values(request.session, record), "__meta": {"ignoredFields": ignored}}


Script = Callable[[ScriptRequest], "dict[str, Any] | list[Any]"]
ENDPOINTS: tuple[tuple[str, str, Script], ...] = (
    ("GET", "", changes),
    ("POST", "", create_change("")),
    ("GET", "/model", listing(MODELS)),
    ("GET", "/model/{sys_id}", one_of(MODELS)),
    ("GET", "/standard/template", listing(TEMPLATES)),
    ("GET", "/standard/template/{sys_id}", one_of(TEMPLATES)),
    *(("GET", f"/{kind}", changes_of(kind)) for kind in TYPES),
    ("POST", "/normal", create_change("normal")),
    ("POST", "/emergency", create_change("emergency")),
    ("POST", "/standard/{template}", create_standard),
    *(
        (method, f"/{kind}/{{sys_id}}", make(kind))
        for kind in TYPES
        for method, make in (("GET", one_change), ("PATCH", update_change), ("DELETE", delete_change))
    ),
    ("GET", "/{sys_id}", one_change("")),
    ("PATCH", "/{sys_id}", update_change("")),
    ("DELETE", "/{sys_id}", delete_change("")),
    *(("GET", f"/{{sys_id}}/{name}", next_states) for name in ("nextstates", "nextstate")),
    ("PATCH", "/{sys_id}/approvals", approve),
    ("GET", "/{sys_id}/conflict", conflicts),
    ("POST", "/{sys_id}/conflict", check_conflicts),
    ("GET", "/{sys_id}/ci", items),
    ("POST", "/{sys_id}/ci", add_items),
    ("GET", "/{sys_id}/task", tasks),
    ("POST", "/{sys_id}/task", create_task),
    ("GET", "/{sys_id}/task/{task}", one_task),
    ("PATCH", "/{sys_id}/task/{task}", update_task),
    ("DELETE", "/{sys_id}/task/{task}", delete_task),
)

APPLICATION = Application(
    scope=SCOPE,
    name="Change Management REST API",
    version="1.0.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Changes by type, their tasks, items and approvals",
    resources=tuple(
        Resource(method, f"{BASE}{path}", script, scope="global", service=SERVICE) for method, path, script in ENDPOINTS
    ),
)
