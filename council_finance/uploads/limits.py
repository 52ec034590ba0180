"""Limit the size of files, so that none can overload the machine. Pure."""

from council_finance.uploads.problems import FileRefused, Problem

MEGABYTE = 1024 * 1024

MOST_BYTES = 50 * MEGABYTE
"""The size of an uploaded file."""

MOST_UNZIPPED_BYTES = 250 * MEGABYTE
"""The size of a workbook's parts together, unzipped: 300,000 ledger rows take about 200 MB."""

MOST_TIMES_SMALLER = 200
"""The compression ratio that a part of a workbook may have; ledgers have about 30."""

SMALL_PART_BYTES = MEGABYTE
"""The size up to which a part's compression ratio is not checked."""

MOST_PARTS = 5_000
"""Files within a workbook."""

MOST_SHEETS = 100
"""Sheets of a workbook, hidden ones too."""

MOST_ROWS = 1_048_576
"""Rows with content that are read."""

MOST_STORED_ROWS = 300_000
"""Rows of a file that are stored; a layout may add up a larger number of rows to these."""

MOST_LINES = 1_048_576
"""Rows of any kind, blank ones too: the most that a sheet can have."""

MOST_COLUMNS = 200
"""Columns with content."""

MOST_CELLS = 10_000_000
"""Cells of the rectangle from A1 to the last row and column with content."""


def refusal(sentence: str, row: int | None = None) -> FileRefused:
    """Return the refusal of a whole file, or of one row."""
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
    """Return the letters of a column, as a spreadsheet shows them; position 0 is A."""
    text = ""
    position += 1
    while position > 0:
        position, place = divmod(position - 1, 26)
        text = chr(ord("A") + place) + text
    return text


def column_number(letters: str) -> int:
    """Return the number of a column by its letters: A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
