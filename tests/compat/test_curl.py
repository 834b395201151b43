"""curl, with the options that people and scripts use against an instance."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.compat.conftest import Running

CURL = shutil.which("curl")
pytestmark = [
    pytest.mark.ours("curl does here what it does with a real instance"),
    pytest.mark.skipif(CURL is None, reason="there is no curl on this machine"),
]
exercises = pytest.mark.exercises
CLIENT = "curl"
# Test-only credentials; those of conftest.py.
CLIENT_ID, CLIENT_SECRET = "c0ffee00c0ffee00c0ffee00c0ffee00", "test-only-secret"
ONE = "/api/now/table/incident?sysparm_limit=1&sysparm_fields=number"
JSON = ("-H", "Content-Type: application/json")
Curl = Callable[..., str]


@pytest.fixture(params=["https", "http"])
def curl(running: Running, request: pytest.FixtureRequest, tmp_path: Path) -> Curl:
    address = running.https if request.param == "https" else running.http

    def run(path: str, *options: str, user: tuple[str, ...] = ("-u", "admin:admin")) -> str:
        url = path if "://" in path else f"{address}{path}"
        command = [str(CURL), "-sS", "--cacert", running.ca_file, *user, *options, url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def result(printed: str) -> Any:
    return json.loads(printed)["result"]


@exercises(CLIENT, "credentials as an option, of any scheme, from a netrc file and in the address")
def test_credentials(curl: Curl, running: Running, tmp_path: Path) -> None:
    host = running.host.partition(":")[0]
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {host} login admin password admin\n", encoding="utf-8")
    ways = (("-u", "admin:admin"), ("--anyauth", "-u", "admin:admin"), ("--netrc-file", str(netrc)))
    assert [len(result(curl(ONE, user=way))) for way in ways] == [1, 1, 1]
    assert len(result(curl(running.http.replace("://", "://admin:admin@") + ONE, user=()))) == 1


@exercises(CLIENT, "a cookie jar instead of credentials")
def test_cookies(curl: Curl) -> None:
    curl(ONE, "-c", "jar")
    assert len(result(curl(ONE, "-b", "jar", user=()))) == 1


@exercises(CLIENT, "queries that it encodes itself")
def test_queries(curl: Curl) -> None:
    query = "sysparm_query=short_descriptionLIKEcompat 1^ORDERBYDESCshort_description"
    options = ("-G", "--data-urlencode", query, "-d", "sysparm_limit=2", "-d", "sysparm_fields=short_description")
    found = result(curl("/api/now/table/incident", *options))
    assert [each["short_description"] for each in found] == ["compat 19", "compat 18"]


@exercises(CLIENT, "bodies as text, from a file, and in XML")
def test_bodies(curl: Curl, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text('{"short_description": "from curl"}', encoding="utf-8")
    path = "/api/now/table/incident?sysparm_fields=short_description"
    for options in (("-d", body.read_text()), ("-d", "@body.json"), ("--data-binary", "@body.json")):
        assert result(curl(path, *JSON, *options)) == {"short_description": "from curl"}
    xml = "<request><entry><short_description>from curl</short_description></entry></request>"
    answer = curl(path, "-H", "Content-Type: application/xml", "-H", "Accept: application/xml", "-d", xml)
    assert "<short_description>from curl</short_description>" in answer


@exercises(CLIENT, "PATCH, PUT and DELETE")
def test_methods(curl: Curl) -> None:
    path = "/api/now/table/incident"
    sys_id = result(curl(path, *JSON, "-d", "{}"))["sys_id"]
    for method in ("PATCH", "PUT"):
        change = json.dumps({"short_description": method})
        assert result(curl(f"{path}/{sys_id}", "-X", method, *JSON, "-d", change))["short_description"] == method
    assert curl(f"{path}/{sys_id}", "-X", "DELETE", "-o", "none", "-w", "%{http_code}") == "204"


@exercises(CLIENT, "files as a body, as an upload, in chunks, and as a form")
def test_uploads(curl: Curl, running: Running, tmp_path: Path) -> None:
    record = running.instance.system().table("incident").first("short_description=compat 00")
    assert record is not None
    content = bytes(range(256)) * 4000
    (tmp_path / "file.bin").write_bytes(content)
    kind = ("-H", "Content-Type: application/octet-stream")
    where = f"/api/now/attachment/file?table_name=incident&table_sys_id={record.sys_id}&file_name=file.bin"
    made = [
        result(curl(where, *kind, "--data-binary", "@file.bin")),
        result(curl(where, *kind, "-X", "POST", "-T", "file.bin")),
        result(curl(where, *kind, "-H", "Transfer-Encoding: chunked", "--data-binary", "@file.bin")),
        result(
            curl(
                "/api/now/attachment/upload",
                *("-F", "table_name=incident", "-F", f"table_sys_id={record.sys_id}"),
                *("-F", "uploadFile=@file.bin;type=application/octet-stream"),
            )
        ),
    ]
    assert [each["size_bytes"] for each in made] == [str(len(content))] * 4
    for number, each in enumerate(made):
        curl(f"/api/now/attachment/{each['sys_id']}/file", "-o", f"down{number}")
        assert (tmp_path / f"down{number}").read_bytes() == content


@exercises(CLIENT, "headers alone, compressed answers, older and newer HTTP")
def test_answers(curl: Curl) -> None:
    assert "X-Total-Count: " in curl(ONE, "-I")
    assert len(result(curl("/api/now/table/incident?sysparm_limit=20", "--compressed"))) == 20
    for version in ("--http1.0", "--http1.1", "--http2"):
        assert curl(ONE, version, "-o", "none", "-w", "%{http_code}") == "200"


@exercises(CLIENT, "OAuth: a token by password, and its use")
def test_oauth(curl: Curl) -> None:
    form = ("grant_type=password", "username=admin", "password=admin")
    keys = (f"client_id={CLIENT_ID}", f"client_secret={CLIENT_SECRET}")
    data = [part for each in (*form, *keys) for part in ("--data-urlencode", each)]
    token = json.loads(curl("/oauth_token.do", *data, user=()))["access_token"]
    assert len(result(curl(ONE, user=("--oauth2-bearer", token)))) == 1


@exercises(CLIENT, "an instance by its name, through a proxy")
def test_proxy(curl: Curl, named: str) -> None:
    assert len(result(curl(f"{named}{ONE}"))) == 1


@exercises(CLIENT, "SOAP from a file")
def test_soap(curl: Curl, tmp_path: Path) -> None:
    envelope = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:x="http://www.service-now.com/">'
        "<s:Body><x:getKeys><__encoded_query>short_descriptionSTARTSWITHcompat</__encoded_query></x:getKeys></s:Body>"
        "</s:Envelope>"
    )
    (tmp_path / "envelope.xml").write_text(envelope, encoding="utf-8")
    answer = curl("/incident.do?SOAP", "-H", "Content-Type: text/xml", "-d", "@envelope.xml")
    assert "<count>37</count>" in answer
