"""`Delivery`: a stream of alerts into the queue, and the queue out through connectors.

Source: Kibana docs, alerting and action settings (queue and attempts); observed Kibana behaviour.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from sandtable_connector.connector import Connector, ExecutionResult
from sandtable_connector.delivery.journal import LONGEST_ACTION, JournalledTransport
from sandtable_connector.delivery.queue import DeliveryQueue, QueuedAction
from sandtable_connector.errors import ConfigurationError, ConnectorError
from sandtable_connector.rules.alert import Alert
from sandtable_connector.rules.calls import by_check, check_key
from sandtable_connector.rules.runner import RuleRunner
from sandtable_connector.settings.retry import RetryPolicy
from sandtable_connector.transport.messages import Transport
from sandtable_connector.values.invalid_input import InvalidInput


class OpenConnector(Protocol):
    """Gives the connector of an id, with something put around its transport."""

    def __call__(self, connector_id: str, wrap: Callable[[Transport], Transport], /) -> Connector:
        """Return the connector; ConnectorError or InvalidInput when it cannot be had."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt that ended: the action as it now stands, the result, and when it is tried again, if it is."""

    action: QueuedAction
    result: ExecutionResult
    next_due: float | None


class Delivery:
    """Carries out the actions of rules, one after the other, in the order of acceptance.

    `clock` gives Unix time and `wait` passes that many seconds; both are the machine's unless a test brings its own.
    `queued_max` bounds how many actions may wait. `retries_refused_config` says that an action whose connector is
    refused is tried again, as current Kibana does. With `resumes` another attempt goes on where the last one stopped,
    and the instance is asked about a write whose answer was lost; otherwise it begins anew, as in Kibana.
    """

    def __init__(
        self,
        queue: DeliveryQueue,
        connect: OpenConnector,
        *,
        retry: RetryPolicy | None = None,
        queued_max: int = 1_000_000,
        clock: Callable[[], float] = time.time,
        wait: Callable[[float], None] = time.sleep,
        chance: random.Random | None = None,
        retries_refused_config: bool = False,
        resumes: bool = True,
    ) -> None:
        self._resumes = resumes
        self.queue = queue
        self._retries_refused_config = retries_refused_config
        self._connect = connect
        self._retry = retry or RetryPolicy()
        self._queued_max = queued_max
        self._clock = clock
        self._wait = wait
        self._chance = chance or random.Random()

    def run(self, runner: RuleRunner, alerts: Iterable[Alert], *, wait_for_retries: bool = True) -> Iterator[Attempt]:
        """Accept every check of a stream, carrying out what is due in between, and yield each attempt as it ends.

        Checks that the queue knows are skipped, so a stream can be read again from its beginning. Without
        `wait_for_retries` what is not due yet stays in the queue.
        """
        yield from self.due()
        for documents in by_check(alerts):
            if self.queue.knows(check_key(documents)):
                continue
            outcome = runner.check(documents)
            state = runner.state(outcome.rule_id)
            self.queue.accept(outcome, state, at_most=self._queued_max, now=self._clock())
            yield from self.due()
        while wait_for_retries and (following := self.queue.next_due()) is not None:
            self._wait(max(0.0, following - self._clock()))
            yield from self.due()

    def due(self) -> Iterator[Attempt]:
        """Carry out everything that is due now and yield each attempt as it ends."""
        while (action := self.queue.take(self._clock())) is not None:
            yield self._attempt(action)

    def _attempt(self, action: QueuedAction) -> Attempt:
        type_id = ""
        deadline = self._clock() + LONGEST_ACTION
        journals: list[JournalledTransport] = []

        def journalled(transport: Transport) -> Transport:
            journal = JournalledTransport(
                transport, self.queue, action, clock=self._clock, deadline=deadline, looks=self._resumes
            )
            journals.append(journal)
            return journal

        try:
            connector = self._connect(action.connector_id, journalled)
            type_id = connector.type.id
            result = connector.execute(action.params, from_task=True)
        except (ConnectorError, InvalidInput) as error:
            retry = self._retries_refused_config and isinstance(error, ConfigurationError)
            result = _not_opened(action, error, retry=retry)
        if result.status == "ok" or not result.retry or action.attempts >= self._retry.attempts(type_id):
            self.queue.finish(action, result.wire())
            return Attempt(action=self.queue.action(action.id), result=result, next_due=None)
        due = self._clock() + self._retry.delay(action.attempts, self._chance)
        self.queue.postpone(action, due, result.wire(), resumes=self._resumes)
        if not self._resumes and any(journal.lost_write for journal in journals):
            self.queue.doubt(action)  # the next attempt begins anew, and sends it again
        return Attempt(action=self.queue.action(action.id), result=result, next_due=due)


def _not_opened(action: QueuedAction, error: Exception, *, retry: bool) -> ExecutionResult:
    known: Any = error if isinstance(error, ConnectorError) else None
    return ExecutionResult(
        status="error", connector_id=action.connector_id, message=str(error), retry=retry, error=known
    )
