"""IT Service Management: incidents, problems, changes and requests. Every instance starts with it.

It is an application so that an instance can be shown without it: uninstalling takes the tables away.
"""

from __future__ import annotations

from sandtable.apps.data_files import of_the_baseline
from sandtable.core.applications.application import Application
from sandtable.core.schema.dictionary_data import stable_id

SCOPE = "sn_itsm"
APPLICATION = Application(
    scope=SCOPE,
    name="IT Service Management",
    version="1.0.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Incidents, problems, changes and requests",
    tables=of_the_baseline("incident.json", "problem.json", "change.json", "request.json"),
)
