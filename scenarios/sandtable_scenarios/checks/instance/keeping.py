"""How the instance keeps incidents: numbers, states, times, queries and access. These rules judge the instance."""

from __future__ import annotations

from sandtable_scenarios.stage.evidence import assumed, documented
from sandtable_scenarios.stage.findings import Rule, Severity

PAGE = "ServiceNow documentation, Table API"

NUMBERS = Rule(
    "instance.numbers",
    "Every incident has a number of its own, INC and digits, later ones higher",
    Severity.MAJOR,
    documented("ServiceNow documentation, number maintenance"),
    judges="instance",
    explanation="Numbers are how people speak of incidents.",
)
ACTIVE = Rule(
    "instance.states",
    "Closed and canceled incidents are not active and have a closing time; all others are active and have none",
    Severity.CRITICAL,
    documented("ServiceNow documentation, incident states"),
    judges="instance",
    explanation="Lists of open work go by active, not by state.",
)
VERSIONS = Rule(
    "instance.versions",
    (
        "A change moves the modification count and the time of update on and keeps those of creation; no change "
        "moves nothing"
    ),
    Severity.MAJOR,
    documented("ServiceNow documentation, system fields"),
    judges="instance",
    needs=frozenset({"clock"}),
    explanation="Who polls for changes goes by these fields; times are UTC and whole seconds.",
)
NEWEST = Rule(
    "instance.newest-first",
    "A list by descending creation time has later incidents before earlier ones, also within one second",
    Severity.MAJOR,
    assumed("times are whole seconds; a connector that asks for the newest must get the same one each time"),
    judges="instance",
    explanation=(
        "Closing goes to the latest of several incidents. An order that changes between calls closes another one."
    ),
)
EXACT = Rule(
    "instance.query-exact",
    "A query for one value finds the records with that value and no others, whatever characters it has",
    Severity.CRITICAL,
    documented("ServiceNow documentation, encoded query strings: ^^ stands for a caret in a value"),
    judges="instance",
    explanation="A doubled caret is a caret. A percent sign, a quote or a line break has no meaning in a value.",
)
INVALID = Rule(
    "instance.query-conditions",
    "Conditions of a query narrow and widen as their operators say",
    Severity.MAJOR,
    documented("ServiceNow documentation, encoded query strings"),
    judges="instance",
    explanation="^ narrows, ^OR widens the condition before it, ^NQ begins a new query.",
)
PAGES = Rule(
    "instance.pages",
    "Pages of a list, put together, are the whole list; the total is told in X-Total-Count",
    Severity.MAJOR,
    documented(f"{PAGE}: sysparm_limit, sysparm_offset, X-Total-Count"),
    judges="instance",
    explanation="Nothing twice, nothing left out.",
)
MISSING = Rule(
    "instance.missing",
    "A record that was deleted, or never was, answers 404, and is in no list",
    Severity.MAJOR,
    documented(f"{PAGE}: 404, No Record found"),
    judges="instance",
    explanation="A connector tells from the 404 that there is nothing to close.",
)
GUESTS = Rule(
    "instance.guests",
    "Without credentials, or with wrong ones, nothing can be read or written, and the answer is 401",
    Severity.CRITICAL,
    documented("ServiceNow documentation, REST API: 401, User Not Authenticated"),
    judges="instance",
    explanation=(
        "This holds for every kind of wrong credentials: an unknown user, another password, half a header, none."
    ),
)
ROLES = Rule(
    "instance.roles",
    "A user without roles can neither change incidents nor use the application",
    Severity.CRITICAL,
    documented("ServiceNow documentation, access control: 403 without the role"),
    judges="instance",
    explanation="Access is decided by role at each request.",
)
REFUSALS = Rule(
    "instance.refusals",
    "A request that cannot be understood is refused with an error object and changes nothing",
    Severity.MAJOR,
    documented(f"{PAGE}: error.message, error.detail and status failure"),
    judges="instance",
    explanation="Broken JSON is a 400, an unknown table too; never a 500.",
)
PRIORITY = Rule(
    "instance.priority",
    "The priority of an incident follows from its impact and its urgency, and nobody can set it to another",
    Severity.MAJOR,
    documented("ServiceNow documentation, incident prioritization: the priority lookup rules"),
    judges="instance",
    explanation="1 and 1 are priority 1, 3 and 3 are priority 5, and each step of either makes it one more.",
)
SHOWN = Rule(
    "instance.display-values",
    "Values are shown as stored, as people see them, or both, as sysparm_display_value says",
    Severity.MAJOR,
    documented(f"{PAGE}: sysparm_display_value false, true and all; sysparm_exclude_reference_link"),
    judges="instance",
    explanation=(
        "A choice is shown by its label, a reference by the name of its record, a number with its thousands apart; "
        "what is stored never changes with how it is asked for."
    ),
)
LIFE = Rule(
    "instance.life",
    (
        "Whoever closes, resolves or reopens an incident is named in it, with the time and how long it took; what no "
        "longer holds is emptied; every other column is as it was"
    ),
    Severity.MAJOR,
    documented("ServiceNow documentation, incident states and incident form: resolved, closed, reopened"),
    judges="instance",
    needs=frozenset({"control"}),
    explanation="Reports of who solved what, how soon, and how often it came back, go by these columns.",
)
ALIKE = Rule(
    "instance.answers-alike",
    (
        "Inserting, reading, listing and changing a record show it alike, in the columns and in the form that were "
        "asked for, with the status of the verb"
    ),
    Severity.MAJOR,
    documented(f"{PAGE}: sysparm_fields, sysparm_display_value, sysparm_exclude_reference_link; 200, 201, 204"),
    judges="instance",
    explanation="A client reads what a write answers in place of reading the record again.",
)
RULES = (
    ALIKE,
    NUMBERS,
    ACTIVE,
    LIFE,
    VERSIONS,
    NEWEST,
    EXACT,
    INVALID,
    PAGES,
    MISSING,
    GUESTS,
    ROLES,
    REFUSALS,
    PRIORITY,
    SHOWN,
)
