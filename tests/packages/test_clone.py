"""A clone of an instance over HTTP, put into an empty one, is the same instance as far as was asked."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import requests

from sandtable import mock_servicenow
from sandtable.cloning.clone import Clone, Plan, rows_in
from sandtable.cloning.reading import CannotRead, Reader
from sandtable.cloning.sign_in import Account, sign_in
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
        unwanted = first.table("sys_choice").first("name=incident^element=category^language=en")
        assert unwanted is not None
        first.table("sys_choice").delete(unwanted["sys_id"])
        person = first.table("sys_user").insert(
            {"user_name": "j.real", "first_name": "Jo", "last_name": "Real", "email": "jo@real.org"}
        )
        admin = first.table("sys_user").first("user_name=admin")
        assert admin is not None
        for number in range(3):
            first.table("incident").insert(
                {
                    "short_description": f"cloned {number}",
                    "u_plant": "Ulm",
                    "caller_id": person["sys_id"],
                    "opened_by": admin["sys_id"],
                }
            )
        first.table("u_site").insert({"u_region": "North & <South>"})
        one = copied(first.url, tmp_path / "one.xml", plan)
    with mock_servicenow() as second:
        load_path(second.instance, tmp_path / "one.xml")
        two = copied(second.url, tmp_path / "two.xml", plan)
        made = second.table("incident").query("short_descriptionSTARTSWITHcloned")
        assert [row["u_plant"] for row in made] == ["Ulm"] * 3
        assert second.table("sys_choice").count(f"sys_id={unwanted['sys_id']}") == 0
        caller = second.table("sys_user").get(person["sys_id"])
        assert caller["email"].endswith("@example.com")
    people = rows(tmp_path / "one.xml", "sys_user")
    # Without its password the copy of admin takes none away: the second clone has signed in as that user.
    assert admin["sys_id"] in people
    assert not any("user_password" in person for person in people.values())
    for tables in (SCHEMA, ("incident", "u_site")):
        assert rows(tmp_path / "one.xml", *tables) == rows(tmp_path / "two.xml", *tables)
    assert one.report.unreadable == two.report.unreadable == {}
    assert "jo@real.org" not in (tmp_path / "one.xml").read_text()


class Interrupted(Reader):
    """A reader that is stopped at its n-th question."""

    left = 0

    def get(self, path: str, parameters: dict[str, str]) -> list[dict[str, Any]]:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().get(path, parameters)


def test_an_interrupted_clone_goes_on_wherever_it_was(tmp_path: Path) -> None:
    plan = Plan(["incident", "u_site"], depth=2, most=3, queries={"incident": "short_descriptionSTARTSWITHcloned"})
    with mock_servicenow() as servicenow:
        servicenow.add_table("u_site").add_column("u_owner", type="reference", reference="sys_user")
        boss = servicenow.table("sys_user").insert({"user_name": "boss"})
        person = servicenow.table("sys_user").insert({"user_name": "worker", "manager": boss["sys_id"]})
        for number in range(5):
            values = {"short_description": f"cloned {number}", "caller_id": person["sys_id"]}
            servicenow.table("incident").insert(values)
            servicenow.table("u_site").insert({"u_owner": person["sys_id"]})
        servicenow.table("sys_script_include").insert({"name": "Inner", "script": "var Inner;"})
        servicenow.table("sys_script_include").insert({"name": "Outer", "script": "new Inner();"})
        servicenow.table("sys_script_include").insert({"name": "Unasked", "script": "var Unasked;"})
        servicenow.table("sys_script").insert({"name": "R", "collection": "u_site", "script": "new Outer();"})
        session = requests.Session()
        session.auth = ("admin", "admin")
        whole = tmp_path / "whole.xml"
        counted = Reader(servicenow.url, session, page=2000)
        report = Clone(counted, plan, whole).run()
        assert (report.rows["incident"], report.rows["u_site"]) == (3, 3)
        included = {row["name"] for table, row in rows_in(whole) if table == "sys_script_include"}
        assert {"Inner", "Outer"} <= included
        assert "Unasked" not in included
        people = {row["sys_id"] for table, row in rows_in(whole) if table == "sys_user"}
        assert {boss["sys_id"], person["sys_id"]} <= people
        cut = tmp_path / "cut.xml"
        state = cut.with_name("cut.xml.state")
        sizes = set()
        for _ in range(200):  # a run that is stopped after every few questions comes to its end all the same
            broken = Interrupted(servicenow.url, session, page=2000)
            broken.left = 25
            try:
                again = Clone(broken, plan, cut).run()
                break
            except KeyboardInterrupt:
                sizes.add(state.stat().st_size // 1000)
        assert list(rows_in(cut)) == list(rows_in(whole))
        assert again.shown() == report.shown()
        assert max(sizes) < 20  # what is kept to go on does not grow with what was read


def test_a_busy_instance_is_waited_for_and_an_unknown_table_is_told(tmp_path: Path) -> None:
    waited: list[float] = []
    with mock_servicenow() as servicenow:
        session = requests.Session()
        session.auth = ("admin", "admin")
        servicenow.faults.add({"fault": "rate-limited", "with": {"retry_after": 7}, "times": 1})
        reader = Reader(servicenow.url, session, page=2000, sleep=waited.append)
        assert reader.count("incident") >= 0
        assert waited == [7.0]
        with pytest.raises(CannotRead, match="no table u_nothing"):
            copied(servicenow.url, tmp_path / "none.xml", Plan(["u_nothing"]))


def test_an_address_where_nobody_answers_is_told_at_once_and_a_lost_instance_is_waited_for() -> None:
    class Fails(requests.Session):
        """A session whose calls are answered by what it is given, in turn; a class is raised."""

        def __init__(self, *outcomes: type[Exception] | requests.Response) -> None:
            super().__init__()
            self.outcomes = list(outcomes)

        def get(self, *_: Any, **__: Any) -> requests.Response:
            outcome = self.outcomes.pop(0)
            if isinstance(outcome, requests.Response):
                return outcome
            raise outcome

    waited: list[float] = []
    with pytest.raises(CannotRead, match="does not answer"):
        Reader("https://wrong.invalid", Fails(requests.ConnectionError), sleep=waited.append).get("/x", {})
    assert waited == []
    answer = requests.Response()
    answer.status_code, answer._content = 200, b'{"result": [{"sys_id": "1"}]}'
    lost = (requests.ConnectionError, requests.ReadTimeout, requests.exceptions.ChunkedEncodingError)
    reader = Reader("https://lost.invalid", Fails(answer, *lost, answer), sleep=waited.append)
    assert reader.get("/x", {}) == reader.get("/x", {}) == [{"sys_id": "1"}]
    assert waited == [1.0, 2.0, 4.0]


def test_a_token_is_asked_for_again_when_it_has_run_out() -> None:
    with mock_servicenow() as servicenow:
        servicenow.set_property("glide.oauth.inbound.client.credential.grant_type.enabled", "true")
        servicenow.table("oauth_entity").insert(
            {"name": "reader", "client_id": "c" * 32, "client_secret": "secret", "type": "client"}
        )
        account = Account("admin", "admin", "c" * 32, "secret")
        session = sign_in(servicenow.url, account, requests.Session())
        reader = Reader(servicenow.url, session)
        assert reader.count("sys_user") > 1
        for row in servicenow.table("oauth_credential").query():
            servicenow.table("oauth_credential").delete(row["sys_id"])
        assert reader.count("sys_user") > 1
        wrong = Reader(
            servicenow.url, sign_in(servicenow.url, Account("admin", "no", "c" * 32, "secret"), requests.Session())
        )
        with pytest.raises(CannotRead, match="gave no token"):
            wrong.count("sys_user")


FIRST = 1 << 64  # the first sys_id of its rows


class Endless:
    """A session that answers as an instance with one table of so many rows."""

    auth = None

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def get(self, url: str, params: dict[str, str], **_: object) -> requests.Response:
        table, limit = url.rpartition("/")[2], int(params.get("sysparm_limit", "0"))
        found: list[dict[str, str]] = []
        if table == "sys_db_object":
            found = [{"sys_id": "0" * 32, "name": "u_log", "super_class": ""}]
        elif table == "sys_dictionary" and "u_log" in params["sysparm_query"]:
            found = [{"sys_id": "1" * 32, "name": "u_log", "element": "u_text", "internal_type": "string"}]
        elif table == "u_log":
            after = params["sysparm_query"].partition("sys_id>")[2].partition("^")[0]
            start = int(after, 16) + 1 - FIRST if after else 0
            ids = range(start, min(start + limit, self.rows))
            found = [{"sys_id": f"{FIRST + number:032x}", "u_text": f"line {number}"} for number in ids]
        beyond = "sys_id>" in params["sysparm_query"] and table != "u_log"
        answer = requests.Response()
        answer.status_code = 200
        answer._content = json.dumps({"result": [] if beyond else found}).encode()
        if "stats" in url:
            answer._content = json.dumps({"result": {"stats": {"count": str(self.rows)}}}).encode()
        return answer


def test_many_records_are_cloned_in_the_memory_of_a_page(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        reader = Reader("https://many.invalid", Endless(rows), page=500)  # type: ignore[arg-type]
        tracemalloc.start()
        try:
            report = Clone(reader, Plan(["u_log"], most=0, depth=0, real_people=True), tmp_path / f"{rows}.xml").run()
            assert report.rows["u_log"] == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(500)  # what is imported and remembered once
    assert peak(8_000) < 1.3 * peak(1_000)
