"""Cross-origin requests, as a browser on Kibana's page makes them. These rules judge the instance."""

from __future__ import annotations

from sandtable_scenarios.stage.evidence import assumed, documented
from sandtable_scenarios.stage.findings import Rule, Severity

CORS = frozenset({"cors"})
FETCH = "Fetch Standard, CORS protocol"

PREFLIGHT = Rule(
    "cors.preflight",
    (
        "A preflight from a registered origin is answered without credentials, and permits the method and the "
        "Authorization header"
    ),
    Severity.CRITICAL,
    documented(f"{FETCH}: preflight requests carry no credentials; Kibana 8.13 documentation, Create a CORS rule"),
    judges="instance",
    needs=CORS,
    explanation=(
        "Kibana's form asks the health resource from the browser with an Authorization header. A 401 for the "
        "preflight breaks it."
    ),
)
ALLOWED = Rule(
    "cors.allowed",
    "An answer to a registered origin names that origin, also when it is an error",
    Severity.CRITICAL,
    documented(f"{FETCH}: Access-Control-Allow-Origin"),
    judges="instance",
    needs=CORS,
    explanation="Without the header on a 401 the page sees a network error instead of wrong credentials.",
)
STRANGERS = Rule(
    "cors.strangers",
    "An answer to any other origin carries no permission: another scheme, port, host, or a name that only looks alike",
    Severity.CRITICAL,
    documented(f"{FETCH}: origins are compared as a whole"),
    judges="instance",
    needs=CORS,
    explanation="Scheme, host and port count; a wildcard ends at a dot; null is nobody.",
)
ONE_API = Rule(
    "cors.one-api",
    "A rule opens the API that it names, with the methods that it names, while it is active",
    Severity.CRITICAL,
    documented("ServiceNow documentation, CORS rules: REST API, domain, HTTP methods"),
    judges="instance",
    needs=CORS,
    explanation="A rule for the application's own API does not open the tables.",
)
SERVED = Rule(
    "cors.served",
    "CORS permits and does not forbid: a request from a strange origin is answered as ever, only without the headers",
    Severity.MINOR,
    documented("ServiceNow knowledge base: CORS rules are not a filter for incoming requests"),
    judges="instance",
    needs=CORS,
    explanation="It is the browser that hides the answer.",
)
CLEAN = Rule(
    "cors.no-reflection",
    "Nothing that a request says is repeated in a header unless it is a proper header name that was asked for",
    Severity.MAJOR,
    assumed("reflected text is how headers are injected"),
    judges="instance",
    needs=CORS,
    explanation="Check each requested header name for its characters before naming it in the answer.",
)
COLUMNS = Rule(
    "cors.columns",
    (
        "Methods, request headers, exposed headers, credentials and the maximum age come from the rule that is closest "
        "to the origin, and nothing is permitted that it does not say"
    ),
    Severity.MAJOR,
    documented("ServiceNow documentation, CORS rules: the fields of the form; Fetch Standard, CORS protocol"),
    judges="instance",
    needs=CORS,
    explanation=(
        "A page may send cookies only where Access-Control-Allow-Credentials is true, and see only the headers that "
        "are exposed. Of a rule for the very origin and one with a wildcard the first decides alone."
    ),
)
RULES = (PREFLIGHT, ALLOWED, STRANGERS, ONE_API, SERVED, CLEAN, COLUMNS)
