"""`connector serve` for this machine alone answers by the machine's own names; with a key it answers by any."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.reliability.raw import exchanged, statuses

from sandtable_connector.kibana_api.routes import KibanaApi
from sandtable_connector.kibana_api.server import KibanaServer, is_local_name
from sandtable_connector.registry import Registry

pytestmark = pytest.mark.ours("no page reaches the connectors by leading a name of its own to this machine")


def _asked(url: str, hosts: str, more: str = "") -> int:
    head = f"GET /api/actions/connector_types HTTP/1.1\r\n{hosts}{more}Connection: close\r\n\r\n"
    (status,) = statuses(exchanged(url, head.encode()))
    return status


def test_names(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.db")
    with KibanaServer(KibanaApi(registry)) as server:
        for host in ("localhost", "127.0.0.1:5601", "[::1]:5601", "a.localhost"):
            assert _asked(server.url, f"Host: {host}\r\n") == 200
        for hosts in (
            "Host: example.com\r\n",
            "Host: localhost.example.com\r\n",
            "Host: localhost\r\nHost: localhost\r\n",
        ):
            assert _asked(server.url, hosts) == 403
    with KibanaServer(KibanaApi(registry, api_key="k"), open_to_others=True) as server:
        assert _asked(server.url, "Host: kibana.example.com\r\n", "Authorization: ApiKey k\r\n") == 200
        assert _asked(server.url, "Host: kibana.example.com\r\n") == 401


def test_a_request_that_names_no_host_came_from_no_page() -> None:
    assert is_local_name("")
    assert not is_local_name("10.0.0.1")


def test_a_short_body_does_nothing(tmp_path: Path) -> None:
    with KibanaServer(KibanaApi(Registry(tmp_path / "registry.db"))) as server:
        head = "POST /api/actions/connector HTTP/1.1\r\nHost: localhost\r\nkbn-xsrf: a\r\nContent-Length: 50\r\n\r\n{}"
        assert statuses(exchanged(server.url, head.encode(), half_close=True)) == [400]
