"""What the command line offers."""

from __future__ import annotations

from collections.abc import Iterator

import click

from sandtable.cli import main


def every_command(command: click.Command = main, whole: str = "sandtable") -> Iterator[tuple[str, click.Command]]:
    """Yield every command that is not hidden, with its whole name, groups before what is in them."""
    yield whole, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from every_command(inner, f"{whole} {name}")


def options_of(command: click.Command) -> list[str]:
    """Return the options of a command, the negative ones too, without its arguments."""
    found = [option for each in command.params for option in (*each.opts, *each.secondary_opts)]
    return [option for option in found if option.startswith("-")]
