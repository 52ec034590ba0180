"""Figures for Prometheus at /metrics: requests, jobs, workers, back-ups, log-ins.

Off unless METRICS_TOKEN is set, and answered only to requests with that token. Each web process
counts its requests and log-ins; the rest is read from the database when the page is scraped.
Nothing in it is personal: pages are named by their pattern, people and addresses not at all.

gunicorn's processes share their counts through files, one a process. deploy/gunicorn.conf.py gives
each a place (METRICS_PLACE) that the process after it takes over, files and counts together. The
library itself uses process ids, so every process that is replaced would leave its files for good.
"""

import os
import secrets
import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from council_finance import locks
from council_finance.jobs import Job, JobState
from council_finance.middleware import GetResponse
from council_finance.upkeep import Upkeep

ADDRESS = "/metrics"
_FILES = "PROMETHEUS_MULTIPROC_DIR"
_METHODS = ("GET", "HEAD", "POST")
_NO_ADDRESS = "no such address"


def _name_place() -> str:
    return os.environ.get("METRICS_PLACE") or str(os.getpid())


if _FILES in os.environ:
    values.ValueClass = values.MultiProcessValue(_name_place)

_OF_THIS_PROCESS = CollectorRegistry()
REQUESTS = Histogram(
    "budget_monitor_request_seconds",
    "Seconds that requests took, by the pattern of their address.",
    ["method", "route", "status"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_OF_THIS_PROCESS,
)
LOG_INS = Counter(
    "budget_monitor_log_ins",
    "Log-ins that succeeded and that failed.",
    ["result"],
    registry=_OF_THIS_PROCESS,
)


def measure(get_response: GetResponse) -> GetResponse:
    """Count each request and its seconds."""
    if not settings.METRICS_TOKEN:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        start = time.monotonic()
        response = get_response(request)
        match = request.resolver_match
        if match or response.status_code >= 400:  # else a static file, or a probe
            REQUESTS.labels(
                request.method if request.method in _METHODS else "other",
                f"/{match.route}" if match else _NO_ADDRESS,
                response.status_code,
            ).observe(time.monotonic() - start)
        return response

    return middleware


def answer_scrapes(get_response: GetResponse) -> GetResponse:
    """Answer /metrics to requests with the token, before the host name is checked."""
    if not settings.METRICS_TOKEN:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info != ADDRESS:
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        if not secrets.compare_digest(request.headers.get("Authorization", "").encode(), wanted):
            response = HttpResponse("The token is missing or wrong.\n", status=401)
            response["WWW-Authenticate"] = "Bearer"
        else:
            response = HttpResponse(exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
        response["Cache-Control"] = "no-store"
        return response

    return middleware


@receiver(user_logged_in)
def count_log_in(**_: Any) -> None:
    """Count a log-in."""
    LOG_INS.labels("succeeded").inc()


@receiver(user_login_failed)
def count_failed_log_in(**_: Any) -> None:
    """Count a wrong password, an unknown user name, or one that has to wait."""
    LOG_INS.labels("failed").inc()


def exposition() -> bytes:
    """Return all figures in Prometheus' text format."""
    if _FILES in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        counted = generate_latest(registry)
    else:
        counted = generate_latest(_OF_THIS_PROCESS)
    from_database = CollectorRegistry()
    from_database.register(FromDatabase())
    return counted + generate_latest(from_database)


class FromDatabase:
    """The metrics read from the database; where it does not answer, only that it does not."""

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering reads no database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every metric that is read from the database."""
        up = GaugeMetricFamily("budget_monitor_database_up", "1 where the database answers.")
        found: list[Metric]
        try:
            found = [*_count_jobs(), _count_workers(), *_date_tasks()]
        except DatabaseError:
            found = []
        up.add_metric([], float(bool(found)))
        yield up
        yield from found


def _count_jobs() -> Iterator[Metric]:
    count = GaugeMetricFamily("budget_monitor_jobs", "Jobs of workers.", labels=["kind", "state"])
    age = GaugeMetricFamily(
        "budget_monitor_oldest_job_age_seconds",
        "Seconds since the oldest job that has not ended was made.",
        labels=["kind", "state"],
    )
    now, open_states = timezone.now(), (JobState.QUEUED, JobState.RUNNING)
    rows = Job.objects.values_list("task", "state").annotate(Count("pk"), Min("created_at"))
    for task, state, number, oldest in rows.order_by("task", "state"):
        count.add_metric([task, state], number)
        if state in open_states:
            age.add_metric([task, state], max(0.0, (now - oldest).total_seconds()))
    yield count
    yield age


def _count_workers() -> Metric:
    alive = "Workers alive; beside SQLite 1 where there is any."
    if connection.vendor == "postgresql":
        alive = "Workers alive."
    return GaugeMetricFamily("budget_monitor_workers", alive, value=locks.count_workers())


def _date_tasks() -> Iterator[Metric]:
    rows = list(Upkeep.objects.order_by("task"))
    for field, word in (("succeeded_at", "success"), ("failed_at", "failure")):
        family = GaugeMetricFamily(
            f"budget_monitor_task_last_{word}_timestamp_seconds",
            f"When back-up, copy, restore test and clean-up last ended in {word}.",
            labels=["task"],
        )
        for row in rows:
            if at := getattr(row, field):
                family.add_metric([row.task], at.timestamp())
        yield family
