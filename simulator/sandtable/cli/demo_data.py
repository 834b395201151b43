"""Demo data at start, with a progress bar for people and a line now and then for logs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sandtable.cli.extras import MissingExtra, how_to_install
from sandtable.demodata import DemoDataError, FakerMissing, Progress, load, loaded_scale

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance

EVERY = 50_000  # records between two lines of a log


def fill(instance: Instance, scale: int) -> None:
    """Load demo data into an instance that has none, and say so on stderr. Raises click.ClickException."""
    known = loaded_scale(instance)
    if known:
        click.echo(f"demo data of scale {known} is there already", err=True)
        return
    try:
        if sys.stderr.isatty():
            made = _with_a_bar(instance, scale)
        else:
            made = load(instance, scale=scale, progress=_in_lines())
    except FakerMissing as error:
        raise MissingExtra(f"{error}: {how_to_install('demo')}") from None
    except DemoDataError as error:
        raise click.ClickException(str(error)) from None
    shown = ", ".join(f"{made.get(table, 0):,} {label}" for table, label in SHOWN)
    click.echo(f"demo data loaded: {shown}", err=True)


SHOWN = (
    ("sys_user", "people"),
    ("incident", "incidents"),
    ("problem", "problems"),
    ("change_request", "changes"),
    ("sys_journal_field", "journal entries"),
)


def _with_a_bar(instance: Instance, scale: int) -> dict[str, int]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("demo data", total=None)

        def progress(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=f"demo data: {what}")

        return load(instance, scale=scale, progress=progress)


def _in_lines() -> Progress:
    told = -EVERY

    def progress(done: int, total: int, what: str) -> None:
        nonlocal told
        if done - told >= EVERY and total > EVERY:  # what takes a moment is told when it is done
            told = done
            click.echo(f"demo data: {done:,} of {total:,} records", err=True)

    return progress
