"""The parts of the core put together: what an instance is handed by the rooms above the platform."""

from __future__ import annotations

from collections.abc import Iterable

from sandtable.core import behaviour
from sandtable.core.applications import application
from sandtable.core.applications.application import Application, Catalogue
from sandtable.core.imports.row_transform import InstalledScripts
from sandtable.core.platform.parts import Parts
from sandtable.core.platform.writing.rules import BusinessRule
from sandtable.core.security.access import AccessControl, AccessScripts
from sandtable.core.security.roles import roles_of


def parts_of(applications: Iterable[Application] = (), *, rules: Iterable[BusinessRule] = ()) -> Parts:
    """Return the parts of an instance with a catalogue of applications, and `rules` beside those of the core."""
    catalogue = Catalogue(applications)
    return Parts(
        rules=(*behaviour.RULES, *application.RULES, *application.rules_of(catalogue.values()), *rules),
        access=AccessControl,
        roles_of=roles_of,
        others=(
            catalogue,
            AccessScripts({name: script for app in catalogue.values() for name, script in app.access_scripts.items()}),
            InstalledScripts(lambda instance, staging: application.transform_scripts(instance, staging)),
        ),
    )
