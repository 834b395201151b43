"""`javascript:` as the value of a date: the few calls that give a moment, as in queries.

Source: community answers on dates over SOAP: `javascript:gs.dateGenerate('2026-05-09','00:00:00')` is midnight in the
zone of the caller. What else a script may give to a column is not public, so nothing else is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.query.language.scripts import PREFIX, Moment, evaluate_script

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session


def is_script(text: str) -> bool:
    """Tell whether a value is a script."""
    return text.lstrip().startswith(PREFIX)


def moment_of(session: Session, text: str) -> str:
    """Return the stored form of the moment that a script gives; empty, and a note in the ledger, for any other."""
    script = text.lstrip().removeprefix(PREFIX)
    value = evaluate_script(script, session.query_context())
    if isinstance(value, Moment):
        return value.stored
    session.instance.ledger.note("script", script[:200], "as the value of a date; it is not run")
    return ""
