"""The other two connectors: security incidents with observables, and events."""

from __future__ import annotations

from sandtable_scenarios.checks.correlation import DATE, RESULT
from sandtable_scenarios.checks.notes import REPORTED
from sandtable_scenarios.stage.evidence import documented, recorded
from sandtable_scenarios.stage.findings import Rule, Severity

SECOPS = "Kibana documentation, ServiceNow SecOps connector"
ITOM = "Kibana documentation, ServiceNow ITOM connector"
SIR_NEEDS, ITOM_NEEDS = frozenset({"sir", "control"}), frozenset({"itom", "control"})

SIR_PUSH = Rule(
    "sir.push",
    "A push creates a security incident, and the next one with its correlation ID updates it",
    Severity.CRITICAL,
    documented(f"{SECOPS}: the correlation ID decides whether an incident is created or updated"),
    needs=SIR_NEEDS,
    explanation=(
        "The staging table, the health resource and the scope are those of the SecOps application, not of ITSM."
    ),
)
SIR_FIELDS = Rule(
    "sir.fields",
    "Each field of a security incident is stored as it was given, comments become work notes",
    Severity.MAJOR,
    documented(f"{SECOPS}: action properties"),
    needs=SIR_NEEDS,
    explanation="Security incidents have a priority instead of severity, urgency and impact.",
)
OBSERVABLES = Rule(
    "sir.observables",
    (
        "Each address, hash and URL becomes one observable of its type on the security incident, however it was "
        "separated; one text of two types becomes two"
    ),
    Severity.MAJOR,
    recorded("Kibana's unit tests of the SecOps connector: types, separators, doubles"),
    needs=SIR_NEEDS,
    explanation=(
        "Text is split at blanks, commas, bars and line ends, lists are taken as they are; a later push sends "
        "them again and must not double them."
    ),
)
EVENT = Rule(
    "itom.event",
    "addEvent creates one event with the fields that were given, and nothing in those that were null",
    Severity.CRITICAL,
    documented(f"{ITOM}: action properties"),
    needs=ITOM_NEEDS,
    explanation="One record is posted to the event collector; null fields are left out of it.",
)
EVENT_TIME = Rule(
    "itom.time",
    "The time of an event is written as the instance reads it, from milliseconds or ISO text",
    Severity.MAJOR,
    recorded("Kibana's unit tests of the ITOM connector: 2021-10-13T10:51:44.981Z becomes 2021-10-13 10:51:44"),
    needs=ITOM_NEEDS,
    explanation="Times are UTC. A time that cannot be read must not stop the event.",
)
EVENT_EMPTY = Rule(
    "itom.empty-text",
    "An event goes out with every text that was given, an empty one too, and without the fields that were null",
    Severity.MINOR,
    recorded("observed Kibana behaviour: null fields are taken out of the record, empty text stays in it"),
    needs=ITOM_NEEDS | {"journal"},
    explanation=(
        "An empty text says that the field is empty, null that nothing is known of it; event rules of an instance may "
        "tell them apart. Look for null, not for whatever counts as false."
    ),
)
RULES = (SIR_PUSH, SIR_FIELDS, OBSERVABLES, EVENT, EVENT_TIME, EVENT_EMPTY)
# What a story of these scenarios exercises: their own rules, and those of every answer to a push.
EXERCISED = (*(rule.id for rule in RULES), RESULT.id, DATE.id, REPORTED.id)
