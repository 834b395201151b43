"""`sandtable connector`: every command, its exit codes, and that no secret is ever printed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from sandtable_connector.cli import connector as command
from sandtable_connector.transport import Request, Response

pytestmark = pytest.mark.ours("the command does what its help says, ends with the documented code, and shows no secret")

PASSWORD = "correct-horse-battery"


class Shell:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "SANDTABLE_CONNECTORS": str(folder / "connectors.db"),
            "SANDTABLE_CONNECTOR_PASSWORD": PASSWORD,
            "COLUMNS": "200",
        }
        self.results: list[Result] = []

    def __call__(self, *arguments: str, code: int = 0, stdin: str = "") -> Result:
        result = CliRunner().invoke(command, arguments, input=stdin, env=self.environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        assert result.exit_code == code, result.output
        assert PASSWORD not in result.output
        assert "Traceback" not in result.output
        self.results.append(result)
        return result

    def json(self, *arguments: str, **more: Any) -> Any:
        return json.loads(self(*arguments, "--json", **more).stdout)

    def file(self, name: str, content: str) -> str:
        (self.folder / name).write_text(content)
        return str(self.folder / name)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


class Instance:
    """Answers as an instance with the app does; `refuses` replaces every answer."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        self.refuses: Response | None = None
        self.requests: list[Request] = []
        self.headers: dict[str, str] = {}

    def __call__(self, request: Request) -> Response:
        answer = self.answer(request)
        return Response(answer.status, {**answer.headers, **self.headers}, answer.body)

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        if self.refuses is not None:
            return self.refuses
        if "elastic_api/health" in request.url:
            return self.stage.health()
        if "sys_choice" in request.url:
            choice = {"element": "urgency", "value": "1", "label": "1 - High", "dependent_value": ""}
            return self.stage.answer([choice])
        if request.method == "POST":
            return self.stage.row()
        if "sysparm_query" in request.url:
            return self.stage.answer([self.stage.record(correlation_id="x")])
        return self.stage.answer(self.stage.record())


@pytest.fixture
def instance(stage: Any) -> Instance:
    return Instance(stage)


@pytest.fixture
def url(instance: Instance, served: Callable[..., str]) -> str:
    return served(instance)


@pytest.fixture
def made(shell: Shell, url: str) -> Shell:
    shell("create", "--id", "c1", "--name", "ITSM", "--url", url, "--username", "elastic")
    return shell


class TestKeeping:
    def test_create_list_show_update_delete(self, shell: Shell) -> None:
        url = "https://dev00000.example.com"
        made = shell.json("create", "--name", "ITSM", "--url", url, "--username", "elastic")
        assert re.fullmatch(r"[0-9a-f-]{36}", made["id"])
        assert (made["is_deprecated"], made["config"]["usesTableApi"]) == (False, False)
        assert [item["id"] for item in shell.json("list")] == [made["id"]]
        assert made["id"] in shell("list").stdout
        assert f"apiUrl: {url}" in shell("show", made["id"]).stdout
        changed = shell.json("update", made["id"], "--name", "New", "--url", f"{url}/")
        assert (changed["name"], changed["config"]["apiUrl"]) == ("New", f"{url}/")
        assert shell.json("update", made["id"], "--name", "Third")["name"] == "Third"
        shell("delete", made["id"])
        assert shell.json("list") == []
        assert "There are no connectors" in shell("list").stdout
        assert "sandtable connector list" in shell("show", made["id"], code=4).stderr

    def test_oauth_secrets_come_from_files_and_standard_input(self, shell: Shell, rsa_pem: str) -> None:
        oauth = ["--oauth", "--client-id", "c", "--jwt-key-id", "k", "--user-identifier", "a@b.c"]
        files = ["--private-key-file", shell.file("key.pem", rsa_pem), "--client-secret-file", "-"]
        made = shell.json(
            "create", "--name", "n", "--url", "https://x.example.com", *oauth, *files, stdin="client-secret\n"
        )
        assert made["config"]["isOAuth"] is True
        content = (shell.folder / "connectors.db").read_bytes()
        assert b"client-secret" not in content
        assert b"PRIVATE KEY" not in content
        basic = shell.json("update", made["id"], "--basic", "--username", "elastic")
        assert (basic["config"]["isOAuth"], basic["config"]["clientId"]) == (False, None)

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (
                ["--url", "https://x", "--username", "u", "--password-file", "/none"],
                "/none: password: cannot be read: No such",
            ),
            (["--url", "https://x", "--private-key-file", "/"], "/: privateKey: cannot be read: Is a directory"),
            (["--url", "https://x"], "Either basic auth or OAuth credentials must be specified"),
            (["--username", "u"], "[apiUrl]: expected value of type [string] but got [undefined]"),
            (["--url", "https://u:p@x", "--username", "u"], "apiUrl must not hold a user name or password"),
            (["--url", "https://x", "--oauth", "--username", "u"], "userIdentifierValue must be provided"),
            (
                ["--url", "https://x", "--password-file", "-", "--client-secret-file", "-"],
                "only one of the secrets can come from standard input",
            ),
            (["--url", "https://x", "--username", "u", "--password-file", "-"], "password: is empty"),
            (["--url", "https://x", "--username", "u", "--type", ".jira"], "Invalid value for '--type'"),
        ],
    )
    def test_what_is_refused(self, shell: Shell, arguments: list[str], complaint: str) -> None:
        assert complaint in shell("create", "--name", "n", *arguments, code=2).stderr
        assert shell.json("list") == []

    def test_a_key_file_that_is_not_text(self, shell: Shell) -> None:
        (shell.folder / "key.der").write_bytes(b"\x30\x82\xff\xfe")
        refused = shell("create", "--name", "n", "--private-key-file", str(shell.folder / "key.der"), code=2)
        assert "is not text. A key is given as PEM, not as DER." in refused.stderr

    def test_without_a_terminal_a_password_must_be_given(self, shell: Shell) -> None:
        del shell.environment["SANDTABLE_CONNECTOR_PASSWORD"]
        refused = shell("create", "--name", "n", "--url", "https://x", "--username", "u", code=2)
        assert "password: no password was given. Use --password-file" in refused.stderr

    def test_another_key_cannot_open_the_secrets(self, made: Shell) -> None:
        made.environment["SANDTABLE_ENCRYPTION_KEY"] = "another-test-only-key-of-32-characters"
        assert "cannot be decrypted" in made("execute", "c1", "--params", "{}", code=2).stderr
        made.environment["SANDTABLE_ENCRYPTION_KEY"] = "short"
        assert "Use 32 characters or more" in made("execute", "c1", "--params", "{}", code=2).stderr

    def test_nothing_to_update_and_nobody_to_update(self, made: Shell) -> None:
        assert "nothing to change was given" in made("update", "c1", code=2).stderr
        made("update", "c9", "--name", "n", code=4)
        made("delete", "c9", code=4)

    def test_check_app_keeps_nothing_when_the_app_does_not_answer(
        self, shell: Shell, instance: Instance, url: str
    ) -> None:
        given = ["create", "--name", "n", "--url", url, "--username", "u", "--check-app"]
        shell(*given)
        instance.refuses = instance.stage.refused(404, "Requested URI does not represent any resource", None)
        assert "Unable to get application version" in shell(*given, code=1).stderr
        assert len(shell.json("list")) == 1

    def test_check_app_as_a_page_of_kibana_needs_a_cors_rule(self, shell: Shell, instance: Instance, url: str) -> None:
        given = ["create", "--name", "n", "--url", url, "--username", "u", "--check-app", "--origin", "https://k:5601/"]
        refused = shell(*given, code=1)
        assert "Elastic ServiceNow App not installed" in refused.stderr
        assert "CORS configuration of your ServiceNow instance" in refused.stderr
        assert shell.json("list") == []
        instance.headers = {
            "Access-Control-Allow-Origin": "https://k:5601",
            "Access-Control-Allow-Headers": "authorization",
            "Access-Control-Allow-Methods": "GET",
        }
        shell(*given)
        assert [request.method for request in instance.requests] == ["OPTIONS", "OPTIONS", "GET"]
        assert "--origin: is only of use with --check-app" in shell(*given[:-3], *given[-2:], code=2).stderr

    def test_the_guided_update_of_a_deprecated_connector(self, shell: Shell, instance: Instance, url: str) -> None:
        shell("create", "--id", "old", "--name", "n", "--url", url, "--username", "u", "--table-api")
        assert "update old --guided" in shell("show", "old").stdout
        instance.refuses = instance.stage.refused(503)
        shell("update", "old", "--guided", "--yes", code=3)
        assert shell.json("show", "old")["is_deprecated"] is True
        instance.refuses = None
        aborted = shell("update", "old", "--guided", code=1, stdin="n\n")
        assert "cannot be reversed" in aborted.output
        assert shell.json("update", "old", "--guided", "--yes")["is_deprecated"] is False

    def test_connectors_of_a_kibana_yml(self, shell: Shell) -> None:
        file = shell.file(
            "kibana.yml",
            f"xpack.actions.preconfigured.pre: {{name: Pre, actionTypeId: .servicenow, config: {{apiUrl: 'https://x'}},"
            f" secrets: {{username: u, password: {PASSWORD}}}}}\nxpack.actions.colour: red\n",
        )
        listed = shell("list", "--kibana-yml", file)
        assert "preconfigured, deprecated" in listed.stdout
        assert "warning: xpack.actions.colour: unknown setting, ignored" in listed.stderr
        assert "config: not exposed" in shell("show", "pre", "--kibana-yml", file).stdout
        refused = shell("delete", "pre", "--kibana-yml", file, code=2)
        assert "Preconfigured action pre is not allowed to delete." in refused.stderr
        shell("list", "--kibana-yml", "/none.yml", code=2)


class TestRunning:
    PUSH = json.dumps({"subAction": "pushToService", "subActionParams": {"incident": {"short_description": "a"}}})

    def test_test_does_what_the_tab_does(self, made: Shell, instance: Instance) -> None:
        tested = made("test", "c1", "-f", "short_description=Only a test", "-f", "urgency=1", "-f", "comments=Hello")
        assert json.loads(tested.stdout)["title"] == "INC0010001"
        assert "urgency:" not in tested.stderr
        assert [request.method for request in instance.requests] == ["GET", "GET", "POST", "GET", "GET", "POST", "GET"]
        found = made.json("test", "c1", "-f", "correlation_id=x", "--event", "resolve")
        assert found["params"]["subAction"] == "closeIncident"
        assert found["result"]["status"] == "ok"

    @pytest.mark.ours("choices are printed when asked for, and a value that is not among them is refused")
    def test_choices(self, made: Shell, instance: Instance) -> None:
        listed = made("test", "c1", "-f", "short_description=Only a test", "--choices")
        assert "urgency: 1 (1 - High)" in listed.stderr
        written = len(instance.requests)
        refused = made("test", "c1", "-f", "short_description=a", "-f", "urgency=9", code=2)
        assert "urgency: '9' is not among the choices of the form: 1 (1 - High)" in refused.stderr
        assert [request.method for request in instance.requests[written:]] == ["GET"]

    @pytest.mark.ours("what cannot be an address or a key is refused before a connector is kept")
    def test_create_refuses_what_is_no_address_and_no_key(self, made: Shell) -> None:
        words = ("create", "--name", "n", "--username", "u", "--url")
        assert "Write https://dev1.example.com." in made(*words, "dev1.example.com", code=2).stderr
        key = made.file("key.pem", "no key")
        refused = made("create", "--name", "n", "--url", "https://h", "--private-key-file", key, code=2)
        assert "holds no private key" in refused.stderr

    def test_the_form_refuses_before_anything_is_sent(self, made: Shell, instance: Instance) -> None:
        assert "Short description is required." in made("test", "c1", code=2).stderr
        assert (
            "colour: the form of ServiceNow ITSM has no such input"
            in made("test", "c1", "-f", "colour=1", code=2).stderr
        )
        misspelt = made("test", "c1", "-f", "short_descripton=a", code=2).stderr
        assert "did you mean short_description? It has short_description, " in misspelt
        assert "'x' is not NAME=VALUE" in made("test", "c1", "-f", "x", code=2).stderr
        assert (
            "urgency: the input is given twice"
            in made("test", "c1", "-f", "urgency=1", "-f", "urgency=2", code=2).stderr
        )
        assert instance.requests == []

    def test_a_trace_shows_requests_and_answers_without_secrets(self, made: Shell, instance: Instance) -> None:
        traced = made("execute", "c1", "--params", self.PUSH, "--trace")
        assert "> POST http://127.0.0.1:" in traced.stderr
        assert "> Authorization: Basic [redacted]" in traced.stderr
        assert '"u_short_description": "a"' in traced.stderr
        assert "< 200" in traced.stderr
        assert json.loads(traced.stdout)["title"] == "INC0010001"
        instance.refuses = instance.stage.refused(401, PASSWORD)
        again = made("execute", "c1", "--params", self.PUSH, "--trace", code=1)
        assert "[redacted]" in again.stderr

    def test_params_from_a_file_and_from_standard_input(self, made: Shell) -> None:
        file = made.file("params.json", self.PUSH)
        assert made.json("execute", "c1", "--params", f"@{file}")["status"] == "ok"
        assert made.json("execute", "c1", "--params", "-", stdin=self.PUSH)["status"] == "ok"

    @pytest.mark.parametrize(
        ("params", "complaint"),
        [
            ("{", "--params: not JSON"),
            ("@/none.json", "/none.json: cannot be read: No such file"),
            ("[]", "error validating action params"),
            ('{"subAction": "pushToService"}', "short_description"),
        ],
    )
    def test_params_that_are_refused(self, made: Shell, instance: Instance, params: str, complaint: str) -> None:
        assert complaint in made("execute", "c1", "--params", params, code=2).stderr
        assert instance.requests == []

    @pytest.mark.parametrize(("status", "code"), [(401, 1), (404, 1), (503, 3), (429, 3)])
    def test_a_failure_says_whether_another_try_may_help(
        self, made: Shell, instance: Instance, status: int, code: int
    ) -> None:
        instance.refuses = instance.stage.refused(status)
        failed = made("execute", "c1", "--params", self.PUSH, code=code)
        assert f"Request failed with status code {status}" in failed.stderr
        assert ("Trying again later may help." in failed.stderr) is (code == 3)
        assert made.json("execute", "c1", "--params", self.PUSH, code=code)["retry"] is (code == 3)

    def test_behaviour_is_chosen_by_name(self, made: Shell, instance: Instance) -> None:
        instance.refuses = instance.stage.refused(401)
        failed = made("execute", "c1", "--params", self.PUSH, "--behaviour", "kibana-9", code=3)
        assert "[status=401] [method=get] [endpoint=health]" in failed.stderr

    def test_a_case_is_pushed_and_printed_with_the_push_noted(self, made: Shell, instance: Instance) -> None:
        file = made.file("case.json", json.dumps({"id": "case-1", "title": "A case", "status": "open", "comments": []}))
        once = json.loads(made("push-case", "c1", file).stdout)
        assert once["external_service"]["external_title"] == "INC0010001"
        again = made("push-case", "c1", "-", "--close", stdin=json.dumps(once))
        assert json.loads(again.stdout)["status"] == "closed"
        bodies = [json.loads(request.body or b"") for request in instance.requests if request.method == "POST"]
        assert bodies[1]["elastic_incident_id"] == instance.stage.SYS_ID
        instance.refuses = instance.stage.refused(503)
        assert "Failed to push case: Error:" in made("push-case", "c1", file, code=1).stderr
        made("push-case", "c1", made.file("bad.json", '{"id": 1}'), code=2)


def test_serve_offers_the_api_until_it_is_stopped(made: Shell) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from sandtable_connector.cli import connector; connector()", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **made.environment},
    )
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        url = ready.removeprefix("ready at ").strip()
        found = requests.get(f"{url}/api/actions/connectors", timeout=30).json()
        assert [item["id"] for item in found] == ["c1"]
        # Read here: what arrived with the first line stands in a buffer that communicate() does not look into.
        assert process.stdout.readline() == f"in a browser: {url}/app/management\n"
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (0, "", "")


def test_serve_beyond_loopback_needs_a_key(shell: Shell) -> None:
    refused = shell("serve", "--host", "0.0.0.0", "--port", "0", code=2)
    assert "set an API key" in refused.stderr
    shell("serve", "--api-key-file", "/none", code=2)
    assert "is empty" in shell("serve", "--api-key-file", shell.file("empty", "\n"), code=2).stderr


def test_every_command_has_help() -> None:
    for name in command.commands:
        result = CliRunner().invoke(command, [name, "--help"])
        assert result.exit_code == 0
        assert "Usage:" in result.output
