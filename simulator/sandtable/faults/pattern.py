"""Which requests are meant: the one language of fault rules, journal filters and verification."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandtable.faults.forms import BadForm, entry
from sandtable.faults.wire import Request


@dataclass(frozen=True, slots=True)
class RequestPattern:
    """Conditions that a request must all meet; an empty one is met by every request."""

    method: str = entry("", "one method or several with commas between", example="POST")
    path: str = entry("", "the path, where * stands for any characters", example="/api/now/*/incident*")
    table: str = entry("", "the table that the path names, where * stands for any characters", example="incident")
    user: str = entry("", "the user name of the caller", example="elastic.integration")
    query: Mapping[str, str] = entry(dict, "query parameters and their values, where * stands for any characters")
    headers: Mapping[str, str] = entry(dict, "headers and their values, where * stands for any characters")
    body_contains: str = entry("", "a text that the body holds")
    body: Any = entry(None, "JSON that the body holds: members that are not named here may be anything")

    def __post_init__(self) -> None:
        if self.path and not self.path.startswith(("/", "*")):
            raise BadForm("path", f"{self.path!r} can match no path", "begin it with / or *")

    def misses(self, request: Request) -> list[str]:
        """Return one line for each condition that a request does not meet; none means that it matches."""
        return [line for line in self._misses(request) if line]

    def matches(self, request: Request) -> bool:
        """Tell whether a request meets all conditions."""
        return not any(self._misses(request))

    def _misses(self, request: Request) -> list[str]:
        lines = []
        if self.method and request.method not in {part.strip().upper() for part in self.method.split(",")}:
            lines.append(f"method: expected {self.method}, was {request.method}")
        if self.path and not _like(self.path, request.path):
            lines.append(f"path: expected {self.path}, was {request.path}")
        if self.table and not _like(self.table, request.table):
            lines.append(f"table: expected {self.table}, was {request.table or 'none'}")
        if self.user and request.user != self.user:
            lines.append(f"user: expected {self.user}, was {request.user or 'nobody'}")
        lines += _named("query parameter", self.query, request.query) if self.query else []
        if self.headers:
            lines += _named("header", {name.lower(): text for name, text in self.headers.items()}, request.headers)
        if self.body_contains and self.body_contains not in request.body:
            lines.append(f"body: expected to contain {_short(self.body_contains)}, was {_short(request.body)}")
        if self.body is not None:
            lines += _body(self.body, request.body)
        return lines


def _like(pattern: str, text: str) -> bool:
    """Tell whether a text is the pattern, in which * stands for any characters and nothing else is special."""
    if "*" not in pattern:
        return pattern == text
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def _named(what: str, expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    lines = []
    for name, value in expected.items():
        if name not in found:
            lines.append(f"{what} {name}: expected {_short(value)}, was not sent")
        elif not _like(value, found[name]):
            lines.append(f"{what} {name}: expected {_short(value)}, was {_short(found[name])}")
    return lines


def _body(expected: object, text: str) -> list[str]:
    try:
        return _differences(expected, json.loads(text), "body")
    except ValueError:
        return [f"body: expected JSON, was {_short(text) if text else 'empty'}"]
    except RecursionError:
        return ["body: expected other JSON, was nested too deeply to be compared"]


def _differences(expected: object, found: object, where: str) -> list[str]:
    """Return what of the expected JSON is not in the found one; objects may have more members, lists may not."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        lines: list[str] = []
        for name, value in expected.items():
            if name in found:
                lines += _differences(value, found[name], f"{where}.{name}")
            else:
                lines.append(f"{where}.{name}: expected {_short(value)}, was not sent")
        return lines
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for index, (one, other) in pairs for line in _differences(one, other, f"{where}[{index}]")]
    same = expected == found and isinstance(expected, bool) == isinstance(found, bool)
    return [] if same else [f"{where}: expected {_short(expected)}, was {_short(found)}"]


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
