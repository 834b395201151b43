"""Whether a page of Kibana may call the application from the browser, which a connector's form does."""

from __future__ import annotations

from sandtable.doctor.findings import Finding, broken, ok, skipped, unknown
from sandtable.doctor.patient import Patient


def cors(patient: Patient) -> Finding:
    """Send the preflight that a browser would, and the call after it."""
    subject, origin = patient.subject, patient.origin
    if not origin:
        return skipped("cors", "no --origin was given")
    if patient.lacks_application:
        return skipped("cors", "not reached, because of app")
    preflight = patient.ask(
        "OPTIONS",
        subject.health,
        who="nobody",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    allowed = preflight.headers.get("Access-Control-Allow-Origin", "")
    if allowed not in (origin, "*") or not 200 <= preflight.status < 300:
        seen = f"the answer allows {allowed}" if allowed else "the answer allows no origin"
        return broken(
            "cors",
            f"a page on {origin} may not call the application: {seen} ({preflight.status})",
            f"make an active CORS rule (System Web Services > REST > CORS Rules): REST API {subject.api} "
            f"[{subject.scope}/elastic_api], domain exactly {origin} with its port, GET ticked",
        )
    names = {name.strip().lower() for name in preflight.headers.get("Access-Control-Allow-Headers", "").split(",")}
    if "authorization" not in names:
        return broken(
            "cors",
            f"the CORS rule for {origin} does not allow the header Authorization",
            "in the rule, empty Access-Control-Allow-Headers, or add authorization to it",
        )
    if not patient.has_user:
        return unknown("cors", f"the preflight of {origin} is answered; its call was not tried: {patient.why_no_user}")
    answer = patient.ask("GET", subject.health, headers={"Origin": origin})
    if answer.headers.get("Access-Control-Allow-Origin", "") not in (origin, "*"):
        return broken(
            "cors",
            f"a preflight of {origin} is answered, and the answer to its GET allows no origin",
            "in the CORS rule, tab HTTP methods, tick GET",
        )
    return ok("cors", f"a page on {origin} may call the application")
