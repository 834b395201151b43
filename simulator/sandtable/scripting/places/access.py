"""Scripts of access controls: `answer`, or the value of the script, decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.scripting.engine.failures import ScriptThrew
from sandtable.scripting.places.telling import tell

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Session
    from sandtable.core.platform.record import Record
    from sandtable.scripting.pool import Pool


def passes(pool: Pool, session: Session, rule: str, script: str, table: str, record: Record | None) -> bool:
    """Tell whether an access control's script lets the session pass; one that fails passes nobody."""
    with pool.run(session) as run:
        pool.rearm(run)
        name = f"sys_security_acl {rule}"
        try:
            request = {
                "script": run.package(name, script, value=True, returns=True),
                "table": table,
                "sys_id": record.sys_id if record is not None else "",
                "values": dict(record) if record is not None else None,
                "operation": "",
                "scope": "global",
            }
            return bool(run.enter("access", name, request)["passed"])
        except ScriptThrew as error:
            tell(session, error, rule)
            return False
