"""`sandtable requests`, `verify`, `unsimulated` and `explain`: what came in, and why it went as it did."""

from __future__ import annotations

import json
from time import sleep as pause
from typing import TYPE_CHECKING, Any

import click

from sandtable.cli.groups import Group
from sandtable.cli.plane.asking import REFUSED, columns, parsed, plane_options, show
from sandtable.cli.plane.state import change_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandtable.library.plane_client import PlaneClient


BETWEEN_LOOKS = 0.5  # seconds


def pattern_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the conditions that a request can be asked to meet."""
    for name, text in (
        ("--status", "Status of the answer."),
        ("--user", "User name of the caller."),
        ("--table", "Table that the path names."),
        ("--path", "Path; * stands for any characters."),
        ("--method", "Method, or several with commas between."),
    ):
        command = click.option(name, type=int if name == "--status" else str, default=None, help=text)(command)
    return command


@click.command("requests")
@pattern_options
@click.option("--limit", type=click.IntRange(min=1), default=100, help="How many, the newest.", show_default=True)
@click.option("--since", type=click.IntRange(min=0), default=0, metavar="ID", help="Leave out those up to this id.")
@click.option("--bodies", is_flag=True, help="Show bodies, changes and explanations too.")
@click.option("--follow", is_flag=True, help="Go on showing requests as they come in, until Ctrl-C.")
@click.option("--clear", is_flag=True, help="Empty the journal instead.")
@plane_options
def requests_command(
    client: PlaneClient,
    *,
    limit: int,
    since: int,
    bodies: bool,
    follow: bool,
    clear: bool,
    as_json: bool,
    **pattern: Any,
) -> None:
    """Show the request journal, secrets replaced by stars."""
    if clear:
        client.forget_requests()
        show({"cleared": True}, "the journal is empty", as_json=as_json)
        return
    if follow:
        _follow(client, {"limit": limit, "since": since, **pattern}, bodies=bodies, as_json=as_json)
        return
    found = client.requests(limit=limit, since=since, **pattern)
    show(found, "\n".join(_lines(each, bodies=bodies) for each in found) or "no requests", as_json=as_json)


def _follow(client: PlaneClient, asked: dict[str, Any], *, bodies: bool, as_json: bool) -> None:
    """Print requests as they are answered; one that is not answered yet is waited for, so that order is kept."""
    try:
        while True:
            for each in client.requests(**asked):
                if each["status"] is None:
                    break
                asked["since"] = each["id"]
                click.echo(json.dumps(each, ensure_ascii=False) if as_json else _lines(each, bodies=bodies))
            pause(BETWEEN_LOOKS)
    except KeyboardInterrupt:
        return


def _lines(entry: dict[str, Any], *, bodies: bool) -> str:
    query = f"?{entry['query']}" if entry["query"] else ""
    status, user = entry["status"] or "no answer yet", entry["user"] or "-"
    first = f"#{entry['id']} {entry['at']} {status} {entry['method']} {entry['path']}{query} {user}"
    if entry["faults"]:
        first += f"  faults: {', '.join(entry['faults'])}"
    if not bodies:
        return first
    more = [f"    > {entry['request_body']}"] if entry["request_body"] else []
    more += [f"    < {entry['response_body']}"] if entry["response_body"] else []
    more += [f"    changed: {change_line(each)}" for each in entry["changes"]]
    more += [f"    because: {line}" for line in entry["explanations"]]
    more += [f"    not simulated: {name}" for name in entry["unsimulated"]]
    return "\n".join([first, *more])


@click.command(epilog="Exit codes: 0 as expected, 1 not so, 2 something given is refused, 3 nobody answers.")
@pattern_options
@click.option("--body-contains", default=None, help="A text that the body holds.")
@click.option("--body", default=None, metavar="JSON", help="JSON that the body holds.")
@click.option("--query", multiple=True, metavar="NAME=VALUE", help="A query parameter; repeatable.")
@click.option("--header", multiple=True, metavar="NAME=VALUE", help="A request header; repeatable.")
@click.option("--exactly", type=click.IntRange(min=0), default=None, help="How many there must be.")
@click.option("--at-least", type=click.IntRange(min=0), default=None, help="How many or more  [1]")
@click.option("--at-most", type=click.IntRange(min=0), default=None, help="How many or fewer.")
@plane_options
def verify(
    client: PlaneClient,
    *,
    body: str | None,
    query: tuple[str, ...],
    header: tuple[str, ...],
    exactly: int | None,
    at_least: int | None,
    at_most: int | None,
    as_json: bool,
    **pattern: Any,
) -> None:
    """Check that so many requests came in, and show what came closest when they did not."""
    match = {name: value for name, value in pattern.items() if value is not None}
    match |= {"body": parsed(body, "--body")} if body is not None else {}
    match |= {"query": _pairs(query, "--query")} if query else {}
    match |= {"headers": _pairs(header, "--header")} if header else {}
    counts = {"exactly": exactly, "at_least": at_least, "at_most": at_most}
    answer = client.verify(match, **{name: value for name, value in counts.items() if value is not None})
    lines = [f"{answer['count']} requests match, {answer['expected']} expected"]
    for miss in answer["near_misses"]:
        lines += [f"  near miss {miss['request']}", *(f"    {reason}" for reason in miss["reasons"])]
    show(answer, "\n".join(lines), as_json=as_json)
    if not answer["verified"]:
        raise SystemExit(REFUSED)


def _pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{option} takes NAME=VALUE, not {text!r}")
        pairs[name] = value
    return pairs


@click.command()
@click.option("--clear", is_flag=True, help="Empty the ledger instead.")
@plane_options
def unsimulated(client: PlaneClient, *, clear: bool, as_json: bool) -> None:
    """Show what clients used that is not simulated."""
    if clear:
        client.forget_unsimulated()
        show({"cleared": True}, "the ledger is empty", as_json=as_json)
        return
    found = client.unsimulated()
    names = ("kind", "name", "count", "detail")
    show(found, columns(found, names, empty="nothing was asked for that is not simulated"), as_json=as_json)


@click.group(cls=Group)
def explain() -> None:
    """Say why a query, an origin or credentials fared as they did."""


@explain.command("query")
@click.argument("table")
@click.argument("query")
@click.option("--record", "sys_id", default="", metavar="SYS_ID", help="Does this record match?")
@click.option("--user", default="", help="As which user.")
@plane_options
def explain_query(client: PlaneClient, *, table: str, query: str, sys_id: str, user: str, as_json: bool) -> None:
    """Say which part of an encoded query lets which records through."""
    answer = client.explain_query(table, query, sys_id=sys_id, user=user)
    lines = [f"{answer['matching']} of {answer['records']} records of {table} match"]
    for number, parts in enumerate(answer["alternatives"]):
        lines += ["or"] if number else []
        lines += [f"  {part['condition']}: {part['alone']} alone, {part['left']} left" for part in parts]
    if answer["parts_left_out"]:
        lines += [f"  and {answer['parts_left_out']} more conditions"]
    lines += [f"ignored: {name}" for name in answer["ignored"]]
    if "user" in answer:
        seen = answer["user"]
        readable = "may read the table" if seen["may_read_table"] else "may not read the table"
        lines += [f"{seen['name']} {readable}", *(f"  {reason}" for reason in seen["reasons"])]
    if "record" in answer:
        record = answer["record"]
        lines += [f"{sys_id}: {record['why']}"]
        for each in record.get("conditions", []):
            lines += [f"  {'holds ' if each['holds'] else 'fails '} {each['condition']}  {each['values']}"]
    show(answer, "\n".join(lines), as_json=as_json)


@explain.command("origin")
@click.argument("origin")
@click.argument("path")
@click.option("--method", default="GET", show_default=True, help="The method that the page calls with.")
@plane_options
def explain_origin(client: PlaneClient, *, origin: str, path: str, method: str, as_json: bool) -> None:
    """Say whether a page of ORIGIN may call PATH, and by which CORS rule."""
    answer = client.explain_origin(origin, path, method)
    show(answer, f"{'allowed' if answer['allowed'] else 'refused'}: {answer['why']}", as_json=as_json)


@explain.command("credentials")
@click.option("--user", default="", help="A user name.")
@click.option("--password", default="", help="Its password; - asks for it.")
@click.option("--bearer", default="", help="An access token.")
@click.option("--api-key", default="", help="An API key.")
@click.option("--path", default="/api/now/table/incident", show_default=True, help="The path of the call.")
@plane_options
def explain_credentials(
    client: PlaneClient, *, user: str, password: str, bearer: str, api_key: str, path: str, as_json: bool
) -> None:
    """Say whether credentials open anything and, if they do not, why."""
    if password == "-":
        password = click.prompt("Password", hide_input=True)
    answer = client.explain_credentials(user=user, password=password, bearer=bearer, api_key=api_key, path=path)
    if answer["accepted"]:
        text = f"accepted as {answer['user']}, with the roles {', '.join(answer['roles']) or 'none'}"
    else:
        text = "refused: " + "; ".join(answer["reasons"])
    show(answer, text, as_json=as_json)
