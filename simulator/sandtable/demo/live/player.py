"""Plays a story step by step, at the pace that a presenter sets, and what the presenter does beside it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlsplit

from sandtable.demo.stage import CLOSED, Played, Stage
from sandtable.demo.story import Expected, Step, Story
from sandtable.demo.telling import STATES
from sandtable_connector.errors import ConnectorError
from sandtable_connector.rules import RuleRunner, read_rules
from sandtable_connector.rules.alert import parse_alert

PACES = {"slow": 6.0, "normal": 3.0, "fast": 1.0}  # seconds between two steps
PRIVILEGE = "GlideRecord.insert"
OWN_ALERT = "presenter"


class Player:
    """One story on a stage. Its methods may be called from any thread; one thing is done at a time."""

    def __init__(self, stage: Stage, story: Story) -> None:
        self._stage = stage
        self._story = story
        self._steps: list[Step] = []
        self._told: list[dict[str, Any]] = []
        self._own: list[dict[str, Any]] = []
        self._beginning = stage.instance.image()
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._ended = False
        self._version = 0
        self._runner = self._new_runner()
        self.playing = False
        self.pace = "normal"
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        """Begin to wait for the presenter."""
        self._steps = list(self._story.steps(self._stage.url))
        self._told = [_planned(step, number) for number, step in enumerate(self._steps, 1)]
        self._thread.start()

    def stop(self) -> None:
        """Stop playing."""
        self._ended = True
        self._wake.set()

    @property
    def state(self) -> dict[str, Any]:
        """What the page shows: the steps with what came of them, where the story stands, and the presenter's own."""
        with self._lock:
            done = sum(1 for each in self._told if each["outcome"])
            return {
                "version": self._version,
                "playing": self.playing,
                "pace": self.pace,
                "done": done,
                "steps": self._told,
                "own": self._own[-20:],
                "broken": self._is_broken(),
                "clock": self._stage.instance.clock.text(),
                "rules": [{"id": rule.id, "name": rule.name} for rule in self._runner.rules.rules],
            }

    # the presenter's hands ------------------------------------------------------------------------------------------

    def act(self, action: str, given: dict[str, str]) -> None:
        """Do what the presenter asks for; ValueError for what is nothing to do."""
        actions: dict[str, Callable[[], object]] = {
            "play": lambda: self._play(playing=True),
            "pause": lambda: self._play(playing=False),
            "next": self._next,
            "pace": lambda: self._set_pace(given.get("pace", "")),
            "restart": self._restart,
            "fire": lambda: self._alert(given, recovers=False),
            "recover": lambda: self._alert(given, recovers=True),
            "break": lambda: self._set_privilege("denied"),
            "mend": lambda: self._set_privilege("allowed"),
        }
        if action not in actions:
            raise ValueError(f"{action!r} is nothing to do here: one of {', '.join(actions)}")
        actions[action]()

    def _play(self, *, playing: bool) -> None:
        self.playing = playing
        self._changed()
        self._wake.set()

    def _set_pace(self, pace: str) -> None:
        if pace not in PACES:
            raise ValueError(f"{pace!r} is no pace: one of {', '.join(PACES)}")
        self.pace = pace
        self._changed()

    def _next(self) -> None:
        with self._lock:
            index = next((number for number, each in enumerate(self._told) if not each["outcome"]), None)
            if index is None:
                self.playing = False
                self._changed()
                return
            played = self._stage.play(self._steps[index])
            self._told[index] |= _told(played)
            self._after()

    def _restart(self) -> None:
        with self._lock:
            self.playing = False
            world = self._stage.world
            live = world.sessions.all_of_people()
            world.become(self._beginning)
            for session in live:
                world.sessions.keep(session)
            self._stage.forget()
            self._runner = self._new_runner()
            self._own.clear()
            self._told = [_planned(step, number) for number, step in enumerate(self._steps, 1)]
            self._after()

    def _alert(self, given: dict[str, str], *, recovers: bool) -> None:
        """Let an alert of the presenter's own fire or recover."""
        alert_id = given.get("alert_id", "").strip() or OWN_ALERT
        with self._lock:
            rule = next((each for each in self._runner.rules.rules if each.id == given.get("rule")), None)
            rule = rule or self._runner.rules.rules[0]
            known = self._runner.state(rule.id).alerts.get(alert_id)
            active = known is not None and not known.recovered
            clock = self._stage.instance.clock
            at = clock.now() + timedelta(seconds=5)
            clock.freeze(at)
            stamp = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            group = next((each.group for each in rule.actions if each.group != "recovered"), "default")
            document = {
                "@timestamp": stamp,
                "event.action": "close" if recovers else "active" if active else "open",
                "kibana.alert.status": "recovered" if recovers else "active",
                "kibana.alert.action_group": "recovered" if recovers else group,
                "kibana.alert.instance.id": alert_id[:512],
                "kibana.alert.uuid": known.uuid if known is not None and active else str(uuid.uuid4()),
                "kibana.alert.start": known.start if known is not None and active else stamp,
                "kibana.alert.reason": given.get("reason", "").strip() or f"{alert_id} needs somebody",
                "kibana.alert.rule.uuid": rule.id,
                "kibana.alert.rule.name": rule.name,
                "kibana.alert.rule.execution.uuid": str(uuid.uuid4()),
            }
            alert = parse_alert(document)
            calls = tuple(self._runner.check([alert]).calls)
            entry: dict[str, Any] = {"title": f"{rule.name}: {alert_id} {'recovered' if recovers else 'active'}"}
            if not calls:
                entry |= {"outcome": "nothing to do", "text": "the rule asks for no action", "requests": []}
            else:
                step = Step(expected=Expected(outcome=""), alert=alert, calls=calls, kibana=self._steps[0].kibana)
                try:
                    entry |= _told(self._stage.by_rule(step))
                except ConnectorError as error:
                    entry |= {"outcome": "failed", "text": error.message, "requests": []}
            self._own.append(entry)
            self._after()

    def _set_privilege(self, status: str) -> None:
        with self._lock:
            access = self._stage.instance.acting_as("admin").table("sys_scope_privilege")
            for record in access.query(f"target_name={PRIVILEGE}"):
                access.update(record.sys_id, {"status": status})
            what = "denied: what the connector pushes fails now" if status == "denied" else "allowed again"
            self._own.append({"title": f"Privilege {PRIVILEGE}", "outcome": status, "text": what, "requests": []})
            self._after()

    def _is_broken(self) -> bool:
        system = self._stage.instance.system()
        return any(
            each["status"] == "denied" for each in system.table("sys_scope_privilege").query(f"target_name={PRIVILEGE}")
        )

    # parts ---------------------------------------------------------------------------------------------------------

    def _new_runner(self) -> RuleRunner:
        return RuleRunner(read_rules(self._story.folder / "rules.yml"))

    def _after(self) -> None:
        # The story sets the instance's clock, which is to log nobody out.
        self._stage.world.sessions.touch_all()
        self._changed()

    def _changed(self) -> None:
        self._version += 1

    def _follow(self) -> None:
        while not self._ended:
            self._wake.wait(PACES[self.pace] if self.playing else None)
            self._wake.clear()
            if self.playing and not self._ended:
                self._next()


def _planned(step: Step, number: int) -> dict[str, Any]:
    if step.alert is None:
        title, when = "A person closes the incident in ServiceNow", ""
    else:
        call = step.calls[0]
        word = "recovered" if call.kind == "recovered" else "active"
        title = f"{call.rule_name}: {_short(call.alert_id)} {word}"
        when = f"{call.at:%H:%M:%S}"
    calls = ", ".join(call.sub_action for call in step.calls)
    return {"number": number, "title": title, "when": when, "calls": calls, "outcome": "", "text": "", "requests": []}


def _told(played: Played) -> dict[str, Any]:
    incident = played.incident
    text = played.error
    if incident is not None:
        state = STATES.get(incident["state"], incident["state"])
        text = f"{incident['number']} {state}" + (f", {played.comments} comments" if played.comments else "")
        if played.error:
            text += f": {played.error}"
    return {
        "outcome": played.outcome,
        "text": text,
        "wrong": list(played.wrong),
        "incident": incident["sys_id"] if incident is not None else "",
        "closed": incident is not None and incident["state"] == CLOSED,
        "requests": [
            f"{each.method} {urlsplit(each.url).path} {each.status or each.error}" for each in played.exchanges
        ],
    }


def _short(text: str, longest: int = 40) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
