"""A body that says it is something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from sandtable.faults.forms import BadForm, entry
from sandtable.faults.wire import HTML, Exchange, Proceed, Reply


@dataclass(frozen=True, slots=True)
class WrongContentType:
    """The answer is the right one and its Content-Type says something else."""

    kind: ClassVar[str] = "wrong-content-type"
    content_type: str = entry(HTML, "the Content-Type that is sent")

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.+\-]+/[\w.+\-]+(\s*;\s*[\x21-\x7e ]+)?", self.content_type, re.ASCII):
            raise BadForm("content_type", f"{self.content_type!r} is no content type", "such as text/plain")

    def __call__(self, exchange: Exchange, proceed: Proceed) -> Reply:
        return proceed().with_header("Content-Type", self.content_type)
