"""What the commands for the test plane share: where the instance is, and how an answer is printed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sandtable.cli.running_instance.reached import WHERE, Unreachable, instance_address

if TYPE_CHECKING:
    from sandtable.library.plane_client import PlaneClient, PlaneRefusal

Command = TypeVar("Command", bound=Callable[..., Any])
REFUSED = 1
# What the test plane advises as a call, and the command that makes it.
AS_COMMANDS = {
    "POST /_sandtable/worlds makes one": "`sandtable worlds create NAME` makes one",
    "the file that GET /_sandtable/snapshots/{name}/file answers": "the file that `sandtable snapshot download` writes",
    "; GET /_sandtable/records/sys_db_object lists the tables": "",
}
EXITS = "Exit codes: 0 done, 1 not found or not allowed, 2 something given is refused, 3 nobody answers."


class Refused(click.ClickException):
    """The instance refuses what it was given."""

    exit_code = 2


def complete_worlds(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the worlds of the running instance whose names begin with what was typed; none where nobody answers."""
    from sandtable.library.plane_client import PlaneRefusal

    given = {name: ctx.params.get(name) for name in ("url", "token", "insecure")}
    token = str(given["token"] or os.environ.get("SANDTABLE_PLANE_TOKEN") or "")
    try:
        with _client(given["url"], "", token, bool(given["insecure"])) as client:
            found = client.worlds()
    except (click.ClickException, PlaneRefusal):
        return []
    return [name for each in found if (name := str(each["name"])).startswith(incomplete)]


def plane_options(command: Command) -> Command:
    """Give a command the options of the test plane; it is called with a client and with `as_json`."""

    @click.option("--url", metavar="URL", default=None, help=WHERE)
    @click.option(
        "--world",
        metavar="NAME",
        default="",
        shell_complete=complete_worlds,
        help="The world behind that URL  [its default one]",
    )
    @click.option(
        "--token", metavar="TOKEN", envvar="SANDTABLE_PLANE_TOKEN", default="", help="Token of the test plane."
    )
    @click.option("--insecure", is_flag=True, help="Do not check the certificate of an https URL.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @wraps(command)
    def wrapped(*, url: str | None, world: str, token: str, insecure: bool, as_json: bool, **rest: Any) -> None:
        with _client(url, world, token, insecure) as client:
            command(client, as_json=as_json, **rest)

    return wrapped  # type: ignore[return-value]


@contextmanager
def _client(url: str | None, world: str, token: str, insecure: bool) -> Iterator[PlaneClient]:  # noqa: FBT001
    import warnings

    from sandtable.library.plane_client import PlaneClient, PlaneRefusal

    address = instance_address(url)
    with warnings.catch_warnings():
        if insecure:
            warnings.simplefilter("ignore")
        with PlaneClient(address, world=world, token=token, verify=not insecure) as client:
            try:
                yield client
            except PlaneRefusal as error:
                raise _failed(error, str(error)) from None


def _failed(error: PlaneRefusal, text: str) -> click.ClickException:
    """Return what to end a command with: it says whether the instance, what was given, or what is there is to blame."""
    if not error.status:
        return Unreachable(text)
    for call, command in AS_COMMANDS.items():
        text = text.replace(call, command)
    return Refused(text) if error.status in (400, 422) else click.ClickException(text)


@contextmanager
def about(what: str, beside: Sequence[str] = ()) -> Iterator[None]:
    """Name what a refusal in the block is about, such as one of several files, and those that were done before it."""
    from sandtable.library.plane_client import PlaneRefusal

    try:
        yield
    except PlaneRefusal as error:
        done = f" (loaded before it: {', '.join(beside)})" if beside else ""
        told = in_options(str(error).removeprefix("body: "))
        raise _failed(error, f"{what}: {told}{done}" if error.status else f"{told}{done}") from None


def in_options(advice: str) -> str:
    """Return what is advised of a parameter of the test plane, such as `unknown=create`, as options of a command."""
    return re.sub(
        r"\b(unknown|partial|table|values|rules)=(\w+)",
        lambda found: f"--{found[1]}" if found[2] == "true" else f"--{found[1]} {found[2]}",
        advice.replace("the parameter table", "--table"),
    )


def nothing_of(told: Mapping[str, Any]) -> str:
    """Return why a file that was loaded wrote nothing."""
    return "nothing new" if "package" in told or told["ignored_columns"] else "it holds no records"


def show(answer: Any, text: str, *, as_json: bool) -> None:
    """Print an answer: as JSON, or as the text for people."""
    click.echo(json.dumps(answer, ensure_ascii=False, indent=1) if as_json else text)


def columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str], *, empty: str) -> str:
    """Return rows as lined-up columns below their names, or a text when there are none."""
    if not rows:
        return empty
    cells = [[name.replace("_", " ") for name in names]]
    cells += [[_cell(row.get(name)) for name in names] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(names))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


def parsed(text: str, option: str) -> Any:
    """Return the JSON that an option was given. Raises click.UsageError."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"{option} takes JSON, and {text!r} is none: {error}") from None
