"""Which correlation ID creates, and which updates."""

from __future__ import annotations

from sandtable_scenarios.models.incidents import LONGEST_CORRELATION_ID
from sandtable_scenarios.stage.evidence import assumed, documented, recorded
from sandtable_scenarios.stage.findings import Rule, Severity

PAGE = "Kibana 8.13 documentation, ServiceNow ITSM connector and action"

CREATE = Rule(
    "correlation.create",
    "A push with a correlation ID that no incident has creates exactly one incident",
    Severity.CRITICAL,
    documented(f"{PAGE}: the correlation ID decides whether an incident is created or updated"),
    explanation=(
        "An alert without an incident goes unseen; two incidents for one alert are worked on twice. Look at what "
        "the connector posts to the staging table, and whether it reads the import row's own status."
    ),
)
UPDATE = Rule(
    "correlation.update",
    "A push with a correlation ID that an incident has updates that incident and creates none",
    Severity.CRITICAL,
    documented(f"{PAGE}: the same alert ID continually updates a single incident record"),
    explanation=(
        "A new incident for each firing of one alert floods the service desk. The ID must reach the instance "
        "unchanged, in the column that the transform map coalesces on."
    ),
)
BYSTANDERS = Rule(
    "correlation.bystanders",
    "A push or a close touches no incident but its own",
    Severity.CRITICAL,
    documented(f"{PAGE}: connectors using the same correlation ID are associated with the same incident"),
    explanation=(
        "A lookup that matches more than the ID (a blank ID, a query that the ID broke out of, a prefix) changes "
        "the work of other people."
    ),
)
STORED = Rule(
    "correlation.stored",
    "The correlation ID is stored exactly as the alert gave it",
    Severity.CRITICAL,
    documented(f"{PAGE}: the correlation ID associates alert and incident"),
    explanation=(
        "An ID that is cut, escaped, trimmed or re-encoded on its way no longer matches when the alert recovers."
    ),
)
TOO_LONG = Rule(
    "correlation.too-long",
    f"A correlation ID of more than {LONGEST_CORRELATION_ID} characters is refused before anything is written",
    Severity.CRITICAL,
    documented(f"{PAGE}: the maximum character length for this value is {LONGEST_CORRELATION_ID}"),
    explanation=(
        "An instance cuts the ID silently. Then two alerts share one incident, and recovery never finds it. "
        "Refuse the action with an error that names the field."
    ),
)
LONGEST = Rule(
    "correlation.longest",
    f"A correlation ID of exactly {LONGEST_CORRELATION_ID} characters works like any other",
    Severity.MAJOR,
    documented(f"{PAGE}: the maximum character length for this value is {LONGEST_CORRELATION_ID}"),
    explanation="Characters are counted, not bytes and not UTF-16 units, and the limit itself is allowed.",
)
BLANK = Rule(
    "correlation.blank-push",
    "A push without a correlation ID creates an incident and updates none",
    Severity.CRITICAL,
    assumed("an empty coalesce value is not compared with empty columns; anything else would merge unrelated alerts"),
    explanation="Alerts whose ID could not be rendered must not end up in one another's incidents.",
)
INVENTED = Rule(
    "correlation.invented",
    "An incident of an alert without a correlation ID gets none, least of all a template that nobody rendered",
    Severity.CRITICAL,
    assumed("a literal template as ID is the same for every alert, so that they would all share one incident"),
    explanation=(
        "A default such as a rule and alert template must be rendered before it is sent. Applied afterwards, its "
        "literal text becomes the ID of every alert that came without one."
    ),
)
LETTER_CASE = Rule(
    "correlation.letter-case",
    "IDs that differ only in letter case are one ID, as the instance compares text",
    Severity.MAJOR,
    documented("ServiceNow documentation: text comparison in queries is not case-sensitive"),
    explanation=(
        "A client that compares IDs more strictly than the instance creates what the instance updates, or does "
        "not find what it should close."
    ),
)
SUCCEEDS = Rule(
    "push.succeeds",
    "A push that the instance accepts is answered as a success",
    Severity.MAJOR,
    documented(f"{PAGE}: the connector creates ServiceNow incidents"),
    explanation="An error for work that was done makes the alerting framework repeat it.",
)
RESULT = Rule(
    "push.result",
    "The answer names the incident that was written: its sys_id, its number, its address",
    Severity.MAJOR,
    documented("Kibana connector API: pushToService answers id, title, url and pushedDate of the incident"),
    explanation=(
        "Cases store this answer and push to that sys_id the next time; a wrong one updates somebody else's incident."
    ),
)
FIELDS = Rule(
    "push.fields",
    "Each field of the action is stored in its own column with the value that was given",
    Severity.MAJOR,
    documented(f"{PAGE}: action properties"),
    explanation="A field that is dropped, swapped or changed misleads whoever works on the incident.",
)
STATE = Rule(
    "push.keeps-state",
    "A push leaves the state of an incident as it is; a closed one is updated and stays closed",
    Severity.MAJOR,
    recorded("elastic/kibana#147353 and #162557: a closed incident is updated in place and is not reopened"),
    explanation=(
        "People close incidents for a reason. Whoever wants a new incident for a new firing sets the instance up "
        "that way, or uses an ID that is new each time."
    ),
)
EXTERNAL = Rule(
    "push.external-id",
    "A push with an external ID updates the incident of that sys_id",
    Severity.CRITICAL,
    documented("Kibana connector API: externalId names the incident to update"),
    explanation="Cases push to the incident they made before; the external ID goes before any correlation.",
)
STRANGE_ID = Rule(
    "push.unknown-id",
    "An external ID that no incident has, whatever its characters, is an error for a push, and touches nothing",
    Severity.CRITICAL,
    assumed("a sys_id is data; a push that cannot be an update of that record must not become something else"),
    needs=frozenset({"control"}),
    explanation=(
        "To create an incident instead makes another one at each push of a case whose incident was deleted. Put into "
        "an address as it is, an ID with slashes, dots or a question mark calls another resource: percent-encode it."
    ),
)
DATE = Rule(
    "push.date",
    (
        "The date that is reported is, in UTC, when the incident was created, for a push with an external ID when it "
        "was updated, in whatever zone the connector's machine is"
    ),
    Severity.MINOR,
    recorded("observed Kibana behaviour: pushedDate is sys_created_on of a push, sys_updated_on of an update"),
    explanation=(
        "What the instance answers has no zone in its text and is UTC. Whoever reads it in the zone of the machine "
        "reports a push that is hours off, or in the future."
    ),
)
NO_ID = Rule(
    "push.empty-external-id",
    "A push with an empty external ID is an update that names no record: it creates nothing as a push without one does",
    Severity.MINOR,
    recorded("observed Kibana behaviour: the external ID is compared with null, so an empty one asks for an update"),
    needs=frozenset({"control", "journal"}),
    explanation=(
        "Without the application such an update is refused, since there is no record of that name. With it the "
        "correlation ID decides, as always, and the row names neither a caller nor who opened the incident. To take "
        "an ID that could not be rendered for none at all makes an incident for each push."
    ),
)
OPENED = Rule(
    "push.opened-by",
    "A new incident was opened by the connector's user, who is its caller as well where the connector signs in by name",
    Severity.MINOR,
    recorded("Kibana's unit tests: u_caller_id and u_opened_by of a new incident, without u_ in the deprecated form"),
    needs=frozenset({"control", "journal"}),
    explanation=(
        "The caller is whom the service desk asks back, and the opener decides who may read the incident. Send both "
        "with what creates an incident, and only then; a connector that signs in with a key has no user name to send."
    ),
)
NO_TWIN = Rule(
    "faults.nothing-twice",
    "A push that fails leaves no second incident, and no comment twice",
    Severity.CRITICAL,
    documented(f"{PAGE}: the same alert ID continually updates a single incident record"),
    needs=frozenset({"faults"}),
    explanation=(
        "Part of a push may be written when the rest of it fails. Say so with an error, and repeat nothing of it: the "
        "caller pushes again, and the correlation ID keeps that to one incident."
    ),
)
RULES = (
    CREATE,
    UPDATE,
    LETTER_CASE,
    BYSTANDERS,
    STORED,
    TOO_LONG,
    LONGEST,
    BLANK,
    INVENTED,
    SUCCEEDS,
    RESULT,
    FIELDS,
    STATE,
    EXTERNAL,
    STRANGE_ID,
    DATE,
    NO_ID,
    OPENED,
    NO_TWIN,
)
