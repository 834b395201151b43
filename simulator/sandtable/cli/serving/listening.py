"""Listening until the process is told to stop: at once while it starts, in good order later, at once if told again."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from sandtable.serving.reach import Reach

Command = TypeVar("Command", bound=Callable[..., Any])
PORT = click.IntRange(0, 65535)
SIGNALS = (signal.SIGINT, signal.SIGTERM)
BETWEEN_LOOKS = 0.5  # seconds
SHOW_CURSOR = b"\x1b[?25h"  # which a progress bar hides


def listening_options(command: Command) -> Command:
    """Add the options of `listen`, which the command takes as keywords and hands on."""
    for option in (
        click.option("--ca-folder", default="", envvar="SANDTABLE_CA_FOLDER", metavar="DIR", help="Folder of the CA."),
        click.option(
            "--proxy", type=PORT, metavar="PORT", help="Also listen as a proxy that answers for *.service-now.com."
        ),
        click.option("--tls", is_flag=True, help="Serve HTTPS with a certificate of the development CA."),
        click.option("--port", default=8080, show_default=True, type=PORT, help="0 takes a free one."),
        click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    ):
        command = option(command)
    return command


def listen(
    application: WSGIApplication, doing: str, *, host: str, port: int, tls: bool, proxy: int | None, ca_folder: str
) -> None:
    """Serve an application until SIGINT or SIGTERM, and say where, and that it is `doing` something.

    Raises click.ClickException when an address is taken or the development CA cannot be used, and click.UsageError for
    options that do not go together.
    """
    from sandtable.serving.reach import Reach
    from sandtable.serving.server import ServerError
    from sandtable.serving.tls.errors import AuthorityError
    from sandtable.settings.settings import Settings, SettingsError

    leave_when_told()
    try:
        settings = Settings(host=host, port=port, tls=tls, proxy=proxy, ca_folder=ca_folder)
        reach = Reach(application, settings).start()
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    except (ServerError, AuthorityError) as error:
        raise click.ClickException(str(error)) from None
    stopped = stop_when_told()
    for line in reach_lines(reach):
        click.echo(line, err=True)
    click.echo(f"ready at {reach.server.url}  ({doing})")
    stopped.wait()
    reach.stop()


def leave_when_told() -> None:
    """End the process on SIGINT and SIGTERM, whatever it is at, as a kill would: nothing half-made is kept."""
    for number in SIGNALS:
        signal.signal(number, _leave)


class Told(threading.Event):
    """An event that a signal sets.

    Its wait looks up now and then: the system may hand a signal to any thread of the process, and Python runs the
    handler only when the main thread, which waits here, next does anything.
    """

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or for `timeout` seconds; tell whether it is set."""
        if timeout is not None:
            return super().wait(timeout)
        while not super().wait(BETWEEN_LOOKS):
            pass
        return True


def stop_when_told() -> threading.Event:
    """Return what SIGINT and SIGTERM set from now on; the second one ends the process."""
    stopped = Told()

    def stop(number: int, frame: FrameType | None) -> None:
        if stopped.is_set():
            _leave(number, frame)
        stopped.set()

    for number in SIGNALS:
        signal.signal(number, stop)
    return stopped


def _leave(number: int, frame: FrameType | None) -> None:
    # Not through the exceptions of whatever is running: a transaction of a million records takes as long to take back.
    os.write(2, (SHOW_CURSOR if sys.stderr.isatty() else b"") + b"stopped\n")
    os._exit(128 + number)


def reach_lines(reach: Reach) -> list[str]:
    """Return what a client needs to know beside the URL: the certificate to trust, and the proxy."""
    lines = []
    if reach.authority is not None:
        lines.append(f"CA certificate for clients: {reach.authority.certificate_path}")
    if reach.proxy is not None:
        lines.append(f"proxy for {', '.join(reach.proxy.hosts)}: HTTPS_PROXY={reach.proxy.url}")
    return lines
