"""Commands that run connectors: test, execute, push-case, serve."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click

from sandtable_connector.cases import case_wire, parse_case, push_case
from sandtable_connector.cli import showing
from sandtable_connector.cli.options import (
    FAILED,
    OK,
    REFUSED,
    TRY_LATER,
    registry_options,
)
from sandtable_connector.connector import Connector, ExecutionResult
from sandtable_connector.errors import ParametersRefused
from sandtable_connector.forms.form import connector_test
from sandtable_connector.kibana_api import KibanaApi, KibanaServer
from sandtable_connector.pages import Pages, Workbench
from sandtable_connector.registry import Registry, Sockets
from sandtable_connector.rules import read_alerts, read_rules
from sandtable_connector.transport.trace import TracingTransport
from sandtable_connector.values.invalid_input import InvalidInput


@click.command()
@click.argument("connector_id", metavar="ID")
@click.option("-f", "--field", "fields", multiple=True, metavar="NAME=VALUE", help="An input of the form; repeatable.")
@click.option(
    "--event", type=click.Choice(["trigger", "resolve"]), default="trigger", help="What the event action selector says."
)
@click.option("--choices", "wants_choices", is_flag=True, help="Print the choices of the form, values and labels.")
@click.option("--trace", is_flag=True, help="Show requests and answers on standard error, secrets taken out.")
@registry_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def test(
    connector_id: str,
    fields: tuple[str, ...],
    event: Any,
    wants_choices: bool,
    trace: bool,
    opened: Registry,
    wants_json: bool,
) -> None:
    """Do what the Test tab does: fetch the choices, check the form, run the action once."""
    made, tracing = _traced(opened, connector_id)
    try:
        report = connector_test(made, _pairs(fields), event=event)
    finally:
        if trace:
            showing.trace(tracing.exchanges)
    if report.choices_error is not None:
        click.echo(f"Unable to get choices: {report.choices_error}", err=True)
    if wants_json:
        choices = {
            name: [{"value": choice.value, "label": choice.label} for choice in listed]
            for name, listed in report.choices.items()
        }
        showing.as_json({"choices": choices, "params": report.params, "result": report.result.wire()})
    else:
        if wants_choices:
            for name, listed in report.choices.items():
                shown = ", ".join(f"{choice.value} ({choice.label})" for choice in listed)
                click.echo(f"{name}: {shown or 'no choices'}", err=True)
        showing.result(report.result)
    _leave(report.result)


@click.command()
@click.argument("connector_id", metavar="ID")
@click.option("--params", required=True, metavar="JSON", help="subAction and subActionParams; @FILE or - reads them.")
@click.option("--trace", is_flag=True, help="Show requests and answers on standard error, secrets taken out.")
@registry_options
@click.option("--json", "wants_json", is_flag=True, help="Print the whole result, as Kibana's API gives it.")
def execute(
    connector_id: str,
    params: str,
    trace: bool,
    opened: Registry,
    wants_json: bool,
) -> None:
    """Run one action of a connector."""
    given = _json(params, "params")
    made, tracing = _traced(opened, connector_id)
    result = made.execute(given)
    if trace:
        showing.trace(tracing.exchanges)
    if wants_json:
        showing.as_json(result.wire())
    else:
        showing.result(result)
    _leave(result)


@click.command("push-case")
@click.argument("connector_id", metavar="ID")
@click.argument("case_file", metavar="CASE")
@click.option("--close", is_flag=True, help="Close the case once it is pushed.")
@click.option("--trace", is_flag=True, help="Show requests and answers on standard error, secrets taken out.")
@registry_options
def push_a_case(
    connector_id: str,
    case_file: str,
    close: bool,
    trace: bool,
    opened: Registry,
) -> None:
    """Push a case (JSON of Kibana's Cases API) and print it with the push noted; keep that for the next push."""
    given = _json(case_file if case_file == "-" else f"@{case_file}", "case")
    case = parse_case(given)
    made, tracing = _traced(opened, connector_id)
    try:
        pushed = push_case(
            case,
            made,
            closure="close-by-pushing" if close else "close-by-user",
            public_base_url=opened.settings.public_base_url,
        )
    finally:
        if trace:
            showing.trace(tracing.exchanges)
    showing.as_json(case_wire(pushed.case, given))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=5601, show_default=True, help="0 takes a free one.")
@click.option(
    "--api-key-file", metavar="FILE", help="Ask for this key; SANDTABLE_API_KEY does the same. Needed beyond loopback."
)
@click.option("--rules", "rules_file", metavar="FILE", help="Rules to show; their alerts can be fired from the page.")
@click.option("--alerts", "alerts_file", metavar="FILE", help="Alert documents (JSON Lines) to play first.")
@registry_options
def serve(
    host: str,
    port: int,
    api_key_file: str | None,
    rules_file: str | None,
    alerts_file: str | None,
    opened: Registry,
) -> None:
    """Offer the connectors over Kibana's HTTP API, and as pages for a browser, until stopped with Ctrl-C."""
    if alerts_file and not rules_file:
        raise InvalidInput("needs --rules beside it", field="alerts")
    api_key = os.environ.get("SANDTABLE_API_KEY") or None
    if api_key_file is not None:
        try:
            api_key = Path(api_key_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise InvalidInput("cannot be read as text", where=api_key_file, field="api-key-file") from None
        if not api_key:
            raise InvalidInput("is empty", where=api_key_file, field="api-key-file")
    api = KibanaApi(opened, api_key=api_key)
    bench = Workbench(opened, read_rules(rules_file) if rules_file else None)
    if alerts_file:
        with Path(alerts_file).open(encoding="utf-8") as lines:
            bench.play(read_alerts(lines, source=alerts_file))
    pages = Pages(bench, api_key=api_key)
    with KibanaServer(api, host=host, port=port, open_to_others=api_key is not None, pages=pages) as server:
        stop = threading.Event()
        # Before anybody is told that it is ready: whoever reads that may stop it at once.
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        click.echo(f"ready at {server.url}")
        click.echo(f"in a browser: {server.url}/app/management")
        sys.stdout.flush()
        while not stop.wait(0.5):  # a signal may come to another thread, and the handler runs when this one wakes
            pass


def _traced(opened: Registry, connector_id: str) -> tuple[Connector, TracingTransport]:
    made: list[TracingTransport] = []

    def wrap(transport: Any, redact: Any) -> TracingTransport:
        made.append(TracingTransport(transport, redact))
        return made[0]

    def log(level: str, text: str) -> None:
        if level in ("warn", "error"):
            click.echo(f"{level}: {text}", err=True)

    return opened.open(connector_id, Sockets(wrap=wrap, log=log)), made[0]


def _pairs(fields: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for field in fields:
        name, sign, value = field.partition("=")
        if not sign or not name:
            raise InvalidInput(f"{field!r} is not NAME=VALUE", field="field")
        if name in pairs:
            raise InvalidInput("the input is given twice", field=name)
        pairs[name] = value
    return pairs


def _json(given: str, what: str) -> Any:
    where = "standard input" if given == "-" else given[1:] if given.startswith("@") else f"--{what}"
    try:
        if given == "-":
            text = sys.stdin.read()
        elif given.startswith("@"):
            text = Path(given[1:]).read_text(encoding="utf-8")
        else:
            text = given
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InvalidInput(f"cannot be read: {reason}", where=where) from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"not JSON: {error}", where=where) from None


def _leave(result: ExecutionResult) -> None:
    if result.status == "ok":
        sys.exit(OK)
    if isinstance(result.error, ParametersRefused) and result.service_message is None:
        sys.exit(REFUSED)
    sys.exit(TRY_LATER if result.retry else FAILED)


COMMANDS: tuple[click.Command, ...] = (test, execute, push_a_case, serve)
