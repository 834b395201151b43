"""`sandtable deliver`: from a rule file and alerts to incidents, with a summary, and exit codes that mean something."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sandtable_connector.cli import deliver as command
from sandtable_connector.transport import Request, Response

pytestmark = pytest.mark.ours("what the rules ask for is delivered, and the summary and the exit code say how it went")

PASSWORD = "correct-horse-battery"


class Delivering:
    def __init__(self, folder: Path, given: Any, url: str) -> None:
        self.folder = folder
        self.given = given
        self.write("rules.yml", f"rules: [{{id: {given.RULE}, name: Disk}}]")
        self.write("alerts.jsonl", self.lines(given.document(0), given.document(1, status="recovered")))
        connector = {
            "name": "c1",
            "actionTypeId": ".servicenow",
            "config": {"apiUrl": url, "usesTableApi": False},
            "secrets": {"username": "elastic", "password": PASSWORD},
        }
        self.settings: dict[str, Any] = {"xpack.actions.preconfigured": {"c1": connector}}
        self.write("kibana.yml", json.dumps(self.settings))

    def lines(self, *documents: dict[str, Any]) -> str:
        return "".join(json.dumps(document) + "\n" for document in documents)

    def write(self, name: str, content: str) -> None:
        (self.folder / name).write_text(content)

    def arguments(self, *more: str, alerts: str | None = None) -> list[str]:
        files = {"rules": "rules.yml", "kibana-yml": "kibana.yml", "alerts": "alerts.jsonl"}
        listed = [part for name, file in files.items() for part in (f"--{name}", str(self.folder / file))]
        if alerts is not None:
            listed[-1] = alerts
        return [*listed, "--connector", "c1", *more]

    def __call__(
        self, *more: str, code: int = 0, stdin: str = "", alerts: str | None = None, terminal: bool = False
    ) -> Result:
        environment = {"SANDTABLE_CONNECTORS": str(self.folder / "none.db"), "COLUMNS": "200"}
        environment["TTY_COMPATIBLE"] = "1" if terminal else "0"
        result = CliRunner().invoke(command, self.arguments(*more, alerts=alerts), input=stdin, env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        assert result.exit_code == code, result.output
        assert PASSWORD not in result.output
        return result


class Instance:
    def __init__(self, stage: Any) -> None:
        self.stage = stage
        self.refuses: Response | None = None
        self.requests: list[Request] = []
        self.holds = False
        self.asked, self.go = threading.Event(), threading.Event()

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        self.asked.set()
        if self.holds:
            self.go.wait(60)
        if self.refuses is not None:
            return self.refuses
        if "elastic_api/health" in request.url:
            return self.stage.health()
        if request.method == "POST":
            return self.stage.row()
        if "sysparm_query" in request.url:
            return self.stage.answer([self.stage.record()])
        return self.stage.answer(self.stage.record())


@pytest.fixture
def instance(stage: Any) -> Instance:
    return Instance(stage)


@pytest.fixture
def deliver(tmp_path: Path, given: Any, instance: Instance, served: Callable[..., str]) -> Delivering:
    return Delivering(tmp_path, given, served(instance))


def test_alerts_are_delivered_and_summed_up(deliver: Delivering, instance: Instance) -> None:
    delivered = deliver()
    header, row = delivered.stdout.splitlines()[:2]
    assert " ".join(header.split()) == "rule checks alerts pushed closed failed"
    assert row.split() == ["Disk", "2", "2", "1", "1", "0"]
    assert all(len(line) <= 80 for line in delivered.stdout.splitlines())
    assert len(instance.requests) == 7


def test_as_json_and_line_by_line(deliver: Delivering) -> None:
    found = json.loads(deliver("--json").stdout)
    assert (found["failed"], found["waiting"], found["in_doubt"], found["failures"]) == (0, 0, 0, [])
    assert [(rule["rule_id"], rule["pushed"], rule["closed"]) for rule in found["rules"]] == [
        (deliver.given.RULE, 1, 1)
    ]
    told = deliver("-v").stderr.splitlines()
    assert told == ["line 1: pushToService for web-01: INC0010001", "line 2: closeIncident for web-01: INC0010001"]


def test_a_progress_bar_where_somebody_sees_it_and_nowhere_else(deliver: Delivering) -> None:
    assert "2/2" in deliver(terminal=True).stderr
    assert "2/?" in deliver(terminal=True, alerts="-", stdin=(deliver.folder / "alerts.jsonl").read_text()).stderr
    assert deliver().stderr == ""
    assert deliver("--quiet", terminal=True).stderr == ""
    assert deliver("--json", terminal=True).stderr == ""


def test_alerts_from_standard_input(deliver: Delivering, instance: Instance) -> None:
    deliver(alerts="-", stdin=deliver.lines(deliver.given.document(0)))
    assert len(instance.requests) == 3


def test_what_was_not_sent_is_counted_by_reason(deliver: Delivering) -> None:
    deliver.write("rules.yml", f"rules: [{{id: {deliver.given.RULE}, name: Disk, mute_all: true}}]")
    assert "muted: 2" in deliver().stdout


def test_a_failure_for_good_is_exit_code_1(deliver: Delivering, instance: Instance) -> None:
    instance.refuses = instance.stage.refused(401, PASSWORD)
    failed = deliver(code=1)
    assert "failed: line 1, pushToService for web-01 through c1, attempts: 1: [Action][ServiceNow]:" in failed.stdout
    assert "[redacted]" in failed.stdout


def test_what_waits_for_another_attempt_is_exit_code_3_and_is_kept(deliver: Delivering, instance: Instance) -> None:
    queue = str(deliver.folder / "queue.db")
    instance.refuses = instance.stage.refused(503)
    waiting = deliver("--no-wait", "--queue", queue, code=3)
    assert "waiting: line 1, pushToService for web-01 through c1, attempts: 1:" in waiting.stdout
    assert json.loads(deliver("--no-wait", "--queue", queue, "--json", code=3).stdout)["waiting"] == 2
    assert len(instance.requests) == 2


def test_the_number_of_attempts_from_the_line_and_from_the_file(deliver: Delivering, instance: Instance) -> None:
    instance.refuses = instance.stage.refused(503)
    deliver("--max-attempts", "1", code=1)
    deliver.write("kibana.yml", json.dumps({**deliver.settings, "xpack.actions.run.maxAttempts": 1}))
    deliver(code=1)
    assert len(instance.requests) == 4


def test_limits_and_addresses_come_from_the_kibana_yml(deliver: Delivering, instance: Instance) -> None:
    more = {"xpack.alerting.rules.run.alerts.max": 1, "server.publicBaseUrl": "https://k.example.com"}
    deliver.write("kibana.yml", json.dumps({**deliver.settings, **more}))
    params = {"subActionParams": {"incident": {"short_description": "{{rule.url}}"}}}
    rule = {"id": deliver.given.RULE, "name": "Disk", "actions": [{"params": params}]}
    deliver.write("rules.yml", json.dumps({"rules": [rule]}))
    deliver.write("alerts.jsonl", deliver.lines(deliver.given.document(0), deliver.given.document(0, "web-02")))
    assert "alert limit: 1" in deliver().stdout
    (body,) = [json.loads(request.body or b"") for request in instance.requests if request.method == "POST"]
    assert body["u_short_description"].startswith("https://k.example.com/app/")


@pytest.mark.parametrize(
    ("file", "content", "complaint"),
    [
        ("rules.yml", "rules: 5", "rules.yml line 1: rules: Input should be a valid list"),
        ("alerts.jsonl", "{", "alerts.jsonl line 1: not JSON"),
        ("alerts.jsonl", "{}", "alerts.jsonl line 1: kibana.alert.status: the field is missing"),
        ("kibana.yml", "xpack.actions.run.maxAttempts: 99", "xpack.actions.run.maxAttempts: 99 is not"),
    ],
)
def test_a_file_that_cannot_be_used_is_exit_code_2(
    deliver: Delivering, instance: Instance, file: str, content: str, complaint: str
) -> None:
    deliver.write(file, content)
    assert complaint in deliver(code=2).stderr
    assert instance.requests == []


def test_other_things_that_are_refused(deliver: Delivering, tmp_path: Path) -> None:
    assert "not found" in deliver("--connector", "c9", code=4).stderr
    assert "No such file" in deliver(alerts="/none.jsonl", code=2).stderr
    (tmp_path / "latin").write_bytes(b"\xff\n")
    assert "latin line 1: not UTF-8 text" in deliver(alerts=str(tmp_path / "latin"), code=2).stderr
    assert "cannot be used as a queue" in deliver("--queue", str(tmp_path / "rules.yml"), code=2).stderr


def test_checks_before_a_bad_line_are_delivered_and_stay_delivered(deliver: Delivering, instance: Instance) -> None:
    queue = str(deliver.folder / "queue.db")
    good = deliver.lines(deliver.given.document(0), deliver.given.document(1), deliver.given.document(2))
    deliver.write("alerts.jsonl", good + "{\n")
    assert "alerts.jsonl line 4: not JSON" in deliver("--queue", queue, code=2).stderr
    sent = len(instance.requests)
    assert sent == 6
    deliver.write("alerts.jsonl", good)
    deliver("--queue", queue)
    assert len(instance.requests) == sent + 3


def test_ctrl_c_ends_with_130_and_the_next_run_goes_on(deliver: Delivering, instance: Instance) -> None:
    instance.holds = True
    queue = ("--queue", str(deliver.folder / "queue.db"))
    # A shell starts what it runs in the background deaf to the signal.
    listens = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{listens}; from sandtable_connector.cli import deliver; deliver()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *deliver.arguments(*queue)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SANDTABLE_CONNECTORS": str(deliver.folder / "none.db")},
    )
    try:
        assert instance.asked.wait(60)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    finally:
        instance.go.set()
    assert process.returncode == 130
    assert "interrupted; run the same again to go on" in err
    assert "Traceback" not in err
    deliver(*queue)
