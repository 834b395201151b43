"""The background work of an instance, done at the beginning of a request that finds it due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.applications.jobs import run_due_jobs

if TYPE_CHECKING:
    from flask import Response

    from sandtable.web.transaction import Transaction


def do_due_jobs(transaction: Transaction) -> Response | None:
    """Do what is due by the instance's clock, before the request can see that it was not done."""
    run_due_jobs(transaction.instance)
    # What the instance does by itself is not the work of the request that found it due.
    transaction.changes.clear()
    return None
