"""A body that cannot be parsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import entry
from sandtable.faults.wire import Exchange, Proceed, Reply


@dataclass(frozen=True, slots=True)
class MalformedBody:
    """The whole body arrives, says that it is what was asked for, and cannot be parsed."""

    kind: ClassVar[str] = "malformed-body"
    damage: str = entry(
        "unclosed",
        "what is wrong: the last character is missing, there is garbage in the middle, or there is no body",
        one_of=("unclosed", "garbage", "empty"),
    )

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        answer = proceed().plain()
        body = answer.body
        match self.damage:
            case "unclosed":
                return answer.with_body(body.rstrip()[:-1])
            case "garbage":
                middle = len(body) // 2
                return answer.with_body(body[:middle] + b"\x00<<garbage>>\xff" + body[middle:])
            case _:
                return answer.with_body(b"")
