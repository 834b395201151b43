"""The state of a world: what it is, back to its beginning, its clock, and the source of its ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandtable.core.images.releases import release_in_force
from sandtable.core.values.clock import EARLIEST, LATEST, Clock
from sandtable.faults.forms import BadForm, entry
from sandtable.settings.distribution import installed_version
from sandtable.web.plane.operations import Call, Operation

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

TOPIC = "State"


@dataclass(frozen=True, slots=True)
class ResetForm:
    """How to reset."""

    random_seed: int | None = entry(None, "makes the ids that come after the reset repeatable")


@dataclass(frozen=True, slots=True)
class IdsForm:
    """Where ids come from."""

    random_seed: int = entry(
        42, "the same seed gives the same ids; to use one again, reset first, or the ids are taken"
    )


@dataclass(frozen=True, slots=True)
class ClockForm:
    """What to do with the clock, in this order: set, rate, advance, freeze or unfreeze. Times are ISO 8601."""

    set: str = entry("", "the time to show", example="2026-03-01T08:00:00Z")
    rate: float | None = entry(None, "how many times as fast as real time it runs", least=0.000001, most=1_000_000)
    advance: float | None = entry(None, "seconds to move on by; negative moves back", least=-4e9, most=4e9)
    freeze: Any = entry(None, "true stops the clock; a time stops it there; false lets it run")
    unfreeze: bool = entry(False, "lets the clock run")
    follow: bool = entry(False, "first forgets all earlier changes and shows real time again")


def info(call: Call) -> dict[str, Any]:
    """Return what answers here."""
    instance = call.instance
    return {
        "product": "sandtable",
        "version": installed_version(),
        "world": call.world.name,
        "instance": instance.name,
        "base_url": instance.base_url,
        "strict": instance.ledger.strict,
        "release": _release_shown(instance),
        "durable": bool(instance.store.path),
        "clock": clock_shown(instance.clock),
        "worlds": call.worlds.names(),
        "planned_faults": len(list(call.world.faults)),
        "journalled_requests": len(call.world.journal.entries()),
    }


def _release_shown(instance: Instance) -> dict[str, Any]:
    """Return the release that the instance answers as, and the switches that are set otherwise."""
    now = release_in_force(instance)
    differing = {name: {"release": value, "set": held} for name, (value, held) in now.differing.items()}
    return {"name": now.family, "instance": now.kind, "basic_auth": now.basic_auth, "differing": differing}


def reset(call: Call) -> dict[str, Any]:
    """Go back to how the world began."""
    form = call.form(ResetForm)
    if form.random_seed is not None:
        _refuse_shared_ids(call)
    call.world.reset()
    if form.random_seed is not None:
        call.instance.random.seed(form.random_seed)
    return {"world": call.world.name, "reset": True, "clock": clock_shown(call.instance.clock)}


def set_ids(call: Call) -> dict[str, Any]:
    """Make the ids repeatable from here on."""
    form = call.form(IdsForm)
    _refuse_shared_ids(call)
    with call.instance.lock:
        call.instance.random.seed(form.random_seed)
    return {"random_seed": form.random_seed}


def _refuse_shared_ids(call: Call) -> None:
    if call.instance.store.shared:
        raise BadForm("random_seed", "cannot be set: several processes give out ids", "keep the instance in memory")


def clock(call: Call) -> dict[str, Any]:
    """Return where the clock stands."""
    return clock_shown(call.instance.clock)


def set_clock(call: Call) -> dict[str, Any]:
    """Set, speed up, move, stop or start the clock."""
    form = call.form(ClockForm)
    to = moment(form.set, "set") if form.set else None
    frozen_at = moment(form.freeze, "freeze") if isinstance(form.freeze, str) else None
    if form.freeze is not None and not isinstance(form.freeze, bool | str):
        raise BadForm("freeze", f"must be true, false or a time, not {form.freeze!r}", "such as true")
    if form.freeze not in (None, False) and form.unfreeze:
        raise BadForm("unfreeze", "cannot be combined with freeze", "leave out one or the other")
    shown = call.instance.clock
    with call.instance.lock:
        before = shown.state()
        try:
            _change(shown, form, to, frozen_at)
        except BadForm:
            shown.restore(before)
            raise
        return clock_shown(shown)


def _change(shown: Clock, form: ClockForm, to: datetime | None, frozen_at: datetime | None) -> None:
    if form.follow:
        shown.restore(None)
    if to is not None:
        shown.advance(to.timestamp() - shown.timestamp())
    if form.rate is not None:
        shown.set_rate(form.rate)
    if form.advance is not None:
        try:
            shown.advance(form.advance)
        except ValueError as error:
            raise BadForm("advance", f"leads too far: {error}", "give fewer seconds") from None
    if frozen_at is not None or form.freeze is True:
        shown.freeze(frozen_at)
    elif form.unfreeze or form.freeze is False:
        shown.unfreeze()


def moment(text: str, where: str) -> datetime:
    """Return an ISO 8601 time, UTC where it names no zone. Raises BadForm."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadForm(where, f"{text!r} is no time", "such as 2026-03-01T08:00:00Z") from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if not EARLIEST <= found.timestamp() <= LATEST:
        raise BadForm(where, f"{text!r} is out of the years 1970 to 9000", "such as 2026-03-01T08:00:00Z")
    return found.astimezone(UTC)


def clock_shown(shown: Clock) -> dict[str, Any]:
    """Return where a clock stands as JSON."""
    now = shown.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"now": now, "frozen": shown.frozen, "rate": shown.rate, "follows_real_time": shown.state() is None}


OPERATIONS = (
    Operation("GET", "/info", info, TOPIC, "What answers here: version, world, clock."),
    Operation(
        "POST",
        "/reset",
        reset,
        TOPIC,
        "Go back to how the world began: records, clock and ids; forget sessions, requests, faults. Snapshots stay.",
        ResetForm,
    ),
    Operation("PUT", "/ids", set_ids, TOPIC, "Make the ids of new records repeatable.", IdsForm),
    Operation("GET", "/clock", clock, TOPIC, "Where the clock of the instance stands."),
    Operation("PUT", "/clock", set_clock, TOPIC, "Set, speed up, move, stop or start the clock.", ClockForm),
)
