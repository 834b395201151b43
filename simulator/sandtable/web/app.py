"""The Flask application: one before and one after function that walk the pipeline, and one blueprint per API."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import lru_cache, partial, wraps
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request
from werkzeug.wrappers import Response as AnyResponse

from sandtable.core.values.errors import DatabaseUnavailable, NeedsToWrite
from sandtable.core.values.texts import whole_number
from sandtable.settings.settings import Settings
from sandtable.web import console, plane
from sandtable.web.apis import (
    aggregate_api,
    attachment_api,
    attachment_attributes,
    batch_api,
    cmdb_api,
    health_api,
    import_api,
    meta_api,
    oauth_api,
    scripted_api,
    table_api,
    tiny_urls,
)
from sandtable.web.dispatch import Application
from sandtable.web.environ import CONSOLE_PREFIX, FAULTS, LOG, PLANE_PREFIX, TRANSACTIONS, is_unobserved
from sandtable.web.errors import any_error
from sandtable.web.journal.request_log import RequestLog
from sandtable.web.pipeline import AROUND, ENTRY, walk_after, walk_before
from sandtable.web.processors import file_import, sdk, sdk_project, uploads
from sandtable.web.processors import routes as processors
from sandtable.web.transaction import Transaction, current, incoming
from sandtable.web.wire.body import wait_for_body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from sandtable.core.platform.instance import Instance
    from sandtable.web.worlds.worlds import Worlds

# The scripted APIs answer what no other API does, so they come last.
BLUEPRINTS = (
    health_api.blueprint,
    console.blueprint,
    plane.blueprint,
    oauth_api.blueprint,
    table_api.blueprint,
    import_api.blueprint,
    aggregate_api.blueprint,
    attachment_api.blueprint,
    attachment_attributes.blueprint,
    batch_api.blueprint,
    cmdb_api.blueprint,
    meta_api.blueprint,
    tiny_urls.blueprint,
    file_import.blueprint,
    sdk.blueprint,
    sdk_project.blueprint,
    uploads.blueprint,
    processors.blueprint,
    scripted_api.blueprint,
)
UNLOGGED = (f"{CONSOLE_PREFIX}/", f"{PLANE_PREFIX}/health/")
# What tells, of an application, whether an answer may keep its client waiting.
MAY_WAIT = "sandtable.may_wait"
# Blueprints that open their own transactions: one replaces what a transaction stands on, two take files of slow
# clients, one runs other requests, and pages are drawn when nobody waits for them any more.
UNWRAPPED = frozenset(
    {"plane", "attachment_api", "batch_api", "file_import", "console", "processors", "sdk", "sdk_project", "uploads"}
)


SAFE = frozenset({"GET", "HEAD"})
QUOTA, DEFAULT_QUOTA = "sandtable.quota.rest_seconds", 60


def create_app(worlds: Worlds, settings: Settings | None = None, *, log: RequestLog | None = None) -> Flask:
    """Return the WSGI application that serves these worlds; `log` gets a line per request, none when left out."""
    in_force = settings or Settings()
    request_log = log or RequestLog("off")

    def start() -> Response | None:
        return walk_before(begin(in_force))

    def finish(answer: Response) -> Response:
        transaction = current()
        answer = walk_after(transaction, answer)
        # Pages of the console look again every second or two, and so do probes of containers.
        if request_log.kind != "off" and not transaction.path.startswith(UNLOGGED):
            environ = transaction.environ
            elapsed = (time.perf_counter() - transaction.started) * 1000
            target = environ.get("RAW_URI") or request.full_path
            faults = environ.get(FAULTS, ())
            request_log.write(transaction, request.method, target, answer.status_code, elapsed, faults)
        return answer

    app = _routed().serving(begin=start, finish=finish, end=end)
    app.extensions[MAY_WAIT] = worlds.may_wait
    app.wsgi_app = _entered(worlds, app.answer, request_log)  # type: ignore[method-assign]
    return app


# What is routed where depends on the code alone, and to compile the routes takes longer than to make an instance.
@lru_cache(maxsize=1)
def _routed() -> Application:
    app = Application("sandtable")
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for endpoint, view in app.view_functions.items():
        if endpoint.partition(".")[0] not in UNWRAPPED:
            app.view_functions[endpoint] = in_one_transaction(view)
    app.register_error_handler(Exception, any_error)
    return app


def _entered(
    worlds: Worlds, application: Callable[..., Iterable[bytes]], log: RequestLog
) -> Callable[..., Iterable[bytes]]:
    for around in reversed(AROUND):
        application = partial(around, application)

    def wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[LOG] = log
        for step in ENTRY:
            step(worlds, environ)
        return application(environ, start_response)

    return wsgi_app


def begin(settings: Settings) -> Transaction:
    """Make the transaction of the request, and start to collect what is not simulated."""
    asked = incoming()
    environ = asked.environ
    world = environ["sandtable.world"]
    instance = world.instance
    transaction = Transaction(
        world=world,
        settings=settings,
        # What a test does to the plane must not change the ids that records get.
        transaction_id="" if is_unobserved(environ) else f"{instance.random.getrandbits(48):012x}",
        started=time.perf_counter(),
        session=instance.guest(),
        environ=environ,
        path=asked.path,
    )
    g.transaction = transaction
    transaction.notes = instance.ledger.begin()
    if TRANSACTIONS in environ:
        transaction.changes = instance.watch.begin()
        environ[TRANSACTIONS].append(transaction)
    return transaction


def end() -> None:
    """Collect no more for the request."""
    transaction: Transaction | None = g.get("transaction")
    if transaction is not None:
        transaction.instance.ledger.end(transaction.notes)
        if transaction.opened_session is not None and transaction.instance.store.shared:
            transaction.world.sessions.save(transaction.opened_session)
        if TRANSACTIONS in transaction.environ:
            transaction.instance.watch.end(transaction.changes)


def in_one_transaction(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return the view run in one transaction of the instance: what it raises leaves nothing written."""

    @wraps(view)
    def wrapped(*args: Any, **path: Any) -> AnyResponse:
        transaction = current()
        instance = transaction.instance
        wait_for_body(incoming(), instance)
        if not instance.store.shared:
            return once(instance, *args, **path)
        try:
            return once(instance, *args, reading=incoming().method in SAFE, **path)
        except (NeedsToWrite, DatabaseUnavailable):
            # All of it was taken back: it reads no body, which is here, and knows nothing of the first time.
            return once(instance, *args, **path)

    def once(instance: Instance, *args: Any, reading: bool = False, **path: Any) -> AnyResponse:
        with instance.transaction(reading=reading):
            quota = _quota(instance)
            until = time.monotonic() + quota
            instance.store.expired = (lambda: time.monotonic() > until) if quota else never
            try:
                answer: AnyResponse = view(*args, **path)
                return answer
            finally:
                instance.store.expired = never

    return wrapped


def never() -> bool:
    """Tell that there is time enough, whatever it takes."""
    return False


def _quota(instance: Instance) -> float:
    """Return how many seconds a request may work, by `sandtable.quota.rest_seconds`; 0 is without limit.

    Source: the rule "REST Table API request timeout" of a fresh instance.
    """
    return float(whole_number(instance.property(QUOTA), DEFAULT_QUOTA))
