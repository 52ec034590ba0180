"""Probes: alive without a database, ready only with every part, soon and without a secret."""

import threading
import time

import pytest
from django.core.management import call_command
from django.db import connection
from kombu import Connection

from council_finance import health, locks, schema
from council_finance.headers import POLICIES


@pytest.fixture
def parts(monkeypatch):
    """Have /readyz ask these parts instead."""

    def use(**made):
        monkeypatch.setattr(health, "PARTS", made)
        monkeypatch.setattr(health, "UPKEEP", {})

    return use


def broken() -> str:
    raise health.NotReady("cannot be reached")


def test_alive_asks_no_database_and_no_host_name(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert (response.status_code, response.json()) == (200, {"alive": True})
    assert response["Cache-Control"] == "no-store"
    assert response["Permissions-Policy"] == POLICIES["Permissions-Policy"]


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_only_read(client, parts, address):
    parts(database=lambda: "answers")
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200
    assert client.get(f"{address}/").status_code == 404


def test_ready_when_every_part_is(client, parts):
    parts(database=lambda: "answers", broker=lambda: "answers")
    response = client.get("/readyz", headers={"host": "10.0.0.7"})
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "parts": {
            "database": {"ok": True, "is": "answers"},
            "broker": {"ok": True, "is": "answers"},
        },
    }


def test_one_part_that_fails_is_named(client, parts):
    parts(database=lambda: "answers", broker=broken)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "ready": False,
        "parts": {
            "database": {"ok": True, "is": "answers"},
            "broker": {"ok": False, "is": "cannot be reached"},
        },
    }


def test_parts_that_hang_are_waited_for_together_and_asked_once():
    begun, end = [], threading.Event()

    def hangs() -> str:
        begun.append(1)
        end.wait(10)
        return "answers"

    parts = {"hangs here": hangs, "hangs there": hangs, "fine": lambda: "answers"}
    start = time.monotonic()
    for _ in range(2):
        found = health.check_parts(parts, patience=0.2)
        assert found["fine"] == {"ok": True, "is": "answers"}
        for name in ("hangs here", "hangs there"):
            assert found[name] == {"ok": False, "is": "no answer within 0.2 seconds"}
    assert time.monotonic() - start < 2
    assert len(begun) == 2
    end.set()
    for name in ("hangs here", "hangs there"):
        health.PartCheck.start(name, hangs).thread.join(5)
    assert health.check_parts({"hangs here": hangs})["hangs here"]["ok"]


def test_two_who_ask_at_once_get_the_same_answer():
    begun, go = [], threading.Event()

    def slow() -> str:
        begun.append(1)
        go.wait(5)
        return "answers"

    found = []
    asking = [
        threading.Thread(
            target=lambda: found.append(health.check_parts({"slow": slow}, patience=5))
        )
        for _ in range(3)
    ]
    for thread in asking:
        thread.start()
    go.set()
    for thread in asking:
        thread.join()
    assert found == [{"slow": {"ok": True, "is": "answers"}}] * 3


def test_the_database_and_its_migrations(db):
    assert health.database() == "answers"
    assert health.migrations() == "applied"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'savings'")
    with pytest.raises(health.NotReady, match=r"^\d+ not applied: run manage.py migrate$"):
        health.migrations()
    assert {app for app, _ in schema.missing(connection)} == {"savings"}


def test_the_broker_that_is_configured_answers():
    assert health.broker() == "answers"


def test_a_broker_that_is_not_there(monkeypatch, settings):
    settings.CELERY_BROKER_URL = "redis://:hidden-word@127.0.0.1:1/0"
    monkeypatch.setattr(
        health.app,
        "connection_for_write",
        lambda **options: Connection(settings.CELERY_BROKER_URL, **options),
    )
    start = time.monotonic()
    with pytest.raises(health.NotReady, match="^cannot be reached$"):
        health.broker()
    assert time.monotonic() - start < 2


def test_a_worker_is_there_as_long_as_it_lives(db):
    with pytest.raises(health.NotReady, match="none is running"):
        health.worker()
    ended = threading.Event()
    lives = [threading.Thread(target=locks.hold_worker_lock, args=[ended]) for _ in range(2)]
    for life in lives:
        life.start()
    assert comes_to(len(lives) if connection.vendor == "postgresql" else 1)
    assert health.worker() == "running"
    ended.set()
    for life in lives:
        life.join(10)
    assert comes_to(0)


def comes_to(count: int) -> bool:
    """Whether so many workers are seen within some seconds; a server ends a session in its time."""
    until = time.monotonic() + 10
    while locks.count_workers() != count and time.monotonic() < until:
        time.sleep(0.02)
    return locks.count_workers() == count


def test_in_service_the_pages_files_must_be_collected(settings, tmp_path):
    assert health.static_files() == "there"
    settings.IN_SERVICE, settings.STATIC_ROOT = True, tmp_path
    with pytest.raises(health.NotReady, match="collectstatic"):
        health.static_files()
    (tmp_path / "staticfiles.json").write_text("{}")
    assert health.static_files() == "there"


def test_nothing_is_left_to_migrate(db):
    call_command("migrate", check_unapplied=True, verbosity=0)
