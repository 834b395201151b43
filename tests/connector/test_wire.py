"""Requests over real sockets: exact bytes, TLS that holds and TLS that must not, proxies, limits."""

from __future__ import annotations

import gzip
import http.server
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from requests.adapters import HTTPAdapter

from sandtable_connector import Behaviour, CustomHost, Networking, Request, RequestsTransport, errors
from sandtable_connector.transport.wire import WireTransport

pytestmark = pytest.mark.documented("Kibana docs, alerting and action settings: proxies, TLS and limits")

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"result":[]}'


@dataclass
class Wire:
    """A server on a loopback socket that keeps each request head and answers by a function of it."""

    respond: Callable[[socket.socket, bytes], None]
    context: ssl.SSLContext | None = None
    heads: list[bytes] = field(default_factory=list)
    port: int = 0

    @contextmanager
    def running(self) -> Iterator[Wire]:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        stop = threading.Event()
        open_sockets: list[socket.socket] = []
        threads: list[threading.Thread] = []

        def serve() -> None:
            while not stop.is_set():
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                open_sockets.append(plain)
                thread = threading.Thread(target=self._talk, args=(plain, open_sockets), daemon=True)
                threads.append(thread)
                thread.start()

        accepting = threading.Thread(target=serve, daemon=True)
        accepting.start()
        try:
            yield self
        finally:
            stop.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            accepting.join()
            for opened in open_sockets:
                with suppress(OSError):
                    socket.socket.shutdown(opened, socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
            for opened in open_sockets:
                opened.close()

    def _talk(self, plain: socket.socket, opened: list[socket.socket]) -> None:
        sock = plain
        try:
            if self.context is not None:
                sock = self.context.wrap_socket(plain, server_side=True)
                opened.append(sock)
            head = read_head(sock)
            if head:
                self.heads.append(head)
                self.respond(sock, head)
        except (OSError, ssl.SSLError):
            return
        finally:
            sock.close()

    @property
    def request_lines(self) -> list[str]:
        return [head.partition(b"\r\n")[0].decode() for head in self.heads]


def read_head(sock: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        more = sock.recv(65536)
        if not more:
            return head
        head += more
    return head


def says(content: bytes) -> Callable[[socket.socket, bytes], None]:
    return lambda sock, head: sock.sendall(content)


def body_of(content: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(content)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


def tunnel(sock: socket.socket, head: bytes) -> None:
    """Be a CONNECT proxy, or a plain one when the request line holds a whole URL."""
    method, target, _ = head.partition(b"\r\n")[0].decode().split(" ")
    if method != "CONNECT":
        sock.sendall(OK)
        return
    host, _, port = target.rpartition(":")
    with socket.create_connection(("127.0.0.1", int(port))) as upstream:
        assert host
        sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=pump, args=(upstream, sock), daemon=True)
        back.start()
        pump(sock, upstream)
        back.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError, ValueError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        socket.socket.shutdown(sink, socket.SHUT_WR)


@dataclass
class Authority:
    """A certificate authority of one test session."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    folder: Path

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def context(self, *names: str, days: int = 30) -> ssl.SSLContext:
        """Return a server context whose certificate names these hosts and lasts so many days from ten days ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives: list[x509.GeneralName] = []
        for name in names:
            with suppress(ValueError):
                alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
                continue
            alternatives.append(x509.DNSName(name))
        began = datetime.now(UTC) - timedelta(days=10)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(began)
            .not_valid_after(began + timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        path = self.folder / f"{certificate.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Loopback test authority")])
    began = datetime.now(UTC) - timedelta(days=30)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, certificate, tmp_path_factory.mktemp("certificates"))


def get(networking: Networking, url: str, preset: str = "documented", **more: Any) -> Any:
    request = Request("GET", url, {"Authorization": "Basic eA=="}, **more)
    return WireTransport(networking, Behaviour.preset(preset)).send(request)


# --- the bytes of the request -------------------------------------------------------------------------------------


ODD = "/a?q=x^y|z{}\\`;,@[]?/=*:%&+%41"


@pytest.mark.recorded("observed with Node 20 and axios 1: these characters go out as they are")
@pytest.mark.parametrize("given_session", [False, True])
def test_the_request_target_goes_out_byte_for_byte(given_session: bool) -> None:
    with Wire(says(OK)).running() as server:
        session = requests.Session() if given_session else None
        if session is not None:
            session.headers["X-Mine"] = "1"
        request = Request("POST", f"http://127.0.0.1:{server.port}{ODD}", {"Content-Type": "application/json"}, b"{}")
        answer = RequestsTransport(session).send(request)
        if session is not None:
            session.close()
    assert answer.status == 200
    assert server.request_lines == [f"POST {ODD} HTTP/1.1"]
    head = server.heads[0].decode().lower()
    assert f"host: 127.0.0.1:{server.port}\r\n" in head
    assert "x-mine" not in head
    assert "python" not in head


@pytest.mark.ours("a session with an adapter of its own is used, and gets the exact URL")
def test_a_mounted_adapter_gets_the_exact_url_and_the_hooks_run() -> None:
    seen: list[str] = []

    class Recording(HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            seen.append(request.url or "")
            assert kwargs["proxies"] == {}
            response = requests.Response()
            response.status_code = 201
            response._content = b'{"result": 1}'
            response._content_consumed = True  # type: ignore[attr-defined]
            response.url = request.url or ""
            response.request = request
            return response

    hooked: list[int] = []
    with requests.Session() as session:
        session.mount("http://in.process", Recording())
        session.hooks["response"].append(lambda response, **_: hooked.append(response.status_code))
        answer = RequestsTransport(session).send(Request("GET", f"http://in.process{ODD}"))
    assert (answer.status, answer.body, seen, hooked) == (201, b'{"result": 1}', [f"http://in.process{ODD}"], [201])


@pytest.mark.ours("what an adapter raises becomes one of our errors")
@pytest.mark.parametrize(
    "raised, expected, text",
    [
        (requests.ReadTimeout(), errors.ResponseTimeout, "timeout of 60000ms exceeded"),
        (requests.ConnectionError("secret"), errors.ConnectionFailed, "socket hang up"),
        (requests.exceptions.ChunkedEncodingError(), errors.ConnectionFailed, "stream has been aborted"),
        (requests.exceptions.ContentDecodingError(), errors.AnswerUnusable, "incorrect header check"),
    ],
)
def test_an_adapters_failures(raised: Exception, expected: type[errors.ConnectorError], text: str) -> None:
    class Failing(HTTPAdapter):
        def send(self, *args: Any, **kwargs: Any) -> requests.Response:
            raise raised

    with requests.Session() as session, pytest.raises(expected, match=f"^{text}$"):
        session.mount("http://", Failing())
        RequestsTransport(session).send(Request("GET", "http://h/"))


@pytest.mark.recorded("observed: a compressed answer is read, a broken one is refused")
def test_a_compressed_answer() -> None:
    packed = body_of(gzip.compress(b'{"result":[]}'), "Content-Encoding: gzip")
    with Wire(says(packed)).running() as server:
        assert get(Networking(), f"http://127.0.0.1:{server.port}/").body == b'{"result":[]}'
    with (
        Wire(says(body_of(b"no gzip", "Content-Encoding: gzip"))).running() as server,
        pytest.raises(errors.AnswerUnusable),
    ):
        get(Networking(), f"http://127.0.0.1:{server.port}/")


@pytest.mark.ours("a header that HTTP cannot carry is refused without showing it")
@pytest.mark.parametrize("value", ["Bearer a\r\nX: y", "Bearer \u20ac", "Bearer \x00"])
def test_a_header_that_cannot_be_sent(value: str) -> None:
    with pytest.raises(errors.AnswerUnusable) as caught:
        WireTransport().send(Request("GET", "http://127.0.0.1:1/", {"Authorization": value}))
    assert caught.value.message == 'Invalid character in header content ["Authorization"]'


# --- limits and broken connections --------------------------------------------------------------------------------


@pytest.mark.recorded("elastic/kibana#188115; observed with axios 1: exactly the limit passes")
@pytest.mark.parametrize("size, passes", [(1000, True), (1001, False)])
def test_the_size_limit_is_strictly_more(size: int, passes: bool) -> None:
    with Wire(says(body_of(b"x" * size))).running() as server:
        networking = Networking(max_response_content_length=1000)
        if passes:
            assert len(get(networking, f"http://127.0.0.1:{server.port}/").body) == size
        else:
            with pytest.raises(errors.ResponseTooLarge, match="^maxContentLength size of 1000 exceeded$"):
                get(networking, f"http://127.0.0.1:{server.port}/")


def test_two_megabytes_are_too_much_by_default_also_when_they_come_compressed() -> None:
    content = gzip.compress(b"x" * 2_000_000)
    with (
        Wire(says(body_of(content, "Content-Encoding: gzip"))).running() as server,
        pytest.raises(errors.ResponseTooLarge, match="^maxContentLength size of 1048576 exceeded$"),
    ):
        get(Networking(), f"http://127.0.0.1:{server.port}/")


def drip(sock: socket.socket, head: bytes) -> None:
    """Send one byte every little while, for ever: each byte would start a plain socket timeout anew."""
    sock.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while True:
        sock.sendall(b"x")
        threading.Event().wait(0.02)


def stall(sock: socket.socket, head: bytes) -> None:
    sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"res')
    sock.recv(1)


@pytest.mark.recorded("observed with axios 1")
@pytest.mark.parametrize(
    "respond, kind, text, code",
    [
        (lambda s, h: s.recv(1), errors.ResponseTimeout, "timeout of 150ms exceeded", "ECONNABORTED"),
        (drip, errors.ResponseTimeout, "timeout of 150ms exceeded", "ECONNABORTED"),
        (stall, errors.ConnectionFailed, "stream has been aborted", "ERR_BAD_RESPONSE"),
        (lambda s, h: None, errors.ConnectionFailed, "socket hang up", "ECONNRESET"),
        (says(b"SSH-2.0-x\r\n"), errors.ConnectionFailed, "Parse Error: Expected HTTP/", "HPE_INVALID_CONSTANT"),
        (
            says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"),
            errors.ConnectionFailed,
            "stream has been aborted",
            "ERR_BAD_RESPONSE",
        ),
    ],
    ids=["silent", "dripping", "stalled", "closed", "not-http", "cut-short"],
)
def test_a_server_that_does_not_answer_properly(
    respond: Callable[[socket.socket, bytes], None], kind: type[errors.ConnectorError], text: str, code: str
) -> None:
    with Wire(respond).running() as server, pytest.raises(kind) as caught:
        get(Networking(response_timeout=0.15), f"http://127.0.0.1:{server.port}/")
    assert (caught.value.message, caught.value.code, caught.value.retry) == (text, code, True)


@pytest.mark.recorded("observed with Node 20")
def test_nobody_listens_and_nobody_is_called_that() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(errors.ConnectionFailed, match=f"^connect ECONNREFUSED 127.0.0.1:{port}$"):
        get(Networking(), f"http://127.0.0.1:{port}/")
    # A name is shown as the address it stands for.
    with pytest.raises(errors.ConnectionFailed, match=f"^connect ECONNREFUSED (127.0.0.1|::1):{port}$"):
        get(Networking(), f"http://localhost:{port}/")
    with pytest.raises(errors.ConnectionFailed, match=r"^getaddrinfo (ENOTFOUND|EAI_AGAIN) nobody\.invalid$"):
        get(Networking(), "http://nobody.invalid/")


# --- TLS ------------------------------------------------------------------------------------------------------------

TLS_CASES = [
    # global mode, custom mode, certificate's name, the custom CA is given, documented, kibana
    ("full", None, "localhost", True, "ok", "ok"),
    ("full", None, "localhost", False, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
    ("full", None, "elsewhere", True, "ERR_TLS_CERT_ALTNAME_INVALID", "ERR_TLS_CERT_ALTNAME_INVALID"),
    ("certificate", None, "elsewhere", True, "ok", "ok"),
    ("certificate", None, "elsewhere", False, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
    ("none", None, "elsewhere", False, "ok", "ok"),
    ("full", "none", "elsewhere", False, "ok", "ok"),
    ("full", "certificate", "elsewhere", True, "ok", "ERR_TLS_CERT_ALTNAME_INVALID"),
    ("certificate", "full", "elsewhere", True, "ERR_TLS_CERT_ALTNAME_INVALID", "ok"),
    ("none", "full", "localhost", True, "ok", "ok"),
    ("none", "full", "localhost", False, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
    ("none", "certificate", "elsewhere", True, "ok", "ERR_TLS_CERT_ALTNAME_INVALID"),
]


@pytest.mark.parametrize("proxied", [False, True], ids=["straight", "proxied"])
@pytest.mark.parametrize("general, own, name, trusted, expected, in_kibana", TLS_CASES)
@pytest.mark.parametrize("preset", ["documented", "kibana-8.13", "kibana-9"])
def test_verification_modes(
    authority: Authority,
    preset: str,
    general: str,
    own: str | None,
    name: str,
    trusted: bool,
    expected: str,
    in_kibana: str,
    proxied: bool,
) -> None:
    wanted = expected if preset == "documented" else in_kibana
    with Wire(says(OK), authority.context(name)).running() as server, Wire(tunnel).running() as proxy:
        host = CustomHost(f"https://localhost:{server.port}", own, authority.pem if trusted else None)
        networking = Networking(
            verification_mode=general,
            custom_host_settings=(host,) if own or trusted else (),
            proxy_url=f"http://127.0.0.1:{proxy.port}" if proxied else None,
        )
        try:
            outcome = "ok" if get(networking, f"https://localhost:{server.port}/x", preset).status == 200 else "?"
        except errors.CertificateRefused as error:
            outcome = error.code or "?"
    assert outcome == wanted
    assert bool(server.heads) is (wanted == "ok"), "nothing may be sent to a server that is not verified"
    assert bool(proxy.heads) is proxied


@pytest.mark.recorded("observed: names and texts of Node for certificates it does not accept")
def test_expired_and_self_signed(authority: Authority) -> None:
    with Wire(says(OK), authority.context("localhost", days=5)).running() as server:
        host = CustomHost(f"https://localhost:{server.port}", None, authority.pem)
        with pytest.raises(errors.CertificateRefused, match="^certificate has expired$"):
            get(Networking(custom_host_settings=(host,)), f"https://localhost:{server.port}/")
        assert server.heads == []


def test_an_ip_address_in_the_certificate(authority: Authority) -> None:
    for name, fails in (("127.0.0.1", False), ("127.0.0.2", True)):
        with Wire(says(OK), authority.context(name)).running() as server:
            host = CustomHost(f"https://127.0.0.1:{server.port}", None, authority.pem)
            networking = Networking(custom_host_settings=(host,))
            if fails:
                with pytest.raises(errors.CertificateRefused, match="altnames"):
                    get(networking, f"https://127.0.0.1:{server.port}/")
            else:
                assert get(networking, f"https://127.0.0.1:{server.port}/").status == 200


@pytest.mark.recorded("observed: TLS towards a server that speaks none")
def test_tls_towards_a_plain_server() -> None:
    def shut(sock: socket.socket, head: bytes) -> None:
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with Wire(shut).running() as server, pytest.raises(errors.ConnectorError) as caught:
        get(Networking(response_timeout=2), f"https://127.0.0.1:{server.port}/")
    assert isinstance(caught.value, errors.CertificateRefused | errors.ConnectionFailed | errors.ResponseTimeout)


@pytest.mark.ours("CAs that are not certificates are a mistake in the settings, said so")
def test_authorities_that_are_not_pem(authority: Authority) -> None:
    with Wire(says(OK), authority.context("localhost")).running() as server:
        host = CustomHost(f"https://localhost:{server.port}", None, "not a certificate")
        with pytest.raises(errors.ConfigurationError, match="BEGIN CERTIFICATE"):
            get(Networking(custom_host_settings=(host,)), f"https://localhost:{server.port}/")


# --- proxies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lists, used",
    [
        ({}, True),
        ({"proxy_bypass_hosts": frozenset({"localhost"})}, False),
        ({"proxy_bypass_hosts": frozenset({"other"})}, True),
        ({"proxy_only_hosts": frozenset({"localhost"})}, True),
        ({"proxy_only_hosts": frozenset({"other"})}, False),
        ({"proxy_bypass_hosts": frozenset({"other"}), "proxy_only_hosts": frozenset({"other"})}, True),
    ],
)
def test_bypass_and_only_lists(lists: dict[str, Any], used: bool) -> None:
    with Wire(says(OK)).running() as server, Wire(tunnel).running() as proxy:
        networking = Networking(proxy_url=f"http://127.0.0.1:{proxy.port}", **lists)
        assert get(networking, f"http://localhost:{server.port}/x").status == 200
    assert (bool(proxy.heads), bool(server.heads)) == (used, True)


@pytest.mark.recorded("observed: Kibana's agents tunnel https only; Kibana docs: CONNECT and its headers always")
@pytest.mark.parametrize("preset, tunnels", [("documented", True), ("kibana-8.13", False), ("kibana-9", False)])
def test_plain_http_through_a_proxy(preset: str, tunnels: bool) -> None:
    with Wire(says(OK)).running() as server, Wire(tunnel).running() as proxy:
        networking = Networking(proxy_url=f"http://127.0.0.1:{proxy.port}", proxy_headers={"X-Proxy-Key": "k"})
        url = f"http://localhost:{server.port}/Path?q=Case%2Ba^z"
        assert get(networking, url, preset).status == 200
    head = proxy.heads[0].decode()
    if tunnels:
        assert head.startswith(f"CONNECT localhost:{server.port} HTTP/1.1\r\n")
        assert "X-Proxy-Key: k\r\n" in head
        assert "Authorization" not in head
        assert server.request_lines == ["GET /Path?q=Case%2Ba^z HTTP/1.1"]
    else:
        assert head.startswith(f"GET {url} HTTP/1.1\r\n")
        assert "X-Proxy-Key" not in head
        assert server.heads == []


@pytest.mark.parametrize("preset", ["documented", "kibana-8.13", "kibana-9"])
def test_https_through_a_proxy_sends_the_proxy_headers_to_the_proxy_only(authority: Authority, preset: str) -> None:
    with Wire(says(OK), authority.context("localhost")).running() as server, Wire(tunnel).running() as proxy:
        networking = Networking(
            proxy_url=f"http://127.0.0.1:{proxy.port}",
            proxy_headers={"X-Proxy-Key": "k"},
            custom_host_settings=(CustomHost(f"https://localhost:{server.port}", None, authority.pem),),
        )
        assert get(networking, f"https://localhost:{server.port}/x", preset).status == 200
    assert b"X-Proxy-Key: k" in proxy.heads[0]
    assert b"X-Proxy-Key" not in server.heads[0]
    assert b"Authorization" not in proxy.heads[0]


PROXY_TLS = [
    ("documented", "none", False, "ok"),
    ("documented", "full", True, "ok"),
    ("documented", "full", False, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
    ("kibana-9", "none", False, "ok"),
    ("kibana-9", "full", False, "ok"),
]


@pytest.mark.assumed("which settings speak for a TLS proxy is not documented; Kibana merges the target's onto it")
@pytest.mark.parametrize("preset, mode, trusts_proxy, expected", PROXY_TLS)
def test_a_proxy_that_speaks_tls_itself(
    authority: Authority, preset: str, mode: str, trusts_proxy: bool, expected: str
) -> None:
    context = authority.context("localhost")
    with Wire(says(OK), authority.context("localhost")).running() as server, Wire(tunnel, context).running() as proxy:
        hosts = [CustomHost(f"https://localhost:{server.port}", None, authority.pem)]
        if trusts_proxy:
            hosts.append(CustomHost(f"https://localhost:{proxy.port}", None, authority.pem))
        networking = Networking(
            proxy_url=f"https://localhost:{proxy.port}",
            proxy_verification_mode=mode,
            custom_host_settings=tuple(hosts),
        )
        try:
            outcome = str(get(networking, f"https://localhost:{server.port}/x", preset).status).replace("200", "ok")
        except errors.CertificateRefused as error:
            outcome = error.code or "?"
    assert outcome == expected


@pytest.mark.ours("a proxy that refuses is named as the one who refused")
def test_a_proxy_that_refuses() -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"
    with Wire(says(refusal)).running() as proxy:
        networking = Networking(proxy_url=f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(errors.ProxyRefused, match="407"):
            get(networking, "https://localhost:9/x")
    with Wire(lambda s, h: None).running() as proxy:
        networking = Networking(proxy_url=f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(errors.ConnectionFailed, match="before receiving CONNECT response"):
            get(networking, "https://localhost:9/x")


@pytest.mark.recorded("observed: axios is told to use no proxy of the environment")
def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(says(OK)).running() as server, Wire(tunnel).running() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert RequestsTransport().send(Request("GET", f"http://127.0.0.1:{server.port}/")).status == 200
    assert proxy.heads == []


# --- a whole connector over a socket ----------------------------------------------------------------------------------


@pytest.mark.ours("a connector with nothing but its settings works over a socket, from several threads")
def test_a_connector_over_a_socket(stage: Any) -> None:
    class Instance(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            content = json.dumps({"result": [{"element": "x"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Instance)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        transport = RequestsTransport()
        connector = stage.connector(transport, config={"apiUrl": f"http://127.0.0.1:{server.server_port}/"})
        results: list[Any] = []
        ask = {"subAction": "getFields", "subActionParams": {}}
        threads = [threading.Thread(target=lambda: results.append(connector.execute(ask).data)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
    assert results == [[{"element": "x"}]] * 8
