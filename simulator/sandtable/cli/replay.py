"""`sandtable replay`: answer from recordings alone, or turn them into records for an instance to start with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from sandtable.cli.serving.listening import listen, listening_options


@click.command(
    epilog="Exits with 1 when a request came that was not recorded, else with 0. "
    "While it runs, GET /_sandtable/replay tells what was refused and what nobody asked for."
)
@click.argument("folder", metavar="DIR")
@listening_options
@click.option(
    "--as-records", "records_file", metavar="FILE", help="Write the records as records to load and stop; - prints them."
)
def replay(folder: str, records_file: str | None, **listening: Any) -> None:
    """Answer requests with the recordings in DIR, and refuse every other with 501."""
    from sandtable.recording import RecordingError, Replay, read_folder

    try:
        exchanges = read_folder(folder)
    except RecordingError as error:
        raise click.UsageError(str(error)) from None
    if records_file:
        _write_records(folder, records_file)
        return
    application = Replay(exchanges)
    listen(application, f"replaying {len(exchanges)} recordings of {folder}", **listening)
    for line in application.refused:
        click.echo(f"refused {line}", err=True)
    for name in application.unasked:
        click.echo(f"nobody asked for {name}", err=True)
    if application.refused:
        raise SystemExit(1)


def _write_records(folder: str, target: str) -> None:
    from sandtable.recording import read_folder, records_of

    found = records_of(read_folder(folder))
    for line in found.left_out:
        click.echo(f"left out {line}", err=True)
    text = json.dumps(found.records, indent=1, ensure_ascii=False)
    if target == "-":
        click.echo(text)
        return
    try:
        Path(target).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror or error}") from None
    counted = ", ".join(f"{len(rows)} of {table}" for table, rows in found.records.items()) or "no records"
    click.echo(f"{target}: {counted}")
