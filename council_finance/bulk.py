"""Many rows of whole numbers into a table at once: COPY on PostgreSQL, executemany elsewhere."""

import io

import pandas as pd
from django.db import connection, models


def insert_whole_numbers(model: type[models.Model], frame: pd.DataFrame) -> None:
    """Insert the frame's rows; columns are named as the table's, missing values become NULL.

    Values are whole numbers only, so nothing needs quoting. Call it inside a transaction.
    Raises the database's errors as Django's.
    """
    columns = [column.astype(object).where(column.notna(), None) for _, column in frame.items()]
    rows = zip(*(column.tolist() for column in columns), strict=True)
    quoted = ", ".join(connection.ops.quote_name(name) for name in frame.columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            lines = ("\t".join(r"\N" if v is None else str(int(v)) for v in row) for row in rows)
            data = io.StringIO("\n".join(lines) + "\n")
            with connection.wrap_database_errors:
                cursor.cursor.copy_expert(f"COPY {table} ({quoted}) FROM STDIN", data)
        else:
            marks = ", ".join(["%s"] * len(frame.columns))
            cursor.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", list(rows))
