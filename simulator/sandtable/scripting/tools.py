"""How tools reach what runs the scripts of an instance: pages, the test plane, tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.platform.writing.script_host import Scripts
from sandtable.scripting.engine.guard import EngineUnusable
from sandtable.scripting.host import Host

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance


def host_of(instance: Instance) -> Host:
    """Return what runs the scripts of an instance. Raises EngineUnusable, whose text says what to install."""
    host = instance.part(Scripts).host
    runner = host.runner() if host is not None else None
    if not isinstance(runner, Host):
        raise EngineUnusable("scripts need the extra: pip install '.[scripts]' in a clone")
    return runner
