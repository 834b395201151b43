"""The request journal of a world: what came in, what was answered, for whom, why, and which records it changed."""

from __future__ import annotations

import base64
import gzip
import threading
import zlib
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sandtable.core.schema.private_values import is_private
from sandtable.core.values.secret_names import STARS
from sandtable.core.values.texts import whole_number
from sandtable.faults.forms import entry
from sandtable.faults.pattern import RequestPattern
from sandtable.oauth.inbound.policies import key_parameters
from sandtable.web.environ import ENDING, FAULTS, TRANSACTIONS, decoded_path, request_headers
from sandtable.web.journal.facts import Answered
from sandtable.web.journal.known_secrets import KnownSecrets, known_secrets
from sandtable.web.journal.observing import total
from sandtable.web.journal.redaction import UNSHOWN, body_shown, header_shown, headers_shown
from sandtable.web.journal.request_log import redacted

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.core.store.changes import Change

SIZE = "sandtable.journal.size"
DEFAULT_SIZE = 2_000
MOST_BODY = 64 * 1024  # bytes of each body that are kept
MOST_BYTES = 64 * 1024 * 1024  # of all bodies together
BETWEEN_TRIMS = 100
LONGEST_VALUE = 200
PLAIN = MappingProxyType({"is_private": "", "type": ""})
# Written beside nearly everything, and told by the changes themselves.
UNTOLD = frozenset({"syslog", "sys_audit", "metric_instance"})


@dataclass(frozen=True, slots=True)
class EntryPattern(RequestPattern):
    """Conditions on a request that was journalled, and on what was answered."""

    status: int | None = entry(None, "the status of the answer", least=100, most=599)

    def _misses(self, request: Any) -> list[str]:
        lines = RequestPattern._misses(self, request)  # noqa: SLF001 - slots leave super() without its class
        if self.status is not None and request.status != self.status:
            lines.append(f"status: expected {self.status}, was {request.status or 'none yet'}")
        return lines


def _unknown(self: JournalEntry) -> Mapping[str, str]:
    return {}


class JournalEntry:
    """One request and its answer; what is shown is free of secrets, and `status` is None until it is answered."""

    def __init__(self, number: int, environ: Mapping[str, Any], at: str, instance: Instance) -> None:
        self.id = number
        self.at = at
        self.method: str = environ.get("REQUEST_METHOD", "GET")
        self.path = decoded_path(environ)
        self.status: int | None = None
        self.explanations: tuple[str, ...] = ()
        self.unsimulated: tuple[str, ...] = ()
        self.changes: tuple[Change, ...] = ()
        self.faults: tuple[str, ...] = ()
        self.ending = "complete"
        self.user = self.table = self.api = ""
        self.milliseconds = 0.0
        self._instance = instance
        self._secret = key_parameters(instance)
        self._query: str = environ.get("QUERY_STRING", "")
        self._received = [pair for pair in environ.items() if pair[0].startswith(("HTTP_", "CONTENT_"))]
        self._answer_headers: list[tuple[str, str]] = []
        self.request_body = Kept()
        self.response_body = Kept()

    def __repr__(self) -> str:
        return f"<JournalEntry {self.line()}>"

    @cached_property
    def _headers(self) -> dict[str, str]:
        return request_headers(dict(self._received))

    @cached_property
    def query_string(self) -> str:
        """The query as it was sent, secrets replaced."""
        return redacted(f"?{self._query}", self._secret)[1:]

    @cached_property
    @total(instead=_unknown)
    def query(self) -> Mapping[str, str]:
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @cached_property
    def headers(self) -> Mapping[str, str]:
        return {name: header_shown(name, value, self._secret) for name, value in self._headers.items()}

    @property
    def body(self) -> str:
        return body_shown(self.request_body.text(), self._headers.get("content-type", ""))

    @property
    def size(self) -> int:
        """How many bytes of bodies are kept."""
        return len(self.request_body.data) + len(self.response_body.data)

    def answered(self, status: int, headers: list[tuple[str, str]], environ: Mapping[str, Any]) -> None:
        """Note what is about to be sent, and what is known of the request by now."""
        transactions: list[Answered] = environ.get(TRANSACTIONS, [])
        self._answer_headers = headers
        self.faults = tuple(environ.get(FAULTS, ()))
        self.ending = environ.get(ENDING, "complete")
        explanations: list[str] = []
        for each in transactions:
            self.user = each.session.user_name if each.logged_in else self.user
            self.table, self.api = each.table or self.table, each.api or self.api
            explanations += each.explanations
            explanations += each.session.explanations
            if each.notes:
                self.unsimulated += tuple(map(str, each.notes))
            if each.changes:
                self.changes += tuple([change for change in each.changes if change.row.table not in UNTOLD])
        if explanations:
            self.explanations = tuple(dict.fromkeys(explanations))
        if self.unsimulated:
            self.unsimulated = tuple(dict.fromkeys(self.unsimulated))
        self.status = status

    def outlived(self, environ: Mapping[str, Any]) -> None:
        """Note that the request was not carried out, because its world is another one by now."""
        self.faults = tuple(environ.get(FAULTS, ()))
        self.ending = "reset"
        self.explanations = ("the instance was reset or restored before this request was carried out, which ended it",)

    def shown(self, members: Collection[str] = ()) -> dict[str, Any]:
        """Return the entry as JSON, without the secrets that its instance knows or that it was sent with itself.

        Of its members all, or those that are named.
        """
        met = {self._basic_password()}
        shown = {name: make() for name, make in self._by_name(met).items() if not members or name in members}
        kept = ("method", "user", "api", "table", "at", "ending")
        texts = {name: each for name, each in shown.items() if name not in kept}
        for secrets in (known_secrets(self._instance), KnownSecrets(met)):
            if secrets:
                texts = secrets.struck_everywhere(texts)
        return {name: texts.get(name, each) for name, each in shown.items()}

    def _basic_password(self) -> str:
        word, _, credentials = self._headers.get("authorization", "").strip().partition(" ")
        if word.lower() != "basic":
            return ""
        try:
            return base64.b64decode(credentials).partition(b":")[2].decode("utf-8", "replace")
        except ValueError:
            return ""

    def _by_name(self, met: set[str]) -> dict[str, Callable[[], Any]]:
        """Return what makes each member, without what names say is secret; what the request has of it is in `met`."""
        named = {name.lower(): value for name, value in self._answer_headers}
        request_body = body_shown(self.request_body.text(), self._headers.get("content-type", ""), met)

        def response_body() -> str:
            answer = self.response_body.text(packed=named.get("content-encoding") == "gzip")
            return body_shown(answer, named.get("content-type", ""))

        return {
            "id": lambda: self.id,
            "at": lambda: self.at,
            "method": lambda: self.method,
            "path": lambda: self.path,
            "query": lambda: self.query_string,
            "request_headers": lambda: dict(self.headers),
            "request_body": lambda: request_body,
            "status": lambda: self.status,
            "response_headers": lambda: headers_shown(self._answer_headers),
            "response_body": response_body,
            "user": lambda: self.user,
            "api": lambda: self.api,
            "table": lambda: self.table,
            "milliseconds": lambda: round(self.milliseconds, 1),
            "explanations": lambda: list(self.explanations),
            "unsimulated": lambda: list(self.unsimulated),
            "changes": lambda: [_change_shown(change, self._instance) for change in self.changes],
            "faults": lambda: list(self.faults),
            "ending": lambda: self.ending,
        }

    def line(self) -> str:
        """Return the entry on one line."""
        query = f"?{self.query_string}" if self.query_string else ""
        return f"#{self.id} {self.method} {self.path}{query} -> {self.status or 'no answer yet'}"


@dataclass(slots=True)
class Kept:
    """The first bytes of a body, and how many there were in all."""

    data: bytearray = field(default_factory=bytearray)
    length: int = 0

    def add(self, chunk: bytes) -> None:
        """Take in the next bytes, of which those beyond the limit are only counted."""
        if len(self.data) + len(chunk) <= MOST_BODY:
            self.data += chunk
        else:
            self.data += chunk[: max(0, MOST_BODY - len(self.data))]
        self.length += len(chunk)

    def text(self, *, packed: bool = False) -> str:
        """Return the bytes as text, unpacked where they are gzip; what is missing at the end is said."""
        data = bytes(self.data)
        if packed:
            if self.length > len(data):
                return f"[{self.length} bytes of gzip]"
            try:
                data = gzip.decompress(data)
            except (OSError, EOFError, zlib.error):
                return f"[{self.length} bytes of gzip, damaged]"
        text = data.decode("utf-8", "replace")
        left = self.length - len(self.data)
        return f"{text} [{left} bytes more]" if left > 0 else text


def change_shown(change: Change, instance: Instance) -> dict[str, Any]:
    """Return one changed record as JSON: which one, and its columns before and after, passwords as stars."""
    row = change.row
    before = change.before.values if change.before is not None else {}
    after = change.after.values if change.after is not None else {}
    columns = instance.dictionary.columns(row.table) if instance.dictionary.has(row.table) else {}
    values = {}
    for name, sides in change.values.items():
        column = columns.get(name)
        secret = column is not None and any(is_private({**PLAIN, **side}, column) for side in (before, after))
        secret = secret or (row.table == "oauth_credential" and "token" in name)
        values[name] = [_value(side, secret=secret) for side in sides]
    return {
        "operation": change.operation,
        "table": row.table,
        "sys_id": row.sys_id,
        "display": row.values.get("number") or row.values.get("name") or "",
        "values": values,
    }


def _only_which(change: Change, instance: Instance) -> dict[str, Any]:
    return {
        "operation": change.operation,
        "table": change.row.table,
        "sys_id": change.row.sys_id,
        "display": UNSHOWN,
        "values": {},
    }


_change_shown = total(instead=_only_which)(change_shown)


def _value(text: str, *, secret: bool) -> str:
    if secret:
        return STARS if text else ""
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}... [{len(text)} characters]"


class RequestJournal:
    """The newest requests of one world, oldest first; property `sandtable.journal.size` says how many are kept.

    Fewer are when their bodies take more than `most_bytes`.
    """

    def __init__(self, instance: Instance, most_bytes: int = MOST_BYTES) -> None:
        self._instance = instance
        self._most_bytes = most_bytes
        self._entries: deque[JournalEntry] = deque()
        self._lock = threading.Lock()
        self._last = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(self.entries())

    def __repr__(self) -> str:
        return f"<RequestJournal of {len(self)} requests>"

    def begin(self, environ: Mapping[str, Any]) -> JournalEntry:
        """Enter a request that has arrived."""
        at = self._instance.clock.text()
        size = self._size()
        with self._lock:
            self._last += 1
            entry = JournalEntry(self._last, environ, at, self._instance)
            self._entries.append(entry)
            if len(self._entries) <= size:
                return entry
            while len(self._entries) > size:
                self._entries.popleft()
        return entry

    def entries(self, pattern: EntryPattern | None = None, *, since: int = 0) -> list[JournalEntry]:
        """Return the entries that match, oldest first; `since` leaves out those up to an id."""
        with self._lock:
            found = [each for each in self._entries if each.id > since]
        return found if pattern is None else [each for each in found if pattern.matches(each)]

    def get(self, number: int) -> JournalEntry | None:
        """Return an entry by its id, or None."""
        with self._lock:
            return next((each for each in self._entries if each.id == number), None)

    def clear(self) -> None:
        """Forget all entries; ids go on."""
        with self._lock:
            self._entries.clear()

    def restart(self) -> None:
        """Forget all entries, and count from 1 again: for a test that has the instance to itself."""
        with self._lock:
            self._entries.clear()
            self._last = 0

    def finish(self, entry: JournalEntry) -> None:
        """Note that nothing more becomes known of an entry; here it stands in the journal from its beginning."""

    def trim(self) -> None:
        """Forget the oldest entries when the bodies take too much memory; adding up is not done for each request."""
        if self._last % BETWEEN_TRIMS:
            return
        with self._lock:
            total = sum([len(each.request_body.data) + len(each.response_body.data) for each in self._entries])
            while total > self._most_bytes and len(self._entries) > 1:
                total -= self._entries.popleft().size

    def _size(self) -> int:
        return whole_number(self._instance.property(SIZE), DEFAULT_SIZE)
