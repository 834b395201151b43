"""Reading an instance through the Table API: pages by sys_id, no faster than it allows, and nothing but GET.

Source: ServiceNow documentation, Table API and inbound rate limiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import requests

from sandtable.settings.unanswered import innermost_reason

PAGE = 1_000
TRIES = 8
LONGEST_WAIT = 3_600.0  # a rate limit counts by the hour
EXPIRED = 401
BUSY = frozenset({429, 502, 503, 504})


class CannotRead(Exception):
    """A table that an account cannot read, or an instance that cannot be talked to; the text says why."""


class Reader:
    """Reads rows of tables. `pause` is waited between requests, `sleep` waits that many seconds."""

    def __init__(
        self,
        url: str,
        session: requests.Session,
        *,
        page: int = PAGE,
        pause: float = 0.0,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url, self._session = url.rstrip("/"), session
        self._page, self._pause, self._timeout, self._sleep = page, pause, timeout, sleep
        self.requests = 0
        self._answered = False
        self.answered_at = ""  # the moment of the last answer, as the instance says it

    def rows(
        self, table: str, query: str = "", *, after: str = "", columns: str = ""
    ) -> Iterator[list[dict[str, str]]]:
        """Yield pages of the rows of a table, in the order of sys_id and after one; `columns` keeps to some of them.

        Raises CannotRead.
        """
        if "^NQ" in query:
            raise CannotRead(
                f"the query for {table} holds ^NQ, which cannot be read page by page; clone it in two runs"
            )
        while True:
            beyond = [f"sys_id>{after}"] if after else []
            asked = "^".join([*filter(None, [query]), *beyond, "ORDERBYsys_id"])
            found = self.get(
                f"/api/now/table/{table}",
                {
                    "sysparm_query": asked,
                    "sysparm_limit": str(self._page),
                    "sysparm_exclude_reference_link": "true",
                    "sysparm_display_value": "false",
                    "sysparm_no_count": "true",
                    **({"sysparm_fields": columns} if columns else {}),
                },
            )
            page = [
                {name: _text(value) for name, value in row.items()} for row in found if row.get("sys_id", "") > after
            ]
            if page:
                yield page
                after = page[-1]["sys_id"]
            if len(found) < self._page or not page:
                return

    def count(self, table: str, query: str = "") -> int:
        """Return how many rows there are. Raises CannotRead."""
        answer = self._answer(f"/api/now/stats/{table}", {"sysparm_count": "true", "sysparm_query": query})
        return int(answer.json()["result"]["stats"]["count"])

    def get(self, path: str, parameters: dict[str, str]) -> list[dict[str, Any]]:
        """Return the rows of one answer. Raises CannotRead."""
        try:
            result = self._answer(path, parameters).json()["result"]
        except (ValueError, KeyError, TypeError):
            raise CannotRead(f"{path} answered something that is no answer of the Table API") from None
        return [row for row in result if isinstance(row, dict)]

    def answer(self, path: str, parameters: dict[str, str]) -> str:
        """Return the status and the message of an answer, whatever they are. Raises CannotRead for none at all."""
        answer = self._answer(path, parameters, refuses=False)
        return f"{answer.status_code} {_why(answer) if answer.status_code >= 400 else ''}".rstrip()

    def _answer(self, path: str, parameters: dict[str, str], *, refuses: bool = True) -> requests.Response:
        problem, renewed = "", False
        for attempt in range(TRIES):
            if self._pause and self.requests:
                self._sleep(self._pause)
            self.requests += 1
            try:
                answer = self._session.get(
                    f"{self._url}{path}",
                    params=parameters,
                    timeout=self._timeout,
                    headers={"Accept": "application/json"},
                )
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                problem = f"{self._url} does not answer: {innermost_reason(error)}"
                # Where nothing ever answered the address is wrong, and no wait makes it right.
                if isinstance(error, requests.ConnectionError) and not self._answered:
                    raise CannotRead(problem) from None
                self._sleep(min(2.0**attempt, 60.0))
                continue
            except requests.RequestException as error:
                raise CannotRead(f"{self._url} cannot be asked: {innermost_reason(error)}") from None
            self._answered = True
            self.answered_at = answer.headers.get("Date", self.answered_at)
            if answer.status_code == EXPIRED and not renewed:
                renew = getattr(self._session.auth, "renew", None)
                renewed = True
                if renew is not None and renew():
                    continue
            if answer.status_code not in BUSY:
                if answer.status_code >= 400 and refuses:
                    raise CannotRead(f"{answer.status_code} of {self._url}{path}: {_why(answer)}")
                return answer
            problem = f"{answer.status_code} of {self._url}{path}: {_why(answer)}"
            self._sleep(_wait(answer, attempt))
        raise CannotRead(f"{problem}, {TRIES} times")


def _wait(answer: requests.Response, attempt: int) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_WAIT) if asked.isascii() and asked.isdigit() else min(2.0**attempt, 60.0)


def _why(answer: requests.Response) -> str:
    try:
        error = answer.json()["error"]
        return ": ".join(filter(None, (error.get("message"), error.get("detail"))))
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.reason or "refused"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("value")
    return "" if value is None else str(value)
