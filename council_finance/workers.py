"""Whether a Celery worker is there: each holds a lock as long as it lives, and no clock is asked.

On PostgreSQL a shared advisory lock of a session of its own, which also tells how many there are;
else a shared `flock` in the data folder. Both are freed by the system with the process. A worker
whose session was cut takes the lock again within seconds.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from celery.signals import worker_ready
from django.conf import settings
from django.db import DatabaseError, connection

from council_finance import locks

BEAT = 5
"""Seconds between two looks of a worker at its own lock."""

_NAMESPACE = 0x42_57  # "BW": the locks of jobs have another
_NUMBER = 1


def count() -> int:
    """How many workers are alive; beside SQLite, 1 where there is any."""
    return _sessions() if connection.vendor == "postgresql" else _flocked()


def _sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND classid = %s AND objid = %s AND objsubid = 2 AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())",
            [_NAMESPACE, _NUMBER],
        )
        return cursor.fetchone()[0]


def _flocked() -> int:
    with _file() as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 1
        return 0


@contextlib.contextmanager
def _file() -> Iterator[int]:
    folder = Path(settings.DATA_DIR) / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder / "workers", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@worker_ready.connect
def say_so(**_) -> None:
    """From a worker's start on, hold the lock beside its work."""
    threading.Thread(target=live, args=[threading.Event()], name="alive", daemon=True).start()


def live(ended: threading.Event) -> None:
    """Hold the lock until told to end; take it again where the database was away."""
    hold = _hold_session if connection.vendor == "postgresql" else _hold_file
    while not ended.is_set():
        with contextlib.suppress(psycopg2.Error, DatabaseError, OSError):
            hold(ended)
        ended.wait(1)


def _hold_file(ended: threading.Event) -> None:
    with _file() as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        ended.wait()


def _hold_session(ended: threading.Event) -> None:
    session = psycopg2.connect(**connection.get_connection_params())
    try:
        session.autocommit = True
        with session.cursor() as cursor:
            cursor.execute(locks.SESSION)
            cursor.execute("SELECT pg_advisory_lock_shared(%s, %s)", [_NAMESPACE, _NUMBER])
            while not ended.wait(BEAT):
                cursor.execute("SELECT 1")
    finally:
        session.close()
