"""Tables, columns and choices of one's own, in a line of a test or from a saved answer."""

from __future__ import annotations

import pytest
import requests

from sandtable import SimulatedInstance, mock_servicenow
from sandtable.core.applications.own_tables import BadDefinition
from sandtable.library.loaded import LoadError

pytestmark = pytest.mark.ours("a test adds what its own instance has in one line, and is told what cannot be")
ACME = "https://acme.service-now.com"


@pytest.fixture
def acme() -> SimulatedInstance:
    with mock_servicenow(ACME) as servicenow:
        yield servicenow  # type: ignore[misc]


def test_columns_choices_and_tables(acme: SimulatedInstance) -> None:
    acme.table("incident").add_column("u_region", choices={"n": "North", "s": "South"})
    acme.table("incident").add_column("u_owner", reference="sys_user", label="Owner")
    acme.table("incident").add_choice("category", "robots", label="Robots")
    things = acme.add_table("u_thing", extends="task", number="THG")
    things.add_column("u_size", type="integer", default="3")
    body = {"u_region": "n", "category": "robots", "u_owner": "System Administrator"}
    url = f"{ACME}/api/now/table/incident?sysparm_display_value=true&sysparm_input_display_value=true"
    made = requests.post(url, json=body, auth=acme.admin).json()["result"]
    assert (made["u_region"], made["category"]) == ("North", "Robots")
    assert made["u_owner"]["display_value"] == "System Administrator"
    thing = requests.post(f"{ACME}/api/now/table/u_thing", json={}, auth=acme.admin).json()["result"]
    assert (thing["number"], thing["u_size"]) == ("THG0010001", "3")


@pytest.mark.parametrize(
    "name, options, problem",
    [
        ("U Region", {}, "is no name of a column"),
        ("short_description", {}, "has a column short_description already"),
        ("u_a", {"type": "strin"}, "no column is of type 'strin'"),
        ("u_a", {"type": "reference"}, "a reference needs the name of its table"),
        ("u_a", {"reference": "sys_usr"}, "'sys_usr' is none"),
    ],
)
def test_what_cannot_be_added_is_told(
    acme: SimulatedInstance, name: str, options: dict[str, str], problem: str
) -> None:
    with pytest.raises(BadDefinition, match=problem):
        acme.table("incident").add_column(name, **options)


def test_a_saved_answer_brings_its_columns(acme: SimulatedInstance) -> None:
    user = acme.table("sys_user").first("user_name=admin")
    assert user is not None
    saved = {
        "short_description": "saved",
        "u_region": "North",
        "u_owner": {"link": f"https://real.service-now.com/api/now/table/sys_user/{user.sys_id}", "value": user.sys_id},
    }
    with pytest.raises(LoadError, match="unknown=create makes it"):
        acme.load({"incident": [saved]})
    acme.load({"incident": [saved]}, unknown="create")
    answer = requests.get(f"{ACME}/api/now/table/incident?u_owner.user_name=admin", auth=acme.admin).json()["result"]
    assert [row["u_region"] for row in answer] == ["North"]
