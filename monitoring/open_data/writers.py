"""The flat table as CSV, JSON Lines or Parquet, a part at a time."""

import csv
import datetime
import io
import json
import re
import tempfile
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path

from council_finance.csv_safe import harmless
from monitoring.open_data.columns import FLAT_COLUMNS, TEXT_COLUMNS
from monitoring.open_data.flat_rows import COLUMNS, FlatRow

_ROWS_A_PART = 500
_BYTES_A_PART = 256 * 1024
_MEMORY = "256MB"
_COUNTED, _PRINTED = COLUMNS.index("counted"), COLUMNS.index("text")
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_PRINTED_FIGURE = re.compile(r"[-(]?[0-9][0-9.,]*%?\)?")


@dataclass(frozen=True)
class TableFormat:
    """A format of the flat table; `write` returns its bytes in parts."""

    name: str
    label: str
    content_type: str
    write: Callable[[Iterable[FlatRow]], Generator[bytes]]


def csv_parts(rows: Iterable[FlatRow]) -> Generator[bytes]:
    """Yield a CSV file in UTF-8 whose texts no spreadsheet runs; a missing figure is empty."""
    return _write_csv(rows, harmless)


def json_lines_parts(rows: Iterable[FlatRow]) -> Generator[bytes]:
    """Yield an object a line; amounts are exact decimal numbers, and a missing figure is null."""
    names = [f"{json.dumps(name)}:" for name in COLUMNS]
    lines = (
        "{"
        + ",".join(f"{name}{_json_value(value)}" for name, value in zip(names, row, strict=True))
        + "}\n"
        for row in rows
    )
    while part := "".join(islice(lines, _ROWS_A_PART)):
        yield part.encode()


def parquet_parts(rows: Iterable[FlatRow]) -> Generator[bytes]:
    """Yield a Parquet file, which is written to a temporary file first."""
    with tempfile.TemporaryDirectory(prefix="open-data-") as folder:
        path = Path(folder) / "figures.parquet"
        write_parquet(rows, path)
        with path.open("rb") as file:
            while part := file.read(_BYTES_A_PART):
                yield part


def write_parquet(rows: Iterable[FlatRow], path: Path) -> None:
    """Write a Parquet file: decimals as DECIMAL, codes and other texts as VARCHAR.

    The same rows give the same bytes. Memory is bounded: rows go to a CSV file beside it first.
    """
    import duckdb  # noqa: PLC0415 - it is large, and most processes never need it

    source = path.with_suffix(".csv")
    with source.open("wb") as file:
        file.writelines(_write_csv(rows, str))
    with duckdb.connect(
        ":memory:",
        config={"threads": 1, "memory_limit": _MEMORY, "temp_directory": str(path.parent)},
    ) as connection:
        connection.execute(_copy_statement(path), [str(source)])
    source.unlink()


def _copy_statement(path: Path) -> str:
    """Return the SQL that reads the CSV file with the types of the columns, and writes Parquet.

    An empty text stays one, where DuckDB would read it as missing.
    """
    types = ", ".join(f"'{each.name}': '{each.sql_type}'" for each in FLAT_COLUMNS)
    texts = ", ".join(f"'{name}'" for name in TEXT_COLUMNS)
    target = str(path).replace("'", "''")
    return (
        "COPY (SELECT * FROM read_csv(?, header = true, auto_detect = false, parallel = false, "
        f"""delim = ',', quote = '"', escape = '"', force_not_null = [{texts}], """
        f"columns = {{{types}}})) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    )


def _write_csv(rows: Iterable[FlatRow], convert_text: Callable[[str], str]) -> Generator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    rows = iter(rows)
    while True:
        part = list(islice(rows, _ROWS_A_PART))
        writer.writerows(_csv_row(row, convert_text) for row in part)
        yield out.getvalue().encode()
        if len(part) < _ROWS_A_PART:
            return
        out.seek(0)
        out.truncate()


def _csv_row(row: FlatRow, convert_text: Callable[[str], str]) -> list[object]:
    """Return the values for the CSV writer, which writes None as nothing and decimals in full."""
    values: list[object] = [
        convert_text(value) if isinstance(value, str) else value for value in row
    ]
    values[_COUNTED] = "true" if row.counted else "false"
    if _PRINTED_FIGURE.fullmatch(row.text):
        # A printed figure such as -3,070 runs nowhere, and stays as it is printed.
        values[_PRINTED] = row.text
    return values


def _json_value(value: object) -> str:
    """Return a value as JSON; a decimal keeps its noughts, as in `1234.50`."""
    if isinstance(value, Decimal):
        return str(value)
    return _ENCODER.encode(value.isoformat() if isinstance(value, datetime.date) else value)


TABLE_FORMATS = {
    each.name: each
    for each in (
        TableFormat("csv", "CSV", "text/csv; charset=utf-8", csv_parts),
        TableFormat("jsonl", "JSON Lines", "application/jsonl; charset=utf-8", json_lines_parts),
        TableFormat("parquet", "Parquet", "application/vnd.apache.parquet", parquet_parts),
    )
}
