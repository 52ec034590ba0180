"""Errors reach a service of Sentry's protocol, from web and worker, and say nothing personal."""

import gzip
import http.client
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import time

import brotli
import pytest

from council_finance import environment, error_hook
from council_finance.processes import free_port
from tests.conftest import ROOT
from tests.council_finance.backup.test_backup import migrated
from tests.planted_secrets import SECRETS

__all__ = ["migrated"]


class Service(http.server.ThreadingHTTPServer):
    """Takes events as Sentry does, and keeps them."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Taker)
        self.events: list[dict] = []
        self.texts: list[str] = []

    @property
    def dsn(self) -> str:
        return f"http://publickey@127.0.0.1:{self.server_port}/7"

    def wait_for(self, count: int) -> list[dict]:
        """The events, once there are so many."""
        until = time.monotonic() + 120
        while len(self.events) < count:
            assert time.monotonic() < until, self.texts
            time.sleep(0.05)
        return self.events


class Taker(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}
        body = unpack.get(self.headers.get("Content-Encoding"), bytes)(body)
        self.server.texts.append(f"{self.path} {self.headers} {body.decode()}")
        lines = body.decode().splitlines()
        for head, item in zip(lines[1::2], lines[2::2], strict=False):
            if json.loads(head)["type"] == "event":
                self.server.events.append(json.loads(item))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def service():
    made = Service()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def start(tmp_path, service, migrated):
    """Start a program of the product that tells the service, on a database without rows."""
    started = []
    database = shutil.copy(migrated, tmp_path / "db.sqlite3")

    def make(*arguments: str, **more: str) -> None:
        kept = {key: value for key, value in os.environ.items() if key != "CELERY_BROKER_URL"}
        own = {
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": f"sqlite:///{database}",
            "SENTRY_DSN": service.dsn,
        }
        with open(tmp_path / f"{len(started)}.log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=kept | own | more,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        started.append(process)

    yield make
    for process in started:
        process.terminate()
    for process in started:
        process.wait(timeout=20)


def nothing_personal(service: Service) -> None:
    everything = "\n".join(service.texts)
    for name, secret in SECRETS.items():
        assert secret not in everything, name
    for event in service.events:
        assert not set(event) & {
            "request",
            "user",
            "breadcrumbs",
            "extra",
            "modules",
            "server_name",
        }
        for found in event.get("exception", {}).get("values", []):
            assert all("vars" not in frame for frame in found["stacktrace"]["frames"])


def ask(port: int) -> int:
    """Post to the broken page with a cookie, a body and a header; answers the status."""
    until = time.monotonic() + 40
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request(
                "POST",
                f"/password/reset/MQ/{SECRETS['link']}/broken/?q={SECRETS['address']}",
                f"new_password1={SECRETS['body']}",
                {
                    "Cookie": f"sessionid={SECRETS['cookie']}",
                    "Authorization": f"Bearer {SECRETS['header']}",
                    "Content-Type": "application/x-www-form-urlencoded",
                    "X-Request-ID": "request-0001",
                },
            )
            return connection.getresponse().status
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.1)
        finally:
            connection.close()


@pytest.mark.worker
def test_an_error_of_a_page_arrives_scrubbed(service, start):
    port = free_port(8500)
    start("gunicorn", "--bind", f"127.0.0.1:{port}", "tests.failing:application")
    assert ask(port) == 500
    event = service.wait_for(1)[0]
    (found,) = event["exception"]["values"]
    assert found["type"] == "ValueError"
    assert found["value"].startswith("invalid literal for int(): [hidden], mail [hidden]")
    assert "DETAIL" not in found["value"]
    assert found["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["transaction"] == "/password/reset/{uidb64}/{token}/broken/"
    assert event["tags"] == {"request_id": "request-0001", "method": "POST"}
    nothing_personal(service)


@pytest.mark.worker
def test_an_error_of_a_worker_arrives_scrubbed(service, start):
    start("celery", "--quiet", "--app=tests.failing", "worker", "--concurrency=1")
    start("tests.failing", SEND_BROKEN_TASK="1")
    events = service.wait_for(2)
    logged = [event for event in events if "logentry" in event and "exception" not in event]
    raised = [event for event in events if "exception" in event]
    assert [event["logentry"]["message"] for event in logged] == ["Cannot store [hidden]"]
    assert raised[0]["exception"]["values"][0]["type"] == "ValueError"
    assert raised[0]["transaction"] == "tests.failing.broken_task"
    nothing_personal(service)


def test_what_is_not_known_to_be_harmless_is_left_out():
    event = {
        "event_id": "1",
        "level": "error",
        "user": {"id": 3, "email": "jo@council.example"},
        "request": {"method": "POST", "url": "https://x/password/reset/MQ/abc/", "data": "x"},
        "transaction": "/password/reset/MQ/abc/",
        "transaction_info": {"source": "url"},
        "extra": {"sys.argv": ["secret"]},
        "contexts": {"celery": {"args": ["secret"]}},
        "logentry": {"message": "jo@council.example at /password/reset/MQ/abc/", "params": ["x"]},
    }
    assert error_hook.scrubbed(event, {}) == {
        "event_id": "1",
        "level": "error",
        "tags": {"method": "POST"},
        "logentry": {"message": "[hidden] at /password/reset/[hidden]/"},
    }


def test_secrets_of_the_environment_never_leave():
    given = {"exception": {"values": [{"type": "X", "value": "with s3cr3t-of-the-site at hand"}]}}
    made = error_hook.scrubbed(given, {}, ["s3cr3t-of-the-site"])
    assert made["exception"]["values"][0]["value"] == "with [hidden] at hand"


@pytest.mark.parametrize("given", ["nonsense", "https://sentry.example/1", "ftp://key@host/1"])
def test_a_wrong_address_stops_the_start(monkeypatch, given):
    monkeypatch.setenv("SENTRY_DSN", given)
    with pytest.raises(Exception, match="SENTRY_DSN must be an address") as refused:
        environment.dsn("SENTRY_DSN")
    assert given not in str(refused.value)
