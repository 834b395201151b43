"""What the integration user may do, and what happens when that changes in the middle of work."""

from __future__ import annotations

from sandtable_scenarios.stage.evidence import assumed, documented
from sandtable_scenarios.stage.findings import Rule, Severity

PAGE = "Kibana 8.13 documentation, ServiceNow prerequisites"
ROLES = ("import_set_loader", "import_transformer", "x_elas2_inc_int.integration_user")
PRIVILEGES = (
    "GlideRecord.insert",
    "GlideRecord.setValue",
    "GlideRecordSecure.getValue",
    "incident",
    "ScriptableServiceResultBuilder.setBody",
    "ScopedGlideElement",
)

ROLE = Rule(
    "rights.role-removed",
    "When the user loses a role that the guide asks for, a push is an error",
    Severity.CRITICAL,
    documented(f"{PAGE}: assign the integration user the roles"),
    explanation=(
        "A connector must report the refusal. If it answers ok, nobody learns that alerts are lost. If the "
        "instance lets the push through, the role means nothing there."
    ),
)
PRIVILEGE = Rule(
    "rights.privilege-removed",
    "When the application loses a cross-scope privilege, a push is an error, or the incident is there",
    Severity.CRITICAL,
    documented(f"{PAGE}: cross-scope privileges"),
    explanation=(
        "The refusal comes as a status 500 of the health resource, or as an import row in status error inside a "
        "successful answer. Both are errors."
    ),
)
RESTORED = Rule(
    "rights.restored",
    "When the right is given back, the next push succeeds",
    Severity.MAJOR,
    assumed("rights are decided at each request; neither side may remember a refusal"),
    explanation="A cached refusal, on either side, needs a restart that nobody thinks of.",
)
INACTIVE = Rule(
    "rights.inactive-user",
    "A user who was locked out or made inactive can do nothing, from the next request on",
    Severity.CRITICAL,
    documented("ServiceNow documentation: inactive and locked-out users are refused; locking ends live sessions"),
    explanation="Credentials must be checked at each request, sessions and tokens of a locked user must end.",
)
RULES = (ROLE, PRIVILEGE, RESTORED, INACTIVE)
