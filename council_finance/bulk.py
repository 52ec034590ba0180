"""Many rows in and out of a table at once."""

import contextlib
import gc
import io
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from django.core.exceptions import EmptyResultSet
from django.db import connection, models

_ROWS_AT_ONCE = 20_000
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def insert_rows(model: type[models.Model], frame: pd.DataFrame) -> None:
    """Insert the frame's rows: COPY on PostgreSQL, executemany elsewhere.

    Columns are named as the table's and hold whole numbers (missing: NULL), texts or truths. A
    part at a time, so that memory stays bounded. Call it inside a transaction. Raises the
    database's errors as Django's.
    """
    quoted = ", ".join(connection.ops.quote_name(name) for name in frame.columns)
    into = f"{connection.ops.quote_name(model._meta.db_table)} ({quoted})"
    insert = _copy if connection.vendor == "postgresql" else _execute_many
    with _without_collecting(), connection.cursor() as cursor:
        for start in range(0, len(frame), _ROWS_AT_ONCE):
            insert(cursor, into, frame.iloc[start : start + _ROWS_AT_ONCE])


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """While a million small objects are made that all stay, looking for garbage finds none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _execute_many(cursor, into: str, frame: pd.DataFrame) -> None:
    marks = ", ".join(["%s"] * len(frame.columns))
    columns = [_python_values(column) for _, column in frame.items()]
    cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", list(zip(*columns, strict=True)))


def _copy(cursor, into: str, frame: pd.DataFrame) -> None:
    """COPY's text format, with \\N for what is missing."""
    columns = [_copied(column) for _, column in frame.items()]
    data = io.StringIO("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n")
    with connection.wrap_database_errors:
        cursor.cursor.copy_expert(f"COPY {into} FROM STDIN", data)


def gather_statistics(*models: type[models.Model]) -> None:
    """Have PostgreSQL look at tables that have just grown, which it else does within minutes.

    Until it has, it plans as if they were small. Call it outside the writing transaction.
    """
    if connection.vendor != "postgresql":
        return
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")


def new_ids(model: type[models.Model], count: int) -> np.ndarray:
    """Ids for rows that insert_rows is to make. Call it inside a transaction that locks."""
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


def _python_values(column: pd.Series) -> list:
    if not pd.api.types.is_integer_dtype(column.dtype):
        return column.tolist()
    missing = column.isna().to_numpy()
    if not missing.any():
        return column.to_numpy(dtype="int64").tolist()
    values = column.fillna(0).to_numpy(dtype="int64").astype(object)
    values[missing] = None
    return values.tolist()


def _copied(column: pd.Series) -> list[str]:
    values = _python_values(column)
    if not pd.api.types.is_integer_dtype(column.dtype):
        return [str(value).translate(_ESCAPES) for value in values]
    texts = list(map(str, values))
    for place in np.flatnonzero(column.isna().to_numpy()):
        texts[place] = r"\N"
    return texts


def frame_of(rows: models.QuerySet, types: dict[str, str]) -> pd.DataFrame:
    """The rows of a values_list as columns: int64, Int64 (may be missing), bool or object (text).

    By COPY on PostgreSQL. Built column by column: a frame made of mixed rows would pass pence
    through floats.
    """
    if connection.vendor == "postgresql":
        return _copied_out(rows, types)
    lists = columns_of(rows) or [()] * len(types)
    return pd.DataFrame(
        {
            name: _nullable(values)
            if kind == "Int64"
            else pd.Series(np.array(values, dtype=kind), dtype=kind)
            for (name, kind), values in zip(types.items(), lists, strict=True)
        }
    )


def _copied_out(rows: models.QuerySet, types: dict[str, str]) -> pd.DataFrame:
    data = io.BytesIO()
    with contextlib.suppress(EmptyResultSet), connection.cursor() as cursor:
        sql = cursor.cursor.mogrify(*rows.query.sql_with_params()).decode()
        with connection.wrap_database_errors:
            cursor.cursor.copy_expert(f"COPY ({sql}) TO STDOUT (FORMAT csv)", data)
    if not data.tell():
        return pd.DataFrame({name: pd.array([], dtype=kind) for name, kind in types.items()})
    data.seek(0)
    texts = [name for name, kind in types.items() if kind in ("object", "bool")]
    frame = pd.read_csv(
        data,
        header=None,
        names=list(types),
        dtype={name: "object" if name in texts else kind for name, kind in types.items()},
        keep_default_na=False,
        na_values={name: [""] for name in types if name not in texts},
    )
    truths = [name for name, kind in types.items() if kind == "bool"]
    return frame.assign(**{name: frame[name] == "t" for name in truths})


def whole_numbers(
    rows: models.QuerySet, columns: Iterable[str], nullable: Iterable[str] = ()
) -> pd.DataFrame:
    """The rows of a values_list as columns of int64, Int64 where a value may be missing."""
    nullable = set(nullable)
    types = {name: "Int64" if name in nullable else "int64" for name in columns}
    return frame_of(rows, types)


def columns_of(rows: models.QuerySet) -> list[tuple]:
    """The columns of a values_list, fetched at once; nothing where there is no row."""
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    with _without_collecting(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(zip(*cursor.fetchall(), strict=True))


def _nullable(values: tuple) -> pd.arrays.IntegerArray:
    given = np.array(values, dtype=object)
    missing = np.equal(given, None).astype(bool)
    given[missing] = 0
    return pd.arrays.IntegerArray(given.astype("int64"), missing)
