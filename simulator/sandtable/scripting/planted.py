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
    """What tests have planted for outbound calls, and the calls that scripts have made: method, address, body."""

    stubs: list[Stub] = field(default_factory=list)
    calls: list[tuple[str, str, str]] = field(default_factory=list)
