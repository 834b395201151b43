"""The life of a request, in order. Read this file first.

ENTRY runs on the bare WSGI environment, before routing: it may change the path and the method that are routed.
AROUND is what a request passes on its way in and the answer on its way out, the first being the outermost. The test
plane (`/_sandtable/`) passes it untouched.
BEFORE runs before the view; a step that returns an answer ends the walk, a step that raises is answered as an error.
The view runs in one transaction of the instance (see app.py): it parses, asks the core, and presents.
AFTER runs on every answer, errors included; the tuple is walked from top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Response

from sandtable.web.apis.tiny_urls import expand_tiny_url
from sandtable.web.plane.guard import guard_the_plane
from sandtable.web.steps.api_access import check_api_access, refuse_address
from sandtable.web.steps.authentication import authenticate
from sandtable.web.steps.background import do_due_jobs
from sandtable.web.steps.compression import compress
from sandtable.web.steps.cors import add_cors_headers, answer_preflight
from sandtable.web.steps.entry import override_method, select_world
from sandtable.web.steps.fault_step import refuse_as_planned, suffer_faults
from sandtable.web.steps.journal_step import keep_journal
from sandtable.web.steps.long_addresses import refuse_long_address
from sandtable.web.steps.platform_headers import add_platform_headers
from sandtable.web.steps.rate_limit import limit_rate
from sandtable.web.steps.unsimulated import add_ledger_headers, note_headers
from sandtable.web.transaction import Transaction
from sandtable.web.wire.whole_body import expect_whole_body
from sandtable.web.worlds.generation import stay_in_one_generation

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Around = Callable[["WSGIApplication", "WSGIEnvironment", "StartResponse"], Iterable[bytes]]
Before = Callable[[Transaction], Response | None]
After = Callable[[Transaction, Response], Response]

ENTRY = (
    expect_whole_body,
    select_world,
    override_method,
    expand_tiny_url,
)

AROUND: tuple[Around, ...] = (
    stay_in_one_generation,
    keep_journal,
    suffer_faults,
)

BEFORE: tuple[Before, ...] = (
    guard_the_plane,
    refuse_address,
    refuse_long_address,
    answer_preflight,
    note_headers,
    do_due_jobs,
    authenticate,
    check_api_access,
    refuse_as_planned,
    limit_rate,
)

AFTER: tuple[After, ...] = (
    add_cors_headers,
    compress,
    add_ledger_headers,
    add_platform_headers,
)


def walk_before(transaction: Transaction) -> Response | None:
    """Run the steps before the view; return the answer of the first that has one."""
    for step in BEFORE:
        answer = step(transaction)
        if answer is not None:
            return answer
    return None


def walk_after(transaction: Transaction, answer: Response) -> Response:
    """Run the steps after the view, and return what is sent."""
    for step in AFTER:
        answer = step(transaction, answer)
    return answer
