"""Where one request ends and the next begins is never in doubt: what RFC 9112 refuses, nothing is done about."""

from __future__ import annotations

import pytest
from tests.reliability.raw import BASIC, INCIDENTS, exchanged, posted, statuses

from sandtable.core.platform.instance import Instance
from sandtable.serving.server import Server

BODY = '{"short_description":"framed"}'
LENGTH = f"Content-Length: {len(BODY)}\r\n"
CHUNK = f"{len(BODY):x}\r\n{BODY}\r\n0\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
REFUSED = {
    "both lengths": (CHUNKED + LENGTH, CHUNK),
    "both lengths, the other way round": (LENGTH + CHUNKED, CHUNK),
    "two lengths": (LENGTH + "Content-Length: 2\r\n", BODY),
    "two lengths in one line": (f"Content-Length: {len(BODY)}, 2\r\n", BODY),
    "a length with a sign": (f"Content-Length: +{len(BODY)}\r\n", BODY),
    "a length with an underscore": ("Content-Length: 3_0\r\n", BODY),
    "a length in hex": ("Content-Length: 0x1e\r\n", BODY),
    "a negative length": ("Content-Length: -1\r\n", BODY),
    "an empty length": ("Content-Length:\r\n", BODY),
    "a blank before the colon": (f"Content-Length : {len(BODY)}\r\n", BODY),
    "a blank before the colon of another": (LENGTH + "X-Other : 1\r\n", BODY),
    "a folded line": (LENGTH + "X-Other: 1\r\n 2\r\n", BODY),
    "a folded first line": (" X-Other: 1\r\n" + LENGTH, BODY),
    "a line without a colon": (LENGTH + "X-Other\r\n", BODY),
    "an empty name": (LENGTH + ": 1\r\n", BODY),
    "a name that is no token": (LENGTH + "X(Other): 1\r\n", BODY),
    "a zero byte": (LENGTH + "X-Other: a\x00b\r\n", BODY),
    "a bare carriage return": (LENGTH + "X-Other: a\rb\r\n", BODY),
    "a bare line feed": (LENGTH + "X-Other: a\nX-More: b\r\n", BODY),
    "a coding that nobody knows": ("Transfer-Encoding: sandwich\r\n", CHUNK),
    "chunked twice": ("Transfer-Encoding: chunked, chunked\r\n", CHUNK),
    "chunked in two lines": (CHUNKED + CHUNKED, CHUNK),
    "chunked and not last": ("Transfer-Encoding: chunked, identity\r\n", CHUNK),
    "chunked with something before it": ("Transfer-Encoding: \x0bchunked\r\n", CHUNK),
    "a chunk size with a sign": (CHUNKED, "+" + CHUNK),
    "a chunk size in the notation of C": (CHUNKED, "0x" + CHUNK),
    "a chunk size with a blank before it": (CHUNKED, " " + CHUNK),
    "a chunk size with an underscore": (CHUNKED, f"1_e\r\n{BODY}\r\n0\r\n\r\n"),
    "a negative chunk size": (CHUNKED, f"-1e\r\n{BODY}\r\n0\r\n\r\n"),
    "an empty chunk size": (CHUNKED, f"\r\n{BODY}\r\n0\r\n\r\n"),
    "a chunk longer than its size": (CHUNKED, f"1d\r\n{BODY}\r\n0\r\n\r\n"),
    "a chunk that ends without a line break": (CHUNKED, f"1e\r\n{BODY}xx0\r\n\r\n"),
}
HOSTS = {
    "no host": "",
    "two hosts": "Host: localhost\r\nHost: localhost\r\n",
    "two different hosts": "Host: localhost\r\nHost: example.com\r\n",
    "a port beyond the last": "Host: localhost:99999\r\n",
    "a port that is no number": "Host: localhost:http\r\n",
    "a host with a blank": "Host: local host\r\n",
    "a host with a path": "Host: localhost/a\r\n",
    "a host with a user": "Host: user@localhost\r\n",
    "two hosts in one line": "Host: localhost, example.com\r\n",
}
LINES = {
    "no version": "POST {path}\r\n",
    "two blanks": "POST  {path} HTTP/1.1\r\n",
    "a version in small letters": "POST {path} http/1.1\r\n",
    "a version of one digit": "POST {path} HTTP/1\r\n",
    "a target with a fragment": "POST {path}#a HTTP/1.1\r\n",
    "a method that is no token": "PO(ST {path} HTTP/1.1\r\n",
    "a tab between": "POST\t{path}\tHTTP/1.1\r\n",
}
SECOND = f"GET {INCIDENTS}?sysparm_limit=1 HTTP/1.1\r\nHost: localhost\r\n{BASIC}Connection: close\r\n\r\n".encode()


def _refused(running: Server, instance: Instance, data: bytes) -> None:
    incidents = instance.system().table("incident")
    before = incidents.count()
    # What stands behind a refused request must not be taken for the next one.
    found = statuses(exchanged(running.url, data + SECOND, half_close=True))
    assert incidents.count() == before
    assert len(found) == 1, found
    assert 400 <= found[0] < 500 or found[0] in (501, 505), found


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.documented("RFC 9112, 5.1, 6.1, 6.3, 7.1: a server refuses a message whose end could be read in two ways")
def test_ambiguous_framing_is_refused(running: Server, instance: Instance, name: str) -> None:
    headers, body = REFUSED[name]
    _refused(running, instance, posted(headers, body))


@pytest.mark.parametrize("name", HOSTS)
@pytest.mark.documented(
    "RFC 9112, 3.2: a request of HTTP/1.1 with no, more than one, or an invalid Host is answered 400"
)
def test_hosts_are_checked_first(running: Server, instance: Instance, name: str) -> None:
    _refused(running, instance, posted(LENGTH, BODY, host=HOSTS[name]))


@pytest.mark.parametrize("name", LINES)
@pytest.mark.documented("RFC 9112, 3: method SP request-target SP HTTP-version")
def test_request_lines_are_checked(running: Server, instance: Instance, name: str) -> None:
    line = LINES[name].format(path=INCIDENTS)
    head = f"{line}Host: localhost\r\n{BASIC}Content-Type: application/json\r\nConnection: close\r\n{LENGTH}\r\n"
    _refused(running, instance, head.encode() + BODY.encode())


ACCEPTED = {
    "a length": (LENGTH, BODY),
    "chunks": (CHUNKED, CHUNK),
    "a chunk with an extension": (CHUNKED, f"1e;name=value\r\n{BODY}\r\n0\r\n\r\n"),
    "a chunk size in capitals and with zeros": (CHUNKED, f"001E\r\n{BODY}\r\n0\r\n\r\n"),
    "trailers": (CHUNKED, f"1e\r\n{BODY}\r\n0\r\nX-Sum: 1\r\n\r\n"),
    "the coding in capitals": ("Transfer-Encoding: Chunked\r\n", CHUNK),
    "the same length twice in one line's worth": (LENGTH, BODY),
    "no blank after the colon": (f"Content-Length:{len(BODY)}\r\n", BODY),
    "blanks around a value": (f"Content-Length: \t {len(BODY)} \t\r\n", BODY),
    "letters outside ASCII": (LENGTH + "X-Other: \xe9\r\n", BODY),
}


@pytest.mark.parametrize("name", ACCEPTED)
@pytest.mark.documented("RFC 9112, 6 and 7: what a sender may write is read")
def test_valid_framing_is_read(running: Server, instance: Instance, name: str) -> None:
    headers, body = ACCEPTED[name]
    assert statuses(exchanged(running.url, posted(headers, body))) == [201]
    newest = instance.system().table("incident").query("ORDERBYDESCsys_created_on^short_description=framed")
    assert len(list(newest)) == 1


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1", "[::1]:80", "acme.service-now.com", "a_b"]
)
@pytest.mark.documented("RFC 9110, 7.2: Host is a host and perhaps a port")
def test_valid_hosts_are_taken(running: Server, instance: Instance, host: str) -> None:
    assert statuses(exchanged(running.url, posted(LENGTH, BODY, host=f"Host: {host}\r\n"))) == [201]


@pytest.mark.ours("a header with underscores is none of those with dashes, which something in between may have removed")
def test_underscores_are_no_dashes(running: Server, instance: Instance) -> None:
    incidents = instance.system().table("incident")
    before = incidents.count()
    (status,) = statuses(exchanged(running.url, posted(LENGTH + "X_HTTP_Method_Override: GET\r\n", BODY)))
    assert status == 201
    assert incidents.count() == before + 1
    without = BASIC.replace("Authorization", "X-Other")
    head = f"GET {INCIDENTS} HTTP/1.1\r\nHost: localhost\r\n{without}Connection: close\r\n\r\n"
    key = "X_Sandtable_Token: a\r\n"
    assert statuses(exchanged(running.url, head.replace("Connection", key + "Connection", 1).encode())) == [401]


@pytest.mark.parametrize(
    "path, kind, body, cut",
    [
        (INCIDENTS, "application/json", BODY, 0),
        (INCIDENTS, "application/json", BODY, 5),
        (
            "/api/now/attachment/file?table_name=incident&table_sys_id={sys_id}&file_name=a.txt",
            "text/plain",
            "abcdef",
            3,
        ),
        ("/_sandtable/load", "application/json", '{"incident":[{"short_description":"framed"}]}', 0),
        ("/api/now/import/x_elas2_inc_int_elastic_incident", "application/json", '{"u_correlation_id":"a"}', 0),
    ],
    ids=["whole JSON in a longer body", "cut JSON", "a file", "the test plane", "an import"],
)
@pytest.mark.documented("RFC 9112, 8: a message with fewer bytes than its Content-Length is incomplete")
def test_a_short_body_writes_nothing(
    running: Server, instance: Instance, path: str, kind: str, body: str, cut: int
) -> None:
    system = instance.system()
    sys_id = system.table("incident").insert({"short_description": "target"}).sys_id
    tables = ("incident", "sys_attachment", "x_elas2_inc_int_elastic_incident")
    before = [system.table(name).count() for name in tables]
    sent = body[: len(body) - cut]
    head = (
        f"POST {path.format(sys_id=sys_id)} HTTP/1.1\r\nHost: localhost\r\n{BASIC}Content-Type: {kind}\r\n"
        f"Content-Length: {len(body) + 10}\r\n\r\n"
    )
    found = statuses(exchanged(running.url, (head + sent).encode(), half_close=True))
    assert found in ([400], []), found
    assert [system.table(name).count() for name in tables] == before


@pytest.mark.documented("RFC 9112, 8: a form cut in its middle is incomplete, and no file is made of it")
def test_a_short_form_writes_nothing(running: Server, instance: Instance) -> None:
    system = instance.system()
    sys_id = system.table("incident").insert({"short_description": "target"}).sys_id
    parts = (("table_name", "incident"), ("table_sys_id", sys_id))
    form = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts)
    form += '--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nabc'
    head = (
        f"POST /api/now/attachment/upload HTTP/1.1\r\nHost: localhost\r\n{BASIC}"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(form) + 40}\r\n\r\n"
    )
    before = system.table("sys_attachment").count()
    assert statuses(exchanged(running.url, (head + form).encode(), half_close=True)) in ([400], [])
    assert system.table("sys_attachment").count() == before
