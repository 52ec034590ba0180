"""How much a file may hold, so that no file can stop the machine; and how it is refused. Pure."""

from council_finance.uploads.problems import FileRefused, Problem

MEGABYTE = 1024 * 1024

MOST_BYTES = 50 * MEGABYTE
"""Of a file as it is brought in."""

MOST_UNZIPPED_BYTES = 250 * MEGABYTE
"""Of a workbook's parts together, unzipped: 300,000 ledger rows take about 200 MB."""

MOST_TIMES_SMALLER = 200
"""How many times smaller than itself a part of a workbook may be packed; ledgers pack to 1:30."""

SMALL_PART_BYTES = MEGABYTE
"""A part up to this size may be packed as tightly as it likes."""

MOST_PARTS = 5_000
"""Files within a workbook."""

MOST_SHEETS = 100
"""Sheets of a workbook, hidden ones too."""

MOST_ROWS = 1_048_576
"""Rows with something in them that are read."""

MOST_STORED_ROWS = 300_000
"""Rows that are stored of a file; a layout may add more up to so many."""

MOST_LINES = 1_048_576
"""Rows of any kind: what a sheet can show."""

MOST_COLUMNS = 200
"""Columns with something in them."""

MOST_CELLS = 10_000_000
"""Cells of the rectangle from A1 to the last row and column with something in them."""


def refusal(sentence: str, row: int | None = None) -> FileRefused:
    """The refusal of a file as a whole, or of what stands in one row of it."""
    return FileRefused(Problem(sentence, row))


def check_extent(rows: int, columns: int, where: str = "The sheet") -> None:
    """Refuse a table whose rectangle from A1 is beyond the limits. Raises FileRefused."""
    if columns > MOST_COLUMNS:
        raise refusal(
            f"{where} reaches to column {letters(columns - 1)}; at most {MOST_COLUMNS} columns are"
            " read. Delete what stands to the right of the table, and try again."
        )
    if rows > MOST_LINES or rows * columns > MOST_CELLS:
        raise refusal(
            f"{where} reaches to row {rows:,} and column {letters(columns - 1)}: that is too large"
            " to read. Delete what stands below or beside the table, or split the file."
        )


def check_rows(rows: int) -> None:
    """Refuse more rows with content than are read. Raises FileRefused."""
    if rows > MOST_ROWS:
        raise refusal(
            f"The table has {rows:,} rows; at most {MOST_ROWS:,} are read. Split the file."
        )


def check_stored_rows(rows: int) -> None:
    """Refuse more rows than are stored. Raises FileRefused."""
    if rows > MOST_STORED_ROWS:
        raise refusal(
            f"The table has {rows:,} rows; at most {MOST_STORED_ROWS:,} are stored. Split the file,"
            " or save a layout that adds up rows with the same codes."
        )


def letters(position: int) -> str:
    """The letters of a column as a spreadsheet shows them; the first is nought."""
    text = ""
    position += 1
    while position > 0:
        position, place = divmod(position - 1, 26)
        text = chr(ord("A") + place) + text
    return text


def column_number(letters: str) -> int:
    """The number of a column by its letters: A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
