"""Steps that come with the platform's own transform maps. Source: ServiceNow documentation, web service import sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.imports.row_transform import TransformScript
from sandtable.core.security.scope_privileges import GLOBAL

if TYPE_CHECKING:
    from sandtable.core.imports.row_transform import RowTransform


def _name_the_user(row: RowTransform) -> None:
    """Name a user who comes without an ID after their first and last name."""
    names = [row.target[each].strip().lower() for each in ("first_name", "last_name")]
    if row.action == "insert" and not row.target["user_name"] and all(names):
        row.target["user_name"] = ".".join(names)


def _begin_work(row: RowTransform) -> None:
    """Take the state `Active`, which no choice of today's incidents is called, for the one after New."""
    if row.source["state"].strip().casefold() == "active" and not row.target["incident_state"]:
        row.target["incident_state"] = "2"


SCRIPTS = (
    TransformScript("imp_notification", "onBefore", _begin_work, GLOBAL, map_name="Notification"),
    TransformScript("imp_user", "onBefore", _name_the_user, GLOBAL, map_name="User"),
)


def scripts_of(staging: str) -> tuple[TransformScript, ...]:
    """Return the platform's own scripts for a staging table."""
    return tuple(script for script in SCRIPTS if script.staging == staging)
