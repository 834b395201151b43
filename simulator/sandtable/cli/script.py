"""`sandtable script`: run server-side JavaScript on an instance, as the page for background scripts does."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandtable.cli.groups import Group
from sandtable.cli.plane.asking import EXITS, REFUSED, plane_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandtable.library.plane_client import PlaneClient

SETTINGS: dict[str, Any] = {"max_content_width": 120}


@click.group(cls=Group, context_settings=SETTINGS)
def script() -> None:
    """Run server-side scripts on an instance."""


def script_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say how a script runs."""
    for name, default, text in (
        ("--scope", "global", "The scope that it runs in."),
        ("--user", "admin", "The user that it runs as."),
    ):
        command = click.option(name, default=default, show_default=True, help=text)(command)
    return command


@script.command(epilog=EXITS.replace("1 not found or not allowed", "1 the script failed"))
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@script_options
@click.option(
    "--data", default="", metavar="FILE", help="In place of --url: the data file of an instance that does not run."
)
@click.option("--new", is_flag=True, help="In place of --url: a new instance, which is forgotten afterwards.")
@plane_options
def run(client: PlaneClient, *, file: str, scope: str, user: str, data: str, new: bool, as_json: bool) -> None:
    """Run the script in FILE (- for standard input) and print the lines that it writes.

    It runs on the instance at --url, on the instance that a data file keeps, or on a new one. With --json everything
    that came of it is printed: lines, the value of its last expression, the error with its line.
    """
    if data and new:
        raise click.UsageError("give either --data FILE or --new, not both")
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{file} cannot be read: it is no text in UTF-8") from None
    name = "standard input" if file == "-" else Path(file).name
    if data or new:
        outcome = _here(text, data=data, scope=scope, user=user, name=name)
    else:
        body = {"script": text, "scope": scope, "user": user, "name": name}
        outcome = client.call("POST", "/scripts", body)
    if as_json:
        click.echo(json.dumps(outcome, indent=2, ensure_ascii=False))
    else:
        for line in outcome["lines"]:
            click.echo(f"{line['source']}: {line['text']}")
        if outcome["error"]:
            click.echo(outcome["error"], err=True)
    if outcome["error"]:
        sys.exit(REFUSED)


def _here(text: str, *, data: str, scope: str, user: str, name: str) -> dict[str, Any]:
    """Run a script on an instance of this process."""
    from sandtable.scripting import EngineUnusable
    from sandtable.scripting.tools import host_of
    from sandtable.serving.assembly import AssemblyError, create_instance

    try:
        instance = create_instance(data=data)
        session = instance.acting_as(user)
        host = host_of(instance)
    except (AssemblyError, EngineUnusable, LookupError) as error:
        raise click.ClickException(str(error)) from None
    try:
        return host.background(session, text, scope=scope, name=name).shown()
    finally:
        instance.close()
