"""Kibana's HTTP interface: routes, status codes, texts; without a socket and over one."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandtable_connector.kibana_api import Answer, KibanaApi, KibanaServer
from sandtable_connector.registry import Registry, Sockets
from sandtable_connector.settings.kibana_yml import parse_kibana_yml
from sandtable_connector.values.invalid_input import InvalidInput

pytestmark = pytest.mark.documented("Kibana docs, connector APIs; Kibana's integration tests for texts")

KEY = "a-test-only-key-of-more-than-32-characters"
URL = "https://dev00000.example.com"
BODY: dict[str, Any] = {
    "name": "ITSM",
    "connector_type_id": ".servicenow",
    "config": {"apiUrl": URL, "usesTableApi": False},
    "secrets": {"username": "elastic", "password": "correct-horse-battery"},
}
XSRF = {"kbn-xsrf": "true", "Content-Type": "application/json"}


class Face:
    def __init__(self, api: KibanaApi) -> None:
        self.api = api

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.api.answer(method, path, XSRF if headers is None else headers, content)

    def refused(self, *asked: Any, **more: Any) -> tuple[int, str]:
        answer = self.ask(*asked, **more)
        assert set(answer.body) == {"statusCode", "error", "message"}
        assert answer.body["statusCode"] == answer.status
        return answer.status, answer.body["message"]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "connectors.db", key=KEY)


@pytest.fixture
def face(registry: Registry) -> Face:
    return Face(KibanaApi(registry))


def test_create_read_list_change_delete(face: Face) -> None:
    made = face.ask("POST", "/api/actions/connector", BODY)
    assert made.status == 200
    assert "correct-horse-battery" not in json.dumps(made.body)
    assert made.body["config"]["isOAuth"] is False
    where = f"/api/actions/connector/{made.body['id']}"
    assert face.ask("GET", where).body == made.body
    assert face.ask("GET", "/api/actions/connectors").body == [{**made.body, "referenced_by_count": 0}]
    changed = face.ask("PUT", where, {**{k: v for k, v in BODY.items() if k != "connector_type_id"}, "name": "New"})
    assert (changed.status, changed.body["name"]) == (200, "New")
    assert face.ask("DELETE", where) == Answer(204)
    assert face.refused("GET", where) == (404, f"Saved object [action/{made.body['id']}] not found")


def test_an_id_can_be_chosen_once(face: Face) -> None:
    assert face.ask("POST", "/api/actions/connector/mine", BODY).body["id"] == "mine"
    assert face.refused("POST", "/api/actions/connector/mine", BODY) == (409, "Saved object [action/mine] conflict")


def test_a_space_in_front_of_the_path(face: Face) -> None:
    for space in ("ops", "security-ops", "a_1"):
        assert face.ask("GET", f"/s/{space}/api/actions/connectors").body == []


def test_types_by_feature(face: Face) -> None:
    ids = [kind["id"] for kind in face.ask("GET", "/api/actions/connector_types").body]
    assert ids == [".servicenow", ".servicenow-sir", ".servicenow-itom"]
    for_cases = face.ask("GET", "/api/actions/connector_types?feature_id=cases").body
    assert [kind["id"] for kind in for_cases] == [".servicenow", ".servicenow-sir"]
    assert face.ask("GET", "/api/status").body["status"]["overall"]["level"] == "available"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "[request body]: expected a plain object value, but found [null] instead."),
        ([], "[request body]: expected a plain object value, but found [array] instead."),
        (
            {"connector_type_id": ".servicenow"},
            "[request body.name]: expected value of type [string] but got [undefined]",
        ),
        ({**BODY, "colour": 1}, "[request body.colour]: definition for this key is missing"),
        (
            {**BODY, "config": {}},
            "error validating action type config: [apiUrl]: expected value of type [string] but got [undefined]",
        ),
        (
            {**BODY, "secrets": {}},
            "error validating action type secrets: Either basic auth or OAuth credentials must be specified",
        ),
        ({**BODY, "connector_type_id": ".x"}, 'Action type ".x" is not registered.'),
        (b"{", "Invalid request payload JSON format"),
        (b"[" * 100_000, "Invalid request payload JSON format"),
    ],
)
def test_a_body_that_is_refused(face: Face, body: Any, message: str) -> None:
    assert face.refused("POST", "/api/actions/connector", body) == (400, message)
    assert face.ask("GET", "/api/actions/connectors").body == []


def test_requests_that_are_refused(face: Face) -> None:
    assert face.refused("POST", "/api/actions/connector", BODY, headers={}) == (
        400,
        "Request must contain a kbn-xsrf header.",
    )
    made = face.ask("POST", "/api/actions/connector", BODY).body["id"]
    change = {name: BODY[name] for name in ("name", "config", "secrets")}
    for method, path, body in (
        ("PUT", f"/api/actions/connector/{made}", {**change, "name": "other"}),
        ("DELETE", f"/api/actions/connector/{made}", None),
        ("POST", f"/api/actions/connector/{made}/_execute", {"params": {}}),
    ):
        refusal = face.refused(method, path, body, headers={"Content-Type": "application/json"})
        assert refusal == (400, "Request must contain a kbn-xsrf header."), method
    assert face.ask("GET", f"/api/actions/connector/{made}", headers={}).body["name"] == BODY["name"]
    assert face.refused("GET", "/api/elsewhere") == (404, "Not Found")
    assert face.refused("PATCH", "/api/actions/connector/x", BODY) == (404, "Not Found")
    form = {"kbn-xsrf": "1", "Content-Type": "application/x-www-form-urlencoded"}
    assert face.refused("POST", "/api/actions/connector", b"a=b", headers=form)[0] == 415
    assert face.refused("POST", "/api/actions/connector", b" " * 1048577)[0] == 413
    assert face.refused("DELETE", "/api/actions/connector/none")[0] == 404


def test_preconfigured_and_disabled(tmp_path: Path) -> None:
    connector = {
        "name": "P",
        "actionTypeId": ".servicenow",
        "config": {"apiUrl": URL},
        "secrets": {"username": "u", "password": "preconfigured-pw"},
    }
    actions = {"enabledActionTypes": [".servicenow-sir"], "preconfigured": {"pre": connector}}
    text = json.dumps({"xpack.actions": actions})
    registry = Registry(tmp_path / "c.db", key=KEY, settings=parse_kibana_yml(text, environ={}))
    face = Face(KibanaApi(registry))
    assert face.refused("DELETE", "/api/actions/connector/pre") == (
        400,
        "Preconfigured action pre is not allowed to delete.",
    )
    assert face.refused("POST", "/api/actions/connector", BODY)[0] == 403
    assert [kind["enabled"] for kind in face.ask("GET", "/api/actions/connector_types").body] == [False, True, False]


class TestExecute:
    def face(self, registry: Registry, script: Any) -> Face:
        over = Sockets(wrap=lambda transport, redact: script, log=lambda level, text: None)
        face = Face(KibanaApi(registry, over=over))
        face.ask("POST", "/api/actions/connector/c1", BODY)
        return face

    PARAMS: dict[str, Any] = {
        "params": {"subAction": "pushToService", "subActionParams": {"incident": {"short_description": "a"}}}
    }
    WHERE = "/api/actions/connector/c1/_execute"

    def test_ok(self, registry: Registry, stage: Any) -> None:
        script = stage.Script([stage.health(), stage.row(), stage.answer(stage.record())])
        answer = self.face(registry, script).ask("POST", self.WHERE, self.PARAMS)
        assert answer.status == 200
        assert (answer.body["status"], answer.body["connector_id"]) == ("ok", "c1")
        assert answer.body["data"]["title"] == "INC0010001"

    def test_a_failure_is_200_too(self, registry: Registry, stage: Any) -> None:
        answer = self.face(registry, stage.Script([stage.refused(401)])).ask("POST", self.WHERE, self.PARAMS)
        assert answer.status == 200
        assert answer.body["status"] == "error"
        assert answer.body["message"] == "an error occurred while running the action"
        assert "Unable to get application version" in answer.body["service_message"]

    def test_refused_params_are_200_without_a_request(self, registry: Registry, stage: Any) -> None:
        answer = self.face(registry, stage.Script([])).ask("POST", self.WHERE, {"params": {"subAction": "x"}})
        assert answer.status == 200
        assert answer.body["message"].startswith("error validating action params: ")

    def test_no_such_connector(self, registry: Registry, stage: Any) -> None:
        face = self.face(registry, stage.Script([]))
        assert face.refused("POST", "/api/actions/connector/c9/_execute", self.PARAMS)[0] == 404

    @pytest.mark.ours("a connector whose secrets cannot be read answers as one that failed")
    def test_with_another_key_it_cannot_run(self, registry: Registry, stage: Any, tmp_path: Path) -> None:
        self.face(registry, stage.Script([]))
        stranger = Face(KibanaApi(Registry(tmp_path / "connectors.db", key=KEY[::-1])))
        answer = stranger.ask("POST", self.WHERE, self.PARAMS)
        assert (answer.status, answer.body["status"]) == (200, "error")
        assert "cannot be decrypted" in answer.body["message"]
        assert answer.body["retry"] is False


class TestAccessToken:
    def body(self, rsa_pem: str, **changes: Any) -> dict[str, Any]:
        options = {
            "tokenUrl": f"{URL}/oauth_token.do",
            "config": {"clientId": "c", "userIdentifierValue": "u", "jwtKeyId": "k"},
            "secrets": {"clientSecret": "client-secret-value", "privateKey": rsa_pem},
        }
        return {"type": "jwt", "options": {**options, **changes}}

    WHERE = "/internal/actions/connector/_oauth_access_token"

    def test_a_token(self, registry: Registry, stage: Any, rsa_pem: str) -> None:
        script = stage.Script([stage.answer(body={"access_token": "t", "token_type": "Bearer", "expires_in": 5})])
        face = Face(KibanaApi(registry, over=Sockets(wrap=lambda transport, redact: script)))
        answer = face.ask("POST", self.WHERE, self.body(rsa_pem))
        assert (answer.status, answer.body) == (200, {"accessToken": "Bearer t"})
        assert [request.url for request in script.requests] == [f"{URL}/oauth_token.do"]

    def test_a_refusal(self, registry: Registry, stage: Any, rsa_pem: str) -> None:
        script = stage.Script([stage.answer(status=401, body={"error": "invalid_client"})])
        face = Face(KibanaApi(registry, over=Sockets(wrap=lambda transport, redact: script)))
        status, message = face.refused("POST", self.WHERE, self.body(rsa_pem))
        assert (status, "invalid_client" in message) == (400, True)
        assert face.refused("POST", self.WHERE, self.body(rsa_pem, tokenUrl=URL))[0] == 400
        assert face.refused("POST", self.WHERE, {**self.body(rsa_pem), "type": "client"})[0] == 400


@pytest.mark.ours("the face is for this machine unless it asks for a key, and never shows a traceback")
class TestServer:
    def test_over_a_socket_with_a_kept_connection(self, face: Face) -> None:
        with KibanaServer(face.api) as server:
            connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
            connection.request("POST", "/api/actions/connector/c1", json.dumps(BODY), XSRF)
            answer = connection.getresponse()
            assert (answer.status, json.load(answer)["id"]) == (200, "c1")
            connection.request("DELETE", "/api/actions/connector/c1", headers=XSRF)
            deleted = connection.getresponse()
            assert (deleted.status, deleted.read()) == (204, b"")
            connection.request("GET", "/api/actions/connectors")
            assert json.load(connection.getresponse()) == []
            connection.close()

    @pytest.mark.parametrize(
        ("head", "status"),
        [
            ("POST /api/actions/connector HTTP/1.1\r\nContent-Length: 9999999\r\n", 413),
            ("POST /api/actions/connector HTTP/1.1\r\nContent-Length: -5\r\n", 400),
            ("POST /api/actions/connector HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", 400),
            ("NONSENSE\r\n", 400),
        ],
    )
    def test_requests_no_server_should_read(self, face: Face, head: str, status: int) -> None:
        with KibanaServer(face.api) as server:
            host, port = urlsplit(server.url).netloc.split(":")
            with socket.create_connection((host, int(port)), timeout=30) as client:
                client.sendall(f"{head}\r\n".encode())
                answer = client.makefile("rb").read()
        assert b"Traceback" not in answer
        assert str(status).encode() in answer.split(b"\r\n\r\n")[0] + answer

    def test_beyond_loopback_only_with_a_key(self, face: Face, registry: Registry) -> None:
        for host in ("0.0.0.0", "::", "", "192.0.2.1", "kibana.example.com", "localhost.example.com", "127.0.0.1.x"):
            with pytest.raises(InvalidInput, match=r"host: .* Listen on 127\.0\.0\.1, or set an API key"):
                KibanaServer(face.api, host=host)
        KibanaServer(face.api, host="localhost")._server.server_close()
        keyed = Face(KibanaApi(registry, api_key="test-only-api-key"))
        assert keyed.refused("GET", "/api/actions/connectors") == (401, "Unauthorized")
        right = {"Authorization": "ApiKey test-only-api-key"}
        assert keyed.ask("GET", "/api/actions/connectors", headers=right).status == 200

    def test_a_target_that_is_no_address(self, face: Face) -> None:
        assert face.refused("GET", "//[x") == (400, "Bad Request")

    def test_a_port_that_is_taken(self, face: Face) -> None:
        with KibanaServer(face.api) as server:
            port = urlsplit(server.url).port or 0
            with pytest.raises(InvalidInput, match=f"port: cannot listen on 127.0.0.1:{port}"):
                KibanaServer(face.api, port=port)
