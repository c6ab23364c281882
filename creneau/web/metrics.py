"""What Prometheus reads: requests as this machine's processes counted them, and figures as the database has them.

Labels are names of ours (routes as templates, tasks, statuses): never an id, an address, a token.
"""

import hmac
import math
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import structlog
from flask import Blueprint, Request, Response, abort, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from creneau.calendar_sync.jobs import PUSH_MISSED_SESSIONS, PUSH_SESSION
from creneau.core.domain.figures import Figures

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
_PUSHES = (PUSH_SESSION, PUSH_MISSED_SESSIONS)

_log = structlog.get_logger(__name__)


class Metrics:
    """The counts of one process; with a folder, those of all processes that share it."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        route = ("method", "route")
        self._requests = Counter(
            "creneau_http_requests", "Requests answered.", (*route, "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "creneau_http_request_seconds", "Seconds to an answer.", route, buckets=BUCKETS, registry=self._registry
        )
        self._connections = Gauge(
            "creneau_database_connections_in_use",
            "Database connections that requests hold.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._connections.set(0)  # a process before this one may have ended with some

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        of = (method, route, status)
        if of not in self._children:
            self._children[of] = self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)
        count, duration = self._children[of]
        count.inc()
        duration.observe(seconds)

    def count_connections(self, change: int) -> None:
        self._connections.inc(change)

    def render(self) -> bytes:
        if self._folder is None:
            return generate_latest(self._registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared, path=str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(shared)


def metrics_blueprint(metrics: Metrics, read_figures: Callable[[], Figures], token: str | None) -> Blueprint:
    """Serve `/metrics` to whoever has the token; without one set, to this machine and its private network."""
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def show() -> Response:
        if not _may_read(request, token):
            abort(404)
        registry = CollectorRegistry()
        registry.register(_FiguresCollector(read_figures))
        return Response(metrics.render() + generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)

    return blueprint


def _may_read(asked: Request, token: str | None) -> bool:
    """A request that came through a proxy has the proxy's address: it is nobody's neighbour."""
    if token is not None:
        given = asked.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    if any(name in asked.headers for name in _FORWARDED):
        return False
    return asked.remote_addr is not None and ip_address(asked.remote_addr).is_private


class _FiguresCollector(Collector):
    """Reads the database once a scrape. When it cannot, that is the figure, and the requests are told all the same."""

    def __init__(self, read_figures: Callable[[], Figures]) -> None:
        self._read = read_figures

    def collect(self) -> Iterator[Metric]:
        try:
            figures = self._read()
        except Exception as failure:  # noqa: BLE001 - an edge: whatever keeps us from reading, the scrape goes on
            _log.warning("metrics.figures_unread", failure=type(failure).__name__)
            yield _gauge("database_up", "Whether the figures could be read.", 0)
            return
        yield _gauge("database_up", "Whether the figures could be read.", 1)
        yield from _of_jobs(figures)
        age = figures.worker_age
        yield _gauge(
            "worker_heartbeat_age_seconds",
            "Since a worker gave a sign of life; infinite without one.",
            math.inf if age is None else age.total_seconds(),
        )
        yield _gauge("reminders_due", "Reminders whose time has come.", figures.reminders_due)
        yield _gauge("reminders_lag_seconds", "Since the first of them was due.", figures.reminders_lag.total_seconds())
        backup = math.inf if figures.backup_age is None else figures.backup_age.total_seconds()
        yield _gauge("backup_age_seconds", "Since the last backup was made; infinite without one.", backup)
        if figures.busy_age is not None:
            yield _gauge(
                "calendar_read_age_seconds",
                "Since the calendar that was not read for longest was read.",
                figures.busy_age.total_seconds(),
            )


def _of_jobs(figures: Figures) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("creneau_jobs_waiting", "Jobs that are due.", labels=["task"])
    late = GaugeMetricFamily("creneau_jobs_late", "Jobs that are due for more than a minute.", labels=["task"])
    failed = GaugeMetricFamily("creneau_jobs_failed", "Jobs that were given up.", labels=["task"])
    oldest = GaugeMetricFamily("creneau_jobs_oldest_seconds", "Age of the first job not ended.", labels=["task"])
    for task, jobs in figures.jobs.items():
        waiting.add_metric([task], jobs.waiting)
        late.add_metric([task], jobs.late)
        failed.add_metric([task], jobs.failed)
        oldest.add_metric([task], jobs.oldest.total_seconds())
    yield from (waiting, late, failed, oldest)
    pushes = [figures.jobs[task].oldest.total_seconds() for task in _PUSHES if task in figures.jobs]
    yield _gauge("calendar_push_lag_seconds", "Since when a calendar lacks a session.", max(pushes, default=0.0))


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"creneau_{name}", about, value=value)
