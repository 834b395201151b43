"""What the instance makes of rows that are posted to the application's staging table: rules for the instance."""

from __future__ import annotations

from sandtable_scenarios.stage.evidence import assumed, documented, recorded
from sandtable_scenarios.stage.findings import Rule, Severity

PAGE = "ServiceNow documentation, Import Set API"

COALESCE = Rule(
    "instance.coalesce",
    "A row updates the incident that has its correlation ID, and inserts one when none has",
    Severity.CRITICAL,
    documented(f"{PAGE} and transform maps: coalesce fields decide between insert and update"),
    judges="instance",
    explanation="The whole ID counts, in any letter case: no prefix, no pattern, no part of a query.",
)
CLOSED = Rule(
    "instance.coalesce-closed",
    "A row whose incident is closed follows the policy that is set: update it in place, or insert another",
    Severity.MAJOR,
    recorded("elastic/kibana#147353 and #162557: a closed incident is updated in place and stays closed"),
    judges="instance",
    needs=frozenset({"switches"}),
    explanation="Whatever the policy, a push never opens a closed incident again.",
)
SEVERAL = Rule(
    "instance.coalesce-several",
    "Of several incidents with the ID exactly one is updated: the one that the policy names",
    Severity.MAJOR,
    assumed("which one is not documented; a system property decides, the oldest by default"),
    judges="instance",
    needs=frozenset({"switches"}),
    explanation="No insert, and no update of more than one.",
)
BLANK = Rule(
    "instance.coalesce-blank",
    "A row without a correlation ID inserts an incident",
    Severity.CRITICAL,
    documented("ServiceNow documentation, transform maps: create new record on empty coalesce fields"),
    judges="instance",
    explanation="Otherwise unrelated alerts meet in the oldest incident that has no ID.",
)
PRECEDENCE = Rule(
    "instance.incident-id",
    (
        "A row with the sys_id of an incident updates that one, whatever its correlation ID says; an unknown "
        "sys_id is an error"
    ),
    Severity.CRITICAL,
    recorded("elastic/kibana#107871: elastic_incident_id names the record to update"),
    judges="instance",
    explanation="A connector that updates by sys_id relies on it.",
)
ANSWER = Rule(
    "instance.import-answer",
    "The answer to a row says what was done and to which incident, and the incident says the same",
    Severity.CRITICAL,
    documented(f"{PAGE}: status, table, display_value and sys_id of each row"),
    judges="instance",
    explanation=(
        "inserted, updated, or ignored when nothing changed; the number and sys_id of the record; an import set; "
        "status 201."
    ),
)
KEPT = Rule(
    "instance.values-kept",
    "Values arrive unchanged up to the length of their column, and null leaves a column as it is",
    Severity.CRITICAL,
    documented("ServiceNow documentation, dictionary: max length; transform maps: copy empty fields"),
    judges="instance",
    explanation=(
        "Lengths are counted in characters. What is too long is cut at the column's length, not before and not after."
    ),
)
NOTES = Rule(
    "instance.work-notes",
    "Each value of a journal field is one more entry, and none is ever changed",
    Severity.CRITICAL,
    documented("ServiceNow documentation, journal fields"),
    judges="instance",
    explanation="An update with the same text adds a second entry; an update without text adds none.",
)
SCOPED = Rule(
    "instance.scope-privilege",
    "An application that lacks a cross-scope privilege cannot do what needs it: its resource or its row is refused",
    Severity.CRITICAL,
    documented(
        "ServiceNow documentation, application cross-scope access: requested and denied privileges do not allow"
    ),
    judges="instance",
    needs=frozenset({"control"}),
    explanation="Only the status allowed allows; what was requested waits for an administrator.",
)
NAMED = Rule(
    "instance.named-values",
    "A row may name a choice by its label and a person by the user name: the incident holds what they stand for",
    Severity.MAJOR,
    documented("ServiceNow documentation, field maps: choice action, and the field that a reference is found by"),
    judges="instance",
    needs=frozenset({"control"}),
    explanation="Connectors send what people see, such as the user name of whoever opened the incident.",
)
EVENT_KEY = Rule(
    "instance.event-key",
    "An event without a message key gets one of source, node, type, resource and metric name",
    Severity.MAJOR,
    documented("ServiceNow documentation, event fields: the default of message_key"),
    judges="instance",
    needs=frozenset({"itom", "control"}),
    explanation="Events with one key become one alert; a key of fewer parts mixes alerts up.",
)
RULES = (COALESCE, CLOSED, SEVERAL, BLANK, PRECEDENCE, ANSWER, KEPT, NOTES, SCOPED, NAMED, EVENT_KEY)
