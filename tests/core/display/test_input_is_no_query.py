"""A display value that a caller sends is looked up as a value, whatever it reads like."""

from __future__ import annotations

import pytest

from sandtable.core.platform.session import Session

pytestmark = pytest.mark.ours("no value that a caller sends is ever read as a query or a script")


@pytest.mark.parametrize(
    "text",
    ["javascript:gs.getUserName()", "javascript:'Abel Tuter'", "x^ORnameISNOTEMPTY", "x^NQactive=true", "^", "%"],
)
@pytest.mark.parametrize("element", ["caller_id", "watch_list"])
def test_a_display_value_is_no_query(admin: Session, text: str, element: str) -> None:
    made = admin.table("incident").insert({element: text}, input_display=True)
    users = admin.instance.system().table("sys_user")
    assert all(users.find(each) is None for each in made[element].split(","))


@pytest.mark.parametrize("text", ["Abel Tuter", "abel tuter", " Abel Tuter "])
def test_a_display_value_finds_its_record(admin: Session, text: str) -> None:
    made = admin.table("incident").insert({"caller_id": text}, input_display=True)
    assert admin.instance.system().table("sys_user").get(made["caller_id"])["user_name"] == "abel.tuter"


def test_a_record_whose_name_reads_like_a_script_is_found(admin: Session) -> None:
    named = admin.instance.system().table("sys_user_group").insert({"name": "javascript:gs.getUserID()"})
    made = admin.table("incident").insert({"assignment_group": "javascript:gs.getUserID()"}, input_display=True)
    assert made["assignment_group"] == named.sys_id
