"""Locks that end with the process that holds them: one for each job, one for all workers.

A job's lock says whether its worker is still there; the workers' shared lock says whether there is
any worker at all, and on PostgreSQL how many. On PostgreSQL each is an advisory lock of a session
of its own, because Django may close its connections; beside SQLite it is `flock` on a file in the
data folder. The system frees both when the process ends, however it ends, so no clock is compared.
A pooler between the product and PostgreSQL must keep sessions (pgbouncer: pool_mode=session): in
transaction mode the pooler would keep the lock.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DatabaseError, connection

from council_finance import whole_files

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Session

WORKER_CHECK_SECONDS = 5
"""Seconds between two checks of a worker that the session with its lock is still open."""

# The namespaces separate these locks from each other and from others in the same database.
_JOBS = 0x42_4D  # "BM"
_WORKERS = 0x42_57  # "BW"
_WORKER_LOCK = 1

# The session is silent while the work lasts. The server must not end it for that, nor keep the lock
# for hours when the worker's machine has disappeared from the network.
_KEEP_SESSION = """
SET idle_session_timeout = 0; SET tcp_keepalives_idle = 30;
SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3
"""
_JOB_FILE = "job-"
_WORKER_FILE = "workers"
_TRIES = 20
_SECONDS_BETWEEN_TRIES = 0.05


# The lock of a job


@contextlib.contextmanager
def hold_job_lock(number: int) -> Iterator[bool]:
    """Hold the lock of that number for the block; give False where another process has it.

    A sweep holds each lock for an instant to test it, so taking it is tried for a second.
    """
    for attempt in range(_TRIES):
        with _try_job_lock(number) as held:
            if held:
                yield True
                return
        if attempt + 1 < _TRIES:
            time.sleep(_SECONDS_BETWEEN_TRIES)
    yield False


def is_job_lock_free(number: int) -> bool:
    """Return whether no process holds the lock of that number."""
    with _try_job_lock(number) as held:
        return held


def remove_abandoned_files() -> int:
    """Remove the files of jobs' locks that nobody holds; return how many.

    Processes that were killed leave one, and each job of earlier versions did.
    """
    files = _lock_folder().glob(f"{_JOB_FILE}*")
    found = [path for path in files if path.name.removeprefix(_JOB_FILE).isdecimal()]
    return sum(whole_files.remove_if_unlocked(path) for path in found)


def _try_job_lock(number: int) -> AbstractContextManager[bool]:
    return _advisory_lock(number) if connection.vendor == "postgresql" else _file_lock(number)


@contextlib.contextmanager
def _advisory_lock(number: int) -> Iterator[bool]:
    """Try an advisory lock for the block; give whether it is held."""
    with _open_session() as session:
        yield bool(_run_query(session, "SELECT pg_try_advisory_lock(%s, %s)", [_JOBS, number])[0])


@contextlib.contextmanager
def _file_lock(number: int) -> Iterator[bool]:
    """Try a lock on a file, which is removed with the lock: there would be one for every job."""
    path = _lock_folder() / f"{_JOB_FILE}{number}"
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not whole_files.lock(descriptor):
                yield False
                return
            if not whole_files.is_at(descriptor, path):
                continue  # its holder removed it after it was opened here and before it was locked
            try:
                yield True
            finally:
                if whole_files.is_at(descriptor, path):
                    path.unlink()
            return
        finally:
            os.close(descriptor)


# The lock that all workers share


def count_workers() -> int:
    """Return the number of workers alive; beside SQLite, 1 where there is any."""
    if connection.vendor != "postgresql":
        with _open_worker_file() as descriptor:
            return 0 if whole_files.lock(descriptor) else 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND classid = %s AND objid = %s AND objsubid = 2 AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())",
            [_WORKERS, _WORKER_LOCK],
        )
        return int(cursor.fetchone()[0])


def start_holding_worker_lock(**_: Any) -> None:
    """Hold the shared lock beside a worker's jobs, from its start to its end."""
    ended = threading.Event()
    threading.Thread(target=hold_worker_lock, args=[ended], name="alive", daemon=True).start()


def hold_worker_lock(ended: threading.Event) -> None:
    """Hold the shared lock until the event; take it again where the database was away."""
    hold = _hold_in_session if connection.vendor == "postgresql" else _hold_in_file
    while not ended.is_set():
        with contextlib.suppress(DatabaseError, OSError):
            hold(ended)
        ended.wait(1)


def _hold_in_file(ended: threading.Event) -> None:
    with _open_worker_file() as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        ended.wait()


def _hold_in_session(ended: threading.Event) -> None:
    with _open_session() as session:
        _run_query(session, "SELECT pg_advisory_lock_shared(%s, %s)", [_WORKERS, _WORKER_LOCK])
        while not ended.wait(WORKER_CHECK_SECONDS):
            _run_query(session, "SELECT 1")


@contextlib.contextmanager
def _open_worker_file() -> Iterator[int]:
    descriptor = os.open(_lock_folder() / _WORKER_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


# What both need


@contextlib.contextmanager
def _open_session() -> "Iterator[Session]":
    """Open a session with the database of Django's connection, beside that connection."""
    import psycopg2  # noqa: PLC0415 - nothing on SQLite waits for it

    with connection.wrap_database_errors:
        session = psycopg2.connect(**connection.get_connection_params())
    try:
        session.autocommit = True
        with connection.wrap_database_errors, session.cursor() as cursor:
            cursor.execute(_KEEP_SESSION)
        yield session
    finally:
        session.close()


def _run_query(
    session: "Session", sql: str, parameters: list[int] | None = None
) -> tuple[Any, ...]:
    with connection.wrap_database_errors, session.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def _lock_folder() -> Path:
    folder = Path(settings.DATA_DIR) / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
