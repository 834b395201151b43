"""What a world keeps beside a shared instance, all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandtable import faults
from sandtable.web.worlds.shared.faults import SharedPlan
from sandtable.web.worlds.shared.journal import SharedJournal
from sandtable.web.worlds.shared.sessions import SharedSessions
from sandtable.web.worlds.shared.snapshots import SharedSnapshots, packed, unpacked
from sandtable.web.worlds.shared.stubs import SharedStubs

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.core.platform.moments import InstanceImage

ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class KeptBeside:
    """Sessions, journal, planned faults, snapshots and stubs of one world."""

    sessions: SharedSessions
    journal: SharedJournal
    faults: SharedPlan
    snapshots: SharedSnapshots
    stubs: SharedStubs


def kept_beside(instance: Instance) -> KeptBeside:
    """Return what is kept beside an instance."""
    return KeptBeside(
        SharedSessions(instance),
        SharedJournal(instance),
        SharedPlan(instance, faults.new_plan().kinds),
        SharedSnapshots(instance),
        SharedStubs(instance),
    )


def keep_origin(instance: Instance, image: InstanceImage) -> None:
    """Keep what `reset` goes back to, in whichever process."""
    instance.store.beside.put(ORIGIN, "", packed(image))


def origin(instance: Instance) -> InstanceImage | None:
    """Return what `reset` goes back to, or None where nothing was kept."""
    kept = instance.store.beside.get(ORIGIN, "")
    return unpacked(kept, instance) if kept is not None else None
