"""What takes longer than a request may work is cancelled, in the words of the product."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from sandtable.core.platform.instance import Instance
from sandtable.web import app as web_app

ADMIN = ("admin", "admin")  # for tests only
CANCELLED = "Transaction cancelled: maximum execution time exceeded"
QUOTA = "sandtable.quota.rest_seconds"
GROUPS = "/api/now/stats/incident?sysparm_count=true&sysparm_group_by=state"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each look at the clock find forty seconds gone."""
    ticks = count(0, 40)
    clock = SimpleNamespace(monotonic=lambda: float(next(ticks)), perf_counter=lambda: 0.0)
    monkeypatch.setattr(web_app, "time", clock)


def asked(http: Any, path: str = GROUPS) -> requests.Response:
    session, url = http
    answer: requests.Response = session.get(f"{url}{path}", auth=ADMIN)
    return answer


@pytest.fixture
def http(instance: Instance) -> tuple[requests.Session, str]:
    from sandtable.library.in_process import DEFAULT_URL, app_for, session_for

    return session_for(app_for(instance), DEFAULT_URL), DEFAULT_URL


@pytest.mark.documented("ServiceNow knowledge base KB1297438: the response to a call that a transaction quota cancels")
def test_the_refusal(http: Any, instance: Instance, hurried: None) -> None:
    instance.set_property(QUOTA, "30")
    instance.system().table("incident").insert({"short_description": "one group"})
    answer = asked(http)
    assert answer.status_code == 500
    assert answer.json()["error"]["message"] == CANCELLED
    assert answer.json()["error"]["detail"].startswith(f"{CANCELLED} Check logs for error trace")
    assert answer.json()["status"] == "failure"


@pytest.mark.parametrize("seconds", ["0", "90000"])
@pytest.mark.ours("the quota is a property, and 0 is none")
def test_time_enough(http: Any, instance: Instance, hurried: None, seconds: str) -> None:
    instance.set_property(QUOTA, seconds)
    assert asked(http).status_code == 200


@pytest.mark.ours("a question to the database is cancelled in its middle")
def test_a_statement_is_cancelled(instance: Instance) -> None:
    from sandtable.core.query import Statement
    from sandtable.core.values.errors import TransactionCancelled

    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0"
    instance.store.expired = lambda: True
    with pytest.raises(TransactionCancelled):
        instance.store.execute(Statement(endless, (), {"incident_none": ()}))
    instance.store.expired = web_app.never
    assert instance.system().table("incident").count() >= 0
