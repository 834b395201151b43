"""Recorded exchanges and the files that hold them: one JSON file for each, in the order of their names.

A file is `{"format": 1, "request": {...}, "answer": {...}}`. A request has `method`, `path`, `query` (pairs), `headers`
(by name) and `body`; an answer `status`, `reason`, `headers` (pairs) and `body`. A body is one of `{"json": ...}`,
`{"text": "..."}`, `{"base64": "..."}` and `{"left_out": BYTES}`, or is not there. The address of the recorded instance
is written as PLACEHOLDER wherever it occurred.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1
DEEPEST = 100
PLACEHOLDER_HOST = "instance.invalid"
PLACEHOLDER = f"https://{PLACEHOLDER_HOST}"
_FILE = re.compile(r"(\d{4,})-.+\.json")
_UNFIT = re.compile(r"[^A-Za-z0-9]+")


class RecordingError(Exception):
    """A folder or file of recordings that cannot be used; the text names it, what is wrong, and what would be right."""


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request or an answer: text, or bytes, or a file of `left_out` bytes that was not kept."""

    text: str | None = None
    data: bytes = b""
    left_out: int = 0

    @property
    def bytes(self) -> bytes:
        """What to send."""
        return self.text.encode("utf-8") if self.text is not None else self.data

    @property
    def json(self) -> Any:
        """The parsed body, or None when it is no JSON."""
        try:
            return json.loads(self.text) if self.text else None
        except (ValueError, RecursionError):
            return None

    def shown(self) -> dict[str, Any] | None:
        """Return the body as it stands in a file."""
        if self.left_out:
            return {"left_out": self.left_out}
        if self.text is None:
            return {"base64": base64.b64encode(self.data).decode("ascii")} if self.data else None
        if not self.text:
            return None
        parsed = self.json
        # Parsed, a body can be read and compared line by line; but only where nothing of it would be lost.
        if parsed is not None and is_shallow(parsed) and compact(parsed) == self.text:
            return {"json": parsed}
        return {"text": self.text}


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request, with what is secret replaced."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = field(default_factory=Body)


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """An answer, with what is secret replaced."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()
    body: Body = field(default_factory=Body)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; `name` is the name of the file."""

    name: str
    request: RecordedRequest
    answer: RecordedAnswer

    def as_json(self) -> str:
        """Return the text of the file."""
        request, answer = self.request, self.answer
        asked: dict[str, Any] = {"method": request.method, "path": request.path}
        if request.query:
            asked["query"] = [list(pair) for pair in request.query]
        asked["headers"] = dict(request.headers)
        answered: dict[str, Any] = {
            "status": answer.status,
            "reason": answer.reason,
            "headers": [list(pair) for pair in answer.headers],
        }
        for shown, body in ((asked, request.body), (answered, answer.body)):
            content = body.shown()
            if content is not None:
                shown["body"] = content
        document = {"format": FORMAT, "request": asked, "answer": answered}
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        return text if has_utf8(text) else json.dumps(document, indent=1) + "\n"


def file_name(number: int, method: str, path: str) -> str:
    """Return the name of the file of an exchange, such as `0007-POST-api-now-table-incident.json`."""
    words = _UNFIT.sub("-", path).strip("-") or "root"
    return f"{number:04d}-{_UNFIT.sub('-', method)[:10]}-{words[:80]}.json"


def last_number(folder: Path) -> int:
    """Return the number of the last exchange in a folder, 0 when there is none."""
    return max((int(found.group(1)) for each in folder.iterdir() if (found := _FILE.fullmatch(each.name))), default=0)


def read_folder(folder: Path | str) -> list[Exchange]:
    """Return the exchanges of a folder in their order. Raises RecordingError for none, and for a file that is none."""
    place = Path(folder)
    if not place.is_dir():
        raise RecordingError(f"{place} is no folder; give one that 'sandtable record' has written")
    numbered = [(int(found.group(1)), each) for each in place.iterdir() if (found := _FILE.fullmatch(each.name))]
    if not numbered:
        raise RecordingError(
            f"{place} holds no recordings (0001-GET-....json); 'sandtable record --out {place}' makes them"
        )
    return [_read(each) for _, each in sorted(numbered)]


def _read(path: Path) -> Exchange:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RecordingError(f"{path} cannot be read as a recording: {error}") from None
    reader = _Reader(path)
    whole = reader.mapping(document, "the file")
    if whole.get("format") != FORMAT:
        raise RecordingError(f"{path} has format {whole.get('format')!r}; this version reads format {FORMAT}")
    asked = reader.mapping(whole.get("request"), "request")
    answered = reader.mapping(whole.get("answer"), "answer")
    headers = reader.mapping(asked.get("headers", {}), "request.headers")
    return Exchange(
        path.name,
        RecordedRequest(
            reader.text(asked.get("method"), "request.method"),
            reader.text(asked.get("path"), "request.path"),
            reader.pairs(asked.get("query", []), "request.query"),
            {name: reader.text(value, f"request.headers.{name}") for name, value in headers.items()},
            reader.body(asked.get("body"), "request.body"),
        ),
        RecordedAnswer(
            reader.status(answered.get("status")),
            reader.text(answered.get("reason", ""), "answer.reason"),
            reader.pairs(answered.get("headers", []), "answer.headers"),
            reader.body(answered.get("body"), "answer.body"),
        ),
    )


class _Reader:
    """Takes the parts of one file, and says which is wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _wrong(self, where: str, wanted: str) -> RecordingError:
        return RecordingError(f"{self._path}: {where} must be {wanted}")

    def mapping(self, value: object, where: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(where, "an object")
        return value

    def text(self, value: object, where: str) -> str:
        if not isinstance(value, str):
            raise self._wrong(where, "text")
        return value

    def status(self, value: object) -> int:
        if not isinstance(value, int) or not 100 <= value <= 999:
            raise self._wrong("answer.status", "a number from 100 to 999")
        return value

    def pairs(self, value: object, where: str) -> tuple[tuple[str, str], ...]:
        if not isinstance(value, list):
            raise self._wrong(where, "a list of [name, value]")
        return tuple(self._pair(each, f"{where}[{index}]") for index, each in enumerate(value))

    def _pair(self, value: object, where: str) -> tuple[str, str]:
        if not isinstance(value, list) or len(value) != 2:
            raise self._wrong(where, "[name, value]")
        return self.text(value[0], where), self.text(value[1], where)

    def body(self, value: object, where: str) -> Body:
        if value is None:
            return Body()
        content = self.mapping(value, where)
        if len(content) == 1:
            ((kind, inside),) = content.items()
            if kind == "json":
                return Body(compact(inside))
            if kind == "text":
                return Body(self.text(inside, f"{where}.text"))
            if kind == "left_out" and isinstance(inside, int) and inside > 0:
                return Body(left_out=inside)
            if kind == "base64":
                try:
                    return Body(data=base64.b64decode(self.text(inside, f"{where}.base64"), validate=True))
                except binascii.Error:
                    pass
        raise self._wrong(where, "one of json, text, base64 and left_out")


def compact(value: object) -> str:
    """Return JSON without blanks; half of a surrogate pair, which has no UTF-8, stays an escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if has_utf8(text) else json.dumps(value, separators=(",", ":"))


def has_utf8(text: str) -> bool:
    """Tell whether a text can be written to a file."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_shallow(value: object) -> bool:
    """Tell whether a value of JSON is nested so little that it can be written, read and compared as it is."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return True
    return False
