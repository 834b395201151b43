"""What a page takes for granted: an instance, a program or a file of its reader's, made before a command is typed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import requests
from tests.docs.pages import Command
from tests.docs.terminal import Terminal

CLIENT = """import requests

answer = requests.get("https://acme.service-now.com/api/now/table/incident", auth=("admin", "admin"))
answer.raise_for_status()
"""


def behind_the_proxy(terminal: Terminal, password: str = "admin") -> None:
    """An instance that stands for the real one of a page, reached as `https://NAME.service-now.com`."""
    serve = f"sandtable serve --port 8081 --proxy 3129 --admin-password {password}"
    code, printed = terminal.type(Command(serve, "", 0))
    assert code == 0, printed
    trusted = "SSL_CERT_FILE=$(sandtable ca) REQUESTS_CA_BUNDLE=$(sandtable ca)"
    code, printed = terminal.type(
        Command(f"export HTTPS_PROXY=http://127.0.0.1:3129 NO_PROXY=127.0.0.1 {trusted}", "", 0)
    )
    assert code == 0, printed


def without_a_role(terminal: Terminal) -> None:
    """The set-up that the page of the doctor examines, without one role; its passwords are the dots of the page."""
    behind_the_proxy(terminal, password="...")
    here = f"http://127.0.0.1:{terminal.ports['8081']}/api/now/table"
    with requests.Session() as http:
        http.auth = ("admin", "...")
        http.hooks["response"].append(lambda answer, **_: answer.raise_for_status())

        def found(table: str, **wanted: str) -> str:
            sys_id: str = http.get(f"{here}/{table}", params=wanted).json()["result"][0]["sys_id"]
            return sys_id

        def made(table: str, **values: Any) -> str:
            path = f"{here}/{table}?sysparm_input_display_value=true"
            sys_id: str = http.post(path, json=values).json()["result"]["sys_id"]
            return sys_id

        user = made("sys_user", user_name="kibana.user", user_password="...")
        for role in ("import_set_loader", "import_transformer", "x_elas2_inc_int.integration_user"):
            made("sys_user_has_role", user=user, role=found("sys_user_role", name=role))
        api = found("sys_ws_definition", base_uri="/api/x_elas2_inc_int/elastic_api")
        made("sys_cors_rule", name="Kibana", rest_api=api, domain="https://kibana.example.com:5601", get="true")


def twelve_recordings(terminal: Terminal) -> None:
    """What a client says while `sandtable record` listens: 2 users and 14 incidents are seen in 12 answers."""
    plane = f"http://127.0.0.1:{terminal.ports['8081']}/_sandtable/load"
    rows = [{"short_description": f"number {number}"} for number in range(14)]
    requests.post(plane, json={"incident": rows}).raise_for_status()
    here = f"http://127.0.0.1:{terminal.ports['8080']}/api/now/table"
    asked = [f"{here}/sys_user?sysparm_limit=2&sysparm_fields=sys_id,user_name"]
    asked += [f"{here}/incident?sysparm_limit={limit}&sysparm_fields=sys_id,number" for limit in range(4, 15)]
    for url in asked:
        requests.get(url, auth=("admin", "admin")).raise_for_status()


def a_client(terminal: Terminal) -> None:
    """A program that builds the address of an instance itself."""
    (terminal.clone / "your_client.py").write_text(CLIENT, encoding="utf-8")


def a_file_of_requests(terminal: Terminal) -> None:
    """One request to a connector, as a line of JSON."""
    line = {
        "connector_type_id": ".servicenow",
        "connector_id": "one",
        "config": {"apiUrl": f"http://127.0.0.1:{terminal.ports['8080']}", "usesTableApi": False},
        "secrets": {"username": "elastic.integration", "password": "elastic-integration"},
        "params": {"subAction": "getChoices", "subActionParams": {"fields": ["urgency"]}},
    }
    (terminal.clone / "requests.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")


# By page and by the beginning of the command that needs it; it is made once.
BEFORE: Mapping[tuple[str, str], Callable[[Terminal], None]] = {
    ("docs/doctor.md", "sandtable doctor"): without_a_role,
    ("docs/record-and-replay.md", "sandtable record"): behind_the_proxy,
    ("docs/record-and-replay.md", "sandtable replay recordings"): twelve_recordings,
    ("docs/tls-and-proxy.md", "sandtable serve --tls"): a_client,
    ("docs/connector.md", "python -m sandtable_connector.rehearsal"): a_file_of_requests,
}
