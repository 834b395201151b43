"""`sandtable connector`: make, show, change, try and run connectors, and offer them over Kibana's API."""

from __future__ import annotations

import click

from sandtable_connector.cli import keeping, running

LONGEST = 10_000  # letters of a summary


class WholeSummaries(click.Group):
    """A group whose help shows each summary whole; click cuts what is longer than a line."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands below the options."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, self.commands[name].get_short_help_str(LONGEST)) for name in self.list_commands(ctx)]
            )


@click.group(
    cls=WholeSummaries,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    epilog="Exit codes: 0 done, 1 the action failed, 2 something given is refused, 3 failed but worth another try, "
    "4 no such connector.",
)
def connector() -> None:
    """Make, show, change, try and run connectors to a ServiceNow instance."""


for command in (*keeping.COMMANDS, *running.COMMANDS):
    connector.add_command(command)
