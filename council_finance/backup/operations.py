"""Back up, restore, and move from one database to another."""

import contextlib
import datetime
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import django
from django.conf import settings
from django.db import IntegrityError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from council_finance import locks, schema
from council_finance.backup import archive, foreign_keys
from council_finance.backup.tables import (
    LEFT_OUT,
    Content,
    content_of,
    insert,
    last_numbers,
    measure,
    set_last_numbers,
    tables,
)
from council_finance.errors import Refused
from council_finance.schema import MADE_BY_MIGRATING

Contents = dict[str, Content]


def back_up(path: Path, *, using: str = "default") -> Contents:
    """Write everything, as it is at one moment, into an archive; return the contents.

    Raises Refused where the file is there already, or the tables are another version's.
    """
    if schema.missing(connections[using]):
        raise Refused(
            "The database is an earlier version's. Back it up with that version, or run "
            "manage.py migrate first."
        )
    with archive.writing(path) as writer, _one_moment(connections[using]) as connection:
        found = {
            table.name: writer.table(table.name, partial(content_of, connection, table))
            for table in tables()
        }
        writer.manifest(
            {
                "made_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                "made_by": {
                    "database": connection.vendor,
                    "django": django.get_version(),
                    "python": platform.python_version(),
                },
                "migrations": _applied_migrations(connection),
                "tables": {name: vars(content) for name, content in found.items()},
                "last_numbers": last_numbers(connection),
                "left_out": list(LEFT_OUT),
            }
        )
    return found


@contextlib.contextmanager
def _one_moment(connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """Hold a transaction that reads the database as it was at the start, and lets others write."""
    connection.ensure_connection()
    if connection.in_atomic_block:
        raise RuntimeError("a back-up begins a transaction of its own")
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("BEGIN DEFERRED")
        else:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        yield connection
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def _applied_migrations(connection: BaseDatabaseWrapper) -> list[str]:
    return sorted(f"{app}.{name}" for app, name in schema.applied(connection))


def restore(path: Path, *, using: str = "default") -> Contents:
    """Fill an empty database from an archive, all or nothing; return its contents.

    Every table is read back and compared before the transaction ends. Raises Refused where the
    archive is damaged or of another version, or the database is not empty.
    """
    connection = connections[using]
    with archive.reading(path) as reader:
        _refuse_other_version(connection, reader.manifest["migrations"])
        with transaction.atomic(using=using, durable=True):
            _refuse_filled(connection)
            dropped = foreign_keys.drop(connection, _large_tables(reader.manifest["tables"]))
            _empty_what_migrating_made(connection)
            for table in tables():
                with reader.table(table.name) as lines:
                    insert(connection, table, lines)
            set_last_numbers(connection, reader.manifest["last_numbers"])
            _refuse_dangling_keys(connection, dropped)
            found = _compare_contents(connection, reader.manifest["tables"])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return found


def whole(contents: Contents) -> Content:
    """Return all tables as one: the sum of their rows, and the SHA-256 of all their SHA-256."""
    rows = sum(content.rows for content in contents.values())
    lines = (f"{name} {each.rows} {each.sha256}" for name, each in sorted(contents.items()))
    return Content(rows, measure(lines).sha256)


def _refuse_other_version(connection: BaseDatabaseWrapper, wanted: list[str]) -> None:
    here = set(_applied_migrations(connection))
    lacking, more = sorted(set(wanted) - here), sorted(here - set(wanted))
    if lacking or more:
        differ = [
            *(f"The archive has {each}, which is not applied here." for each in lacking[:3]),
            *(f"Here {each} is applied, which the archive does not have." for each in more[:3]),
        ]
        raise Refused(
            "The archive was made by another version of the product. Restore it with that version, "
            "then upgrade. " + " ".join(differ)
        )


def _refuse_filled(connection: BaseDatabaseWrapper) -> None:
    for table in tables():
        if table.name in MADE_BY_MIGRATING:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table.name)} LIMIT 1")
            if cursor.fetchone():
                raise Refused(
                    f"The database is not empty: {table.name} has rows. A restore fills an empty "
                    "one only: make a new database, and restore into that."
                )


def _empty_what_migrating_made(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for name in reversed(MADE_BY_MIGRATING):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")


def _large_tables(contents: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the tables of which the archive has many rows."""
    here = {table.name for table in tables()}
    return [
        name
        for name, content in contents.items()
        if name in here and content["rows"] > foreign_keys.MANY_ROWS
    ]


def _refuse_dangling_keys(
    connection: BaseDatabaseWrapper, dropped: list[foreign_keys.ForeignKey]
) -> None:
    """Check every foreign key, and make those anew that were dropped."""
    try:
        connection.check_constraints()
        foreign_keys.make(connection, dropped)
    except IntegrityError as error:
        reason = str(error).splitlines()[0]
        raise Refused(f"A row of the archive points at nothing: {reason}") from error


def _compare_contents(connection: BaseDatabaseWrapper, wanted: Mapping[str, object]) -> Contents:
    """Return the contents of every table. Raises Refused where the archive says otherwise."""
    found = {table.name: content_of(connection, table) for table in tables()}
    differ = [name for name in found if vars(found[name]) != wanted.get(name)]
    if differ or set(wanted) - set(found):
        names = ", ".join(differ) or ", ".join(sorted(set(wanted) - set(found)))
        raise Refused(f"What was restored differs from the archive in {names}; nothing was kept.")
    return found


def move(url: str, folder: Path) -> Path:
    """Move everything into the empty database at `url` through an archive; return its path.

    The restore runs in a process of its own, so that nothing in this one can reach the wrong
    database. Nobody may write meanwhile: raises Refused while a worker runs, where the restore is
    refused, and where the old database has changed by the end.
    """
    if locks.count_workers():
        raise Refused("A worker is running. Stop the web server and every worker, then move.")
    path = folder / f"before-the-move-{datetime.datetime.now():%Y%m%d-%H%M%S}.backup"
    before = back_up(path)
    _restore_at(url, path)
    with _one_moment(connections["default"]) as connection:
        after = {table.name: content_of(connection, table) for table in tables()}
    if after != before:
        raise Refused(
            "Somebody wrote into the old database meanwhile. Stop the web server and every worker, "
            "make the new database empty again, and move again."
        )
    return path


def _restore_at(url: str, path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", "restore", path.resolve()],
        env={**os.environ, "DATABASE_URL": url},
        check=False,
    )
    if ended.returncode:
        raise Refused(f"Nothing was moved; the old database is as it was. A back-up is in {path}.")
