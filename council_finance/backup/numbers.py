"""Tables of whole numbers alone, in and out of PostgreSQL without a look at each value.

Positions are such a table, and by far the largest. COPY writes a row of whole numbers as CSV that
is the line of an archive but for the brackets.
"""

import io
from collections.abc import Callable, Iterable

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from council_finance.backup import values

_ROWS = 5_000
_PIECE = 1 << 16
"""Bytes that the server is sent at a time."""

_FORMAT = "(FORMAT csv, NULL 'null')"


def holds_only_numbers(fields: Iterable[values.AnyField]) -> bool:
    """Return whether every column is of whole numbers."""
    return all(isinstance(values.column_field(field), models.IntegerField) for field in fields)


class _Lines:
    """What COPY writes into, a row at a time: passed on as lines of an archive, many at once."""

    def __init__(self, take: Callable[[bytes, int], object]):
        self.take = take
        self.rows: list[bytes] = []

    def write(self, row: bytes) -> None:
        self.rows.append(row)
        if len(self.rows) == _ROWS:
            self.pass_on()

    def pass_on(self) -> None:
        """Pass on what is kept back."""
        if self.rows:
            lines = b"".join(self.rows)[:-1].replace(b"\n", b"]\n[")
            self.take(b"[" + lines + b"]\n", len(self.rows))
            self.rows.clear()


def copy_out(
    connection: BaseDatabaseWrapper, select: str, take: Callable[[bytes, int], object]
) -> None:
    """Pass the rows of a query on PostgreSQL to `take`: lines of an archive, and how many."""
    lines = _Lines(take)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.cursor.copy_expert(f"COPY ({select}) TO STDOUT {_FORMAT}", lines)
    lines.pass_on()


def copy_in(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, into: str, lines: bytes
) -> None:
    """Write lines of an archive as rows on PostgreSQL, which refuses what is no whole number."""
    rows = lines.strip(b"[]\n").replace(b"]\n[", b"\n")
    with connection.wrap_database_errors:
        cursor.cursor.copy_expert(f"COPY {into} FROM STDIN {_FORMAT}", io.BytesIO(rows), _PIECE)
