"""`sandtable reset`, `load`, `snapshot`, `clock` and `worlds`: the state of a running instance."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandtable.cli.groups import Group
from sandtable.cli.plane.asking import EXITS, about, columns, nothing_of, plane_options, show

if TYPE_CHECKING:
    from sandtable.library.plane_client import PlaneClient

BESIDE = 5  # of the files that lie beside an application, so many are named


@click.command()
@click.option("--ids", type=int, default=None, metavar="NUMBER", help="Make the ids after the reset repeatable.")
@plane_options
def reset(client: PlaneClient, *, ids: int | None, as_json: bool) -> None:
    """Put a running instance back to how it began."""
    answer = client.reset(random_seed=ids)
    show(answer, f"{answer['world']} is as it began", as_json=as_json)


@click.command()
@click.argument("random_seed", type=int, metavar="NUMBER")
@plane_options
def ids(client: PlaneClient, *, random_seed: int, as_json: bool) -> None:
    """Make the ids of new records repeatable from here on: the same NUMBER gives the same."""
    answer = client.set_ids(random_seed)
    show(answer, f"ids go on from the number {answer['random_seed']}", as_json=as_json)


@click.command(epilog=EXITS)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--table", default="", help="Table of records that do not name one  [of CSV: the name of the file]")
@click.option("--rules/--no-rules", default=None, help="Run business rules  [yes, except for an XML export]")
@click.option("--values", type=click.Choice(["stored", "display"]), default=None, help="What the values are.")
@click.option(
    "--unknown", type=click.Choice(["refuse", "ignore", "create"]), default=None, help="What of unknown columns."
)
@click.option("--partial", is_flag=True, help="Take what can be taken of an update set or application.")
@plane_options
def load(
    client: PlaneClient,
    *,
    files: tuple[str, ...],
    table: str,
    rules: bool | None,
    values: str | None,
    unknown: str | None,
    partial: bool,
    as_json: bool,
) -> None:
    """Load records, update sets and applications: JSON, CSV, XML or ZIP files, or folders; - reads standard input."""
    answers: list[dict[str, Any]] = []
    for name in files:
        given: Path | bytes = sys.stdin.buffer.read() if name == "-" else Path(name)
        of = table or (given.stem if isinstance(given, Path) and given.suffix.lower() == ".csv" else "")
        if isinstance(given, bytes) and not given.strip():
            raise click.UsageError("standard input is empty; pipe JSON, CSV or XML into it, or name a file")
        try:
            with about(name, [str(each["file"]) for each in answers]):
                answer = client.load(
                    given, table=of, rules=rules, values=values or "", unknown=unknown or "", partial=partial
                )
        except OSError as error:
            raise click.UsageError(f"{name} cannot be read: {error.strerror or error}") from None
        answers.append({"file": name, **answer})
    lines = [
        f"{each['file']}: {each['inserted']} inserted, {each['updated']} updated, {each['deleted']} deleted"
        + ("" if each["inserted"] + each["updated"] + each["deleted"] else f": {nothing_of(each)}")
        + "".join(f"; ignored in {table}: {', '.join(names)}" for table, names in each["ignored_columns"].items())
        for each in answers
    ]
    for each in answers:
        package = each.get("package", {})
        lines += [f"  made: {table}: {', '.join(names)}" for table, names in package.get("made", {}).items()]
        if beside := package.get("beside", ()):
            more = f" and {len(beside) - BESIDE} more" if len(beside) > BESIDE else ""
            lines.append(f"  beside the application, not read: {', '.join(beside[:BESIDE])}{more}")
        lines += [f"  left: {left['where']}: {left['why']}" for left in package.get("left", ())]
    show(answers, "\n".join(lines), as_json=as_json)


@click.group(cls=Group)
def snapshot() -> None:
    """Take, restore, compare and carry away the state of a running instance."""


@snapshot.command("take")
@click.argument("name", default="")
@plane_options
def take_snapshot(client: PlaneClient, *, name: str, as_json: bool) -> None:
    """Keep the present moment."""
    answer = client.snapshot(name)
    show(answer, f"kept as {answer['name']}, {answer['bytes']} bytes", as_json=as_json)


@snapshot.command("restore")
@click.argument("name")
@plane_options
def restore_snapshot(client: PlaneClient, *, name: str, as_json: bool) -> None:
    """Go back to a snapshot."""
    answer = client.restore(name)
    show(answer, f"back at {answer['name']}, saved at {answer['saved_at']}", as_json=as_json)


@snapshot.command("list")
@plane_options
def list_snapshots(client: PlaneClient, *, as_json: bool) -> None:
    """List the snapshots."""
    found = client.snapshots()
    show(found, columns(found, ("name", "saved_at", "bytes"), empty="no snapshots"), as_json=as_json)


@snapshot.command("delete")
@click.argument("name")
@plane_options
def delete_snapshot(client: PlaneClient, *, name: str, as_json: bool) -> None:
    """Delete a snapshot."""
    client.delete_snapshot(name)
    show({"deleted": name}, f"{name} is deleted", as_json=as_json)


@snapshot.command("diff")
@click.argument("name")
@click.argument("to", default="")
@click.option("--table", default="", help="Only records of this table.")
@plane_options
def diff_snapshot(client: PlaneClient, *, name: str, to: str, table: str, as_json: bool) -> None:
    """Show what changed since a snapshot, or from it to another."""
    answer = client.difference(name, to, table=table)
    lines = [change_line(each) for each in answer["changes"]]
    show(answer, "\n".join(lines) or f"nothing differs between {name} and {answer['to']}", as_json=as_json)


@snapshot.command("download")
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@plane_options
def download_snapshot(client: PlaneClient, *, name: str, file: Path, as_json: bool) -> None:
    """Write a snapshot to a file."""
    data = client.download(name)
    try:
        write_for_owner(file, data)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror or error}") from None
    show({"name": name, "file": str(file), "bytes": len(data)}, f"{file}: {len(data)} bytes", as_json=as_json)


@snapshot.command("upload")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@plane_options
def upload_snapshot(client: PlaneClient, *, name: str, file: Path, as_json: bool) -> None:
    """Keep such a file as a snapshot; load it to use it."""
    with about(str(file)):
        answer = client.upload(name, file.read_bytes())
    show(answer, f"kept as {answer['name']}; sandtable snapshot restore {answer['name']} uses it", as_json=as_json)


@click.command()
@click.option("--freeze", is_flag=True, help="Stop it.")
@click.option("--unfreeze", is_flag=True, help="Let it run.")
@click.option("--set", "to", default="", metavar="TIME", help="Show this ISO time.")
@click.option("--advance", type=float, default=None, metavar="SECONDS", help="Move on; negative moves back.")
@click.option("--rate", type=float, default=None, help="Run so many times as fast as real time.")
@click.option("--follow", is_flag=True, help="Forget earlier changes and show real time.")
@plane_options
def clock(
    client: PlaneClient,
    *,
    freeze: bool,
    unfreeze: bool,
    to: str,
    advance: float | None,
    rate: float | None,
    follow: bool,
    as_json: bool,
) -> None:
    """Show the clock of a running instance, or change it."""
    asked: dict[str, Any] = {
        "freeze": freeze or None,
        "unfreeze": unfreeze or None,
        "set": to or None,
        "advance": advance,
        "rate": rate,
        "follow": follow or None,
    }
    answer = client.clock(**{name: value for name, value in asked.items() if value is not None})
    pace = "stopped" if answer["frozen"] else f"at {answer['rate']:g} times the pace"
    show(answer, f"{answer['now']}, {pace}", as_json=as_json)


@click.group(cls=Group)
def worlds() -> None:
    """More instances behind the same server."""


@worlds.command("list")
@plane_options
def list_worlds(client: PlaneClient, *, as_json: bool) -> None:
    """List the worlds."""
    found = client.worlds()
    names = ("name", "path", "journalled_requests", "planned_faults")
    show(found, columns(found, names, empty="no worlds"), as_json=as_json)


@worlds.command("create")
@click.argument("name", default="")
@click.option("--ids", type=int, default=None, metavar="NUMBER", help="Make its ids repeatable.")
@click.option("--empty", is_flag=True, help="Without the Elastic applications.")
@click.option("--strict", is_flag=True, help="Refuse what is not simulated.")
@plane_options
def create_world(client: PlaneClient, *, name: str, ids: int | None, empty: bool, strict: bool, as_json: bool) -> None:
    """Make a fresh world."""
    asked: dict[str, Any] = {"random_seed": ids, "empty": empty or None, "strict": strict or None}
    answer = client.create_world(name, **{key: value for key, value in asked.items() if value is not None})
    show(answer, f"{answer['name']} is at {client.url}{answer['path']}", as_json=as_json)


@worlds.command("fork")
@click.argument("source")
@click.argument("name", default="")
@plane_options
def fork_world(client: PlaneClient, *, source: str, name: str, as_json: bool) -> None:
    """Make a world that is a copy of another."""
    answer = client.create_world(name, fork=source)
    show(answer, f"{answer['name']} is at {client.url}{answer['path']}", as_json=as_json)


@worlds.command("drop")
@click.argument("name")
@plane_options
def drop_world(client: PlaneClient, *, name: str, as_json: bool) -> None:
    """Drop a world."""
    client.drop_world(name)
    show({"dropped": name}, f"{name} is gone", as_json=as_json)


def change_line(change: dict[str, Any]) -> str:
    """Return one changed record on one line."""
    values = change["values"].items()
    shown = ", ".join(f"{name}: {before!r} -> {after!r}" for name, (before, after) in values)
    what = change["display"] or change["sys_id"]
    if change["operation"] != "update":
        return f"{change['operation']} {change['table']} {what}"
    return f"update {change['table']} {what}  {shown}"


def write_for_owner(path: Path, data: bytes) -> None:
    """Write a file that its owner alone can read: it holds secrets of the instance. Raises OSError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        if path.is_file():  # one that was there before keeps its mode otherwise
            path.chmod(0o600)
        stream.write(data)
