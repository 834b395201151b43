"""`sandtable serve`: start an instance, say where it is, and stop in good order."""

from __future__ import annotations

import dataclasses
import gc
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sandtable.cli.listening import leave_when_told, reach_lines, stop_when_told
from sandtable.settings.settings import LOG_FORMATS, Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.web.worlds.worlds import Worlds

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


def _load(worlds: Worlds, paths: tuple[str, ...]) -> None:
    """Load what settings name into the default world, which then begins with it. Raises click.ClickException."""
    if not paths:
        return
    from sandtable.library.loaded import LoadError, load_path

    def fill(instance: Instance) -> None:
        for path in paths:
            try:
                done = load_path(instance, Path(path))
            except LoadError as error:
                raise click.ClickException(f"--load {path}: {error}") from None
            for part, told in done:
                counts = ", ".join(f"{told[name]} {name}" for name in ("inserted", "updated", "deleted") if told[name])
                click.echo(f"loaded {part}: {counts or 'nothing new'}", err=True)

    worlds.world(worlds.default.name).begin_filled(fill)


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, which end it at once while it starts.

    Raises click.ClickException when the instance or the server cannot start."""
    leave_when_told()
    gc.disable()  # until it serves: what is imported and built now stays, and looking through it costs a tenth
    from sandtable.serving.assembly import AssemblyError, client_authorities, make_worlds
    from sandtable.serving.reach import Reach
    from sandtable.serving.server import ServerError
    from sandtable.serving.tls.errors import AuthorityError
    from sandtable.web.app import create_app
    from sandtable.web.journal.request_log import RequestLog

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        worlds = make_worlds(settings)
    except AssemblyError as error:
        raise click.ClickException(str(error)) from None
    if worlds.default.store.notice:
        click.echo(f"{settings.data}: {worlds.default.store.notice}", err=True)
    if settings.demo_data:
        from sandtable.cli.demo_data import fill

        worlds.world(worlds.default.name).begin_filled(lambda instance: fill(instance, settings.scale))
    _load(worlds, settings.load if worlds.default.store.was_empty else ())
    app = create_app(worlds, settings, log=RequestLog(settings.log))
    try:
        reach = Reach(app, settings, lambda: client_authorities(worlds)).start()
    except (ServerError, AuthorityError) as error:
        raise click.ClickException(str(error)) from None
    for warning in exposure_warnings(settings, worlds.default):
        click.echo(f"warning: {warning}", err=True)
    for line in (*reach_lines(reach), *release_lines(worlds.default)):
        click.echo(line, err=True)
    stopped = stop_when_told()
    gc.freeze()
    gc.enable()
    click.echo(ready_line(settings.base_url or reach.server.url, settings))
    stopped.wait()
    click.echo("stopping", err=True)
    reach.stop()
    worlds.default.close()


def ready_line(url: str, settings: Settings) -> str:
    """Return the line that says the server is ready: its URL first, then who can sign in."""
    users = [("admin", settings.admin_password, Settings.admin_password)]
    if not settings.empty:
        users.append(("elastic.integration", settings.integration_password, Settings.integration_password))
    # A password that somebody chose is theirs to know; it does not go into a log.
    shown = [f"{name} / {password if password == default else '********'}" for name, password, default in users]
    return f"ready at {url}  ({', '.join(shown)})"


def release_lines(instance: Instance) -> list[str]:
    """Return what differs from the default release, and what somebody has set otherwise; nothing for the default."""
    from sandtable.core.images import releases

    now = releases.release_in_force(instance)
    lines = []
    if (now.family, now.kind, now.basic_auth) != (releases.default_family(), releases.UPGRADED, releases.OPEN):
        lines.append(f"answers as {now.family}, {now.kind}, Basic authentication {now.basic_auth}")
    if now.basic_auth == releases.ENFORCED:
        lines.append("passwords of people do not open the APIs: use the integration user, a role or OAuth")
    if now.differing:
        lines.append(f"set otherwise than {now.family}: {', '.join(now.differing)}")
    return lines


def exposure_warnings(settings: Settings, instance: Instance) -> list[str]:
    """Return what to tell somebody whose instance others can reach: what lets them in that they could know."""
    if not settings.exposed:
        return []
    reached = f"{settings.host} can be reached by other machines, and "
    warnings = []
    if settings.has_default_password:
        warnings.append(
            f"{reached}the passwords are those of the documentation; set --admin-password and --integration-password"
        )
    from sandtable.serving.assembly import sample_logins

    samples = sample_logins(instance)
    if samples:
        more = f" and {len(samples) - 3} more" if len(samples) > 3 else ""
        warnings.append(
            f"{reached}{', '.join(samples[:3])}{more} sign in with their own name as the password; "
            "start with --no-sample-logins"
        )
    if settings.plane and not settings.plane_token:
        warnings.append(
            f"{reached}the test plane, which reads and changes everything, asks for no token; "
            "set --plane-token, or switch it off with --no-plane"
        )
    return warnings
