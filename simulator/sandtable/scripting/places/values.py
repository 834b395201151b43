"""`javascript:` texts: default values of the dictionary, and values of queries, which run in a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.values.errors import PlatformError
from sandtable.scripting.engine.failures import ScriptCancelled, ScriptThrew
from sandtable.scripting.places.telling import tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandtable.core.platform.contracts import Session
    from sandtable.scripting.pool import Pool


def default_value(pool: Pool, session: Session, table: str, given: Mapping[str, str], expression: str) -> str | None:
    """Return what a default gives for a record in the making, or None when its script fails."""
    with pool.run(session) as run:
        pool.rearm(run)
        scope = session.instance.dictionary.table(table).scope
        name = f"default of {table}"
        try:
            with run.in_scope(scope):
                request = {"script": run.package(name, expression, value=True), "scope": scope}
                answer = run.enter("value", name, request | {"table": table, "values": dict(given)})
        except ScriptThrew as error:
            tell(session, error, name)
            return None
    if "list" in answer:
        return ",".join(answer["list"])
    text: str | None = answer["text"]
    return text


def query_value(pool: Pool, session: Session, expression: str) -> str | tuple[str, ...] | None:
    """Return what a query's value gives in the sandbox; None, and a line of the ledger, for what that refuses."""
    with pool.run(session) as run:
        before, run.sandboxed = run.sandboxed, True
        pool.rearm(run)
        try:
            request = {"script": run.package("query value", expression, value=True), "scope": session.scope}
            answer = run.enter("value", "query value", request)
        except ScriptCancelled:
            raise
        except PlatformError as error:
            session.explain(f"the script of a query value gave nothing: {error.message.splitlines()[0]}")
            return None
        finally:
            run.sandboxed = before
    if "list" in answer:
        return tuple(answer["list"])
    text: str | None = answer["text"]
    return text
