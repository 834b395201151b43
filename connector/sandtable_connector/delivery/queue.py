"""The queue of actions: SQLite, so that what was accepted survives the process, and nothing is accepted twice.

A check of a rule enters whole: its actions, what the rule remembers, and the fact that it was seen, in one transaction.
Each attempt keeps the requests it made and their answers. An attempt that was cut off is taken up again with
those: what was answered is not sent a second time.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandtable_connector.rules.calls import ActionCall, CheckOutcome
from sandtable_connector.rules.lifecycle import RuleState
from sandtable_connector.transport.messages import Response
from sandtable_connector.values.invalid_input import InvalidInput

LAYOUT = 2
_TABLES = """
CREATE TABLE checks (key TEXT PRIMARY KEY, rule_id TEXT NOT NULL, alerts INTEGER NOT NULL);
CREATE TABLE silent (
    rule_id TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (rule_id, reason));
CREATE TABLE rules (rule_id TEXT PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE actions (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, rule_id TEXT NOT NULL, rule_name TEXT NOT NULL,
    alert_id TEXT NOT NULL, kind TEXT NOT NULL, position INTEGER NOT NULL, connector_id TEXT NOT NULL,
    params TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL DEFAULT 0, in_doubt INTEGER NOT NULL DEFAULT 0, outcome TEXT);
CREATE INDEX actions_due ON actions (due, id) WHERE status IN ('waiting', 'running');
CREATE TABLE requests (
    action_id INTEGER NOT NULL, attempt INTEGER NOT NULL, ordinal INTEGER NOT NULL, digest TEXT NOT NULL,
    status INTEGER, headers TEXT, body BLOB, url TEXT, sent REAL,
    PRIMARY KEY (action_id, attempt, ordinal)) WITHOUT ROWID
"""
_NAMES = frozenset({"checks", "silent", "rules", "actions", "requests"})
UNFINISHED = ("waiting", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedAction:
    """An action as it stands in the queue.

    `status` is `waiting`, `running` (an attempt began and has not ended), `done` or `failed`; `attempts` counts those
    that began, `due` is the Unix time before which the next does not, `outcome` the last result in the shape of
    Kibana's API. `in_doubt` says that a request was cut off before its answer and had to be sent again.
    """

    id: int
    key: str
    rule_id: str
    rule_name: str
    alert_id: str
    kind: str
    position: int
    connector_id: str
    params: Mapping[str, Any]
    status: str
    attempts: int
    due: float
    in_doubt: bool
    outcome: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A request that an attempt sent: what it was, its answer (None when that did not come), when it was sent first."""

    digest: str
    answer: Response | None
    sent_at: float | None


class DeliveryQueue:
    """The queue in the file at `path`, or in memory; one process at a time has it (InvalidInput for the second)."""

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = path
        where = ":memory:" if path is None else str(path)
        try:
            if path is not None and not Path(path).exists():
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))  # alerts are nobody else's business
            self._database = sqlite3.connect(where, timeout=1, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InvalidInput(f"cannot be opened as a queue: {reason}", where=where) from None
        try:
            self._prepare(where)
        except BaseException:
            self._database.close()
            raise

    def _prepare(self, where: str) -> None:
        try:
            if self.path is not None:
                _check_whose(Path(self.path), where)
            # Held until the process ends, however it ends: two deliveries from one queue would send things twice.
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode = WAL")
            # A killed process loses nothing; a power cut may lose the last moments, which are then accepted again.
            self._database.execute("PRAGMA synchronous = NORMAL")
            with self._transaction():
                (version,) = self._database.execute("PRAGMA user_version").fetchone()
                if version > LAYOUT:
                    raise InvalidInput(f"was written by a later release (layout {version})", where=where)
                if version == 1:
                    self._database.execute("ALTER TABLE requests ADD COLUMN sent REAL")
                elif version < LAYOUT:
                    for statement in _TABLES.split(";"):
                        self._database.execute(statement)
                self._database.execute(f"PRAGMA user_version = {LAYOUT}")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise InvalidInput("is in use by another delivery", where=where, fix="Wait for it to end.") from None
            raise InvalidInput(f"cannot be used as a queue: {error}", where=where) from None
        except sqlite3.DatabaseError as error:
            raise InvalidInput(f"cannot be used as a queue: {error}", where=where) from None

    def __enter__(self) -> DeliveryQueue:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._database.execute("BEGIN IMMEDIATE")
        with self._database:
            yield self._database

    # checks and what rules remember

    def knows(self, check_key: str) -> bool:
        """Return whether a check has been accepted before."""
        return self._database.execute("SELECT 1 FROM checks WHERE key = ?", (check_key,)).fetchone() is not None

    def states(self) -> dict[str, RuleState]:
        """Return what every rule remembers."""
        rows = self._database.execute("SELECT rule_id, state FROM rules").fetchall()
        return {rule_id: RuleState.from_json(json.loads(state)) for rule_id, state in rows}

    def accept(self, outcome: CheckOutcome, state: RuleState, *, at_most: int, now: float = 0.0) -> int:
        """Keep a check whole and return how many of its actions found no place among the `at_most` that may wait."""
        with self._transaction() as database:
            database.execute("INSERT INTO checks VALUES (?, ?, ?)", (outcome.key, outcome.rule_id, outcome.alerts))
            database.execute(
                "INSERT OR REPLACE INTO rules VALUES (?, ?)", (outcome.rule_id, json.dumps(state.as_json()))
            )
            room = max(0, at_most - self._unfinished()) if outcome.calls else 0
            for call in outcome.calls[:room]:
                _insert(database, call, now)
            turned_away = len(outcome.calls) - min(room, len(outcome.calls))
            reasons = [silent.reason for silent in outcome.silent] + ["queue limit"] * turned_away
            for reason in reasons:
                database.execute(
                    "INSERT INTO silent VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
                    (outcome.rule_id, reason),
                )
            return turned_away

    # actions

    def take(self, now: float) -> QueuedAction | None:
        """Begin an attempt of the action that is due first and return it; one that was cut off comes before all others.

        A cut-off attempt is the same attempt still, so it is not counted again.
        """
        with self._transaction() as database:
            row = database.execute(
                f"{_SELECT} WHERE status = 'running' OR (status = 'waiting' AND due <= ?) "
                "ORDER BY status = 'waiting', due, id LIMIT 1",
                (now,),
            ).fetchone()
            if row is None:
                return None
            action = _action(row)
            if action.status == "waiting":
                database.execute(
                    "UPDATE actions SET status = 'running', attempts = attempts + 1 WHERE id = ?", (action.id,)
                )
            return self.action(action.id)

    def action(self, action_id: int) -> QueuedAction:
        """Return one action; KeyError when there is none."""
        row = self._database.execute(f"{_SELECT} WHERE id = ?", (action_id,)).fetchone()
        if row is None:
            raise KeyError(action_id)
        return _action(row)

    def actions(self) -> Iterator[QueuedAction]:
        """Yield every action in the order of acceptance."""
        for row in self._database.execute(f"{_SELECT} ORDER BY id"):
            yield _action(row)

    def finish(self, action: QueuedAction, outcome: Mapping[str, Any]) -> None:
        """End an action for good: `done` when the outcome's status is ok, else `failed`."""
        status = "done" if outcome.get("status") == "ok" else "failed"
        self._end_attempt(action, status, 0.0, outcome)

    def postpone(self, action: QueuedAction, due: float, outcome: Mapping[str, Any], *, resumes: bool = False) -> None:
        """End an attempt that failed; the next begins once it is due.

        With `resumes` the next goes on where this one stopped: what led to another request is not sent again.
        """
        if not resumes:
            self._end_attempt(action, "waiting", due, outcome)
            return
        with self._transaction() as database:
            database.execute(
                "UPDATE actions SET status = 'waiting', due = ?, outcome = ? WHERE id = ?",
                (due, json.dumps(outcome, default=str), action.id),
            )
            # An answer that ended the attempt is not to be given once more; a request without one is looked into.
            database.execute(
                "DELETE FROM requests WHERE action_id = ? AND status IS NOT NULL AND ordinal = "
                "(SELECT max(ordinal) FROM requests WHERE action_id = ?)",
                (action.id, action.id),
            )
            database.execute("UPDATE requests SET attempt = ? WHERE action_id = ?", (action.attempts + 1, action.id))

    def answers(self, action: QueuedAction) -> Iterator[Response]:
        """Yield the answers that are kept of this attempt, the last first."""
        for status, headers, body, url in self._database.execute(
            "SELECT status, headers, body, url FROM requests WHERE action_id = ? AND attempt = ? "
            "AND status IS NOT NULL ORDER BY ordinal DESC",
            (action.id, action.attempts),
        ).fetchall():
            yield Response(status, json.loads(headers), body, url)

    def _end_attempt(self, action: QueuedAction, status: str, due: float, outcome: Mapping[str, Any]) -> None:
        with self._transaction() as database:
            database.execute(
                "UPDATE actions SET status = ?, due = ?, outcome = ? WHERE id = ?",
                (status, due, json.dumps(outcome, default=str), action.id),
            )
            database.execute("DELETE FROM requests WHERE action_id = ?", (action.id,))

    def next_due(self) -> float | None:
        """Return the Unix time at which the next action is due, None when none waits."""
        row = self._database.execute("SELECT min(due) FROM actions WHERE status = 'waiting'").fetchone()
        return None if row[0] is None else float(row[0])

    def _unfinished(self) -> int:
        row = self._database.execute("SELECT count(*) FROM actions WHERE status IN ('waiting', 'running')").fetchone()
        return int(row[0])

    # numbers for a report

    def alerts_by_rule(self) -> dict[str, tuple[int, int]]:
        """Return checks and alert documents by rule."""
        rows = self._database.execute("SELECT rule_id, count(*), sum(alerts) FROM checks GROUP BY rule_id").fetchall()
        return {rule_id: (checks, alerts) for rule_id, checks, alerts in rows}

    def silence_by_rule(self) -> dict[str, dict[str, int]]:
        """Return how often nothing was sent, by rule and reason."""
        found: dict[str, dict[str, int]] = {}
        for rule_id, reason, count in self._database.execute("SELECT * FROM silent ORDER BY rule_id, reason"):
            found.setdefault(rule_id, {})[reason] = count
        return found

    # the requests of an attempt

    def kept(self, action: QueuedAction, ordinal: int) -> KeptRequest | None:
        """Return what is kept of a request of this attempt, None when it was never sent."""
        row = self._database.execute(
            "SELECT digest, status, headers, body, url, sent FROM requests WHERE action_id = ? AND attempt = ? "
            "AND ordinal = ?",
            (action.id, action.attempts, ordinal),
        ).fetchone()
        if row is None:
            return None
        answer = None if row[1] is None else Response(row[1], json.loads(row[2]), row[3], row[4])
        return KeptRequest(row[0], answer, row[5])

    def has_reported(self, sys_id: str) -> bool:
        """Return whether an action that is done reported this incident as the one it wrote to."""
        row = self._database.execute(
            "SELECT 1 FROM actions WHERE status = 'done' AND json_extract(outcome, '$.data.id') = ?", (sys_id,)
        ).fetchone()
        return row is not None

    def sending(self, action: QueuedAction, ordinal: int, digest: str, *, now: float) -> None:
        """Note that a request is about to be sent; a note that is already there means it was cut off before."""
        with self._transaction() as database:
            database.execute(
                "INSERT INTO requests (action_id, attempt, ordinal, digest, sent) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET digest = excluded.digest, status = NULL",
                (action.id, action.attempts, ordinal, digest, now),
            )

    def doubt(self, action: QueuedAction) -> None:
        """Note that a request of this action may have taken effect twice."""
        with self._transaction() as database:
            database.execute("UPDATE actions SET in_doubt = 1 WHERE id = ?", (action.id,))

    def answered(self, action: QueuedAction, ordinal: int, answer: Response) -> None:
        """Keep the answer to a request."""
        with self._transaction() as database:
            database.execute(
                "UPDATE requests SET status = ?, headers = ?, body = ?, url = ? "
                "WHERE action_id = ? AND attempt = ? AND ordinal = ?",
                (
                    answer.status,
                    json.dumps(dict(answer.headers)),
                    answer.body,
                    answer.url,
                    action.id,
                    action.attempts,
                    ordinal,
                ),
            )


def _check_whose(path: Path, where: str) -> None:
    """Look at a file before anything is written to it. Raises InvalidInput for a database of others."""
    if not path.stat().st_size and not Path(f"{path}-wal").exists():
        return
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=1)) as database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if names and not names >= _NAMES:
        raise InvalidInput("is a database, but no queue of deliveries; it stays as it is", where=where)


_SELECT = (
    "SELECT id, key, rule_id, rule_name, alert_id, kind, position, connector_id, params, status, attempts, due, "
    "in_doubt, outcome FROM actions"
)


def _insert(database: sqlite3.Connection, call: ActionCall, now: float) -> None:
    database.execute(
        "INSERT INTO actions (key, rule_id, rule_name, alert_id, kind, position, connector_id, params, due) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            call.key,
            call.rule_id,
            call.rule_name,
            call.alert_id,
            call.kind,
            call.position,
            call.connector_id,
            json.dumps(call.params),
            now,
        ),
    )


def _action(row: tuple[Any, ...]) -> QueuedAction:
    return QueuedAction(
        id=row[0],
        key=row[1],
        rule_id=row[2],
        rule_name=row[3],
        alert_id=row[4],
        kind=row[5],
        position=row[6],
        connector_id=row[7],
        params=json.loads(row[8]),
        status=row[9],
        attempts=row[10],
        due=row[11],
        in_doubt=bool(row[12]),
        outcome=None if row[13] is None else json.loads(row[13]),
    )
