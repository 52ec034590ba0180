"""Numbers for the rows of several sheets that are read as one table. Pure."""

from collections.abc import Sequence

from council_finance.uploads.limits import MOST_LINES


def first_number(place: int) -> int:
    """What is added to the rows of the sheet at a place among those read, counted from nought."""
    return place * MOST_LINES


def sheet_and_row(sheets: Sequence[str], number: int) -> tuple[str, int]:
    """The sheet and its row that a number stands for."""
    place, row = place_and_row(number)
    return sheets[place], row


def place_and_row(number: int) -> tuple[int, int]:
    """The sheet's place among those read, counted from nought, and its row."""
    place, row = divmod(int(number) - 1, MOST_LINES)
    return place, row + 1


def row_in_words(sheets: Sequence[str], number: int) -> str:
    """A row as a person finds it: `Adults row 7` where several sheets were read, else `row 7`."""
    if len(sheets) < 2:
        return f"row {number}"
    sheet, row = sheet_and_row(sheets, number)
    return f"{sheet} row {row}"
