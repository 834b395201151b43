"""``sandtable rehearse``: run the scenarios against any connector and any instance."""

from __future__ import annotations

import logging
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

OURS = "sandtable_connector.rehearsal:connector"
CLEAN, FINDINGS, USAGE, UNREACHABLE = 0, 1, 2, 3


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", err=True, nl=False)


def _database(place: str | None) -> Any:
    """Return the example database that a command-line value names: a folder, or a Redis address."""
    if not place:
        return None
    if place.startswith(("redis://", "rediss://")):
        try:
            from hypothesis.extra.redis import RedisExampleDatabase
            from redis import Redis
        except ImportError as problem:
            raise click.UsageError("a Redis example database needs the package redis: pip install redis") from problem
        return RedisExampleDatabase(Redis.from_url(place))
    from hypothesis.database import DirectoryBasedExampleDatabase

    return DirectoryBasedExampleDatabase(place)


def _list_rules() -> None:
    from sandtable_scenarios.catalogue import RULES

    for rule in RULES:
        click.echo(f"{rule.id:<34} {rule.severity.value:<9} {rule.evidence.kind:<11} {rule.title}")


def _explain(rule_id: str) -> None:
    from sandtable_scenarios.catalogue import RULES, SCENARIOS

    rule = next((rule for rule in RULES if rule.id == rule_id), None)
    if rule is None:
        raise click.UsageError(f"there is no rule {rule_id!r}; --list prints them all")
    click.echo(f"{rule.id}\n\n{rule.title}\n\n{rule.explanation}\n")
    click.echo(f"severity   {rule.severity.value}\njudges     the {rule.judges}\nevidence   {rule.evidence}")
    click.echo("exercised  by " + ", ".join(scenario.name for scenario in SCENARIOS if rule.id in scenario.rules))


@click.command()
@click.option(
    "--connector",
    default=OURS,
    show_default=True,
    metavar="TARGET",
    help="module:factory, cmd:PROGRAM, or a Kibana address.",
)
@click.option(
    "--instance",
    metavar="TARGET",
    help="module:factory, or the address of an instance; a simulator of its own by default.",
)
@click.option(
    "--profile",
    type=click.Choice(["quick", "ci", "deep"]),
    default="quick",
    show_default=True,
    help="How hard to look.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed tells the same stories.")
@click.option(
    "--rules",
    "rules",
    multiple=True,
    metavar="PATTERN",
    help="Watch only these rules, such as 'close.*'; may be repeated.",
)
@click.option(
    "--scenario", "scenarios", multiple=True, metavar="PATTERN", help="Run only these scenarios; may be repeated."
)
@click.option("--expect", metavar="PRESET", help="Known differences: a preset such as kibana-8.13, or a YAML file.")
@click.option("--admin", default="admin:admin", metavar="USER:PASSWORD", help="Who looks at the instance from outside.")
@click.option(
    "--integration",
    default="elastic.integration:elastic-integration",
    metavar="USER:PASSWORD",
    help="Who the connector is.",
)
@click.option(
    "--plane-token",
    envvar="SANDTABLE_PLANE_TOKEN",
    default="",
    help="Token of the simulator's test plane, if it wants one.",
)
@click.option("--ca", type=click.Path(exists=True, dir_okay=False), help="CA bundle for an https instance.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML here.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write JSON here.")
@click.option(
    "--html",
    "html_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one self-contained HTML page here.",
)
@click.option(
    "--save", type=click.Path(file_okay=False, path_type=Path), help="Save each finding's story in this folder."
)
@click.option(
    "--replay",
    "replays",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Play saved stories instead.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Spread scenarios over processes (pytest-xdist).",
)
@click.option(
    "--database", metavar="PLACE", help="Example database: a folder, or redis://host/0 to share it between machines."
)
@click.option(
    "--record",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Record the instance's answers, dated and redacted, and print how the simulator differs.",
)
@click.option("--list", "list_rules", is_flag=True, help="Print the rules and stop.")
@click.option("--explain", "explain_rule", metavar="RULE", help="Print what one rule means and stop.")
def rehearse(**options: Any) -> None:
    """Tell many short stories to a connector and an instance, and report every rule that breaks.

    Exit code 0: no findings (expected differences are none). 1: findings. 2: the command line is wrong. 3: a target
    does not answer.

    \b
    sandtable rehearse
    sandtable rehearse --connector cmd:"node my-connector.js" --profile ci --html report.html
    sandtable rehearse --connector "sandtable_connector.rehearsal:connector?behaviour=kibana-8.13" --expect kibana-8.13
    """
    if options["list_rules"]:
        _list_rules()
        return
    if options["explain_rule"]:
        _explain(options["explain_rule"])
        return
    from sandtable_scenarios.findings import TargetUnreachable
    from sandtable_scenarios.targets.instances import simulator_for

    options["instance"] = options["instance"] or simulator_for(options["connector"])
    if not logging.root.handlers:
        # What a connector in this process logs is part of no report, and would run into the progress line.
        logging.root.addHandler(logging.NullHandler())
    try:
        if options["record"]:
            code = _record(options)
        else:
            code = _replay(options) if options["replays"] else _run(options)
    except TargetUnreachable as problem:
        click.echo(f"unreachable: {problem}", err=True)
        sys.exit(UNREACHABLE)
    sys.exit(code)


def _instance(options: dict[str, Any]) -> Any:
    from sandtable_scenarios.targets.instances import Credentials, instance_from

    def credentials(name: str) -> Credentials:
        user, colon, password = options[name].partition(":")
        if not colon or not user:
            raise click.UsageError(f"--{name} must be USER:PASSWORD")
        return Credentials(user, password)

    return instance_from(
        options["instance"],
        admin=credentials("admin"),
        integration=credentials("integration"),
        plane_token=options["plane_token"],
        verify=options["ca"] or True,
    )


def _listeners(options: dict[str, Any]) -> list[Any]:
    from sandtable_scenarios.report.files import JsonReport, JunitReport
    from sandtable_scenarios.report.html import HtmlReport
    from sandtable_scenarios.report.stories import StoryFiles
    from sandtable_scenarios.report.terminal import TerminalReport

    listeners: list[Any] = [TerminalReport(partial(click.echo, file=sys.stdout), progress=_progress)]
    for name, report in (
        ("junit", JunitReport),
        ("json_file", JsonReport),
        ("html_file", HtmlReport),
        ("save", StoryFiles),
    ):
        if options[name]:
            listeners.append(report(options[name]))
    return listeners


def _run(options: dict[str, Any]) -> int:
    from sandtable_scenarios.catalogue import ChoiceError, chosen_rules, chosen_scenarios, rule_ids, world_for
    from sandtable_scenarios.engine import PROFILES, Plan, run
    from sandtable_scenarios.known import KnownError, load_known

    patterns = options["rules"] or ("*",)
    try:
        scenarios = chosen_scenarios(patterns, options["scenarios"] or ("*",))
        rules = chosen_rules(patterns)
        known = load_known(options["expect"], rule_ids()) if options["expect"] else {}
    except (ChoiceError, KnownError) as problem:
        raise click.UsageError(str(problem)) from problem
    if options["jobs"] > 1:
        from sandtable_scenarios.parallel import run_parallel

        return FINDINGS if run_parallel(options, scenarios, rules, known, _listeners(options)).failed else CLEAN
    plan = Plan(PROFILES[options["profile"]], options["seed"], patterns, known, _database(options["database"]))
    instance = _instance(options)
    world = world_for(instance, options["connector"])
    try:
        finished = run(scenarios, rules, world, plan, _listeners(options))
    finally:
        world.connector.close()
        instance.close()
    return FINDINGS if finished.failed else CLEAN


def _replay(options: dict[str, Any]) -> int:
    from sandtable_scenarios.catalogue import world_for
    from sandtable_scenarios.engine import replay
    from sandtable_scenarios.findings import Unavailable
    from sandtable_scenarios.stories import StoryError, load_scenario

    try:
        files = [(path, load_scenario(path)) for path in options["replays"]]
    except StoryError as problem:
        raise click.UsageError(str(problem)) from problem
    instance = _instance(options)
    world = world_for(instance, options["connector"])
    broken = 0
    try:
        for path, saved in files:
            try:
                violation = replay(saved.story, world)
            except Unavailable as reason:
                click.echo(f"skipped  {path}: {reason}")
                continue
            if violation is None:
                click.echo(f"holds    {path}: {saved.rule}")
            else:
                broken += 1
                click.echo(f"broken   {path}: {violation}")
    finally:
        world.connector.close()
        instance.close()
    return FINDINGS if broken else CLEAN


def _record(options: dict[str, Any]) -> int:
    from sandtable_scenarios.recording import drift, record, save
    from sandtable_scenarios.targets.instances import SIMULATOR, instance_from

    instance = _instance(options)
    simulator = instance_from(SIMULATOR)
    try:
        recording = record(instance)
        path = save(recording, options["record"], instance.base_url)
        click.echo(f"recorded {len(recording['answers'])} answers of {instance.base_url} in {path}")
        differences = drift(recording, record(simulator))
    finally:
        instance.close()
        simulator.close()
    for difference in differences:
        click.echo(f"drift    {difference}")
    click.echo(f"{len(differences)} differences between the recording and the simulator")
    return FINDINGS if differences else CLEAN
