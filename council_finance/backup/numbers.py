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

_FORMAT = "(FORMAT csv, NULL 'null')"


def holds_only_numbers(fields: Iterable[values.AnyField]) -> bool:
    """Return whether every column is of whole numbers."""
    return all(isinstance(values.column_field(field), models.IntegerField) for field in fields)


class _InBrackets:
    """What COPY writes into, a row at a time: each is passed on as the line of an archive."""

    def __init__(self, take: Callable[[bytes], object]):
        self.take = take

    def write(self, row: bytes) -> None:
        self.take(b"[" + row[:-1] + b"]\n")


def copy_out(connection: BaseDatabaseWrapper, select: str, take: Callable[[bytes], object]) -> None:
    """Pass each row of a query on PostgreSQL to `take`, as the line of an archive."""
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.cursor.copy_expert(f"COPY ({select}) TO STDOUT {_FORMAT}", _InBrackets(take))


def copy_in(
    connection: BaseDatabaseWrapper, cursor: CursorWrapper, into: str, lines: list[bytes]
) -> None:
    """Write lines of an archive as rows on PostgreSQL, which refuses what is no whole number."""
    rows = b"\n".join(line.strip(b"[]\n") for line in lines)
    with connection.wrap_database_errors:
        cursor.cursor.copy_expert(f"COPY {into} FROM STDIN {_FORMAT}", io.BytesIO(rows))
