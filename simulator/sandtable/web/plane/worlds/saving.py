"""Snapshots of a world: saved and restored by name, compared, and carried from one server to another as a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask import Response

from sandtable.core.images.image_difference import differences
from sandtable.core.images.image_file import BadImageFile, pack, unpack
from sandtable.faults.forms import BadForm, entry
from sandtable.web.journal.request_journal import change_shown
from sandtable.web.plane.operations import Call, Operation, PlaneError, not_found
from sandtable.web.plane.worlds.state import clock_shown
from sandtable.web.worlds.snapshots import LONGEST_NAME, SavedSnapshot, why_no_name

if TYPE_CHECKING:
    from sandtable.core.platform.moments import InstanceImage

TOPIC = "Snapshots"
ARCHIVE = "application/zip"


@dataclass(frozen=True, slots=True)
class SnapshotForm:
    """A snapshot to be saved."""

    name: str = entry("", "its name; one is made up when left out", example="before-upgrade")


@dataclass(frozen=True, slots=True)
class RestoreForm:
    """Nothing is chosen when a snapshot is restored."""


@dataclass(frozen=True, slots=True)
class DifferenceQuery:
    """What to compare a snapshot with."""

    to: str = entry("", "the name of another snapshot; the present state when left out")
    table: str = entry("", "only records of this table")
    limit: int = entry(1000, "how many differences at most; the counts are of all", least=0, most=1_000_000)


def listed(call: Call) -> dict[str, Any]:
    """Return the snapshots."""
    return {"snapshots": [_shown(each) for each in call.world.snapshots.all()]}


def save(call: Call) -> dict[str, Any]:
    """Save the present state."""
    form = call.form(SnapshotForm)
    taken = {each.name for each in call.world.snapshots.all()}
    number = len(taken) + 1
    while f"snapshot-{number}" in taken:
        number += 1
    return _saved(call, form.name or f"snapshot-{number}", call.instance.image())


def one(call: Call, name: str) -> dict[str, Any]:
    """Return what is known of a snapshot."""
    return _shown(_found(call, name))


def restore(call: Call, name: str) -> dict[str, Any]:
    """Go back to a snapshot."""
    call.form(RestoreForm)
    snapshot = _found(call, name)
    call.world.become(snapshot.image)
    return {**_shown(snapshot), "clock": clock_shown(call.instance.clock)}


def compare(call: Call, name: str) -> dict[str, Any]:
    """Return how the present state, or another snapshot, differs from a snapshot."""
    asked = call.query(DifferenceQuery)
    earlier = _found(call, name).image
    later = _found(call, asked.to).image if asked.to else call.instance.image()
    instance = call.instance
    if asked.table and not instance.dictionary.has(asked.table):
        raise BadForm("table", f"there is no table {asked.table!r}", "leave it out for all tables")
    found = [each for each in differences(instance, earlier, later) if not asked.table or each.row.table == asked.table]
    counts = Counter((each.row.table, each.operation) for each in found)
    return {
        "from": name,
        "to": asked.to or "now",
        "total": len(found),
        "counts": [
            {"table": table, "operation": operation, "count": count}
            for (table, operation), count in sorted(counts.items())
        ],
        "changes": [change_shown(each, instance) for each in islice(found, asked.limit)],
    }


def remove(call: Call, name: str) -> None:
    """Delete a snapshot."""
    _found(call, name)
    call.world.snapshots.remove(name)


def download(call: Call, name: str) -> Response:
    """Return a snapshot as a file."""
    snapshot = _found(call, name)
    data = pack(snapshot.image, {"name": snapshot.name, "saved_at": snapshot.saved_at, "instance": call.instance.name})
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)
    disposition = f'attachment; filename="{plain}.sandtable.zip"'
    return Response(data, content_type=ARCHIVE, headers={"Content-Disposition": disposition})


def upload(call: Call, name: str) -> dict[str, Any]:
    """Keep a file as a snapshot."""
    data = call.data()
    if not data:
        raise PlaneError(400, "body", "is empty", "send the file that GET /_sandtable/snapshots/{name}/file answers")
    try:
        image, _ = unpack(call.instance, data)
    except BadImageFile as error:
        fix = "send the file that GET /_sandtable/snapshots/{name}/file answers"
        raise PlaneError(422, "body", str(error), fix) from None
    return _saved(call, name, image)


def _saved(call: Call, name: str, image: InstanceImage) -> dict[str, Any]:
    if problem := why_no_name(name):
        raise BadForm("name", problem, f"printable characters without a slash, not dots alone, at most {LONGEST_NAME}")
    snapshot = SavedSnapshot(name, call.instance.clock.text(), image)
    try:
        call.world.snapshots.save(snapshot)
    except ValueError as error:
        raise BadForm("name", str(error), "DELETE /_sandtable/snapshots/{name}") from None
    return _shown(snapshot)


def _found(call: Call, name: str) -> SavedSnapshot:
    found = call.world.snapshots.get(name)
    if found is None:
        raise not_found("snapshot", name, [each.name for each in call.world.snapshots.all()])
    return found


def _shown(snapshot: SavedSnapshot) -> dict[str, Any]:
    return {"name": snapshot.name, "saved_at": snapshot.saved_at, "bytes": snapshot.size}


OPERATIONS = (
    Operation("GET", "/snapshots", listed, TOPIC, "The snapshots of this world."),
    Operation(
        "POST",
        "/snapshots",
        save,
        TOPIC,
        "Save records, clock and ids under a name; one of the same name is replaced.",
        SnapshotForm,
        status=201,
    ),
    Operation("GET", "/snapshots/{name}", one, TOPIC, "One snapshot."),
    Operation("DELETE", "/snapshots/{name}", remove, TOPIC, "Delete a snapshot.", status=204),
    Operation(
        "POST",
        "/snapshots/{name}/restore",
        restore,
        TOPIC,
        "Go back to a snapshot, however often; the journal and planned faults stay, sessions end.",
        RestoreForm,
    ),
    Operation(
        "GET",
        "/snapshots/{name}/diff",
        compare,
        TOPIC,
        "Which records differ from those of a snapshot, and how.",
        query=DifferenceQuery,
    ),
    Operation("GET", "/snapshots/{name}/file", download, TOPIC, "A snapshot as one file.", answer_type=ARCHIVE),
    Operation(
        "PUT",
        "/snapshots/{name}/file",
        upload,
        TOPIC,
        "Keep such a file as a snapshot of this world.",
        media_types=(ARCHIVE,),
        status=201,
    ),
)
