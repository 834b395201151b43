"""What is told of scripts that fail, and which scope a script belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.security.scope_privileges import GLOBAL
from sandtable.scripting.run import EVALUATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.scripting.engine.failures import ScriptThrew


def scope_of(instance: Instance, record: Mapping[str, str]) -> str:
    """Return the scope that a record's script runs in."""
    named = record["sys_scope"]
    if not named or named == GLOBAL:
        return GLOBAL
    return instance.scope_names().get(named, named)


def tell(session: Session, error: ScriptThrew, where: str) -> None:
    """Log an error of a script with its script, table and line, and explain it to whoever asks."""
    spot = error.spot
    place = f"{spot.script} line {spot.line}" if spot.line else spot.script or where
    session.explain(f"{where}: {error.text} ({place})")
    session.instance.log("error", EVALUATOR, f"{error.message}\n   in {where} ({place})")
