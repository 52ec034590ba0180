"""Tables in a back-up: every column of every row, in the order of the primary key."""

import hashlib
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

from django.apps import apps
from django.db import DatabaseError, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from council_finance.backup import numbers, values
from council_finance.errors import Refused
from council_finance.partitions import (
    attach_part,
    begin_part,
    has_parts,
    is_missing,
    part_of,
    partition_column,
)

_ROWS = 5_000
_BLOCK = 1 << 20
LEFT_OUT = ("django_session",)
"""Sessions: an archive must not let its reader in as somebody else, so people log in again."""


@dataclass(frozen=True)
class Table:
    """A table: the fields of its columns, and those of its primary key.

    `parted_by` is the column by which PostgreSQL keeps it in parts, "" where it is whole.
    """

    name: str
    fields: tuple[values.AnyField, ...]
    key: tuple[values.AnyField, ...]
    parted_by: str = ""

    @property
    def columns(self) -> list[str]:
        """The columns' names."""
        return [_column_name(field) for field in self.fields]


@dataclass(frozen=True)
class Content:
    """The content of a table: the number of rows, and the SHA-256 of their lines in order."""

    rows: int
    sha256: str


def _pass_over(line: bytes) -> None:
    """Write a line nowhere: it is only counted."""


def tables() -> list[Table]:
    """Return every table of the product except those left out, in the order of their names."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        if not options.managed or options.proxy or options.db_table in LEFT_OUT:
            continue
        key = tuple(getattr(options.pk, "fields", None) or (options.pk,))
        found[options.db_table] = Table(
            options.db_table, tuple(options.concrete_fields), key, partition_column(model)
        )
    return [found[name] for name in sorted(found)]


def lines_of(connection: BaseDatabaseWrapper, table: Table) -> Iterator[str]:
    """Yield the rows as lines, in the order of the primary key; call it inside a transaction."""
    converts = [
        (place, convert)
        for place, field in enumerate(table.fields)
        if (convert := values.to_line(field))
    ]
    encode = json.JSONEncoder(separators=(",", ":")).encode
    for values_of_row in _fetch_rows(connection, table):
        row = list(values_of_row)
        for place, convert in converts:
            if row[place] is not None:
                row[place] = convert(row[place])
        yield encode(row)


def _column_name(field: values.AnyField) -> str:
    return str(field.column)


def _fetch_rows(connection: BaseDatabaseWrapper, table: Table) -> Iterator[tuple[Any, ...]]:
    # On PostgreSQL a cursor on the server: a table may be larger than memory.
    with connection.chunked_cursor() as cursor:
        cursor.execute(_build_select(connection, table))
        while rows := cursor.fetchmany(_ROWS):
            yield from rows


def _build_select(connection: BaseDatabaseWrapper, table: Table) -> str:
    """Return the query of every row, in the order of the primary key."""
    name = connection.ops.quote_name
    columns = ", ".join(map(name, table.columns))
    order = ", ".join(_order_by_bytes(connection, field) for field in table.key)
    return f"SELECT {columns} FROM {name(table.name)} ORDER BY {order}"


def _order_by_bytes(connection: BaseDatabaseWrapper, field: values.AnyField) -> str:
    """Return the SQL to order by a column; texts by their bytes, as SQLite does."""
    column = connection.ops.quote_name(_column_name(field))
    is_text = isinstance(values.column_field(field), models.CharField | models.TextField)
    return f'{column} COLLATE "C"' if is_text and connection.vendor == "postgresql" else column


def content_of(
    connection: BaseDatabaseWrapper, table: Table, write: Callable[[bytes], object] = _pass_over
) -> Content:
    """Return the content of a table, and pass its lines to `write`, one or many at a time."""
    if not _is_copied(connection, table):
        return measure(lines_of(connection, table), write)
    counted = _Counted(write)
    numbers.copy_out(connection, _build_select(connection, table), counted.take)
    return counted.content()


def _is_copied(connection: BaseDatabaseWrapper, table: Table) -> bool:
    return connection.vendor == "postgresql" and numbers.holds_only_numbers(table.fields)


def measure(lines: Iterable[str], write: Callable[[bytes], object] = _pass_over) -> Content:
    """Return the number of lines and their SHA-256, and pass each of them to `write`."""
    counted = _Counted(write)
    for line in lines:
        counted.take(line.encode("ascii") + b"\n", 1)
    return counted.content()


class _Counted:
    """Lines that are counted and added to their SHA-256 on their way to `write`."""

    def __init__(self, write: Callable[[bytes], object]):
        self.write, self.rows, self.digest = write, 0, hashlib.sha256()

    def take(self, lines: bytes, rows: int) -> None:
        self.digest.update(lines)
        self.write(lines)
        self.rows += rows

    def content(self) -> Content:
        return Content(self.rows, self.digest.hexdigest())


def insert(connection: BaseDatabaseWrapper, table: Table, lines: BinaryIO) -> None:
    """Write a file of lines as rows: COPY on PostgreSQL, executemany elsewhere.

    Call it in a transaction. Raises Refused where the database does not accept them.
    """
    begun: set[int] = set()
    try:
        for value, part in _by_part(connection, table, lines):
            if value is not None and is_missing(connection, table.name, value):
                begin_part(connection, table.name, value)
                begun.add(value)
            name = table.name if value is None else part_of(table.name, value)
            _insert_into(connection, table, name, part)
        for value in begun:
            attach_part(connection, table.name, value)
    except (DatabaseError, Refused) as error:
        reason = error.messages[0] if isinstance(error, Refused) else str(error).splitlines()[0]
        raise Refused(f"The table {table.name} cannot be filled: {reason}.") from error


def _by_part(
    connection: BaseDatabaseWrapper, table: Table, lines: BinaryIO
) -> Iterator[tuple[int | None, bytes]]:
    """Yield about a megabyte of whole lines at a time, with the value of the part that has them.

    The value is None for a table without parts. Lines are in the order of the primary key, which
    begins with that column: so all have the value that the first and the last one have.
    """
    place = table.columns.index(table.parted_by) if table.parted_by else None
    while block := lines.read(_BLOCK):
        block += lines.readline()
        if place is None or not has_parts(connection):
            yield None, block
            continue
        first, last = (_value_at(place, line) for line in _find_ends(block))
        if first == last:
            yield first, block
            continue
        by_value = itertools.groupby(io.BytesIO(block), partial(_value_at, place))
        yield from ((value, b"".join(part)) for value, part in by_value)


def _find_ends(block: bytes) -> tuple[bytes, bytes]:
    """Return the first and the last of some lines."""
    return block.split(b"\n", 1)[0], block[block.rfind(b"\n", 0, -1) + 1 :]


def _value_at(place: int, line: bytes) -> int:
    return int(json.loads(line)[place])


def _insert_into(connection: BaseDatabaseWrapper, table: Table, into: str, lines: bytes) -> None:
    """Write lines as rows of a table, or of one of its parts."""
    name = connection.ops.quote_name
    columns = f"{name(into)} ({', '.join(map(name, table.columns))})"
    converts = [
        (place, convert)
        for place, field in enumerate(table.fields)
        if (convert := values.from_line(field))
    ]
    with connection.cursor() as cursor:
        if _is_copied(connection, table):
            numbers.copy_in(connection, cursor, columns, lines)
            return
        write = _copy_in if connection.vendor == "postgresql" else _execute_many
        write(connection, cursor, columns, _parse_lines(lines, converts))


def _parse_lines(lines: bytes, converts: list[tuple[int, values.Convert]]) -> list[list[Any]]:
    # As one JSON text: to parse each line by itself takes twice as long.
    rows: list[list[Any]] = json.loads(b"[" + lines.rstrip(b"\n").replace(b"\n", b",") + b"]")
    for place, convert in converts:
        for row in rows:
            if row[place] is not None:
                row[place] = convert(row[place])
    return rows


def _copy_in(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, into: str, rows: list[list[Any]]
) -> None:
    text = "".join(_format_for_copy(row) for row in rows)
    with connection.wrap_database_errors:
        cursor.cursor.copy_expert(f"COPY {into} FROM STDIN", io.StringIO(text))


def _format_for_copy(row: list[Any]) -> str:
    try:
        return "\t".join(map(values.for_copy, row)) + "\n"
    except Refused as refused:
        raise Refused(f"in the row {row[0]}, {refused.messages[0]}") from refused


def _execute_many(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, into: str, rows: list[list[Any]]
) -> None:
    marks = ", ".join(["%s"] * len(rows[0]))
    adapted = [tuple(map(values.for_sqlite, row)) for row in rows]
    cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", adapted)


def last_numbers(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """Return by table the last number given to a row, even where that row was deleted since."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            if not isinstance(table.key[0], models.AutoField | models.BigAutoField):
                continue
            if connection.vendor == "postgresql":
                name = _sequence_name(cursor, table)
                cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}")
            else:
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
            row = cursor.fetchone()
            found[table.name] = row[0] if row else 0
    return found


def set_last_numbers(connection: BaseDatabaseWrapper, numbers: Mapping[str, int]) -> None:
    """Continue the numbers of rows where they had ended, so that none is ever used twice."""
    by_name = {table.name: table for table in tables()}
    with connection.cursor() as cursor:
        for name, number in numbers.items():
            if connection.vendor == "postgresql":
                sequence = _sequence_name(cursor, by_name[name])
                cursor.execute("SELECT setval(%s, %s, %s)", [sequence, max(number, 1), number > 0])
                continue
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [name])
            cursor.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, number]
            )


def _sequence_name(cursor: CursorWrapper, table: Table) -> str:
    column = _column_name(table.key[0])
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table.name}"', column])
    return str(cursor.fetchone()[0])
