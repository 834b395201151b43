"""The set-up guide of a connector as a check-list over the records; each line leads to what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import request

from sandtable.core.applications import application
from sandtable.core.security.roles import roles_of
from sandtable.oauth.signed.certificates import BadCertificate, check_in_force, read_with_properties
from sandtable.web.steps.authentication import may_sign_in
from sandtable.web.steps.cors import decide

if TYPE_CHECKING:
    from sandtable.core.applications.application import Application
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.record import Record
    from sandtable.web.console.visitor import Visitor
    from sandtable.web.transaction import Transaction

APPS = ("x_elas2_inc_int", "x_elas2_sir_int")
COMMON_ROLES = ("import_set_loader", "import_transformer", "personalize_choices")
SAID = {"sys_db_object": "table", "scriptable": "scriptable", "sys_script_include": "script include"}


@dataclass(frozen=True, slots=True)
class Line:
    """One prerequisite: does it hold, what was seen, and the page that mends it."""

    topic: str
    holds: bool | None
    text: str
    address: str = ""
    mend: str = ""

    @property
    def outcome(self) -> str:
        return "skipped" if self.holds is None else "ok" if self.holds else "broken"


def content(transaction: Transaction, visitor: Visitor) -> dict[str, Any]:
    """Return the check-list for an application, a user and the origin of a Kibana."""
    instance = transaction.instance
    scope = request.args.get("app", APPS[0])
    catalogue = instance.part(application.Catalogue)
    apps = [catalogue[each] for each in APPS if each in catalogue]
    app = catalogue.get(scope)
    user_name, origin = request.args.get("user", "").strip(), request.args.get("origin", "").strip()
    lines: list[Line] = []
    with instance.transaction():
        users = _candidates(instance, scope)
        user_name = user_name or next(iter(users), "")
        if app is not None:
            lines = [
                _installed(instance, app),
                *_privileges(instance, app),
                *_user(instance, app, user_name),
                _cors(instance, app, origin),
                *_oauth(instance),
            ]
    return {
        "lines": lines,
        "apps": [(each.scope, each.name, each.scope == scope) for each in apps],
        "user": user_name,
        "origin": origin,
        "users": users,
        "broken": sum(1 for each in lines if each.holds is False),
        "title_of_app": app.name if app is not None else scope,
    }


def _candidates(instance: Instance, scope: str) -> list[str]:
    """Return the user names of those who have the application's role, and are no administrators."""
    rows = instance.system().table("sys_user_has_role").query(f"role.name={scope}.integration_user")
    users = instance.system().table("sys_user")
    found = [record for row in rows if (record := users.find(row["user"])) is not None]
    return [each["user_name"] for each in found if "admin" not in roles_of(instance, each.sys_id)]


def _installed(instance: Instance, app: Application) -> Line:
    if application.installed(instance, app.scope):
        return Line("Application", True, f"{app.name} {app.version} is installed", "/sys_store_app_list.do")
    text = f"{app.name} is not installed"
    return Line("Application", False, text, "/$allappsmgmt.do", f"Install {app.name}")


def _privileges(instance: Instance, app: Application) -> list[Line]:
    rows = instance.system().table("sys_scope_privilege").query()
    scopes = instance.scope_names()
    lines = []
    for each in app.privileges:
        mine = [
            row
            for row in rows
            if scopes.get(row["source_scope"], row["source_scope"]) == app.scope
            and row["target_name"].casefold() == each.target_name.casefold()
            and (row["target_type"], row["operation"]) == (each.target_type, each.operation)
        ]
        what = f"{each.target_name} ({SAID.get(each.target_type, each.target_type)}, {each.operation})"
        allowed = next((row for row in mine if row["status"] == "allowed"), None)
        if allowed is not None:
            lines.append(Line("Cross-scope privilege", True, f"{what} is allowed", _form(allowed)))
        elif mine:
            text = f"{what} has the status {mine[0]['status']}"
            lines.append(Line("Cross-scope privilege", False, text, _form(mine[0]), "Set it to Allowed"))
        else:
            source = next((key for key, name in scopes.items() if name == app.scope), "")
            query = (
                f"source_scope={source}^target_scope=global^target_name={each.target_name}"
                f"^target_type={each.target_type}^operation={each.operation}^status=allowed"
            )
            address = f"/sys_scope_privilege.do?sys_id=-1&sysparm_query={quote(query, safe='')}"
            lines.append(Line("Cross-scope privilege", False, f"there is none for {what}", address, "Create it"))
    return lines


def _form(record: Record) -> str:
    return f"/{record.table}.do?sys_id={quote(record.sys_id)}"


def _user(instance: Instance, app: Application, user_name: str) -> list[Line]:
    if not user_name:
        text = "no integration user has the application's role"
        return [Line("Integration user", False, text, "/sys_user.do?sys_id=-1", "Create a user, then give it roles")]
    user = instance.system().table("sys_user").first(filters={"user_name": user_name})
    if user is None:
        text = f"there is no user {user_name}"
        return [Line("Integration user", False, text, "/sys_user.do?sys_id=-1", "Create it")]
    able = may_sign_in(instance, user) and bool(user["user_password"])
    seen = "is active and has a password" if able else "is not active, is locked out, or has no password"
    lines = [Line("Integration user", able, f"{user_name} {seen}", _form(user), "" if able else "Open the user")]
    roles = roles_of(instance, user.sys_id)
    wanted = (*COMMON_ROLES, f"{app.scope}.integration_user")
    edit = (
        "/sys_m2m_template.do?sysparm_table=sys_user_has_role&sysparm_column=user&sysparm_edit=role"
        f"&sysparm_parent=sys_user&sysparm_sys_id={quote(user.sys_id)}"
    )
    for role in wanted:
        holds = role in roles
        text = f"{user_name} {'has' if holds else 'lacks'} {role}"
        lines.append(Line("Role", holds, text, edit, "" if holds else "Edit the roles"))
    if "admin" in roles:
        text = f"{user_name} is an administrator: OAuth tokens for administrators are refused"
        lines.append(Line("Role", False, text, edit, "Take the role admin away"))
    return lines


def _cors(instance: Instance, app: Application, origin: str) -> Line:
    path = f"/api/{app.scope}/elastic_api/health"
    if not origin:
        rules = instance.system().table("sys_cors_rule").query("active=true^ORDERBYname")
        origin = next((each["domain"] for each in rules if decide(instance, each["domain"], "GET", path).permits), "")
        if not origin:
            text = "no CORS rule lets a page of Kibana call the application"
            return Line("CORS rule", False, text, "/sys_cors_rule.do?sys_id=-1", "Create a rule")
    decision = decide(instance, origin, "GET", path)
    text = f"a page on {origin} may call the application" if decision.permits else decision.why
    mend = "" if decision.permits else "Look at the rules"
    return Line("CORS rule", decision.permits, text, "/sys_cors_rule_list.do", mend)


def _oauth(instance: Instance) -> list[Line]:
    system = instance.system()
    endpoints = system.table("oauth_jwt").query("active=true")
    maps = system.table("jwt_verifier_map").query()
    lines = [_certificate(instance, each) for each in system.table("sys_certificate").query("active=true")]
    if not lines:
        text = "there is no active certificate (only needed with OAuth)"
        lines.append(Line("Certificate", None, text, "/sys_certificate.do?sys_id=-1", "Add one"))
    if not endpoints:
        text = "there is no OAuth JWT API endpoint (only needed with OAuth)"
        return [*lines, Line("OAuth endpoint", None, text, "/oauth_entity.do?sys_id=-1", "Create one")]
    for each in endpoints:
        mine = [row for row in maps if row["oauth_jwt"] == each.sys_id and row["sys_certificate"] and row["kid"]]
        text = f"{each['name']} has {len(mine)} verifier map{'' if len(mine) == 1 else 's'} with a certificate"
        lines.append(Line("OAuth endpoint", bool(mine), text, _form(each), "" if mine else "Add a verifier map"))
    return lines


def _certificate(instance: Instance, record: Record) -> Line:
    try:
        certificate = read_with_properties(instance, record["pem_certificate"])
        check_in_force(instance, record, certificate)
    except BadCertificate as error:
        return Line("Certificate", False, f"{record['name']}: {error}", _form(record), "Open the certificate")
    return Line("Certificate", True, f"{record['name']} is in force", _form(record))
