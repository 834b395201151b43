"""How often, and how much later, a rule's action is tried again.

Source: Kibana docs, alerting and action settings (``xpack.actions.run``); elastic/kibana#147876, #143224 and #172518.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandtable_connector.errors import ConfigurationError

FIRST_DELAY = 30.0
"""Seconds after the first attempt."""

STEP = 300.0
LONGEST_DELAY = 3600.0


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Attempts and delays; an attempt is a try, so one attempt means no second one.

    ``max_attempts`` is 1 to 10, ``overrides`` the same by connector type. ConfigurationError names a number outside.
    """

    max_attempts: int = 3
    overrides: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_attempts(self.max_attempts, "xpack.actions.run.maxAttempts")
        for type_id, attempts in self.overrides.items():
            checked_attempts(attempts, f"xpack.actions.run.connectorTypeOverrides[{type_id}].maxAttempts")

    def attempts(self, type_id: str) -> int:
        """Return how often an action of that connector type is tried in all."""
        return self.overrides.get(type_id, self.max_attempts)

    def delay(self, attempt: int, chance: random.Random) -> float:
        """Return the seconds to wait after a failed attempt (from 1): 30, then up to 5 minutes, doubling to an hour."""
        if attempt < 1:
            raise ValueError(f"attempts are numbered from 1, not {attempt}")
        if attempt == 1:
            return FIRST_DELAY
        # The exponent is cut off where the longest delay is reached anyway.
        return chance.uniform(0, min(LONGEST_DELAY, STEP * 2.0 ** min(attempt - 2, 16)))


def checked_attempts(value: object, setting: str) -> int:
    """Return a number of attempts; ConfigurationError when it is not a whole number from 1 to 10."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10:
        raise ConfigurationError(f"{setting}: {value!r} is not a whole number from 1 to 10")
    return value
