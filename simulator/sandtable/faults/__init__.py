"""What can go wrong between a client and an instance, one file each, all of the same shape: see `wire.Fault`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandtable.faults.plan import FaultPlan

if TYPE_CHECKING:
    from sandtable.faults.wire import Fault


def new_plan() -> FaultPlan:
    """Return a plan in which nothing goes wrong yet."""
    return FaultPlan(_kinds)


def _kinds() -> Mapping[str, type[Fault]]:
    # Loaded when the first fault is planned: a server that is spared starts sooner.
    from sandtable.faults.catalogue import KINDS

    return KINDS


__all__ = ["FaultPlan", "new_plan"]
