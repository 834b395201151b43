"""Groups of commands as we want them: help that is never cut short, the nearest name for one that does not exist."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from sandtable.core.values.texts import nearest

# Longer than any summary, so that none is cut; click breaks the lines.
WHOLE = 10_000


class Group(click.Group):
    """A group whose help shows each summary whole and which names the nearest command for a wrong one."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands below the options, each with the whole first sentence of its help."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                rows.append((name, command.get_short_help_str(WHOLE)))
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name. Raises click.UsageError, with the nearest name, for none."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            near = nearest(name, self.list_commands(ctx))
            hint = f" Did you mean {near!r}?" if near else f" See '{ctx.command_path} --help'."
            ctx.fail(f"There is no command {name!r}.{hint}")
        return super().resolve_command(ctx, args)


class JsonErrors(Group):
    """The outermost group: where `--json` was asked for, what goes wrong is told as JSON on standard error too."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **named: Any) -> Any:
        """Run the command line; leaves with the exit code of what was raised."""
        given = list(sys.argv[1:] if args is None else args)
        if "--json" not in given or not named.get("standalone_mode", True):
            return super().main(args, *rest, **named)
        try:
            done = super().main(given, *rest, **{**named, "standalone_mode": False})
        except click.Abort:
            _tell("aborted", 1)
        except click.ClickException as error:
            _tell(error.format_message(), error.exit_code)
        sys.exit(done if isinstance(done, int) else 0)


def _tell(problem: str, code: int) -> None:
    click.echo(json.dumps({"error": problem, "exit_code": code}, ensure_ascii=False), err=True)
    sys.exit(code)
