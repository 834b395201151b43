"""`serve --workers`: each world in one of several processes behind one port, of which a client sees nothing."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.reach.several import Several

from sandtable.core.platform.instance import Instance
from sandtable.library.plane_client import PlaneClient, PlaneRefusal
from sandtable.serving.assembly import create_instance
from sandtable.serving.workers.directory import Directory, Taken
from sandtable.serving.workers.post import LONGEST_LETTER
from sandtable.settings.settings import Settings, SettingsError
from sandtable.web.worlds.worlds import WorldError

pytestmark = [pytest.mark.ours("many processes look like one, but for what they have to do"), pytest.mark.sockets]
ADMIN = ("admin", "admin")
NAMES = ("one", "two", "three", "four")


@pytest.fixture(scope="module")
def made_once() -> Instance:
    return create_instance(random_seed=1)


@pytest.fixture(scope="module")
def kept(made_once: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    running = Several(made_once, tmp_path_factory.mktemp("several"))
    yield running
    running.stop()


@pytest.fixture
def several(kept: Several) -> Iterator[Several]:
    """Two servers with nothing but the default world, as it began."""
    yield kept
    for name in kept.directories[0].names():
        kept.plane.drop_world(name)
    kept.plane.reset()


@pytest.fixture
def doomed(made_once: Instance, tmp_path: Path) -> Iterator[Several]:
    running = Several(made_once, tmp_path)
    yield running
    running.stop()


def test_each_world_lives_in_one_process_and_all_answer_for_it(several: Several) -> None:
    for name in NAMES:
        several.plane.create_world(name)
    assert sorted(several.owner(name) or 0 for name in NAMES) == [0, 0, 1, 1], "shared out evenly"
    assert [each["name"] for each in several.plane.worlds()] == ["dev00000", *NAMES]
    with requests.Session() as kept:  # one connection, led to and fro
        kept.auth = ADMIN
        for turn in range(2):
            for name in NAMES:
                made = kept.post(
                    f"{several.url}/_worlds/{name}/api/now/table/incident", json={"correlation_id": f"{name} {turn}"}
                )
                assert made.status_code == 201
        kept.post(f"{several.url}/api/now/table/incident", json={"correlation_id": "default"})
        asked = (
            "/api/now/table/incident?sysparm_query=correlation_idISNOTEMPTY^ORDERBYnumber&sysparm_fields=correlation_id"
        )
        for name in NAMES:
            expected = [f"{name} {turn}" for turn in range(2)]
            by_path = kept.get(f"{several.url}/_worlds/{name.upper()}{asked}").json()["result"]
            by_host = kept.get(f"{several.url}{asked}", headers={"Host": f"{name}.localhost"}).json()["result"]
            assert [each["correlation_id"] for each in by_path] == expected
            assert by_host == by_path
        default = kept.get(f"{several.url}{asked}").json()["result"]
        assert default == [{"correlation_id": "default"}]
    told = {each["name"]: each["journalled_requests"] for each in several.plane.worlds()}
    assert told == {"dev00000": 2, **dict.fromkeys(NAMES, 4)}


def test_worlds_are_made_forked_and_dropped_across_processes(several: Several) -> None:
    several.plane.freeze("2026-01-01T00:00:00Z")
    several.plane.insert("incident", {"correlation_id": "before"})
    made = [several.plane.create_world(fork="dev00000")["name"] for _ in range(2)]
    assert len(set(made)) == 2
    assert {several.owner(name) for name in made} == {0, 1}
    for name in made:
        copy = PlaneClient(several.url, world=name)
        assert copy.clock()["now"] == "2026-01-01T00:00:00.000Z"
        assert len(copy.records("incident", "correlation_id=before")) == 1
        copy.insert("incident", {"correlation_id": "after"})
        copy.reset()
        assert copy.records("incident", "correlation_id=after") == []
        with pytest.raises(PlaneRefusal, match="there is a world called"):
            several.plane.create_world(name)
    again = several.plane.create_world("again", fork=made[0])
    assert again["name"] == "again"
    for name in (*made, "again"):
        several.plane.drop_world(name)
        with pytest.raises(PlaneRefusal, match="no world"):
            several.plane.drop_world(name)
        assert requests.get(f"{several.url}/_worlds/{name}/api/now/table/incident", timeout=60).status_code == 404
    assert [each["name"] for each in several.plane.worlds()] == ["dev00000"]
    with pytest.raises(PlaneRefusal, match="default world"):
        several.plane.drop_world("dev00000")


def test_bodies_faults_and_broken_connections_stay_what_they_are(several: Several) -> None:
    several.plane.create_world("one")
    several.plane.create_world("two")
    long = "x" * (4 * LONGEST_LETTER)
    for name in ("one", "two"):
        world = PlaneClient(several.url, world=name)
        # All at once: so much has come with the head that it goes by a file.
        with socket.create_connection(("127.0.0.1", several.servers[0].port)) as raw:
            body = json.dumps({"records": [{"correlation_id": long}]}).encode()
            head = f"PUT /_worlds/{name}/_sandtable/ids HTTP/1.1\r\nHost: localhost\r\nContent-Length: 19\r\n\r\n"
            table = f"POST /_worlds/{name}/api/now/table/incident HTTP/1.1\r\nHost: localhost\r\n"
            follow = f"{table}X-Long: {long[:LONGEST_LETTER]}\r\nContent-Length: {len(body)}\r\n\r\n"
            raw.sendall(head.encode() + b'{"random_seed": 12}' + follow.encode() + body)
            answers = raw.makefile("rb")
            assert answers.readline().startswith(b"HTTP/1.1 200"), "the first of two that came together"
            first = answers.read(int(_header(answers, "content-length")))
            assert json.loads(first) == {"random_seed": 12}
            assert answers.readline().startswith(b"HTTP/1.1 401"), "the second"
        world.add_fault("connection-reset")
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{several.url}/_worlds/{name}/api/now/table/incident", auth=ADMIN, timeout=60)
        world.clear_faults()
        chunked = requests.post(
            f"{several.url}/_worlds/{name}/api/now/table/incident",
            auth=ADMIN,
            data=iter([b'{"correlation_id":', b'"in pieces"}']),
            headers={"Content-Type": "application/json"},
            timeout=60,
        )
        assert chunked.status_code == 201


def _header(stream: Any, name: str) -> str:
    headers = http.client.parse_headers(stream)
    return headers[name] or ""


def test_a_process_that_is_away_is_told_of(doomed: Several) -> None:
    doomed.plane.create_world("away")  # in the second: the first has the default
    assert doomed.owner("away") == 1
    doomed.servers[1].stop()
    doomed.posts[1].close()
    lost = doomed.directories[0].down(1, "was ended by SIGKILL")
    assert lost == ["away"]
    health = requests.get(f"{doomed.url}/_sandtable/health/ready", timeout=60)
    assert health.status_code == 503
    assert [(each["up"], each["worlds_lost"]) for each in health.json()["workers"]] == [(True, []), (False, ["away"])]
    gone = requests.get(f"{doomed.url}/_worlds/away/_sandtable/info", timeout=60)
    assert (gone.status_code, "ended with its process" in gone.text) == (404, True)
    with pytest.raises(PlaneRefusal, match="'away', it ended with its process"):
        doomed.plane.drop_world("away")
    # One that a client asks for before it is noted that the process is gone.
    doomed.directories[0].claim("ghost", 1, 1000)
    doomed.directories[0].settle("ghost")
    away = requests.get(f"{doomed.url}/_worlds/ghost/api/now/table/incident", timeout=60)
    assert (away.status_code, "starting again" in away.text) == (503, True)
    assert doomed.plane.create_world()["name"] == "world-1"
    assert doomed.owner("world-1") == 0, "not where nobody answers"


def test_one_of_many_gets_a_name_and_the_number_of_worlds_has_an_end(tmp_path: Path) -> None:
    changes = Directory.begin(tmp_path, 3)
    opened = [Directory(tmp_path, changes) for _ in range(3)]
    won: list[int] = []

    def claim(number: int) -> None:
        try:
            if opened[number].claim("Wanted", number, 10):
                won.append(number)
        except Taken:
            pass

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(won) == 1
    assert [each.owner("wanted") for each in opened] == [None] * 3, "it is not made yet"
    opened[won[0]].settle("WANTED")
    assert [each.owner("wanted") for each in opened] == [won[0]] * 3
    assert [each.names() for each in opened] == [["Wanted"]] * 3
    assert not opened[0].claim("another", 0, 1)
    assert [each.free_name() for each in opened] == ["world-1", "world-2", "world-3"]
    for each in opened:
        each.close()


def test_what_cannot_be_is_refused_before_anything_starts() -> None:
    for more in ({"tls": True}, {"proxy": 0}):
        with pytest.raises(SettingsError, match="workers .* TLS"):
            Settings(workers=2, **more)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="between 1 and 64"):
        Settings(workers=0)


def test_a_killed_process_comes_back_and_all_end_with_the_first() -> None:
    command = [sys.executable, "-m", "sandtable.cli", "serve", "--port", "0", "--workers", "2", "--log", "off"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        found = re.match(r"ready at (\S+)", process.stdout.readline())
        assert found is not None
        plane = PlaneClient(found[1])
        for name in ("a", "b"):
            plane.create_world(name)
        before = _workers(found[1])
        os.kill(before[1]["pid"], signal.SIGKILL)
        line = process.stderr.readline()
        assert f"process 2 ({before[1]['pid']}) was ended by SIGKILL and is started again; gone with it: " in line
        (lost,) = re.findall(r"gone with it: (\w)", line)
        (kept,) = {"a", "b"} - {lost}
        assert PlaneClient(found[1], world=kept).info()["world"] == kept
        after = _workers(found[1])
        while not after[1]["up"]:
            after = _workers(found[1])
        assert (after[1]["restarts"], after[1]["worlds_lost"]) == (1, [lost])
        assert plane.create_world(lost)["name"] == lost
        pids = [each["pid"] for each in after]
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate()
        assert process.returncode == 0
        assert output == ""
        for pid in pids:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_equal_processes_have_a_database_in_common(postgresql: str) -> None:
    command = [sys.executable, "-m", "sandtable.cli", "serve", "--port", "0", "--workers", "2", "--log", "off"]
    command += ["--data", postgresql, "--name", "equal", "--metrics"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        found = re.match(r"ready at (\S+)", process.stdout.readline())
        assert found is not None
        table = f"{found[1]}/api/now/table/incident"
        numbers = [requests.post(table, auth=ADMIN, json={}, timeout=60).json()["result"]["number"] for _ in range(4)]
        assert len(set(numbers)) == 4
        before = _workers(found[1])
        os.kill(before[0]["pid"], signal.SIGKILL)
        assert "was ended by SIGKILL and is started again" in process.stderr.readline()
        listed = requests.get(f"{table}?sysparm_fields=number", auth=ADMIN, timeout=60).json()["result"]
        assert {each["number"] for each in listed} >= set(numbers), "the other one answers"
        while not all(each["up"] for each in _workers(found[1])):
            pass
        told = requests.get(f"{found[1]}/_sandtable/metrics", timeout=60).text
        assert {f'process="{number}",what="free"' in told for number in (1, 2)} == {True}
        process.send_signal(signal.SIGTERM)
        process.communicate()
        assert process.returncode == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _workers(url: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{url}/_sandtable/health/ready", timeout=60).json()
    found: list[dict[str, Any]] = answer["workers"]
    return found


def test_a_question_nobody_answers_is_an_error_of_worlds(several: Several) -> None:
    with pytest.raises(WorldError, match="no world is called 'nowhere'"):
        several.worlds[1].fork("copy", "nowhere")
    assert several.owner("copy") is None
    assert several.plane.create_world("copy")["name"] == "copy", "the name was given back"
