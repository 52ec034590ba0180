"""Excel's XML of 2003 (SpreadsheetML), which some ledgers write as .xls: its sheets. Pure."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from xml.parsers import expat

from council_finance.uploads.limits import MOST_COLUMNS, MOST_LINES, check_extent, refusal
from council_finance.uploads.number_formats import is_date, is_plain, with_format
from council_finance.uploads.unreadable import UnreadableCell

_NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet "
_ONLY_NOUGHTS = re.compile(r"0+")
_NAMED_FORMATS = {"Percent": "0.00%"}
_SHEET_HIDDEN = ("SheetHidden", "SheetVeryHidden")


@dataclass
class MarkupSheet:
    """A sheet of a file written in markup: its rows of cells from A1, and whether it is hidden.

    A cell is a text, a number, a date, or "" where it is blank. `hidden_rows` are the
    numbers of rows that are hidden.
    """

    name: str = ""
    rows: list[list[object]] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)

    def put(self, row: int, column: int, cell: object) -> None:
        """Put a cell at a place counted from nought. Raise `FileRefused` beyond the limits."""
        if row >= MOST_LINES or column >= MOST_COLUMNS:
            check_extent(row + 1, column + 1, f"The sheet “{self.name}”")
        while len(self.rows) <= row:
            self.rows.append([])
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        cells[column] = cell


def read_spreadsheetml(content: bytes) -> list[MarkupSheet]:
    """Return every sheet. Raise `FileRefused` where the file is damaged or declares entities."""
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise refusal(
            "This XML spreadsheet of Excel 2003 is damaged. Open it in Excel and save it as XLSX."
        ) from error
    return reader.sheets


class _Reader:
    """A reader of the XML: sheets, rows and cells with their indexes, styles that pad numbers."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start_element
        self.parser.EndElementHandler = self._end_element
        self.parser.CharacterDataHandler = self._add_text
        self.parser.StartDoctypeDeclHandler = _refuse_declarations
        self.sheets: list[MarkupSheet] = []
        self.noughts: dict[str, int] = {}
        self.formats: dict[str, str] = {}
        self.style = self.row_style = self.cell_style = ""
        self.row = self.column = self.across = 0
        self.kind, self.has_formula, self.inside = "", False, False
        self.words: list[str] = []

    def _start_element(self, name: str, attributes: dict[str, str]) -> None:
        given = {key.removeprefix(_NAMESPACE): value for key, value in attributes.items()}
        tag = name.removeprefix(_NAMESPACE)
        if tag == "Style":
            self.style = given.get("ID", "")
        elif tag == "NumberFormat":
            self._note_format(given.get("Format", ""))
        elif tag == "Worksheet":
            self.sheets.append(MarkupSheet(given.get("Name", "")))
            self.row = -1
        elif tag == "Row":
            self._start_row(given)
        elif tag == "Cell":
            self._start_cell(given)
        elif tag == "Data":
            self.kind, self.inside, self.words = given.get("Type", "String"), True, []
        elif name.endswith(" Visible"):
            self.inside, self.words = True, []

    def _note_format(self, number_format: str) -> None:
        number_format = _NAMED_FORMATS.get(number_format, number_format)
        if _ONLY_NOUGHTS.fullmatch(number_format):
            self.noughts[self.style] = len(number_format)
        elif not is_date(number_format) and not is_plain(number_format):
            self.formats[self.style] = number_format

    def _start_row(self, given: dict[str, str]) -> None:
        self.row = int(given["Index"]) - 1 if "Index" in given else self.row + 1
        self.column, self.across = -1, 0
        self.row_style = given.get("StyleID", "")
        if given.get("Hidden") == "1":
            self.sheets[-1].hidden_rows.append(self.row + 1)

    def _start_cell(self, given: dict[str, str]) -> None:
        following = self.column + self.across + 1
        self.column = int(given["Index"]) - 1 if "Index" in given else following
        self.across = int(given.get("MergeAcross", 0))
        self.cell_style = given.get("StyleID", self.row_style)
        self.has_formula, self.kind = "Formula" in given, ""

    def _add_text(self, text: str) -> None:
        if self.inside:
            self.words.append(text)

    def _end_element(self, name: str) -> None:
        tag = name.removeprefix(_NAMESPACE)
        if tag == "Data":
            self.inside = False
            self.sheets[-1].put(self.row, self.column, self._read_value("".join(self.words)))
        elif tag == "Cell" and self.has_formula and not self.kind:
            self.sheets[-1].put(self.row, self.column, UnreadableCell("formula"))
        elif name.endswith(" Visible"):
            self.inside = False
            self.sheets[-1].hidden = "".join(self.words) in _SHEET_HIDDEN

    def _read_value(self, text: str) -> object:
        """Return a cell's value by its type; a padded text where the format only pads a number."""
        if self.kind == "Number":
            number = float(text)
            width = self.noughts.get(self.cell_style)
            if width and number.is_integer():
                return f"{int(number):0{width}d}"
            number_format = self.formats.get(self.cell_style)
            return with_format(number, number_format) if number_format else number
        if self.kind == "DateTime":
            return datetime.fromisoformat(text)
        if self.kind == "Error":
            return UnreadableCell(text)
        if self.kind == "Boolean":
            return text == "1"
        return text


def _refuse_declarations(*_: object) -> None:
    raise ValueError("a document type is declared")
