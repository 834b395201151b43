"""The proxy leads https://NAME.service-now.com home, and says no to everything else."""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandtable.serving.proxy import LONGEST_HEAD, ConnectProxy
from sandtable.serving.server import Server, ServerError
from sandtable.serving.tls.authority import DevelopmentAuthority
from sandtable.serving.tls.contexts import HostCertificates

pytestmark = pytest.mark.ours("clients that insist on https://NAME.service-now.com run unmodified through the proxy")


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer what was asked; `/reset` cuts the connection, `/large` answers three megabytes."""
    if environ["PATH_INFO"] == "/reset":
        environ["sandtable.connection"].abort(reset=True)
    size = len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    seen = {"url": f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST')}{environ['PATH_INFO']}", "size": size}
    answer = b"x" * 3_000_000 if environ["PATH_INFO"] == "/large" else json.dumps(seen).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


@pytest.fixture(scope="module")
def proxy(authority: DevelopmentAuthority) -> Iterator[ConnectProxy]:
    hosts = ["*.service-now.com", "snow"]
    context = HostCertificates(authority, ["localhost"], hosts).context
    with Server(echo, tls=context) as backend, ConnectProxy(("127.0.0.1", backend.port), hosts=hosts) as running:
        yield running


@pytest.fixture
def client(
    proxy: ConnectProxy, authority: DevelopmentAuthority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[requests.Session]:
    """A session that knows the proxy and the CA from the environment only."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate_path))
    with requests.Session() as session:
        yield session


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.service-now.com/a",
        "https://ACME.Service-Now.com/a",
        "https://dev12345.service-now.com:8443/a",
        "https://snow/a",
    ],
)
def test_an_unmodified_client_is_answered(client: requests.Session, url: str) -> None:
    assert client.get(url).json() == {"url": requests.Request("GET", url).prepare().url, "size": 0}


def test_large_bodies_in_both_directions(client: requests.Session) -> None:
    body = os.urandom(2_000_000)
    assert client.post("https://acme.service-now.com/a", data=body).json()["size"] == len(body)
    assert len(client.get("https://acme.service-now.com/large").content) == 3_000_000


def test_a_tunnel_is_used_again(client: requests.Session, proxy: ConnectProxy) -> None:
    for _ in range(3):
        client.get("https://acme.service-now.com/a")
    assert len(proxy._tunnels) == 1


def test_a_reset_comes_through(client: requests.Session) -> None:
    with pytest.raises(requests.ConnectionError, match="(?i)reset"):
        client.get("https://acme.service-now.com/reset")
    assert client.get("https://acme.service-now.com/a").status_code == 200


@pytest.mark.parametrize(
    "url",
    ["https://example.com/", "https://service-now.com/", "https://acme.service-now.com.evil.io/", "https://snow2/"],
)
def test_other_hosts_are_refused_by_name(client: requests.Session, url: str) -> None:
    with pytest.raises(requests.exceptions.ProxyError) as caught:
        client.get(url)
    assert "403" in str(caught.value)
    assert "is not simulated here" in str(caught.value)
    assert "--proxy-hosts" in str(caught.value)


def test_plain_http_is_refused_with_the_fix(client: requests.Session) -> None:
    answer = client.get("http://acme.service-now.com/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "CONNECT")
    assert "https" in answer.text


def exchange(proxy: ConnectProxy, request: bytes) -> bytes:
    """Send bytes to the proxy, say that no more come, and return all that is answered."""
    with socket.create_connection(("127.0.0.1", proxy.port)) as sock:
        sock.sendall(request)
        sock.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while chunk := sock.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
        return received


@pytest.mark.parametrize(
    "request_bytes, status",
    [
        (b"nonsense\r\n\r\n", 400),
        (b"CONNECT acme.service-now.com HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT acme.service-now.com:0 HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT acme.service-now.com:99999 HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT a\xc3\xa4.service-now.com:443 HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT user@acme.service-now.com:443 HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT x/../acme.service-now.com:443 HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT [::1]:443 HTTP/1.1\r\n\r\n", 403),
        (b"CONNECT 169.254.169.254:80 HTTP/1.1\r\n\r\n", 403),
        (b"GET / HTTP/1.1\r\nHost: acme.service-now.com\r\n\r\n", 405),
        (b"POST http://x/ HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 405),
        (b"CONNECT acme.service-now.com:443 HTTP/1.1\r\nX: " + b"a" * LONGEST_HEAD + b"\r\n\r\n", 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
)
def test_bad_requests(proxy: ConnectProxy, request_bytes: bytes, status: int) -> None:
    answer = exchange(proxy, request_bytes)
    line, _, rest = answer.partition(b"\r\n")
    assert line.startswith(b"HTTP/1.1 %d " % status)
    assert answer.isascii()
    head, _, body = rest.partition(b"\r\n\r\n")
    assert b"Content-Length: %d" % len(body) in head


@pytest.mark.parametrize(
    "request_bytes", [b"", b"CONNECT acme", b"CONNECT acme.service-now.com:443 HTTP/1.1\r\nX: y\r\n"]
)
def test_a_client_that_goes_is_forgotten(proxy: ConnectProxy, request_bytes: bytes) -> None:
    assert exchange(proxy, request_bytes) == b""
    assert b" 200 " in exchange(proxy, b"CONNECT acme.service-now.com:443 HTTP/1.1\r\n\r\n").partition(b"\r\n")[0]


def test_proxy_credentials_are_in_no_log(proxy: ConnectProxy, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for target in ("acme.service-now.com:443", "example.com:443", "nonsense"):
        exchange(proxy, b"CONNECT %s HTTP/1.1\r\nProxy-Authorization: Basic aHVudGVyMjI=\r\n\r\n" % target.encode())
    assert "example.com" in caplog.text
    assert "aHVudGVyMjI" not in caplog.text


def test_a_taken_port(proxy: ConnectProxy) -> None:
    with pytest.raises(ServerError, match=rf"port {proxy.port}.*--proxy"):
        ConnectProxy(("127.0.0.1", 1), port=proxy.port).start()


def test_stopping_ends_open_tunnels(authority: DevelopmentAuthority) -> None:
    before = {thread.name for thread in threading.enumerate()}
    with Server(echo, tls=HostCertificates(authority, ["snow"]).context) as backend:
        running = ConnectProxy(("127.0.0.1", backend.port), hosts=["snow"]).start()
        with socket.create_connection(("127.0.0.1", running.port)) as sock:
            sock.sendall(b"CONNECT snow:443 HTTP/1.1\r\n\r\n")
            assert b" 200 " in sock.recv(1000)
            running.stop()
            assert sock.recv(1000) == b""
        running.stop()
    assert {thread.name for thread in threading.enumerate()} <= before | {"MainThread"}


def test_a_backend_that_is_gone_ends_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with ConnectProxy(("127.0.0.1", port), hosts=["snow"]) as running:
        assert exchange(running, b"CONNECT snow:443 HTTP/1.1\r\n\r\n") == b""


def test_curl(proxy: ConnectProxy, authority: DevelopmentAuthority) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl on this machine")
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()} | {"HTTPS_PROXY": proxy.url}
    arguments = [curl, "--silent", "--show-error", "--cacert", str(authority.certificate_path)]
    done = subprocess.run(
        [*arguments, "https://acme.service-now.com/a"], capture_output=True, text=True, env=environment
    )
    assert json.loads(done.stdout)["url"] == "https://acme.service-now.com/a", done.stderr
    done = subprocess.run([*arguments, "https://example.com/"], capture_output=True, text=True, env=environment)
    assert done.returncode != 0
    assert "403" in done.stderr
