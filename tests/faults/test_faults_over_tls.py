"""Connections break over HTTPS as they do over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandtable.serving.server import Server
from sandtable.serving.tls.authority import open_authority
from sandtable.serving.tls.contexts import HostCertificates
from sandtable.web.worlds.worlds import World

pytestmark = pytest.mark.ours("a fault that cuts a connection cuts an encrypted one too")

ADMIN = ("admin", "admin")


@pytest.fixture(scope="module")
def secure(app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    authority = open_authority(tmp_path_factory.mktemp("ca"))
    certificates = HostCertificates(authority, ["127.0.0.1", "localhost"])
    with Server(app, tls=certificates.context) as running:
        yield running.url, authority.certificate_path


@pytest.mark.parametrize(
    "fault, parameters, written",
    [
        ("connection-reset", {}, 0),
        ("connection-reset", {"ending": "closed"}, 0),
        ("lost-answer", {}, 1),
        ("lost-answer", {"ending": "closed"}, 1),
        ("truncated-body", {}, 1),
        ("truncated-body", {"ending": "reset"}, 1),
    ],
)
def test_a_cut_connection(
    secure: tuple[str, Path], world: World, fault: str, parameters: dict[str, Any], written: int
) -> None:
    url, authority = secure
    incidents = world.instance.system().table("incident")
    before = incidents.count()
    world.faults.add({"fault": fault, "with": parameters, "times": 1})
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(authority)
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            session.post(f"{url}/api/now/table/incident", json={"urgency": "1"}, auth=ADMIN)
        assert incidents.count() == before + written
        answer = session.post(f"{url}/api/now/table/incident", json={"urgency": "1"}, auth=ADMIN)
    assert answer.status_code == 201
