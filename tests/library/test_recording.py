"""Recording a client and an instance, and replaying it, with our own server in the place of the instance."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from sandtable.cli import main
from sandtable.core.platform.instance import Instance
from sandtable.library.in_process import WSGIAdapter, session_for
from sandtable.recording import (
    Exchange,
    RecordingError,
    RecordingProxy,
    Redactor,
    Replay,
    read_folder,
    records_of,
)
from sandtable.serving.assembly import create_instance
from sandtable.serving.server import Server
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

pytestmark = pytest.mark.ours(
    "a recording has no secret in it, and a replay answers what was recorded and nothing else"
)
ADMIN = ("admin", "admin-pass-phrase")
TABLE = "/api/now/table/incident"


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Instance, str]]:
    """Our own server, in the place of a real instance."""
    instance = create_instance(random_seed=1, admin_password=ADMIN[1], name="acme")
    users = instance.system().table("sys_user")
    user = users.first("user_name=abel.tuter")
    assert user is not None
    users.update(user.sys_id, {"email": "abel.tuter@example.com"})
    with Server(create_app(Worlds(instance))) as server:
        instance.base_url = server.url
        yield instance, server.url


@pytest.fixture
def upstream(running: tuple[Instance, str]) -> Iterator[str]:
    """The address of that server, whose instance is put back afterwards."""
    instance, url = running
    snapshot = instance.snapshot()
    yield url
    instance.restore(snapshot)
    instance.release(snapshot)


@pytest.fixture
def record(upstream: str, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start a recording proxy in front of the upstream and return its address."""
    servers: list[Server] = []

    def start(**options: Any) -> str:
        redactor = Redactor(upstream, **options)
        servers.append(Server(RecordingProxy(upstream, tmp_path / "recordings", redactor)).start())
        return servers[-1].url

    yield start
    for server in servers:
        server.stop()


def story(base: str, session: requests.Session) -> list[requests.Response]:
    """What a client does: creates, reads with paging, changes, asks for something that is not there."""
    made = session.post(base + TABLE, json={"short_description": "disk full", "urgency": "1"})
    sys_id = made.json()["result"]["sys_id"]
    return [
        made,
        session.get(f"{base}{TABLE}/{sys_id}"),
        session.patch(f"{base}{TABLE}/{sys_id}", json={"state": "2"}),
        session.get(f"{base}{TABLE}/{sys_id}"),
        session.get(f"{base}{TABLE}/{'0' * 32}"),
        session.get(base + TABLE, params={"sysparm_query": "short_description=disk full^ORDERBYnumber"}),
        session.get(
            f"{base}/api/now/table/sys_user", params={"sysparm_limit": "2", "sysparm_fields": "sys_id,user_name"}
        ),
    ]


def client() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.auth = ADMIN
    return session


def comparable(response: requests.Response, base: str) -> tuple[Any, ...]:
    """Return what a client sees, with the address of the server it asked taken out."""
    headers = {name: response.headers.get(name, "").replace(base, "") for name in ("Location", "Link", "X-Total-Count")}
    return response.status_code, headers, response.text.replace(base, "")


@pytest.mark.parametrize("failing", ["redactor", "file", "tell", "complain"])
def test_what_cannot_be_recorded_is_passed_on_and_said(
    upstream: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise OSError("no room left on the device")

    complaints: list[str] = []
    redactor = Redactor(upstream)
    proxy = RecordingProxy(
        upstream,
        tmp_path / "recordings",
        redactor,
        tell=broken if failing == "tell" else None,
        complain=broken if failing == "complain" else complaints.append,
    )
    monkeypatch.setattr(redactor, "request", broken if failing in ("redactor", "complain") else redactor.request)
    if failing == "file":
        monkeypatch.setattr(Path, "replace", broken)
    with requests.Session() as session:
        session.auth = ADMIN
        session.mount("http://", WSGIAdapter(proxy))
        # An ECS event has a list by the name of type, and a client may send anything.
        answer = session.post(f"http://acme.example.com{TABLE}", json={"type": ["start"], "short_description": "seen"})
    assert (answer.status_code, answer.json()["result"]["short_description"]) == (201, "seen")
    assert len(list((tmp_path / "recordings").glob("*.json"))) == (1 if failing == "tell" else 0)
    if failing in ("redactor", "file"):
        assert complaints == [f"POST {TABLE} is not recorded: OSError: no room left on the device"]


def test_a_client_sees_the_instance_through_the_proxy_and_again_in_the_replay(
    record: Callable[..., str], tmp_path: Path
) -> None:
    proxy = record()
    recorded = [comparable(each, proxy) for each in story(proxy, client())]
    assert [status for status, *_ in recorded] == [201, 200, 200, 200, 404, 200, 200]
    assert recorded[0][1]["Location"].startswith(TABLE)
    assert 'rel="next"' in recorded[6][1]["Link"]
    # Nothing leads a client past the proxy.
    assert all("service-now" not in text and "127.0.0.1" not in text for *_, text in recorded)

    base = "https://acme.service-now.com"
    replayed = story(base, session_for(Replay(read_folder(tmp_path / "recordings")), base))
    assert [comparable(each, base) for each in replayed] == recorded


def test_requests_that_were_recorded_twice_are_answered_in_order(record: Callable[..., str], tmp_path: Path) -> None:
    proxy = record()
    story(proxy, client())
    replay = Replay(read_folder(tmp_path / "recordings"))
    session = session_for(replay, "http://replay.example.com")
    made = json.loads((next((tmp_path / "recordings").glob("0001-*"))).read_text())
    path = f"http://replay.example.com{TABLE}/{made['answer']['body']['json']['result']['sys_id']}"
    states = [session.get(path).json()["result"]["state"] for _ in range(3)]
    assert states == ["1", "2", "2"], "the second reading is the one after the change, and the last one stays"
    write = {"short_description": "disk full", "urgency": "1"}
    table = f"http://replay.example.com{TABLE}"
    assert [session.post(table, json=write).status_code for _ in range(2)] == [201, 501]
    assert "answered as often" in replay.refused[0]
    assert len(replay.unasked) == 4
    replay.reset()
    assert session.post(table, json=write).status_code == 201


@pytest.mark.parametrize(
    "method, target, body, words",
    [
        (
            "POST",
            TABLE,
            {"short_description": "disk full", "urgency": "2"},
            "urgency in the body is '2', recorded was '1'",
        ),
        ("POST", TABLE, {"short_description": "disk full"}, "the body lacks urgency='1'"),
        (
            "GET",
            "/api/now/table/sys_user?sysparm_limit=3&sysparm_fields=sys_id,user_name",
            None,
            "sysparm_limit is '3'",
        ),
        ("GET", "/api/now/table/sys_user?sysparm_limit=2", None, "sysparm_fields='sys_id,user_name' is missing"),
        ("DELETE", f"{TABLE}/{'0' * 32}", None, "the method is DELETE, recorded was GET"),
        ("GET", "/api/now/table/problem", None, "the path is '/api/now/table/problem'"),
    ],
)
def test_an_unknown_request_names_the_nearest_recording(
    record: Callable[..., str], tmp_path: Path, method: str, target: str, body: Any, words: str
) -> None:
    story(record(), client())
    session = session_for(Replay(read_folder(tmp_path / "recordings")), "http://replay.example.com")
    answer = session.request(method, f"http://replay.example.com{target}", json=body)
    assert answer.status_code == 501
    assert words in answer.json()["error"]["detail"]
    assert "the nearest is 000" in answer.json()["error"]["detail"]


def test_a_replay_of_nothing_says_so() -> None:
    with session_for(Replay([]), "https://acme.service-now.com") as session:
        answer = session.get("https://acme.service-now.com/api/now/table/incident")
    assert (answer.status_code, answer.json()["error"]["detail"]) == (501, "there are no recordings")


def test_no_secret_is_written(record: Callable[..., str], tmp_path: Path, upstream: str) -> None:
    proxy = record(columns=["short_description"])
    session = client()
    api_key, refresh = "key-0123456789abcdef", "refresh-0123456789"
    session.headers["x-sn-apikey"] = api_key
    session.post(proxy + TABLE, json={"short_description": "called by Abel", "password": 'pass&"word'})
    session.post(
        f"{proxy}/oauth_token.do",
        data={
            "grant_type": "refresh_token",
            "client_id": "c",
            "client_secret": "s3cret-of-client",
            "refresh_token": refresh,
        },
    )
    session.get(
        proxy + TABLE,
        params={"sysparm_query": "caller_id.email=abel.tuter@example.com^ORshort_description=called by Abel"},
    )
    session.get(
        f"{proxy}/api/now/table/sys_user",
        params={"sysparm_query": "user_name=abel.tuter", "sysparm_display_value": "all"},
    )
    # A secret that was seen once is found in places where nobody expects it, too.
    session.get(proxy + TABLE, params={"sysparm_query": f"descriptionLIKE{ADMIN[1]}"})
    cookies = [each.value for each in session.cookies if len(each.value or "") > 5]
    files = sorted((tmp_path / "recordings").iterdir())
    written = "".join(path.read_text(encoding="utf-8") for path in files)
    assert len(files) == 5
    secrets = [
        ADMIN[1],
        api_key,
        refresh,
        "s3cret-of-client",
        "pass&",
        "abel.tuter@example.com",
        "called by Abel",
        *cookies,
    ]
    assert [secret for secret in secrets if secret in written] == []
    assert upstream.partition("://")[2] not in written
    # The same value is the same pseudonym, so that the story still makes sense.
    shown = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    described = shown[0]["request"]["body"]["json"]["short_description"]
    assert described.startswith("redacted-")
    assert dict(shown[2]["request"]["query"])["sysparm_query"].endswith(f"short_description={described}")


def test_a_redacted_request_is_still_recognised(record: Callable[..., str], tmp_path: Path) -> None:
    proxy = record(columns=["short_description"])
    client().post(proxy + TABLE, json={"short_description": "called by Abel", "urgency": "1"})
    session = session_for(Replay(read_folder(tmp_path / "recordings")), "http://replay.example.com")
    other = session.post(f"http://replay.example.com{TABLE}", json={"short_description": "by Beth", "urgency": "1"})
    assert other.status_code == 201


def test_files_are_left_out_unless_asked_for(record: Callable[..., str], tmp_path: Path) -> None:
    proxy = record()
    session = client()
    path = f"{proxy}/api/now/attachment/file?table_name=incident&table_sys_id={'1' * 32}&file_name=a.bin"
    session.post(path, data=b"\x00secret\xff", headers={"Content-Type": "application/octet-stream"})
    (written,) = (tmp_path / "recordings").iterdir()
    assert json.loads(written.read_text())["request"]["body"] == {"left_out": 8}


def test_an_upstream_that_does_not_answer(tmp_path: Path) -> None:
    session = session_for(RecordingProxy("http://127.0.0.1:9", tmp_path), "http://proxy.example.com")
    answer = session.get(f"http://proxy.example.com{TABLE}")
    assert answer.status_code == 502
    assert "http://127.0.0.1:9 does not answer" in answer.json()["error"]["detail"]
    assert list(tmp_path.iterdir()) == []


def test_records_for_an_instance_to_start_with(record: Callable[..., str], tmp_path: Path) -> None:
    proxy = record()
    session = client()
    found = session.get(f"{proxy}/api/now/table/sys_user", params={"sysparm_query": "user_name=abel.tuter"}).json()[
        "result"
    ]
    made = session.post(proxy + TABLE, json={"short_description": "mine"}).json()["result"]
    session.get(proxy + TABLE)
    session.get(proxy + TABLE, params={"sysparm_display_value": "true"})
    session.get(f"{proxy}/api/now/table/sys_user", params={"sysparm_fields": "name", "sysparm_limit": "1"})
    extraction = records_of(read_folder(tmp_path / "recordings"))
    (user,) = extraction.records["sys_user"]
    assert (user["sys_id"], user["user_name"]) == (found[0]["sys_id"], "abel.tuter")
    assert made["sys_id"] not in str(extraction.records), "the client will make it again"
    assert ["display values" in line or "without sys_id" in line for line in extraction.left_out] == [True, True]


@pytest.mark.parametrize(
    "content, words",
    [
        ("{", "cannot be read as a recording"),
        ('{"format": 2}', "reads format 1"),
        ('{"format": 1, "request": []}', "request must be an object"),
        ('{"format": 1, "request": {"method": "GET"}, "answer": {}}', "request.path must be text"),
        (
            '{"format": 1, "request": {"method": "GET", "path": "/"}, "answer": {"status": "200"}}',
            "answer.status must be a number",
        ),
        (
            '{"format": 1, "request": {"method": "GET", "path": "/", "query": [["a"]]}, "answer": {"status": 200}}',
            "request.query[0] must be [name, value]",
        ),
        (
            '{"format": 1, "request": {"method": "GET", "path": "/", "body": {"base64": "?"}}, "answer": {}}',
            "request.body must be one of",
        ),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "0001-GET-x.json").write_text(content)
    with pytest.raises(RecordingError) as caught:
        read_folder(tmp_path)
    assert "0001-GET-x.json" in str(caught.value)
    assert words in str(caught.value)


def test_a_file_reads_back_as_it_was_written(record: Callable[..., str], tmp_path: Path) -> None:
    story(record(), client())
    for exchange in read_folder(tmp_path / "recordings"):
        assert isinstance(exchange, Exchange)
        assert exchange.as_json() == (tmp_path / "recordings" / exchange.name).read_text(encoding="utf-8")


def test_a_recording_goes_on_in_the_same_folder(record: Callable[..., str], tmp_path: Path) -> None:
    client().get(record() + TABLE)
    client().get(record() + TABLE)
    assert [each.name[:5] for each in read_folder(tmp_path / "recordings")] == ["0001-", "0002-"]


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["record", "--upstream", "acme", "--out", "x"], "must be like https://acme.service-now.com"),
        (["record", "--upstream", "https://a/b", "--out", "x"], "must be like https://acme.service-now.com"),
        (["record", "--upstream", "https://a", "--out", "x", "--upstream-ca", "/no/ca.pem"], "no certificate file"),
        (["record", "--upstream", "https://joe:hidden@acme", "--out", "x"], "has credentials in it; leave them out"),
        (["record", "--out", "x"], "--upstream"),
        (["replay", "/no/such/folder"], "is no folder"),
        (["replay", "."], "holds no recordings"),
    ],
)
def test_wrong_use_names_the_fix(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, words in result.output) == (2, True), result.output
    assert "hidden" not in result.output


def test_seed_data_from_the_command_line(record: Callable[..., str], tmp_path: Path) -> None:
    client().get(f"{record()}/api/now/table/sys_user", params={"sysparm_query": "user_name=abel.tuter"})
    target = tmp_path / "records.json"
    result = CliRunner().invoke(main, ["replay", str(tmp_path / "recordings"), "--as-records", str(target)])
    assert (result.exit_code, "1 of sys_user" in result.output) == (0, True), result.output
    assert json.loads(target.read_text())["sys_user"][0]["user_name"] == "abel.tuter"


class Command:
    """A `sandtable` command in a process of its own, once it listens."""

    def __init__(self, *arguments: str) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.upper().startswith("SANDTABLE_") and k != "PORT"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandtable.cli", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self.process.stdout is not None
        found = re.match(r"ready at (\S+)  \((.*)\)", self.process.stdout.readline())
        assert found is not None
        self.url, self.doing = found.groups()

    def stop(self) -> tuple[int, str]:
        self.process.terminate()
        _, errors = self.process.communicate()
        return self.process.returncode, errors


def test_the_commands_from_end_to_end(upstream: str, tmp_path: Path) -> None:
    folder, ca = str(tmp_path / "recordings"), str(tmp_path / "ca")
    recording = Command("record", "--upstream", upstream, "--out", folder, "--port", "0")
    assert recording.doing == f"recording {upstream} in {folder}"
    wanted = client().get(f"{recording.url}{TABLE}?sysparm_limit=1")
    status, errors = recording.stop()
    assert (status, wanted.status_code) == (0, 200)
    assert "200 0001-GET-api-now-table-incident.json" in errors

    replaying = Command("replay", folder, "--port", "0", "--tls", "--ca-folder", ca)
    assert replaying.url.startswith("https://")
    with client() as session:
        session.verify = f"{ca}/ca.crt"
        assert session.get(f"{replaying.url}{TABLE}?sysparm_limit=1").json() == wanted.json()
        told = session.get(f"{replaying.url}/_sandtable/replay").json()
        assert told == {"recordings": 1, "refused": [], "unasked": []}
        assert session.get(f"{replaying.url}{TABLE}?sysparm_limit=2").status_code == 501
    status, errors = replaying.stop()
    assert status == 1
    assert f"refused GET {TABLE}: the nearest is 0001-GET-api-now-table-incident.json" in errors


def test_a_replay_for_a_client_that_builds_the_address_itself(upstream: str, tmp_path: Path) -> None:
    folder, ca = str(tmp_path / "recordings"), str(tmp_path / "ca")
    recorded = session_for(RecordingProxy(upstream, folder), "https://acme.service-now.com")
    recorded.auth = ADMIN
    assert recorded.get(f"https://acme.service-now.com{TABLE}?sysparm_limit=1").status_code == 200
    replaying = Command("replay", folder, "--port", "0", "--proxy", "0", "--ca-folder", ca)
    assert replaying.process.stderr is not None
    lines = [replaying.process.stderr.readline() for _ in range(2)]
    found = re.search(r"HTTPS_PROXY=(\S+)", "".join(lines))
    assert found is not None, lines
    with client() as session:
        session.verify, session.proxies = f"{ca}/ca.crt", {"https": found.group(1)}
        assert session.get(f"https://acme.service-now.com{TABLE}?sysparm_limit=1").status_code == 200
    assert replaying.stop()[0] == 0
