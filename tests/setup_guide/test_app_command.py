"""`sandtable app`: installing is a record, and removing takes away all that came with it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests
from click.testing import CliRunner, Result

from sandtable.cli import main
from sandtable.core.platform.instance import Instance
from sandtable.library.in_process import app_for
from sandtable.serving.server import Server

pytestmark = pytest.mark.ours("an application is installed and removed by one command")
HEALTH = "/api/x_elas2_inc_int/elastic_api/health"
ADMIN = ("admin", "admin")


@pytest.fixture
def server(empty_instance: Instance) -> Iterator[Server]:
    with Server(app_for(empty_instance)) as running:
        yield running


def run(server: Server, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["app", *arguments, "--url", server.url])


def test_install_list_and_remove(server: Server) -> None:
    assert "x_elas2_inc_int" not in run(server, "list").output
    assert requests.get(server.url + HEALTH, auth=ADMIN).status_code == 404
    result = run(server, "install", "itsm")
    assert (result.exit_code, result.output) == (0, "Elastic for ITSM 1.0.0 (x_elas2_inc_int) is installed\n")
    assert run(server, "install", "x_elas2_inc_int").output == result.output
    listed = [row for row in json.loads(run(server, "list", "--json").output) if row["scope"] == "x_elas2_inc_int"]
    assert [(row["active"], row["version"]) for row in listed] == [("true", "1.0.0")]
    assert "Elastic for ITSM" in run(server, "list").output
    # Installed it is; its privileges are for the administrator to allow.
    refused = requests.get(server.url + HEALTH, auth=ADMIN)
    assert (refused.status_code, "not granted" in refused.text) == (500, True)
    assert run(server, "remove", "itsm").output == "x_elas2_inc_int is removed\n"
    assert requests.get(server.url + HEALTH, auth=ADMIN).status_code == 404
    table = f"{server.url}/api/now/table/x_elas2_inc_int_elastic_incident"
    assert requests.get(table, auth=ADMIN).status_code == 400
    assert run(server, "remove", "itsm").exit_code == 1


def test_an_inactive_application_is_made_active(server: Server, empty_instance: Instance) -> None:
    run(server, "install", "itsm")
    store = empty_instance.system().table("sys_store_app")
    record = store.first("scope=x_elas2_inc_int")
    assert record is not None
    store.update(record.sys_id, {"active": "false"})
    assert "(inactive)" in run(server, "list").output
    assert json.loads(run(server, "install", "itsm", "--json").output)["active"] == "true"
    assert store.count("scope=x_elas2_inc_int") == 1


def test_what_cannot_be(server: Server, empty_instance: Instance) -> None:
    unknown = run(server, "install", "x_nobody")
    assert (unknown.exit_code, "the store has no application of scope x_nobody" in unknown.output) == (1, True)
    assert empty_instance.system().table("sys_store_app").count("scope=x_nobody") == 0
    wrong = run(server, "install", "itsm", "--password", "hunter2")
    assert (wrong.exit_code, "401" in wrong.output, "hunter2" in wrong.output) == (1, True, False)
    nobody = CliRunner().invoke(main, ["app", "list", "--url", "http://127.0.0.1:9"])
    assert (nobody.exit_code, "nobody answers at" in nobody.output) == (3, True)
    usage = CliRunner().invoke(main, ["app", "list", "--url", "nonsense"])
    assert (usage.exit_code, "is no URL" in usage.output) == (2, True)
    usage = CliRunner().invoke(main, ["app", "list", "--ca", "/no/such"])
    assert (usage.exit_code, "--ca /no/such is no file" in usage.output) == (2, True)
