"""429 of a rate limit rule."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from sandtable.core.schema.dictionary_data import stable_id
from sandtable.core.values.errors import RateLimited
from sandtable.faults.forms import entry
from sandtable.faults.wire import Exchange, Proceed, Reply

HOUR = 3600


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The request is over the limit of a rate limit rule: status 429 with the headers of the platform.

    Source: ServiceNow documentation, inbound REST API rate limiting. The window is the hour of the instance's clock.
    """

    kind: ClassVar[str] = "rate-limited"
    limit: int = entry(100, "requests per hour that the rule allows", least=0)
    retry_after: int | None = entry(None, "seconds in Retry-After; up to the next hour when left out", least=0)

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        now = exchange.instance.clock.timestamp()
        reset = (math.floor(now / HOUR) + 1) * HOUR
        seconds = self.retry_after if self.retry_after is not None else max(1, math.ceil(reset - now))
        rule = stable_id("sys_rate_limit_rules", "planned fault")
        return proceed(RateLimited(rule, self.limit, exchange.request.api or "REST API", reset, seconds))
