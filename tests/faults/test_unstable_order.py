"""Pages whose order says nothing of some rows repeat and lose them, unless the order is complete."""

from __future__ import annotations

import pytest
import requests

from sandtable import mock_servicenow

URL = "https://dev00000.service-now.com"
pytestmark = pytest.mark.documented("LetPeopleWork/Lighthouse, findings; intuitem/ciso-assistant-community 4674")


def paged(query: str) -> list[str]:
    """Return the sys_ids of all rows, page by page, as a client collects them."""
    found: list[str] = []
    for offset in range(0, 40, 5):
        parameters = {"sysparm_query": query, "sysparm_limit": "5", "sysparm_offset": str(offset)}
        answer = requests.get(f"{URL}/api/now/table/incident", params=parameters, auth=("admin", "admin"), timeout=5)
        found += [each["sys_id"] for each in answer.json()["result"]]
    return found


@pytest.mark.parametrize(
    "query, whole", [("ORDERBYpriority", False), ("", False), ("ORDERBYpriority^ORDERBYsys_id", True)]
)
def test_pages(query: str, whole: bool) -> None:  # noqa: FBT001
    with mock_servicenow(URL, random_seed=1) as instance:
        for number in range(40):
            instance.table("incident").insert({"short_description": f"number {number}"})
        every = set(paged(query))
        assert len(every) == 40
        instance.faults.add("unstable-order")
        found = paged(query)
        assert len(found) == 40
        assert (set(found) == every) is whole
