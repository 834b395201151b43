"""Applications: what a store application brings to an instance, and its coming and going.

An application is installed exactly as long as there is an active record of sys_store_app with its scope. Creating
that record, through any API, brings the application's tables, choices and records; deleting it takes them away. What
an application does (resources, transform scripts, rules, access scripts) is looked up among the installed ones each
time, so a restored snapshot or a rolled back request needs no bookkeeping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sandtable.core.applications import families
from sandtable.core.applications.scripted_resources import Resource, ResourcesOfRecords, failure, matching
from sandtable.core.platform.writing.rules import DELETE, INSERT, INSERT_OR_UPDATE, BusinessRule, RuleContext
from sandtable.core.security.scope_privileges import Privilege

if TYPE_CHECKING:
    from sandtable.core.imports.row_transform import TransformScript
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.security.access import AccessScript

STORE_TABLE = "sys_store_app"
TABLES = ("sys_store_app",)


def never(instance: Instance) -> bool:
    """Tell that no job of an application waits."""
    return False


@dataclass(frozen=True)
class Application:
    """A store application as a value.

    `tables` and `demo_records` have the shape of a data file (tables, choices, records). `tables` comes with the
    installation and is everything the vendor ships; `demo_records` is what an administrator would set up by hand after
    it (users, privileges, CORS rules) and comes only when asked for. `privileges` are the cross-scope privileges the
    application's scripts need. `access_scripts` are named by the script column of access controls. `jobs` are run by
    `jobs.run_due_jobs` and return how much they did; `waits` tells whether there is anything for them to do soon, which
    only a change of the `job_tables` changes.
    """

    scope: str
    name: str
    version: str = "1.0.0"
    store_app_id: str = ""
    vendor: str = ""
    description: str = ""
    tables: Mapping[str, Any] = field(default_factory=dict)
    demo_records: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[BusinessRule, ...] = ()
    resources: tuple[Resource, ...] = ()
    transform_scripts: tuple[TransformScript, ...] = ()
    access_scripts: Mapping[str, AccessScript] = field(default_factory=dict)
    privileges: tuple[Privilege, ...] = ()
    jobs: tuple[Callable[[Instance], int], ...] = ()
    job_tables: tuple[str, ...] = ()
    waits: Callable[[Instance], bool] = never
    requires: tuple[str, ...] = ()


class Catalogue(dict[str, Application]):
    """The applications that may be installed on an instance, by scope in the order of the catalogue."""

    def __init__(self, applications: Iterable[Application] = ()) -> None:
        super().__init__({app.scope: app for app in applications})


# what is installed ---------------------------------------------------------------------------------------------------


def installed(instance: Instance, scope: str) -> bool:
    """Tell whether the application of a scope is installed and active."""
    return scope in _installed_scopes(instance)


def applications(instance: Instance) -> tuple[Application, ...]:
    """Return the installed applications of the catalogue, in its order."""

    def find() -> tuple[Application, ...]:
        scopes = _installed_scopes(instance)
        return tuple(app for app in instance.part(Catalogue).values() if app.scope in scopes)

    return instance.cached(("applications",), TABLES, find)


def resources(instance: Instance) -> tuple[Resource, ...]:
    """Return the REST resources of the instance: those of installed applications, and a refusal for each absent one."""
    return instance.cached(("application resources",), TABLES, lambda: _resources(instance))


def resource_for(instance: Instance, method: str, path: str) -> tuple[Resource, dict[str, str]] | None:
    """Return the REST resource for a method and path with the path's parameters, or None."""
    found = matching(resources(instance), method, path)
    if found is None:
        found = instance.part(ResourcesOfRecords).match(instance, method, path)
    return found


def transform_scripts(instance: Instance, staging: str) -> tuple[TransformScript, ...]:
    """Return the transform scripts that installed applications have for a staging table, by order."""

    def find() -> tuple[TransformScript, ...]:
        scripts = (each for app in applications(instance) for each in app.transform_scripts)
        return tuple(sorted((each for each in scripts if each.staging == staging), key=lambda script: script.order))

    return instance.cached(("transform scripts", staging), TABLES, find)


def _installed_scopes(instance: Instance) -> frozenset[str]:
    def read() -> frozenset[str]:
        records = instance.system().table(STORE_TABLE).query("active=true")
        return frozenset(app.scope for record in records for app in [named_by(instance, record)] if app is not None)

    return instance.cached(("installed applications",), TABLES, read)


def named_by(instance: Instance, record: Mapping[str, str]) -> Application | None:
    """Return the application of the catalogue that a store record means: by scope, or by store id."""
    names = {record["scope"], record["source"], record["sys_id"]} - {""}
    for app in instance.part(Catalogue).values():
        if app.scope in names or (app.store_app_id and app.store_app_id in names):
            return app
    return None


def _resources(instance: Instance) -> tuple[Resource, ...]:
    scopes = _installed_scopes(instance)
    present = [
        resource for app in instance.part(Catalogue).values() if app.scope in scopes for resource in app.resources
    ]
    absent = [
        replace(resource, handler=partial(_absent, app), roles=())
        for app in instance.part(Catalogue).values()
        if app.scope not in scopes
        for resource in app.resources
    ]
    return (*present, *absent)


def _absent(app: Application, request: Any) -> Any:
    instance = request.session.instance
    request.session.explain(
        f"{app.name} is not installed: there is no active sys_store_app record of scope {app.scope}"
    )
    # An unknown path is 400 elsewhere; clients of a missing application describe 404. Nobody has shown which it is.
    status = 400 if instance.property("sandtable.application.absent_status", "404") == "400" else 404
    return failure(status, "Requested URI does not represent any resource")


# coming and going ----------------------------------------------------------------------------------------------------


def install(instance: Instance, app: Application, *, demo: bool = False) -> None:
    """Install an application, as the system; with `demo` also what an administrator sets up after it.

    Installing twice changes nothing. Raises ValueError when an application it requires is not installed.
    """
    if app.scope not in instance.part(Catalogue):
        raise ValueError(
            f"{app.scope} is not in the catalogue of this instance, which has {', '.join(instance.part(Catalogue))}"
        )
    with instance.transaction():
        for needed in app.requires:
            if not installed(instance, needed):
                raise ValueError(f"{app.name} requires {needed}; install that first")
        if not installed(instance, app.scope):
            access = instance.system().table(STORE_TABLE)
            present = access.first(f"scope={app.scope}")
            if present is not None:
                access.update(present.sys_id, {"active": "true"})
            else:
                access.insert({"scope": app.scope, **({"sys_id": app.store_app_id} if app.store_app_id else {})})
        if demo:
            add_demo_records(instance, app)


def add_demo_records(instance: Instance, app: Application) -> None:
    """Add what an administrator would set up after the installation; what is there already stays as it is."""
    families.install(instance, f"demo records of {app.name}", app.demo_records, app.scope)


def uninstall(instance: Instance, scope: str) -> None:
    """Remove an application with its tables and records; nothing happens when it is not installed."""
    with instance.transaction():
        access = instance.system().table(STORE_TABLE)
        for record in access.query(f"scope={scope}"):
            access.delete(record.sys_id)


def _complete(context: RuleContext) -> None:
    """Fill in what the store knows of the application."""
    app = named_by(context.instance, context.current)
    if app is None:
        context.instance.ledger.note(
            "application", context.current["scope"] or context.current["name"], "not in the catalogue"
        )
        return
    if app.store_app_id and context.instance.lookup(STORE_TABLE, app.store_app_id) is None:
        context.current["sys_id"] = app.store_app_id  # an application is known by the same sys_id on every instance
    filled = {
        "scope": app.scope,
        "source": app.scope,
        "name": app.name,
        "version": app.version,
        "latest_version": app.version,
        "vendor": app.vendor,
        "short_description": app.description,
        "install_date": context.instance.clock.text(),
    }
    for element, value in filled.items():
        if not context.current[element]:
            context.current[element] = value


def _arrive(context: RuleContext) -> None:
    app = named_by(context.instance, context.current)
    if app is not None and context.current["active"] != "false" and context.changed("active"):
        families.install(context.instance, app.name, app.tables, app.scope)


def _leave(context: RuleContext) -> None:
    app = named_by(context.instance, context.current)
    if app is not None:
        families.remove(context.instance, app.name, app.tables, app.scope)


RULES: tuple[BusinessRule, ...] = (
    BusinessRule("Complete from the store", STORE_TABLE, "before", frozenset({INSERT}), _complete),
    BusinessRule("Install the application", STORE_TABLE, "after", INSERT_OR_UPDATE, _arrive),
    BusinessRule("Remove the application", STORE_TABLE, "after", frozenset({DELETE}), _leave),
)


def rules_of(catalogue: Iterable[Application]) -> tuple[BusinessRule, ...]:
    """Return the rules of all applications of a catalogue, each asleep while its application is not installed."""
    return tuple(replace(rule, script=_awake(app.scope, rule.script)) for app in catalogue for rule in app.rules)


def _awake(scope: str, script: Callable[[RuleContext], None]) -> Callable[[RuleContext], None]:
    def run(context: RuleContext) -> None:
        if installed(context.instance, scope):
            script(context)

    return run
