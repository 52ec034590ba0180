"""Read a short list from a file or from pasted text, such as a list of people. Pure.

It is read in the web process while somebody waits, so it is limited to a size that takes a moment.
Headings, sheets and encodings are treated as in every other file.
"""

from collections.abc import Mapping
from dataclasses import replace

from council_finance.uploads.columns import ColumnSpec, normalised
from council_finance.uploads.headers import HEADINGS_WITHIN, own_headings
from council_finance.uploads.limits import MEGABYTE, refusal
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import RawTable, read_rows
from council_finance.uploads.sheets import sheets_in
from council_finance.uploads.table import TypedTable, typed_table

MOST_LIST_BYTES = MEGABYTE
MOST_LIST_ROWS = 2_000


def read_short_list(
    content: bytes, specs: tuple[ColumnSpec, ...], also_named: Mapping[str, str]
) -> TypedTable:
    """Return the rows of a list under the names of its columns.

    `also_named` gives the name of a column for other headings that people write, normalised. Of a
    workbook the first visible sheet with the headings is read. Raise `FileRefused` for a list that
    cannot be read, and for one with more rows or bytes than a short list has.
    """
    if len(content) > MOST_LIST_BYTES:
        raise refusal("The list has more than 1 MB. Save the table alone as XLSX or CSV.")
    known = {*(normalised(spec.name) for spec in specs), *also_named}
    sheets = [sheet.name for sheet in sheets_in(content) if sheet.visible]
    raw, written = _find_rows(content, sheets, known, specs, also_named)
    table = typed_table(raw, specs)
    _name_as_written(table, written)
    if len(table.frame) > MOST_LIST_ROWS:
        raise refusal(
            f"The list has {len(table.frame):,} rows; at most {MOST_LIST_ROWS:,} are read at once."
            " Split the list."
        )
    return table


def _find_rows(
    content: bytes,
    sheets: list[str],
    known: set[str],
    specs: tuple[ColumnSpec, ...],
    also_named: Mapping[str, str],
) -> tuple[RawTable, dict[str, str]]:
    """Return the rows of the first sheet that has the headings, else of the first sheet.

    The second value gives the heading in the file of each column that was renamed.
    """
    for name in sheets if len(sheets) > 1 else ():
        try:
            raw, written = _rename_headings(read_rows(content, name, known), also_named)
        except FileRefused:  # an empty sheet before the list's own
            continue
        if own_headings(raw, specs):
            return raw, written
    return _rename_headings(read_rows(content, "", known), also_named)


def _rename_headings(
    raw: RawTable, also_named: Mapping[str, str]
) -> tuple[RawTable, dict[str, str]]:
    """Return the rows with other headings replaced in the row that has most; and what they were."""
    cells = raw.with_texts().cells.copy()
    best, best_names = 0, dict[int, str]()
    for place in range(min(HEADINGS_WITHIN, len(cells))):
        texts = [normalised(str(cell)) for cell in cells.iloc[place]]
        names = {at: also_named[text] for at, text in enumerate(texts) if text in also_named}
        if len(names) > len(best_names):
            best, best_names = place, names
    written = {name: str(cells.iat[best, at]).strip() for at, name in best_names.items()}
    for at, name in best_names.items():
        cells.iat[best, at] = name
    return replace(raw, cells=cells), written


def _name_as_written(table: TypedTable, written: Mapping[str, str]) -> None:
    """Give the columns, and the faults found so far, the headings that the file has."""
    table.headings |= {name: text for name, text in written.items() if name in table.headings}
    table.problems = [
        replace(fault, column=written.get(fault.column, fault.column)) for fault in table.problems
    ]
