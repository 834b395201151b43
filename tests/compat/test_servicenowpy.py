"""servicenowpy: the Table API in a few calls; it follows `Link` until no next page is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.compat.conftest import Running

servicenowpy = pytest.importorskip("servicenowpy", reason="servicenowpy is not installed: pip install '.[compat]'")

pytestmark = pytest.mark.ours("servicenowpy works unmodified, through its public API")
exercises = pytest.mark.exercises
CLIENT = "servicenowpy"


@pytest.fixture(params=["https", "http"])
def incidents(running: Running, request: pytest.FixtureRequest) -> Any:
    address = running.https if request.param == "https" else running.http
    return servicenowpy.Client(address, "admin", "admin").table("incident")


@exercises(CLIENT, "create, read, update, delete")
def test_crud(incidents: Any) -> None:
    made = incidents.post({"short_description": "from servicenowpy"}, sysparm_input_display_value="true")
    assert incidents.get_record(made["sys_id"])["short_description"] == "from servicenowpy"
    assert [each["sys_id"] for each in incidents.get_record_by_number(made["number"])] == [made["sys_id"]]
    assert incidents.patch(made["sys_id"], {"urgency": "1"})["urgency"] == "1"
    assert incidents.put(made["sys_id"], {"urgency": "2"}, api_version="v2")["urgency"] == "2"
    incidents.delete(made["sys_id"])
    with pytest.raises(servicenowpy.StatusCodeError) as missing:
        incidents.get_record(made["sys_id"])
    assert missing.value.args == (
        "No Record found",
        "Record doesn't exist or ACL restricts the record retrieval",
        404,
    )


@exercises(CLIENT, "paging over several pages, by Link")
def test_paging(incidents: Any) -> None:
    found = incidents.get(
        sysparm_query="short_descriptionSTARTSWITHcompat^ORDERBYshort_description",
        sysparm_fields="short_description,caller_id",
        sysparm_display_value="true",
        sysparm_exclude_reference_link="true",
        sysparm_limit=10,
    )
    assert [each["short_description"] for each in found] == [f"compat {number:02}" for number in range(37)]
    assert {each["caller_id"] for each in found} == {"System Administrator"}
