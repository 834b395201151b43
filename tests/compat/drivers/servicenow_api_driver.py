"""Runs servicenow-api in an interpreter of its own, and prints what came of each step as JSON.

Called with the address of an instance, a folder for files, and the client id and secret of an OAuth application.
"""

import contextlib
import importlib.metadata
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main() -> None:
    url, folder, client_id, client_secret = sys.argv[1:]
    from servicenow_api.api_client import Api

    def crud() -> None:
        api = Api(url=url, username="admin", password="admin")
        made = api.add_table_record(table="incident", data={"short_description": "from servicenow-api"}).result
        sys_id = dict(made)["sys_id"]
        found = dict(api.get_table_record(table="incident", table_record_sys_id=sys_id).result)
        assert found["short_description"] == "from servicenow-api", found
        for change in (api.patch_table_record, api.update_table_record):
            changed = change(table="incident", table_record_sys_id=sys_id, data={"short_description": change.__name__})
            assert dict(changed.result)["short_description"] == change.__name__

    def delete() -> None:
        api = Api(url=url, username="admin", password="admin")
        made = api.add_table_record(table="incident", data={"short_description": "to be deleted"}).result
        api.delete_table_record(table="incident", table_record_sys_id=dict(made)["sys_id"])

    def paging() -> None:
        api = Api(url=url, username="admin", password="admin")
        seen = []
        for offset in range(0, 40, 10):
            page = api.get_table(
                table="incident",
                sysparm_query="short_descriptionSTARTSWITHcompat^ORDERBYshort_description",
                sysparm_fields="short_description",
                sysparm_limit=10,
                sysparm_offset=offset,
            ).result
            seen += [dict(each)["short_description"] for each in page]
        assert seen == [f"compat {number:02}" for number in range(37)], seen

    def display() -> None:
        api = Api(url=url, username="admin", password="admin")
        rows = api.get_table(
            table="incident",
            sysparm_query="short_description=compat 00",
            sysparm_display_value="true",
            sysparm_exclude_reference_link=True,
            sysparm_fields="impact,caller_id",
        ).result
        shown = dict(rows[0])
        assert (shown["impact"], shown["caller_id"]) == ("1 - High", "System Administrator"), shown

    def incidents() -> None:
        api = Api(url=url, username="admin", password="admin")
        made = api.create_incident(data={"short_description": "an incident"}).result
        found = api.get_incident(incident_id=made.sys_id).result
        assert found.number == made.number, found

    def aggregates() -> None:
        api = Api(url=url, username="admin", password="admin")
        found = api.get_stats(
            table_name="incident", query="short_descriptionSTARTSWITHcompat", groupby="impact", stats="count"
        ).result
        assert [group["stats"]["count"] for group in found] == ["13", "12", "12"], found

    def attachments() -> None:
        api = Api(url=url, username="admin", password="admin")
        path = Path(folder) / "notes.txt"
        path.write_bytes(b"a file\n" * 100)
        record = dict(api.get_table(table="incident", sysparm_limit=1).result[0])
        made = api.upload_attachment(
            str(path), table_name="incident", table_sys_id=record["sys_id"], file_name="notes.txt"
        ).result
        found = api.get_attachment(sys_id=made.sys_id).result
        assert found.file_name == "notes.txt", found
        assert str(found.size_bytes) == "700", found
        api.delete_attachment(sys_id=made.sys_id)

    def cmdb() -> None:
        api = Api(url=url, username="admin", password="admin")
        made = api.create_cmdb_instance(
            className="cmdb_ci_linux_server", attributes={"name": "compat-host"}, source="ServiceNow"
        ).result
        listed = api.get_cmdb_instances(className="cmdb_ci_linux_server", sysparm_query="name=compat-host").result
        assert made is not None
        assert len(listed) == 1, listed

    def oauth() -> None:
        api = Api(url=url, username="admin", password="admin", client_id=client_id, client_secret=client_secret)
        assert api.headers["Authorization"].startswith("Bearer "), api.headers
        assert len(api.get_table(table="incident", sysparm_limit=3).result) == 3

    def errors() -> None:
        import requests
        from agent_utilities.core.exceptions import AuthError

        refused: list[object] = []
        try:
            Api(url=url, username="admin", password="wrong")
        except AuthError:
            refused.append("password")
        try:
            Api(url=url, username="admin", password="admin").get_table(table="nosuch")
        except requests.HTTPError as error:
            refused.append(error.response.status_code)
        assert refused == ["password", 400], refused

    def batch() -> None:
        api = Api(url=url, username="admin", password="admin")
        item = {"id": "1", "method": "GET", "url": "/api/now/table/incident?sysparm_limit=1"}
        api.batch_request(batch_request_id="1", rest_requests=[item])

    steps: dict[str, Callable[[], None]] = {
        "create, read, update": crud,
        "delete": delete,
        "paging over several pages": paging,
        "display values": display,
        "incidents by their own calls": incidents,
        "aggregates": aggregates,
        "attachments": attachments,
        "configuration items (CMDB instance API)": cmdb,
        "OAuth: password grant": oauth,
        "its own error classes": errors,
        "batch": batch,
    }
    print(json.dumps({"version": importlib.metadata.version("servicenow-api"), "steps": run(steps)}))  # noqa: T201


def run(steps: dict[str, Callable[[], None]]) -> dict[str, str]:
    """Return for each step what went wrong, or nothing. The client prints; that goes nowhere."""
    outcome: dict[str, str] = {}
    for name, step in steps.items():
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                step()
        except Exception as error:
            outcome[name] = describe(error)
        else:
            outcome[name] = ""
    return outcome


def describe(error: Exception) -> str:
    response: Any = getattr(error, "response", None)
    more = f" {getattr(response, 'url', '')}" if response is not None else ""
    return f"{type(error).__name__}: {error}{more}"[:600]


if __name__ == "__main__":
    main()
