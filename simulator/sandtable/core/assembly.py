"""The parts of the core put together: what an instance is handed by the rooms above the platform."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from sandtable.core import behaviour
from sandtable.core.applications import application, database_views
from sandtable.core.applications.application import Application, Catalogue
from sandtable.core.applications.scripted_resources import ResourcesOfRecords
from sandtable.core.imports.row_transform import InstalledScripts, SourceScripts
from sandtable.core.platform.parts import Parts
from sandtable.core.platform.views import Views
from sandtable.core.platform.writing.rules import BusinessRule
from sandtable.core.platform.writing.script_host import ScriptHost, Scripts
from sandtable.core.security.access import AccessControl, AccessScripts
from sandtable.core.security.roles import roles_of

if TYPE_CHECKING:
    from sandtable.core.applications.scripted_resources import Resource
    from sandtable.core.imports.row_transform import RowTransform, TransformScript
    from sandtable.core.imports.transform_maps import FieldMap
    from sandtable.core.platform.contracts import Instance


class RecordHost(ScriptHost, Protocol):
    """Runs the scripts of records for every room of the core; the rooms each see their own part of it."""

    def transform_scripts(self, instance: Instance, staging: str) -> tuple[TransformScript, ...]:
        """Return the scripts of the records of a staging table's maps, in order."""

    def source_value(self, row: RowTransform, entry: FieldMap) -> str | None:
        """Return what the source script of a field map gives, or None for nothing."""

    def resource(self, instance: Instance, method: str, path: str) -> tuple[Resource, dict[str, str]] | None:
        """Return the scripted REST resource of records for a method and path, with the path's parameters."""


def parts_of(
    applications: Iterable[Application] = (), *, rules: Iterable[BusinessRule] = (), host: RecordHost | None = None
) -> Parts:
    """Return the parts of an instance with a catalogue of applications, and `rules` beside those of the core.

    `host` runs the scripts of records; without one they are not run.
    """
    catalogue = Catalogue(applications)
    return Parts(
        rules=(
            *behaviour.RULES,
            *application.RULES,
            *database_views.RULES,
            *application.rules_of(catalogue.values()),
            *rules,
        ),
        access=AccessControl,
        roles_of=roles_of,
        others=(
            catalogue,
            Views(database_views.refresh),
            AccessScripts({name: script for app in catalogue.values() for name, script in app.access_scripts.items()}),
            InstalledScripts(
                lambda instance, staging: (
                    *application.transform_scripts(instance, staging),
                    *(() if host is None else host.transform_scripts(instance, staging)),
                )
            ),
            Scripts(host),
            SourceScripts(None if host is None else host.source_value),
            ResourcesOfRecords() if host is None else ResourcesOfRecords(host.resource),
        ),
    )
