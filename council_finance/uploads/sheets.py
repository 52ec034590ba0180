"""The sheets of a workbook, with their hidden and filtered rows and columns. Pure.

This is for notes to the officer only: hidden and filtered rows are read like others.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from council_finance.uploads.file_format import may_have_sheets
from council_finance.uploads.limits import MOST_COLUMNS, MOST_LINES

if TYPE_CHECKING:
    from council_finance.uploads.archive import Unzipped

Ranges = tuple[tuple[int, int], ...]


class Sheet(NamedTuple):
    """A sheet of a workbook, with the ranges of its hidden rows and columns.

    Ranges are of numbers from 1, both ends included.
    """

    name: str
    visible: bool = True
    hidden_rows: Ranges = ()
    hidden_columns: Ranges = ()
    filtered: bool = False


def sheets_in(content: bytes, unzipped: "Unzipped | None" = None) -> list[Sheet]:
    """Return the sheets of a workbook in order; none for a CSV file. Raise `FileRefused`.

    The only visible sheet of an XLSX workbook is left in `unzipped`, for who reads it next.
    """
    if not may_have_sheets(content):
        return []
    # Loaded where it is needed: most ledgers are CSV files.
    from council_finance.uploads.sheet_lists import list_sheets  # noqa: PLC0415

    return list_sheets(content, unzipped)


def hidden_within(ranges: Ranges, numbers: Iterable[int]) -> int:
    """Return how many of the numbers, which are ascending, are in one of the ranges."""
    hidden: set[int] = set()
    for first, last in ranges:
        hidden.update(range(first, min(last, MOST_LINES) + 1))
    return len(hidden.intersection(numbers))


def columns_hidden(sheet: Sheet, width: int) -> int:
    """Return how many of the first `width` columns of a sheet are hidden."""
    return hidden_within(sheet.hidden_columns, range(1, min(width, MOST_COLUMNS) + 1))
