"""Connectors from before the Elastic application, which write through the Table API."""

from __future__ import annotations

from sandtable_scenarios.stage.evidence import documented, recorded
from sandtable_scenarios.stage.findings import Rule, Severity

PAGE = "Kibana 8.13 documentation, Update a deprecated ServiceNow ITSM connector"

WORKS = Rule(
    "deprecated.works",
    "A deprecated connector goes on creating incidents, and updating those named by an external ID",
    Severity.CRITICAL,
    documented(f"{PAGE}: deprecated connectors continue to function with the rules they were added to"),
    explanation=(
        "Such a connector has no application in the instance to help it: it posts to the incident table, and "
        "patches the record of the external ID."
    ),
)
NO_COALESCE = Rule(
    "deprecated.no-coalesce",
    "A push of a deprecated connector without an external ID always creates an incident",
    Severity.MAJOR,
    recorded("observed Kibana behaviour: over the Table API every push without externalId is a plain insert"),
    explanation=(
        "Only the application's transform map looks at the correlation ID. A lookup before the insert would "
        "change what existing rules do."
    ),
)
CLOSES = Rule(
    "deprecated.closes",
    "A deprecated connector closes the latest open incident of the correlation ID",
    Severity.CRITICAL,
    documented("Kibana 8.13 documentation: recovery actions close incidents based on the correlation ID"),
    explanation="Closing reads and writes the incident table, which works without the application.",
)
NO_ADDITIONAL = Rule(
    "deprecated.no-additional-fields",
    "A deprecated connector refuses additional fields before anything is written",
    Severity.MINOR,
    recorded("Kibana's unit tests: additional fields are not supported for deprecated connectors"),
    explanation="Sent to the Table API they would overwrite columns instead of filling staging columns.",
)
RULES = (WORKS, NO_COALESCE, CLOSES, NO_ADDITIONAL)
