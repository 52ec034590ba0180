"""Figures for Prometheus: right, for who has the token only, and without anything personal."""

import datetime
import http.client
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from council_finance import environment, metrics, upkeep
from council_finance.jobs import Job
from council_finance.processes import free_port
from council_finance.upkeep import Task, Upkeep
from tests import ready_databases
from tests.conftest import ROOT
from tests.council_finance.accounts.test_log_in import log_in

TOKEN = "scrape-7Hq2ZtrV9vXw4KpL8mNc5BdF6gJ1s"


@pytest.fixture
def scraped(settings, db):
    """A client of a site with metrics; `scraped()` answers the figures."""
    settings.METRICS_TOKEN = TOKEN
    client = Client()

    def ask() -> dict:
        response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/plain; version=0.0.4")
        return figures(response.content.decode())

    ask.client = client
    return ask


def figures(text: str) -> dict[tuple, float]:
    """By name and labels, the figure."""
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_without_a_token_set_there_is_no_such_page(client, db):
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("given", [None, "", "Bearer", f"Bearer {TOKEN}x", TOKEN, "Bearer ü"])
def test_without_the_token_nothing_is_told(scraped, given, django_assert_num_queries):
    headers = {} if given is None else {"Authorization": given}
    with django_assert_num_queries(0):
        response = scraped.client.get("/metrics", headers=headers)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert b"budget_monitor" not in response.content
    assert scraped.client.post("/metrics").status_code == 405


def test_a_short_token_stops_the_start(monkeypatch):
    monkeypatch.setenv("METRICS_TOKEN", "short")
    with pytest.raises(Exception, match="METRICS_TOKEN must have at least 32 characters"):
        environment.long_secret("METRICS_TOKEN")


def test_pages_are_counted_by_their_pattern(scraped):
    name = "budget_monitor_request_seconds_count"
    page = (name, "/password/reset/<str:uidb64>/<str:token>/", "410", "GET")
    nothing = (name, "404", "GET", "no such address")
    before = scraped()
    for _ in range(3):
        assert scraped.client.get("/password/reset/MQ/one-time-link-4711/").status_code == 410
    scraped.client.get("/no/such/page-4712/")
    after = scraped()
    key = (name, *sorted(page[1:]))
    assert after[key] - before.get(key, 0) == 3
    assert after[nothing] - before.get(nothing, 0) == 1
    text = metrics.exposition().decode()
    assert "4711" not in text and "4712" not in text


def test_files_of_the_pages_and_probes_are_not_counted(scraped, monkeypatch):
    scraped.client.get("/healthz")
    assert scraped.client.get("/static/css/app.css").getvalue()
    text = metrics.exposition().decode()
    assert "healthz" not in text and "static" not in text


def test_log_ins_are_counted_and_nobody_is_named(scraped, person):
    person("director", username="jo-the-director")
    before = scraped()
    log_in(Client(), name="jo-the-director", password="wrong")
    log_in(Client(), name="nobody-at-all", password="wrong")
    log_in(Client(), name="jo-the-director", password="pass")
    after = scraped()

    def more(result: str) -> float:
        key = ("budget_monitor_log_ins_total", result)
        return after[key] - before.get(key, 0)

    assert (more("failed"), more("succeeded")) == (2, 1)
    text = metrics.exposition().decode()
    assert "jo-the-director" not in text and "nobody-at-all" not in text


def test_jobs_by_kind_and_state_with_the_age_of_the_oldest(scraped):
    ago = timezone.now() - datetime.timedelta(minutes=10)
    for state in ("queued", "queued", "running", "failed"):
        Job.objects.create(task="made-up", state=state)
    oldest = Job.objects.filter(task="made-up", state="queued").first()
    Job.objects.filter(pk=oldest.pk).update(created_at=ago)
    found = scraped()
    assert found["budget_monitor_jobs", "made-up", "queued"] == 2
    assert found["budget_monitor_jobs", "made-up", "running"] == 1
    assert found["budget_monitor_jobs", "failed", "made-up"] == 1
    age = "budget_monitor_oldest_job_age_seconds"
    assert 600 <= found[age, "made-up", "queued"] < 700
    assert (age, "failed", "made-up") not in found
    assert found["budget_monitor_workers",] == 0
    assert found["budget_monitor_database_up",] == 1


def test_when_the_last_back_up_was(scraped):
    assert not [key for key in scraped() if key[0].startswith("budget_monitor_task")]
    upkeep.note(task=Task.BACK_UP, succeeded=True)
    upkeep.note(task=Task.RESTORE_TEST, succeeded=False)
    at = datetime.datetime(2026, 11, 28, 1, 30, tzinfo=datetime.UTC)
    Upkeep.objects.filter(task=Task.BACK_UP).update(succeeded_at=at)
    found = scraped()
    success = "budget_monitor_task_last_success_timestamp_seconds"
    assert found[success, "back_up"] == at.timestamp()
    assert (success, "test_restore") not in found
    assert ("budget_monitor_task_last_failure_timestamp_seconds", "test_restore") in found


def test_without_the_database_that_is_told(scraped, monkeypatch):
    def away():
        raise DatabaseError("gone")
        yield

    monkeypatch.setattr(metrics, "_date_tasks", away)
    found = scraped()
    assert found["budget_monitor_database_up",] == 0
    assert not [key for key in found if key[0].startswith("budget_monitor_jobs")]


def test_the_alerts_ask_for_figures_that_there_are(scraped):
    upkeep.note(task=Task.BACK_UP, succeeded=True)
    upkeep.note(task=Task.BACK_UP, succeeded=False)
    Job.objects.create(task="made-up")
    log_in(Client(), name="nobody", password="wrong")
    scraped.client.get("/login/")
    told = {key[0] for key in scraped()}
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus-rules.example.yml").read_text())
    asked = set(re.findall(r"budget_monitor_\w+", str(rules)))
    assert len(asked) > 6 and asked <= told


# ------------------------------------------------------------------- several processes


class Server:
    """gunicorn with two processes, as deployed, on a database of its own."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port(8600)
        kept = {key: value for key, value in os.environ.items() if key != "CELERY_BROKER_URL"}
        self.environment = kept | {
            "DATA_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
            "METRICS_TOKEN": TOKEN,
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": "2",
        }
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with open(self.folder / "web.log", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
                + ["council_finance.wsgi"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + 60
        while self.ask("/healthz")[0] != 200:
            assert time.monotonic() < until, (self.folder / "web.log").read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def ask(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()

    def log_in_pages(self) -> float:
        found = figures(self.ask("/metrics")[1])
        return found.get(("budget_monitor_request_seconds_count", "/login/", "200", "GET"), 0)

    def children(self) -> list[int]:
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return list(map(int, text.split()))


@pytest.mark.worker
def test_counts_of_all_processes_add_up_and_outlive_them(tmp_path):
    """What one process counted the other tells, also once it was killed; no file is added."""
    server = Server(tmp_path)
    ready_databases.copy_file(tmp_path)
    server.start()
    try:
        counted, files = 0, set()
        for _ in range(3):
            for _ in range(20):
                assert server.ask("/login/")[0] == 200
                counted += 1
            assert server.log_in_pages() == counted
            before = server.children()
            files |= {path.name for path in (tmp_path / "metrics").iterdir()}
            for child in before:
                os.kill(child, signal.SIGKILL)
            until = time.monotonic() + 30
            while set(server.children()) & set(before) or server.ask("/healthz")[0] != 200:
                assert time.monotonic() < until
                time.sleep(0.1)
            assert server.log_in_pages() == counted
        assert files <= {"histogram_0.db", "histogram_1.db", "counter_0.db", "counter_1.db"}
    finally:
        server.stop()
    server.start()
    try:
        assert server.log_in_pages() == 0
    finally:
        server.stop()
