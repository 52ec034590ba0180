"""Reads the cells of one sheet of a workbook from its bytes. Pure."""

import contextlib
import io
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from isal.isal_zlib import error as isal_error
from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from council_finance.uploads import xlsx
from council_finance.uploads.archive import PASSWORD, Archive, Unzipped
from council_finance.uploads.child_process import read_in_child_process
from council_finance.uploads.file_format import COMPOUND_BEGINNING
from council_finance.uploads.limits import (
    MOST_LINES,
    MOST_ROWS,
    MOST_SHEETS,
    check_extent,
    check_rows,
    refusal,
)
from council_finance.uploads.number_formats import with_format
from council_finance.uploads.ods import check_ods, without_space_between_cells
from council_finance.uploads.plain_sheet import read_plain_sheet
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.unreadable import unreadable_cells
from council_finance.uploads.xls import check_xls

# The stub of isal says that its class of errors is an error, hence assignment.
_UNZIP_ERROR: type[Exception] = isal_error  # type: ignore[assignment]
_DAMAGED = (
    CalamineError,
    ParseError,
    ExpatError,
    BadZipFile,
    struct.error,
    zlib.error,
    _UNZIP_ERROR,
    ArithmeticError,
    ValueError,
    LookupError,
    OSError,
    RuntimeError,
)

Cells = Mapping[tuple[int, int], object]


@dataclass(frozen=True)
class _Checked:
    """A workbook that may be read: its bytes for the reader, and corrections to the result.

    `cells` takes a sheet's name and place, and returns the cells that the reader gets wrong, by row
    and column from nought; `formats` are row, column and format of numbers that show more than
    their digits. `rows` are all cells of a plain sheet, which are read already.
    """

    content: bytes
    cells: Callable[[str, int], Cells]
    formats: Iterable[tuple[int, int, str]] = ()
    rows: np.ndarray | None = None


def read_workbook(
    content: bytes, sheet: str, unzipped: Unzipped | None = None
) -> tuple[pd.DataFrame, bool]:
    """Return all cells from A1 of the sheet of that name, or of the first that is not hidden.

    The second value says whether a text may have a NUL in it; those of a plain sheet have none.
    Raise `FileRefused` for a workbook that is damaged or beyond the limits, or an empty sheet.
    """
    with damage_refused():
        checked = _check_workbook(content, sheet, unzipped)
    rows = checked.rows
    if rows is None:
        rows = read_in_child_process(partial(_read_sheet_rows, checked, sheet))
    if not any(cell != "" for cell in rows.flat):
        raise refusal("The sheet is empty.")
    if len(rows) > MOST_ROWS:
        check_rows(sum(any(cell != "" for cell in row) for row in rows))
    return pd.DataFrame(rows, dtype=object), checked.rows is None


@contextlib.contextmanager
def damage_refused() -> Iterator[None]:
    """Raise `FileRefused` for a workbook that cannot be opened because it is damaged."""
    try:
        yield
    except FileRefused:
        raise
    except _DAMAGED as error:
        raise _damage_refusal() from error
    except BaseException as error:
        # The reader of workbooks is written in Rust, and its panics arrive as this exception.
        if type(error).__name__ == "PanicException":
            raise _damage_refusal() from error
        raise


def _damage_refusal() -> FileRefused:
    return refusal("The workbook cannot be opened. Is it damaged, or protected by a password?")


def _check_workbook(content: bytes, sheet: str, unzipped: Unzipped | None) -> _Checked:
    """Check the sizes that the file declares before the reader allocates memory for them."""
    if content.startswith(COMPOUND_BEGINNING):
        return _check_xls(content)
    archive = Archive(content, unzipped)
    kinds = [name for name in (xlsx.BEGINNING, "content.xml") if name in archive]
    if "xl/workbook.bin" in archive:
        raise refusal("XLSB workbooks are not read. Save the workbook as XLSX.")
    if len(kinds) != 1:
        raise BadZipFile("no workbook")
    if kinds == [xlsx.BEGINNING]:
        return _check_xlsx(archive, content, sheet)
    return _check_ods(archive, content)


def _read_sheet_rows(checked: _Checked, name: str) -> list[list[Any]]:
    """Return the rows of the sheet, all of one length."""
    with damage_refused():
        book = load_workbook(io.BytesIO(checked.content))
        sheet = choose_sheet(_list_sheets(book), name)
        cells = book.get_sheet_by_name(sheet)
        height = cells.height + (cells.start or (0,))[0]
        check_extent(height, cells.width, f"The sheet “{sheet}”")
        rows: list[list[Any]] = cells.to_python(skip_empty_area=False)
        place = book.sheet_names.index(sheet)
    for row, column, number_format in checked.formats:
        if row < len(rows) and column < len(rows[row]) and type(rows[row][column]) in (int, float):
            rows[row][column] = with_format(rows[row][column], number_format)
    for (row, column), cell in checked.cells(sheet, place).items():
        _put_cell(rows, row, column, cell)
    return rows


def _put_cell(rows: list[list[Any]], row: int, column: int, cell: object) -> None:
    """Put a cell where the reader found none; add rows and columns up to it where needed."""
    if row >= MOST_LINES:
        return
    width = max(column + 1, len(rows[0]) if rows else 0)
    while len(rows) <= row:
        rows.append([""] * width)
    if column >= len(rows[0]):
        for each in rows:
            each += [""] * (width - len(each))
    rows[row][column] = cell


def _check_xlsx(archive: Archive, content: bytes, name: str) -> _Checked:
    sheets = xlsx.sheets_of(archive)
    chosen = choose_sheet([(sheet.name, sheet.visible) for sheet in sheets], name)
    xml = archive.read(next(sheet.part for sheet in sheets if sheet.name == chosen))
    styles, texts = xlsx.read_styles(archive), xlsx.read_texts(archive)
    archive.measure_the_rest()
    what = f"The sheet “{chosen}”"
    rows = read_plain_sheet(xml, texts, styles.plain, what)
    if rows is not None:
        return _Checked(content, lambda sheet, place: {}, rows=rows)
    check_extent(*xlsx.extent(xml), what)
    unreadable = unreadable_cells(xml)
    formats = list(xlsx.cells_with(xml, styles.odd))
    return _Checked(content, lambda sheet, place: unreadable, formats)


def _check_ods(archive: Archive, content: bytes) -> _Checked:
    if "META-INF/manifest.xml" in archive:
        manifest = archive.read("META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise refusal(PASSWORD)
    xml = archive.read("content.xml")
    readable = without_space_between_cells(xml)
    by_sheet = check_ods(readable)
    archive.measure_the_rest()
    if readable != xml:
        content = archive.with_part("content.xml", readable)
    return _Checked(content, lambda sheet, place: by_sheet.get(sheet, {}))


def _check_xls(content: bytes) -> _Checked:
    sheets = check_xls(content)
    return _Checked(content, lambda sheet, place: sheets[place] if place < len(sheets) else {})


def _list_sheets(book: CalamineWorkbook) -> list[tuple[str, bool]]:
    return [
        (sheet.name, sheet.visible == SheetVisibleEnum.Visible)
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
    ]


def choose_sheet(sheets: list[tuple[str, bool]], name: str) -> str:
    """Return the name of the sheet to read: the one named, even if hidden, or the first visible.

    Raise `FileRefused` where there is none, or where the workbook has too many sheets.
    """
    if len(sheets) > MOST_SHEETS:
        raise refusal(
            f"The workbook has {len(sheets):,} sheets; at most {MOST_SHEETS} are read. Save the"
            " table's sheet as a workbook of its own."
        )
    names = [each for each, _ in sheets]
    if name in names:
        return name
    if name:
        raise refusal(f"There is no sheet “{name}”. The sheets are: {', '.join(names)}.")
    visible = [each for each, is_visible in sheets if is_visible]
    if not visible:
        raise refusal("Every sheet of the workbook is hidden. Show the table's sheet, or name it.")
    return visible[0]
