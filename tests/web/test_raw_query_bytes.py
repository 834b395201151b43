"""A query string in another encoding than UTF-8, as it comes from clients that do not quote."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from sandtable.core.platform.instance import Instance
    from sandtable.serving.server import Server


@pytest.mark.ours("bytes of a query that are no UTF-8 are no failure of the simulator")
def test_bytes_that_are_no_utf8(server: Server, instance: Instance) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
        connection.sendall(
            b"GET /api/now/table/incident?sysparm_query=short_descriptionLIKE\xfc HTTP/1.1\r\nHost: x\r\n"
            b"Authorization: Basic YWRtaW46YWRtaW4=\r\nConnection: close\r\n\r\n"
        )
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200 ")
