"""What is to go wrong: planned faults, which requests each fires on, and how often it has."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from sandtable.core.values.texts import nearest
from sandtable.faults.forms import BadForm, as_json, entry, read
from sandtable.faults.pattern import RequestPattern
from sandtable.faults.wire import Exchange, Fault, Memory, Proceed, Reply, Request

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.values.errors import PlatformError

MOST_PLANNED = 1_000
PASS = "pass"  # noqa: S105 - the word for a step of a script in which nothing goes wrong


@dataclass(frozen=True, slots=True)
class Rule:
    """When a planned fault fires. `after` requests that match are let through first; then `times` are hit.

    `nth` names single ones by number instead, counted from 1. With `probability` below 1 chance decides on each, from a
    source of its own that `random_seed` makes repeatable.
    """

    when: RequestPattern = entry(RequestPattern, "which requests are meant; all when left out")
    times: int | None = entry(None, "on how many requests it fires; without end when left out", least=1)
    after: int = entry(0, "how many matching requests are let through first", least=0)
    nth: tuple[int, ...] = entry((), "the numbers of the matching requests it fires on, counted from 1", least=1)
    probability: float = entry(1.0, "the chance that it fires on a request that it could fire on", least=0, most=1)
    random_seed: int = entry(0, "makes chance repeatable")

    def __post_init__(self) -> None:
        if self.nth and (self.after or self.times is not None):
            raise BadForm("nth", "cannot be combined with after or times", "leave out one or the other")


class PlannedFault:
    """One fault, or a script of several that take turns, with its rule and its counts."""

    def __init__(self, fault_id: str, name: str, steps: tuple[Fault | None, ...], rule: Rule, *, script: bool) -> None:
        self.id = fault_id
        self.name = name
        self.steps = steps
        self.rule = rule
        self.script = script
        self.times = len(steps) if script and rule.times is None and not rule.nth else rule.times
        self.matched = 0
        self.fired = 0
        self.random = Random(rule.random_seed)  # noqa: S311 - chance that a test can repeat
        self.memories = tuple(Memory() for _ in steps)

    def __repr__(self) -> str:
        return f"<PlannedFault {self.shown()}>"

    @property
    def spent(self) -> bool:
        """Whether it will never fire again."""
        if self.rule.nth:
            return self.matched >= max(self.rule.nth)
        return self.times is not None and self.fired >= self.times

    def take(self, request: Request) -> int | None:
        """Count a request, and return which step fires on it, or None. Call with the plan's lock held."""
        rule = self.rule
        if self.spent or not rule.when.matches(request):
            return None
        self.matched += 1
        if (rule.nth and self.matched not in rule.nth) or self.matched <= rule.after:
            return None
        if rule.probability < 1 and self.random.random() >= rule.probability:
            return None
        self.fired += 1
        return (self.fired - 1) % len(self.steps)

    def shown(self) -> dict[str, Any]:
        """Return the fault as JSON: as it was planned, with its id and counts."""
        steps = [PASS if step is None else {"fault": step.kind, "with": as_json(step)} for step in self.steps]
        what: dict[str, Any] = {"script": steps} if self.script else dict(steps[0])  # type: ignore[arg-type]
        counts = {"matched": self.matched, "fired": self.fired, "spent": self.spent}
        return {"id": self.id, "name": self.name, **what, **as_json(self.rule), **counts}


@dataclass(frozen=True, slots=True)
class Firing:
    """One fault about to happen to one request."""

    planned: PlannedFault
    fault: Fault
    memory: Memory


class FaultPlan:
    """The planned faults of one world, in the order in which they were planned; safe to use from many threads.

    `kinds` returns the faults there are, by name; it is asked when one is planned.
    """

    def __init__(self, kinds: Callable[[], Mapping[str, type[Fault]]]) -> None:
        self.kinds = self._kinds = kinds
        self._planned: dict[str, PlannedFault] = {}
        self._lock = threading.Lock()
        self._last = 0

    def __bool__(self) -> bool:
        return bool(self._planned)

    def __iter__(self) -> Iterator[PlannedFault]:
        with self._lock:
            return iter(list(self._planned.values()))

    def get(self, fault_id: str) -> PlannedFault | None:
        """Return a planned fault by its id, or None."""
        return self._planned.get(fault_id)

    def add(self, given: object) -> PlannedFault:
        """Plan a fault from its JSON form, or from its name alone, and return it. Raises BadForm."""
        planned = self._read({"fault": given} if isinstance(given, str) else given, "")
        with self._lock:
            if len(self._planned) >= MOST_PLANNED:
                raise BadForm("body", f"{MOST_PLANNED} faults are planned already", "take some of them back")
            self._last += 1
            planned.id = f"fault-{self._last}"
            self._planned[planned.id] = planned
        return planned

    def replace(self, fault_id: str, given: object) -> PlannedFault | None:
        """Plan another fault in the place of one, with its counts at zero; None without that one. Raises BadForm."""
        planned = self._read(given, fault_id)
        with self._lock:
            if fault_id not in self._planned:
                return None
            self._planned[fault_id] = planned
        return planned

    def remove(self, fault_id: str) -> bool:
        """Take back a fault; tell whether there was one."""
        with self._lock:
            return self._planned.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Take back all faults."""
        with self._lock:
            self._planned.clear()

    def restart(self) -> None:
        """Take back all faults, and let their names begin anew."""
        self.clear()
        self._last = 0

    def due(self, request: Request) -> list[Firing]:
        """Count a request, and return what is to happen to it, outermost first."""
        firing = []
        with self._lock:
            for planned in self._planned.values():
                index = planned.take(request)
                fault = planned.steps[index] if index is not None else None
                if index is not None and fault is not None:
                    firing.append(Firing(planned, fault, planned.memories[index]))
        return firing

    def _read(self, given: object, fault_id: str) -> PlannedFault:
        if not isinstance(given, Mapping):
            raise BadForm("body", "must be a JSON object", 'such as {"fault": "unavailable", "times": 3}')
        left = dict(given)
        name = left.pop("name", "")
        if not isinstance(name, str):
            raise BadForm("name", "must be a text", "put it in quotation marks")
        script = "script" in left
        if script == ("fault" in left):
            raise BadForm("fault", "is missing" if not script else "is given beside script", "give fault or script")
        if script:
            listed = left.pop("script")
            if not isinstance(listed, list) or not listed:
                raise BadForm("script", "must be a list that is not empty", 'such as ["rate-limited", "pass"]')
            steps = tuple(self._step(each, f"script[{index}]") for index, each in enumerate(listed))
        else:
            kind = left.pop("fault")
            fault = self._fault(kind, left.pop("with", {}), "")
            _refuse_misplaced(fault, left)
            steps = (fault,)
        return PlannedFault(fault_id, name, steps, read(Rule, left), script=script)

    def _step(self, given: object, where: str) -> Fault | None:
        if given == PASS or given is None:
            return None
        if isinstance(given, Mapping):
            unknown = [name for name in given if name not in ("fault", "with")]
            if unknown:
                raise BadForm(f"{where}.{unknown[0]}", "is no field here", "the fields are fault, with")
            return self._fault(given.get("fault"), given.get("with", {}), where)
        return self._fault(given, {}, where)

    def _fault(self, kind: object, given: object, where: str) -> Fault:
        kinds = self._kinds()
        found = kinds.get(kind) if isinstance(kind, str) else None
        if found is None:
            field = f"{where}.fault" if where else "fault"
            near = nearest(str(kind), kinds)
            meant = f"did you mean {near}? " if near else ""
            raise BadForm(field, f"there is no fault {kind!r}", f"{meant}one of {', '.join(sorted(kinds))}")
        return read(found, given, f"{where}.with" if where else "with")


def _refuse_misplaced(fault: Fault, rest: Mapping[str, object]) -> None:
    """Raise BadForm for a parameter of the fault that stands beside `with`, where only the rule's fields belong."""
    known = {item.name for item in dataclasses.fields(Rule)}
    for name in rest:
        if name not in known and name in {item.name for item in dataclasses.fields(fault)}:  # type: ignore[arg-type]
            raise BadForm(name, f"is a parameter of {fault.kind}", f'put it inside with: {{"with": {{"{name}": ...}}}}')


def suffer(
    firing: list[Firing],
    request: Request,
    instance: Instance,
    wait: Callable[[float], None],
    answer: Callable[[PlatformError | None], Reply],
) -> Reply:
    """Return what a client gets from an exchange in which faults happen; `answer` asks the instance itself."""

    def step(index: int) -> Proceed:
        def proceed(refusal: PlatformError | None = None) -> Reply:
            if refusal is not None or index == len(firing):
                return answer(refusal)
            each = firing[index]
            exchange = Exchange(request, instance, each.planned.random, wait, each.memory)
            return each.fault(exchange, step(index + 1))

        return proceed

    return step(0)()
