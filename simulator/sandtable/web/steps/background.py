"""The background work of an instance, done at the beginning of a request that finds it due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandtable.core.applications.jobs import run_due_jobs
from sandtable.core.store.data_file import try_to

if TYPE_CHECKING:
    from flask import Response

    from sandtable.web.transaction import Transaction


def do_due_jobs(transaction: Transaction) -> Response | None:
    """Do what is due by the instance's clock, before the request can see that it was not done."""
    instance = transaction.instance
    # What cannot be kept for want of space is still due at the next request; this one may only want to read.
    try_to(lambda: run_due_jobs(instance))
    # What the instance does by itself is not the work of the request that found it due.
    transaction.changes.clear()
    return None
