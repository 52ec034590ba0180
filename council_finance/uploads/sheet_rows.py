"""Numbers for the rows of several sheets that are read as one table. Pure."""

from collections.abc import Sequence

from council_finance.uploads.limits import MOST_LINES


def first_number(place: int) -> int:
    """Return the number to add to the rows of the sheet at a place, counted from nought."""
    return place * MOST_LINES


def sheet_and_row(sheets: Sequence[str], number: int) -> tuple[str, int]:
    """Return the name of the sheet and the row in it of a row's number."""
    place, row = place_and_row(number)
    return sheets[place], row


def place_and_row(number: int) -> tuple[int, int]:
    """Return the sheet's place among those read, counted from nought, and the row in it."""
    place, row = divmod(int(number) - 1, MOST_LINES)
    return place, row + 1


def row_in_words(sheets: Sequence[str], number: int) -> str:
    """Return a row with its sheet: `Adults row 7`; `row 7` where one sheet was read."""
    if len(sheets) < 2:
        return f"row {number}"
    sheet, row = sheet_and_row(sheets, number)
    return f"{sheet} row {row}"
