"""Listening until the process is told to stop, for the commands that serve something else than an instance."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def listen(application: WSGIApplication, host: str, port: int, doing: str) -> None:
    """Serve an application until SIGINT or SIGTERM. Raises click.ClickException when the address is taken."""
    from sandtable.server import Server, ServerError

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        with Server(application, host, port) as server:
            click.echo(f"ready at {server.url}  ({doing})")
            stopped.wait()
    except ServerError as error:
        raise click.ClickException(str(error)) from None
