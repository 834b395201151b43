"""What the vendor's SDK asks while a project is written: declarations, files that are loaded or moved, flows, a prefix.

Source: the published package @servicenow/sdk 4.9.0, and what it reads of answers.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, redirect, request

from sandtable.core.values.errors import BadRequest, RecordNotFound
from sandtable.packages.contents import Package
from sandtable.packages.installing import install
from sandtable.packages.records import PackageError
from sandtable.packages.update_sets.capture import SETS, record_update
from sandtable.packages.update_sets.committing import found_here
from sandtable.packages.writing import update_document
from sandtable.packages.xml_records import records_in
from sandtable.web.processors.sdk import answer_json, only_administrators
from sandtable.web.transaction import current

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record

blueprint = Blueprint("sdk_project", __name__)
INCLUDES, SCOPES, FLOWS, ACTIONS = "sys_script_include", "sys_scope", "sys_hub_flow", "sys_hub_action_type_definition"
COMPANY_CODE = "glide.appcreator.company.code"
METHOD = re.compile(r"^\s*([A-Za-z_$][\w$]*)\s*:\s*function\s*\(([^)]*)\)", re.MULTILINE)
NAME = re.compile(r"[A-Za-z_$][\w$]*")


@blueprint.route("/api/fluent/load/<application>", methods=("POST",))
def load(application: str) -> Response:
    """Load files of a configuration project into an update set, the named one or a new one. Raises NotAuthenticated."""
    transaction = current()
    only_administrators(transaction)
    instance, session = transaction.instance, transaction.session.without_access_control()
    target = request.args.get("targetUpdateSetId", "")
    files = request.files.getlist("files")
    if not files:
        return answer_json({"result": {"error": "no file was sent as files"}}, 400)
    package = Package("files of a project")
    try:
        for file in files:
            package.records += records_in(file.stream.read(), file.filename or "files")
        with instance.transaction():
            owner = session.table(SETS).find(target) if target else None
            if target and owner is None:
                return answer_json({"result": {"error": f"there is no update set {target}"}}, 404)
            if owner is None:
                values = {"name": "Fluent load", "application": application}
                owner = session.table(SETS).insert(values)
            install(instance, package, whole=True)
            for each in package.records:
                found = found_here(instance, each)
                if found is not None:
                    record_update(session, found, owner=owner)
    except PackageError as error:
        return answer_json({"result": {"error": str(error)}}, 422)
    return answer_json({"result": {"targetUpdateSetId": owner.sys_id}})


@blueprint.route("/api/sn_glider/metadata/customize-global/<application>", methods=("POST",))
def move(application: str) -> Response:
    """Move files into an application, and name those that were moved. Raises NotAuthenticated, BadRequest."""
    transaction = current()
    only_administrators(transaction)
    asked = request.get_json(silent=True)
    if not isinstance(asked, list):
        raise BadRequest("Invalid request body", "The body must be a list of sys_ids of files")
    session = transaction.session.without_access_control()
    if session.table(SCOPES).find(application) is None:
        raise BadRequest("Invalid application", f"There is no application {application}")
    moved = []
    with transaction.instance.transaction():
        for sys_id in asked:
            found = session.table("sys_metadata").find(str(sys_id))
            if found is not None:
                session.table(found.table).update(found.sys_id, {"sys_scope": application, "sys_package": application})
                moved.append({"sysId": found.sys_id})
    return answer_json({"result": moved})


@blueprint.route("/api/now/wfa_fluent/activate_flows", methods=("POST",))
def activate_flows() -> Response:
    """Activate flows and actions, and say of each what came of it. Raises NotAuthenticated, BadRequest.

    The records become active and published; flows are not run.
    """
    transaction = current()
    only_administrators(transaction)
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict):
        raise BadRequest("Invalid request body", 'The body must be {"flows": [...], "actions": [...]}')
    session = transaction.session.without_access_control()
    results: list[dict[str, Any]] = []
    with transaction.instance.transaction():
        for table, listed in ((ACTIONS, asked.get("actions")), (FLOWS, asked.get("flows"))):
            for each in listed or ():
                sys_id = str(each.get("sys_id", "")) if isinstance(each, dict) else str(each)
                found = session.table(table).find(sys_id)
                if found is None:
                    told = {"status": "failed", "flow_name": sys_id, "message": f"there is no {table} {sys_id}"}
                else:
                    wanted = {"active": "true", "state": "published", "status": "published"}
                    columns = transaction.instance.dictionary.columns(found.table)
                    session.table(found.table).update(
                        found.sys_id, {name: text for name, text in wanted.items() if name in columns}
                    )
                    told = {"status": "success", "flow_name": found.get("name") or sys_id, "message": ""}
                results.append({"sys_id": sys_id, **told})
    if any(each["status"] == "success" for each in results):
        transaction.instance.ledger.note("application", "wfa_fluent", "flows are active, and are not run")
    failed = sum(each["status"] != "success" for each in results)
    summary = {"total": len(results), "succeeded": len(results) - failed, "failed": failed}
    return answer_json({"result": {"summary": summary, "results": results}}, 422 if failed else 200)


@blueprint.route("/api/now/appcreator/app/vendorprefix", methods=("GET",))
def vendor_prefix() -> Response:
    """Send the prefix that scopes of this instance begin with. Raises NotAuthenticated."""
    transaction = current()
    only_administrators(transaction)
    return answer_json({"result": f"x_{transaction.instance.property(COMPANY_CODE, 'snc')}"})


@blueprint.route("/api/now/syntax_editor/completions", methods=("GET",))
def completions() -> Response:
    """Send declarations of what scripts can name: the script includes. Raises NotAuthenticated."""
    transaction = current()
    only_administrators(transaction)
    text = "\n".join(_declared(each) for each in transaction.session.table(INCLUDES).query("active=true^ORDERBYname"))
    return answer_json({"result": {"result": text}})


@blueprint.route("/api/now/syntax_editor/cache/sys_script_include", methods=("GET",))
def script_includes() -> Response:
    """Send the sys_ids of script includes by their full names, as JSON within JSON. Raises NotAuthenticated."""
    transaction = current()
    only_administrators(transaction)
    found = {_full_name(each): each.sys_id for each in transaction.session.table(INCLUDES).query("active=true")}
    return answer_json({"result": {"result": json.dumps({INCLUDES: dict(sorted(found.items()))})}})


@blueprint.route("/api/now/syntax_editor/intellisense/sys_script_include", methods=("POST",))
def declarations() -> Response:
    """Send declarations of script includes by their sys_ids. Raises NotAuthenticated, BadRequest."""
    transaction = current()
    only_administrators(transaction)
    asked = request.get_json(silent=True)
    listed = asked.get("scriptIncludes") if isinstance(asked, dict) else None
    if not isinstance(listed, list):
        raise BadRequest("Invalid request body", 'The body must be {"scriptIncludes": ["sys_id", ...]}')
    rows = transaction.session.table(INCLUDES)
    found = {str(each): rows.find(str(each)) for each in listed}
    return answer_json(
        {"result": {"result": {key: _declared(row) if row is not None else "" for key, row in found.items()}}}
    )


@blueprint.route("/api/now/table/<table>.do", methods=("GET",))
def table_with_ending(table: str) -> Response:
    """Lead to the Table API: this release of the SDK asks for TABLE.do there."""
    query = request.query_string.decode("latin-1")
    found = redirect(f"/api/now/table/{table}" + (f"?{query}" if query else ""), 307)
    assert isinstance(found, Response)  # noqa: S101 - as Flask makes one
    return found


# records with what belongs to them -----------------------------------------------------------------------------------


@blueprint.route("/api/sn_glider/fluent_support/table_relationship_exporter", methods=("POST",))
def related_records() -> Response:
    """Send the named records, and those that graphs of relationships lead to, as updates.

    Raises NotAuthenticated, BadRequest, RecordNotFound.
    """
    asked = request.get_json(silent=True)
    records = asked.get("records") if isinstance(asked, dict) else None
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise BadRequest("Invalid request body", 'The body must be {"records": [{"table": "...", "sysIds": [...]}]}')
    graphs = asked.get("graphs") if isinstance(asked, dict) else None
    found: dict[str, Record] = {}
    session = current().session
    with session.instance.transaction():
        for each in records:
            table = str(each.get("table", ""))
            chosen = [(graphs or {}).get(name) for name in each.get("graphIds") or ()]
            nodes = [_node(graph, table) for graph in chosen if isinstance(graph, dict)]
            for key in each.get("sysIds") or ():
                record = _whole(session, table, str(key))
                found.setdefault(record.sys_id, record)
                for node in nodes:
                    _follow(session, record, node, found)
        return _exported(session, found)


@blueprint.route("/api/sn_glider/metadata/unload/<application>", methods=("POST",))
def unloaded(application: str) -> Response:
    """Send files of an application, by their sys_ids, as updates. Raises NotAuthenticated, BadRequest."""
    asked = request.get_json(silent=True)
    if not isinstance(asked, list):
        raise BadRequest("Invalid request body", f"The body must be a list of sys_ids of files of {application}")
    session = current().session
    with session.instance.transaction():
        wanted = [_whole(session, "sys_metadata", str(each)) for each in asked]
        return _exported(session, {each.sys_id: each for each in wanted})


def _node(graph: dict[str, Any], table: str) -> dict[str, Any]:
    """Return what a graph says of a table: it is that, or holds it under the table's name."""
    node = graph if "relationships" in graph else graph.get(table, {})
    return node if isinstance(node, dict) else {}


def _follow(session: Session, record: Record, node: dict[str, Any], found: dict[str, Record]) -> None:
    """Add the records that belong to one. A relation goes by a column that refers to it, by equal columns, or back."""
    for table, relation in (node.get("relationships") or {}).items():
        if not isinstance(relation, dict) or not session.instance.dictionary.has(table):
            continue
        via, columns = relation.get("via"), session.instance.dictionary.columns(table)
        if isinstance(via, dict) and via.keys() == {"type", "value"}:
            via = via["value"]
        if isinstance(via, dict):
            filters = {str(theirs): record.get(str(ours)) or "" for theirs, ours in via.items()}
        elif relation.get("inverse"):
            filters = {"sys_id": record.get(str(via)) or ""}
        else:
            filters = {str(via): record.sys_id}
        if not all(filters.values()) or not filters.keys() <= columns.keys():
            continue
        page = session.table(table).page("", limit=None, offset=0, count=False, filters=filters)
        for each in page.records:
            if each.sys_id not in found:
                found[each.sys_id] = _whole(session, each.table, each.sys_id)
                _follow(session, found[each.sys_id], relation, found)


def _whole(session: Session, table: str, sys_id: str) -> Record:
    record = session.table(table).find(sys_id)
    if record is None:
        raise RecordNotFound
    return session.table(record.table).get(record.sys_id)


def _exported(session: Session, found: dict[str, Record]) -> Response:
    listed = [
        {"table": each.table, "tableName": each.table, "sysId": sys_id, "content": update_document(session, each)}
        for sys_id, each in found.items()
    ]
    return answer_json({"result": {"xmlRecords": listed}})


def _full_name(row: Record) -> str:
    return row.get("api_name") or f"global.{row['name']}"


def _declared(row: Record) -> str:
    """Return a script include as a declaration: a class with the methods of its prototype, or just a name."""
    if not NAME.fullmatch(row["name"]):
        return ""
    methods = [
        f"    {name}({', '.join(f'{each}?: any' for each in NAME.findall(arguments))}): any;"
        for name, arguments in METHOD.findall(row["script"])
        if name != "initialize"
    ]
    if "Class.create" not in row["script"] and not methods:
        return f"declare const {row['name']}: any;"
    return "\n".join((f"declare class {row['name']} {{", "    constructor(...args: any[]);", *methods, "}"))
