"""Faults: an instance that is asleep, slow, full, restarting, or whose answers get lost."""

from __future__ import annotations

from sandtable_scenarios.stage.evidence import assumed, documented, recorded
from sandtable_scenarios.stage.findings import Rule, Severity

FAULTS = frozenset({"faults"})

HONEST = Rule(
    "faults.honest",
    "A push is answered ok only if the incident is there",
    Severity.CRITICAL,
    assumed("an alert that is reported as delivered is never delivered again"),
    needs=FAULTS,
    explanation=(
        "Look at the status, at the shape of the body and at the status of the import row; a page in HTML with "
        "status 200 is what a sleeping instance sends."
    ),
)
NO_DUPLICATE = Rule(
    "faults.no-duplicate",
    "An answer that was lost after the write leads to no second incident when the push is tried again",
    Severity.CRITICAL,
    documented("Kibana 8.13 documentation: the same alert ID continually updates a single incident record"),
    needs=FAULTS,
    explanation=(
        "The correlation ID makes a push safe to repeat. A connector must not drop it on a second try, and must "
        "not post twice by itself."
    ),
)
RETRYABLE = Rule(
    "faults.retryable",
    (
        "A failure that passes by itself (429, 5xx, a broken connection, a sleeping instance) is reported as "
        "worth another try"
    ),
    Severity.MAJOR,
    recorded("observed Kibana behaviour: every failed execution is marked retry; elastic/kibana#143046"),
    needs=FAULTS,
    explanation="The alerting framework repeats only what is marked; without the mark one lost packet loses the alert.",
)
PERMANENT = Rule(
    "faults.permanent",
    "A refusal that does not pass by itself (400, 401, 403, 404) is not reported as worth another try",
    Severity.MAJOR,
    assumed("what was refused for its credentials, its rights or its address is refused again, for the same reason"),
    needs=frozenset({"control", "switches"}),
    explanation=(
        "Trying again hides from people that they have something to mend, and a user who signs in with a wrong "
        "password again and again is locked out in the end."
    ),
)
RECOVERS = Rule(
    "faults.recovers",
    "After the trouble is over the next push succeeds",
    Severity.CRITICAL,
    assumed("a connection, a token or a cookie that was broken must not be used for ever"),
    needs=FAULTS,
    explanation="Keep nothing from a failed exchange that the next one depends on.",
)
ROW_ERROR = Rule(
    "faults.row-error",
    "An import row in status error is an error, although the HTTP status is a success",
    Severity.CRITICAL,
    recorded("Kibana's unit tests: the error message of the import row becomes the error of the push"),
    needs=frozenset({"switches"}),
    explanation="The Import Set API answers 201 for a row that could not be transformed. Read result[0].status.",
)
NO_ROW = Rule(
    "faults.no-row",
    "An import answer without a row, or whose row names no record, is an error",
    Severity.MAJOR,
    recorded("Kibana's unit tests: an empty import result is an unexpected result"),
    needs=frozenset({"switches"}),
    explanation="Without a sys_id there is no incident to report.",
)
ONE_PASS = Rule(
    "faults.one-pass",
    "A connector does not repeat a write by itself after a time-out or a refusal; its caller decides that",
    Severity.MAJOR,
    recorded("observed Kibana behaviour: the connector makes one pass; retries belong to the task"),
    needs=FAULTS | {"journal"},
    explanation="Hidden retries ignore Retry-After, multiply the load of an instance in trouble, and write twice.",
)
RETRY_AFTER = Rule(
    "faults.retry-after",
    "A call that was refused with Retry-After is not made again before that time",
    Severity.MAJOR,
    documented("RFC 9110 section 10.2.3 and RFC 6585 section 4: how long to wait before a follow-up request"),
    needs=FAULTS | {"journal"},
    explanation=(
        "Asking again at once is what the instance asked not to do: it keeps an instance in trouble there, and counts "
        "against the limit. Report the failure as worth another try, and let the caller wait."
    ),
)
RESTART = Rule(
    "faults.restart",
    "A restart of the connector between two steps changes nothing",
    Severity.MAJOR,
    assumed("whatever the connector keeps in memory is lost with its process"),
    explanation=(
        "Correlation lives in the instance. A connector that remembers which incident belongs to which alert "
        "forgets it."
    ),
)
PATIENCE = Rule(
    "faults.patience",
    "A call that is not answered is given up after some time",
    Severity.MAJOR,
    documented("Kibana documentation, action settings: xpack.actions.responseTimeout, 60 seconds by default"),
    needs=FAULTS,
    explanation="Without a limit of time one instance that hangs keeps every alert behind it waiting.",
)
ANSWERS = Rule(
    "faults.answers",
    "Every request is answered, with ok or with an error; nothing ends the connector",
    Severity.CRITICAL,
    assumed("whoever runs a connector learns nothing of a request on which it ended"),
    explanation="Catch what an answer of the instance can raise where it is read, and report it as an error.",
)
RULES = (
    HONEST,
    NO_DUPLICATE,
    RETRYABLE,
    PERMANENT,
    RECOVERS,
    ROW_ERROR,
    NO_ROW,
    ONE_PASS,
    RETRY_AFTER,
    RESTART,
    PATIENCE,
    ANSWERS,
)
