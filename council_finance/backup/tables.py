"""Tables as a back-up sees them: every column of every row, in the order of the primary key."""

import hashlib
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import DatabaseError, models

from council_finance.backup import values
from council_finance.errors import Refused

AT_ONCE = 5_000
LEFT_OUT = ("django_session",)
"""Who is logged in logs in again: an archive that lets its reader in as others would be a risk."""


@dataclass(frozen=True)
class Table:
    """A table: its columns with their fields, and those of its primary key."""

    name: str
    fields: tuple[models.Field, ...]
    key: tuple[models.Field, ...]

    @property
    def columns(self) -> list[str]:
        """The columns' names."""
        return [field.column for field in self.fields]


@dataclass(frozen=True)
class Content:
    """What a table holds: how many rows, and the SHA-256 of their lines in order."""

    rows: int
    sha256: str


def tables() -> list[Table]:
    """Every table of the product but those left out, by name."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        if not options.managed or options.proxy or options.db_table in LEFT_OUT:
            continue
        key = tuple(getattr(options.pk, "fields", None) or (options.pk,))
        found[options.db_table] = Table(options.db_table, tuple(options.concrete_fields), key)
    return [found[name] for name in sorted(found)]


def lines_of(connection, table: Table) -> Iterator[str]:
    """The rows as lines, in the order of the primary key; call it inside a transaction."""
    converts = [
        (place, convert)
        for place, field in enumerate(table.fields)
        if (convert := values.to_line(field))
    ]
    encode = json.JSONEncoder(separators=(",", ":")).encode
    for row in _rows(connection, table):
        row = list(row)
        for place, convert in converts:
            if row[place] is not None:
                row[place] = convert(row[place])
        yield encode(row)


def _rows(connection, table: Table) -> Iterator[tuple]:
    name = connection.ops.quote_name
    columns = ", ".join(map(name, table.columns))
    order = ", ".join(_ordered(connection, field) for field in table.key)
    sql = f"SELECT {columns} FROM {name(table.name)} ORDER BY {order}"
    # A cursor of the server on PostgreSQL: a table may be larger than memory.
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from rows


def _ordered(connection, field: models.Field) -> str:
    """Texts are put in the order of their bytes, which is SQLite's own."""
    column = connection.ops.quote_name(field.column)
    is_text = isinstance(values.column_field(field), models.CharField | models.TextField)
    return f'{column} COLLATE "C"' if is_text and connection.vendor == "postgresql" else column


def measure(lines: Iterable[str], write: Callable[[bytes], object] = lambda line: None) -> Content:
    """How many lines, and their SHA-256; each is handed to `write` on its way."""
    rows, digest = 0, hashlib.sha256()
    for line in lines:
        data = line.encode("ascii") + b"\n"
        digest.update(data)
        write(data)
        rows += 1
    return Content(rows, digest.hexdigest())


def insert(connection, table: Table, lines: Iterable[bytes]) -> None:
    """Write lines as rows: COPY on PostgreSQL, executemany elsewhere; call it in a transaction.

    Raises Refused where the database does not take them.
    """
    converts = [
        (place, convert)
        for place, field in enumerate(table.fields)
        if (convert := values.from_line(field))
    ]
    name = connection.ops.quote_name
    into = f"{name(table.name)} ({', '.join(map(name, table.columns))})"
    write = _copy if connection.vendor == "postgresql" else _execute_many
    rows = (_row(line, converts) for line in lines)
    try:
        with connection.cursor() as cursor:
            while part := list(itertools.islice(rows, AT_ONCE)):
                write(connection, cursor, into, part)
    except (DatabaseError, Refused) as error:
        reason = error.messages[0] if isinstance(error, Refused) else str(error).splitlines()[0]
        raise Refused(f"The table {table.name} cannot be filled: {reason}.") from error


def _row(line: bytes, converts: list[tuple[int, values.Convert]]) -> list:
    row = json.loads(line)
    for place, convert in converts:
        if row[place] is not None:
            row[place] = convert(row[place])
    return row


def _copy(connection, cursor, into: str, rows: list[list]) -> None:
    text = "".join(_copied(row) for row in rows)
    with connection.wrap_database_errors:
        cursor.cursor.copy_expert(f"COPY {into} FROM STDIN", io.StringIO(text))


def _copied(row: list) -> str:
    try:
        return "\t".join(map(values.for_copy, row)) + "\n"
    except Refused as refused:
        raise Refused(f"in the row {row[0]}, {refused.messages[0]}") from refused


def _execute_many(connection, cursor, into: str, rows: list[list]) -> None:
    marks = ", ".join(["%s"] * len(rows[0]))
    adapted = [tuple(map(values.for_sqlite, row)) for row in rows]
    cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", adapted)


def last_numbers(connection) -> dict[str, int]:
    """By table, the last number given to a row, whether that row is still there or not."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            if not isinstance(table.key[0], models.AutoField | models.BigAutoField):
                continue
            if connection.vendor == "postgresql":
                name = _sequence(cursor, table)
                cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}")
            else:
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
            row = cursor.fetchone()
            found[table.name] = row[0] if row else 0
    return found


def set_last_numbers(connection, numbers: dict[str, int]) -> None:
    """Go on numbering where it had come to, so that no number ever names two things."""
    by_name = {table.name: table for table in tables()}
    with connection.cursor() as cursor:
        for name, number in numbers.items():
            if connection.vendor == "postgresql":
                sequence = _sequence(cursor, by_name[name])
                cursor.execute("SELECT setval(%s, %s, %s)", [sequence, max(number, 1), number > 0])
                continue
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [name])
            cursor.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, number]
            )


def _sequence(cursor, table: Table) -> str:
    cursor.execute(
        "SELECT pg_get_serial_sequence(%s, %s)", [f'"{table.name}"', table.key[0].column]
    )
    return cursor.fetchone()[0]
