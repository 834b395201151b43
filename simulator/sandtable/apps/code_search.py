"""Code Search: a term in the scripts of an instance, by table and line.

Source: clients of the API, which has no public page: groups of hits by table, or one group when a table is named.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from sandtable.core.applications.application import Application
from sandtable.core.applications.scripted_resources import Resource, ScriptRequest
from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import BadRequest
from sandtable.core.values.texts import whole_number

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session

SCOPE = "sn_codesearch"
BASE = "/api/sn_codesearch/code_search"
SERVICE = "Code Search [sn_codesearch/code_search]"
CODE_TYPES = frozenset({"script", "script_plain", "html", "xml"})
DEFAULT_LIMIT, LARGEST_LIMIT = 500, 5000
# Tables of the default search group.
TABLES = (
    *("sys_script", "sys_script_include", "sys_script_client", "catalog_script_client", "sys_ui_action"),
    *("sys_ui_page", "sys_ui_script", "sys_ui_macro", "sys_script_fix", "sys_processor", "sysauto_script"),
    *("sysevent_email_action", "sysevent_script_action", "sys_transform_script", "sys_ws_operation", "sp_widget"),
    *("sp_angular_provider", "sys_security_acl"),
)


def tables(request: ScriptRequest) -> list[dict[str, str]]:
    """List the tables that are searched."""
    dictionary = request.session.instance.dictionary
    return [{"name": name, "label": dictionary.table(name).label} for name in TABLES]


def search(request: ScriptRequest) -> list[dict[str, Any]] | dict[str, Any]:
    """Find `term` in the scripts of all tables, or of `table`; `current_app` keeps to one scope.

    `extended_matching` takes capital and small letters for the same. Raises BadRequest without a term.
    """
    asked, term = request.query, request.query.get("term", "")
    if not term:
        raise BadRequest("Missing search term", "Name what to look for in the parameter term")
    left = whole_number(asked.get("limit"), DEFAULT_LIMIT, most=LARGEST_LIMIT)
    scope = asked.get("current_app", "") if asked.get("search_all_scopes", "").lower() == "false" else ""
    only = asked.get("table", "")
    groups = []
    for table in (only,) if only else TABLES:
        if table not in TABLES:
            raise BadRequest("Invalid table", f"{table!r} is not searched; {BASE}/tables lists those that are")
        group = _group(request.session, table, term, scope, left, folded=asked.get("extended_matching") == "true")
        left -= len(group["hits"])
        groups.append(group)
    return groups[0] if only else groups


def _group(session: Session, table: str, term: str, scope: str, limit: int, *, folded: bool) -> dict[str, Any]:
    dictionary = session.instance.dictionary
    label = dictionary.table(table).label
    columns = {name: column for name, column in dictionary.columns(table).items() if column.type in CODE_TYPES}
    hits: list[dict[str, Any]] = []
    filters = {"sys_scope": scope} if scope else None
    rows = session.table(table).page("ORDERBYname", limit=None, offset=0, count=False, filters=filters).records
    for record in rows if limit > 0 else ():
        matches = [
            {"field": name, "fieldLabel": column.label, "lineMatches": lines, "count": len(lines)}
            for name, column in columns.items()
            if (lines := _lines(record[name], term, folded=folded))
        ]
        if matches:
            hits.append(
                {
                    "name": record.get("name") or record.sys_id,
                    "className": record.table,
                    "tableLabel": label,
                    "matches": matches,
                    "modified": record["sys_updated_on"],
                    "sysId": record.sys_id,
                }
            )
        if len(hits) >= limit:
            break
    return {"recordType": table, "tableLabel": label, "hits": hits}


def _lines(text: str, term: str, *, folded: bool) -> list[dict[str, Any]]:
    wanted = term.casefold() if folded else term
    return [
        {"line": number, "context": line, "escaped": escape(line)}
        for number, line in enumerate(text.splitlines(), start=1)
        if wanted in (line.casefold() if folded else line)
    ]


APPLICATION = Application(
    scope=SCOPE,
    name="Code Search",
    version="1.0.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Finds terms in scripts",
    resources=tuple(
        Resource("GET", f"{BASE}{path}", script, roles=("admin",), scope="global", service=SERVICE)
        for path, script in (("/search", search), ("/tables", tables))
    ),
)
