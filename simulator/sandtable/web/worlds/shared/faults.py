"""Planned faults that all processes of an instance count together: "the next three answers" are three in all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from sandtable.faults.forms import BadForm
from sandtable.faults.plan import MOST_PLANNED, FaultPlan, Firing, PlannedFault
from sandtable.faults.wire import Fault, Memory, Request

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

KIND, MEMORY, NUMBER = "fault", "fault memory", "fault"


class SharedPlan(FaultPlan):
    """The planned faults of one world, kept beside its records."""

    def __init__(self, instance: Instance, kinds: Callable[[], Mapping[str, type[Fault]]]) -> None:
        super().__init__(kinds)
        self._beside = instance.store.beside
        self._any = False
        self.read_again()
        assert instance.sharing is not None
        instance.sharing.settings_readers.append(self.read_again)

    def read_again(self) -> None:
        """Learn whether anything is planned."""
        self._any = bool(self._beside.size(KIND))

    def __bool__(self) -> bool:
        return self._any

    def __iter__(self) -> Iterator[PlannedFault]:
        return iter(self._all() if self._any else ())

    def get(self, fault_id: str) -> PlannedFault | None:
        """Return a planned fault by its id, or None."""
        return next((each for each in self if each.id == fault_id), None)

    def add(self, given: object) -> PlannedFault:
        """Plan a fault from its JSON form, or from its name alone, and return it. Raises BadForm."""
        form = {"fault": given} if isinstance(given, str) else given
        planned = self._read(form, "")
        with self._beside.turn(KIND):
            if self._beside.size(KIND) >= MOST_PLANNED:
                raise BadForm("body", f"{MOST_PLANNED} faults are planned already", "take some of them back")
            planned.id = f"fault-{self._beside.next(NUMBER)}"
            self._save(planned, form)
        self._changed()
        return planned

    def replace(self, fault_id: str, given: object) -> PlannedFault | None:
        """Plan another fault in the place of one, with its counts at zero; None without that one. Raises BadForm."""
        planned = self._read(given, fault_id)
        with self._beside.turn(KIND):
            if self._beside.get(KIND, fault_id) is None:
                return None
            self._save(planned, given)
        self._beside.clear(f"{MEMORY} {fault_id}")
        self._changed()
        return planned

    def remove(self, fault_id: str) -> bool:
        """Take back a fault; tell whether there was one."""
        with self._beside.turn(KIND):
            found = bool(self._beside.remove(KIND, fault_id))
        self._beside.clear(f"{MEMORY} {fault_id}")
        self._changed()
        return found

    def clear(self) -> None:
        """Take back all faults."""
        with self._beside.turn(KIND):
            planned = [key for key, _ in self._beside.all(KIND)]
            self._beside.clear(KIND)
        for fault_id in planned:
            self._beside.clear(f"{MEMORY} {fault_id}")
        self._changed()

    def restart(self) -> None:
        """Take back all faults, and let their names begin anew."""
        self.clear()
        self._beside.begin_again(NUMBER)

    def due(self, request: Request) -> list[Firing]:
        """Count a request, and return what is to happen to it, outermost first."""
        firing = []
        with self._beside.turn(KIND):
            for planned in self._all():
                before = _counted(planned)
                index = planned.take(request)
                fault = planned.steps[index] if index is not None else None
                if _counted(planned) != before:
                    self._save(planned, json.loads(self._beside.get(KIND, planned.id) or "{}")["given"])
                if index is not None and fault is not None:
                    firing.append(Firing(planned, fault, planned.memories[index]))
        return firing

    def _all(self) -> list[PlannedFault]:
        found = []
        for fault_id, text in self._beside.all(KIND):
            told = json.loads(text)
            planned = self._read(told["given"], fault_id)
            planned.matched, planned.fired = told["matched"], told["fired"]
            if told["random"] is not None:
                version, internal, gauss = told["random"]
                planned.random.setstate((version, tuple(internal), gauss))
            planned.memories = tuple(
                SharedMemory(self._beside, f"{MEMORY} {fault_id}", str(number)) for number in range(len(planned.steps))
            )
            found.append(planned)
        return found

    def _save(self, planned: PlannedFault, given: object) -> None:
        # Chance goes on from where it was, in whichever process; without any fired it begins by its seed.
        chance = planned.random.getstate() if planned.matched else None
        told = {"given": given, "matched": planned.matched, "fired": planned.fired, "random": chance}
        self._beside.put(KIND, planned.id, json.dumps(told))

    def _changed(self) -> None:
        self.read_again()
        self._beside.settings_changed()


def _counted(planned: PlannedFault) -> tuple[int, int]:
    return planned.matched, planned.fired


class SharedMemory(Memory):
    """What one planned fault remembers from request to request, in whichever process."""

    def __init__(self, beside: Any, kind: str, key: str) -> None:
        super().__init__()
        self.lock = _Turn(self, beside, kind, key)  # type: ignore[assignment]


class _Turn:
    """The lock of a shared memory: `values` are read when it is taken, and kept when it is given back."""

    def __init__(self, memory: SharedMemory, beside: Any, kind: str, key: str) -> None:
        self._memory = memory
        self._held = beside.held
        self._name = (kind, key)
        self._open: list[Any] = []

    def __enter__(self) -> None:
        block = self._held(*self._name)
        held = block.__enter__()
        self._memory.values = json.loads(held.value) if held.value is not None else {}
        self._open.append((block, held))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        block, held = self._open.pop()
        held.value = json.dumps(self._memory.values)
        block.__exit__(kind, error, trace)
