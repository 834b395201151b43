"""The one that runs scripts, fetched by the first script: an instance without scripts pays nothing for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandtable.core.applications.jobs import TRIGGERS, TRIGGERS_WITH_SCRIPTS, triggers_due
from sandtable.core.imports.transform_maps import TABLES as MAP_TABLES
from sandtable.core.platform.writing.script_host import Displayed
from sandtable.core.security.scope_privileges import scope_record
from sandtable.packages.update_sets import capture

if TYPE_CHECKING:
    from sandtable.core.applications.scripted_resources import Resource
    from sandtable.core.imports.row_transform import RowTransform, TransformScript
    from sandtable.core.imports.transform_maps import FieldMap
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record
    from sandtable.core.platform.writing.rules import RuleContext
    from sandtable.core.query import Query
    from sandtable.scripting.host import Host

DISPLAY = "whenINdisplay,before_display"  # the second is how newer exports write it
RULE_TABLES, RESOURCE_TABLES = ("sys_script",), ("sys_ws_operation", "sys_ws_definition")
QUERY_RULES = "when=before^action_query=true"
JOB_TABLES = (TRIGGERS, "sysevent", "sysevent_script_action", "sysauto")


class ScriptsOnDemand:
    """Runs the scripts of records as `sandtable.scripting` does, which it loads when there is one to run.

    `missing` says why scripts cannot be run on this machine; empty when they can, or nobody has asked yet.
    """

    def __init__(self) -> None:
        self.missing = ""
        self._host: Host | None = None
        self._lock = threading.Lock()

    def runner(self) -> Host | None:
        """Return the host, or None where the engine is not installed."""
        if self._host is None and not self.missing:
            with self._lock:
                from sandtable.scripting import EngineUnusable, Host

                try:
                    self._host = self._host or Host()
                except EngineUnusable as error:
                    self.missing = str(error)
        return self._host

    def ready(self) -> bool:
        """Tell whether scripts can be run at all."""
        return self.runner() is not None

    def log_sources(self) -> frozenset[str]:
        """Return the sources under which scripts have written to the system log."""
        return frozenset() if self._host is None else self._host.log_sources()

    def forget(self) -> None:
        """Forget what tests have planted for scripts."""
        if self._host is not None:
            self._host.forget()

    # what the platform asks; each first finds out, without the host, whether there is anything to do ------------------

    def rule(self, record: Record, context: RuleContext) -> None:
        """Run the condition and the script of a business rule."""
        self._needed().rule(record, context)

    def display(self, session: Session, record: Record, *, is_new: bool) -> Displayed:
        """Run the display rules of a record that a form is about to show."""
        instance = session.instance
        rules = instance.cached(("display rules",), RULE_TABLES, lambda: _rules_of(instance, DISPLAY))
        lineage = instance.dictionary.lineage(record.table)
        found = [rule for rule in rules if rule["collection"] in lineage]
        if not found:
            return Displayed()
        host = self.runner()
        if host is None:
            self._note(instance, "sys_script", f"display rules of {record.table} are not run")
            return Displayed()
        return host.display(session, record, found, is_new=is_new)

    def later(self, record: Record, context: RuleContext) -> None:
        """Have an asynchronous business rule run after the write."""
        self._needed().later(record, context)

    def query_conditions(self, session: Session, table: str) -> tuple[Query, ...]:
        """Return what the query rules of a table add to a query of it."""
        instance = session.instance
        rules = instance.cached(("query rules",), RULE_TABLES, lambda: _rules_of(instance, QUERY_RULES))
        if not rules:
            return ()
        lineage = session.instance.dictionary.lineage(table)
        found = [rule for rule in rules if rule["collection"] in lineage]
        if not found:
            return ()
        host = self.runner()
        if host is None:
            self._note(session.instance, "sys_script", f"query rules of {table} are not run")
            return ()
        return host.query_conditions(session, table, found)

    def default_value(self, session: Session, table: str, values: Mapping[str, str], expression: str) -> str | None:
        """Return what a default of the dictionary gives."""
        return self._needed().default_value(session, table, values, expression)

    def query_value(self, session: Session, expression: str) -> str | tuple[str, ...] | None:
        """Return what the `javascript:` value of a query gives."""
        host = self.runner()
        return None if host is None else host.query_value(session, expression)

    def unreadable(self, instance: Instance, script: str, *, returns: bool) -> str:
        """Return why a script cannot be read, in the product's words; empty when it can, or nobody can tell."""
        host = self.runner()
        return "" if host is None else host.unreadable(instance, script, returns=returns)

    def access(self, session: Session, rule: str, script: str, table: str, record: Record | None) -> bool:
        """Tell whether the script of an access control passes."""
        return self._needed().access(session, rule, script, table, record)

    def transform_scripts(self, instance: Instance, staging: str) -> tuple[TransformScript, ...]:
        """Return the scripts of the records of a staging table's maps."""
        if not instance.cached(("scripted maps", staging), MAP_TABLES, lambda: _has_map_scripts(instance, staging)):
            return ()
        host = self.runner()
        if host is None:
            self._note(instance, "sys_transform_script", f"the scripts of the maps of {staging} are not run")
            return ()
        return host.transform_scripts(instance, staging)

    def source_value(self, row: RowTransform, entry: FieldMap) -> str | None:
        """Return what the source script of a field map gives."""
        host = self.runner()
        if host is None:
            self._note(row.instance, "sys_transform_entry", f"the source script for {entry.target_field} is not run")
            return None
        return host.source_value(row, entry)

    def resource(self, instance: Instance, method: str, path: str) -> tuple[Resource, dict[str, str]] | None:
        """Return the scripted REST resource of records for a method and path."""
        if not instance.cached(("scripted resources",), RESOURCE_TABLES, lambda: _has_resources(instance)):
            return None
        host = self.runner()
        if host is None:
            self._note(instance, "sys_ws_operation", "scripted REST resources are not run")
            return None
        return host.resource(instance, method, path)

    def record_change(self, session: Session, record: Record) -> None:
        """Enter a record into the user's current update set as it is now."""
        capture.record_update(session, record)

    def current_update_set(self, session: Session, scope: str) -> str:
        """Return the sys_id of the update set that the user's changes to an application go to."""
        found = scope_record(session.instance, scope)
        return capture.current_set(session, found.sys_id if found is not None else capture.GLOBAL).sys_id

    def waits(self, instance: Instance) -> bool:
        """Tell whether there is something for `run_jobs` to do now."""
        if not instance.cached(("script jobs",), JOB_TABLES, lambda: _has_jobs(instance)):
            return False
        return _is_due(instance)

    def run_jobs(self, instance: Instance) -> int:
        """Run what is due: asynchronous rules, events, scheduled scripts."""
        if not instance.cached(("script jobs",), JOB_TABLES, lambda: _has_jobs(instance)):
            return 0
        host = self.runner()
        return 0 if host is None else host.run_jobs(instance)

    def _needed(self) -> Host:
        host = self.runner()
        if host is None:
            raise LookupError(self.missing)
        return host

    def _note(self, instance: Instance, name: str, detail: str) -> None:
        instance.ledger.note("script", name, f"{detail}: {self.missing}")


def _rules_of(instance: Instance, kind: str) -> tuple[Record, ...]:
    if not instance.dictionary.has("sys_script"):
        return ()
    rules = instance.system().table("sys_script")
    return tuple(rules.query(f"active=true^{kind}^scriptISNOTEMPTY^ORDERBYorder^ORDERBYname"))


def _has_map_scripts(instance: Instance, staging: str) -> bool:
    system = instance.system()
    for each in system.table("sys_transform_map").query(f"source_table={staging}^active=true"):
        if each["run_script"] == "true" and each["script"].strip():
            return True
        if system.table("sys_transform_script").first(f"map={each.sys_id}^active=true^scriptISNOTEMPTY") is not None:
            return True
    return False


def _has_resources(instance: Instance) -> bool:
    if not instance.dictionary.has("sys_ws_operation"):
        return False
    return instance.system().table("sys_ws_operation").first("active=true^operation_scriptISNOTEMPTY") is not None


def _has_jobs(instance: Instance) -> bool:
    dictionary, system = instance.dictionary, instance.system()
    wanted = (
        (TRIGGERS, TRIGGERS_WITH_SCRIPTS),
        ("sysauto_script", "active=true^scriptISNOTEMPTY"),
        ("sysevent_script_action", "active=true^scriptISNOTEMPTY"),
    )
    return any(dictionary.has(table) and system.table(table).first(query) is not None for table, query in wanted)


def _is_due(instance: Instance) -> bool:
    """Tell whether a queued script, an event or a scheduled script that has no trigger yet is due."""
    dictionary, system, now = instance.dictionary, instance.system(), instance.clock.text()
    wanted = (
        (TRIGGERS, triggers_due(now)),
        ("sysevent", f"state=ready^process_on<={now}"),
    )
    if any(dictionary.has(table) and system.table(table).first(query) is not None for table, query in wanted):
        return True
    planned = {each["document_key"] for each in system.table(TRIGGERS).query("job_contextISNOTEMPTY")}
    if not dictionary.has("sysauto_script"):
        return False
    jobs = system.table("sysauto_script").query("active=true^run_type!=on_demand")
    return any(job.sys_id not in planned for job in jobs)
