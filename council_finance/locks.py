"""A lock that lives exactly as long as the process that holds it.

It says whether the worker of a job is still there: on PostgreSQL an advisory lock of a session of
its own, else `flock` on a file in the data folder. Both are freed by the system when the process
ends, however it ends; no clock is asked. A pooler between here and PostgreSQL must keep sessions
(pgbouncer: pool_mode=session): in transaction mode the lock would stay with the pooler.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from django.conf import settings
from django.db import connection

from council_finance import whole_files

_NAMESPACE = 0x42_4D  # "BM": keeps these locks apart from others in the same database
SESSION = """
SET idle_session_timeout = 0; SET tcp_keepalives_idle = 30;
SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3
"""
"""The session says nothing while the work lasts: the server must not end it for that, nor keep the
lock for hours where the worker's machine has gone without a word."""

_FILE = "job-"
_TRIES = 20
_PAUSE = 0.05


@contextlib.contextmanager
def hold(number: int) -> Iterator[bool]:
    """Hold the lock of that number for the block; False where another process has it.

    A sweep looks at locks for an instant, so it is tried for a second.
    """
    for attempt in range(_TRIES):
        with _try(number) as held:
            if held:
                yield True
                return
        if attempt + 1 < _TRIES:
            time.sleep(_PAUSE)
    yield False


def is_free(number: int) -> bool:
    """Whether no process holds the lock."""
    with _try(number) as held:
        return held


def _try(number: int):
    return _advisory(number) if connection.vendor == "postgresql" else _flock(number)


@contextlib.contextmanager
def _advisory(number: int) -> Iterator[bool]:
    """An advisory lock of a session of its own, as Django may close its connections."""
    with connection.wrap_database_errors:
        session = psycopg2.connect(**connection.get_connection_params())
    try:
        with connection.wrap_database_errors:
            held = _lock(session, number)
        yield held
    finally:
        session.close()


def _lock(session, number: int) -> bool:
    session.autocommit = True
    with session.cursor() as cursor:
        cursor.execute(SESSION)
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_NAMESPACE, number])
        return cursor.fetchone()[0]


@contextlib.contextmanager
def _flock(number: int) -> Iterator[bool]:
    """A lock on a file that is removed with it, as there would be one for every job."""
    path = _folder() / f"{_FILE}{number}"
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not whole_files.lock(descriptor):
                yield False
                return
            if not whole_files.is_at(descriptor, path):
                continue  # its holder removed it between our opening and our locking it
            try:
                yield True
            finally:
                if whole_files.is_at(descriptor, path):
                    path.unlink()
            return
        finally:
            os.close(descriptor)


def remove_abandoned() -> int:
    """Remove the files of locks that nobody holds; return how many.

    Processes that were killed leave one, and each job of earlier versions did.
    """
    found = [path for path in _folder().glob(f"{_FILE}*") if path.name[len(_FILE) :].isdecimal()]
    return sum(whole_files.remove_if_unlocked(path) for path in found)


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
