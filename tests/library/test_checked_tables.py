"""What the library hands to a test: a column that does not exist is an error there, though the wire passes over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from sandtable import SimulatedInstance, mock_servicenow
from sandtable.core.values.errors import UnknownTable
from sandtable.library.checked_tables import UnknownColumn

pytestmark = pytest.mark.ours("in a test a misspelt column raises, and says what was probably meant")


@pytest.fixture(scope="module")
def held() -> Iterator[SimulatedInstance]:
    with mock_servicenow(random_seed=1) as instance:
        instance.table("incident").insert({"short_description": "disk full", "correlation_id": "a:1"})
        yield instance


@pytest.mark.parametrize(
    "ask, meant",
    [
        (lambda table: table.first("numbr=INC1"), "'number'"),
        (lambda table: table.query("active=true^short_desription=x"), "'short_description'"),
        (lambda table: table.query("active=true^ORDERBYnumbr"), "'number'"),
        (lambda table: table.count("correlationid=x"), "'correlation_id'"),
        (lambda table: table.page("caller_id.usr_name=x", limit=1, offset=0), "'caller_id'"),
        (lambda table: table.first(filters={"correlation": "x"}), "'correlation_id'"),
        (lambda table: table.first("correlation_id=a:1")["shortdescription"], "'short_description'"),
        (lambda table: table.first("correlation_id=a:1").get("stat"), "'state'"),
        (lambda table: table.insert({})["u_nothing_like_it"], "no column 'u_nothing_like_it'"),
        (lambda table: table.query("RLQUERYtask_sla.task,>=1^slaa=x^ENDRLQUERY"), "'sla'"),
    ],
)
@pytest.mark.parametrize("user", [None, "admin"])
def test_a_misspelt_column_raises(
    held: SimulatedInstance, ask: Callable[[Any], Any], meant: str, user: str | None
) -> None:
    table = held.table("incident") if user is None else held.acting_as(user).table("incident")
    with pytest.raises(UnknownColumn, match="has no column") as caught:
        ask(table)
    assert meant in str(caught.value)


def test_a_misspelt_table_is_told_the_nearest(held: SimulatedInstance) -> None:
    with pytest.raises(UnknownTable) as refused:
        held.table("incidnt")
    assert "did you mean 'incident'" in refused.value.__notes__[0]
    with pytest.raises(UnknownTable) as refused:
        held.acting_as("admin").table("no_such_thing_at_all")
    assert refused.value.__notes__ == ["add_table makes one of your own"]


def test_what_exists_reads_as_before(held: SimulatedInstance) -> None:
    record = held.table("incident").first("correlation_id=a:1^GOTO123TEXTQUERY321=disk^caller_id.nameISEMPTY")
    assert record is not None
    assert (record["short_description"], record["close_notes"], record.get("close_code")) == ("disk full", "", "")
    assert record == held.table("incident").get(record.sys_id)
    assert held.acting_as("admin").has_role("itil")
    with pytest.raises(ValueError, match="no condition"):
        held.table("incident").query("active=true^nonsense")


def test_the_wire_stays_as_lax_as_the_product(held: SimulatedInstance) -> None:
    answer = requests.get(f"{held.url}/api/now/table/incident?sysparm_query=numbr=INC1", auth=held.admin, timeout=5)
    assert answer.status_code == 200
    assert len(answer.json()["result"]) == held.table("incident").count()
