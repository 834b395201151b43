"""Requests over keep-alive connections: how many a second, and how long the slowest of a hundred takes."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AUTH = "Basic " + base64.b64encode(b"admin:admin").decode()
TABLE = "/api/now/table/incident"
STAGING = "/api/now/import/x_elas2_inc_int_elastic_incident"
SECONDS, ROUNDS = 3.0, 2
ASKED = (("get", 16), ("get", 64), ("patch", 16), ("post", 16), ("import", 16))
Make = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Served:
    """A server: its address, its process, and what it is asked, by name."""

    url: str
    process: int
    requests: Mapping[str, Make]


def measured(builds: dict[str, str], *, moto: str, wiremock: str) -> list[list[str]]:
    """Return the lines of the table for each build and peer, with this build's ratio to the base."""
    with contextlib.ExitStack() as open_:
        servers = {name: open_.enter_context(sandtable(python)) for name, python in builds.items()}
        if moto:
            servers["moto put"] = open_.enter_context(moto_server(moto))
        if wiremock and shutil.which("java"):
            servers["WireMock get"] = open_.enter_context(wiremock_server(wiremock, servers["this build"].url))
        lines = [["over the wire", *servers, "ratio to base"]]
        for what, connections in ASKED:
            lines += _lines(what, connections, servers)
    return lines


def _lines(what: str, connections: int, servers: Mapping[str, Served]) -> list[list[str]]:
    taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, server in servers.items():
            make = server.requests.get(what) or next(iter(server.requests.values()))
            before = cpu_seconds(server.process)
            rate, late, answered = load(server.url, make, connections)
            spent = cpu_seconds(server.process) - before
            taken[name].append((rate, late, spent / max(answered, 1)))
    found = {name: [statistics.median(each) for each in zip(*rounds, strict=True)] for name, rounds in taken.items()}
    lines = []
    for index, (label, shown) in enumerate(
        (
            (f"{what}, {connections} connections", lambda value: f"{value:,.0f}/s"),
            ("slowest of a hundred", lambda value: f"{value * 1e3:.0f} ms"),
            ("CPU of the server", lambda value: f"{value * 1e3:.2f} ms"),
        )
    ):
        base = found["base"][index] if "base" in found else 0
        ratio = f"x{found['this build'][index] / base:.2f}" if base else ""
        lines.append([label, *[shown(each[index]) for each in found.values()], ratio])
    return lines


def cpu_seconds(process: int) -> float:
    """Return the CPU time that a process has taken, where the system tells; else 0."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def load(url: str, make: Make, connections: int) -> tuple[float, float, int]:
    """Keep connections busy for a while.

    Returns requests a second, the 99th percentile of the seconds each took, and how many were answered.
    """
    host, port = url.removeprefix("http://").split(":")
    selector = selectors.DefaultSelector()
    number, taken = 0, []
    for _ in range(connections):
        sock = socket.create_connection((host, int(port)))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(sock, selectors.EVENT_READ, [b"", 0.0])
    began = time.perf_counter()
    for key in list(selector.get_map().values()):
        number += 1
        key.data[1] = time.perf_counter()
        key.fileobj.sendall(make(number))  # type: ignore[union-attr]
    while (now := time.perf_counter()) - began < SECONDS:
        for key, _ in selector.select(1):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            key.data[0] += sock.recv(262_144)
            if not is_whole(key.data[0]):
                continue
            now = time.perf_counter()
            taken.append(now - key.data[1])
            number += 1
            key.data[:] = [b"", now]
            sock.sendall(make(number))
    elapsed = time.perf_counter() - began
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    taken.sort()
    return len(taken) / elapsed, taken[int(len(taken) * 0.99)] if taken else elapsed, len(taken)


def is_whole(answer: bytes) -> bool:
    """Tell whether an answer has come to its end. Raises RuntimeError for a refusal."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    if head[9:10] != b"2":
        raise RuntimeError(answer[:500].decode("latin-1"))
    lowered = head.lower()
    if b"transfer-encoding: chunked" in lowered:
        return body.endswith(b"0\r\n\r\n")
    length = next(
        (line.partition(b":")[2] for line in lowered.split(b"\r\n") if line.startswith(b"content-length")), b"0"
    )
    return len(body) >= int(length)


def _requests(url: str) -> dict[str, Make]:
    full = {"short_description": "The disk is full", "description": "x" * 300, "urgency": "1", "category": "software"}
    asked = urllib.request.Request(f"{url}{TABLE}", json.dumps(full).encode())
    asked.add_header("Authorization", AUTH)
    asked.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(asked) as answer:
        incident = f"{TABLE}/{json.load(answer)['result']['sys_id']}"
    return {
        "get": lambda number: message("GET", incident),
        "patch": lambda number: message("PATCH", incident, {"description": f"{time.time_ns()} {number}"}),
        "post": lambda number: message("POST", TABLE, {**full, "correlation_id": f"{time.time_ns()}"}),
        "import": lambda number: message(
            "POST", STAGING, {"u_short_description": "x", "u_correlation_id": f"{time.time_ns()}", "u_urgency": "1"}
        ),
    }


def message(method: str, path: str, body: Any = None, **headers: str) -> bytes:
    """Return a request as it goes over the wire."""
    data = json.dumps(body).encode() if body is not None else b""
    named = {"Host": "127.0.0.1", "Authorization": AUTH, "Accept": "application/json", **headers}
    if data:
        named |= {"Content-Type": headers.get("Content-Type", "application/json"), "Content-Length": str(len(data))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + data


@contextlib.contextmanager
def sandtable(python: str) -> Iterator[Served]:
    """Serve an instance with the interpreter of a build."""
    command = [python, "-m", "sandtable.cli", "serve", "--port", "0", "--log", "off"]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder)
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[2]
            yield Served(url, process.pid, _requests(url))
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def moto_server(python: str) -> Iterator[Served]:
    """Serve moto's DynamoDB with one table, to put items into."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    kind = "application/x-amz-json-1.0"
    key = "AWS4-HMAC-SHA256 Credential=a/20240101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=a"

    def call(action: str, body: Any) -> bytes:
        headers = {"X-Amz-Target": f"DynamoDB_20120810.{action}", "Content-Type": kind, "Authorization": key}
        return message("POST", "/", body, **headers)

    process = subprocess.Popen(
        [python, "-m", "moto.server", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        table = {
            "TableName": "incident",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(call("CreateTable", table))
            sock.recv(65_536)
        item = {"short_description": {"S": "x"}, "description": {"S": "x" * 300}}

        def put(number: int) -> bytes:
            return call("PutItem", {"TableName": "incident", "Item": {**item, "id": {"S": f"{time.time_ns()}"}}})

        yield Served(url, process.pid, {"put": put})
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def wiremock_server(jar: str, url: str) -> Iterator[Served]:
    """Serve one canned incident from WireMock: the answer that the instance at `url` gives."""
    asked = urllib.request.Request(f"{url}{TABLE}?sysparm_limit=1")
    asked.add_header("Authorization", AUTH)
    with urllib.request.urlopen(asked) as answer:
        incident = json.load(answer)["result"][0]
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        mappings = Path(folder) / "mappings"
        mappings.mkdir()
        canned = {
            "request": {"method": "GET", "urlPath": f"{TABLE}/1"},
            "response": {
                "status": 200,
                "jsonBody": {"result": incident},
                "headers": {"Content-Type": "application/json"},
            },
        }
        (mappings / "incident.json").write_text(json.dumps(canned), encoding="utf-8")
        process = subprocess.Popen(
            ["java", "-jar", jar, "--port", str(port), "--root-dir", folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port)
            get = {"get": lambda number: message("GET", f"{TABLE}/1")}
            yield Served(f"http://127.0.0.1:{port}", process.pid, get)
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}")
