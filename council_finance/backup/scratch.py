"""A temporary database for a restore test, removed after the test or after a killed one.

On PostgreSQL it is a database beside the council's (or on RESTORE_TEST_SERVER), else a file in the
data folder. Both have one fixed name and are used under a lock that ends with its process: what is
there while the lock is free was left by a test that was killed. On PostgreSQL a comment marks the
database as the product's: one without it is never dropped.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from council_finance import whole_files
from council_finance.errors import Refused

_NAMESPACE, _NUMBER = 0x42_58, 1  # "BX": the locks of jobs and workers have others
_OURS = "Budget monitor tries a back-up here, and drops this database"
_LONGEST_NAME = 63
_SUFFIX = "_restore_test"
_BUSY = "Another restore test is running. Wait until it has ended."


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Give the address (as DATABASE_URL) of an empty database that is removed after the block.

    Raises Refused where it cannot be made, or another restore test is running.
    """
    url = settings.RESTORE_TEST_SERVER or os.environ.get("DATABASE_URL", "")
    kind = urlsplit(url).scheme
    make = _make_on_server(url) if kind in ("postgres", "postgresql") else _make_in_folder()
    with make as address:
        yield address


@contextlib.contextmanager
def _make_in_folder() -> Iterator[str]:
    folder = Path(settings.DATA_DIR) / "restore-test"
    lock_path = Path(settings.DATA_DIR) / "restore-test.lock"
    descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not whole_files.lock(descriptor) or not whole_files.is_at(descriptor, lock_path):
            raise Refused(_BUSY)
        try:
            shutil.rmtree(folder, ignore_errors=False, onerror=_raise_unless_missing)
            folder.mkdir(mode=0o700)
            yield f"sqlite:///{folder / 'db.sqlite3'}"
        finally:
            shutil.rmtree(folder)
            lock_path.unlink()
    finally:
        os.close(descriptor)


def _raise_unless_missing(_function: object, _path: object, error: Any) -> None:
    """Raise an error of removing a folder, except that there is none."""
    if not issubclass(error[0], FileNotFoundError):
        raise error[1]


@contextlib.contextmanager
def _make_on_server(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    name = parts.path.lstrip("/")[: _LONGEST_NAME - len(_SUFFIX)] + _SUFFIX
    try:
        session = psycopg2.connect(url)
    except psycopg2.Error as error:
        raise Refused("The server of the restore test cannot be reached.") from error
    try:
        session.autocommit = True
        with session.cursor() as cursor:
            cursor.execute("SET idle_session_timeout = 0")
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_NAMESPACE, _NUMBER])
            if not cursor.fetchone()[0]:
                raise Refused(_BUSY)
            _drop_abandoned(cursor, name)
            _create_database(cursor, name)
            try:
                yield urlunsplit(parts._replace(path=f"/{name}"))
            finally:
                _drop_database(cursor, name)
    finally:
        session.close()


def _create_database(cursor: Cursor, name: str) -> None:
    cursor.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database "
        "WHERE datname = current_database()"
    )
    statement = sql.SQL(
        "CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}"
    )
    try:
        cursor.execute(statement.format(sql.Identifier(name), *map(sql.Literal, cursor.fetchone())))
    except psycopg2.errors.InsufficientPrivilege as error:
        raise Refused(
            "The database’s role may not make another database, which the restore test needs. As "
            "the server’s administrator: ALTER ROLE … CREATEDB. Or set RESTORE_TEST_SERVER."
        ) from error
    cursor.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(_OURS))
    )


def _drop_abandoned(cursor: Cursor, name: str) -> None:
    """Drop the database of a killed test. Raises Refused where it is not the product's."""
    cursor.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
    )
    found = cursor.fetchone()
    if found is None:
        return
    if found[0] != _OURS:
        raise Refused(
            f"There is a database called {name} that no restore test left behind. Drop it, or give "
            "it another name."
        )
    _drop_database(cursor, name)


def _drop_database(cursor: Cursor, name: str) -> None:
    cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
