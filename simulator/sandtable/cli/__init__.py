"""The `sandtable` command. Its subcommands are found by entry point and imported only when they are run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from sandtable.cli.groups import JsonErrors

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "sandtable.commands"
# The simulator's own, so that starting it does not first search every installed package for commands.
OWN: Mapping[str, str] = {
    "serve": "sandtable.cli.serving.serve:serve",
    "app": "sandtable.cli.running_instance.app:app",
    "ca": "sandtable.cli.serving.ca:ca",
    "clone": "sandtable.cli.running_instance.clone:clone",
    "drift": "sandtable.cli.running_instance.drift:drift",
    "doctor": "sandtable.cli.running_instance.doctor:doctor",
    "health": "sandtable.cli.serving.health:health",
    "oauth": "sandtable.cli.oauth:oauth",
    "record": "sandtable.cli.record:record",
    "release": "sandtable.cli.release:release",
    "replay": "sandtable.cli.replay:replay",
    "script": "sandtable.cli.script:script",
    "version": "sandtable.cli.version:version",
    "completion": "sandtable.cli.completion:completion",
    "reset": "sandtable.cli.plane.state:reset",
    "ids": "sandtable.cli.plane.state:ids",
    "load": "sandtable.cli.plane.state:load",
    "snapshot": "sandtable.cli.plane.state:snapshot",
    "clock": "sandtable.cli.plane.state:clock",
    "worlds": "sandtable.cli.plane.state:worlds",
    "requests": "sandtable.cli.plane.watch:requests_command",
    "verify": "sandtable.cli.plane.watch:verify",
    "unsimulated": "sandtable.cli.plane.watch:unsimulated",
    "explain": "sandtable.cli.plane.watch:explain",
    "faults": "sandtable.cli.plane.faults:faults",
}


class Commands(JsonErrors):
    """A group whose commands are this package's own and every one that an installed package offers."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            from sandtable.cli.extras import MissingExtra

            missing = MissingExtra.of(error, ctx.invoked_subcommand or "")
            if missing is None:
                raise
            raise missing from None
        except UnicodeEncodeError as error:
            # A shell hands over any bytes, and a header takes fewer letters than a text.
            letter = error.object[error.start]
            raise click.UsageError(
                f"{error.object[:60]!r} holds {letter!r}, which can stand neither there nor be sent"
            ) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*OWN, *(point.name for point in offered())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in OWN:
            return _loaded(OWN[cmd_name])
        for point in offered():
            if point.name == cmd_name:
                command: click.Command = point.load()
                return command
        return None


def offered() -> Iterator[EntryPoint]:
    """Yield the entry points of commands that installed packages offer, beside our own."""
    from importlib.metadata import entry_points

    yield from (point for point in entry_points(group=GROUP) if point.name not in OWN)


def _loaded(target: str) -> click.Command:
    from importlib import import_module

    module, _, name = target.partition(":")
    command: click.Command = getattr(import_module(module), name)
    return command


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click calls it so
    if value and not ctx.resilient_parsing:
        from sandtable.settings.distribution import installed_version

        click.echo(f"sandtable {installed_version() or 'not installed'}")
        ctx.exit()


@click.command(
    "sandtable",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with:  sandtable serve",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and leave; `sandtable version` tells more.",
)
def main(**_: Any) -> None:
    """A ServiceNow instance on your own machine."""
