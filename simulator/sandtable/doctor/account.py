"""The integration user's own record, as an administrator sees it, and whether its password may open the APIs.

Source: ServiceNow documentation, restriction of Basic authentication: people's passwords no longer open the APIs of
instances that enforce it, with the answer of a wrong password.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from sandtable.core.values.texts import comma_list
from sandtable.doctor.findings import Finding, broken, ok, skipped, unknown
from sandtable.doctor.patient import Patient

RESTRICTION = "glide.authenticate.basic_auth."
ROLE = "snc_basic_auth_api_access"
GO_ON = (
    f"give the user the role {ROLE}, make it web service access only (identity type Machine), have an exception in "
    "sys_user_basic_auth_exception decided, or use OAuth JWT in the connector (--client-id)"
)

RESTRICTED_TOO = "where Basic authentication is restricted the answer is the same (--admin-user tells which it is)"


def account(patient: Patient) -> Finding:
    """Look at the integration user's record."""
    name = patient.named
    if not name:
        return skipped("user", "no integration user was named")
    if not patient.has_admin:
        return skipped("user", patient.why_no_admin)
    record = record_of(patient, name)
    obstacle = _obstacle(patient, name, record)
    if obstacle is not None:
        return broken("user", *obstacle)
    assert record is not None
    kind = ", web service access only" if record.get("web_service_access_only") == "true" else ""
    return ok("user", f"{record.get('user_name')} is there, active and not locked out{kind}")


def why_refused(patient: Patient) -> tuple[str, str]:
    """Return why the integration user's password is refused, as far as it can be seen, and the fix."""
    said = f"user name or password of {patient.user} is refused"
    if not patient.has_admin:
        return (
            said,
            f"check the password, and that {patient.user} exists, is active and is not locked out; {RESTRICTED_TOO}",
        )
    record = record_of(patient, patient.user)
    obstacle = _obstacle(patient, patient.user, record)
    if obstacle is not None:
        return f"{said}: {obstacle[0]}", obstacle[1]
    assert record is not None
    if _restriction(patient, record) == "enforced":
        return f"{said}: the instance restricts Basic authentication, and the user is no exception", GO_ON
    return f"{said}: the user is as it should be, so it is the password", "set the user's password anew, and give it"


def basic(patient: Patient) -> Finding:
    """Say whether people's passwords are kept from the APIs, now or soon."""
    if not patient.user:
        text = "a token is not concerned" if patient.oauth else "no --user was given"
        return skipped("basic", text)
    if not patient.has_admin:
        if not patient.has_user:
            return skipped("basic", patient.why_no_user)
        return unknown(
            "basic", "a password passes today; whether its days are counted, only an administrator sees (--admin-user)"
        )
    record = record_of(patient, patient.user)
    if record is None:
        return skipped("basic", "there is no such user, see user")
    state = _restriction(patient, record)
    if state == "enforced":
        return broken("basic", f"the instance keeps {patient.user}'s password from the APIs", GO_ON)
    if state == "exempt":
        return ok("basic", f"{patient.user} may use a password although the instance restricts it")
    if state == "tracking":
        return ok("basic", f"passwords pass, and their use is recorded: before it is enforced, {GO_ON}")
    return ok("basic", f"passwords open the APIs; instances new since 2026 refuse them to people: there, {GO_ON}")


def record_of(patient: Patient, name: str) -> Mapping[str, Any] | None:
    """Return the user's record as the administrator reads it, by user name or else by e-mail; None without one."""
    for column in ("user_name", "email"):
        rows = patient.list("sys_user", who="admin", limit=2, **{column: name}).rows or []
        if len(rows) == 1:
            return rows[0]
    return None


def _obstacle(patient: Patient, name: str, record: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """Return what keeps a user out and the fix, or None when nothing of the record does."""
    where = "System Security > Users and Groups > Users"
    if record is None:
        return f"there is no user {name}", f"make the user in {where}"
    if record.get("active") == "false":
        return f"the user {name} is not active", f"tick Active on the user ({where})"
    if record.get("locked_out") == "true":
        return f"the user {name} is locked out", f"clear Locked out on the user ({where})"
    if record.get("password_needs_reset") == "true" and patient.user:
        return f"the user {name} must choose a new password first", f"clear Password needs reset on the user ({where})"
    return None


def _restriction(patient: Patient, record: Mapping[str, Any]) -> str:
    """Return `open`, `exempt`, `tracking` or `enforced`: what the restriction means to this user now."""
    answer = patient.list(
        "sys_properties", who="admin", query=f"nameSTARTSWITH{RESTRICTION}", fields="name,value", limit=50
    )
    known = {str(row.get("name"))[len(RESTRICTION) :]: str(row.get("value") or "") for row in answer.rows or ()}
    if known.get("restriction.active", "false") != "true":
        return "open"
    allowed = comma_list(known.get("allowed_users"))
    if record.get("web_service_access_only") == "true" or record.get("sys_id") in allowed:
        return "exempt"
    rows = patient.list(
        "sys_user_has_role", who="admin", fields="role.name", user=str(record.get("sys_id")), limit=1_000
    ).rows
    held = {str(row.get("role.name")) for row in rows or ()}
    if held & set(comma_list(known.get("allowed_roles", ROLE))):
        return "exempt"
    date = known.get("restriction.enforcement_date", "").strip()
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
    in_force = known.get("restriction.enforce") == "true" and (not date or now >= date)
    return "enforced" if in_force else "tracking"
