"""`sandtable clone`: a copy of what an account may see of a running instance, as one file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandtable.cli.running_instance.reading_accounts import reader_of, reading_options, table_names

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PREFIX = "SANDTABLE_CLONE"


@click.command(
    context_settings={"auto_envvar_prefix": PREFIX},
    epilog="Only reads. An interrupted run goes on where it stopped when it is started again with the same options. "
    f"Every option can be given as {PREFIX}_..., which keeps passwords out of the list of processes. Load the file "
    "with `sandtable serve --load FILE`.",
)
@reading_options
@click.option("--tables", required=True, metavar="NAMES", help="Comma list of tables or patterns: incident,u_*.")
@click.option("--into", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@click.option("--query", "queries", multiple=True, metavar="TABLE:QUERY", help="Which records of a table; repeatable.")
@click.option("--records", default=1000, show_default=True, type=click.IntRange(0), help="Most of a table; 0: all.")
@click.option(
    "--depth", default=1, show_default=True, type=click.IntRange(0, 5), help="How far references are followed."
)
@click.option("--real-people", is_flag=True, help="Keep names and addresses of people instead of invented ones.")
@click.option("--dry-run", is_flag=True, help="Only count what would be read.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def clone(url: str, tables: str, into: Path, queries: tuple[str, ...], **given: Any) -> None:
    """Copy tables, choices, rules and sample records of an instance into a file, through its Table API."""
    from sandtable.cloning.clone import Clone, Plan
    from sandtable.cloning.reading import CannotRead

    by_table = {}
    for each in queries:
        table, colon, query = each.partition(":")
        if not colon:
            raise click.UsageError(f"--query {each!r} must be TABLE:QUERY, such as incident:active=true")
        by_table[table.strip()] = query
    if not into.parent.is_dir():
        raise click.UsageError(f"--into {into} cannot be written: there is no folder {into.parent}")
    names = table_names(tables)
    plan = Plan(names, by_table, given["records"], given["depth"], real_people=given["real_people"])

    def tell(table: str, count: int, of: int) -> None:
        if not given["as_json"]:
            bar.show(table, count, of)

    bar = Bar()
    copy = Clone(reader_of(url, given), plan, into, tell=tell)
    try:
        with bar:
            told = copy.counts() if given["dry_run"] else copy.run().shown()
    except CannotRead as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{into} cannot be written: {error.strerror or error}") from None
    if given["as_json"]:
        click.echo(json.dumps(told, indent=2))
        return
    for name, value in told.items():
        click.echo(f"{name}: {json.dumps(value) if isinstance(value, dict) else value}")


class Bar:
    """How far a copy is: a bar a table at a terminal, a line a page elsewhere."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bar:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            self._bars = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bars.start()
        return self

    def __exit__(self, *raised: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def show(self, table: str, count: int, of: int) -> None:
        """Show how many rows of a table are there, and of how many where that is known."""
        if self._bars is None:
            click.echo(f"{table}: {count}" + (f" of {of}" if of else ""), err=True)
            return
        if table not in self._tasks:
            self._tasks[table] = self._bars.add_task(table)
        self._bars.update(self._tasks[table], completed=count, total=max(of, count))
