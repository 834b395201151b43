"""Whether a request is one that was recorded, and where it differs; what was redacted matches anything."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from sandtable.recording.exchanges import Body, RecordedRequest
from sandtable.recording.redactor import MARK

SHOWN = 60


def differences(recorded: RecordedRequest, given: RecordedRequest) -> list[str]:
    """Return in words where a request differs from a recorded one, none when it is the same; headers do not count."""
    found = []
    if recorded.method != given.method:
        found.append(f"the method is {given.method}, recorded was {recorded.method}")
    if not fits(recorded.path, given.path):
        found.append(f"the path is {_short(given.path)}, recorded was {_short(recorded.path)}")
    found += _query_differences(recorded, given)
    if not _body_fits(recorded.body, given.body):
        found.append(_body_difference(recorded.body, given.body))
    return found


def likeness(recorded: RecordedRequest, given: RecordedRequest) -> float:
    """Return how alike two requests are, for naming the nearest one: the greater the nearer."""
    alike = SequenceMatcher(None, _line(recorded), _line(given), autojunk=False).ratio()
    return (recorded.path == given.path) * 2 + (recorded.method == given.method) + alike


def fits(recorded: str, given: str) -> bool:
    """Tell whether a text is the recorded one, where each redacted part may stand for anything."""
    if recorded == given:
        return True
    if not MARK.search(recorded):
        return False
    pattern = ".*".join(re.escape(part) for part in MARK.split(recorded))
    return re.fullmatch(pattern, given, re.DOTALL) is not None


def _query_differences(recorded: RecordedRequest, given: RecordedRequest) -> list[str]:
    wanted, left = list(recorded.query), list(given.query)
    for pair in list(wanted):
        same = next((each for each in left if each[0] == pair[0] and fits(pair[1], each[1])), None)
        if same is not None:
            wanted.remove(pair)
            left.remove(same)
    found = []
    for name, value in wanted:
        other = next((each for each in left if each[0] == name), None)
        if other is not None:
            left.remove(other)
            found.append(f"{name} is {_short(other[1])}, recorded was {_short(value)}")
        else:
            found.append(f"{name}={_short(value)} is missing")
    return [*found, *(f"{name}={_short(value)} was not there" for name, value in left)]


def _body_fits(recorded: Body, given: Body) -> bool:
    if recorded.left_out:
        return bool(given.left_out or given.data or given.text)
    if recorded.text is None or given.text is None:
        return recorded.bytes == given.bytes
    mine, theirs = recorded.json, given.json
    if mine is not None and theirs is not None:
        return _value_fits(mine, theirs)
    return fits(recorded.text, given.text)


def _value_fits(recorded: Any, given: Any) -> bool:
    if isinstance(recorded, str) and isinstance(given, str):
        return fits(recorded, given) or _packed_fits(recorded, given)
    if isinstance(recorded, Mapping) and isinstance(given, Mapping):
        return recorded.keys() == given.keys() and all(_value_fits(recorded[name], given[name]) for name in recorded)
    if isinstance(recorded, list) and isinstance(given, list):
        return len(recorded) == len(given) and all(
            _value_fits(one, other) for one, other in zip(recorded, given, strict=True)
        )
    return type(recorded) is type(given) and bool(recorded == given)


def _packed_fits(recorded: str, given: str) -> bool:
    """Tell whether two bodies as a batch carries them, in base64, fit; only where something was redacted in one."""
    try:
        mine, theirs = (base64.b64decode(text, validate=True).decode("utf-8") for text in (recorded, given))
    except ValueError:
        return False
    return MARK.search(mine) is not None and _body_fits(Body(mine), Body(theirs))


def _body_difference(recorded: Body, given: Body) -> str:
    mine, theirs = recorded.json, given.json
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        for name in {**mine, **theirs}:
            if name not in theirs:
                return f"the body lacks {name}={_short(str(mine[name]))}"
            if name not in mine:
                return f"the body has {name}={_short(str(theirs[name]))}, which was not there"
            if not _value_fits(mine[name], theirs[name]):
                return f"{name} in the body is {_short(str(theirs[name]))}, recorded was {_short(str(mine[name]))}"
    return f"the body is {_short(given.text or '')}, recorded was {_short(recorded.text or '')}"


def _line(request: RecordedRequest) -> str:
    query = "&".join(f"{name}={value}" for name, value in request.query)
    return f"{request.method} {request.path}?{query} {(request.body.text or '')[:500]}"


def _short(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}...")
