"""What tests plant for the outbound calls of scripts, and the calls that were made."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Stub:
    """An answer that a test has planted: for a method (empty: any) and addresses that begin with `url`."""

    url: str
    method: str = ""
    status: int = 200
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    error: str = ""


@dataclass(slots=True)
class Outbound:
    """What tests have planted for outbound calls, and what scripts have done that tests ask about.

    `calls` are the outbound ones: method, address, body; `log_sources` what they called themselves in the log.
    """

    stubs: list[Stub] = field(default_factory=list)
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    log_sources: set[str] = field(default_factory=lambda: {"Evaluator"})
