"""Listening until the process is told to stop, for the commands that serve something else than an instance."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Command = TypeVar("Command", bound=Callable[..., Any])
PORT = click.IntRange(0, 65535)


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
    from sandtable.cli.serve import reach_lines
    from sandtable.serving.reach import Reach
    from sandtable.serving.server import ServerError
    from sandtable.serving.tls.errors import AuthorityError
    from sandtable.settings.settings import Settings, SettingsError

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        settings = Settings(host=host, port=port, tls=tls, proxy=proxy, ca_folder=ca_folder)
        reach = Reach(application, settings).start()
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    except (ServerError, AuthorityError) as error:
        raise click.ClickException(str(error)) from None
    for line in reach_lines(reach):
        click.echo(line, err=True)
    click.echo(f"ready at {reach.server.url}  ({doing})")
    stopped.wait()
    reach.stop()
