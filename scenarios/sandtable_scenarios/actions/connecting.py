"""The connector's side of a story: its configuration, its secrets, and one execution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandtable_scenarios.targets.connectors import Answer
from sandtable_scenarios.world import World

ITSM = ".servicenow"


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
    return world.execute(request)
