"""Runs the scripts that records hold, offline and bounded: business rules, transform scripts, scripted REST and more.

`Host` is what an instance is handed; `engine` bounds a script, `objects` are what it sees, `places` where it runs.
"""

from __future__ import annotations

from sandtable.scripting.engine.failures import ScriptCancelled, ScriptSyntax, ScriptThrew
from sandtable.scripting.engine.guard import EngineUnusable
from sandtable.scripting.host import Host
from sandtable.scripting.places.background import ScriptOutcome

__all__ = ["EngineUnusable", "Host", "ScriptCancelled", "ScriptOutcome", "ScriptSyntax", "ScriptThrew"]
