"""A client that is slow with its body keeps nobody waiting but itself."""

from __future__ import annotations

import base64
import json
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

from sandtable.core.platform.instance import Instance

if TYPE_CHECKING:
    from sandtable.serving.server import Server

ADMIN = ("admin", "admin")


@pytest.mark.parametrize("path", ["/api/now/table/incident", "/api/now/import/x_elas2_inc_int_elastic_incident"])
@pytest.mark.ours("the world is locked while a view runs, and a view runs when its body is there")
def test_others_are_answered_meanwhile(server: Server, instance: Instance, path: str) -> None:
    body = json.dumps({"short_description": "slow", "u_short_description": "slow"}).encode()
    where = urlsplit(server.url)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
        f"Authorization: Basic {base64.b64encode(b'admin:admin').decode()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((where.hostname or "", where.port or 0)) as slow:
        slow.sendall(head.encode() + body[:5])
        incidents = f"{server.url}/api/now/table/incident"
        quick = requests.post(incidents, auth=ADMIN, json={"short_description": "quick"}, timeout=60)
        assert quick.status_code == 201
        slow.sendall(body[5:])
        answer = slow.recv(65536)
        assert answer.startswith(b"HTTP/1.1 201"), answer
    found = requests.get(f"{incidents}?sysparm_fields=short_description", auth=ADMIN).json()["result"]
    assert [each["short_description"] for each in found] == ["quick", "slow"]
