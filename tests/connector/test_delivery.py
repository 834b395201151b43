"""The queue and what drives it: nothing accepted is lost or sent twice, failures are tried again as documented."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sandtable_connector import Behaviour, ConnectorError, errors
from sandtable_connector.delivery import Delivery, DeliveryQueue, report
from sandtable_connector.delivery.journal import JournalledTransport
from sandtable_connector.delivery.queue import QueuedAction
from sandtable_connector.rules import RuleRunner
from sandtable_connector.rules.lifecycle import RuleState
from sandtable_connector.settings.retry import RetryPolicy
from sandtable_connector.transport import Request, Response, Transport
from sandtable_connector.values.invalid_input import InvalidInput

pytestmark = pytest.mark.ours("an action that was accepted is carried out, once")


class Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waited.append(round(seconds, 3))
        self.now += seconds


class Instance:
    """An instance that merges by correlation id; `fails` may answer or raise instead, by the number of the request."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        self.requests: list[tuple[str, str]] = []
        self.incidents: dict[str, dict[str, Any]] = {}
        self.fails: Callable[[int], Response | ConnectorError | None] = lambda number: None

    def send(self, request: Request) -> Response:
        path = request.url.removeprefix(self.stage.API_URL).partition("?")[0]
        self.requests.append((request.method, path))
        failure = self.fails(len(self.requests))
        if isinstance(failure, Exception):
            raise failure
        if failure is not None:
            return failure
        if "elastic_api/health" in path:
            return self.stage.health()
        if request.method == "POST":
            return self.stage.row(self._written(json.loads(request.body or b"{}")))
        if path.endswith("/incident"):
            if "sys_created_on%3E%3D" in request.url:
                return self.stage.answer(list(self.incidents.values()))
            wanted = request.url.split("correlation_id%3D")[1].split("&")[0].replace("%3A", ":")
            return self.stage.answer([row for row in self.incidents.values() if row["correlation_id"] == wanted])
        record = self.incidents[path.rsplit("/", 1)[1]]
        if "sysparm_display_value=true" in request.url:
            return self.stage.answer({"work_notes": "\n\n".join(f"now - Somebody\n{note}" for note in record["notes"])})
        return self.stage.answer(record)

    def _written(self, body: dict[str, Any]) -> str:
        given = {name.removeprefix("u_"): value for name, value in body.items() if value is not None}
        wanted = given.get("correlation_id")
        known = [row for row in self.incidents.values() if wanted and row.get("correlation_id") == wanted]
        sys_id = given.pop("elastic_incident_id", None) or (known[0]["sys_id"] if known else None)
        if sys_id is None:
            sys_id = f"{len(self.incidents) + 1:032x}"
            self.incidents[sys_id] = self.stage.record(sys_id, notes=[])
        row = self.incidents[sys_id]
        row["sys_mod_count"] = str(int(row.get("sys_mod_count", "-1")) + 1)
        row["notes"] += [given.pop("work_notes")] if "work_notes" in given else []
        row.update(given)
        return str(sys_id)


@pytest.fixture
def instance(stage: Any) -> Instance:
    return Instance(stage)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def deliver(stage: Any, instance: Instance, clock: Clock) -> Callable[..., Delivery]:
    def make(queue: DeliveryQueue, *, preset: str = "documented", **more: Any) -> Delivery:
        def connect(connector_id: str, wrap: Callable[[Transport], Transport]) -> Any:
            if connector_id != "c1":
                raise errors.ConfigurationError(f"no connector {connector_id}")
            return stage.connector(wrap(instance), preset, clock=clock)

        resumes = Behaviour.preset(preset).retries_resume
        return Delivery(queue, connect, clock=clock, wait=clock.wait, chance=random.Random(1), resumes=resumes, **more)

    return make


@pytest.fixture
def queue() -> Iterator[DeliveryQueue]:
    with DeliveryQueue() as made:
        yield made


def test_a_stream_becomes_incidents_and_a_report(given: Any, instance: Instance, deliver: Any, queue: Any) -> None:
    documents = given.alerts(given.document(0), given.document(1), given.document(2, status="recovered"))
    attempts = list(deliver(queue).run(RuleRunner(given.rules()), documents))
    assert [attempt.result.status for attempt in attempts] == ["ok"] * 3
    assert [(row["state"], row["correlation_id"]) for row in instance.incidents.values()] == [
        ("7", f"{given.RULE}:web-01")
    ]
    (rule,) = report(queue).rules
    assert (rule.checks, rule.alerts, rule.pushed, rule.closed, rule.failed, rule.waiting) == (3, 3, 2, 1, 0, 0)


def test_reading_a_stream_again_sends_nothing_again(given: Any, instance: Instance, deliver: Any, queue: Any) -> None:
    documents = given.alerts(given.document(0), given.document(1))
    list(deliver(queue).run(RuleRunner(given.rules()), documents))
    sent = len(instance.requests)
    runner = RuleRunner(given.rules(), states=queue.states())
    more = [*documents, *given.alerts(given.document(2, status="recovered"))]
    assert [attempt.action.kind for attempt in deliver(queue).run(runner, more)] == ["recovered"]
    assert len(instance.requests) == sent + 4


def test_what_is_due_first_comes_first_then_what_was_accepted_first(given: Any, queue: Any) -> None:
    runner = RuleRunner(given.rules())
    outcome = runner.check(given.alerts(*(given.document(0, name) for name in ("a", "b", "c"))))
    queue.accept(outcome, runner.state(given.RULE), at_most=10, now=100.0)
    first = queue.take(100.0)
    assert first.alert_id == "a"
    queue.postpone(first, 130.0, {"status": "error"})
    second = queue.take(110.0)
    assert second.alert_id == "b"
    queue.postpone(second, 120.0, {"status": "error"})
    assert queue.next_due() == 100.0
    taken = []
    while (action := queue.take(130.0)) is not None:
        taken.append((action.alert_id, action.attempts))
        queue.finish(action, {"status": "ok"})
    assert taken == [("c", 1), ("b", 2), ("a", 2)]


@pytest.mark.documented("Kibana docs, xpack.actions.run.maxAttempts; elastic/kibana#143224, #147876")
class TestAttempts:
    def test_row_29_three_attempts_then_it_has_failed(
        self, given: Any, stage: Any, instance: Instance, deliver: Any, queue: Any, clock: Clock
    ) -> None:
        instance.fails = lambda number: stage.refused(503, "Down")
        attempts = list(deliver(queue).run(RuleRunner(given.rules()), given.alerts(given.document(0))))
        assert [attempt.action.attempts for attempt in attempts] == [1, 2, 3]
        assert [attempt.next_due is None for attempt in attempts] == [False, False, True]
        assert clock.waited[0] == 30
        assert 0 <= clock.waited[1] <= 300
        (failure,) = report(queue).failures
        assert failure.attempts == 3
        assert "503" in failure.message

    @pytest.mark.parametrize("attempts", [1, 2, 10])
    def test_the_number_of_attempts_is_a_setting_also_by_type(
        self, given: Any, stage: Any, instance: Instance, deliver: Any, queue: Any, attempts: int
    ) -> None:
        instance.fails = lambda number: stage.refused(500)
        policy = RetryPolicy(max_attempts=5, overrides={".servicenow": attempts})
        ended = list(deliver(queue, retry=policy).run(RuleRunner(given.rules()), given.alerts(given.document(0))))
        assert len(ended) == attempts

    @pytest.mark.parametrize(("preset", "requests"), [("documented", 4), ("kibana-8.13", 6)])
    def test_a_second_attempt_may_succeed_and_goes_on_or_begins_anew(
        self, given: Any, instance: Instance, deliver: Any, queue: Any, preset: str, requests: int
    ) -> None:
        instance.fails = lambda number: errors.ConnectionFailed("socket hang up") if number == 3 else None
        made = deliver(queue, preset=preset)
        ended = list(made.run(RuleRunner(given.rules()), given.alerts(given.document(0))))
        assert [attempt.result.status for attempt in ended] == ["error", "ok"]
        assert len(instance.requests) == requests
        assert len(instance.incidents) == 1
        assert report(queue).in_doubt == 0

    @pytest.mark.parametrize(("preset", "attempts"), [("documented", 1), ("kibana-8.13", 3)])
    def test_what_cannot_succeed_is_tried_again_only_where_kibana_does(
        self, given: Any, stage: Any, instance: Instance, deliver: Any, queue: Any, preset: str, attempts: int
    ) -> None:
        instance.fails = lambda number: stage.refused(401)
        made = deliver(queue, preset=preset)
        ended = list(made.run(RuleRunner(given.rules()), given.alerts(given.document(0))))
        assert len(ended) == attempts

    def test_delays_grow_to_an_hour(self) -> None:
        policy = RetryPolicy(max_attempts=10)
        highest = type("Highest", (random.Random,), {"uniform": lambda self, low, high: high})()
        delays = [policy.delay(attempt, highest) for attempt in range(1, 10)]
        assert delays == [30, 300, 600, 1200, 2400, 3600, 3600, 3600, 3600]
        assert policy.delay(5000, highest) == 3600

    @pytest.mark.parametrize("attempts", [0, 11, True, "3"])
    def test_a_number_of_attempts_outside_one_to_ten_is_refused(self, attempts: Any) -> None:
        with pytest.raises(errors.ConfigurationError, match=r"xpack\.actions\.run\.maxAttempts: .* from 1 to 10"):
            RetryPolicy(max_attempts=attempts)
        with pytest.raises(ValueError, match="numbered from 1"):
            RetryPolicy().delay(0, random.Random())

    @pytest.mark.parametrize(
        ("preset", "notes"),
        [
            ("documented", ["note 0", "note 1", "note 2"]),
            ("kibana-8.13", ["note 0", "note 1", "note 0", "note 1", "note 2"]),
        ],
    )
    def test_row_27_a_comment_before_the_failure_is_written_twice_only_where_kibana_does(
        self, given: Any, stage: Any, instance: Instance, deliver: Any, queue: Any, preset: str, notes: list[str]
    ) -> None:
        action = given.push()
        action["params"]["subActionParams"]["comments"] = [
            {"commentId": str(number), "comment": f"note {number}"} for number in range(3)
        ]
        # Push is requests 1 to 3, each comment three more: the ninth reads back the second comment.
        instance.fails = lambda number: stage.refused(503) if number == 9 else None
        made = deliver(queue, preset=preset)
        list(made.run(RuleRunner(given.rules(actions=[action])), given.alerts(given.document(0))))
        (incident,) = instance.incidents.values()
        assert incident["notes"] == notes

    @pytest.mark.ours("a write whose answer is lost is made once, where the instance can tell")
    @pytest.mark.parametrize("lost", ["before", "after"])
    @pytest.mark.parametrize("correlated", [True, False])
    @pytest.mark.parametrize("number", [2, 5, 8])
    def test_a_lost_answer_doubles_nothing(
        self, given: Any, instance: Instance, deliver: Any, queue: Any, number: int, correlated: bool, lost: str
    ) -> None:
        action = given.push() if correlated else given.push(correlation_id=None)
        action["params"]["subActionParams"]["comments"] = [
            {"commentId": str(each), "comment": f"note {each}"} for each in range(2)
        ]
        lose(instance, number, before=lost == "before")
        documents = given.alerts(given.document(0))
        (failed, done) = deliver(queue).run(RuleRunner(given.rules(actions=[action])), documents)
        assert (failed.result.status, done.result.status) == ("error", "ok")
        assert [row["notes"] for row in instance.incidents.values()] == [["note 0", "note 1"]]
        assert report(queue).in_doubt == 0

    @pytest.mark.ours("what may be there twice is counted, and never in silence")
    def test_a_lost_answer_is_in_doubt_where_the_instance_does_not_tell(
        self, given: Any, stage: Any, instance: Instance, deliver: Any, queue: Any
    ) -> None:
        lose(instance, 2, before=False)
        then = instance.fails
        instance.fails = lambda number: stage.refused(403) if number == 3 else then(number)
        action = given.push(correlation_id=None)
        list(deliver(queue).run(RuleRunner(given.rules(actions=[action])), given.alerts(given.document(0))))
        assert len(instance.incidents) == 2
        assert report(queue).in_doubt == 1

    @pytest.mark.recorded("observed Kibana behaviour: another attempt begins anew")
    def test_a_lost_answer_is_in_doubt_where_another_attempt_begins_anew(
        self, given: Any, instance: Instance, deliver: Any, queue: Any
    ) -> None:
        lose(instance, 2, before=False)
        action = given.push(correlation_id=None)
        made = deliver(queue, preset="kibana-8.13")
        list(made.run(RuleRunner(given.rules(actions=[action])), given.alerts(given.document(0))))
        assert len(instance.incidents) == 2
        assert report(queue).in_doubt == 1


@pytest.mark.recorded("the timeout of Kibana's action tasks: five minutes, then the attempt has failed")
def test_an_attempt_that_takes_more_than_five_minutes_is_cut_off_and_tried_again(
    given: Any, instance: Instance, deliver: Any, queue: Any, clock: Clock
) -> None:
    def slow(number: int) -> None:
        clock.now += 200 if number <= 2 else 0

    instance.fails = slow
    ended = list(deliver(queue).run(RuleRunner(given.rules()), given.alerts(given.document(0))))
    assert [attempt.result.status for attempt in ended] == ["error", "ok"]
    assert 'exceeded default timeout of "5m"' in (ended[0].result.service_message or "")
    assert len(instance.requests) == 2 + 1


def test_without_waiting_what_is_not_due_stays_in_the_queue(
    given: Any, stage: Any, instance: Instance, deliver: Any, queue: Any, clock: Clock
) -> None:
    instance.fails = lambda number: stage.refused(503) if number == 1 else None
    delivery = deliver(queue)
    runner = RuleRunner(given.rules())
    list(delivery.run(runner, given.alerts(given.document(0)), wait_for_retries=False))
    assert (report(queue).waiting, clock.waited) == (1, [])
    assert list(delivery.due()) == []
    clock.now += 31
    assert [attempt.result.status for attempt in delivery.due()] == ["ok"]


@pytest.mark.documented("Kibana docs, xpack.actions.queued.max")
def test_what_waits_from_earlier_checks_takes_room_and_what_has_ended_gives_it_back(given: Any, queue: Any) -> None:
    runner = RuleRunner(given.rules())

    def accept(minute: int, *names: str) -> int:
        outcome = runner.check(given.alerts(*(given.document(minute, name, start=minute) for name in names)))
        turned_away: int = queue.accept(outcome, runner.state(given.RULE), at_most=3)
        return turned_away

    assert accept(0, "a", "b") == 0
    assert queue.take(0.0).alert_id == "a"  # what runs has not ended
    assert accept(1, "c", "d", "e") == 2
    assert accept(2, "f") == 1
    running = queue.take(0.0)
    queue.finish(running, {"status": "error"})
    assert accept(3, "g", "h") == 1
    assert [action.alert_id for action in queue.actions()] == ["a", "b", "c", "g"]


def test_a_connector_that_cannot_be_had_fails_for_good(given: Any, deliver: Any, queue: Any) -> None:
    ended = list(deliver(queue).run(RuleRunner(given.rules(connector_id="c9")), given.alerts(given.document(0))))
    assert [(attempt.result.message, attempt.next_due) for attempt in ended] == [("no connector c9", None)]


@pytest.mark.documented("Kibana docs, xpack.actions.queued.max")
def test_a_full_queue_turns_actions_away_and_says_so(given: Any, deliver: Any, queue: Any) -> None:
    documents = given.alerts(given.document(0), given.document(0, "web-02"), given.document(0, "web-03"))
    list(deliver(queue, queued_max=2).run(RuleRunner(given.rules()), documents))
    (rule,) = report(queue).rules
    assert (rule.pushed, rule.silent) == (2, {"queue limit": 1})


def begun(given: Any, queue: DeliveryQueue) -> QueuedAction:
    """Return an action whose first attempt has begun."""
    (outcome,) = given.played(given.rules(), given.document(0))
    queue.accept(outcome, RuleState(), at_most=1)
    action = queue.take(0)
    assert action is not None
    return action


def journalled(queue: DeliveryQueue, action: QueuedAction, inner: Transport) -> JournalledTransport:
    return JournalledTransport(inner, queue, action, clock=lambda: 0.0, deadline=1.0)


def cut_off() -> Response:
    raise ConnectionAbortedError


def lose(instance: Instance, lost: int, *, before: bool) -> None:
    """Lose one request on its way, or its answer on the way back."""
    send = instance.send

    def losing(request: Request) -> Response:
        number = len(instance.requests) + 1
        if number == lost and before:
            instance.requests.append((request.method, "lost"))
        answer = None if number == lost and before else send(request)
        if number == lost or answer is None:
            raise errors.ConnectionFailed("socket hang up", code="ECONNRESET")
        return answer

    instance.send = losing  # type: ignore[method-assign]


class TestInterruption:
    def cut(self, given: Any, instance: Instance, deliver: Any, path: Path, at: int) -> None:
        """Run until the process 'dies' at the sending of one request, then go on with a new queue and delivery."""

        class Died(BaseException):
            pass

        def die(number: int) -> None:
            if number == at:
                raise Died

        documents = given.alerts(
            given.document(0), given.document(0, "web-02"), given.document(1), given.document(2, status="recovered")
        )
        action = given.push()
        action["params"]["subActionParams"]["comments"] = [
            {"commentId": "1", "comment": "{{alert.consecutiveMatches}}"}
        ]
        rules = given.rules(actions=[action, given.CLOSE])
        instance.fails = die
        with DeliveryQueue(path) as queue, pytest.raises(Died):
            list(deliver(queue).run(RuleRunner(rules, states=queue.states()), documents))
        instance.fails = lambda number: None
        with DeliveryQueue(path) as queue:
            list(deliver(queue).run(RuleRunner(rules, states=queue.states()), documents))
            found = report(queue)
        assert (found.failed, found.waiting) == (0, 0)
        assert sum(rule.pushed + rule.closed for rule in found.rules) == 4

    @pytest.mark.parametrize("at", range(1, 23))
    def test_a_run_that_dies_before_any_request_ends_as_if_it_had_not(
        self, given: Any, instance: Instance, deliver: Any, tmp_path: Path, at: int
    ) -> None:
        self.cut(given, instance, deliver, tmp_path / "queue.db", at)
        found = sorted((row["correlation_id"], row["state"], row["notes"]) for row in instance.incidents.values())
        assert found == [(f"{given.RULE}:web-01", "7", ["1", "2"]), (f"{given.RULE}:web-02", "1", ["1"])]
        # 3 pushes of 6 requests and a close of 4; only the one that was cut off went out a second time, a comment after
        # a look at its incident.
        assert len(instance.requests) == 22 + 1 + (at in (5, 11, 17))

    @pytest.mark.parametrize("method, doubtful", [("GET", False), ("POST", True), ("PATCH", True)])
    def test_a_write_that_was_cut_off_leaves_a_doubt(
        self, given: Any, stage: Any, queue: DeliveryQueue, method: str, doubtful: bool
    ) -> None:
        request = Request(method, f"{stage.API_URL}/api/now/v2/table/incident", {}, b"{}")
        action = begun(given, queue)
        with pytest.raises(ConnectionAbortedError):
            journalled(queue, action, stage.Script([lambda _: cut_off()])).send(request)
        again = queue.take(0)
        assert again is not None
        assert (again.id, again.in_doubt) == (action.id, False)
        # A new incident without anything to know it by is looked for, and nothing tells.
        looks = 1 if method != "GET" else 0
        script = stage.Script([*[stage.refused(403)] * looks, stage.answer([])])
        journalled(queue, again, script).send(request)
        assert len(script.requests) == 1 + looks
        assert queue.action(action.id).in_doubt is doubtful

    @pytest.mark.parametrize("change", [{"method": "PATCH"}, {"url": "https://h/other"}, {"body": b'{"a":"2"}'}])
    def test_an_answer_is_given_again_to_the_very_same_request_only(
        self, given: Any, stage: Any, queue: DeliveryQueue, change: dict[str, Any]
    ) -> None:
        request = Request("POST", "https://h/api", {"Authorization": "one"}, b'{"a":"1"}')
        action = begun(given, queue)
        journalled(queue, action, stage.Script([stage.answer("first"), stage.answer("second")])).send(request)
        same = replace(request, headers={"Authorization": "two"})
        assert json.loads(journalled(queue, action, stage.Script([])).send(same).body) == {"result": "first"}
        script = stage.Script([stage.answer("anew"), stage.answer("and on")])
        transport = journalled(queue, action, script)
        assert json.loads(transport.send(replace(request, **change)).body) == {"result": "anew"}
        assert json.loads(transport.send(request).body) == {"result": "and on"}

    def test_the_queue_belongs_to_one_process_at_a_time(self, tmp_path: Path) -> None:
        path = tmp_path / "queue.db"
        with DeliveryQueue(path):
            assert path.stat().st_mode & 0o077 == 0
            with pytest.raises(InvalidInput, match=r"queue\.db: is in use by another delivery"):
                DeliveryQueue(path)
        DeliveryQueue(path).close()

    def test_a_file_that_is_no_queue_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "text").write_text("rules: []\n" * 100)
        with pytest.raises(InvalidInput, match="text: cannot be used as a queue"):
            DeliveryQueue(tmp_path / "text")
        with pytest.raises(InvalidInput, match="cannot be opened as a queue"):
            DeliveryQueue(tmp_path / "text" / "below")


class TestKilled:
    """A real process over a real socket, ended by SIGKILL while a request of its is being answered."""

    def serve(self, instance: Instance, hold: int) -> tuple[ThreadingHTTPServer, threading.Event, threading.Event]:
        held, go = threading.Event(), threading.Event()
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                with lock:
                    answer = instance.send(Request(self.command, f"{instance.stage.API_URL}{self.path}", {}, body))
                    number = len(instance.requests)
                if number == hold:
                    held.set()
                    go.wait(30)
                try:
                    self.send_response(answer.status)
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)
                except OSError:
                    self.close_connection = True

            do_POST = do_GET  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return server, held, go

    @pytest.mark.parametrize("hold", [2, 3, 9])
    def test_kill_9_loses_nothing_and_makes_no_second_incident(
        self, given: Any, instance: Instance, tmp_path: Path, hold: int
    ) -> None:
        server, held, go = self.serve(instance, hold)
        documents = [given.document(0), given.document(0, "web-02"), given.document(1, status="recovered")]
        (tmp_path / "alerts.jsonl").write_text("".join(json.dumps(item) + "\n" for item in documents))
        (tmp_path / "rules.yml").write_text(f"rules: [{{id: {given.RULE}, name: Disk, connector_id: c1}}]")
        (tmp_path / "kibana.yml").write_text(
            json.dumps(
                {
                    "xpack.actions.preconfigured.c1": {
                        "name": "c1",
                        "actionTypeId": ".servicenow",
                        "config": {"apiUrl": f"http://127.0.0.1:{server.server_address[1]}", "usesTableApi": False},
                        "secrets": {"username": "elastic", "password": instance.stage.PASSWORD},
                    }
                }
            )
        )
        command = [sys.executable, "-c", "from sandtable_connector.cli import deliver; deliver()"]
        for name in ("rules.yml", "alerts.jsonl", "kibana.yml"):
            command += [f"--{name.split('.')[0].replace('kibana', 'kibana-yml')}", str(tmp_path / name)]
        command += ["--queue", str(tmp_path / "queue.db"), "--json"]
        environment = {**os.environ, "SANDTABLE_CONNECTORS": str(tmp_path / "none.db")}
        try:
            first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
            assert held.wait(60), first.communicate()
            first.send_signal(signal.SIGKILL)
            first.communicate()
            go.set()
            second = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        finally:
            go.set()
            server.shutdown()
            server.server_close()
        assert second.returncode == 0, second.stderr
        found = json.loads(second.stdout)
        assert (found["failed"], found["waiting"]) == (0, 0)
        assert [(rule["pushed"], rule["closed"]) for rule in found["rules"]] == [(2, 1)]
        assert found["in_doubt"] == 0  # by their correlation IDs, all of them can be sent twice
        rows = sorted((row["correlation_id"], row["state"]) for row in instance.incidents.values())
        assert rows == [(f"{given.RULE}:web-01", "7"), (f"{given.RULE}:web-02", "1")]
        assert len(instance.requests) == 10 + 1


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
def test_a_kill_at_any_write_of_the_queue_loses_nothing_and_doubles_nothing(
    given: Any, stage: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    documents = given.alerts(
        given.document(0), given.document(0, "web-02"), given.document(1), given.document(2, status="recovered")
    )
    transaction = DeliveryQueue._transaction
    left = 0

    @contextmanager
    def counted(queue: DeliveryQueue) -> Iterator[sqlite3.Connection]:
        nonlocal left
        left -= 1
        with transaction(queue) as database:
            yield database
            if not left and not committed:
                raise Killed
        if not left:
            raise Killed

    monkeypatch.setattr(DeliveryQueue, "_transaction", counted)

    def play(kill_at: int) -> tuple[bool, list[Any], list[Any]]:
        nonlocal left
        instance = Instance(stage)
        killed = False
        with DeliveryQueue() as queue:

            def deliver() -> None:
                connect = lambda _, wrap: stage.connector(wrap(instance), "documented", clock=clock)  # noqa: E731
                delivery = Delivery(queue, connect, clock=clock, wait=clock.wait, chance=random.Random(1))
                list(delivery.run(RuleRunner(given.rules(), states=queue.states()), documents))

            left = kill_at
            try:
                deliver()
            except Killed:
                killed = True
                deliver()
            incidents = [(row["correlation_id"], row["state"], row["notes"]) for row in instance.incidents.values()]
            ended = [(action.key, action.status, action.in_doubt) for action in queue.actions()]
        return killed, sorted(incidents), ended

    _, *wanted = play(0)
    assert [status for _, status, _ in wanted[1]] == ["done"] * 4
    points = 0
    while (found := play(points + 1))[0]:
        points += 1
        assert list(found[1:]) == wanted, points
    assert points > 20


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE letters (text)", "INSERT INTO letters VALUES ('dear')"),
        ("CREATE TABLE r_sys_metadata (sys_id)", "PRAGMA user_version = 2"),  # as the data file of an instance
        ("CREATE TABLE rules (mine)", "PRAGMA user_version = 1"),
    ],
)
def test_a_database_of_others_is_refused_and_left_alone(tmp_path: Path, statements: tuple[str, ...]) -> None:
    path = tmp_path / "others.db"
    with closing(sqlite3.connect(path)) as database:
        for each in statements:
            database.execute(each)
        database.commit()
    before = path.read_bytes()
    with pytest.raises(InvalidInput, match=r"others\.db: is a database, but no queue"):
        DeliveryQueue(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["others.db"]
