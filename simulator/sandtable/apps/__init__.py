"""The applications this simulator knows: an explicit tuple, one application a file."""

from __future__ import annotations

from sandtable.apps import (
    ansible,
    change_management,
    elastic_itsm,
    elastic_sir,
    event_management,
    itsm,
    service_catalog,
    sir,
)
from sandtable.core.application import Application

CATALOGUE: tuple[Application, ...] = (
    itsm.APPLICATION,
    sir.APPLICATION,
    event_management.APPLICATION,
    service_catalog.APPLICATION,
    change_management.APPLICATION,
    ansible.APPLICATION,
    elastic_itsm.APPLICATION,
    elastic_sir.APPLICATION,
)
# What every instance starts with, and what only a set-up instance has.
BASE_APPS: tuple[Application, ...] = (
    itsm.APPLICATION,
    sir.APPLICATION,
    event_management.APPLICATION,
    service_catalog.APPLICATION,
    change_management.APPLICATION,
)
DEFAULT_APPS: tuple[Application, ...] = (
    *BASE_APPS,
    ansible.APPLICATION,
    elastic_itsm.APPLICATION,
    elastic_sir.APPLICATION,
)
