"""An instance in PostgreSQL: as it was left, as one in memory answers, and whole whatever happens to its connection."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.core.values.errors import DatabaseUnavailable
from sandtable.serving import upgrade
from sandtable.serving.assembly import AssemblyError, create_instance
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

pytestmark = pytest.mark.ours("an instance may be kept in PostgreSQL, and answers the same there")

ADMIN = ("admin", "admin")


@pytest.fixture(scope="module")
def kept(postgresql: str) -> Iterator[Instance]:
    instance = create_instance(data=postgresql, name="kept")
    yield instance
    instance.close()


@pytest.fixture(scope="module")
def client(kept: Instance) -> Any:
    return create_app(Worlds(kept), Settings()).test_client()


def _create(client: Any, **values: str) -> dict[str, str]:
    answer = client.post("/api/now/table/incident", json=values, auth=ADMIN)
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json["result"]
    return found


def _cut(kept: Instance) -> None:
    """End every connection of the server, as a database that is started again does."""
    kept.store.connections.execute(
        b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        b" WHERE application_name = $1 AND pid <> pg_backend_pid()",
        (f"sandtable-{os.getpid()}",),
    )


def test_records_are_written_changed_found_and_deleted(client: Any) -> None:
    made = _create(client, short_description="Über den Wolken", urgency="1", correlation_id="c-1")
    address = f"/api/now/table/incident/{made['sys_id']}"
    assert client.patch(address, json={"urgency": "2"}, auth=ADMIN).json["result"]["sys_mod_count"] == "1"
    query = "short_descriptionLIKEÜBER^correlation_id=C-1^ORDERBYDESCnumber"
    found = client.get("/api/now/table/incident", query_string={"sysparm_query": query}, auth=ADMIN)
    assert [each["sys_id"] for each in found.json["result"]] == [made["sys_id"]]
    stats = "/api/now/stats/incident?sysparm_count=true&sysparm_avg_fields=urgency&sysparm_query=correlation_id=c-1"
    assert client.get(stats, auth=ADMIN).json["result"]["stats"] == {"count": "1", "avg": {"urgency": "2.0000"}}
    assert client.delete(address, auth=ADMIN).status_code == 204
    assert client.get(address, auth=ADMIN).status_code == 404


def test_what_fails_leaves_nothing_and_numbers_go_on(client: Any, kept: Instance) -> None:
    first = _create(client)
    with pytest.raises(RuntimeError), kept.transaction():
        kept.system().table("incident").insert({"short_description": "never"})
        raise RuntimeError
    second = _create(client)
    assert int(second["number"][3:]) == int(first["number"][3:]) + 1
    assert not kept.system().table("incident").query("short_description=never")


def test_a_connection_that_is_cut_is_not_noticed_outside(client: Any, kept: Instance) -> None:
    made = _create(client, short_description="before")
    _cut(kept)
    assert client.get(f"/api/now/table/incident/{made['sys_id']}", auth=ADMIN).status_code == 200
    _cut(kept)
    assert _create(client, short_description="after")["sys_mod_count"] == "0"
    assert client.get("/_sandtable/health/ready").json["status"] == "ok"


def test_a_connection_lost_beside_the_records_is_no_failure_of_the_server(client: Any, kept: Instance) -> None:
    """Where planned faults are looked for, each with a lock of its own."""
    address = f"/api/now/table/incident/{_create(client)['sys_id']}"
    assert (
        client.post("/_sandtable/faults", json={"fault": "unavailable", "when": {"table": "problem"}}).status_code
        == 201
    )
    for _ in range(2):
        _cut(kept)
        assert client.get(address, auth=ADMIN).status_code == 200
    assert client.delete("/_sandtable/faults").status_code == 204


def test_a_database_that_takes_no_writes_is_told(client: Any, kept: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that another has taken the place of."""
    import psycopg

    def refused(*arguments: object) -> Any:
        raise psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction")

    address = f"/api/now/table/incident/{_create(client)['sys_id']}"
    with monkeypatch.context() as patched:
        patched.setattr(kept.store.connections, "execute", refused)
        answer = client.get(address, auth=ADMIN)
        assert answer.status_code == 503
        assert "read-only transaction" in answer.text
    assert client.get(address, auth=ADMIN).status_code == 200


def test_a_table_made_at_run_time_is_there(client: Any) -> None:
    made = client.post("/api/now/table/sys_db_object", json={"name": "u_thing", "label": "Thing"}, auth=ADMIN)
    assert made.status_code == 201
    column = {"name": "u_thing", "element": "u_size", "internal_type": "integer", "column_label": "Size"}
    assert client.post("/api/now/table/sys_dictionary", json=column, auth=ADMIN).status_code == 201
    assert client.post("/api/now/table/u_thing", json={"u_size": "12"}, auth=ADMIN).json["result"]["u_size"] == "12"
    found = client.get("/api/now/table/u_thing?sysparm_query=u_size>2^u_size<100", auth=ADMIN)
    assert [each["u_size"] for each in found.json["result"]] == ["12"]


def test_what_was_left_is_found_again(postgresql: str) -> None:
    first = create_instance(data=postgresql, name="left")
    number = first.acting_as("admin").table("incident").insert({"short_description": "left"})["number"]
    first.close()
    again = create_instance(data=postgresql, name="left")
    assert [each["number"] for each in again.system().table("incident").query("short_description=left")] == [number]
    again.close()


def test_an_instance_of_an_earlier_version_gets_what_came_since(postgresql: str) -> None:
    instance = create_instance(data=postgresql, name="earlier")
    system = instance.system()
    system.table("sys_properties").insert({"name": "a.secret", "type": "password2", "value": "planted-secret"})
    with instance.transaction():
        for table, query in (
            ("sys_dictionary", "name=incident^element=hold_reason"),
            ("sys_choice", "name=incident^element=hold_reason"),
            ("sys_properties", f"name={upgrade.MARK}"),
        ):
            for record in system.table(table).query(query):
                instance.store.delete(instance.dictionary.root(table), record.sys_id)
    instance.close()
    again = create_instance(data=postgresql, name="earlier")
    assert again.dictionary.column("incident", "hold_reason") is not None
    assert again.system().table("incident").insert({"hold_reason": "1"})["hold_reason"] == "1"
    assert again.system().table("sys_choice").count("name=incident^element=hold_reason") > 0
    assert again.property("a.secret") == "planted-secret"
    assert again.system().table("sys_properties").query("value=planted-secret^ORDERBYvalue") == []
    again.close()


def test_repeatable_ids_are_refused(postgresql: str) -> None:
    with pytest.raises(AssemblyError, match="leave out random_seed"):
        create_instance(data=postgresql, name="seeded", random_seed=1)


def test_a_database_that_is_not_there_is_told(tmp_path: Any) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(AssemblyError, match="nobody:\\*\\*\\*@.* cannot be used"):
        create_instance(data=f"postgresql://nobody:secret@/none?host={tmp_path}")


def test_while_the_database_does_not_answer_the_server_says_so(kept: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Played by a pool without connections: nothing of a request is carried out, and afterwards all goes on."""
    client = create_app(Worlds(kept), Settings()).test_client()
    connections = kept.store.connections

    def nothing(patience: float = 0) -> Any:
        raise DatabaseUnavailable(connections.shown, "nobody answers")

    with monkeypatch.context() as patched:
        patched.setattr(connections, "take", nothing)
        for answer in (
            client.get("/_sandtable/health/ready"),
            client.post("/api/now/table/incident", json={}, auth=ADMIN),
        ):
            assert answer.status_code == 503
            assert "nobody answers" in answer.text
    assert client.get("/_sandtable/health/ready").status_code == 200
    _create(client)


def test_a_request_asks_the_database_few_times(kept: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Round trips are what an instance in PostgreSQL costs: a GET of a record that is known takes two."""
    import psycopg

    app = create_app(Worlds(kept), Settings())
    statements: list[str] = []
    execute = psycopg.Connection.execute

    def noting(self: Any, query: Any, *arguments: Any, **more: Any) -> Any:
        statements.append(query if isinstance(query, str) else query.decode())
        return execute(self, query, *arguments, **more)

    def asked(method: str, path: str, **more: Any) -> int:
        for _ in range(2):  # the second time for what a server remembers
            statements.clear()
            answer = app.test_client(use_cookies=False).open(path, method=method, auth=ADMIN, **more)
            assert answer.status_code < 300, answer.text
        return len(statements)

    address = f"/api/now/table/incident/{_create(app.test_client())['sys_id']}"
    monkeypatch.setattr(psycopg.Connection, "execute", noting)
    assert asked("GET", address) == 2
    assert asked("GET", "/api/now/table/incident?sysparm_limit=5&sysparm_query=urgency=1") <= 6
    assert asked("POST", "/api/now/table/incident", json={"urgency": "1"}) <= 7
    statements.clear()


def test_a_session_that_an_answer_tells_of_is_kept_before_it(kept: Instance) -> None:
    client = create_app(Worlds(kept), Settings()).test_client(use_cookies=False)
    query = "/api/now/table/incident?sysparm_limit=1"
    for path in (query, f"/incident.do?CSV&{query.partition('?')[2]}"):
        answer = client.get(path, auth=ADMIN, buffered=False)
        cookies = answer.headers.getlist("Set-Cookie")
        cookie = next(each for each in cookies if each.startswith("JSESSIONID")).partition(";")[0]
        assert client.get(query, headers={"Cookie": cookie}).status_code == 200
        answer.close()
