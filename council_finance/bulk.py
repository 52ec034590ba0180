"""Many rows in and out of a table at once."""

import contextlib
import gc
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.core.exceptions import EmptyResultSet
from django.db import DataError, connection, models, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models.expressions import RawSQL

from council_finance.partitions import part_of, partition_column

Rows: TypeAlias = models.QuerySet[Any, tuple[Any, ...]]
"""A values_list."""

MANY_ROWS = 50_000
"""After more new rows than this the database is told that a table has grown."""

_MANY_BYTES = 500_000
"""From here on a value of bytes goes to PostgreSQL by COPY."""

_STATISTICS_TARGET = 20
"""A fifth of PostgreSQL's own, and so a sample of 6,000 rows: enough to know how many rows a batch
or a service has. PostgreSQL gathers larger ones by itself, as this does not count for it."""

_ROWS_AT_ONCE = 20_000
_ROWS_A_STATEMENT = 10
_CHANGED_AT_ONCE = 500
_MISSING = -(2**63)
"""Stands for NULL among numbers read from SQLite; no figure is so large."""

_BYTES = {"smallint": 2, "integer": 4, "bigint": 8}
_BINARY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_BINARY_END = b"\xff\xff"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def insert_rows(model: type[models.Model], frame: pd.DataFrame) -> None:
    """Insert the frame's rows: COPY on PostgreSQL, executemany elsewhere.

    Columns are named as the table's and hold whole numbers (missing: NULL), texts or booleans.
    Rows go in parts, so that memory stays bounded. Call it inside a transaction; after its commit
    the statistics of a table with many new rows are updated. Raise the database's errors as
    Django's.
    """
    quoted = ", ".join(connection.ops.quote_name(name) for name in frame.columns)
    into = f"{connection.ops.quote_name(model._meta.db_table)} ({quoted})"
    sizes = _integer_sizes(model)
    with without_collecting(), connection.cursor() as cursor:
        for start in range(0, len(frame), _ROWS_AT_ONCE):
            part = frame.iloc[start : start + _ROWS_AT_ONCE]
            if connection.vendor != "postgresql":
                _insert_by_statements(cursor, into, part)
            elif all(map(pd.api.types.is_integer_dtype, frame.dtypes)):
                rows = binary_rows(part, sizes)
                _copy_in(cursor, f"{into} FROM STDIN (FORMAT binary)", rows)
            else:
                _copy_in(cursor, f"{into} FROM STDIN", _text_rows(part))
    if len(frame) > MANY_ROWS:
        column = partition_column(model)
        for part in frame[column].unique() if column else [None]:
            transaction.on_commit(partial(_gather_statistics, model, part))


def sent_bytes(content: bytes) -> bytes | RawSQL:
    """Return bytes, as they are or as SQL that gives them, for the next row to be stored.

    Call it in the transaction that stores the row. By COPY PostgreSQL takes many bytes as they are,
    into a table of the session from which the row takes them. In a statement each byte is two
    digits, which both sides would have to write and read.
    """
    if connection.vendor != "postgresql" or len(content) < _MANY_BYTES:
        return content
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS sent_bytes (content bytea) ON COMMIT DELETE ROWS;"
            "ALTER TABLE sent_bytes ALTER content SET STORAGE EXTERNAL;"  # not compressed again
            "TRUNCATE sent_bytes"
        )
        row = (1).to_bytes(2) + len(content).to_bytes(4) + content
        _copy_in(
            cursor,
            "sent_bytes FROM STDIN (FORMAT binary)",
            _BINARY_HEADER + row + _BINARY_END,
        )
    return RawSQL("(SELECT content FROM sent_bytes)", (), output_field=models.BinaryField())


def update_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Store these fields of rows of one model, many by one statement.

    Django's bulk_update asks a condition for each value of each row, which takes several times as
    long as the database.
    """
    for start in range(0, len(rows), _CHANGED_AT_ONCE):
        some = rows[start : start + _CHANGED_AT_ONCE]
        named = {field.name: field for field in some[0]._meta.concrete_fields}
        stored = [named[name] for name in fields]
        values = [
            [
                row.pk,
                *(each.get_db_prep_save(getattr(row, each.attname), connection) for each in stored),
            ]
            for row in some
        ]
        with connection.cursor() as cursor:
            cursor.execute(_update_in_sql(some, stored), list(chain.from_iterable(values)))


def _update_in_sql(rows: Sequence[models.Model], fields: "Sequence[models.Field[Any, Any]]") -> str:
    """Return the statement that takes key and values of each row; their types are the table's."""
    table, key = _quoted_names(rows[0])
    changes = ", ".join(
        f"{connection.ops.quote_name(str(each.column))} = "
        f"CAST(given.column{place} AS {each.cast_db_type(connection)})"
        for place, each in enumerate(fields, start=2)
    )
    row = f"({', '.join(['%s'] * (len(fields) + 1))})"
    given = f"(VALUES {', '.join([row] * len(rows))}) AS given"
    return f"UPDATE {table} SET {changes} FROM {given} WHERE {table}.{key} = given.column1"


def insert_values(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows of values as the database takes them, many by one statement.

    For a few rows, of which a frame would take longer to make (insert_rows).
    """
    table, *names = map(connection.ops.quote_name, (model._meta.db_table, *columns))
    row = f"({', '.join(['%s'] * len(columns))})"
    for start in range(0, len(rows), _CHANGED_AT_ONCE):
        some = rows[start : start + _CHANGED_AT_ONCE]
        into = f"INSERT INTO {table} ({', '.join(names)}) VALUES "
        with connection.cursor() as cursor:
            cursor.execute(into + ", ".join([row] * len(some)), list(chain.from_iterable(some)))


def _quoted_names(model: models.Model | type[models.Model]) -> list[str]:
    """Return the names of a model's table and of its key. Raise `ValueError` without one column."""
    table, key = model._meta.db_table, model._meta.pk.column
    if key is None:
        raise ValueError(f"{table} has no primary key of one column")
    return [connection.ops.quote_name(name) for name in (table, key)]


def delete_rows(rows: models.QuerySet[Any]) -> None:
    """Delete rows in one statement, without a search for others that refer to them.

    The database refuses to delete a row that another refers to by a foreign key that it checks.
    """
    sql, parameters = rows.order_by().values("pk").query.sql_with_params()
    table, key = _quoted_names(rows.model)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {key} IN ({sql})", parameters)


@contextlib.contextmanager
def without_collecting() -> Iterator[None]:
    """Switch the garbage collector off for the block.

    While a million small objects are made that all stay, it would search them in vain.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _insert_by_statements(cursor: CursorWrapper, into: str, frame: pd.DataFrame) -> None:
    """Insert several rows a statement.

    A column without any value is NULL in the statement itself: binding None is slow on SQLite.
    """
    given = frame.columns[frame.notna().any()]
    row = ", ".join("%s" if name in given else "NULL" for name in frame.columns)
    columns = [_python_values(frame[name]) for name in given]
    values = list(chain.from_iterable(zip(*columns, strict=True)))
    several = _ROWS_A_STATEMENT * len(given)
    rest = len(values) - len(values) % several
    for count, first, last in ((_ROWS_A_STATEMENT, 0, rest), (1, rest, len(values))):
        statement = f"INSERT INTO {into} VALUES {', '.join([f'({row})'] * count)}"
        size = count * len(given)
        if first < last:
            cursor.executemany(statement, [values[n : n + size] for n in range(first, last, size)])


def _copy_in(cursor: CursorWrapper, what: str, data: bytes) -> None:
    with connection.wrap_database_errors:
        cursor.cursor.copy_expert(f"COPY {what}", io.BytesIO(data))


def _text_rows(frame: pd.DataFrame) -> bytes:
    """Return the rows in COPY's text format, with \\N for what is missing."""
    columns = [_texts_to_copy(column) for _, column in frame.items()]
    return ("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n").encode()


def binary_rows(frame: pd.DataFrame, sizes: Mapping[str, int]) -> bytes:
    """Return rows of whole numbers in COPY's binary format; `sizes` are bytes by column.

    A row is the number of its columns, then of each its size and value; NULL is the size −1 and no
    value. Raise `DataError` where a number is too large for its column.
    """
    missing = {name: column.isna().to_numpy() for name, column in frame.items()}
    given = [name for name in frame.columns if not missing[name].all()]
    fields = [("columns", ">i2")]
    for name in frame.columns:
        value = [(name, f">i{sizes[name]}")] if name in given else []
        fields += [(f"size of {name}", ">i4"), *value]
    rows = np.zeros(len(frame), dtype=fields)
    rows["columns"] = len(frame.columns)
    for name in frame.columns:
        rows[f"size of {name}"] = sizes[name] if name in given else -1
    for name in given:
        values = frame[name].fillna(0).to_numpy(dtype="int64")
        rows[name] = values
        if sizes[name] < 8 and (rows[name] != values).any():
            raise DataError(f"{name}: a number is too large for the column")
    partly = {name: missing[name] for name in given if missing[name].any()}
    return _BINARY_HEADER + _bytes_with_nulls(rows, partly) + _BINARY_END


def _bytes_with_nulls(rows: npt.NDArray[np.void], missing: Mapping[str, np.ndarray]) -> bytes:
    """Return the bytes of rows, without the values of those where a field is missing, by name."""
    if not missing:
        return rows.tobytes()
    fields: Mapping[str, Any] = rows.dtype.fields or {}
    written = np.ones((len(rows), rows.itemsize), dtype=bool)
    for name, where in missing.items():
        rows[f"size of {name}"][where] = -1
        kind, first = fields[name][:2]
        written[where, first : first + kind.itemsize] = False
    return rows.view("uint8").reshape(written.shape)[written].tobytes()


def _integer_sizes(model: type[models.Model]) -> dict[str, int]:
    """Return the bytes of each column of whole numbers on PostgreSQL."""
    fields = model._meta.concrete_fields
    kinds = {field.column: field.db_type(connection) for field in fields if field.column}
    return {name: _BYTES[kind] for name, kind in kinds.items() if kind in _BYTES}


def _gather_statistics(model: type[models.Model], part: int | None) -> None:
    """Have PostgreSQL update its statistics of a table that has just grown, or of its part alone.

    By itself it does so within minutes, and until then plans as if the table were small. Amounts
    are left to it: nothing is looked up by them, and they would take a third of the time.
    """
    if connection.vendor == "postgresql":
        table = model._meta.db_table
        name = connection.ops.quote_name(table if part is None else part_of(table, part))
        columns = [field.column for field in model._meta.concrete_fields if field.column]
        wanted = [column for column in columns if not column.endswith("_pence")]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL default_statistics_target = {_STATISTICS_TARGET}")
            cursor.execute(f"ANALYZE {name} ({', '.join(map(connection.ops.quote_name, wanted))})")


def new_ids(model: type[models.Model], count: int) -> npt.NDArray[np.int64]:
    """Return ids for rows to insert by insert_rows. Call it inside a transaction that locks."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "pg_get_serial_sequence(%s, 'id')"
            cursor.execute(
                f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [f'"{table}"', count]
            )
            return np.array([row[0] for row in cursor.fetchall()], dtype="int64")
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {connection.ops.quote_name(table)}")
        first = cursor.fetchone()[0] + 1
        return np.arange(first, first + count, dtype="int64")


def _python_values(column: pd.Series) -> list[Any]:
    """Return the values of a column, None where a whole number is missing."""
    values: list[Any]
    if not pd.api.types.is_integer_dtype(column.dtype):
        values = column.tolist()
        return values
    missing = column.isna().to_numpy()
    numbers = column.fillna(0).to_numpy(dtype="int64")
    if missing.any():
        numbers = numbers.astype(object)
        numbers[missing] = None
    values = numbers.tolist()
    return values


def _texts_to_copy(column: pd.Series) -> list[str]:
    values = _python_values(column)
    if not pd.api.types.is_integer_dtype(column.dtype):
        return [str(value).translate(_ESCAPES) for value in values]
    texts = list(map(str, values))
    for place in np.flatnonzero(column.isna().to_numpy()):
        texts[place] = r"\N"
    return texts


def frame_of(rows: Rows, types: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows of a values_list as columns.

    The types are int64, Int64 (may be missing), bool or object (text). By COPY on PostgreSQL. Built
    column by column: a frame made of mixed rows would pass pence through floats.
    """
    read = _copy_out if connection.vendor == "postgresql" else _joined_columns
    return read(rows, types)


def _joined_columns(rows: Rows, types: Mapping[str, str]) -> pd.DataFrame:
    """Return the columns, each of which SQLite joins to one text.

    Such a text is read at once. To make an object of every cell of fetched rows takes twice as
    long. The rows keep their order.
    """
    names = [f"column_{number}" for number in range(len(types))]
    joined = map(_join_in_sql, names, types.values())
    texts: tuple[str | None, ...] = (None,) * len(types)
    with contextlib.suppress(EmptyResultSet), connection.cursor() as cursor:
        sql, parameters = rows.query.sql_with_params()
        listed = f"WITH listed ({', '.join(names)}) AS ({sql})"
        cursor.execute(f"{listed} SELECT {', '.join(joined)} FROM listed", parameters)
        texts = cursor.fetchone()
    columns = map(_read_joined, texts, types.values())
    return pd.DataFrame(dict(zip(types, columns, strict=True)))


def _join_in_sql(name: str, kind: str) -> str:
    """Return the SQL that joins a column: texts as JSON, numbers with commas."""
    if kind == "object":
        return f"json_group_array({name})"
    return f"group_concat({f'COALESCE({name}, {_MISSING})' if kind == 'Int64' else name})"


def _read_joined(text: str | None, kind: str) -> pd.Series:
    """Return the column that SQLite joined; there is no text where there are no rows."""
    if kind == "object":
        return pd.Series(json.loads(text or "[]"), dtype=object)
    numbers = np.fromstring(text or "", dtype="int64", sep=",")
    if kind == "Int64":
        missing = numbers == _MISSING
        return pd.Series(pd.arrays.IntegerArray(np.where(missing, 0, numbers), missing))
    return pd.Series(numbers.astype(kind))


def _copy_out(rows: Rows, types: Mapping[str, str]) -> pd.DataFrame:
    data = io.BytesIO()
    with contextlib.suppress(EmptyResultSet), connection.cursor() as cursor:
        sql = cursor.cursor.mogrify(*rows.query.sql_with_params()).decode()
        with connection.wrap_database_errors:
            cursor.cursor.copy_expert(f"COPY ({sql}) TO STDOUT (FORMAT csv)", data)
    if not data.tell():
        return pd.DataFrame({name: pd.array([], dtype=kind) for name, kind in types.items()})
    data.seek(0)
    frame: pd.DataFrame = pd.read_csv(
        data,
        header=None,
        names=list(types),
        dtype=dict(types),
        keep_default_na=False,
        na_values={name: [""] for name, kind in types.items() if kind not in ("object", "bool")},
        true_values=["t"],
        false_values=["f"],
    )
    return frame


def whole_numbers(rows: Rows, columns: Iterable[str], nullable: Iterable[str] = ()) -> pd.DataFrame:
    """Return the rows as columns of int64, Int64 where a value may be missing."""
    nullable = set(nullable)
    types = {name: "Int64" if name in nullable else "int64" for name in columns}
    return frame_of(rows, types)
