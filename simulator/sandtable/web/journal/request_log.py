"""One line per request, as text or JSON, with nothing in it that must stay secret."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, TextIO

from sandtable.core.values.secret_names import STARS, is_secret_name
from sandtable.oauth.inbound.policies import key_parameters
from sandtable.web.journal.known_secrets import known_secrets
from sandtable.web.journal.observing import observing, total
from sandtable.web.journal.struck_texts import address_shown, keys_shown

if TYPE_CHECKING:
    from sandtable.web.journal.facts import Answered, Place

LONGEST_TARGET = 2_000  # characters of an address that a line shows
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class RequestLog:
    """Writes one line for each request to a stream (stderr by default); `kind` is text, json or off."""

    def __init__(self, kind: str = "text", stream: TextIO | None = None) -> None:
        self.kind = kind
        self._stream = stream
        self._lock = threading.Lock()

    def write(
        self,
        transaction: Answered,
        method: str,
        target: str,
        status: int,
        milliseconds: float,
        faults: Iterable[str] = (),
    ) -> None:
        """Write the line of one request that the instance answered; `faults` are those that happened to it."""
        if self.kind == "off":
            return
        with observing("the line of a request in the log"):
            self._print(self._served(transaction, method, target, status, milliseconds, faults))

    def _served(
        self,
        transaction: Answered,
        method: str,
        target: str,
        status: int,
        milliseconds: float,
        faults: Iterable[str],
    ) -> dict[str, str | int | float]:
        fields = _fields(transaction.world, method, target, status, milliseconds, faults)
        fields["id"] = transaction.transaction_id
        fields["user"] = transaction.session.user_name if transaction.logged_in else ""
        if transaction.table:
            fields["table"] = transaction.table
        if transaction.rows is not None:
            fields["rows"] = transaction.rows
        if transaction.notes:
            fields["unsimulated"] = ",".join(dict.fromkeys(f"{note.kind}:{note.name}" for note in transaction.notes))
        return fields

    def write_unserved(
        self, world: Place, method: str, target: str, status: int, milliseconds: float, faults: Iterable[str]
    ) -> None:
        """Write the line of one request that a fault kept from the instance."""
        if self.kind != "off":
            with observing("the line of a request in the log"):
                self._print(_fields(world, method, target, status, milliseconds, faults))

    def _print(self, fields: dict[str, str | int | float]) -> None:
        if self.kind == "json":
            line = _CONTROL.sub(_escaped, json.dumps(fields, ensure_ascii=False))
        else:
            line = text_line(fields)
        with self._lock:
            stream = self._stream or sys.stderr
            text = one_line(line) + "\n"
            try:
                stream.write(text)
            except UnicodeEncodeError:
                # A stream that writes the letters of one country only.
                stream.write(text.encode("ascii", "backslashreplace").decode("ascii"))
            stream.flush()


def _fields(
    world: Place, method: str, target: str, status: int, milliseconds: float, faults: Iterable[str]
) -> dict[str, str | int | float]:
    fields: dict[str, str | int | float] = {
        "time": world.instance.clock.text(),
        "id": "",
        "method": method,
        "target": _bounded(known_secrets(world.instance).struck(redacted(target, key_parameters(world.instance)))),
        "status": status,
        "ms": round(milliseconds, 1),
        "user": "",
        "world": world.name,
    }
    happened = ",".join(faults)
    return {**fields, "faults": happened} if happened else fields


def _bounded(target: str) -> str:
    """Return a target that is short enough for a line, and how long it was."""
    if len(target) <= LONGEST_TARGET:
        return target
    return f"{target[:LONGEST_TARGET]}...[{len(target)}]"


def text_line(fields: dict[str, str | int | float]) -> str:
    """Return the fields for people: the outcome first, then name=value for what is not always there."""
    rest = [f"{name}={fields[name]}" for name in ("table", "rows", "faults", "unsimulated") if name in fields]
    start = f"{fields['time']} {fields['status']} {fields['method']} {fields['target']} {fields['ms']}ms"
    return " ".join([start, str(fields["user"]) or "-", *rest])


@total(instead=lambda target, also=(): f"{target.partition('?')[0]}?{STARS}")
def redacted(target: str, also: Collection[str] = ()) -> str:
    """Return a request target with the values of secret parameters replaced by stars.

    `also` are names of parameters, in lower case, that are secret in this instance.
    """
    names = {name.strip().lower() for name in also}

    def judge(name: str, value: str) -> str | None:
        return STARS if value and (is_secret_name(name) or name.strip().lower() in names) else None

    return keys_shown(address_shown(target, judge))


def _escaped(found: re.Match[str]) -> str:
    """Return a control character as JSON writes it."""
    return f"\\u{ord(found.group()):04x}"


def one_line(text: str) -> str:
    """Return text that is one line for certain: control characters are shown as escapes."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)
