"""Reading the records of OAuth: by plain values, never through text that a client wrote into a query."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandtable.core.values.clock import TEXT_FORMAT
from sandtable.oauth.errors import InvalidGrant

if TYPE_CHECKING:
    from sandtable.core.platform.contracts import Instance
    from sandtable.core.platform.record import Record

LATEST = 253_402_300_799  # 9999-12-31 23:59:59, the last second that has a text


def matching(instance: Instance, table: str, limit: int | None = None, /, **values: str) -> list[Record]:
    """Return the records whose columns have exactly these values, oldest first.

    Letter case counts, and only stored values do: the comparison of a filter is wider than that.
    """
    access = instance.system().table(table)
    if limit is None and all(values.values()):
        found = access.holding(values)
    else:
        found = access.page("", limit=limit, offset=0, count=False, filters=values).records
    return [record for record in found if all(record[name] == value for name, value in values.items())]


def one(instance: Instance, table: str, /, **values: str) -> Record | None:
    """Return the first of the records that `matching` finds."""
    found = matching(instance, table, None, **values)
    return found[0] if found else None


def check_in_force(instance: Instance, record: Record, what: str) -> None:
    """Raise InvalidGrant for a record, called `what`, that is not active or whose time is over."""
    if record["active"] != "true":
        raise InvalidGrant(f"{what} is inactive")
    expires = moment(record["expires"])
    if expires is not None and instance.clock.timestamp() >= expires:
        raise InvalidGrant(f"{what} expired at {record['expires']} UTC")


def moment_text(timestamp: float) -> str:
    """Return unix seconds as the platform stores a time; what its calendar does not have becomes its end."""
    return datetime.fromtimestamp(max(0, min(math.floor(timestamp), LATEST)), UTC).strftime(TEXT_FORMAT)


def moment(text: str) -> float | None:
    """Return unix seconds of a stored time, or None for an empty or unreadable one."""
    try:
        return datetime.strptime(text, TEXT_FORMAT).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
