"""What was seen on real instances, asked of this one in process: one answer each, a socket would prove nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.web.conftest import IN_PROCESS_URL, Wire

from sandtable.core.platform.instance import Instance
from sandtable.library.in_process import WSGIAdapter


@pytest.fixture
def wire(app: Any, instance: Instance) -> Iterator[Wire]:
    """A client of the instance, in process only."""
    client = Wire(IN_PROCESS_URL, WSGIAdapter(app))
    yield client
    client.close()


@pytest.fixture
def made(wire: Wire) -> Callable[..., dict[str, Any]]:
    """Return what makes a record by the Table API and returns it as the answer has it."""

    def make(table: str, **values: Any) -> dict[str, Any]:
        answer = wire.post(f"/api/now/table/{table}", json=values)
        assert answer.status_code == 201, answer.text
        record: dict[str, Any] = answer.json()["result"]
        return record

    return make
