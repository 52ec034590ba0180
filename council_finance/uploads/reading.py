"""Reads the rows of a CSV file or a workbook from its bytes, with cells unchanged."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from council_finance.uploads.csv_rows import read_csv
from council_finance.uploads.file_format import may_have_sheets
from council_finance.uploads.limits import MEGABYTE, MOST_BYTES, refusal

if TYPE_CHECKING:
    from council_finance.uploads.archive import Unzipped
    from council_finance.uploads.origins import Origins


@dataclass(frozen=True)
class RawTable:
    """The rows of the file or sheet with their cells unchanged, in `cells` (object).

    `first_row` is the number in the file of the first row; `rows` are the numbers of all rows where
    they are not consecutive. `names` are the file's headings of own columns that a layout made;
    `origins` are the cells behind its rows, where it has steps; `notes` are sentences on how it was
    read. `widths`, of a CSV file, returns the number of cells of each row, by the row's number less
    one. `rounded` are own columns with figures that the layout rounded to the penny. `sheet` is the
    name of the workbook's sheet. Columns of a CSV file may be `FileTexts`.
    """

    cells: pd.DataFrame
    first_row: int = 1
    rows: np.ndarray | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    widths: Callable[[], np.ndarray] | None = None
    origins: "Origins | None" = None
    notes: tuple[str, ...] = ()
    rounded: frozenset[str] = frozenset()
    sheet: str = ""

    @property
    def row_numbers(self) -> np.ndarray:
        """Return the number of each row in the file."""
        if self.rows is not None:
            return self.rows
        return np.arange(self.first_row, self.first_row + len(self.cells))

    def with_texts(self) -> "RawTable":
        """Return the table with every cell as an object, for what changes or combines cells."""
        return replace(self, cells=self.cells.astype(object))


def index_of_rows(numbers: np.ndarray) -> pd.Index:
    """Return the numbers of rows as an index: a range where they follow one another.

    In a range pandas finds a row without a table of all of them.
    """
    if len(numbers) and (np.diff(numbers) == 1).all():
        return pd.RangeIndex(int(numbers[0]), int(numbers[-1]) + 1, name="row")
    return pd.Index(numbers, name="row")


def read_rows(
    content: bytes,
    sheet: str = "",
    headings: Set[str] = frozenset(),
    unzipped: "Unzipped | None" = None,
) -> RawTable:
    """Return every row of a CSV file, or of a workbook's sheet (the one named or first visible).

    `headings` are those that the file may have, normalised; they decide a CSV file's separator.
    `unzipped` are parts of the workbook that were unzipped already, as `sheets_in` leaves one.
    Cells of a CSV file are text; cells of a workbook keep their type, and one that holds an error
    or a formula without a stored value is an `UnreadableCell`. Raise `FileRefused` for a file that
    is damaged, blank, or beyond the limits in `limits.py`.
    """
    if len(content) > MOST_BYTES:
        raise refusal(
            f"The file has more than {MOST_BYTES // MEGABYTE} MB. Save the table alone, or split"
            " it."
        )
    if not content or content.isspace():
        raise refusal("The file is empty.")
    if may_have_sheets(content):
        # Loaded where it is needed: most ledgers are CSV files.
        from council_finance.uploads.workbook_rows import read_sheet  # noqa: PLC0415

        return read_sheet(content, sheet, unzipped)
    if sheet:
        raise refusal("A CSV file has no sheets; leave the sheet's name out.")
    cells, widths = read_csv(content, headings)
    return RawTable(cells, widths=widths)
