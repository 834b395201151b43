"""What an instance does by itself in the background, done whenever somebody calls: no thread, only the clock.

A scheduled job is a record of sys_trigger, whose `next_action` says when it is due; it moves on when the job has run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from sandtable.core.applications import application
from sandtable.core.applications.table_cleaner import clean_tables
from sandtable.core.behaviour.tasks.incident import close_resolved
from sandtable.core.imports.import_sets import ImportSets
from sandtable.core.platform.writing.script_host import Scripts
from sandtable.core.values.clock import TEXT_FORMAT

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance

TRIGGERS = "sys_trigger"
OWN = "sandtable:"  # how the job context of a trigger begins that the instance has made for a script of a record
TRIGGERS_WITH_SCRIPTS = f"job_contextSTARTSWITH{OWN}^ORscriptISNOTEMPTY"
# Jobs by the name of their sys_trigger record.
SCHEDULED: Mapping[str, Callable[[Instance], int]] = MappingProxyType(
    {"Autoclose Incidents": close_resolved, "Table Cleaner": clean_tables}
)
INTERVAL = timedelta(hours=1)
SCRIPT_TABLES = ("sysevent", "sysevent_script_action", "sysauto")
IMPORT_TABLES = ("sys_import_set", "sys_properties", "sys_user", "sys_store_app")


def run_due_jobs(instance: Instance) -> int:
    """Do what is due by the instance's clock: scheduled jobs, pending imports, and the jobs of applications.

    Returns how much was done. Cheap when nothing waits, so each request may begin with it.
    """
    tables = instance.cached(("tables of jobs",), application.TABLES, lambda: _tables(instance))
    # What waits for a part of a second is looked at each time; otherwise once a second is enough.
    if instance.cached(("jobs idle",), tables, lambda: _is_idle(instance), moment=instance.clock.text()):
        return 0
    done = _run_scheduled(instance) + ImportSets(instance).transform_pending()
    host = instance.part(Scripts).host
    if host is not None:
        done += host.run_jobs(instance)
    return done + sum(job(instance) for app in application.applications(instance) for job in app.jobs)


def triggers_due(now: str) -> str:
    """Return the encoded query of the triggers whose script is due at a stored moment.

    They are the instance's own, and those that run once or repeatedly and carry a script themselves.
    """
    kinds = "trigger_type=0^ORtrigger_type=1^ORtrigger_typeISEMPTY"
    return f"{TRIGGERS_WITH_SCRIPTS}^state=0^{kinds}^next_action<={now}"


def _tables(instance: Instance) -> tuple[str, ...]:
    """Return the tables whose records decide whether anything is to be done."""
    own = (table for app in application.applications(instance) for table in app.job_tables)
    return (TRIGGERS, *IMPORT_TABLES, *SCRIPT_TABLES, *own)


def _is_idle(instance: Instance) -> bool:
    """Tell whether there is nothing to be done now, nor later in this second."""
    now = instance.clock.text()
    if any(moment <= now for moment, _, _ in _scheduled(instance)) or ImportSets(instance).is_waiting():
        return False
    host = instance.part(Scripts).host
    if host is not None and host.waits(instance):
        return False
    return not any(app.waits(instance) for app in application.applications(instance))


def _scheduled(instance: Instance) -> tuple[tuple[str, str, str], ...]:
    return instance.cached(("next scheduled jobs",), (TRIGGERS,), lambda: _next(instance))


def _run_scheduled(instance: Instance) -> int:
    due = _scheduled(instance)
    now = instance.clock.text()
    if not any(moment <= now for moment, _, _ in due):
        return 0
    done = 0
    later = (instance.clock.now() + INTERVAL).strftime(TEXT_FORMAT)
    with instance.transaction():
        for moment, sys_id, name in due:
            if moment <= now:
                done += SCHEDULED[name](instance)
                instance.system().table(TRIGGERS).update(sys_id, {"next_action": later})
    return done


def _next(instance: Instance) -> tuple[tuple[str, str, str], ...]:
    if not instance.dictionary.has(TRIGGERS):
        return ()
    records = instance.system().table(TRIGGERS).query(f"nameIN{','.join(SCHEDULED)}")
    return tuple((record["next_action"], record.sys_id, record["name"]) for record in records)
