"""Tables that PostgreSQL keeps in parts: one for each value of a column.

A query that names the value reads that part alone, so that what other years hold costs nothing. A
model says by `partitioned_by` which of its columns of whole numbers it is, one of its primary key.
A part is made when the first rows for it are written, and needs no care by an operator. Other
databases keep the table whole.
"""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def has_parts(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the database keeps such tables in parts."""
    return connection.vendor == "postgresql"


def partition_column(model: type[models.Model]) -> str:
    """Return the column that a model's table is kept in parts by; "" where it is kept whole."""
    return getattr(model, "partitioned_by", "")


def part_of(table: str, value: int) -> str:
    """Return the name of the table that holds the rows with this value."""
    return f"{table}_{value:d}"


def is_missing(connection: BaseDatabaseWrapper, table: str, value: int) -> bool:
    """Return whether rows with this value need a part that is not there yet."""
    if not has_parts(connection):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NULL", [f'"{part_of(table, value)}"'])
        missing: bool = cursor.fetchone()[0]
    return missing


def make_part(connection: BaseDatabaseWrapper, table: str, value: int) -> None:
    """Make the part for rows with this value, where it is missing.

    Call it inside a transaction that keeps others from making the same one. It is made beside the
    table and then attached, which keeps nobody from reading or writing the other parts.
    """
    if is_missing(connection, table, value):
        begin_part(connection, table, value)
        attach_part(connection, table, value)


def begin_part(connection: BaseDatabaseWrapper, table: str, value: int) -> None:
    """Make a missing part beside the table, for many rows: it has no index to keep meanwhile."""
    whole, part = map(connection.ops.quote_name, (table, part_of(table, value)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {part} (LIKE {whole} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        )


def attach_part(connection: BaseDatabaseWrapper, table: str, value: int) -> None:
    """Make a begun part one of the table's, with its indexes and foreign keys.

    Raises IntegrityError where a row has another value, or an index or key does not allow it.
    """
    whole, part = map(connection.ops.quote_name, (table, part_of(table, value)))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {whole} ATTACH PARTITION {part} FOR VALUES IN ({value:d})")


def create_table(editor: BaseDatabaseSchemaEditor, model: type[models.Model], column: str) -> None:
    """Create a model's table, for a migration: without any part where it is kept in parts."""
    if not has_parts(editor.connection):
        editor.create_model(model)
        return
    plain = editor.sql_create_table
    editor.sql_create_table = f"{plain} PARTITION BY LIST ({editor.quote_name(column)})"
    try:
        editor.create_model(model)
    finally:
        editor.sql_create_table = plain
