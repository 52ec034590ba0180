"""Read the cells of each kind of column as values. Pure.

A reader is called with a cell and returns its value or raises BadCell; `blank` is its value for a
blank cell, and `assemble` builds the whole column.
"""

import datetime
import math
import re

import numpy as np
import pandas as pd

from council_finance.quantities import NotAQuantity, parse_quantity
from council_finance.typed_text import NUL
from council_finance.uploads import columns as kinds
from council_finance.uploads.amounts import column_of_pence
from council_finance.uploads.codes import ROUNDED, NotACode, code_of, is_explicit, was_rounded
from council_finance.uploads.columns import ColumnSpec
from council_finance.uploads.contents import Cells, from_numbers, number_contents
from council_finance.uploads.file_texts import FileTexts
from council_finance.uploads.number_formats import ShownNumber
from council_finance.uploads.unreadable import NO_VALUE, UnreadableCell

TEXT_LENGTH = 10_000
_EXPLICIT = re.compile(r'="((?:[^"]|"")*)"', re.DOTALL)
_YES = {"yes", "y", "true", "1"}
_NO = {"", "no", "n", "false", "0"}
_DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%Y-%m-%d %H:%M:%S")


class BadCell(ValueError):
    """A cell that cannot be a value of its column; the message says what was expected."""


class CellReader:
    """A reader of one column; the text of a cell is its content trimmed."""

    blank: object = ""

    def __init__(self, spec: ColumnSpec, scale: int):
        self.spec, self.scale = spec, scale

    def __call__(self, cell: object) -> object:
        """Return the value of a cell. Raises BadCell."""
        raise NotImplementedError

    def column(self, cells: np.ndarray | FileTexts) -> tuple[object, dict[int, str]]:
        """Return a column's values, and its faults by position; equal cells are read once."""
        places, uniques = number_contents(
            cells if isinstance(cells, FileTexts) else _typed_contents(cells)
        )
        values, faults = [], {}
        contents = [cell[1] if isinstance(cell, tuple) else cell for cell in uniques]
        for number, cell in enumerate(contents):
            try:
                values.append(self(cell))
            except BadCell as fault:
                values.append(self.blank)
                faults[number] = str(fault)
        faults |= self.faults_of_column(values, contents)
        wrong = np.flatnonzero(np.isin(places, list(faults))) if faults else ()
        return self.assemble(values, places), {int(at): faults[places[at]] for at in wrong}

    def faults_of_column(self, values: list, cells: list) -> dict[int, str]:
        """Return the faults that only the whole column shows, by the number of the content."""
        return {}

    def absent(self, length: int):
        """Return a column of blanks, for a column that the file does not have."""
        return self.assemble([self.blank], np.zeros(length, dtype="int64"))

    def assemble(self, values: list, places: np.ndarray):
        """Return the column: `values[place]` for each place."""
        return np.array([*values, None], dtype=object)[:-1][places]


def _typed_contents(cells: np.ndarray) -> np.ndarray:
    """Return cells with their types where these vary, as 1, True and 1 shown as 001 are equal."""
    if set(map(type, cells.tolist())) in ({str}, {float}, {int}, set()):
        return cells
    typed = np.empty(len(cells), dtype=object)
    typed[:] = [(type(cell).__name__, cell) for cell in cells]
    return typed


def text_of(cell: object) -> str:
    """Return a cell as trimmed text; whole numbers lose their `.0`, blanks and NaN are empty.

    `="Care homes"`, as some programs write every text, is Care homes.
    """
    if type(cell) is str:
        text = cell.strip()
        explicit = _EXPLICIT.fullmatch(text) if text.startswith('="') else None
        return explicit[1].replace('""', '"').strip() if explicit else text
    if isinstance(cell, UnreadableCell):
        raise BadCell(NO_VALUE)
    if isinstance(cell, ShownNumber) and cell.shown is not None:
        return cell.shown
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


class CodeReader(CellReader):
    """Codes as a person sees them: `00123` stays `00123`, `4711.0` is `4711`."""

    def faults_of_column(self, values: list, cells: list) -> dict[int, str]:
        """Return the numbers whose last digits a spreadsheet has rounded."""
        rounded = was_rounded(values)
        return {
            number: ROUNDED
            for number, value in enumerate(values)
            if value in rounded and not is_explicit(cells[number])
        }

    def __call__(self, cell: object) -> str:
        try:
            return code_of(cell)
        except NotACode as fault:
            raise BadCell(str(fault)) from fault

    def column(self, cells: Cells) -> tuple[Cells, dict[int, str]]:
        """Return a column's codes, as categories where the cells are, and its faults."""
        if not isinstance(cells, pd.Categorical):
            return super().column(cells)
        codes, faults = super().column(cells.categories.to_numpy())
        wrong = np.flatnonzero(np.isin(cells.codes, list(faults))) if faults else ()
        numbers, contents = number_contents(codes)
        made = from_numbers(numbers[cells.codes], contents)
        return made, {int(at): faults[cells.codes[at]] for at in wrong}


class TextReader(CellReader):
    """Plain text."""

    def column(self, cells: np.ndarray | FileTexts) -> tuple[object, dict[int, str]]:
        """Return the cells as they are where all are plain texts; else read them one by one."""
        if isinstance(cells, FileTexts) and cells.are_trimmed(TEXT_LENGTH):
            return cells.texts, {}  # without quotation marks and NULs
        texts = cells.tolist()
        if set(map(type, texts)) == {str} and _are_plain(texts):
            return np.asarray(cells, dtype=object), {}
        return super().column(cells)

    def __call__(self, cell: object) -> str:
        text = text_of(cell)
        if len(text) > TEXT_LENGTH:
            raise BadCell(f"a text has at most {TEXT_LENGTH:,} characters")
        if NUL in text:
            raise BadCell("the text holds a character that cannot be stored")
        return text


def _are_plain(texts: list[str]) -> bool:
    """Return whether no text needs trimming, is too long, or has marks that no text may have."""
    joined = "\n".join(texts)
    if '="' in joined or NUL in joined or max(map(len, texts), default=0) > TEXT_LENGTH:
        return False
    return list(map(str.strip, texts)) == texts


class AmountReader(CellReader):
    """Amounts in pence; blank is not given."""

    blank = None

    def column(self, cells: np.ndarray) -> tuple[object, dict[int, str]]:
        """Return the pence of the whole column, read at once, and its faults by position."""
        return column_of_pence(cells, self.scale)

    def assemble(self, values: list, places: np.ndarray):
        return pd.array(values, dtype="Int64").take(places)


class NumberReader(CellReader):
    """Numbers in ten-thousandths, with or without a percent sign; blank is not given."""

    blank = None

    def __call__(self, cell: object) -> int | None:
        try:
            return parse_quantity(_number_of(cell))
        except NotAQuantity as fault:
            raise BadCell(str(fault)) from fault

    def assemble(self, values: list, places: np.ndarray):
        return pd.array(values, dtype="Int64").take(places)


def _number_of(cell: object) -> str | int | float | None:
    """Return a cell's number or text; of a number that is shown as a percentage, what is shown."""
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        raise BadCell("a date stands where a number was expected")
    if isinstance(cell, ShownNumber):
        shown = f"{cell.shown or ''}{cell.number_format}{cell.how}"
        return round(float(cell) * 100, 9) if "%" in shown else float(cell)
    if isinstance(cell, bool | int | float):
        return cell
    return text_of(cell)


class WholeReader(CellReader):
    """Whole numbers such as a period or an order."""

    blank = None

    def __call__(self, cell: object) -> int | None:
        text = text_of(cell)
        if text == "":
            return None
        if not re.fullmatch(r"[0-9]{1,9}(\.0+)?", text):
            raise BadCell("a whole number was expected")
        return int(text.split(".")[0])

    def assemble(self, values: list, places: np.ndarray):
        return pd.array(values, dtype="Int64").take(places)


class DateReader(CellReader):
    """Dates: 2019-07-08, 08/07/2019 (day first), or a date cell."""

    blank = None

    def __call__(self, cell: object) -> datetime.date | None:
        if isinstance(cell, datetime.datetime):
            return cell.date()
        if isinstance(cell, datetime.date):
            return cell
        text = text_of(cell)
        if text == "":
            return None
        for form in _DATE_FORMATS:
            try:
                return datetime.datetime.strptime(text, form).date()
            except ValueError:
                continue
        raise BadCell("a date such as 2019-07-08 or 08/07/2019 was expected")


class YesReader(CellReader):
    """yes or no; blank is no."""

    blank = False

    def __call__(self, cell: object) -> bool:
        text = text_of(cell).casefold()
        if text not in _YES | _NO:
            raise BadCell("yes or no was expected")
        return text in _YES

    def assemble(self, values: list, places: np.ndarray):
        return np.array(values, dtype=bool)[places]


class ChoiceReader(CellReader):
    """One of the column's words, in any case."""

    def __call__(self, cell: object) -> str:
        text = text_of(cell)
        words = {word.casefold(): word for word in self.spec.choices}
        if text and text.casefold() not in words:
            raise BadCell(f"one of {', '.join(self.spec.choices)} was expected")
        return words.get(text.casefold(), "")


READERS = {
    kinds.CODE: CodeReader,
    kinds.TEXT: TextReader,
    kinds.AMOUNT: AmountReader,
    kinds.NUMBER: NumberReader,
    kinds.WHOLE: WholeReader,
    kinds.DATE: DateReader,
    kinds.YES: YesReader,
    kinds.CHOICE: ChoiceReader,
}
