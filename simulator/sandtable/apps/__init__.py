"""The applications this simulator knows: an explicit tuple, one application a file, or a room where it takes more."""

from __future__ import annotations

from sandtable.apps import (
    ansible,
    code_search,
    email_api,
    event_management,
    identification,
    itsm,
    knowledge,
    session_api,
    sir,
)
from sandtable.apps.catalog import service_catalog
from sandtable.apps.change import change_management
from sandtable.apps.cicd import cicd
from sandtable.apps.elastic import elastic_itsm, elastic_sir
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
