"""The tables that administrators and integrations read and write to know and change an instance, over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.platform.writing import record_scripts

if TYPE_CHECKING:
    from tests.web.conftest import Wire

pytestmark = pytest.mark.documented("ServiceNow docs, system tables and dictionary")
TABLE = "/api/now/table"


def made(wire: Wire, table: str, **values: Any) -> dict[str, Any]:
    answer = wire.post(f"{TABLE}/{table}?sysparm_exclude_reference_link=true", json=values)
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


def listed(wire: Wire, table: str, query: str = "", fields: str = "", **options: Any) -> list[dict[str, Any]]:
    parameters = {"sysparm_query": query, "sysparm_fields": fields, "sysparm_exclude_reference_link": "true"}
    answer = wire.get(f"{TABLE}/{table}", params=parameters, **options)
    assert answer.status_code == 200, answer.text
    result: list[dict[str, Any]] = answer.json()["result"]
    return result


class TestAudit:
    """What changed when, and by whom."""

    def test_changes(self, wire: Wire) -> None:
        record = made(wire, "incident", short_description="before", urgency="3")
        body = {"short_description": "after", "urgency": "1", "work_notes": "noted"}
        wire.patch(f"{TABLE}/incident/{record['sys_id']}", json=body)
        rows = listed(wire, "sys_audit", f"documentkey={record['sys_id']}")
        changes = {row["fieldname"]: (row["oldvalue"], row["newvalue"]) for row in rows}
        assert changes["short_description"] == ("before", "after")
        assert changes["urgency"] == ("3", "1")
        assert changes["work_notes"] == ("", "noted")
        assert "sys_updated_on" not in changes
        assert {(row["tablename"], row["user"]) for row in rows} == {("incident", "admin")}
        assert {row["sys_created_by"] for row in rows} == {"admin"}

    def test_deletions(self, wire: Wire) -> None:
        record = made(wire, "incident", short_description="to be deleted & gone")
        wire.delete(f"{TABLE}/incident/{record['sys_id']}")
        (row,) = listed(wire, "sys_audit_delete", f"documentkey={record['sys_id']}")
        assert (row["tablename"], row["display_value"], row["sys_created_by"]) == (
            "incident",
            record["number"],
            "admin",
        )
        assert "<short_description>to be deleted &amp; gone</short_description>" in row["payload"]

    def test_no_secrets(self, wire: Wire) -> None:
        record = made(wire, "sys_user", user_name="audited", user_password="first, for tests only")
        path = f"{TABLE}/sys_user/{record['sys_id']}"
        wire.patch(path, json={"user_password": "second, for tests only", "title": "changed"})
        wire.delete(path)
        changes = listed(wire, "sys_audit", f"documentkey={record['sys_id']}")
        assert [row["fieldname"] for row in changes] == ["title"]
        (deletion,) = listed(wire, "sys_audit_delete", f"documentkey={record['sys_id']}")
        assert "<title>changed</title>" in deletion["payload"]
        assert "password" not in deletion["payload"].replace("password_needs_reset", "")

    def test_a_refused_change_leaves_no_trace(self, wire: Wire) -> None:
        record = made(wire, "incident", short_description="kept")
        answer = wire.patch(f"{TABLE}/incident/{record['sys_id']}", json={"short_description": "x", "state": "7"})
        assert answer.status_code == 403
        assert listed(wire, "sys_audit", f"documentkey={record['sys_id']}") == []


class TestPrivateProperties:
    """What a private property holds is read by the platform, and by nobody else."""

    @pytest.mark.parametrize("values", [{"is_private": "true"}, {"type": "password"}, {"type": "password2"}])
    def test_the_value_is_hidden_everywhere(self, wire: Wire, instance: Instance, values: dict[str, str]) -> None:
        secret = "for tests only"
        record = made(wire, "sys_properties", name="our.secret", value=secret, **values)
        path = f"{TABLE}/sys_properties/{record['sys_id']}"
        wire.patch(path, json={"value": f"{secret}, changed"})
        answers = [wire.get(f"{path}?sysparm_display_value={mode}") for mode in ("false", "true", "all")]
        answers += [wire.get(f"{path}?sysparm_fields=value", headers={"Accept": "application/xml"})]
        answers += [
            wire.get(f"/sys_properties_list.do?{kind}&sysparm_query=name=our.secret") for kind in ("CSV", "XML")
        ]
        answers += [wire.get("/sys_properties.do?JSONv2&sysparm_query=name=our.secret")]
        answers += [wire.get(f"/sys_metadata_list.do?XML&sysparm_query=sys_id={record['sys_id']}")]
        wire.delete(path)
        answers += [
            wire.get(f"{TABLE}/{table}?documentkey={record['sys_id']}") for table in ("sys_audit", "sys_audit_delete")
        ]
        assert {answer.status_code for answer in answers} == {200}
        assert [answer.url for answer in answers if secret in answer.text] == []
        assert record["value"] == "********"

    def test_the_platform_reads_it(self, wire: Wire, instance: Instance) -> None:
        made(wire, "sys_properties", name="our.secret", value="for tests only", is_private="true")
        assert instance.property("our.secret") == "for tests only"

    def test_an_empty_value_and_one_that_is_public(self, wire: Wire) -> None:
        assert made(wire, "sys_properties", name="our.empty", is_private="true")["value"] == ""
        assert made(wire, "sys_properties", name="our.public", value="seen")["value"] == "seen"


class TestBusinessRules:
    """Rules of sys_script as far as they need no script: a condition, values to set, a message, an abort."""

    def rule(self, wire: Wire, **values: str) -> str:
        base = {"name": "Our rule", "collection": "incident", "when": "before", "active": "true"}
        sys_id: str = made(wire, "sys_script", **{**base, **values})["sys_id"]
        return sys_id

    def test_abort(self, wire: Wire, instance: Instance) -> None:
        sys_id = self.rule(
            wire,
            action_insert="true",
            filter_condition="short_descriptionLIKEforbidden^EQ",
            abort_action="true",
            add_message="true",
            message="no",
        )
        answer = wire.post(f"{TABLE}/incident", json={"short_description": "a forbidden word"})
        assert answer.status_code == 403
        assert answer.json()["error"] == {
            "message": "Operation Failed",
            "detail": f"Operation against file 'incident' was aborted by Business Rule 'Our rule^{sys_id}'."
            " Business Rule Stack:Our rule",
        }
        assert instance.system().table("incident").count() == 0
        assert wire.post(f"{TABLE}/incident", json={"short_description": "a fine word"}).status_code == 201

    def test_values(self, wire: Wire) -> None:
        self.rule(wire, action_update="true", filter_condition="urgency=1", template="category=network^impact=1^EQ")
        record = made(wire, "incident", short_description="x", category="software")
        assert record["category"] == "software"
        changed = wire.patch(f"{TABLE}/incident/{record['sys_id']}", json={"urgency": "1"}).json()["result"]
        assert (changed["category"], changed["impact"], changed["priority"]) == ("network", "1", "1")

    def test_a_rule_is_gone_as_soon_as_it_is_inactive(self, wire: Wire) -> None:
        sys_id = self.rule(wire, action_insert="true", abort_action="true")
        assert wire.post(f"{TABLE}/incident", json={}).status_code == 403
        wire.patch(f"{TABLE}/sys_script/{sys_id}", json={"active": "false"})
        assert wire.post(f"{TABLE}/incident", json={}).status_code == 201

    @pytest.mark.documented(
        "ServiceNow docs, business rules: current of a before rule is the record about to be written"
    )
    def test_scripts_run(self, wire: Wire) -> None:
        self.rule(wire, action_insert="true", advanced="true", script="current.impact = 1;")
        answer = wire.post(f"{TABLE}/incident", json={"short_description": "x"})
        assert answer.status_code == 201
        assert (answer.json()["result"]["impact"], answer.json()["result"]["state"]) == ("1", "1")
        assert "X-Sandtable-Unsimulated" not in answer.headers

    @pytest.mark.ours("what an instance that can run no scripts leaves out of a rule is named")
    def test_scripts_are_named_where_none_can_run(self, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(record_scripts, "host_of", lambda _: None)
        self.rule(wire, action_insert="true", advanced="true", script="current.impact = 1;")
        answer = wire.post(f"{TABLE}/incident", json={"short_description": "x"})
        assert answer.status_code == 201
        assert answer.json()["result"]["impact"] == "3"
        assert "script:sys_script Our rule" in answer.headers["X-Sandtable-Unsimulated"]


class TestDictionary:
    """Tables, columns and choices made through the API work at once, everywhere."""

    def test_inheritance(self, wire: Wire) -> None:
        own = {row["element"] for row in listed(wire, "sys_dictionary", "name=incident", "element")}
        parents = {row["element"] for row in listed(wire, "sys_dictionary", "name=task", "element")}
        assert {"caller_id", "close_code"} <= own
        assert {"short_description", "correlation_id"} <= parents - own
        (table,) = listed(wire, "sys_db_object", "name=incident", "super_class.name,label")
        assert table == {"super_class.name": "task", "label": "Incident"}
        assert (
            wire.get(f"{TABLE}/sys_db_object?sysparm_query=name=incident&sysparm_display_value=true").json()["result"][
                0
            ]["super_class"]["display_value"]
            == "Task"
        )

    def test_a_table_of_ones_own(self, wire: Wire, instance: Instance) -> None:
        task = listed(wire, "sys_db_object", "name=task", "sys_id")[0]["sys_id"]
        made(wire, "sys_db_object", name="u_repair", label="Repair", super_class=task)
        made(wire, "sys_dictionary", name="u_repair", element="u_part", internal_type="string", max_length="10")
        made(
            wire,
            "sys_dictionary",
            name="u_repair",
            element="u_grade",
            internal_type="integer",
            choice="3",
            max_length="40",
        )
        made(wire, "sys_choice", name="u_repair", element="u_grade", value="1", label="Good as new", language="en")
        record = made(wire, "u_repair", short_description="fan", u_part="bearing of brass", u_grade="1")
        assert (record["u_part"], record["sys_class_name"]) == ("bearing of", "u_repair")
        url = f"{TABLE}/u_repair/{record['sys_id']}?sysparm_display_value=true"
        assert wire.get(url).json()["result"]["u_grade"] == "Good as new"
        assert [row["sys_id"] for row in listed(wire, "task", "sys_class_name=u_repair")] == [record["sys_id"]]
        assert listed(wire, "u_repair", "u_partSTARTSWITHbear^u_grade=1", "u_part") == [{"u_part": "bearing of"}]
        stats = wire.get(
            "/api/now/stats/u_repair?sysparm_count=true&sysparm_group_by=u_grade&sysparm_display_value=true"
        )
        assert stats.json()["result"][0]["groupby_fields"] == [{"field": "u_grade", "value": "Good as new"}]
        params = {"table_name": "u_repair", "table_sys_id": record["sys_id"], "file_name": "a.txt"}
        headers = {"Content-Type": "text/plain"}
        assert wire.post("/api/now/attachment/file", params=params, data=b"x", headers=headers).status_code == 201
        assert wire.get("/u_repair.do?JSONv2").json()["records"][0]["u_part"] == "bearing of"
        assert "bearing of" in wire.get("/u_repair_list.do?CSV&sysparm_fields=u_part").text
        assert "Good as new" in wire.get(f"/u_repair.do?sys_id={record['sys_id']}").text

    def test_a_column_of_ones_own(self, wire: Wire) -> None:
        record = made(wire, "incident", short_description="before the column", u_color="red")
        assert "u_color" not in record
        column = made(
            wire, "sys_dictionary", name="incident", element="u_color", internal_type="string", default_value="blue"
        )
        assert made(wire, "incident", short_description="after")["u_color"] == "blue"
        assert listed(wire, "incident", f"sys_id={record['sys_id']}", "u_color") == [{"u_color": ""}]
        wire.delete(f"{TABLE}/sys_dictionary/{column['sys_id']}")
        assert "u_color" not in made(wire, "incident", short_description="without")

    def test_a_table_that_is_gone(self, wire: Wire) -> None:
        table = made(wire, "sys_db_object", name="u_passing", label="Passing")
        made(wire, "u_passing")
        assert wire.delete(f"{TABLE}/sys_db_object/{table['sys_id']}").status_code == 204
        assert wire.get(f"{TABLE}/u_passing").status_code == 400

    def test_choices(self, wire: Wire) -> None:
        made(wire, "sys_choice", name="incident", element="category", value="coffee", label="Coffee", language="en")
        record = made(wire, "incident", short_description="x", category="coffee")
        assert record["category"] == "coffee"
        rows = listed(wire, "sys_choice", "name=incident^element=category^value=coffee", "label,inactive")
        assert rows == [{"label": "Coffee", "inactive": "false"}]


class TestPeople:
    def test_members_and_roles(self, wire: Wire) -> None:
        user = made(wire, "sys_user", user_name="new.person", first_name="New", last_name="Person", active="true")
        group = made(wire, "sys_user_group", name="New group")
        role = listed(wire, "sys_user_role", "name=itil", "sys_id")[0]["sys_id"]
        assert user["name"] == "New Person"
        made(wire, "sys_group_has_role", group=group["sys_id"], role=role)
        made(wire, "sys_user_grmember", user=user["sys_id"], group=group["sys_id"])
        roles = {row["role.name"] for row in listed(wire, "sys_user_has_role", f"user={user['sys_id']}", "role.name")}
        assert "itil" in roles

    def test_properties(self, wire: Wire, instance: Instance) -> None:
        (found,) = listed(wire, "sys_properties", "name=glide.product.name")
        assert found["value"] == "ServiceNow"
        made(wire, "sys_properties", name="glide.invalid_query.returns_no_rows.test", value="true")
        assert instance.property("glide.invalid_query.returns_no_rows.test") == "true"

    def test_syslog(self, wire: Wire, instance: Instance) -> None:
        instance.log("warning", "our test", "a line")
        (row,) = listed(wire, "syslog", "source=our test", "level,message")
        assert row == {"level": "1", "message": "a line"}

    def test_journal_entries(self, wire: Wire) -> None:
        record = made(wire, "incident", short_description="x", comments="one", work_notes="two")
        rows = listed(wire, "sys_journal_field", f"element_id={record['sys_id']}^ORDERBYelement")
        assert [(row["element"], row["value"], row["name"]) for row in rows] == [
            ("comments", "one", "incident"),
            ("work_notes", "two", "incident"),
        ]

    @pytest.mark.parametrize(
        "table",
        ["kb_knowledge", "cmdb_ci", "cmdb_rel_ci", "cmdb_ci_server", "change_request", "problem", "sc_cat_item"],
    )
    def test_tables_that_clients_read(self, wire: Wire, table: str) -> None:
        answer = wire.get(f"{TABLE}/{table}?sysparm_limit=5")
        assert answer.status_code == 200
        assert int(answer.headers["X-Total-Count"]) >= len(answer.json()["result"])


class TestTimeZones:
    """Display values follow the user's zone and formats; stored values are UTC."""

    @pytest.fixture
    def berliner(self, instance: Instance) -> tuple[str, str]:
        values = {
            "user_name": "berliner",
            "user_password": "test-only",
            "active": "true",
            "time_zone": "Europe/Berlin",
            "date_format": "dd.MM.yyyy",
            "time_format": "HH:mm",
        }
        system = instance.system()
        user = system.table("sys_user").insert(values)
        role = system.table("sys_user_role").first("name=itil")
        assert role is not None
        system.table("sys_user_has_role").insert({"user": user.sys_id, "role": role.sys_id})
        return ("berliner", "test-only")

    @pytest.mark.parametrize(
        "stored, shown",
        [("2024-07-01 22:30:00", "02.07.2024 00:30"), ("2024-01-01 22:30:00", "01.01.2024 23:30")],
    )
    def test_display(self, wire: Wire, berliner: tuple[str, str], stored: str, shown: str) -> None:
        record = made(wire, "incident", short_description="x", due_date=stored)
        url = f"{TABLE}/incident/{record['sys_id']}?sysparm_fields=due_date&sysparm_display_value=all"
        both = wire.get(url, auth=berliner).json()["result"]["due_date"]
        assert both == {"display_value": shown, "value": stored}
        assert wire.get(url).json()["result"]["due_date"]["display_value"] == stored

    def test_input(self, wire: Wire, berliner: tuple[str, str]) -> None:
        body = {"short_description": "x", "due_date": "02.07.2024 00:30"}
        url = f"{TABLE}/incident?sysparm_input_display_value=true"
        assert wire.post(url, json=body, auth=berliner).json()["result"]["due_date"] == "2024-07-01 22:30:00"

    def test_journal(self, wire: Wire, instance: Instance, berliner: tuple[str, str]) -> None:
        instance.clock.freeze(datetime.fromisoformat("2024-07-01 22:30:00"))
        record = made(wire, "incident", short_description="x", comments="hello")
        url = f"{TABLE}/incident/{record['sys_id']}?sysparm_fields=comments&sysparm_display_value=true"
        shown = wire.get(url, auth=berliner).json()["result"]["comments"]
        assert shown == "02.07.2024 00:30 - System Administrator (Additional comments)\nhello\n\n"

    def test_days_in_queries_are_the_users(self, wire: Wire, instance: Instance, berliner: tuple[str, str]) -> None:
        instance.clock.freeze(datetime.fromisoformat("2024-07-01 22:30:00"))
        made(wire, "incident", short_description="late")
        instance.clock.freeze(datetime.fromisoformat("2024-07-02 10:00:00"))
        today = (
            "short_description=late^sys_created_onONToday@javascript:gs.beginningOfToday()@javascript:gs.endOfToday()"
        )
        assert len(listed(wire, "incident", today, auth=berliner)) == 1
        assert listed(wire, "incident", today) == []
