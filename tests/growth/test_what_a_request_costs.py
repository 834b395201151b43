"""SQL statements and Python calls of common requests, counted, so that what was saved does not creep back.

Counts are the same on every machine, unlike times. A limit is what was counted when it was set and a little more, for
other versions of Python; when a request has to do more, raise its limit in the change that makes it do so.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from sandtable.library.in_process import app_for
from sandtable.serving.assembly import create_instance
from sandtable.serving.exchange import answer_from

pytestmark = pytest.mark.ours("a request asks the database and the interpreter for no more than it did")

URL = "https://dev00000.service-now.com"
HEADERS = {"Authorization": "Basic YWRtaW46YWRtaW4=", "Accept": "application/json"}  # admin:admin, for tests only
WARM = 5
FULL = {
    "short_description": "The disk of a server is full",
    "description": "x" * 300,
    "urgency": "1",
    "impact": "2",
    "category": "software",
    "work_notes": "seen",
}
ACTIVE = "/api/now/table/incident?sysparm_query=active=true&sysparm_limit=10"


class Counted:
    """An instance whose requests are counted."""

    def __init__(self) -> None:
        self.instance = create_instance(random_seed=1)
        self._app = app_for(self.instance)
        self._numbers = count()
        made = [self.send("POST", "/api/now/table/incident", FULL) for _ in range(20)]
        self.incident: str = json.loads(made[0])["result"]["sys_id"]

    def send(self, method: str, path: str, body: Any = None) -> bytes:
        data = json.dumps(body).encode() if body is not None else None
        headers = HEADERS if body is None else {**HEADERS, "Content-Type": "application/json"}
        answer = answer_from(self._app, method, URL + path, headers.items(), data)
        assert answer.status in (200, 201), (answer.status, answer.body)
        return answer.body

    def read(self) -> None:
        self.send("GET", f"/api/now/table/incident/{self.incident}")

    def change(self) -> None:
        self.send("PATCH", f"/api/now/table/incident/{self.incident}", {"description": f"number {next(self._numbers)}"})

    def create(self) -> None:
        self.send("POST", "/api/now/table/incident", {**FULL, "correlation_id": f"rule:{next(self._numbers)}"})

    def stage(self) -> None:
        row = {"u_short_description": "staged", "u_correlation_id": f"row:{next(self._numbers)}", "u_urgency": "1"}
        self.send("POST", "/api/now/import/x_elas2_inc_int_elastic_incident", row)

    def page(self) -> None:
        self.send("GET", ACTIVE)

    def page_for_people(self) -> None:
        self.send("GET", f"{ACTIVE}&sysparm_display_value=true")

    def page_of_both(self) -> None:
        self.send("GET", f"{ACTIVE}&sysparm_display_value=all")


@pytest.fixture(scope="module")
def counted() -> Iterator[Counted]:
    made = Counted()
    yield made
    made.instance.close()


def calls_of(action: Callable[[], None]) -> int:
    """Return how many functions are called, those written in C included."""
    found = 0

    def noted(frame: Any, event: str, argument: Any) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    sys.setprofile(noted)
    try:
        action()
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize(
    "request_of, statements, calls",
    [
        (Counted.read, 0, 820),
        (Counted.change, 2, 1_590),
        (Counted.create, 4, 2_080),
        (Counted.stage, 7, 2_800),
        (Counted.page, 2, 2_080),
        (Counted.page_for_people, 3, 6_800),
        (Counted.page_of_both, 3, 7_250),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_what_a_request_costs(
    counted: Counted, request_of: Callable[[Counted], None], statements: int, calls: int
) -> None:
    for _ in range(WARM):
        request_of(counted)
    asked: list[str] = []
    with counted.instance.store.traced(asked.append):
        request_of(counted)
    assert len(asked) <= statements, asked
    assert min(calls_of(lambda: request_of(counted)) for _ in range(3)) <= calls


def test_a_hundred_times_the_records_cost_no_statement_more(counted: Counted) -> None:
    few: list[str] = []
    with counted.instance.store.traced(few.append):
        counted.page_of_both()
    system = counted.instance.system()
    pattern = system.table("incident").get(counted.incident).values_copy()
    more = ((f"{number:032x}", {**pattern, "number": f"INC9{number:06}"}) for number in range(2_000))
    with counted.instance.transaction():
        counted.instance.store.insert_many("incident", more)
    counted.page_of_both()
    many: list[str] = []
    with counted.instance.store.traced(many.append):
        counted.page_of_both()
    assert len(many) <= len(few)
