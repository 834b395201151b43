"""Metrics for Prometheus, kept by its official client: only when asked for, and in this module alone.

What is counted: requests and their seconds, by API; transactions; values that had to be worked out again; planned
faults; threads and connections; worlds. Each process counts for itself; the one that is asked adds nothing up, but
tells what each counted, under the label `process`, so that one that starts again is seen as what it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from sandtable.web.environ import ENDING, FAULTS, PLANE_PREFIX
from sandtable.web.wire.api_identity import api_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from sandtable.core.platform.instance import Instance
    from sandtable.serving.server import Server
    from sandtable.web.worlds.worlds import Worlds

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
UNWATCHED = (f"{PLANE_PREFIX}/health/", f"{PLANE_PREFIX}/metrics")
OTHER = "other"


class Meter:
    """Counts what one process does."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self._requests = Counter(
            "sandtable_requests", "Requests that were answered.", ("api", "method", "status"), registry=registry
        )
        self._seconds = Histogram(
            "sandtable_request_seconds",
            "From the head of a request to its answer.",
            ("api",),
            buckets=SECONDS,
            registry=registry,
        )
        self._transactions = Counter(
            "sandtable_transactions", "Outermost transactions of instances.", ("outcome",), registry=registry
        )
        self._computed = Counter(
            "sandtable_cache_misses", "Remembered values that had to be worked out again.", registry=registry
        )
        self._faults = Counter(
            "sandtable_faults", "Planned faults that happened to a request.", ("fault",), registry=registry
        )
        self._kept, self._taken_back = (self._transactions.labels(name) for name in ("kept", "taken_back"))
        ProcessCollector(registry=registry)

    def watch(self, worlds: Worlds, server: Server) -> None:
        """Count what happens in the worlds there are and will be, and look at the server when somebody asks."""
        worlds.watch_all(self._follow)
        self._registry.register(_Now(worlds, server))

    def around(self, application: WSGIApplication) -> WSGIApplication:
        """Return the application, whose requests are counted."""

        def answering(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            began = time.perf_counter()
            said: list[str] = []

            def starting(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:
                said[:] = [status[:3]]
                return start_response(status, headers, *more)

            try:
                return application(environ, starting)
            finally:
                self._count(environ, said[0] if said else "", time.perf_counter() - began)

        return answering

    def samples(self) -> list[Metric]:
        """Return what was counted so far."""
        return list(self._registry.collect())

    @staticmethod
    def told(processes: Mapping[str, list[Metric]]) -> bytes:
        """Return what processes counted, each by its name, in Prometheus' text format; one without a name is alone."""
        registry = CollectorRegistry()
        registry.register(_Told(processes))
        text: bytes = generate_latest(registry)
        return text

    def _follow(self, instance: Instance) -> None:
        instance.on_end = self._ended
        instance.remembered.on_computed = self._computed.inc

    def _ended(self, kept: bool) -> None:  # noqa: FBT001
        (self._kept if kept else self._taken_back).inc()

    def _count(self, environ: WSGIEnvironment, status: str, seconds: float) -> None:
        path: str = environ.get("PATH_INFO", "")
        if path.startswith(UNWATCHED):
            return
        api = self._api(environ, path)
        method = environ.get("REQUEST_METHOD", "")
        if environ.get(ENDING, "complete") != "complete" or not status:
            status = "cut"
        self._requests.labels(api, method if method in METHODS else OTHER, status).inc()
        self._seconds.labels(api).observe(seconds)
        for kind in environ.get(FAULTS, ()):
            self._faults.labels(kind).inc()

    def _api(self, environ: WSGIEnvironment, path: str) -> str:
        """Return a name for the API of a path, one of few whatever clients ask for."""
        if path.startswith("/api/"):
            world = environ.get("sandtable.world")
            found = api_of(world.instance, environ.get("REQUEST_METHOD", ""), path) if world is not None else None
            # What nobody has defined goes by its own path, of which there may be any number.
            return found.path if found is not None and found.name != found.path else OTHER
        if path.startswith(f"{PLANE_PREFIX}/"):
            return "plane"
        if path.startswith("/oauth_"):
            return "oauth"
        return "pages" if path.endswith(".do") or path.startswith("/_console/") else OTHER


class _Now(Collector):
    """How the worlds and the server are at the moment."""

    def __init__(self, worlds: Worlds, server: Server) -> None:
        self._worlds = worlds
        self._server = server

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        worlds = self._worlds.here()
        load = self._server.load()
        yield _gauge("sandtable_worlds", "Worlds in this process.", len(worlds))
        yield _gauge(
            "sandtable_faults_planned", "Faults that are planned.", sum(len(list(each.faults)) for each in worlds)
        )
        yield _gauge(
            "sandtable_cached_values",
            "Values that instances remember.",
            sum(len(each.instance.remembered) for each in worlds),
        )
        yield _gauge("sandtable_threads", "Requests that may be answered at the same time.", load.threads)
        yield _gauge("sandtable_threads_busy", "Requests that are being answered.", load.busy)
        yield _gauge("sandtable_bodies_awaited", "Requests whose body is still to come.", load.waiting)
        yield _gauge("sandtable_connections_open", "Connections of clients.", load.connections)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


class _Told(Collector):
    def __init__(self, told: Mapping[str, list[Metric]]) -> None:
        self._told = told

    def collect(self) -> Iterator[Metric]:
        """Yield each metric once, with the samples of all processes."""
        joined: dict[str, Metric] = {}
        for process, metrics in self._told.items():
            for metric in metrics:
                kept = joined.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                for sample in metric.samples:
                    labels = {**sample.labels, "process": process} if process else sample.labels
                    kept.add_sample(sample.name, labels, sample.value)
        yield from joined.values()
