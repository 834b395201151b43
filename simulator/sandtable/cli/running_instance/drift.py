"""`sandtable drift`: what differs between a running instance and the copy that is tested against."""

from __future__ import annotations

import json
from contextlib import ExitStack
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandtable.cli.running_instance.reading_accounts import reader_of, reading_options, table_names
from sandtable.core.values.texts import comma_list

if TYPE_CHECKING:
    from sandtable.cloning.drift import Drift
    from sandtable.cloning.reading import Reader

PREFIX = "SANDTABLE_DRIFT"
COPY = "https://copy.invalid"
EXITS = "Exit codes: 0 nothing differs, 1 something does, 2 wrong use, 3 one side cannot be read, 4 nothing differs of "
EXITS += "what could be read."


class CannotCompare(click.ClickException):
    """A side that cannot be read."""

    exit_code = 3


@click.command(
    context_settings={"auto_envvar_prefix": PREFIX},
    epilog=f"{EXITS} Only reads. Every option can be given as {PREFIX}_..., which keeps passwords out of the list of "
    "processes.",
)
@reading_options
@click.option("--against", required=True, metavar="FILE", help="The copy: a file or folder that loads, or a URL.")
@click.option("--tables", required=True, metavar="NAMES", help="Comma list of tables or patterns: incident,u_*.")
@click.option(
    "--records", default=20, show_default=True, type=click.IntRange(0, 200), help="Records of a table compared."
)
@click.option("--only", default="", metavar="KINDS", help="Comma list of tables, columns, choices, rules, answers.")
@click.option(
    "--ignore", multiple=True, metavar="KIND:NAME", help="Differences that are meant, as a pattern; repeatable."
)
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write the report as JUnit XML.")
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), help="Write the report as JSON.")
@click.option("--copy-user", default="admin", show_default=True, help="Who reads a copy that is a URL.")
@click.option("--copy-password", default="admin", help="The password of that account.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def drift(url: str, against: str, tables: str, **given: Any) -> None:
    """Tell which tables, columns, choices, rules and answers of an instance differ from those of a copy."""
    from sandtable.cloning.drift import KINDS, Comparison
    from sandtable.cloning.drift_report import exit_code, junit, lines, shown
    from sandtable.cloning.reading import CannotRead

    kinds = comma_list(given["only"]) or list(KINDS)
    for kind in kinds:
        if kind not in KINDS:
            raise click.UsageError(f"--only {kind!r} is none of {', '.join(KINDS)}")
    for pattern in given["ignore"]:
        kind, colon, _ = pattern.partition(":")
        if not colon or not any(fnmatchcase(each, kind) for each in KINDS):
            example = f"such as columns:incident.u_*; the kinds are {', '.join(KINDS)}"
            raise click.UsageError(f"--ignore {pattern!r} must be KIND:NAME, {example}")
    names = table_names(tables)

    def tell(what: str) -> None:
        if not given["as_json"]:
            click.echo(f"comparing {what}", err=True)

    with ExitStack() as stack:
        there = reader_of(url, given)
        here = copy_of(against, given, stack)
        comparison = Comparison(
            there, here, names, records=given["records"], kinds=kinds, ignore=given["ignore"], tell=tell
        )
        comparison.drift.there, comparison.drift.here = url, against
        try:
            found: Drift = comparison.run()
        except CannotRead as error:
            raise CannotCompare(str(error)) from None
    for path, content in ((given["junit"], junit(found)), (given["save"], json.dumps(shown(found), indent=2))):
        if path is not None:
            try:
                path.write_text(content, encoding="utf-8")
            except OSError as error:
                raise click.UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    click.echo(json.dumps(shown(found), indent=2) if given["as_json"] else "\n".join(lines(found)))
    raise SystemExit(exit_code(found))


def copy_of(against: str, given: dict[str, Any], stack: ExitStack) -> Reader:
    """Return what reads the copy: a served one, or a file loaded into an instance that ends with the stack.

    Raises click.UsageError.
    """
    import requests

    from sandtable.cloning.reading import Reader
    from sandtable.library.loaded import LoadError, load_path
    from sandtable.library.mock import mock_servicenow

    if against.startswith(("http://", "https://")):
        account = {"user": given["copy_user"], "password": given["copy_password"], "client_id": "", "client_secret": ""}
        return reader_of(against, {**given, **account, "bearer_token": "", "per_second": 1000.0})
    servicenow = stack.enter_context(mock_servicenow(COPY, pass_through="*"))
    try:
        load_path(servicenow.instance, Path(against))
    except LoadError as error:
        raise click.UsageError(f"--against {error}") from None
    session = stack.enter_context(requests.Session())
    session.auth = ("admin", "admin")
    return Reader(servicenow.url, session, page=given["page"])
