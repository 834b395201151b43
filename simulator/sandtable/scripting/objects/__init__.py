"""What scripts may ask of an instance, as functions of a run; each module stands behind the classes it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandtable.scripting.objects import (
    aggregates,
    dates,
    fields,
    files,
    imports,
    includes,
    outbound,
    records,
    system,
    texts,
    users,
    web,
)

OPERATIONS: Mapping[str, Callable[..., Any]] = {
    **records.OPERATIONS,
    **fields.OPERATIONS,
    **aggregates.OPERATIONS,
    **system.OPERATIONS,
    **users.OPERATIONS,
    **dates.OPERATIONS,
    **files.OPERATIONS,
    **texts.OPERATIONS,
    **outbound.OPERATIONS,
    **includes.OPERATIONS,
    **imports.OPERATIONS,
    **web.OPERATIONS,
}
