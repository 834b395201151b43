"""A clone of an instance over HTTP, put into an empty one, is the same instance as far as was asked."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from sandtable import mock_servicenow
from sandtable.cloning.clone import Clone, Plan, rows_in
from sandtable.cloning.reading import CannotRead, Reader
from sandtable.library.loaded import load_path

pytestmark = pytest.mark.ours("a clone of a clone is equal, and reading changes nothing")
SCHEMA = ("sys_db_object", "sys_dictionary", "sys_choice")


def copied(url: str, into: Path, plan: Plan, page: int = 200) -> Clone:
    session = requests.Session()
    session.auth = ("admin", "admin")
    copy = Clone(Reader(url, session, page=page), plan, into)
    copy.run()
    return copy


def rows(path: Path, *tables: str) -> dict[str, dict[str, str]]:
    left_out = {"sys_mod_count", "sys_updated_on", "sys_updated_by", "sys_created_on", "sys_created_by"}
    return {
        row["sys_id"]: {name: text for name, text in row.items() if name not in left_out}
        for table, row in rows_in(path)
        if table in tables
    }


def test_a_clone_of_a_clone_is_equal(tmp_path: Path) -> None:
    plan = Plan(["incident", "u_*"], queries={"incident": "short_descriptionSTARTSWITHcloned"})
    with mock_servicenow() as first:
        first.add_table("u_site").add_column("u_region", type="string")
        first.table("incident").add_column("u_plant", type="string")
        person = first.table("sys_user").insert(
            {"user_name": "j.real", "first_name": "Jo", "last_name": "Real", "email": "jo@real.org"}
        )
        for number in range(3):
            first.table("incident").insert(
                {"short_description": f"cloned {number}", "u_plant": "Ulm", "caller_id": person["sys_id"]}
            )
        first.table("u_site").insert({"u_region": "North & <South>"})
        one = copied(first.url, tmp_path / "one.xml", plan)
    with mock_servicenow() as second:
        load_path(second.instance, tmp_path / "one.xml")
        two = copied(second.url, tmp_path / "two.xml", plan)
        made = second.table("incident").query("short_descriptionSTARTSWITHcloned")
        assert [row["u_plant"] for row in made] == ["Ulm"] * 3
        caller = second.table("sys_user").get(person["sys_id"])
        assert caller["email"].endswith("@example.com")
    for tables in (SCHEMA, ("incident", "u_site")):
        assert rows(tmp_path / "one.xml", *tables) == rows(tmp_path / "two.xml", *tables)
    assert one.report.unreadable == two.report.unreadable == {}
    assert "jo@real.org" not in (tmp_path / "one.xml").read_text()


def test_an_interrupted_clone_goes_on_and_a_busy_instance_is_waited_for(tmp_path: Path) -> None:
    plan, waited = Plan(["incident"], depth=0), []
    with mock_servicenow() as servicenow:
        session = requests.Session()
        session.auth = ("admin", "admin")
        copied(servicenow.url, tmp_path / "whole.xml", plan)
        breaking = Reader(servicenow.url, session, page=50)
        asked = breaking.get

        def stop(path: str, parameters: dict[str, str]) -> list[dict[str, str]]:
            if path.endswith("sys_script"):
                raise KeyboardInterrupt
            return asked(path, parameters)

        breaking.get = stop  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            Clone(breaking, plan, tmp_path / "cut.xml").run()
        assert not (tmp_path / "cut.xml").exists()
        servicenow.faults.add({"fault": "rate-limited", "with": {"retry_after": 7}, "times": 1})
        again = Reader(servicenow.url, session, page=200, sleep=waited.append)
        Clone(again, plan, tmp_path / "cut.xml").run()
        assert waited == [7.0]
        assert list(rows_in(tmp_path / "cut.xml")) == list(rows_in(tmp_path / "whole.xml"))
        with pytest.raises(CannotRead, match="no table u_nothing"):
            copied(servicenow.url, tmp_path / "none.xml", Plan(["u_nothing"]))
