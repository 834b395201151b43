"""``sandtable rehearse``: run the scenarios against any connector and any instance."""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

OURS = "sandtable_connector.rehearsal:connector"
SKELETONS = {"python": "connector.py", "node": "connector.mjs", "java": "Connector.java", "go": "connector.go"}
RUNNERS = {"python": "python", "node": "node", "java": "jbang", "go": "go run"}
MOST_JOBS, SCENARIOS_A_JOB = 8, 12
CLEAN, FINDINGS, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", err=True, nl=False)


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


@click.group(invoke_without_command=True)
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
@click.option("--random-seed", type=int, default=0, show_default=True, help="The same seed tells the same stories.")
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
@click.option("--sarif", type=click.Path(dir_okay=False, path_type=Path), help="Write SARIF 2.1.0 here.")
@click.option("--github", is_flag=True, help="Print an annotation for GitHub Actions for each finding.")
@click.option("--verbose", is_flag=True, help="Show what reached the instance, and what the connector logged.")
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
    help="Spread scenarios over so many processes: one a core by default, one for an address, whose copies they get.",
)
@click.option(
    "--database", metavar="PLACE", help="Example database: a folder, or redis://host/0 to share it between machines."
)
@click.option(
    "--since",
    type=click.Path(exists=True, path_type=Path),
    metavar="REPORT",
    help="Tell the failures of an earlier run first: its JSON report, or the folder of its stories.",
)
@click.option(
    "--record",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Record the instance's answers, dated and redacted, and print how the simulator differs.",
)
@click.option("--list", "list_rules", is_flag=True, help="Print the rules and stop.")
@click.option("--explain", "explain_rule", metavar="RULE", help="Print what one rule means and stop.")
@click.option("--check", "check_answers", is_flag=True, help="Try the connector's answers only, and stop.")
@click.pass_context
def rehearse(context: click.Context, /, **options: Any) -> None:
    """Tell many short stories to a connector and an instance, and report every rule that breaks.

    Exit code 0: no findings (expected differences are none). 1: findings. 2: the command line is wrong. 3: a target
    does not answer.

    \b
    sandtable rehearse
    sandtable rehearse init node
    sandtable rehearse --connector cmd:"node connector.mjs" --check
    sandtable rehearse --connector cmd:"node my-connector.js" --profile ci --html report.html
    sandtable rehearse --connector "sandtable_connector.rehearsal:connector?behaviour=kibana-8.13" --expect kibana-8.13
    """
    if context.invoked_subcommand is not None:
        return
    if options["list_rules"]:
        _list_rules()
        return
    if options["explain_rule"]:
        _explain(options["explain_rule"])
        return
    from sandtable_scenarios.stage.findings import TargetUnreachable
    from sandtable_scenarios.targets.instances import simulator_for

    options["instance"] = options["instance"] or simulator_for(options["connector"])
    if not logging.root.handlers:
        # What a connector in this process logs is part of no report, and would run into the progress line.
        logging.root.addHandler(logging.NullHandler())
    try:
        if options["record"]:
            code = _record(options)
        elif options["check_answers"]:
            code = _check(options)
        else:
            code = _replay(options) if options["replays"] else _run(options)
    except TargetUnreachable as problem:
        click.echo(f"unreachable: {problem}", err=True)
        sys.exit(UNREACHABLE)
    except KeyboardInterrupt:
        # Half a run says nothing about the rules.
        click.echo("\ninterrupted; what was found so far is not a result", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(code)


@rehearse.command()
@click.argument("language", type=click.Choice(sorted(SKELETONS)))
@click.argument("path", required=False, type=click.Path(dir_okay=False, path_type=Path))
def init(language: str, path: Path | None) -> None:
    """Write a connector to begin with: the loop, what it offers, and two functions to fill in.

    \b
    sandtable rehearse init python my_connector.py
    """
    from importlib.resources import files

    name = SKELETONS[language]
    text = (files("sandtable_scenarios") / "protocol" / f"{name}.txt").read_text(encoding="utf-8")
    target = path or Path(name)
    if target.exists():
        raise click.UsageError(f"{target} exists already; name another file")
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{target} cannot be written: {error.strerror or error}") from None
    click.echo(
        f'wrote {target}; try it with\n  sandtable rehearse --connector "cmd:{RUNNERS[language]} {target}" --check'
    )


def _check(options: dict[str, Any]) -> int:
    from sandtable_scenarios.protocol.trying import try_answers
    from sandtable_scenarios.targets.choosing import connector_from

    instance, connector = _instance(options), connector_from(options["connector"])
    wrong = 0
    try:
        for tried in try_answers(connector, instance):
            wrong += bool(tried.wrong)
            click.echo(f"{'wrong' if tried.wrong else 'error' if tried.error else 'fine '}  {tried.what}")
            for each in (*tried.wrong, *((tried.error,) if tried.error else ())):
                click.echo(f"         {each}")
    finally:
        connector.close()
        instance.close()
    return FINDINGS if wrong else CLEAN


def _instance(options: dict[str, Any]) -> Any:
    from sandtable_scenarios.targets.instances import instance_from

    return instance_from(options["instance"], **_instance_options(options))


def _instance_options(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "admin": _credentials(options, "admin"),
        "integration": _credentials(options, "integration"),
        "plane_token": options["plane_token"],
        "verify": options["ca"] or True,
    }


def _listeners(options: dict[str, Any]) -> list[Any]:
    from sandtable_scenarios.report.build_servers import GithubReport, SarifReport
    from sandtable_scenarios.report.files import JsonReport, JunitReport
    from sandtable_scenarios.report.html import HtmlReport
    from sandtable_scenarios.report.places import Unfailing, trouble_with
    from sandtable_scenarios.report.story_files import StoryFiles
    from sandtable_scenarios.report.terminal import TerminalReport

    write = partial(click.echo, file=sys.stdout)
    listeners: list[Any] = [TerminalReport(write, progress=_progress, verbose=options["verbose"])]
    if options["github"]:
        listeners.append(GithubReport(write))
    for name, report in (
        ("sarif", SarifReport),
        ("junit", JunitReport),
        ("json_file", JsonReport),
        ("html_file", HtmlReport),
        ("save", StoryFiles),
    ):
        if options[name]:
            flag = f"--{name.removesuffix('_file')}"
            trouble = trouble_with(options[name], folder=name == "save")
            if trouble:
                # Now, and not after an hour's run.
                raise click.UsageError(f"{flag} {options[name]} cannot be written: {trouble}")
            listeners.append(Unfailing(flag, options[name], report(options[name])))
    return listeners


def _credentials(options: dict[str, Any], name: str) -> Any:
    from sandtable_scenarios.targets.instances import Credentials

    user, colon, password = options[name].partition(":")
    if not colon or not user:
        raise click.UsageError(f"--{name} must be USER:PASSWORD")
    return Credentials(user, password)


def _run(options: dict[str, Any]) -> int:
    from sandtable_scenarios.catalogue import ChoiceError, chosen_rules, chosen_scenarios, rule_ids, world_for
    from sandtable_scenarios.expected import KnownError, load_known
    from sandtable_scenarios.search.engine import PROFILES, Plan, run
    from sandtable_scenarios.search.parallel import Setup, run_parallel
    from sandtable_scenarios.search.remembering import database_at

    patterns = options["rules"] or ("*",)
    try:
        scenarios = chosen_scenarios(patterns, options["scenarios"] or ("*",))
        rules = chosen_rules(patterns)
        known = load_known(options["expect"], rule_ids()) if options["expect"] else {}
        database = database_at(options["database"])
    except (ChoiceError, KnownError, ImportError) as problem:
        raise click.UsageError(str(problem)) from problem
    plan = Plan(
        PROFILES[options["profile"]], options["random_seed"], patterns, known, database, _last(options["since"])
    )
    listeners = _listeners(options)
    instance = _instance(options)
    world = world_for(instance, options["connector"])
    jobs = jobs_for(options, len(scenarios))
    # What is there now stays: the collector need not look through it after every few stories.
    gc.freeze()
    try:
        if jobs > 1:
            setup = Setup(options["instance"], options["connector"], _instance_options(options))
            finished = run_parallel(scenarios, rules, world, plan, listeners, setup=setup, jobs=jobs)
        else:
            finished = run(scenarios, rules, world, plan, listeners)
    finally:
        gc.unfreeze()
        world.connector.close()
        instance.close()
    troubles = [trouble for each in listeners if (trouble := getattr(each, "trouble", ""))]
    for trouble in troubles:
        click.echo(trouble, err=True)
    if troubles:
        return USAGE
    return FINDINGS if finished.failed else CLEAN


def jobs_for(options: dict[str, Any], scenarios: int) -> int:
    """Return over how many processes a run is spread: as asked, or one a core where each can have its own targets."""
    if options["jobs"]:
        return min(int(options["jobs"]), scenarios)
    shared = options["instance"].startswith(("http://", "https://"))
    shared = shared or options["connector"].startswith(("http://", "https://"))
    return 1 if shared else max(1, min(os.cpu_count() or 1, MOST_JOBS, scenarios // SCENARIOS_A_JOB))


def _last(since: Path | None) -> dict[str, tuple[Any, ...]]:
    """Return the stories of the findings of an earlier run by scenario, from its JSON report or its saved stories."""
    from sandtable_scenarios.stage.stories import StoryError, load_scenario, story_from_dict

    if since is None:
        return {}
    found: dict[str, tuple[Any, ...]] = {}
    try:
        if since.is_dir():
            for path in sorted(since.glob("*.yaml")):
                saved = load_scenario(path)
                found[saved.scenario] = (*found.get(saved.scenario, ()), saved.story)
        else:
            for finding in json.loads(since.read_text(encoding="utf-8"))["findings"]:
                story = story_from_dict(finding["story"], str(since))
                found[finding["scenario"]] = (*found.get(finding["scenario"], ()), story)
    except (OSError, ValueError, KeyError, TypeError, StoryError) as problem:
        raise click.UsageError(f"--since {since}: is neither a JSON report nor saved stories: {problem}") from problem
    return found


def _replay(options: dict[str, Any]) -> int:
    from sandtable_scenarios.catalogue import world_for
    from sandtable_scenarios.stage.findings import Unavailable
    from sandtable_scenarios.stage.stories import StoryError, load_scenario

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
                violation = world.replay(saved.story)
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
