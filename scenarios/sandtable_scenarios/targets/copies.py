"""Copies of a simulated instance at an address: each process that tells stories to it has one of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sandtable_scenarios.stage.findings import TargetUnreachable

if TYPE_CHECKING:
    from sandtable_scenarios.targets.instances import InstanceTarget

ALONE = "a real instance is told one story at a time: leave --jobs out"


@contextmanager
def copied(instance: InstanceTarget) -> Iterator[str]:
    """Yield the beginning of the names of an instance's copies, which are dropped afterwards.

    Raises TargetUnreachable for one without a test plane, of which nobody can make copies.
    """
    if instance.control is None:
        raise TargetUnreachable(ALONE)
    beginning = f"rehearse-{os.getpid()}-"
    try:
        yield beginning
    finally:
        for name in instance.control.worlds():
            if name.startswith(beginning):
                instance.control.drop_world(name)


def copy_of(address: str, beginning: str, options: Mapping[str, Any]) -> str:
    """Return the address of a copy of the instance at an address, made for this process. Raises TargetUnreachable."""
    from sandtable_scenarios.targets.instances import instance_from

    instance = instance_from(address, **options)
    try:
        if instance.control is None:
            raise TargetUnreachable(ALONE)
        return address.partition("/_worlds/")[0].rstrip("/") + instance.control.fork(f"{beginning}{os.getpid()}")
    finally:
        instance.close()
