"""snowloader: records as documents for language models, pages in parallel, what changed and what was deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.compat.conftest import Running

snowloader = pytest.importorskip("snowloader", reason="snowloader is not installed: pip install '.[compat]'")

pytestmark = pytest.mark.ours("snowloader works unmodified, through its public API")
exercises = pytest.mark.exercises
CLIENT = "snowloader"
# Test-only credentials; those of conftest.py.
CLIENT_ID, CLIENT_SECRET = "c0ffee00c0ffee00c0ffee00c0ffee00", "test-only-secret"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def connection(named: str, running: Running) -> Iterator[Any]:
    with snowloader.SnowConnection(named, username="admin", password="admin") as made:
        yield made


@exercises(CLIENT, "records over many pages, one after the other and in parallel")
def test_pages(connection: Any) -> None:
    connection.page_size = 10
    query = "short_descriptionSTARTSWITHcompat"
    fields = ["sys_id", "number"]
    assert connection.get_count("incident", query=query) == 37
    in_order = [each["number"] for each in connection.get_records("incident", query=query, fields=fields, verify=True)]
    assert len(in_order) == len(set(in_order)) == 37
    parallel = connection.concurrent_get_records("incident", query=query, fields=fields, max_workers=4)
    assert sorted(each["number"] for each in parallel) == sorted(in_order)
    by_key = connection.get_records("incident", query=query, fields=fields, keyset=True)
    assert sorted(each["number"] for each in by_key) == sorted(in_order)


@exercises(CLIENT, "incidents with their journal, as documents")
def test_incidents(connection: Any) -> None:
    loader = snowloader.IncidentLoader(
        connection=connection, query="short_description=compat 07", include_journals=True
    )
    (document,) = loader.load()
    assert "compat 07" in document.page_content
    assert "comment 7" in document.page_content
    assert document.metadata["number"].startswith("INC")


@exercises(CLIENT, "configuration items with their relationships, and classes below a class")
def test_items(connection: Any, running: Running) -> None:
    assert "cmdb_ci_linux_server" in connection.get_table_descendants("cmdb_ci_server")
    admin = running.instance.acting_as("admin")
    parent = admin.table("cmdb_ci_appl").insert({"name": "compat-app"})
    child = admin.table("cmdb_ci_linux_server").insert({"name": "compat-host"})
    kind = admin.table("cmdb_rel_type").first("name=Runs on::Runs")
    assert kind is not None
    admin.table("cmdb_rel_ci").insert({"parent": parent.sys_id, "child": child.sys_id, "type": kind.sys_id})
    loader = snowloader.CMDBLoader(connection=connection, query="name=compat-host", include_relationships=True)
    (document,) = loader.load()
    assert "compat-app" in document.page_content


@exercises(CLIENT, "changes, problems, articles and catalog items as documents")
@pytest.mark.parametrize(
    "loader, table, values",
    [
        ("ChangeLoader", "change_request", {"short_description": "compat document"}),
        ("ProblemLoader", "problem", {"short_description": "compat document"}),
        (
            "KnowledgeBaseLoader",
            "kb_knowledge",
            {"short_description": "compat document", "text": "<p>x</p>", "workflow_state": "published"},
        ),
        ("CatalogLoader", "sc_cat_item", {"name": "compat document", "active": "true"}),
    ],
)
def test_documents(connection: Any, running: Running, loader: str, table: str, values: dict[str, str]) -> None:
    made = running.instance.acting_as("admin").table(table).insert(values)
    documents = getattr(snowloader, loader)(connection=connection, query=f"sys_id={made.sys_id}").load()
    assert ["compat document" in each.page_content for each in documents] == [True]


@exercises(CLIENT, "attachments")
def test_attachments(connection: Any, running: Running) -> None:
    from sandtable.core.platform.attachments import MEGABYTE, attach, packed

    admin = running.instance.acting_as("admin")
    record = admin.table("incident").first("short_description=compat 00")
    assert record is not None
    with packed([b"compat\n"], MEGABYTE) as file:
        made = attach(admin, "incident", record.sys_id, "compat.txt", file, content_type="text/plain")
    assert connection.get_attachment(made.sys_id) == b"compat\n"


@exercises(CLIENT, "what was added, changed and deleted since a moment")
def test_changes(connection: Any, running: Running) -> None:
    admin = running.instance.acting_as("admin")
    gone = admin.table("incident").insert({"short_description": "gone"}).sys_id
    admin.table("incident").delete(gone)
    assert gone in {each["sys_id"] for each in connection.get_deleted_records("incident", since=LONG_AGO)}
    report = connection.reconcile("incident", since=LONG_AGO, query="short_descriptionSTARTSWITHcompat")
    assert len(report.added) == 37
    assert gone in {each["sys_id"] for each in report.deleted}


@exercises(CLIENT, "going on where it stopped")
def test_checkpoints(connection: Any, tmp_path: Path) -> None:
    connection.page_size = 10
    checkpoint = snowloader.FileCheckpoint(tmp_path / "state.json")
    query = "short_descriptionSTARTSWITHcompat"
    pages = connection.get_records("incident", query=query, keyset=True, fields=["sys_id"], checkpoint=checkpoint)
    first = [next(pages)["sys_id"] for _ in range(15)]
    pages.close()
    rest = connection.get_records("incident", query=query, keyset=True, fields=["sys_id"], checkpoint=checkpoint)
    assert len({*first, *(each["sys_id"] for each in rest)}) == 37


@exercises(CLIENT, "OAuth: password and client credentials grants")
@pytest.mark.parametrize("user", [{}, {"username": "admin", "password": "admin"}])
def test_oauth(named: str, running: Running, user: dict[str, str]) -> None:
    running.instance.set_property("glide.oauth.inbound.client.credential.grant_type.enabled", "true")
    keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    with snowloader.SnowConnection(named, **keys, **user) as connection:
        assert connection.get_count("incident", query="short_descriptionSTARTSWITHcompat") == 37


@exercises(CLIENT, "its own error class")
def test_errors(named: str, running: Running) -> None:
    with (
        snowloader.SnowConnection(named, username="admin", password="wrong") as connection,
        pytest.raises(snowloader.SnowConnectionError) as refused,
    ):
        connection.get_count("incident")
    assert "401" in str(refused.value)
