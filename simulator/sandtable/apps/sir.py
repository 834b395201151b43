"""Security Incident Response: security incidents, observables and their types. Every instance starts with it.

Uninstalling it takes the tables away, as on an instance without the plugin.
"""

from __future__ import annotations

from sandtable.apps.data_files import of_the_baseline
from sandtable.core.applications.application import Application
from sandtable.core.schema.dictionary_data import stable_id

SCOPE = "sn_si"
APPLICATION = Application(
    scope=SCOPE,
    name="Security Incident Response",
    version="13.5.0",
    store_app_id=stable_id("sys_store_app", SCOPE),
    vendor="ServiceNow",
    description="Security incidents, response tasks and observables",
    tables=of_the_baseline("security.json"),
)
