"""`sandtable deliver`: play alerts through rules and carry out what follows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sandtable_connector.cli import showing
from sandtable_connector.cli.options import (
    FAILED,
    INTERRUPTED,
    OK,
    TRY_LATER,
    registry_options,
)
from sandtable_connector.connector import Connector
from sandtable_connector.delivery import Delivery, DeliveryQueue, report
from sandtable_connector.registry import Registry, Sockets
from sandtable_connector.rules import Alert, RuleFile, RuleRunner, read_alerts, read_rules
from sandtable_connector.settings.retry import RetryPolicy
from sandtable_connector.templates import Dialect
from sandtable_connector.transport.messages import Transport
from sandtable_connector.values.invalid_input import InvalidInput


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    epilog="Exit codes: 0 everything was delivered, 1 an action failed for good, 2 something given is refused, "
    "3 actions are left in the queue, 130 interrupted.",
)
@click.option("--rules", "rules_file", required=True, metavar="FILE", help="Rules, YAML.")
@click.option("--alerts", "alerts_file", required=True, metavar="FILE", help="Alert documents, JSON Lines; - is stdin.")
@click.option("--connector", "connector_id", default="", metavar="ID", help="For rules and actions that name none.")
@click.option(
    "--queue",
    "queue_file",
    metavar="FILE",
    help="Keep the queue here: run the same again after an interruption and it goes on where it stopped.  [in memory]",
)
@click.option("--wait/--no-wait", default=True, help="Wait for actions that are tried again, or leave them queued.")
@click.option("--max-attempts", type=click.IntRange(1, 10), help="How often an action is tried in all.  [3]")
@registry_options
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@click.option("-v", "--verbose", is_flag=True, help="A line for each attempt.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def deliver(
    rules_file: str,
    alerts_file: str,
    connector_id: str,
    queue_file: str | None,
    wait: bool,
    max_attempts: int | None,
    opened: Registry,
    wants_json: bool,
    verbose: bool,
    quiet: bool,
) -> None:
    """Play alert documents through rules, and push and close incidents as the rules say."""
    rules = _with_limits(read_rules(rules_file), opened)
    for warning in rules.warnings():
        click.echo(f"warning: {warning}", err=True)
    types = opened.types()
    if connector_id:
        opened.get(connector_id)
    with ExitStack() as stack:
        lines = _alert_lines(alerts_file, stack)
        queue = stack.enter_context(DeliveryQueue(queue_file))
        advance = _progress(alerts_file, stack, shown=not (quiet or wants_json or verbose))
        switches = opened.behaviour
        runner = RuleRunner(
            rules,
            connector_id=connector_id,
            connector_types=types,
            states=queue.states(),
            dialect=Dialect(
                failed_functions=switches.failed_template_functions, uri_functions=switches.uri_template_functions
            ),
        )
        delivery = Delivery(
            queue,
            _connecting(opened),
            retry=_retry(opened, max_attempts),
            queued_max=opened.settings.queued_max,
            resumes=switches.retries_resume,
            retries_refused_config=switches.retries_refused_params == "in a task",
        )
        try:
            alerts = _counted(read_alerts(lines, source=alerts_file), advance)
            for attempt in delivery.run(runner, alerts, wait_for_retries=wait):
                if verbose:
                    showing.attempt(attempt)
        except KeyboardInterrupt:
            kept = (
                f"run the same again to go on ({queue_file})" if queue_file else "the queue was in memory and is lost"
            )
            click.echo(f"interrupted; {kept}", err=True)
            sys.exit(INTERRUPTED)
        found = report(queue)
    if wants_json:
        showing.as_json(found.wire())
    else:
        showing.report(found)
    sys.exit(FAILED if found.failed else TRY_LATER if found.waiting else OK)


def _with_limits(rules: RuleFile, opened: Registry) -> RuleFile:
    """Return the rules with what the kibana.yml says where the rule file is silent."""
    settings = opened.settings
    known: dict[str, Any] = {
        "public_base_url": settings.public_base_url or None,
        "alerts_max": settings.alerts_max,
        "actions_max": settings.actions_max,
    }
    said = rules.settings.model_fields_set
    changes = {name: value for name, value in known.items() if value is not None and name not in said}
    return rules.model_copy(update={"settings": rules.settings.model_copy(update=changes)})


def _retry(opened: Registry, max_attempts: int | None) -> RetryPolicy:
    return opened.settings.retry if max_attempts is None else RetryPolicy(max_attempts=max_attempts)


def _connecting(opened: Registry) -> Callable[[str, Callable[[Transport], Transport]], Connector]:
    def log(level: str, text: str) -> None:
        if level in ("warn", "error"):
            click.echo(f"{level}: {text}", err=True)

    def connect(connector_id: str, wrap: Callable[[Transport], Transport]) -> Connector:
        return opened.open(connector_id, Sockets(wrap=lambda transport, _: wrap(transport), log=log))

    return connect


def _alert_lines(file: str, stack: ExitStack) -> Iterator[str]:
    try:
        opened = sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb"))  # noqa: SIM115
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", where=file) from None
    return _decoded(opened, file)


def _decoded(lines: Iterable[bytes], file: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidInput("not UTF-8 text", where=f"{file} line {number}") from None


def _progress(file: str, stack: ExitStack, *, shown: bool) -> Callable[[], None]:
    """Return what moves the progress bar on by an alert; there is none where nobody would see it."""
    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        return lambda: None
    total = None
    if file != "-":
        with Path(file).open("rb") as counted:
            total = sum(1 for line in counted if line.strip())
    columns = (TextColumn("alerts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = stack.enter_context(Progress(*columns, console=console, transient=True))
    task = progress.add_task("alerts", total=total)
    return lambda: progress.advance(task)


def _counted(alerts: Iterator[Alert], advance: Callable[[], None]) -> Iterator[Alert]:
    for alert in alerts:
        yield alert
        advance()
