"""The clock, snapshots and worlds, and what is not simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from sandtable.faults.forms import BadForm
from sandtable.web.worlds.snapshots import SavedSnapshot, why_no_name
from sandtable.web.worlds.worlds import PATH_PREFIX

if TYPE_CHECKING:
    from sandtable.web.console.visitor import Visitor
    from sandtable.web.transaction import Transaction
    from sandtable.web.worlds.worlds import Worlds

SECONDS = {"minutes": 60, "hours": 3600, "days": 86400}


def content(transaction: Transaction, visitor: Visitor) -> dict[str, Any]:
    """Return where the clock stands, the snapshots, and the worlds of this server."""
    clock, worlds = transaction.instance.clock, _worlds()
    return {
        "time": clock.text(),
        "frozen": clock.frozen,
        "rate": clock.rate,
        "snapshots": [
            {"name": each.name, "saved_at": each.saved_at, "size": f"{each.size / 1024:,.0f} kB"}
            for each in transaction.world.snapshots.all()
        ],
        "worlds": [(name, _address(transaction, name)) for name in worlds.names()],
        "world": transaction.world.name,
    }


def _worlds() -> Worlds:
    worlds: Worlds = request.environ["sandtable.web.worlds.worlds"]
    return worlds


def _address(transaction: Transaction, name: str) -> str:
    """Return where a world answers, seen from this one."""
    server = request.script_root.removesuffix(f"{PATH_PREFIX}{transaction.world.name}")
    return f"{server}{PATH_PREFIX}{name}/"


def act(transaction: Transaction, visitor: Visitor) -> str:
    """Do one thing with the clock, a snapshot or a world, and say what was done. Raises BadForm, WorldError."""
    form = request.form
    action, _, name = form.get("do", "").partition(":")
    name = name or form.get("name", "").strip()
    actions = {
        "freeze": _freeze,
        "advance": _advance,
        "rate": _rate,
        "save": _save,
        "restore": _restore,
        "remove": _remove,
        "reset": _reset,
        "fork": _fork,
    }
    if action not in actions:
        raise BadForm("do", f"{action!r} is nothing that can be done here", f"one of {', '.join(actions)}")
    said = actions[action](transaction, name)
    # A person who moves the clock by hand does not want to be logged out by that.
    transaction.world.sessions.touch_all()
    return said


def _freeze(transaction: Transaction, name: str) -> str:
    clock, at = transaction.instance.clock, request.form.get("at", "").strip()
    with transaction.instance.lock:
        if clock.frozen and not at:
            clock.unfreeze()
            return "The clock runs again."
        try:
            clock.freeze(at or None)
        except ValueError as error:
            raise BadForm("at", str(error), "give a time such as 2026-03-01 08:00:00") from None
    return f"The clock is stopped at {clock.text()}."


def _advance(transaction: Transaction, name: str) -> str:
    form = request.form
    try:
        seconds = float(form.get("amount", "")) * SECONDS[form.get("unit", "minutes")]
        with transaction.instance.lock:
            transaction.instance.clock.advance(seconds)
    except (ValueError, KeyError, OverflowError):
        raise BadForm("amount", "is no number of minutes, hours or days", "give one such as 5") from None
    return f"It is {transaction.instance.clock.text()} now."


def _rate(transaction: Transaction, name: str) -> str:
    try:
        with transaction.instance.lock:
            transaction.instance.clock.set_rate(float(request.form.get("rate", "")))
    except (ValueError, OverflowError):
        raise BadForm("rate", "is no number above 0", "give one such as 60 for a minute a second") from None
    return f"The clock runs {transaction.instance.clock.rate:g} times as fast as real time."


def _save(transaction: Transaction, name: str) -> str:
    snapshots = transaction.world.snapshots
    name = name or f"snapshot-{len(snapshots.all()) + 1}"
    if problem := why_no_name(name):
        raise BadForm("name", problem, "printable characters without a slash")
    try:
        snapshots.save(SavedSnapshot(name, transaction.instance.clock.text(), transaction.instance.image()))
    except ValueError as error:
        raise BadForm("name", str(error), "delete one") from None
    return f"Saved as {name}."


def _restore(transaction: Transaction, name: str) -> str:
    found = transaction.world.snapshots.get(name)
    if found is None:
        raise BadForm("name", f"there is no snapshot {name!r}", "choose one of the list")
    live = transaction.opened_session
    transaction.world.become(found.image)
    transaction.world.sessions.keep(live)
    return f"Back at {name}."


def _remove(transaction: Transaction, name: str) -> str:
    transaction.world.snapshots.remove(name)
    return f"{name} was deleted."


def _reset(transaction: Transaction, name: str) -> str:
    live = transaction.opened_session
    transaction.world.reset()
    transaction.world.sessions.keep(live)
    return "The world is as it began."


def _fork(transaction: Transaction, name: str) -> str:
    worlds = _worlds()
    name = name or worlds.free_name()
    worlds.fork(name, transaction.world.name)
    return f"The world {name} is a copy of this one; it answers under {PATH_PREFIX}{name}/."


def unsimulated(transaction: Transaction, visitor: Visitor) -> dict[str, Any]:
    """Return what was asked for and is not simulated."""
    ledger = transaction.instance.ledger
    return {"entries": ledger.entries(), "strict": ledger.strict}


def forget_unsimulated(transaction: Transaction, visitor: Visitor) -> str:
    """Empty the ledger."""
    transaction.instance.ledger.clear()
    return "The ledger is empty."
