"""Calls the tools of mcp-server-servicenow in an interpreter of its own, and prints what came of each step as JSON.

Called with the address of an instance. The server runs in this process, and is asked through its protocol.
"""

import asyncio
import contextlib
import importlib.metadata
import io
import json
import sys
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

Call = Callable[..., Awaitable[dict[str, Any]]]


def answered(given: Any) -> dict[str, Any]:
    if given.structured_content is not None:
        return dict(given.structured_content)
    return dict(json.loads(given.content[0].text))


async def crud(call: Call) -> None:
    made = await call("create_record", table_name="incident", data={"short_description": "from an agent"})
    sys_id = made["sys_id"]
    await call("update_record", table_name="incident", sys_id=sys_id, data={"work_notes": "x", "state": 2})
    found = await call("get_record", table_name="incident", sys_id=sys_id, fields="number,state", display_value="all")
    assert found["state"] == {"display_value": "In Progress", "value": "2"}, found
    assert (await call("delete_record", table_name="incident", sys_id=sys_id))["deleted"] is True


async def lists(call: Call) -> None:
    query = "short_descriptionSTARTSWITHcompat"
    found = await call("list_records", table_name="incident", query=query, fields="short_description", limit=50)
    assert found["count"] == 37, found


async def aggregates(call: Call) -> None:
    query = "short_descriptionSTARTSWITHcompat"
    found = await call("aggregate_records", table_name="incident", query=query, group_by="impact", count=True)
    assert sorted(group["stats"]["count"] for group in found["groups"]) == ["12", "12", "13"], found


async def items(call: Call) -> None:
    made = await call("create_ci", class_name="cmdb_ci_linux_server", data={"name": "agent-host"})
    sys_id = made["sys_id"]
    await call("update_ci", class_name="cmdb_ci_linux_server", sys_id=sys_id, data={"os": "Linux Red Hat"})
    assert (await call("get_ci", sys_id=sys_id))["name"] == "agent-host"
    assert (await call("list_ci", class_name="cmdb_ci_server", query="name=agent-host"))["count"] == 1
    assert (await call("get_ci_relationships", sys_id=sys_id))["count"] == 0


async def schema(call: Call) -> None:
    found = await call("get_table_schema", table_name="incident")
    assert found["hierarchy"] == ["incident", "task"], found
    assert {"caller_id", "short_description"} <= {field["name"] for field in found["fields"]}


async def references(call: Call) -> None:
    for field in ({}, {"field_name": "priority"}):
        found = await call("find_references", table_name="incident", **field)
        assert found["not_assessable"] == [], found


async def update_sets(call: Call) -> None:
    made = await call("create_update_set", name="from an agent")
    sys_id = made["sys_id"]
    await call("set_current_update_set", sys_id=sys_id)
    listed = await call("list_update_sets", state="in progress")
    assert {"Default", "from an agent"} <= {each["name"] for each in listed["update_sets"]}, listed
    assert (await call("get_update_set", sys_id=sys_id))["name"] == "from an agent"
    assert (await call("list_update_set_changes", update_set_sys_id=sys_id))["count"] == 0


async def who(call: Call) -> None:
    found = await call("get_current_user")
    assert found["user_name"] == "admin", found
    properties = await call("get_system_properties", query="name=glide.product.name")
    assert properties["properties"][0]["value"] == "ServiceNow", properties


STEPS: dict[str, Callable[[Call], Awaitable[None]]] = {
    "create, read, update, delete": crud,
    "lists": lists,
    "aggregates": aggregates,
    "configuration items": items,
    "schema of a table": schema,
    "what refers to a table or a column": references,
    "update sets": update_sets,
    "the current user, and properties": who,
}


async def steps(url: str) -> dict[str, str]:
    from fastmcp import Client
    from servicenow_mcp.cli import create_config, parse_args
    from servicenow_mcp.server import init_services, mcp

    sys.argv = ["mcp-server-servicenow", "--instance-url", url, "--auth-type", "basic"]
    sys.argv += ["--username", "admin", "--password", "admin"]
    init_services(create_config(parse_args()))
    import servicenow_mcp.tools.cmdb_tools
    import servicenow_mcp.tools.system_tools
    import servicenow_mcp.tools.table_tools
    import servicenow_mcp.tools.update_set_tools  # noqa: F401

    complaints = {}
    async with Client(mcp) as client:

        async def call(tool: str, **arguments: Any) -> dict[str, Any]:
            return answered(await client.call_tool(tool, arguments))

        for name, step in STEPS.items():
            try:
                await step(call)
                complaints[name] = ""
            except Exception as error:
                complaints[name] = f"{type(error).__name__}: {error}"
    return complaints


def main() -> None:
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()):
        done = asyncio.run(steps(sys.argv[1]))
    version = importlib.metadata.version("mcp-server-servicenow")
    sys.stdout.write(json.dumps({"version": version, "steps": done}) + "\n")


if __name__ == "__main__":
    main()
