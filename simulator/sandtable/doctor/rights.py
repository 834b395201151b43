"""What the integration user and the application may do: privileges, roles, the import set, the choices."""

from __future__ import annotations

import uuid

from sandtable.doctor.connection import missing_privilege
from sandtable.doctor.findings import Finding, broken, ok, skipped, unknown
from sandtable.doctor.patient import Answer, Patient, Who

FORM_FIELDS = ("urgency", "severity", "impact", "category", "subcategory")
# What a caller without import_transformer is told, after the record was made (support article KB0791757).
NO_TRANSFORMER = "transform_map=null"
WITHOUT_APPLICATION = "not reached, because of app"


def privileges(patient: Patient) -> Finding:
    """Compare the cross-scope privilege records with those that are needed, as far as they can be seen."""
    subject = patient.subject
    if patient.lacks_application:
        return skipped("privileges", WITHOUT_APPLICATION)
    if patient.has_admin:
        answer = patient.list(
            "sys_scope_privilege",
            who="admin",
            query=f"source_scope.scope={subject.scope}^status=allowed",
            fields="target_name,target_type,operation",
        )
        if answer.rows is None:
            return unknown("privileges", f"sys_scope_privilege cannot be read: {answer.complaint}")
        allowed = {(str(row.get("target_name")).lower(), str(row.get("operation"))) for row in answer.rows}
        # A form shows a table by its label, so a record may have either.
        labels = {subject.table: subject.table_label.lower()}
        missing = [
            f"{name} ({operation})"
            for name, _, operation in subject.privileges
            if not {(name.lower(), operation), (labels.get(name, ""), operation)} & allowed
        ]
        if missing:
            return _without_privilege(patient, ", ".join(missing))
        return ok("privileges", f"all {len(subject.privileges)} cross-scope privileges are allowed")
    if not patient.has_user:
        return skipped("privileges", patient.why_no_user)
    refused = missing_privilege(patient.health.complaint) if patient.health.status >= 500 else ""
    if refused:
        return _without_privilege(patient, refused)
    return unknown("privileges", "only an administrator can see them (--admin-user), or a row that runs (--try-import)")


def _without_privilege(patient: Patient, names: str) -> Finding:
    return broken(
        "privileges",
        f"{patient.subject.name} lacks cross-scope privileges: {names}",
        f"in sys_scope_privilege, make a record for each: source scope {patient.subject.name}, target scope Global, "
        "status Allowed",
    )


def roles(patient: Patient) -> Finding:
    """Compare the user's roles with those that are needed."""
    subject = patient.subject
    name = patient.named
    if not name or not (patient.has_user or patient.has_admin):
        return skipped("roles", patient.why_no_user)
    if patient.health.status == 403 and not patient.has_admin:
        return _without_roles(patient, [subject.application_role])
    held = _roles_of(patient, name, admin=patient.has_admin)
    if held is None:
        if patient.has_admin:
            return skipped("roles", f"there is no one user {name}, see user")
        return unknown("roles", f"the roles of {name} cannot be read with these credentials (--admin-user can)")
    if "admin" in held:
        return ok("roles", f"{name} is an administrator, which is more than a connector needs")
    # What the application brings cannot be held before it is there.
    needed = [role for role in subject.roles if not (patient.lacks_application and role == subject.application_role)]
    missing = [role for role in needed if role not in held]
    if missing:
        return _without_roles(patient, missing)
    return ok("roles", f"{name} has {', '.join(needed)}")


def _roles_of(patient: Patient, name: str, *, admin: bool) -> set[str] | None:
    who: Who = "admin" if admin else "user"
    user = patient.list("sys_user", who=who, fields="sys_id", limit=2, user_name=name)
    if not user.rows:
        user = patient.list("sys_user", who=who, fields="sys_id", limit=2, email=name)
    if not user.rows or len(user.rows) != 1:
        return None
    answer = patient.list(
        "sys_user_has_role",
        who=who,
        fields="role.name",
        user=str(user.rows[0].get("sys_id")),
    )
    rows = answer.rows
    names = {str(row["role.name"]) for row in rows or () if row.get("role.name")}
    # Without the right to read them the list is empty, or its rows have no names; no role at all looks the same.
    if rows is None or not (names or admin):
        return None
    return names


def _without_roles(patient: Patient, missing: list[str]) -> Finding:
    return broken(
        "roles",
        f"the integration user lacks {', '.join(missing)}",
        "open the user (System Security > Users and Groups > Users), tab Roles, Edit, and add them",
    )


def importing(patient: Patient) -> Finding:
    """Look at the staging table, or with `try_import` send a row through it."""
    subject = patient.subject
    if patient.lacks_application:
        return skipped("import", WITHOUT_APPLICATION)
    if not patient.has_user:
        return skipped("import", patient.why_no_user)
    if patient.try_import:
        return _import_a_row(patient)
    answer = patient.list(subject.staging, fields="sys_id", limit=1)
    if answer.status == 400:
        return _no_staging_table(patient, answer)
    if answer.status == 403:
        return _import_refused(patient, answer)
    if answer.status != 200:
        return broken("import", f"{subject.staging} answers {answer.complaint}", "look into the instance's system log")
    return unknown("import", f"{subject.staging} is there; whether a row gets through, --try-import finds out")


def _import_a_row(patient: Patient) -> Finding:
    subject = patient.subject
    mark = f"sandtable-doctor:{uuid.uuid4()}"
    row = {"u_short_description": "Trial of sandtable doctor, please ignore", "u_correlation_id": mark}
    answer = patient.ask("POST", f"/api/now/import/{subject.staging}", json=row)
    if answer.status == 400:
        return _no_staging_table(patient, answer)
    if answer.status == 403 or (answer.status == 500 and NO_TRANSFORMER in answer.complaint):
        return _import_refused(patient, answer)
    rows = answer.rows or []
    if answer.status not in (200, 201) or not rows:
        return broken(
            "import", f"no row came back: {answer.complaint}", "look at the transform map of the staging table"
        )
    outcome = rows[0]
    if outcome.get("status") == "error" or not outcome.get("sys_id"):
        text = str(outcome.get("error_message") or outcome.get("status_message") or outcome.get("status"))
        refused = missing_privilege(text)
        if refused:
            return _without_privilege(patient, refused)
        return broken(
            "import", f"the row was refused: {text[:300]}", "open the row in System Import Sets > Import Set Rows"
        )
    return ok("import", f"a row became {outcome.get('display_value') or outcome['sys_id']}{_tidied(patient, outcome)}")


def _tidied(patient: Patient, outcome: object) -> str:
    """Delete the record of the trial when an administrator's credentials are there; say what was left."""
    sys_id = str(outcome["sys_id"])  # type: ignore[index]
    path = f"/api/now/table/{patient.subject.table}/{sys_id}"
    if patient.has_admin and patient.ask("DELETE", path, who="admin").status == 204:
        return ", which was deleted again"
    return f"; please delete it: {patient.url}{path}"


def _no_staging_table(patient: Patient, answer: Answer) -> Finding:
    return broken(
        "import",
        f"there is no table {patient.subject.staging}: {answer.complaint}",
        f"install {patient.subject.name} from the ServiceNow store, or repair it there",
    )


def _import_refused(patient: Patient, answer: Answer) -> Finding:
    return broken(
        "import",
        f"the user may not import: {answer.complaint}",
        f"give the user import_set_loader, import_transformer and {patient.subject.application_role}",
    )


def choices(patient: Patient) -> Finding:
    """Read the choices that a connector's form offers."""
    if not patient.has_user:
        return skipped("choices", patient.why_no_user)
    elements = "^OR".join(f"element={name}" for name in FORM_FIELDS)
    query = f"name=task^ORname={patient.subject.table}^{elements}^language=en"
    answer = patient.list("sys_choice", query=query, fields="label,value,element")
    seen = {str(row["element"]) for row in answer.rows or () if row.get("element") and row.get("value")}
    if seen:
        return ok("choices", f"choices of {', '.join(name for name in FORM_FIELDS if name in seen)} can be read")
    # Who may read rows but no more of them than everybody gets labels, with which a form can do nothing.
    listed = "the list holds labels alone, no values" if answer.rows else "the list is empty"
    return broken(
        "choices",
        f"no choice can be read: {answer.complaint if answer.status != 200 else listed}",
        "give the user the role personalize_choices",
    )
