"""Addresses beyond what the product reads, and the ways around them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Wire

    from sandtable.core.platform.instance import Instance

pytestmark = pytest.mark.sockets
INCIDENTS = "/api/now/table/incident"
PROPERTY = "sandtable.web.longest_address"


def long_path(length: int) -> str:
    """Return a list request of exactly so many characters; its query is about a column that does not exist."""
    path = f"{INCIDENTS}?sysparm_limit=1&sysparm_fields=sys_id&sysparm_query=nosuch=x"
    return path + "x" * (length - len(path))


@pytest.mark.parametrize("auth", [("admin", "admin"), None])
@pytest.mark.recorded("clients of the product: at 23,000 characters the answer is a page and no JSON")
def test_a_long_address_is_answered_with_a_page(wire: Wire, instance: Instance, auth: tuple[str, str] | None) -> None:
    answer = wire.get(long_path(23_000), auth=auth)
    assert (answer.status_code, answer.headers["Content-Type"]) == (414, "text/html;charset=UTF-8")
    assert "23000 characters" in answer.text


@pytest.mark.parametrize("length, status", [(8_182, 200), (8_347, 414)])
@pytest.mark.recorded("LetPeopleWork/Lighthouse: an Australia instance reads 8,182 characters and refuses 8,347")
def test_what_an_instance_was_seen_to_read(wire: Wire, instance: Instance, length: int, status: int) -> None:
    assert wire.get(long_path(length)).status_code == status


@pytest.mark.parametrize(
    "value, length, status",
    [
        ("16384", 16_384, 200),
        ("16384", 16_385, 414),
        ("2000", 2001, 414),
        ("2000", 2000, 200),
        ("1", 1024, 200),
        ("1", 1025, 414),
        ("0", 23_000, 200),
        ("many", 8_193, 414),
        ("", 8_192, 200),
    ],
)
@pytest.mark.assumed("where between 8,182 and 8,347 characters the product stops reading")
def test_the_length_is_a_property(wire: Wire, instance: Instance, value: str, length: int, status: int) -> None:
    instance.set_property(PROPERTY, value)
    path = long_path(length)
    assert len(path) == length
    assert wire.get(path).status_code == status


@pytest.mark.recorded("a client library asks more in a batch request than an address may hold, and gets rows")
def test_a_batch_request_is_the_way_around(wire: Wire, instance: Instance) -> None:
    instance.system().table("incident").insert({})
    item = {"id": "1", "method": "GET", "url": long_path(30_000), "headers": []}
    answer = wire.post("/api/now/v1/batch", json={"batch_request_id": "1", "rest_requests": [item]})
    served = answer.json()["serviced_requests"][0]
    assert served["status_code"] == 200
    assert len(json.loads(base64.b64decode(served["body"]))["result"]) == 1


@pytest.mark.recorded("clients of the product: a tiny URL behaves like the long one")
def test_a_tiny_url_is_the_way_around(wire: Wire, instance: Instance) -> None:
    kept = wire.post("/api/now/tinyurl", json={"url": wire.base_url + long_path(30_000)}).json()["result"]
    answer = wire.get(f"{INCIDENTS}?sysparm_tiny={kept.partition('sysparm_tiny=')[2]}")
    assert answer.status_code == 200


@pytest.mark.ours("no header is longer than what clients can read; the ledger says what was left out")
def test_links_too_long_to_read_are_left_out(wire: Wire, instance: Instance) -> None:
    instance.set_property(PROPERTY, "0")
    answer = wire.get(long_path(23_000))
    assert (answer.status_code, answer.json(), "X-Total-Count" in answer.headers) == (200, {"result": []}, True)
    assert "Link" not in answer.headers
    assert "header:Link" in answer.headers["X-Sandtable-Unsimulated"]
    assert "Link" in wire.get(long_path(5000)).headers
