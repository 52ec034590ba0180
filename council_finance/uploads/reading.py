"""Bytes of a file → its rows as they stand there, CSV or workbook."""

import csv
import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from python_calamine import CalamineError, load_workbook

from council_finance.uploads.problems import FileRefused, Problem
from council_finance.uploads.unreadable import unreadable_cells

SEPARATORS = (",", ";", "\t")
WORKBOOK_BEGINNINGS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SAMPLE_ROWS = 60
_DAMAGED = (
    CalamineError,
    ParseError,
    BadZipFile,
    zlib.error,
    ValueError,
    LookupError,
    OSError,
    RuntimeError,
)
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")


@dataclass(frozen=True)
class RawTable:
    """The rows of the file or sheet as they stand, one row of `cells` (object) a row.

    `first_row` is the row number that a person sees of the first; `rows` are the numbers of all of
    them where they are not consecutive. `names` tells what the file calls an own column, where a
    layout made the column.
    """

    cells: pd.DataFrame
    first_row: int = 1
    rows: np.ndarray | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def row_numbers(self) -> np.ndarray:
        """The row number of each row, as a person sees it in the file."""
        if self.rows is not None:
            return self.rows
        return np.arange(self.first_row, self.first_row + len(self.cells))


def read_rows(content: bytes, sheet: str = "") -> RawTable:
    """Every row of a CSV file or of a workbook's sheet (the first, or the one named).

    Cells of a CSV file are text; cells of a workbook keep their type, and one that holds an error
    or a formula without a stored value is an UnreadableCell. Raises FileRefused.
    """
    if not content.strip():
        raise FileRefused(Problem("The file is empty."))
    if content.startswith(WORKBOOK_BEGINNINGS):
        return _read_workbook(content, sheet)
    if sheet:
        raise FileRefused(Problem("A CSV file has no sheets; leave the sheet's name out."))
    text = _decoded(content)
    if not text.strip():
        raise FileRefused(Problem("The file is empty."))
    return _read_csv(text)


def _read_workbook(content: bytes, sheet: str) -> RawTable:
    try:
        book = load_workbook(io.BytesIO(content))
        names = book.sheet_names
        if sheet and sheet not in names:
            raise FileRefused(
                Problem(f"There is no sheet “{sheet}”. The sheets are: {', '.join(names)}.")
            )
        sheet = sheet or names[0]
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        unreadable = unreadable_cells(content, sheet)
    except _DAMAGED as error:
        if isinstance(error, FileRefused):
            raise
        raise FileRefused(
            Problem("The workbook cannot be opened. Is it damaged, or protected by a password?")
        ) from error
    for (row, column), cell in unreadable.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = cell
    if not any(any(cell != "" for cell in row) for row in rows):
        raise FileRefused(Problem("The sheet is empty."))
    return RawTable(pd.DataFrame(rows, dtype=object))


def _decoded(content: bytes) -> str:
    if b"\x00" in content:
        raise FileRefused(Problem("This is not a spreadsheet. Save the table as CSV or XLSX."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _read_csv(text: str) -> RawTable:
    separator, width = _shape(text)
    try:
        cells = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=range(width),
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
            index_col=False,
            engine="c",
            on_bad_lines="error",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise FileRefused(
            Problem(
                "The rows of the file do not have the same number of columns, or a quotation"
                f" mark is not closed ({str(error).strip()})."
            )
        ) from error
    return RawTable(cells.astype(object))


def _shape(text: str) -> tuple[str, int]:
    """The separator that gives the most cells a row, and the widest row with it."""
    best = (0, ",", 1)
    for separator in SEPARATORS:
        try:
            rows = list(_rows(text, separator))
        except csv.Error as error:
            raise FileRefused(Problem(f"The file is no table of cells ({error}).")) from error
        cells = sum(_cells_of(row, separator) for row in rows)
        if cells > best[0]:
            best = (cells, separator, max(len(row) for row in rows))
    return best[1], best[2]


def _cells_of(row: list[str], separator: str) -> int:
    """How many cells a row has, a figure such as 1,234,567.00 counted once."""
    return len(_THOUSANDS.sub("", separator.join(row)).split(separator))


def _rows(text: str, separator: str):
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    for number, row in enumerate(reader):
        if number >= _SAMPLE_ROWS:
            return
        yield row
