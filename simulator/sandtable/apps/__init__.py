"""The applications this simulator knows: an explicit tuple, one application a file."""

from __future__ import annotations

from sandtable.apps import (
    ansible,
    change_management,
    cicd,
    code_search,
    elastic_itsm,
    elastic_sir,
    email_api,
    event_management,
    identification,
    itsm,
    knowledge,
    service_catalog,
    session_api,
    sir,
)
from sandtable.core.applications.application import Application

# What every instance starts with, and what only a set-up instance has.
BASE_APPS: tuple[Application, ...] = (
    itsm.APPLICATION,
    sir.APPLICATION,
    event_management.APPLICATION,
    service_catalog.APPLICATION,
    change_management.APPLICATION,
    identification.APPLICATION,
    knowledge.APPLICATION,
    code_search.APPLICATION,
    email_api.APPLICATION,
    session_api.APPLICATION,
    cicd.APPLICATION,
)
DEFAULT_APPS: tuple[Application, ...] = (
    *BASE_APPS,
    ansible.APPLICATION,
    elastic_itsm.APPLICATION,
    elastic_sir.APPLICATION,
)
# All of them are installed on a set-up instance.
CATALOGUE = DEFAULT_APPS
