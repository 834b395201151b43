"""Output for people: tables, results and traces."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandtable_connector.connector import ExecutionResult
from sandtable_connector.delivery import Attempt, Report
from sandtable_connector.registry import ConnectorRecord
from sandtable_connector.transport.trace import Exchange

_PIPE_WIDTH = 500  # nothing is folded where a program reads
_NUMBERS = (
    ("checks", "checks"),
    ("alerts", "alerts"),
    ("pushed", "pushed"),
    ("closed", "closed"),
    ("none open", "nothing_open"),
    ("other", "other"),
    ("failed", "failed"),
    ("waiting", "waiting"),
)
_WHERE_THERE_ARE_ANY = frozenset({"none open", "other", "waiting"})


def as_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def connectors(records: Sequence[ConnectorRecord]) -> None:
    """Print connectors as a table."""
    if not records:
        click.echo("There are no connectors. 'sandtable connector create --help' says how to make one.")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("id", "name", "type", "instance", ""):
        table.add_column(column, overflow="fold")
    for record in records:
        url = record.config.get("apiUrl", "") if record.config is not None else ""
        table.add_row(*(Text(text) for text in (record.id, record.name, record.type_id, str(url), _remarks(record))))
    _print_table(table)


def connector(record: ConnectorRecord) -> None:
    """Print one connector, a line for each property."""
    lines: dict[str, Any] = {"id": record.id, "name": record.name, "type": record.type_id}
    lines |= record.config if record.config is not None else {"config": "not exposed"}
    for name, value in lines.items():
        click.echo(f"{name}: {value if isinstance(value, str) else json.dumps(value)}")
    if remarks := _remarks(record):
        click.echo(remarks)
    if record.is_deprecated and not record.is_preconfigured:
        click.echo(f"Bring it up to date with 'sandtable connector update {record.id} --guided'.")


def result(ended: ExecutionResult) -> None:
    """Print how an execution ended."""
    if ended.status == "ok":
        as_json(ended.data)
        return
    click.echo(f"error: {ended.message}", err=True)
    if ended.service_message:
        click.echo(ended.service_message, err=True)
    click.echo("Trying again later may help." if ended.retry else "Trying again as it is will not help.", err=True)


def trace(exchanges: Iterable[Exchange]) -> None:
    """Print requests and answers on standard error, as they went."""
    for exchange in exchanges:
        click.secho(f"> {exchange.method} {exchange.url}", bold=True, err=True)
        _headers("> ", exchange.request_headers)
        if exchange.request_body is not None:
            _body("> ", exchange.request_body)
        if exchange.status is None:
            click.secho(f"! {exchange.error}  ({exchange.seconds * 1000:.0f} ms)", bold=True, err=True)
        else:
            click.secho(f"< {exchange.status}  ({exchange.seconds * 1000:.0f} ms)", bold=True, err=True)
            _headers("< ", exchange.response_headers)
            _body("< ", exchange.response_body)
        click.echo(err=True)


def attempt(ended: Attempt) -> None:
    """Print one attempt of a delivery as a line on standard error."""
    action = ended.action
    what = f"{action.params.get('subAction')} for {action.alert_id}"
    if ended.result.status == "ok":
        title = ended.result.data.get("title", "") if isinstance(ended.result.data, Mapping) else ""
        click.echo(f"line {action.position}: {what}: {title or 'nothing to do'}", err=True)
        return
    text = ended.result.service_message or ended.result.message
    again = "" if ended.next_due is None else " (tried again later)"
    click.echo(f"line {action.position}: {what}: attempt {action.attempts} failed{again}: {text}", err=True)


def report(found: Report) -> None:
    """Print what a delivery came to as a table, then the failures."""
    columns = {name: [getattr(rule, field) for rule in found.rules] for name, field in _NUMBERS}
    # Checks, alerts and the usual outcomes are always there; what did not happen takes no room.
    shown = [name for name, numbers in columns.items() if name not in _WHERE_THERE_ARE_ANY or any(numbers)]
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("rule", overflow="fold", min_width=12)
    for name in shown:
        table.add_column(name, justify="right", no_wrap=True)
    for at, rule in enumerate(found.rules):
        table.add_row(Text(rule.rule_name or rule.rule_id), *(str(columns[name][at]) for name in shown))
    _print_table(table)
    for rule in found.rules:
        if rule.silent:
            silent = ", ".join(f"{reason}: {count}" for reason, count in rule.silent.items())
            click.echo(f"nothing sent for {rule.rule_name or rule.rule_id}: {silent}")
    for failure in found.failures:
        state = "waiting" if failure.waiting else "failed"
        click.echo(
            f"{state}: line {failure.position}, {failure.sub_action} for {failure.alert_id} through "
            f"{failure.connector_id}, attempts: {failure.attempts}: {failure.message}"
        )
    if found.in_doubt:
        click.echo(f"{found.in_doubt} action(s) in doubt: a write was sent again that may have taken effect before.")


def _print_table(table: Table) -> None:
    """Print a table in the columns of the terminal; into a pipe as wide as it needs to be."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH, color_system=None)
    console.print(table)


def _remarks(record: ConnectorRecord) -> str:
    return ", ".join(
        word
        for word, holds in (
            ("preconfigured", record.is_preconfigured),
            ("deprecated", record.is_deprecated),
            ("secrets missing", record.is_missing_secrets),
        )
        if holds
    )


def _headers(mark: str, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        click.echo(f"{mark}{name}: {value}", err=True)


def _body(mark: str, body: Any) -> None:
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            click.echo("\n".join(f"{mark}{line}" for line in body.splitlines()[:40]), err=True)
            return
    text = json.dumps(body, indent=2, ensure_ascii=False)
    click.echo("\n".join(f"{mark}{line}" for line in text.splitlines()), err=True)
