"""The examination: every check in the order in which one depends on another, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sandtable.doctor import account, browser, connection, grants, rights
from sandtable.doctor.findings import Finding, broken, ok, skipped
from sandtable.doctor.patient import Patient, Unreachable

EVERYTHING_HOLDS, SOMETHING_IS_BROKEN, NOT_REACHED, NOT_EXAMINED = 0, 1, 3, 4
Check = Callable[[Patient], Finding]


@dataclass(frozen=True, slots=True)
class Step:
    """One check; when a `decisive` one is broken, nothing after it can be judged."""

    name: str
    check: Check
    decisive: bool = False


STEPS = (
    Step("reachable", connection.reachable, decisive=True),
    Step("tls", connection.tls),
    Step("instance", connection.instance, decisive=True),
    Step("admin", connection.admin_credentials),
    Step("credentials", connection.credentials),
    Step("user", account.account),
    Step("basic", account.basic),
    Step("oauth", grants.oauth),
    Step("app", connection.application),
    Step("privileges", rights.privileges),
    Step("roles", rights.roles),
    Step("import", rights.importing),
    Step("choices", rights.choices),
    Step("cors", browser.cors),
)
SEEN_WITH_CREDENTIALS = frozenset({"credentials", "app", "privileges", "roles", "import", "choices"})
UNREACHED = frozenset({"reachable", "tls", "instance"})


def examine(patient: Patient) -> Iterator[Finding]:
    """Yield a finding for each step, as it is made; raises nothing."""
    cause = tls_trouble = ""
    for step in STEPS:
        if cause:
            if step.name != tls_trouble:
                yield skipped(step.name, f"not reached, because of {cause}")
            continue
        try:
            finding = step.check(patient)
        except Unreachable as error:
            if error.by_tls and step.name == "reachable":
                yield ok(step.name, f"something listens at {patient.url}")
                tls_trouble = "tls"
            finding = broken(tls_trouble or step.name, error.text, error.fix)
            cause = finding.check
        if finding.outcome == "broken" and step.decisive:
            cause = finding.check
        yield finding


def first_broken(findings: list[Finding]) -> Finding | None:
    """Return the first prerequisite that does not hold, in the order in which one depends on another."""
    return next((finding for finding in findings if finding.outcome == "broken"), None)


def unchecked(findings: list[Finding]) -> list[str]:
    """Return the names of the checks that were not made for want of credentials."""
    found = {finding.check: finding.outcome for finding in findings}
    signed_in = "ok" in (found.get("credentials"), found.get("oauth"))
    return [
        name
        for name, outcome in found.items()
        if outcome == "skipped" and name in SEEN_WITH_CREDENTIALS and not (name == "credentials" and signed_in)
    ]


def unseen(findings: list[Finding]) -> list[str]:
    """Return the names of the checks that these credentials, or a call that only reads, cannot make."""
    return [finding.check for finding in findings if finding.outcome == "unknown"]


def exit_code(findings: list[Finding]) -> int:
    """Return 0 when nothing is broken, 3 without an instance, 4 when credentials were wanting, else 1."""
    found = first_broken(findings)
    if found is None:
        return NOT_EXAMINED if unchecked(findings) else EVERYTHING_HOLDS
    return NOT_REACHED if found.check in UNREACHED else SOMETHING_IS_BROKEN


def report(patient: Patient, findings: list[Finding]) -> dict[str, Any]:
    """Return the examination as JSON has it."""
    found = first_broken(findings)
    return {
        "url": patient.url,
        "app": patient.subject.scope,
        "ok": found is None and not unchecked(findings),
        "not_checked": unchecked(findings),
        "not_seen": unseen(findings),
        "first_broken": found.wire() if found is not None else None,
        "checks": [finding.wire() for finding in findings],
    }
