"""aiosnow: models, selections, page streams, nested records and attachments over asyncio."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.compat.conftest import Running

with warnings.catch_warnings():
    # Its schemas use arguments that its dependencies have renamed since.
    warnings.simplefilter("ignore")
    aiosnow = pytest.importorskip("aiosnow", reason="aiosnow is not installed: pip install '.[compat]'")
    import aiohttp
    from aiosnow.models import AttachmentModel, TableModel, fields
    from aiosnow.models.table.declared import IncidentModel, JournalModel

pytestmark = [
    pytest.mark.ours("aiosnow works unmodified, through its public API"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
exercises = pytest.mark.exercises
CLIENT = "aiosnow"


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


@pytest.fixture(params=["https", "http"])
def client(running: Running, request: pytest.FixtureRequest) -> Any:
    if request.param == "http":
        return aiosnow.Client(running.host, basic_auth=("admin", "admin"), use_ssl=False)

    class Trusting(aiohttp.ClientSession):
        """A session that trusts our CA: the client has no other way to be told which one."""

        def __init__(self, **options: Any) -> None:
            trust = ssl.create_default_context(cafile=running.ca_file)
            super().__init__(**{**options, "connector": aiohttp.TCPConnector(ssl=trust)})

    return aiosnow.Client(running.secure_host, basic_auth=("admin", "admin"), session_cls=Trusting)


@exercises(CLIENT, "create, read, update, delete")
def test_crud(client: Any, running: Running) -> None:
    async def story() -> None:
        async with IncidentModel(client, table_name="incident") as incidents:
            made = await incidents.create({"short_description": "from aiosnow", "urgency": "1"})
            assert made["urgency"].key == 1
            assert made["urgency"].value == "1 - High"
            sys_id = made["sys_id"]
            changed = await incidents.update(sys_id, {"short_description": "changed"})
            assert changed["short_description"] == "changed"
            again = await incidents.update(IncidentModel.number == made["number"], {"urgency": "3"})
            assert again["urgency"].key == 3
            found = await incidents.get_one(IncidentModel.sys_id == sys_id)
            assert found["short_description"] == "changed"
            assert (await incidents.delete(sys_id)).status == 204
            assert running.instance.system().table("incident").find(sys_id) is None
            with pytest.raises(aiosnow.exceptions.DeleteError):
                await incidents.delete(IncidentModel.sys_id == sys_id)

    run(story())


@exercises(CLIENT, "paging over several pages")
@pytest.mark.parametrize("size", [5, 10, 37, 50])
def test_paging(client: Any, size: int) -> None:
    async def story() -> None:
        async with IncidentModel(client, table_name="incident") as incidents:
            chosen = IncidentModel.short_description.starts_with("compat")
            selection = aiosnow.select(chosen).order_asc(IncidentModel.short_description)
            seen = [record["short_description"] async for _, record in incidents.stream(selection, page_size=size)]
            assert seen == [f"compat {number:02}" for number in range(37)]

    run(story())


@exercises(CLIENT, "query builder")
def test_queries(client: Any) -> None:
    async def story() -> None:
        async with IncidentModel(client, table_name="incident") as incidents:
            described = IncidentModel.short_description
            both = described.starts_with("compat") & IncidentModel.caller_id.is_populated()
            assert len(await incidents.get(both)) == 37
            either = (described == "compat 01") | (described == "compat 02")
            assert len(await incidents.get(either)) == 2
            new_query = (described == "compat 01") ^ (described == "compat 03")
            assert len(await incidents.get(new_query)) == 2
            assert len(await incidents.get(described.starts_with("compat"), limit=4)) == 4
            text = "short_descriptionSTARTSWITHcompat^impact=2"
            assert len(await incidents.get(text)) == 12
            dated = described.starts_with("compat") & IncidentModel.sys_created_on.after("2020-01-01 00:00:00")
            assert len(await incidents.get(dated)) == 37

    run(story())


@exercises(CLIENT, "display values and nested records")
def test_nested(client: Any) -> None:
    class User:
        sys_id = fields.String(is_primary=True)
        user_name = fields.String()

    class Nested(TableModel):
        sys_id = fields.String(is_primary=True)
        short_description = fields.String()
        impact = fields.IntegerMap()
        caller_id = type("UserSchema", (aiosnow.models._schema.ModelSchema,), dict(vars(User)))

    async def story() -> None:
        async with Nested(client, table_name="incident") as incidents:
            found = await incidents.get_one(Nested.short_description == "compat 00")
            assert found["caller_id"]["user_name"] == "admin"
            assert (found["impact"].key, found["impact"].value) == (1, "1 - High")

    run(story())


@exercises(CLIENT, "journal entries")
def test_journal(client: Any) -> None:
    async def story() -> None:
        async with JournalModel(client, table_name="sys_journal_field") as journal:
            found = await journal.get_one(JournalModel.value == "comment 7")
            assert found["element"] == "comments"
            assert found["sys_created_by"] == "admin"

    run(story())


@exercises(CLIENT, "attachments")
def test_attachments(client: Any, tmp_path: Path) -> None:
    async def story() -> None:
        source = tmp_path / "notes.txt"
        source.write_bytes(b"a file\n" * 100)
        async with IncidentModel(client, table_name="incident") as incidents:
            record = await incidents.get_one(IncidentModel.short_description == "compat 00")
            uploaded = await incidents.upload_file(record["sys_id"], str(source))
            assert (uploaded["file_name"], uploaded["size_bytes"]) == ("notes.txt", 700)
            listed = await incidents.get_attachments(AttachmentModel.table_sys_id == record["sys_id"])
            assert len(listed) == 1
            target = tmp_path / "loaded"
            written = await incidents.download_file(AttachmentModel.sys_id == uploaded["sys_id"], str(target))
            assert written.bytes_written == 700
            assert (target / "notes.txt").read_bytes() == source.read_bytes()

    run(story())


@exercises(CLIENT, "its own error classes")
def test_errors(client: Any, running: Running) -> None:
    async def story() -> None:
        async with IncidentModel(client, table_name="incident") as incidents:
            chosen = IncidentModel.short_description.starts_with("compat")
            with pytest.raises(aiosnow.exceptions.TooManyItems):
                await incidents.get_one(chosen)
            with pytest.raises(aiosnow.exceptions.NoItems):
                await incidents.get_one(IncidentModel.number == "nosuch")
            with pytest.raises(aiosnow.exceptions.RequestError) as refused:
                await incidents.create({"state": "7"})
            assert refused.value.status == 403
            assert "mandatory" in refused.value.message
        async with IncidentModel(client, table_name="nosuch") as unknown:
            with pytest.raises(aiosnow.exceptions.RequestError) as failed:
                await unknown.get(IncidentModel.number == "1")
            assert (failed.value.status, failed.value.message) == (400, "Invalid table nosuch")
        wrong = aiosnow.Client(running.host, basic_auth=("admin", "wrong"), use_ssl=False)
        async with IncidentModel(wrong, table_name="incident") as incidents:
            with pytest.raises(aiosnow.exceptions.RequestError) as denied:
                await incidents.get(IncidentModel.number == "1")
            assert denied.value.status == 401

    run(story())


@exercises(CLIENT, "aggregates, batch, OAuth", gap="it has no calls for them; OAuth is named in its settings only")
def test_what_it_lacks(running: Running) -> None:
    with pytest.raises(aiosnow.exceptions.MissingClientAuthentication):
        aiosnow.Client(running.host, basic_auth=None)
    assert not hasattr(TableModel, "aggregate")
    assert not hasattr(aiosnow, "Batch")
