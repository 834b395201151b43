"""What a connector answers when it is asked about the instance, and what it refuses to do at all."""

from __future__ import annotations

from sandtable_scenarios.stage.evidence import documented, recorded
from sandtable_scenarios.stage.findings import Rule, Severity

CHOICES = Rule(
    "asking.choices",
    (
        "getChoices answers the English choices of the fields that were asked for, of the connector's own table and "
        "its parent, and no others"
    ),
    Severity.MAJOR,
    documented("Kibana connector API: getChoices with a list of fields"),
    explanation=(
        "Forms offer these values. A choice that is left out cannot be chosen, one of another field is refused."
    ),
)
FIELDS = Rule(
    "asking.fields",
    (
        "getFields answers the writable text columns of the incident table with label, length and whether they "
        "must be filled"
    ),
    Severity.MINOR,
    documented("Kibana connector API: getFields"),
    explanation="Mappings of cases are made from this list.",
)
INCIDENT = Rule(
    "asking.incident",
    "getIncident answers the record with that sys_id, and an error when there is none",
    Severity.MINOR,
    documented("README of the ServiceNow connectors in elastic/kibana: getIncident"),
    explanation="It reads one record by its sys_id and changes nothing.",
)
READS_ONLY = Rule(
    "asking.reads-only",
    "Asking for choices, fields or an incident changes nothing",
    Severity.MAJOR,
    documented("Kibana connector API: these sub-actions only read"),
    explanation="A test of the connector must not leave incidents behind.",
)
CONFIGURATION = Rule(
    "config.refused",
    "A configuration or secrets that cannot work are refused before any request",
    Severity.MAJOR,
    recorded("Kibana's integration tests: validation of config and secrets at each execution"),
    needs=frozenset({"journal"}),
    explanation="Missing credentials, credentials of both kinds, or none must be an error that names what is wrong.",
)
PARAMETERS = Rule(
    "params.refused",
    "Parameters that cannot work are refused before any request",
    Severity.MAJOR,
    recorded("Kibana's integration tests: validation of subAction and subActionParams"),
    needs=frozenset({"journal"}),
    explanation="An unknown sub-action, a push without a short description, comments that are no list of texts.",
)
SLASH = Rule(
    "config.trailing-slash",
    "An instance URL with a slash at its end works like one without",
    Severity.MINOR,
    recorded("Kibana's unit tests: one trailing slash is removed"),
    explanation="People copy addresses from the browser.",
)
ADDRESS = Rule(
    "config.address",
    "An instance URL is taken as it is: with the path that it has, whatever the case of its host",
    Severity.MAJOR,
    documented(
        "RFC 3986 section 6.2.2.1: scheme and host are compared without case; section 5.2: a path is part of it"
    ),
    explanation="An instance may stand behind a proxy under a path. Append to the URL that people gave.",
)
RULES = (CHOICES, FIELDS, INCIDENT, READS_ONLY, CONFIGURATION, PARAMETERS, SLASH, ADDRESS)
