"""`sandtable faults`: let things go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sandtable.cli.groups import Group
from sandtable.cli.plane.asking import columns, parsed, plane_options, show

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from sandtable.library.plane_client import PlaneClient


def complete_faults(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the faults whose names begin with what was typed."""
    from click.shell_completion import CompletionItem

    from sandtable.faults.catalogue import KINDS

    return [
        CompletionItem(name, help=(kind.__doc__ or "").partition(".")[0])
        for name, kind in KINDS.items()
        if name.startswith(incomplete)
    ]


@click.group(cls=Group)
def faults() -> None:
    """Let things go wrong between clients and a running instance."""


@faults.command("kinds")
@plane_options
def fault_kinds(client: PlaneClient, *, as_json: bool) -> None:
    """List the faults there are, with their parameters."""
    found = client.fault_kinds()
    lines = []
    for each in found:
        lines.append(f"{each['fault']}: {' '.join(each['summary'].split())}")
        for name, described in each["with"]["properties"].items():
            default = f"  [{described['default']}]" if described.get("default") not in (None, "") else ""
            lines.append(f"    {name}: {described['description']}{default}")
    show(found, "\n".join(lines), as_json=as_json)


@faults.command("list")
@plane_options
def list_faults(client: PlaneClient, *, as_json: bool) -> None:
    """List the planned faults and how often each has fired."""
    found = client.faults()
    rows = [{**each, "what": each.get("fault") or each.get("script"), "when": each.get("when", {})} for each in found]
    names = ("id", "what", "with", "when", "matched", "fired", "spent")
    show(found, columns(rows, names, empty="no faults are planned"), as_json=as_json)


@faults.command("add", epilog="Such as:  sandtable faults add rate-limited --with '{\"retry_after\": 5}' --times 3")
@click.argument("fault", nargs=-1, required=True, metavar="FAULT...", shell_complete=complete_faults)
@click.option(
    "--with", "parameters", default="{}", metavar="JSON", help="Parameters; sandtable faults kinds lists them."
)
@click.option("--method", default=None, help="Only on this method.")
@click.option("--path", default=None, help="Only on this path; * stands for any characters.")
@click.option("--table", default=None, help="Only on this table.")
@click.option("--user", default=None, help="Only on this user.")
@click.option("--times", type=click.IntRange(min=1), default=None, help="On how many requests  [all]")
@click.option("--after", type=click.IntRange(min=0), default=None, help="Let so many through first.")
@click.option("--nth", type=click.IntRange(min=1), multiple=True, help="Only on the nth request; repeatable.")
@click.option("--probability", type=click.FloatRange(0, 1), default=None, help="The chance of each.")
@click.option("--random-seed", type=int, default=None, help="Makes chance repeatable.")
@plane_options
def add_fault(
    client: PlaneClient,
    *,
    fault: tuple[str, ...],
    parameters: str,
    method: str | None,
    path: str | None,
    table: str | None,
    user: str | None,
    as_json: bool,
    **rule: Any,
) -> None:
    """Plan a fault; several are a script that takes turns, in which `pass` lets a request through."""
    when = {"method": method, "path": path, "table": table, "user": user}
    asked = {name: value for name, value in rule.items() if value not in (None, ())}
    when = {name: value for name, value in when.items() if value}
    if when:
        asked["when"] = when
    if "nth" in asked:
        asked["nth"] = list(asked["nth"])
    if len(fault) == 1:
        given = parsed(parameters, "--with")
        if not isinstance(given, dict):
            raise click.UsageError(f"--with takes a JSON object such as '{{\"seconds\": 2}}', not {parameters}")
        answer = client.add_fault(fault[0], given, **asked)
    elif parameters != "{}":
        raise click.UsageError("--with goes with one fault; plan a script with parameters over POST /_sandtable/faults")
    else:
        answer = client.add_script(*fault, **asked)
    show(answer, f"{answer['id']} is planned", as_json=as_json)


@faults.command("remove")
@click.argument("fault_id")
@plane_options
def remove_fault(client: PlaneClient, *, fault_id: str, as_json: bool) -> None:
    """Take back one fault."""
    client.remove_fault(fault_id)
    show({"removed": fault_id}, f"{fault_id} is taken back", as_json=as_json)


@faults.command("clear")
@plane_options
def clear_faults(client: PlaneClient, *, as_json: bool) -> None:
    """Take back all faults."""
    client.clear_faults()
    show({"cleared": True}, "no faults are planned", as_json=as_json)
