"""zeep, a SOAP client for any service: it reads the WSDL of a table and calls what that describes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from tests.compat.conftest import Running

with warnings.catch_warnings():
    # Its dependencies warn of their own age.
    warnings.simplefilter("ignore")
    zeep = pytest.importorskip("zeep", reason="zeep is not installed: pip install '.[compat]'")

pytestmark = pytest.mark.ours("zeep reads the description of a table's SOAP service and calls it")
exercises = pytest.mark.exercises
CLIENT = "zeep"


@pytest.fixture(params=["https", "http"])
def service(running: Running, request: pytest.FixtureRequest) -> Iterator[Any]:
    address = running.https if request.param == "https" else running.http
    with requests.Session() as session:
        session.auth = ("admin", "admin")
        transport = zeep.transports.Transport(session=session)
        yield zeep.Client(f"{address}/incident.do?WSDL", transport=transport).service


@exercises(CLIENT, "insert, get, update, deleteRecord")
def test_crud(service: Any) -> None:
    made = service.insert(short_description="from zeep", urgency=1)
    assert made.number.startswith("INC")
    found = service.get(sys_id=made.sys_id)
    assert (found.short_description, found.urgency, found.active) == ("from zeep", "1", "1")
    service.update(sys_id=made.sys_id, short_description="changed")
    assert service.get(sys_id=made.sys_id).short_description == "changed"
    assert service.deleteRecord(sys_id=made.sys_id) == "1"


@exercises(CLIENT, "getRecords, getKeys, insertMultiple, deleteMultiple")
def test_many(service: Any) -> None:
    query = "short_descriptionSTARTSWITHcompat"
    found = service.getRecords(__encoded_query=query, __limit="5", __order_by="short_description")
    assert [each.short_description for each in found] == [f"compat {number:02}" for number in range(5)]
    assert service.getKeys(__encoded_query=query).count == "37"
    made = service.insertMultiple(record=[{"short_description": f"many {number}"} for number in range(3)])
    assert len({each.sys_id for each in made}) == 3
    assert service.deleteMultiple(__encoded_query="short_descriptionSTARTSWITHmany") == "3"


@exercises(CLIENT, "refusals as faults")
def test_faults(service: Any) -> None:
    with pytest.raises(zeep.exceptions.Fault, match="No Record found"):
        service.update(sys_id="nosuch", short_description="x")
