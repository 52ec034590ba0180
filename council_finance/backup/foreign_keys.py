"""Foreign keys of large tables, which PostgreSQL checks quicker once the rows are there.

It looks up the keys of each new row by themselves, and those of a whole table by one query.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

MANY_ROWS = 50_000
"""Of a table with fewer rows the keys are checked sooner than they are made."""


class ForeignKey(NamedTuple):
    """A foreign key: names of table and constraint as SQL has them, and what it says."""

    table: str
    name: str
    definition: str


def drop(connection: BaseDatabaseWrapper, tables: Iterable[str]) -> list[ForeignKey]:
    """Drop the foreign keys of tables on PostgreSQL, and return them.

    Call it in a transaction that ends with `make`, before the tables have changed in it.
    """
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 "
            "AND conrelid = ANY (%s::regclass[]) ORDER BY conname",
            [list(map(connection.ops.quote_name, tables))],
        )
        keys = [ForeignKey(*row) for row in cursor.fetchall()]
        for key in keys:
            cursor.execute(f"ALTER TABLE {key.table} DROP CONSTRAINT {key.name}")
    return keys


def make(connection: BaseDatabaseWrapper, keys: Iterable[ForeignKey]) -> None:
    """Make the keys anew. Raises IntegrityError where a row points at nothing."""
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute(f"ALTER TABLE {key.table} ADD CONSTRAINT {key.name} {key.definition}")
