"""What every answer carries: the platform's headers and cookies, gzip, and our own ledger headers."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import pytest

from sandtable.core.platform.instance import Instance
from sandtable.library.in_process import WSGIAdapter
from sandtable.serving.assembly import create_instance
from sandtable.web.app import create_app
from sandtable.web.journal.request_log import RequestLog
from sandtable.web.worlds.worlds import Worlds

if TYPE_CHECKING:
    from tests.web.conftest import Wire

LIST = "/api/now/table/incident?sysparm_limit=1"
FIXED = {
    "Server-Timing": "sem_wait;dur=0, sesh_wait;dur=0",
    "X-Content-Type-Options": "nosniff",
    "Pragma": "no-store,no-cache",
    "Cache-Control": "no-cache,no-store,must-revalidate,max-age=-1",
    "Expires": "0",
    "Content-Type": "application/json;charset=UTF-8",
    "Server": "ServiceNow",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Is-Logged-In": "true",
}


@pytest.mark.recorded("the captured headers of a list request")
def test_the_headers_of_a_list(wire: Wire) -> None:
    headers = wire.get(LIST).headers
    assert {name: headers.get(name) for name in FIXED} == FIXED
    assert re.fullmatch(r"[0-9a-f]{12}", headers["X-Transaction-ID"])
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers["Date"])


@pytest.mark.parametrize("path", [LIST, "/api/now/table/nosuch", "/api/nosuch", "/api/now/table/incident/nosuch"])
@pytest.mark.recorded("captured: errors carry the same headers")
def test_errors_carry_them_too(wire: Wire, path: str) -> None:
    headers = wire.get(path).headers
    assert {name: headers.get(name) for name in FIXED} == FIXED


@pytest.mark.assumed("vdesabou/kafka-docker-playground#7871, June 2026; that t tells X-Transaction-ID is a reading")
def test_the_newer_names_of_the_server(wire: Wire, instance: Instance) -> None:
    instance.set_property("sandtable.web.newer_server_headers", "true")
    for path in (LIST, "/api/now/table/nosuch"):
        headers = wire.get(path).headers
        assert headers["Server"] == "snow_adc"
        assert headers["Server-Timing"] == f't;desc="{headers["X-Transaction-ID"]}", {FIXED["Server-Timing"]}'


@pytest.mark.recorded("the captured cookies of the first authenticated answer")
def test_cookies(wire: Wire) -> None:
    answer = wire.get(LIST)
    lines = answer.raw.headers.getlist("Set-Cookie")
    end = r"HttpOnly; SameSite=Lax"
    date = r"\w{3}, \d\d-\w{3}-\d{4} \d\d:\d\d:\d\d GMT"
    expected = [
        rf"JSESSIONID=[0-9A-F]{{32}}; Path=/; {end}",
        rf"glide_user=; Max-Age=0; Expires=Thu, 01-Jan-1970 00:00:10 GMT; Path=/; {end}",
        rf"glide_user_session=; Max-Age=0; Expires=Thu, 01-Jan-1970 00:00:10 GMT; Path=/; {end}",
        rf"glide_user_route=glide\.[0-9a-f]{{32}}; Max-Age=2147483647; Expires={date}; Path=/; {end}",
        rf"glide_session_store=[0-9A-F]{{32}}; Max-Age=1800; Expires={date}; Path=/; {end}",
        r"BIGipServerpool_dev00000=\d+\.\d+\.0000; path=/; Httponly",
    ]
    assert len(lines) == len(expected)
    assert [line for line, form in zip(lines, expected, strict=True) if not re.fullmatch(form, line)] == []


@pytest.mark.recorded("over HTTPS the captured cookies are SameSite=None and Secure")
def test_cookies_over_https(app: object, instance: Instance) -> None:
    import requests

    asked = requests.Request("GET", f"https://dev00000.example.com{LIST}", auth=("admin", "admin")).prepare()
    lines = WSGIAdapter(app).send(asked).raw.headers.getlist("Set-Cookie")  # type: ignore[arg-type]
    assert [line for line in lines if not line.endswith("Secure")] == []
    assert lines[0].endswith("; Path=/; HttpOnly; SameSite=None; Secure")


@pytest.mark.recorded("captured: answers are gzip when the client accepts it")
def test_gzip(wire: Wire, instance: Instance) -> None:
    instance.system().table("incident").insert({"description": "long " * 500})
    path = "/api/now/table/incident?sysparm_query=descriptionLIKElong"
    packed = wire.get(path)
    assert packed.headers["Content-Encoding"] == "gzip"
    for encoding in ("identity", "gzip;q=0", "br"):
        plain = wire.get(path, headers={"Accept-Encoding": encoding})
        assert "Content-Encoding" not in plain.headers
        assert plain.json() == packed.json()


@pytest.mark.recorded("the link host is the instance's own address when it has one")
def test_the_configured_address(wire: Wire, instance: Instance) -> None:
    instance.base_url = "https://acme.service-now.com"
    try:
        made = wire.post("/api/now/table/incident", json={})
        assert made.headers["Location"].startswith("https://acme.service-now.com/api/now/table/incident/")
        assert made.json()["result"]["opened_by"]["link"].startswith("https://acme.service-now.com/api/now/table/")
        instance.set_property("glide.rest.replace_request_host_with_property", "false")
        assert wire.post("/api/now/table/incident", json={}).headers["Location"].startswith(wire.base_url)
    finally:
        instance.base_url = ""


@pytest.mark.parametrize("host", ['evil"><script>', "a b", "x/../y", "", "\u00e4", "h:99999999"])
@pytest.mark.ours("a Host header that is no host name is not reflected")
def test_a_hostile_host(app: object, instance: Instance, host: str) -> None:
    import requests

    asked = requests.Request(
        "POST", "http://dev00000.example.com/api/now/table/incident", auth=("admin", "admin"), json={}
    )
    prepared = asked.prepare()
    prepared.headers["Host"] = host.encode()
    answer = WSGIAdapter(app).send(prepared)  # type: ignore[arg-type]
    assert answer.status_code < 500
    if answer.status_code == 201:
        assert answer.headers["Location"].startswith("http://dev00000.example.com")


@pytest.mark.parametrize(
    "path, note",
    [
        (f"{LIST}&sysparm_orderby=number", "parameter:sysparm_orderby"),
        (f"{LIST}&sysparm_sort=number&sysparm_x%0d%0aY:%201=2", "parameter:sysparm_sort"),
        (f"{LIST}&nosuch=1", "parameter:nosuch"),
        ("/api/now/nosuch", "path:/api/now/nosuch"),
    ],
)
@pytest.mark.ours("what is not simulated is named in a header, and refused in strict mode")
def test_the_ledger(wire: Wire, instance: Instance, path: str, note: str) -> None:
    answer = wire.get(path)
    assert note in answer.headers["X-Sandtable-Unsimulated"]
    assert note in [str(entry) for entry in instance.ledger.entries()]
    instance.ledger.strict = True
    refused = wire.get(path)
    assert (refused.status_code, refused.headers["X-Sandtable-Error"]) == (501, "unsimulated")
    assert refused.json()["error"]["message"].startswith("Not simulated by Sandtable: ")
    assert wire.get(LIST).status_code == 200


@pytest.mark.ours("an answer is explained when the request asks for it, and only then")
def test_explanations(wire: Wire) -> None:
    path = f"{LIST}&sysparm_fields=number,nosuch"
    assert "X-Sandtable-Explain" not in wire.get(path).headers
    wire.post("/api/now/table/incident", json={})
    assert (
        "incident has no column nosuch"
        in wire.get(path, headers={"X-Sandtable-Explain": "true"}).headers["X-Sandtable-Explain"]
    )


@pytest.mark.documented("ServiceNow docs: X-WantSessionDebugMessages adds debug logs beside the result")
def test_debug_messages(wire: Wire) -> None:
    answer = wire.get(f"{LIST}&sysparm_fields=nosuch", headers={"X-WantSessionDebugMessages": "true"})
    assert isinstance(answer.json()["session"]["debug_logs"], list)
    assert "session" not in wire.get(LIST).json()


@pytest.mark.ours("one line per request, as text or JSON")
@pytest.mark.parametrize("kind", ["text", "json", "off"])
def test_the_log(instance: Instance, kind: str) -> None:
    import requests

    stream = io.StringIO()
    app = create_app(Worlds(instance), log=RequestLog(kind, stream))
    long = f"/api/{'a' * 100_000}"
    asked = ((f"{LIST}&password=s3cret", ("admin", "admin")), ("/api/nosuch%0aforged", None), (long, None))
    for path, auth in asked:
        WSGIAdapter(app).send(requests.Request("GET", f"http://dev00000.example.com{path}", auth=auth).prepare())
    written = stream.getvalue()
    assert "s3cret" not in written
    assert "YWRtaW4" not in written
    lines = written.splitlines()
    assert len(lines) == (0 if kind == "off" else 3)
    assert len(written) < 5_000
    if kind == "json":
        first, second, third = (json.loads(line) for line in lines)
        assert third["target"].endswith(f"...[{len(long)}]")
        assert (first["status"], first["user"], first["table"], first["method"]) == (200, "admin", "incident", "GET")
        assert (second["status"], second["user"]) == (401, "")
    if kind == "text":
        assert " 200 GET /api/now/table/incident?sysparm_limit=1" in lines[0]


@pytest.mark.ours("ids are repeatable by seed")
def test_seeded_answers() -> None:
    import requests

    def ids() -> list[str]:
        app = create_app(Worlds(create_instance(random_seed=42)))
        asked = requests.Request(
            "POST", "http://x.example.com/api/now/table/incident", auth=("admin", "admin"), json={}
        )
        answer = WSGIAdapter(app).send(asked.prepare())
        return [answer.json()["result"]["sys_id"], answer.headers["X-Transaction-ID"]]

    assert ids() == ids()


@pytest.mark.ours("worlds are apart: by path, and by host name")
def test_worlds(instance: Instance) -> None:
    import requests

    worlds = Worlds(instance, make=lambda name, **_: create_instance(name=name))
    worlds.create("alpha")
    transport = WSGIAdapter(create_app(worlds))

    def call(method: str, url: str) -> requests.Response:
        asked = requests.Request(method, url, auth=("admin", "admin"), json={} if method == "POST" else None)
        return transport.send(asked.prepare())

    made = call("POST", "http://127.0.0.1/_worlds/alpha/api/now/table/incident")
    assert made.headers["Location"].startswith("http://127.0.0.1/_worlds/alpha/api/now/table/incident/")
    record = made.headers["Location"].rpartition("/")[2]
    assert call("GET", made.headers["Location"]).status_code == 200
    assert call("GET", f"http://alpha.service-now.com/api/now/table/incident/{record}").status_code == 200
    assert call("GET", f"http://dev00000.service-now.com/api/now/table/incident/{record}").status_code == 404
    assert call("GET", f"http://127.0.0.1/api/now/table/incident/{record}").status_code == 404
    worlds.drop("alpha")
    assert call("GET", f"http://alpha.service-now.com/api/now/table/incident/{record}").status_code == 404
