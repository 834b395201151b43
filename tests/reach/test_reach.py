"""What one process listens on: its own port with HTTPS, and the proxy, for every world in it."""

from __future__ import annotations

import http.client
import logging
import logging.handlers
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest
import requests

from sandtable.serving.assembly import create_instance
from sandtable.serving.reach import Reach
from sandtable.serving.server import ServerError
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

pytestmark = pytest.mark.ours("an instance is reached under its own https address, and each world under its name")


def nothing(environ: object, start_response: object) -> list[bytes]:
    return []


@pytest.fixture(scope="module")
def reach(ca_folder: Path) -> Iterator[Reach]:
    default = create_instance(random_seed=3, name="dev00000")
    worlds = Worlds(default, lambda name, **_: create_instance(random_seed=4, name=name))
    worlds.create("acme")
    settings = Settings(port=0, proxy=0, tls=True, tls_names="snow", ca_folder=str(ca_folder))
    running = Reach(create_app(worlds, settings), settings).start()
    yield running
    running.stop()


@pytest.mark.parametrize("name, number", [("acme", "acme"), ("dev00000", "dev00000"), ("anything", "dev00000")])
def test_each_name_is_the_world_of_that_name_or_the_default(reach: Reach, name: str, number: str) -> None:
    assert reach.proxy is not None
    assert reach.authority is not None
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": reach.proxy.url}
        session.verify = str(reach.authority.certificate_path)
        answer = session.get(f"https://{name}.service-now.com/_sandtable/health/ready")
        assert answer.json()["instance"] == number
        listed = session.get(
            f"https://{name}.service-now.com/api/now/table/sys_user?sysparm_limit=1", auth=("admin", "admin")
        )
        assert listed.status_code == 200
        assert listed.headers["Link"].startswith(f"<https://{name}.service-now.com/")
        assert "Secure" in listed.headers["Set-Cookie"]


def test_the_server_itself_has_the_names(reach: Reach) -> None:
    assert reach.server.url.startswith("https://127.0.0.1:")
    assert reach.authority is not None
    client = ssl.create_default_context(cadata=reach.authority.certificate_pem)
    for name in ("localhost", "127.0.0.1", "dev00000.service-now.com", "acme.service-now.com", "snow"):
        with (
            socket.create_connection(("127.0.0.1", reach.server.port)) as plain,
            client.wrap_socket(plain, server_hostname=name) as sock,
        ):
            assert sock.version() in ("TLSv1.2", "TLSv1.3")
    with pytest.raises(ssl.SSLCertVerificationError):
        socket_for(client, reach.server.port, "example.com")


def socket_for(client: ssl.SSLContext, port: int, name: str) -> None:
    with socket.create_connection(("127.0.0.1", port)) as plain, client.wrap_socket(plain, server_hostname=name):
        pass


def test_plain_http_to_the_https_port_is_answered_in_plain_http(
    reach: Reach, server_log: SimpleQueue[logging.LogRecord]
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", reach.server.port)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (400, b"This port speaks HTTPS; use https URLs.\n")
    connection.close()
    record = server_log.get()
    while record.getMessage().startswith("no TLS handshake"):
        record = server_log.get()  # a handshake of the test before, told of late
    assert (record.getMessage(), record.exc_info) == ("a client spoke plain HTTP to the HTTPS port", None)


@pytest.fixture
def server_log() -> Iterator[SimpleQueue[logging.LogRecord]]:
    """What the server logs, as it comes: it does so from threads of its own."""
    queue: SimpleQueue[logging.LogRecord] = SimpleQueue()
    handler = logging.handlers.QueueHandler(queue)  # type: ignore[arg-type]
    logger = logging.getLogger("sandtable.serving.server")
    logger.addHandler(handler)
    yield queue
    logger.removeHandler(handler)


def test_a_failed_handshake_is_one_line_in_the_log(reach: Reach, server_log: SimpleQueue[logging.LogRecord]) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        socket_for(ssl.create_default_context(), reach.server.port, "localhost")
    distrust = server_log.get()
    assert "does the client trust the CA?" in distrust.getMessage()
    with socket.create_connection(("127.0.0.1", reach.server.port)) as sock:
        sock.sendall(b"\x00\x01\x02 nonsense\r\n\r\n")
        while sock.recv(1000):
            pass
    for record in (distrust, server_log.get()):
        assert record.levelname == "WARNING"
        assert "no TLS handshake with a client" in record.getMessage()
        assert record.exc_info is None
    assert server_log.empty()


def test_when_the_proxys_port_is_taken_nothing_stays_open(ca_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(port=0, proxy=taken.getsockname()[1], ca_folder=str(ca_folder))
        starting = Reach(nothing, settings)
        with pytest.raises(ServerError, match="--proxy"):
            starting.start()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", starting.server.port)).close()
