"""The six shapes of a record, and the pages of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from tests.web.conftest import Wire

INCIDENTS = "/api/now/table/incident"


@pytest.fixture
def abel(instance: Instance) -> str:
    found = instance.system().table("sys_user").first("user_name=abel.tuter")
    assert found is not None
    return found.sys_id


@pytest.fixture
def sys_id(instance: Instance, abel: str) -> str:
    return instance.acting_as("admin").table("incident").insert({"caller_id": abel, "state": "1", "impact": "1"}).sys_id


def shapes(link: str, abel: str) -> dict[tuple[str, bool], dict[str, Any]]:
    """Return what state, caller, an empty reference and a dot-walked name look like in each mode."""
    both = {"display_value": "New", "value": "1"}
    nothing = {"display_value": "", "value": ""}
    return {
        ("false", False): {
            "state": "1",
            "caller_id": {"link": link, "value": abel},
            "assigned_to": "",
            "caller_id.name": "Abel Tuter",
        },
        ("true", False): {
            "state": "New",
            "caller_id": {"display_value": "Abel Tuter", "link": link},
            "assigned_to": "",
            "caller_id.name": "Abel Tuter",
        },
        ("all", False): {
            "state": both,
            "caller_id": {"display_value": "Abel Tuter", "link": link, "value": abel},
            "assigned_to": nothing,
            "caller_id.name": {"display_value": "Abel Tuter", "value": "Abel Tuter"},
        },
        ("false", True): {"state": "1", "caller_id": abel, "assigned_to": "", "caller_id.name": "Abel Tuter"},
        ("true", True): {"state": "New", "caller_id": "Abel Tuter", "assigned_to": "", "caller_id.name": "Abel Tuter"},
        ("all", True): {
            "state": both,
            "caller_id": {"display_value": "Abel Tuter", "value": abel},
            "assigned_to": nothing,
            "caller_id.name": {"display_value": "Abel Tuter", "value": "Abel Tuter"},
        },
    }


@pytest.mark.parametrize("exclude", [False, True])
@pytest.mark.parametrize("mode", ["false", "true", "all"])
@pytest.mark.documented("ServiceNow docs, Table API: display value and exclude reference link")
def test_all_six(wire: Wire, sys_id: str, abel: str, mode: str, exclude: bool) -> None:
    parameters = {
        "sysparm_display_value": mode,
        "sysparm_exclude_reference_link": "True" if exclude else "False",
        "sysparm_fields": "state,caller_id,assigned_to,caller_id.name",
    }
    expected = shapes(f"{wire.base_url}/api/now/table/sys_user/{abel}", abel)[mode, exclude]
    assert wire.get(f"{INCIDENTS}/{sys_id}", params=parameters).json()["result"] == expected
    listed = wire.get(INCIDENTS, params={**parameters, "sysparm_query": f"sys_id={sys_id}"})
    assert listed.json()["result"] == [expected]
    changed = wire.patch(f"{INCIDENTS}/{sys_id}", params=parameters, json={"short_description": "x"})
    assert changed.json()["result"] == expected


@pytest.mark.recorded("a client test: in mode all every column is an object, sys_id included")
def test_every_column_is_an_object_in_all(wire: Wire, sys_id: str) -> None:
    record = wire.get(f"{INCIDENTS}/{sys_id}?sysparm_display_value=all").json()["result"]
    assert record["sys_id"] == {"display_value": sys_id, "value": sys_id}
    assert [name for name, value in record.items() if not {"display_value", "value"} <= set(value)] == []


@pytest.mark.documented("ServiceNow docs: every value is text, and empty is an empty text")
def test_every_value_is_text(wire: Wire, sys_id: str) -> None:
    record = wire.get(f"{INCIDENTS}/{sys_id}?sysparm_exclude_reference_link=true").json()["result"]
    assert [name for name, value in record.items() if not isinstance(value, str)] == []


@pytest.mark.documented(
    "ServiceNow docs: a dot-walk that ends on a reference looks like a reference, a broken one is empty"
)
def test_dot_walks(wire: Wire, instance: Instance, sys_id: str, abel: str) -> None:
    company = instance.system().table("core_company").insert({"name": "ACME"}).sys_id
    instance.system().table("sys_user").update(abel, {"company": company, "manager": ""})
    fields = "caller_id.company,caller_id.company.name,assigned_to.company.name,caller_id.manager"
    record = wire.get(f"{INCIDENTS}/{sys_id}?sysparm_fields={fields}").json()["result"]
    assert record == {
        "caller_id.company": {"link": f"{wire.base_url}/api/now/table/core_company/{company}", "value": company},
        "caller_id.company.name": "ACME",
        "assigned_to.company.name": "",
        "caller_id.manager": "",
    }


@pytest.mark.recorded("captured journal text: newest first, a blank line after each entry, empty in the stored form")
def test_journal(wire: Wire, instance: Instance, sys_id: str) -> None:
    path = f"{INCIDENTS}/{sys_id}"
    first = wire.patch(path, json={"comments": "first"})
    assert first.json()["result"]["comments"] == ""
    wire.patch(path, json={"comments": "second"})
    shown = wire.get(f"{path}?sysparm_display_value=true").json()["result"]["comments"]
    heads = [line for line in shown.splitlines() if line.endswith("- System Administrator (Additional comments)")]
    assert len(heads) == 2
    assert shown == f"{heads[0]}\nsecond\n\n{heads[1]}\nfirst\n\n"
    both = wire.get(f"{path}?sysparm_display_value=all").json()["result"]["comments"]
    assert both == {"display_value": shown, "value": ""}


@pytest.mark.recorded("captured Link and X-Total-Count headers of list requests")
def test_paging_walk(wire: Wire, instance: Instance) -> None:
    table = instance.system().table("incident")
    made = [table.insert({"short_description": f"walk {n}"}).sys_id for n in range(7)]
    url = f"{INCIDENTS}?sysparm_query=short_descriptionSTARTSWITHwalk^ORDERBYsys_id&sysparm_limit=3&mine=a,b"
    seen: list[str] = []
    pages = 0
    while url:
        answer = wire.get(url)
        assert answer.headers["X-Total-Count"] == "7"
        seen += [record["sys_id"] for record in answer.json()["result"]]
        url = answer.links.get("next", {}).get("url", "").removeprefix(wire.base_url)
        pages += 1
    assert seen == sorted(made)
    assert pages == 3
    assert answer.links["last"]["url"].endswith("&mine=a%2Cb&sysparm_limit=3&sysparm_offset=6")


@pytest.mark.parametrize(
    "parameters, total, link",
    [
        ("", True, True),
        ("sysparm_suppress_pagination_header=true", True, False),
        ("sysparm_no_count=true", False, True),
        ("sysparm_limit=0", True, False),
        ("sysparm_offset=99999999999999999999", True, True),
    ],
)
@pytest.mark.documented("ServiceNow docs: what drops the Link and the count")
def test_list_headers(wire: Wire, parameters: str, total: bool, link: bool) -> None:
    answer = wire.get(f"{INCIDENTS}?{parameters}")
    assert answer.status_code == 200
    assert ("X-Total-Count" in answer.headers, "Link" in answer.headers) == (total, link)


@pytest.mark.recorded("captured: no Link and no count on a single record")
def test_single_records_have_no_list_headers(wire: Wire, sys_id: str) -> None:
    answer = wire.get(f"{INCIDENTS}/{sys_id}")
    assert "X-Total-Count" not in answer.headers
    assert "Link" not in answer.headers
