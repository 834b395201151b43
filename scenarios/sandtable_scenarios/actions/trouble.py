"""Faults between connector and instance, planned through the test plane."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from sandtable_scenarios.actions.attempts import attempt, obstruct, rule_of
from sandtable_scenarios.actions.connector.connecting import execute, secrets_of
from sandtable_scenarios.actions.incidents import follow
from sandtable_scenarios.hostile_rules import HOSTILE_RULES, REFUSES
from sandtable_scenarios.stage.findings import Unavailable
from sandtable_scenarios.stage.pictures import Outcome, model_of, observed
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.abroad import LONGEST_PATIENCE, Late
from sandtable_scenarios.targets.table_api import ONLOOKER
from sandtable_scenarios.targets.wire import IMPORT

HEALTH_CALL = {"method": "GET", "path": "*/elastic_api/health"}
WRITE = {"method": "POST", "path": "*/api/now/import/*"}
READ_BACK = {"method": "GET", "path": "*/api/now/*table/*incident/*"}
TOKEN_CALL = {"method": "POST", "path": "*/oauth_token.do"}
LOOKUP = {"method": "GET", "path": "*/api/now/*table/incident"}
PLACES: Mapping[str, Mapping[str, str]] = {"health": HEALTH_CALL, "write": WRITE, "read back": READ_BACK}
EVERYWHERE: Mapping[str, Mapping[str, str]] = {
    **PLACES,
    "token": TOKEN_CALL,
    "lookup": LOOKUP,
    "choices": {"method": "GET", "path": "*/sys_choice"},
    "fields": {"method": "GET", "path": "*/sys_dictionary"},
    "observables": {"method": "POST", "path": "*/observables*"},
    "event": {"method": "POST", "path": "*/em/jsonv2"},
}
# Kinds of calls that the scenarios make themselves, as somebody else.
OURS_TOO = frozenset({"lookup", "choices", "fields", "read back"})

# What is worth another try by itself, and what is not clear from the outside.
PASSING: Mapping[str, Mapping[str, Any]] = {
    "429": {"fault": "rate-limited", "with": {"retry_after": 30}},
    "503": {"fault": "unavailable", "with": {"retry_after": 30}},
    "503 until a date": {"fault": "unavailable", "with": {"retry_after": 30, "as_date": True}},
    "502": {"fault": "unavailable", "with": {"status": 502}},
    "504": {"fault": "unavailable", "with": {"status": 504}},
    "500": {"fault": "server-error"},
    "asleep": {"fault": "hibernating"},
    "asleep with 503": {"fault": "hibernating", "with": {"status": 503}},
    "maintenance": {"fault": "maintenance"},
    "reset": {"fault": "connection-reset"},
    "lost answer": {"fault": "lost-answer"},
    "closed without an answer": {"fault": "lost-answer", "with": {"ending": "closed"}},
    "cut in the middle": {"fault": "truncated-body"},
}
UNCLEAR: Mapping[str, Mapping[str, Any]] = {
    "cut and complete": {"fault": "truncated-body", "with": {"ending": "complete"}},
    "malformed": {"fault": "malformed-body"},
    "garbage": {"fault": "malformed-body", "with": {"damage": "garbage"}},
    "empty": {"fault": "malformed-body", "with": {"damage": "empty"}},
    "wrong content type": {"fault": "wrong-content-type"},
    "login redirect": {"fault": "login-redirect"},
    "row error": {"fault": "import-row-error"},
    "no row": {"fault": "zero-rows"},
    "delivered twice": {"fault": "duplicate-delivery"},
    "late": {"fault": "latency", "with": {"seconds": 0.01}},
}
FAULTS: Mapping[str, Mapping[str, Any]] = {**PASSING, **UNCLEAR}


def plan_fault(world: World, fault: str, place: str = "write", times: int = 1, after: int = 0) -> None:
    """Let something go wrong at the next calls of this kind, by their name in `EVERYWHERE`."""
    try:
        shape, when = FAULTS[fault], EVERYWHERE[place]
    except KeyError as problem:
        raise Unavailable(f"plan_fault knows no {problem}") from None
    planned: dict[str, Any] = {**shape, "when": dict(when), "times": times}
    if place in OURS_TOO:
        planned["when"]["user"] = world.instance.integration.user
    if after:
        planned["after"] = after
    world.require_control().inject(planned)
    world.facts["fault"] = fault
    world.facts["passing"] = tuple(PASSING)


def plan_echo(world: World, secret: str, place: str, form: str = "error") -> None:
    """Let the instance repeat a secret of the connector, by its name in `secrets_of`, at the next call of this kind.

    ``form``: in an answer with status 500, or in an import row that ended in an error.
    """
    secrets = secrets_of(world)
    world.require(secret in secrets)
    text = f"unexpected value {secrets[secret]} in the request"
    when = EVERYWHERE[place]
    shape = {
        "error": {"fault": "server-error", "with": {"message": "Script execution failed", "detail": text}},
        "row": {"fault": "import-row-error", "with": {"rule": text}},
    }[form]
    world.require_control().inject({**shape, "when": dict(when), "times": 1})


def push_overheard(world: World, correlation_id: str = "r:a") -> None:
    """Push where the instance repeats a secret: an error, without the secret in answer or log."""
    outcome = attempt(world, "faults.honest", "either", correlation_id)
    world.visited(f"an instance repeats a secret: {'ok' if outcome.ok else 'error'}")


def judge_patience(world: World) -> None:
    """Check that the connector set itself a limit of time for a call that was late, where one was."""
    late: Late | None = world.facts.pop("late", None)
    world.facts.pop("session", None)
    if late is not None and late.waited:
        limit = late.waited[0]
        world.visited("an answer that came too late")
        reasonable = limit is not None and limit <= LONGEST_PATIENCE
        world.check(
            rule_of("faults.patience"),
            reasonable,
            f"at most {LONGEST_PATIENCE:.0f} seconds",
            f"{limit} seconds",
            soft=True,
        )
        told = f"{late.again} more of them"
        world.check(rule_of("faults.one-pass"), not late.again, "no second call by itself", told, soft=True)


def customer_rule(world: World, name: str) -> None:
    """Give the instance a customer's own business rule, by its name in `HOSTILE_RULES`; `end_trouble` removes it."""
    if not world.require_control().runs_scripts():
        raise Unavailable("customer_rule needs an instance that runs scripts")
    row = world.instance.table.insert("sys_script", HOSTILE_RULES[name])
    world.facts["customer rules"] = (*world.facts.get("customer rules", ()), row["sys_id"])
    if name == REFUSES:
        obstruct(world, f"customer rule {name}", stands=True)
    world.visited(f"a customer's rule {name}")


def end_trouble(world: World) -> None:
    """Take back every planned fault, what a switch was set to, and rules of customers."""
    world.require_control().clear_faults()
    for sys_id in world.facts.pop("customer rules", ()):
        world.instance.table.delete("sys_script", sys_id)
    obstruct(world, f"customer rule {REFUSES}", stands=False)
    judge_patience(world)
    world.facts.pop("fault", None)
    for name in world.facts.pop("switched", ()):
        obstruct(world, f"switch {name}", stands=False)
        world.instance.table.set_property(name, world.facts[f"before {name}"])


def switch(world: World, name: str, value: str) -> None:
    """Set a system property of the instance; `end_trouble` puts it back."""
    world.require_control()
    rows = world.instance.table.rows("sys_properties", f"name={name}", ("value",), 1)
    world.facts[f"before {name}"] = rows[0]["value"] if rows else ""
    obstruct(world, f"switch {name}", stands=True)
    world.facts["switched"] = (*world.facts.get("switched", ()), name)
    world.instance.table.set_property(name, value)


def slow_token(world: World, seconds: float) -> None:
    """Let the next token come so many seconds after it was asked for, in real time."""
    fault = {"fault": "latency", "with": {"seconds": seconds}, "when": dict(TOKEN_CALL), "times": 1}
    world.require_control().inject(fault)


def push_through(world: World, correlation_id: str = "r:a", text: str = "CPU is high") -> None:
    """Push while something goes wrong, and judge honesty and whether another try is asked for."""
    outcome = attempt(world, "faults.honest", "either", correlation_id, text)
    fault = world.facts.get("fault", "")
    if fault in PASSING and not outcome.ok:
        retry = outcome.answer.get("retry")
        world.visited(f"a push fails: {fault}")
        world.check(rule_of("faults.retryable"), bool(retry), "retry true", f"retry {retry!r}; {outcome.said}")


def close_through(world: World, correlation_id: str = "r:a", about: str = "faults.honest") -> Outcome:
    """Close while something goes wrong; only a true answer is asked for, by the rule that ``about`` names."""
    model = model_of(world)
    wanted = model.closed_by(correlation_id)
    parameters = {"incident": {"correlation_id": correlation_id, "externalId": None}}
    outcome = observed(world, lambda: execute(world, "closeIncident", parameters))
    if wanted is not None:
        closed = outcome.after.incidents[wanted.sys_id]["state"] == "7"
        world.check(rule_of(about), closed or not outcome.ok, "an error, or a closed incident", outcome.said)
    follow(model, outcome)
    return outcome


def push_refused(world: World, about: str, correlation_id: str = "r:a") -> None:
    """Push where the instance takes the row and then fails it: an error, and no incident."""
    attempt(world, about, "fail", correlation_id)


def push_in_vain(world: World, correlation_id: str = "r:a") -> None:
    """Push where the instance refuses, and will refuse again: an error without a trace that asks for no other try."""
    outcome = attempt(world, "faults.honest", "fail", correlation_id)
    retry = outcome.answer.get("retry")
    world.check(rule_of("faults.permanent"), not retry, "no retry", f"retry {retry!r}; {outcome.said}")


def count_writes(world: World, most: int) -> None:
    """Check how many rows reached the staging table since the journal was emptied."""
    control = world.require_control()
    posted = sum(1 for seen in control.requests() if seen["method"] == "POST" and seen["path"].endswith(IMPORT))
    control.forget_requests()
    world.check(rule_of("faults.one-pass"), posted <= most, f"at most {most} rows posted", f"{posted} rows posted")


def count_hurried(world: World, place: str, most: int) -> None:
    """Check how many calls of a kind came although the instance had asked to wait; the journal is emptied."""
    control = world.require_control()
    when = EVERYWHERE[place]
    refused = [
        seen
        for seen in control.requests()
        if seen["method"] == when["method"]
        and fnmatchcase(seen["path"], when["path"])
        and seen["status"] in (429, 503)
        and (seen.get("request_headers") or {}).get("user-agent") != ONLOOKER
    ]
    control.forget_requests()
    world.check(
        rule_of("faults.retry-after"), len(refused) <= most, f"at most {most} refused calls", f"{len(refused)} of them"
    )


ACTIONS = {
    "plan_fault": plan_fault,
    "plan_echo": plan_echo,
    "push_overheard": push_overheard,
    "end_trouble": end_trouble,
    "switch": switch,
    "customer_rule": customer_rule,
    "slow_token": slow_token,
    "push_through": push_through,
    "close_through": close_through,
    "push_refused": push_refused,
    "push_in_vain": push_in_vain,
    "count_writes": count_writes,
    "count_hurried": count_hurried,
}
