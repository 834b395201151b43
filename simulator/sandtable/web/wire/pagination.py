"""The `Link` header of a list, in the platform's exact form."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote_plus

PAGING = ("sysparm_limit", "sysparm_offset")


def link_header(
    address: str,
    arguments: Iterable[tuple[str, str]],
    *,
    limit: int,
    offset: int,
    total: int | None,
    shown: int = 0,
) -> str:
    """Return first, prev, next and last, joined by commas without blanks.

    `arguments` are the request's own, in order; limit and offset move to the end. Without a total there is no `last`,
    and `next` is given after a full page (`shown` rows). Empty for a limit of 0, which has no pages.
    """
    if limit <= 0:
        return ""
    kept = "".join(f"{quote_plus(name)}={quote_plus(value)}&" for name, value in arguments if name not in PAGING)

    def entry(relation: str, start: int) -> str:
        return f'<{address}?{kept}sysparm_limit={limit}&sysparm_offset={start}>;rel="{relation}"'

    entries = [entry("first", 0)]
    # A page of one links to its predecessor even on the first page, where that is offset -1.
    if offset > 0 or limit == 1:
        entries.append(entry("prev", max(offset - limit, 0) if limit > 1 else offset - 1))
    if offset + limit < total if total is not None else shown >= limit:
        entries.append(entry("next", offset + limit))
    if total is not None:
        entries.append(entry("last", max(total - 1, 0) // limit * limit))
    return ",".join(entries)
