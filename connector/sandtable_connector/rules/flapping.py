"""Alerts that come and go: when they count as flapping, and how long their recovery is then held back.

An alert's history is one flag for each check: did it change between active and recovered? It flaps once the history (of
at most `look_back_window` checks) holds `status_change_threshold` changes, and stops only when a full history holds
none.
While it flaps, a recovery counts only after `status_change_threshold` checks in a row without the alert.
Source: Kibana docs, "View alerts" (flapping); observed Kibana behaviour.
"""

from __future__ import annotations

from collections.abc import Sequence

from sandtable_connector.rules.rule_file import Flapping


def extended(history: Sequence[bool], changed: bool, settings: Flapping) -> list[bool]:
    """Return the history with one more check, no longer than the look-back window."""
    return [*history, changed][-settings.look_back_window :]


def is_flapping(history: Sequence[bool], settings: Flapping, *, already: bool) -> bool:
    """Return whether an alert with this history flaps, given whether it did so at the check before."""
    if not settings.enabled:
        return False
    changes = sum(history)
    if already:
        return changes > 0 or len(history) < settings.look_back_window
    return changes >= settings.status_change_threshold


def holds_back(pending: int, settings: Flapping, *, flapping: bool) -> bool:
    """Return whether the recovery of an alert, absent for `pending` checks in a row, still has to wait."""
    return flapping and settings.enabled and pending < settings.status_change_threshold
