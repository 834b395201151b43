"""What the scripts of a transform see and steer, and the scripts as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sandtable.core.platform.writing.rules import FieldValues

if TYPE_CHECKING:
    from sandtable.core.imports.transform_maps import FieldMap, TransformMap
    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record


class TransformRun:
    """What the rows of one import set share while they are transformed: scripts at its start and end run once.

    `first` and `last` say where the row stands, `stopped` that a script stopped the transform, `kept` is the host's.
    """

    __slots__ = ("first", "ignored", "kept", "last", "stopped")

    def __init__(self) -> None:
        self.first = True
        self.last = True
        self.stopped = False
        self.ignored = False
        self.kept: dict[str, object] = {}


class RowTransform:
    """What transform scripts see and steer.

    `source` holds the staging row's values, `given` what the caller sent (before it was cut to the staging columns),
    `unknown` the names sent that are no staging columns. `target` are the values about to be written and may be
    changed; `existing` is the record to update, None to insert, and may be replaced. `skip` leaves the row out for
    missing coalesce values, `ignore` drops it, `error_message` and `status_message` go into the answer, as do the
    pairs in `response`. In onComplete `results` are the elements of the answer and may be changed.
    """

    __slots__ = (
        "apply_data_policies",
        "done",
        "error_message",
        "existing",
        "given",
        "ignore",
        "map",
        "response",
        "results",
        "row",
        "run",
        "session",
        "skip",
        "source",
        "status_message",
        "target",
        "unknown",
    )

    def __init__(self, session: Session, transform_map: TransformMap, row: Record, given: Mapping[str, str]) -> None:
        self.session = session
        self.map = transform_map
        self.row = row
        self.source = FieldValues(row.values_copy())
        self.given = FieldValues(given)
        columns = session.instance.dictionary.columns(row.table)
        self.unknown = tuple(name for name in given if name not in columns)
        self.target = FieldValues()
        self.existing: Record | None = None
        self.skip = False
        self.ignore = False
        self.error_message = ""
        self.status_message = ""
        self.response: dict[str, str] = {}
        self.results: list[dict[str, str]] = []
        self.apply_data_policies = False
        self.run = TransformRun()
        self.done = ""

    @property
    def instance(self) -> Instance:
        return self.session.instance

    @property
    def action(self) -> str:
        """`insert` or `update`: what is about to happen to the target table, or has happened."""
        return self.done or ("insert" if self.existing is None else "update")

    def refuse(self, message: str) -> None:
        """Drop the row with an error text."""
        self.ignore = True
        self.error_message = message


@dataclass(frozen=True, slots=True)
class TransformScript:
    """A step of an application's own in the transform of a staging table, as a Python function.

    `when` is onStart and onComplete (once for each load), onBefore and onAfter (once for each row and map), onReject
    (when a field map rejects the row), onMap (when all field maps are done), onForeignInsert and onChoiceCreate (before
    a referenced record or a choice is made; `ignore` prevents it). `map_name` limits it to one map; empty means every
    map of the staging table. The script runs in `scope`, as the user who loads.
    """

    staging: str
    when: Literal[
        "onStart", "onBefore", "onMap", "onAfter", "onReject", "onComplete", "onForeignInsert", "onChoiceCreate"
    ]
    script: Callable[[RowTransform], None]
    scope: str
    map_name: str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class InstalledScripts:
    """Where the transform scripts of installed applications are asked for: by instance and staging table, in order."""

    of: Callable[[Instance, str], tuple[TransformScript, ...]]


@dataclass(frozen=True, slots=True)
class SourceScripts:
    """Where the value of a field map with a source script comes from; None where such scripts are not run."""

    value: Callable[[RowTransform, FieldMap], str | None] | None = None
