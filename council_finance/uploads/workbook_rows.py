"""Reads the rows of a workbook, or of a file in markup, with cells unchanged. Pure."""

import numpy as np
import pandas as pd

from council_finance.typed_text import NUL
from council_finance.uploads.archive import Unzipped
from council_finance.uploads.file_format import is_spreadsheetml, is_workbook
from council_finance.uploads.limits import check_extent, check_rows, refusal
from council_finance.uploads.reading import RawTable
from council_finance.uploads.spreadsheetml import MarkupSheet, read_spreadsheetml
from council_finance.uploads.web_tables import read_web_page
from council_finance.uploads.workbook import choose_sheet, read_workbook

_FIRST_ROWS = 50
"""The rows that may have titles and headings over a column of numbers."""

_NUMBERS = ("floating", "integer", "mixed-integer-float", "boolean")


def read_sheet(content: bytes, sheet: str, unzipped: Unzipped | None = None) -> RawTable:
    """Return every row of the sheet of that name, or of the first that is not hidden.

    Raise `FileRefused` for a file that is damaged, blank, or beyond the limits in `limits.py`.
    """
    if is_workbook(content):
        cells, may_have_nul = read_workbook(content, sheet, unzipped)
        return _refuse_nul(RawTable(cells)) if may_have_nul else RawTable(cells)
    sheets = read_spreadsheetml(content) if is_spreadsheetml(content) else read_web_page(content)
    return _refuse_nul(_read_markup_table(sheets, sheet))


def _read_markup_table(sheets: list[MarkupSheet], name: str) -> RawTable:
    """Return the rows of the sheet to read, all of one length. Raise `FileRefused` if blank."""
    chosen = choose_sheet([(sheet.name, not sheet.hidden) for sheet in sheets], name)
    rows = next(sheet.rows for sheet in sheets if sheet.name == chosen)
    width = max(map(len, rows), default=0)
    if not width:
        raise refusal("The sheet is empty.")
    check_extent(len(rows), width, f"The sheet “{chosen}”")
    check_rows(sum(any(cell != "" for cell in row) for row in rows))
    filled = [row + [""] * (width - len(row)) for row in rows]
    return RawTable(pd.DataFrame(filled, dtype=object))


def _refuse_nul(table: RawTable) -> RawTable:
    """Return the table. Raise `FileRefused` for a NUL, which no database can store.

    A workbook can have one, written as _x0000_.
    """
    for number, name in enumerate(table.cells.columns, start=1):
        column = table.cells[name].to_numpy(dtype=object)
        if NUL in "".join(_texts_in(column)):
            texts = ((at, cell) for at, cell in enumerate(column, 1) if isinstance(cell, str))
            row = next(at for at, text in texts if NUL in text)
            raise refusal(
                f"Row {row}, column {number}: the cell has a NUL character in it, which cannot be"
                " stored. Type its text again and save the file."
            )
    return table


def _texts_in(cells: np.ndarray) -> list[str]:
    """Return the texts of a column, only those of the first rows where numbers are below."""
    if pd.api.types.infer_dtype(cells, skipna=False) != "string":
        kind = pd.api.types.infer_dtype(cells[_FIRST_ROWS:], skipna=False)
        cells = cells[:_FIRST_ROWS] if kind in _NUMBERS else cells
        return [cell for cell in cells.tolist() if isinstance(cell, str)]
    texts: list[str] = cells.tolist()
    return texts
