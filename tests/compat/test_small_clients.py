"""Small clients, one or two tests each: what they are written for, over HTTPS under the instance's own name.

Those that build https://NAME.service-now.com by themselves reach the instance through the proxy.
"""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.compat.conftest import Running

pytestmark = pytest.mark.ours("small clients work unmodified, through their public API")
exercises = pytest.mark.exercises
# Test-only credentials; those of conftest.py.
CLIENT_ID, CLIENT_SECRET = "c0ffee00c0ffee00c0ffee00c0ffee00", "test-only-secret"
ABOUT_07 = "short_description=compat 07"


def of_extra(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed: pip install '.[compat]'", exc_type=ImportError)


@exercises("servicenow-rest", "create, read, update, delete, and the error of an empty list")
def test_servicenow_rest(named: str) -> None:
    api = of_extra("servicenow_rest.api")
    client = api.Client("acme", "admin", "admin")
    client.table = "incident"
    made = client.insert({"short_description": "from servicenow-rest", "urgency": "1"})
    (found,) = client.get({"number": made["number"]}, fields=["sys_id", "urgency"])
    assert found == {"sys_id": made["sys_id"], "urgency": "1"}
    assert client.update({"urgency": "2"}, made["sys_id"])["urgency"] == "2"
    assert client.delete(made["sys_id"]) is True
    assert client.get({"number": made["number"]}) == []
    with pytest.raises(api.UnexpectedResponse, match="No Record found"):
        client.update({"urgency": "2"}, made["sys_id"])


@exercises("saltext-servicenow", "its execution module: query, field, state of a change, delete")
def test_saltext(named: str, running: Running) -> None:
    module = of_extra("saltext.servicenow.modules.servicenow")
    of_extra("servicenow_rest.api")
    options = {"instance_name": "acme", "username": "admin", "password": "admin"}
    module.__salt__ = {"config.option": lambda _: options}  # what a minion puts there
    assert module.__virtual__() == "servicenow"
    change = running.instance.system().table("change_request").insert({"short_description": "from salt"})
    assert module.set_change_request_state(change["number"], "approved")["approval"] == "approved"
    (found,) = module.non_structured_query("incident", ABOUT_07)
    assert module.update_record_field("incident", found["sys_id"], "urgency", "1")["urgency"] == "1"
    assert module.non_structured_query("incident", number=found["number"])[0]["urgency"] == "1"
    assert module.delete_record("incident", found["sys_id"]) is True


@pytest.mark.filterwarnings("ignore")  # it leaves files open
@exercises("servicenow-client", "records by a list of conditions, states, files, and mail")
def test_servicenow_client(named: str, running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = of_extra("servicenow_client")
    client = module.servNow("acme", "admin", "admin")
    made = client.create("incident", {"short_description": "from servicenow-client"})["result"]
    asked = ["number", "is", made["number"]]
    assert client.update("incident", list(asked), {"urgency": "1"}) == {made["number"]: "true"}
    assert client.search("incident", list(asked), "urgency") == [{"urgency": "1"}]
    assert client.changeState("incident", list(asked), "in progress") == {made["number"]: "true"}
    # Its list of close codes is that of older releases, and what the list does not have is not taken.
    assert "403" in client.changeState("incident", list(asked), "closed")[made["number"]]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note.txt").write_text("a note")
    client.uploadFile("incident", list(asked), "note.txt")
    (tmp_path / "note.txt").unlink()
    assert client.getFile("incident", list(asked)) == {made["number"]: "true"}
    assert (tmp_path / "note.txt").read_text() == "a note"
    assert client.deleteFile("incident", list(asked), "note.txt") == {made["number"]: "true"}
    sent = client.sendEmail("Subject", "Text", "somebody@example.com", table="incident", sysId=made["sys_id"])
    assert client.readEmail(sent["id"])["subject"] == "Subject"
    assert client.delete("incident", list(asked)) == {made["number"]: "true"}
    assert running.instance.system().table("incident").find(made["sys_id"]) is None


@exercises("servicenow-api-client", "create, search, update, delete")
def test_servicenow_api_client(named: str) -> None:
    module = of_extra("servicenow_api_client")
    client = module.ServiceNowClient("acme", "admin", "admin")
    made = client.create("incident", {"short_description": "from servicenow-api-client"}, False)["result"]
    asked = ["number", "is", made["number"]]
    assert client.update("incident", list(asked), {"urgency": "1"}, False) == {made["sys_id"]: "true"}
    (found,) = client.search("incident", list(asked), False, "urgency,number")
    assert found == {"urgency": "1", "number": made["number"]}
    assert client.delete("incident", list(asked), False) == {made["sys_id"]: "true"}


@exercises("artemis-servicenow", "incidents, changes, configuration items, tables, with OAuth and with a password")
@pytest.mark.parametrize("oauth", [False, True], ids=["password", "oauth"])
def test_artemis(running: Running, oauth: bool) -> None:
    tools = of_extra("artemis.connectors.servicenow")
    by_token = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} if oauth else {}
    told = tools.snow_connect(running.https, "admin", "admin", **by_token)
    assert f"Auth: {'OAuth2' if oauth else 'Basic'}" in told, told
    assert "INC" in tools.snow_create_incident("from artemis", description="more", urgency="1")
    assert "compat 07" in tools.snow_query("incident", query=ABOUT_07)
    assert "Found 1 incident" in tools.snow_search_incidents(short_description="from artemis", priority="3")
    incidents = running.instance.system().table("incident")
    made = incidents.first("short_description=from artemis")
    assert made is not None
    # The close code that it sends is that of older releases; one of today's is taken.
    assert "403" in tools.snow_resolve_incident(made.sys_id, close_notes="done")
    assert "resolved" in tools.snow_resolve_incident(made.sys_id, close_code="Solution provided", close_notes="done")
    assert incidents.get(made.sys_id)["state"] == "6"
    assert "Found" in tools.snow_search_cmdb(query="nameISNOTEMPTY")
    assert "Found 0 change" in tools.snow_search_changes(state="99")
    assert "incident" in tools.snow_list_tables(limit=2000)


@exercises("beast-dream-snow-loader", "create, read, query, update, look for a table")
def test_beast_dream(named: str) -> None:
    module = of_extra("beast_dream_snow_loader.servicenow.api_client")
    client = module.ServiceNowAPIClient(named.removeprefix("https://"), username="admin", password="admin")
    made = client.create_record("cmdb_ci_netgear", {"name": "gateway", "serial_number": "S1"})
    assert client.get_record("cmdb_ci_netgear", made["sys_id"])["serial_number"] == "S1"
    assert client.update_record("cmdb_ci_netgear", made["sys_id"], {"serial_number": "S2"})["serial_number"] == "S2"
    assert [each["name"] for each in client.query_records("cmdb_ci_netgear", "serial_number=S2")] == ["gateway"]
    assert (client.table_exists("cmdb_ci_netgear"), client.table_exists("u_nothing")) == (True, False)
    assert client.get_table_info("cmdb_ci_netgear")["name"] == "cmdb_ci_netgear"


@exercises("ticketutil", "create, comment, change the state, attach, by the number in a list's address")
def test_ticketutil(running: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("ticketutil", reason="ticketutil is not installed: pip install --no-deps ticketutil")
    for name in ("gssapi", "requests_kerberos"):  # it imports both, and needs neither for a password
        if name not in sys.modules:
            stand_in = types.ModuleType(name)
            stand_in.DISABLED = stand_in.HTTPKerberosAuth = None  # type: ignore[attr-defined]
            monkeypatch.setitem(sys.modules, name, stand_in)
    ticket = pytest.importorskip("ticketutil.servicenow").ServiceNowTicket(running.http, "incident", ("admin", "admin"))
    made = ticket.create("from ticketutil", "more", "Software", "Mail")
    assert made.status == "Success", made
    number = made.ticket_content["number"]
    assert ticket.add_comment("a comment").status == "Success"
    assert ticket.change_status("In Progress").ticket_content is not False
    assert ticket.edit(urgency="1").status == "Success"
    file = tmp_path / "note.txt"
    file.write_text("a note")
    assert ticket.add_attachment(str(file)).status == "Success"
    again = type(ticket)(running.http, "incident", ("admin", "admin"), ticket_id=number)
    assert again.get_ticket_content().ticket_content["number"] == number
    stored = running.instance.system().table("incident").first(filters={"number": number})
    assert stored is not None
    assert (stored["urgency"], stored["state"]) == ("1", "2")
    notes = running.instance.system().table("sys_attachment").query("")
    assert [Path(each["file_name"]).name for each in notes if each["table_sys_id"] == stored.sys_id] == ["note.txt"]


@exercises("llama-index-readers-service-now", "articles of a knowledge base with their files")
def test_llama_index_reader(running: Running, named: str, tmp_path: Path) -> None:
    name = "llama_index.readers.service_now"
    reader = pytest.importorskip(name, reason=f"{name} is not installed: pip install '.[compat-agents]'")
    core = pytest.importorskip("llama_index.core.readers.base")
    schema = pytest.importorskip("llama_index.core.schema")

    class Plain(core.BaseReader):  # type: ignore[misc, name-defined]
        def load_data(self, file_path: str, **_: Any) -> list[Any]:
            return [schema.Document(text=Path(file_path).read_text())]

    article = (
        running.instance.system()
        .table("kb_knowledge")
        .insert({"short_description": "How", "text": "<p>So</p>", "workflow_state": "published", "latest": "true"})
    )
    file_type = pytest.importorskip(f"{name}.event").FileType
    made = reader.SnowKBReader(
        instance=named,
        custom_parsers={file_type.HTML: Plain(), file_type.TEXT: Plain()},
        username="admin",
        password="admin",
        custom_folder=str(tmp_path),
    )
    (document,) = made.load_data(numbers=[article["number"]])
    assert "So" in document.text
    assert json.loads(json.dumps(document.metadata))["kb_number"] == article["number"]
