"""Inside `mock_servicenow` no client reaches the network; the standard library and aiohttp are answered as well."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import urllib.error
import urllib.request
from typing import Any

import pytest
import urllib3

from sandtable.library.mock import mock_servicenow

pytestmark = pytest.mark.ours("a call inside the mock is answered in this process, or refused by name with the way out")

HOST = "acme.service-now.com"
URL = f"https://{HOST}/api/now/table/incident"
BASIC = {"Authorization": f"Basic {base64.b64encode(b'admin:admin').decode()}", "Content-Type": "application/json"}
BODY = json.dumps({"short_description": "from é"}).encode()


def by_urllib(method: str, url: str, body: bytes | None) -> tuple[int, bytes]:
    asked = urllib.request.Request(url, data=body, headers=BASIC, method=method)
    with urllib.request.urlopen(asked) as answer:
        return answer.status, answer.read()


def by_http_client(method: str, url: str, body: bytes | None) -> tuple[int, bytes]:
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connection = kind(host, timeout=5)
    connection.request(method, f"/{path}", body, BASIC)
    answer = connection.getresponse()
    return answer.status, answer.read()


def by_urllib3(method: str, url: str, body: bytes | None) -> tuple[int, bytes]:
    with urllib3.PoolManager() as pool:
        answer = pool.request(method, url, body=body, headers=BASIC, retries=False)
        again = pool.request("GET", url, headers=BASIC, retries=False)
        assert again.status == 200
        return answer.status, answer.data


def by_urllib3_in_chunks(method: str, url: str, body: bytes | None) -> tuple[int, bytes]:
    with urllib3.PoolManager() as pool:
        pieces = iter([body[:5], body[5:]]) if body else None
        answer = pool.request(method, url, body=pieces, headers=BASIC, retries=False, chunked=bool(body))
        return answer.status, answer.data


def by_aiohttp(method: str, url: str, body: bytes | None) -> tuple[int, bytes]:
    aiohttp = pytest.importorskip("aiohttp")

    async def call() -> tuple[int, bytes]:
        async with aiohttp.ClientSession() as session:
            async with session.request(method, url, data=body, headers=BASIC) as answer:
                first = answer.status, await answer.read()
            async with session.get(url, headers=BASIC) as answer:
                assert answer.status == 200
            return first

    return asyncio.run(call())


CLIENTS = (by_urllib, by_http_client, by_urllib3, by_urllib3_in_chunks, by_aiohttp)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_every_client_is_answered(client: Any) -> None:
    with mock_servicenow(f"https://{HOST}") as servicenow:
        status, body = client("POST", URL, BODY)
        assert status == 201
        assert json.loads(body)["result"]["short_description"] == "from é"
        status, body = client("GET", f"{URL}?sysparm_fields=short_description", None)
        assert json.loads(body)["result"] == [{"short_description": "from é"}]
        assert len(servicenow.table("incident").query("")) == 1


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_every_other_address_is_refused(client: Any) -> None:
    with mock_servicenow(f"https://{HOST}"), pytest.raises(Exception, match=r"pass_through=\['other\.invalid'\]"):
        client("GET", "http://other.invalid/a", None)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_faults_reach_every_client(client: Any) -> None:
    with mock_servicenow(f"https://{HOST}") as servicenow:
        servicenow.faults.add({"fault": "connection-reset", "times": 1})
        with pytest.raises(Exception) as cut:
            client("POST", URL, BODY)  # which no client sends again by itself
        assert not isinstance(cut.value, AssertionError)
        assert client("GET", URL, None)[0] == 200


def test_what_was_there_before_is_put_back() -> None:
    before = http.client.HTTPConnection.connect, urllib3.connection.HTTPSConnection.connect
    with mock_servicenow(f"https://{HOST}"):
        assert http.client.HTTPConnection.connect is not before[0]
    assert (http.client.HTTPConnection.connect, urllib3.connection.HTTPSConnection.connect) == before
