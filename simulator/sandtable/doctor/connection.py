"""Whether an instance answers, over TLS, awake, and to these credentials; and whether the application is there."""

from __future__ import annotations

import re

from sandtable.doctor.account import why_refused
from sandtable.doctor.findings import Finding, broken, ok, skipped, unknown
from sandtable.doctor.patient import Answer, Patient

PROBE = "/api/now/table/sys_user"
_ASLEEP = re.compile(r"hibernat", re.IGNORECASE)
_NOT_GRANTED = re.compile(r"(?P<operation>\w+) access to (?P<target>\S+) not granted")
_FENCED = re.compile(r"Access to api '(?P<target>[^']+)'|(?P<operation>\w+) operation against '(?P<table>[^']+)'", re.I)


def reachable(patient: Patient) -> Finding:
    """Ask without credentials; any answer will do. Raises Unreachable."""
    answer = patient.ask("GET", PROBE, who="nobody", parameters={"sysparm_limit": "1"})
    return ok("reachable", f"{patient.url} answers ({answer.status})")


def tls(patient: Patient) -> Finding:
    """Say whether the connection is encrypted; an unacceptable certificate has raised Unreachable before."""
    if patient.url.startswith("https://"):
        return ok("tls", "the certificate is accepted")
    return skipped("tls", "plain http; a real instance speaks https only")


def instance(patient: Patient) -> Finding:
    """Tell an instance from a page that says it sleeps, and from something else altogether."""
    answer = patient.ask("GET", PROBE, who="nobody", parameters={"sysparm_limit": "1"})
    if _ASLEEP.search(answer.body) and answer.content is None:
        return broken(
            "instance", "the instance is hibernating", "wake it up at https://developer.servicenow.com, and wait"
        )
    if answer.status == 401 and answer.content is not None:
        return ok("instance", "it refuses strangers as an instance does")
    if answer.status == 200 and answer.rows is not None:
        return ok("instance", "it is an instance, and lets strangers read sys_user")
    if answer.status in (301, 302, 303, 307, 308):
        where = answer.headers.get("Location", "")[:120]
        return broken("instance", f"it redirects API calls to {where}", "give the address of the instance itself")
    return broken(
        "instance",
        f"this does not look like a ServiceNow instance: {answer.complaint}",
        "check the address; it has no path, such as https://dev12345.service-now.com",
    )


def credentials(patient: Patient) -> Finding:
    """Sign in as the integration user with a password."""
    if not patient.user:
        return skipped("credentials", "no --user was given")
    if not patient.password:
        return skipped("credentials", "no --password was given")
    answer = patient.list("sys_user", fields="user_name", limit=1, user_name=patient.user)
    if answer.status == 401:
        patient.refused.add("user")
        return broken("credentials", *why_refused(patient))
    if answer.status == 429:
        return broken("credentials", "the instance limits the rate of this user's calls", "wait, or change the rule")
    if answer.status >= 500:
        return broken("credentials", f"the instance fails: {answer.complaint}", "look into the instance's system log")
    return ok("credentials", f"{patient.user} is signed in")


def admin_credentials(patient: Patient) -> Finding:
    """Sign in as the administrator who can read the configuration."""
    if not patient.admin_user:
        return skipped("admin", "no --admin-user was given; what only an administrator sees stays unknown")
    answer = patient.list("sys_scope_privilege", who="admin", fields="sys_id", limit=1)
    if answer.status == 200:
        return ok("admin", f"{patient.admin_user} can read the configuration")
    patient.refused.add("admin")
    return broken(
        "admin",
        f"{patient.admin_user} cannot read the configuration: {answer.complaint}",
        "check the password, and give the user the role admin; or leave --admin-user out",
    )


def application(patient: Patient) -> Finding:
    """Ask the application's health resource, with or without the rights to use it."""
    subject = patient.subject
    if not patient.has_user and not patient.has_admin:
        return skipped("app", patient.why_no_user)
    answer = patient.health
    if answer.status == 200:
        return _healthy(patient, answer)
    if answer.status in (404, 400):
        patient.lacks_application = True
        return broken(
            "app",
            f"{subject.name} is not installed: {subject.health} answers {answer.complaint}",
            f"install {subject.name} from the ServiceNow store (System Applications > All Available Applications)",
        )
    if answer.status == 403:
        return ok("app", f"{subject.name} is installed (its health resource refuses this user, see roles)")
    if missing_privilege(answer.complaint):
        return ok("app", f"{subject.name} is installed (its health resource fails, see privileges)")
    if answer.status == 401:
        return broken(
            "app", f"the health resource refuses the credentials: {answer.complaint}", "check the credentials"
        )
    return broken("app", f"the health resource answers {answer.complaint}", "look into the instance's system log")


def _healthy(patient: Patient, answer: Answer) -> Finding:
    result = answer.result
    if not isinstance(result, dict):
        if _ASLEEP.search(answer.body):
            return broken(
                "app", "the instance is hibernating", "wake it up at https://developer.servicenow.com, and wait"
            )
        return broken(
            "app",
            "the health resource answers 200 without a result, so a connector takes the instance for broken",
            "look at the answer in a browser; a login or maintenance page may be in the way",
        )
    version = result.get("version")
    if not version:
        return unknown("app", f"{patient.subject.name} is installed and does not tell its version")
    return ok("app", f"{patient.subject.name} {version} is installed")


def missing_privilege(text: str) -> str:
    """Return the cross-scope privilege that a refusal names, such as `GlideRecord.insert (execute)`, or nothing."""
    found = _NOT_GRANTED.search(text)
    if found is not None:
        return f"{found['target']} ({found['operation']})"
    found = _FENCED.search(text)
    if found is None or "access policy" not in text:
        return ""
    return f"{found['target']} (execute)" if found["target"] else f"{found['table']} ({found['operation'].lower()})"
