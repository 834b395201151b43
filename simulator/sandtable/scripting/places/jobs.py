"""What runs in the background by the instance's clock: asynchronous rules, events and actions, scheduled scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.applications.jobs import OWN, triggers_due
from sandtable.core.values import durations
from sandtable.scripting.engine.failures import ScriptCancelled, ScriptThrew
from sandtable.scripting.objects.system import NOW
from sandtable.scripting.places import recurrence, rules
from sandtable.scripting.places.telling import scope_of, tell

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record
    from sandtable.scripting.pool import Pool

JOB = "sandtable:job"
REPEATED = "1"
MOST_ROUNDS = 20  # what runs may queue more; a circle goes on at the next call


def run_due(pool: Pool, instance: Instance) -> int:
    """Run what is due and return how much that was; what a script queues runs at once when it is due as well."""
    done = 0
    for _ in range(MOST_ROUNDS):
        _plan(instance)
        count = _run_triggers(pool, instance) + _run_events(pool, instance)
        if not count:
            break
        done += count
    return done


def _session(instance: Instance, user_name: str) -> Session:
    try:
        return instance.acting_as(user_name).without_access_control() if user_name else instance.system()
    except LookupError:
        return instance.system()


# triggers ----------------------------------------------------------------------------------


def _run_triggers(pool: Pool, instance: Instance) -> int:
    triggers = instance.system().table("sys_trigger")
    due = triggers.query(f"{triggers_due(instance.clock.text())}^ORDERBYnext_action")
    for trigger in due:
        with instance.transaction():
            context = trigger["job_context"]
            repeated = trigger["trigger_type"] == REPEATED and not context.startswith(OWN)
            following = _next(instance, trigger) if context == JOB else _repeat(instance, trigger) if repeated else ""
            if following:
                triggers.update(trigger.sys_id, {"next_action": following})
            else:
                triggers.delete(trigger.sys_id)
        _run_trigger(pool, instance, trigger)
    return len(due)


def _run_trigger(pool: Pool, instance: Instance, trigger: Record) -> None:
    context = trigger["job_context"]
    try:
        with instance.transaction():
            if context.startswith(rules.ASYNC):
                import json

                user = json.loads(context.removeprefix(rules.ASYNC))["user"]
                rules.run_later(pool, _session(instance, user), trigger)
            elif context in (JOB, NOW):
                job = instance.system().table(trigger["document"]).find(trigger["document_key"])
                due = trigger["next_action"]
                if job is None or (context == JOB and job["active"] != "true"):
                    return
                if context == JOB and recurrence.is_too_late(instance, job, due):
                    instance.log("warning", "Scheduler", f"{job['name']} was due at {due} and is too late to run")
                    return
                _run_job(pool, instance, job)
            else:
                _run_text(pool, instance.system(), f"sys_trigger {trigger['name']}", trigger["script"])
    except ScriptCancelled:
        return  # the log says so


def _run_job(pool: Pool, instance: Instance, job: Record) -> None:
    user = instance.system().table("sys_user").find(job["run_as"]) if job["run_as"] else None
    session = _session(instance, user["user_name"] if user is not None else "")
    name, scope = f"sysauto_script {job['name']}", scope_of(instance, job)
    with pool.run(session) as run:
        pool.rearm(run)
        try:
            with run.in_scope(scope):
                if job["conditional"] == "true" and job["condition"].strip():
                    asked = {"script": run.package(f"{name} condition", job["condition"], value=True, returns=True)}
                    if not run.enter("plain", name, asked | {"scope": scope})["truth"]:
                        return
                run.enter("plain", name, {"script": run.package(name, job["script"]), "scope": scope})
        except ScriptThrew as error:
            tell(session, error, f"scheduled script {job['name']}")


def _run_text(pool: Pool, session: Session, name: str, text: str) -> None:
    with pool.run(session) as run:
        pool.rearm(run)
        try:
            run.enter("plain", name, {"script": run.package(name, text), "scope": run.scope})
        except ScriptThrew as error:
            tell(session, error, name)


def _plan(instance: Instance) -> None:
    """Give each active scheduled script the trigger that it has on the platform."""
    if not instance.dictionary.has("sysauto_script"):
        return
    jobs = instance.cached(("scheduled scripts",), ("sysauto", "sys_trigger"), lambda: _unplanned(instance))
    triggers = instance.system().table("sys_trigger")
    for job in jobs:
        first = recurrence.first(instance, job)
        if first:
            triggers.insert(
                {
                    "name": job["name"],
                    "next_action": first,
                    "document": job.table,
                    "document_key": job.sys_id,
                    "job_context": JOB,
                    "trigger_type": "0",
                    "state": "0",
                }
            )


def _unplanned(instance: Instance) -> tuple[Record, ...]:
    planned = {each["document_key"] for each in instance.system().table("sys_trigger").query(f"job_context={JOB}")}
    found = []
    for job in instance.system().table("sysauto_script").query("active=true^scriptISNOTEMPTY"):
        if job.sys_id in planned or job["run_type"] in recurrence.ON_DEMAND:
            continue
        if recurrence.is_simulated(instance, job):
            found.append(job)
        else:
            instance.ledger.note("job", f"sysauto.run_type {job['run_type']}", f"{job['name']} runs on demand only")
    return tuple(found)


def _next(instance: Instance, trigger: Record) -> str:
    job = instance.system().table(trigger["document"]).find(trigger["document_key"])
    return recurrence.following(instance, job, trigger["next_action"]) if job is not None else ""


def _repeat(instance: Instance, trigger: Record) -> str:
    seconds = durations.seconds_of(trigger["repeat"])
    return recurrence.in_steps(instance, trigger["next_action"], seconds) if seconds else ""


# events ----------------------------------------------------------------------------------


def _run_events(pool: Pool, instance: Instance) -> int:
    if not instance.dictionary.has("sysevent_script_action"):
        return 0
    actions = instance.cached(("script actions",), ("sysevent_script_action",), lambda: _actions(instance))
    if not actions:
        return 0
    events = instance.system().table("sysevent")
    due = events.query(f"state=ready^process_on<={instance.clock.text()}^ORDERBYprocess_on")
    for event in due:
        with instance.transaction():
            events.update(event.sys_id, {"state": "processed", "processed": instance.clock.text()})
        for action in actions:
            if action["event_name"] == event["name"]:
                _run_action(pool, instance, action, event)
    return len(due)


def _actions(instance: Instance) -> tuple[Record, ...]:
    return tuple(instance.system().table("sysevent_script_action").query("active=true^scriptISNOTEMPTY^ORDERBYorder"))


def _run_action(pool: Pool, instance: Instance, action: Record, event: Record) -> None:
    name, scope = f"sysevent_script_action {action['name']}", scope_of(instance, action)
    session = _session(instance, event["user_name"])
    try:
        with instance.transaction(), pool.run(session) as run:
            pool.rearm(run)
            try:
                with run.in_scope(scope):
                    condition = action["condition_script"].strip()
                    request = {
                        "scope": scope,
                        "event": dict(event),
                        "table": event["table"] if instance.dictionary.has(event["table"]) else "",
                        "instance": event["instance"],
                        "condition": run.package(f"{name} condition", condition, value=True, returns=True)
                        if condition
                        else None,
                        "script": run.package(name, action["script"]),
                    }
                    run.enter("action", name, request)
            except ScriptThrew as error:
                tell(session, error, f"script action {action['name']}")
    except ScriptCancelled:
        return  # the log says so
