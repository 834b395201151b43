"""Several clients at once, and lists that change while they are read: nothing is lost, nothing is done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Wire

    from sandtable.core.platform.instance import Instance

pytestmark = [
    pytest.mark.ours("requests that come at the same time have the effect of one after the other"),
    pytest.mark.sockets,
]
INCIDENTS = "/api/now/table/incident"
CLIENTS = 8


def at_once(ask: Callable[[int], Any], times: int = 3 * CLIENTS) -> list[Any]:
    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(ask, range(times)))


def test_one_record_and_many_writers(wire: Wire, instance: Instance) -> None:
    record = instance.system().table("incident").insert({})
    path = f"{INCIDENTS}/{record.sys_id}"

    def change(number: int) -> int:
        return wire.patch(path, json={"work_notes": f"note {number}", "order": number + 1}).status_code

    assert set(at_once(change)) == {200}
    after = wire.get(f"{path}?sysparm_display_value=all").json()["result"]
    assert after["sys_mod_count"]["value"] == str(3 * CLIENTS)
    notes = Counter(line for line in after["work_notes"]["display_value"].splitlines() if line.startswith("note "))
    assert notes == Counter(f"note {number}" for number in range(3 * CLIENTS))


def test_each_record_has_its_own_number(wire: Wire, instance: Instance) -> None:
    answers = at_once(lambda number: wire.post(INCIDENTS, json={"order": number}))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["result"]["number"] for answer in answers}) == len(answers)
    assert sorted(int(answer.json()["result"]["order"]) for answer in answers) == list(range(len(answers)))


def test_coalesced_rows_make_one_record(wire: Wire, instance: Instance) -> None:
    def load(number: int) -> str:
        row = {"email": "same@example.com", "first_name": f"N{number}"}
        status: str = wire.post("/api/now/import/imp_user", json=row).json()["result"][0]["status"]
        return status

    assert Counter(at_once(load)) == {"inserted": 1, "updated": 3 * CLIENTS - 1}
    assert instance.system().table("sys_user").count("email=same@example.com") == 1


def test_a_record_is_deleted_once(wire: Wire, instance: Instance) -> None:
    path = f"{INCIDENTS}/{instance.system().table('incident').insert({}).sys_id}"
    assert Counter(at_once(lambda _: wire.delete(path).status_code)) == {204: 1, 404: 3 * CLIENTS - 1}


def test_the_same_sys_id_is_taken_once(wire: Wire, instance: Instance) -> None:
    answers = at_once(lambda _: wire.post(INCIDENTS, json={"sys_id": "a" * 32}).status_code)
    assert Counter(answers) == {201: 1, 403: 3 * CLIENTS - 1}


def test_readers_see_whole_records(wire: Wire, instance: Instance) -> None:
    record = instance.system().table("incident").insert({"correlation_id": "0", "correlation_display": "0"})
    path = f"{INCIDENTS}/{record.sys_id}"

    def read_or_write(number: int) -> bool:
        if number % 2:
            both = {"correlation_id": str(number), "correlation_display": str(number)}
            return wire.patch(path, json=both).status_code == 200
        shown = wire.get(path).json()["result"]
        return bool(shown["correlation_id"] == shown["correlation_display"])

    assert all(at_once(read_or_write, 5 * CLIENTS))


@pytest.mark.parametrize("change", ["insert", "delete", "none"])
def test_following_next_ends_while_the_list_changes(wire: Wire, instance: Instance, change: str) -> None:
    table = instance.system().table("incident")
    for number in range(7):
        table.insert({"short_description": "paged", "order": str(number)})
    query = "sysparm_query=short_description=paged^ORDERBYorder&sysparm_limit=2&sysparm_fields=order,sys_id"
    answer = wire.get(f"{INCIDENTS}?{query}")
    seen = [record["order"] for record in answer.json()["result"]]
    if change == "insert":
        table.insert({"short_description": "paged", "order": "-1"})
    elif change == "delete":
        table.delete(answer.json()["result"][0]["sys_id"])
    while "next" in answer.links:
        answer = wire.get(answer.links["next"]["url"].removeprefix(wire.base_url))
        seen += [record["order"] for record in answer.json()["result"]]
    # As with any list that is read by offset: a row in front moves the others, twice seen or never.
    expected = {"none": "0123456", "insert": "01123456", "delete": "013456"}
    assert "".join(seen) == expected[change]
