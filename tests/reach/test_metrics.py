"""`serve --metrics`: what Prometheus reads, and that nothing of it is there unless asked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from sandtable.library.plane_client import PlaneClient
from sandtable.serving.assembly import create_instance
from sandtable.serving.metrics import Meter
from sandtable.serving.server import Server
from sandtable.settings.settings import Settings
from sandtable.web.app import create_app
from sandtable.web.worlds.worlds import Worlds

pytestmark = [pytest.mark.ours("what a server does can be watched, at no cost to who does not"), pytest.mark.sockets]
ADMIN = ("admin", "admin")


@pytest.fixture
def watched() -> Iterator[str]:
    instance = create_instance(random_seed=1)
    worlds, meter = Worlds(instance, lambda name, **more: instance.fork(name)), Meter()
    with Server(meter.around(create_app(worlds, Settings()))) as server:
        meter.watch(worlds, server)
        worlds.metrics = lambda: meter.told({"": meter.samples()})
        yield server.url


def told(url: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return each sample by its name and labels, as the official parser reads them."""
    answer = requests.get(f"{url}/_sandtable/metrics", timeout=60)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = text_string_to_metric_families(answer.text)
    return {(each.name, frozenset(each.labels.items())): each.value for one in families for each in one.samples}


def value(url: str, name: str, **labels: str) -> float:
    return told(url).get((name, frozenset(labels.items())), 0.0)


def test_requests_seconds_transactions_faults_and_worlds_are_counted(watched: str) -> None:
    table = f"{watched}/api/now/table/incident"
    with requests.Session() as http:
        http.auth = ADMIN
        for _ in range(3):
            assert http.post(table, json={"short_description": "x"}).status_code == 201
        assert http.get(table).status_code == 200
        assert http.get(f"{table}/0").status_code == 404
        for number in range(40):
            http.get(f"{watched}/api/some/path{number}")
    plane = PlaneClient(watched)
    plane.create_world("more")
    plane.add_fault("connection-reset", times=1)
    with pytest.raises(requests.ConnectionError):
        requests.get(table, auth=ADMIN, timeout=60)
    found = told(watched)

    def of(name: str, **labels: str) -> float:
        return found.get((name, frozenset(labels.items())), 0.0)

    assert of("sandtable_requests_total", api="now/table", method="POST", status="201") == 3
    assert of("sandtable_requests_total", api="now/table", method="GET", status="200") == 1
    assert of("sandtable_requests_total", api="now/table", method="GET", status="404") == 1
    assert of("sandtable_requests_total", api="now/table", method="GET", status="cut") == 1
    assert of("sandtable_request_seconds_count", api="now/table") == 6
    assert of("sandtable_request_seconds_bucket", api="now/table", le="+Inf") == 6
    assert of("sandtable_faults_total", fault="connection-reset") == 1
    assert of("sandtable_worlds") == 2
    assert of("sandtable_transactions_total", outcome="kept") >= 3
    assert of("sandtable_transactions_total", outcome="taken_back") >= 1, "the 404 took its transaction back"
    assert of("sandtable_cache_misses_total") > 0
    assert of("sandtable_cached_values") > 0
    assert of("sandtable_threads") == 16
    assert of("sandtable_connections_open") >= 1
    apis = {labels["api"] for name, key in found if name == "sandtable_requests_total" and (labels := dict(key))}
    assert apis == {"now/table", "other", "plane"}, "what clients make up makes no metric"
    before = of("sandtable_transactions_total", outcome="kept")
    requests.post(f"{watched}/_worlds/more/api/now/table/incident", auth=ADMIN, json={}, timeout=60)
    assert value(watched, "sandtable_transactions_total", outcome="kept") > before, "a world that was made later counts"


def test_several_processes_are_told_apart_and_a_scrape_adds_nothing_up() -> None:
    meters = [Meter(), Meter()]
    app = create_app(Worlds(create_instance(random_seed=1)))
    with Server(meters[1].around(app)) as server:
        requests.get(f"{server.url}/api/now/table/incident", timeout=60)
    text = Meter.told({str(number + 1): meter.samples() for number, meter in enumerate(meters)}).decode()
    counted = [line for line in text.splitlines() if line.startswith("sandtable_requests_total")]
    assert counted == ['sandtable_requests_total{api="now/table",method="GET",process="2",status="401"} 1.0']
    assert text.count("# TYPE sandtable_requests_total counter") == 1


def test_nobody_counts_unless_asked() -> None:
    with Server(create_app(Worlds(create_instance(random_seed=1)))) as server:
        refused = requests.get(f"{server.url}/_sandtable/metrics", timeout=60)
    assert refused.status_code == 404
    assert refused.json()["error"]["fix"] == "start the server with --metrics"
    loaded = "import sys, sandtable.cli.serving.serve, sandtable.web.app, sandtable.serving.reach"
    code = f"{loaded}; print('prometheus_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
