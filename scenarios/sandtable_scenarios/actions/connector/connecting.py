"""The connector's side of a story: its configuration, its secrets, and one execution."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from sandtable_scenarios.actions.connector.sending import note_done, note_given
from sandtable_scenarios.checks.signing_in import NOT_IN_LOG
from sandtable_scenarios.checks.trouble import ANSWERS, RETRYABLE
from sandtable_scenarios.stage.findings import NotOffered, TargetUnreachable
from sandtable_scenarios.stage.world import World
from sandtable_scenarios.targets.connectors import Answer
from sandtable_scenarios.targets.offers import wanted_by

ITSM = ".servicenow"
SHORTEST_SECRET = 8
SECRET_NAMES = {
    "password": "password",
    "clientSecret": "client secret",
    "privateKey": "private key",
    "privateKeyPassword": "key password",
}
CREDENTIALS = {
    "an Authorization value": re.compile(r"\b(?:Bearer|Basic) [A-Za-z0-9+/_=.-]{16,}"),
    "an access token": re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{86}(?![A-Za-z0-9_-])"),
    "a private key": re.compile(r"PRIVATE KEY-----"),
    "an assertion": re.compile(r"\beyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}\."),
}


def connection(world: World) -> dict[str, Any]:
    """Return the configuration and secrets of this story's connector.

    It is Basic over the import set unless a step of the story made it another one.
    """
    made: dict[str, Any] | None = world.facts.get("connection")
    if made is None:
        integration = world.instance.integration
        made = world.facts["connection"] = {
            "connector_type_id": str(world.story.setting.get("type", ITSM)),
            "connector_id": "rehearsal",
            "config": {
                "apiUrl": world.instance.base_url,
                "isOAuth": False,
                "usesTableApi": bool(world.story.setting.get("table_api", False)),
            },
            "secrets": {"username": integration.user, "password": integration.password},
        }
    return made


def execute(world: World, sub_action: str, parameters: Mapping[str, Any], **other: Any) -> Answer:
    """Run one sub-action of the connector under test with this story's configuration."""
    request = {**connection(world), "params": {"subAction": sub_action, "subActionParams": dict(parameters)}, **other}
    missing = world.connector.offers.missing(wanted_by(request))
    if missing:
        raise NotOffered(", ".join(sorted(missing)))
    note_given(world, request)
    world.connector.log.clear()
    answer = _answered(world, request)
    if answer["status"] == "ok":
        note_done(world, request)
    judge_log(world)
    return answer


def _answered(world: World, request: Mapping[str, Any]) -> Answer:
    try:
        answer = world.execute(request)
    except TargetUnreachable as problem:
        # One that never answered is no connector at all; one that ends in the middle breaks a rule.
        if not world.learned.get("it answers"):
            raise
        world.check(ANSWERS, False, "an answer", str(problem)[:300])
        raise
    world.learned["it answers"] = True
    world.check(ANSWERS, "raised" not in answer, "an answer", str(answer.get("raised")))
    return answer


def troubled(world: World, answer: Answer) -> bool:
    """Whether an answer is an error in a story where something goes wrong by plan; it must be worth another try then.

    Raises as World.check does.
    """
    fault = world.facts.get("fault")
    if fault is None or answer["status"] == "ok":
        return False
    world.visited(f"an error: {fault}")
    if fault in world.facts.get("passing", ()):
        retry = answer.get("retry")
        told = f"retry {retry!r}; {answer.get('service_message') or answer.get('message')!s:.160}"
        world.check(RETRYABLE, bool(retry), "retry true", told, soft=True)
    return True


def secrets_of(world: World) -> dict[str, str]:
    """Return the secrets of this story's connector under names that people use, without those that are too short.

    The basic token is the text that an Authorization header carries for user name and password.
    """
    secrets = connection(world)["secrets"]
    named = {words: secrets.get(name) or "" for name, words in SECRET_NAMES.items()}
    if secrets.get("username") and secrets.get("password"):
        pair = f"{secrets['username']}:{secrets['password']}"
        named["basic token"] = base64.b64encode(pair.encode()).decode("ascii")
    return {name: value for name, value in named.items() if len(value) >= SHORTEST_SECRET}


def secrets_in(world: World, text: str) -> list[str]:
    """Return the names of this connector's secrets that a text shows, plain or as JSON, and of what looks like one."""
    shown = [
        name
        for name, value in secrets_of(world).items()
        if value in text or json.dumps(value, ensure_ascii=False)[1:-1] in text
    ]
    return shown + [name for name, pattern in CREDENTIALS.items() if pattern.search(text)]


def move_connector(world: World, zone: str) -> None:
    """Go on with a connector whose machine is in another time zone, by its IANA name."""
    world.connector.move(zone)


def judge_log(world: World) -> None:
    """Check that nothing which the connector logged holds a secret, or looks like a credential."""
    text = "\n".join(world.connector.log)
    leaked = secrets_in(world, text)
    world.check(NOT_IN_LOG, not leaked, "a log without secrets", f"the log holds {', '.join(leaked)}")
