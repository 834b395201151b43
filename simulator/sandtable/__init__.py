"""A ServiceNow instance on your own machine. What is offered here is imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance as Instance
    from sandtable.library.live import live_servicenow as live_servicenow
    from sandtable.library.mock import mock_servicenow as mock_servicenow
    from sandtable.library.plane_client import PlaneClient as PlaneClient
    from sandtable.library.plane_client import PlaneRefusal as PlaneRefusal
    from sandtable.library.simulated import SimulatedInstance as SimulatedInstance
    from sandtable.serving.assembly import create_instance as create_instance

__all__ = [
    "Instance",
    "PlaneClient",
    "PlaneRefusal",
    "SimulatedInstance",
    "create_instance",
    "live_servicenow",
    "mock_servicenow",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    places = {
        "Instance": "sandtable.core.platform.instance",
        "PlaneClient": "sandtable.library.plane_client",
        "PlaneRefusal": "sandtable.library.plane_client",
        "SimulatedInstance": "sandtable.library.simulated",
        "create_instance": "sandtable.serving.assembly",
        "live_servicenow": "sandtable.library.live",
        "mock_servicenow": "sandtable.library.mock",
    }
    return getattr(import_module(places[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
