"""The scripts that records hold, as the platform has them run: what it asks of whoever runs them, and nothing else.

The platform knows no script engine. Whoever assembles an instance hands in a host, or none; without one, or with one
that is not ready, a script is not run and the ledger is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandtable.core.platform.contracts import Instance, Session
    from sandtable.core.platform.record import Record
    from sandtable.core.platform.writing.rules import RuleContext
    from sandtable.core.query import Query


@dataclass(frozen=True, slots=True)
class Displayed:
    """What display rules leave to a form: values shown and never stored, messages (kind, text), the scratchpad."""

    values: Mapping[str, str] = field(default_factory=dict)
    messages: tuple[tuple[str, str], ...] = ()
    scratchpad: Mapping[str, object] = field(default_factory=dict)


class ScriptHost(Protocol):
    """Runs scripts of records. What one raises comes out as ScriptError, what it refuses as Aborted and the like."""

    def ready(self) -> bool:
        """Tell whether scripts can be run at all."""

    def runner(self) -> object | None:
        """Return what runs the scripts, for tools that know its class; None where scripts cannot be run."""

    def log_sources(self) -> frozenset[str]:
        """Return the sources under which scripts have written to the system log."""

    def forget(self) -> None:
        """Forget what tests have planted for scripts, without loading anything for it."""

    def rule(self, record: Record, context: RuleContext) -> None:
        """Run the condition and the script of a business rule; sets `context.aborted` when the script asks for it."""

    def display(self, session: Session, record: Record, *, is_new: bool) -> Displayed:
        """Run the display rules of a record that a form is about to show."""

    def later(self, record: Record, context: RuleContext) -> None:
        """Have an asynchronous business rule run after the write."""

    def query_conditions(self, session: Session, table: str) -> tuple[Query, ...]:
        """Return what the query rules of a table add to a query of it."""

    def default_value(self, session: Session, table: str, values: Mapping[str, str], expression: str) -> str | None:
        """Return what a default of the dictionary gives, or None for nothing."""

    def query_value(self, session: Session, expression: str) -> str | tuple[str, ...] | None:
        """Return what the `javascript:` value of a query gives in the sandbox, or None for what it refuses."""

    def unreadable(self, instance: Instance, script: str, *, returns: bool) -> str:
        """Return why a script cannot be read, empty when it can; `returns` lets it return from the top."""

    def access(self, session: Session, rule: str, script: str, table: str, record: Record | None) -> bool:
        """Tell whether the script of an access control passes."""

    def record_change(self, session: Session, record: Record) -> None:
        """Enter a record into the user's current update set as it is now, whatever its table."""

    def current_update_set(self, session: Session, scope: str) -> str:
        """Return the sys_id of the update set that the user's changes to an application go to."""

    def waits(self, instance: Instance) -> bool:
        """Tell whether there is something for `run_jobs` to do now."""

    def run_jobs(self, instance: Instance) -> int:
        """Run what is due: asynchronous rules, events, scheduled scripts. Returns how much was done."""


@dataclass(frozen=True, slots=True)
class Scripts:
    """Where the platform finds who runs scripts of records, as a part of an instance."""

    host: ScriptHost | None = None


def host_of(instance: Instance) -> ScriptHost | None:
    """Return who runs scripts of an instance; None where they are not run."""
    host = instance.part(Scripts).host
    return host if host is not None and host.ready() else None
