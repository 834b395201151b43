"""`sandtable serve`: start an instance, say where it is, and stop in good order."""

from __future__ import annotations

import dataclasses
import gc
import json
import logging
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from sandtable.cli.serving.beginning import begun_meter, begun_worlds, exposure_warnings, ready_line, release_lines
from sandtable.cli.serving.listening import leave_when_told, reach_lines, stop_when_told
from sandtable.settings.settings import LOG_FORMATS, Settings, SettingsError, load_settings

Command = TypeVar("Command", bound=Callable[..., Any])
TYPES: dict[str, Any] = {"int": int, "int | None": int, "str": str}


def settings_options(command: Command) -> Command:
    """Add one option for each field of Settings; what is not given stays out of the way of file and environment."""
    for item in reversed(dataclasses.fields(Settings)):
        flag = f"--{item.name.replace('_', '-')}"
        text = item.metadata["help"]
        kind = str(item.type)
        if item.name == "properties":
            option = click.option(
                "--property", "properties", multiple=True, metavar="NAME=VALUE", help="A system property; repeatable."
            )
        elif kind == "tuple[str, ...]":
            option = click.option(flag, item.name, multiple=True, metavar="PATH", help=f"{text} Repeatable.")
        elif kind == "bool":
            option = click.option(f"{flag}/--no-{flag[2:]}", item.name, default=None, help=text)
        elif item.name == "log":
            option = click.option(flag, item.name, type=click.Choice(LOG_FORMATS), default=None, help=text)
        else:
            option = click.option(flag, item.name, type=TYPES[kind], default=None, help=f"{text}{_default(item)}")
        command = option(command)
    return command


def _default(item: dataclasses.Field[Any]) -> str:
    return f"  [{item.default}]" if item.default not in ("", None) else ""


@click.command(context_settings={"max_content_width": 120})
@settings_options
@click.option("--config", "file", metavar="FILE", help="TOML file with settings  [./sandtable.toml when it is there]")
@click.option("--show-settings", is_flag=True, help="Print the settings in force as JSON, and stop.")
def serve(file: str | None, show_settings: bool, properties: tuple[str, ...], **flags: Any) -> None:
    """Start an instance and answer requests until stopped with Ctrl-C or SIGTERM."""
    given = {name: value for name, value in flags.items() if value not in (None, ())}
    if properties:
        given["properties"] = _pairs(properties)
    try:
        settings = load_settings(given, file=file)
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    if show_settings:
        click.echo(json.dumps(settings.shown(), indent=2))
        return
    run(settings)


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"--property takes NAME=VALUE, not {text!r}")
        pairs[name.strip()] = value
    return pairs


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, which end it at once while it starts.

    Raises click.ClickException when the instance or the server cannot start."""
    if settings.workers > 1:
        from sandtable.cli.serving.serve_workers import run_workers

        run_workers(settings)
        return
    leave_when_told()
    gc.disable()  # until it serves: what is imported and built now stays, and looking through it costs a tenth
    from sandtable.serving.assembly import client_authorities
    from sandtable.serving.reach import Reach
    from sandtable.serving.server import ServerError
    from sandtable.serving.tls.errors import AuthorityError
    from sandtable.web.app import create_app
    from sandtable.web.journal.request_log import RequestLog

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    worlds = begun_worlds(settings)
    meter = begun_meter(settings)
    app = create_app(worlds, settings, log=RequestLog(settings.log)).wsgi_app
    try:
        reach = Reach(meter.around(app) if meter else app, settings, lambda: client_authorities(worlds)).start()
    except (ServerError, AuthorityError) as error:
        raise click.ClickException(str(error)) from None
    for warning in exposure_warnings(settings, worlds.default):
        click.echo(f"warning: {warning}", err=True)
    for line in (*reach_lines(reach), *release_lines(worlds.default)):
        click.echo(line, err=True)
    if meter is not None:
        meter.watch(worlds, reach.server)
        worlds.metrics = lambda: meter.told({"": meter.samples()})
    stopped = stop_when_told()
    gc.freeze()
    gc.enable()
    click.echo(ready_line(settings.base_url or reach.server.url, settings))
    stopped.wait()
    click.echo("stopping", err=True)
    reach.stop()
    worlds.default.close()
