"""Web pages that ledgers write as .xls, alone or in a web archive (MHTML): their tables. Pure."""

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser

from council_finance.uploads.limits import MOST_CELLS, MOST_COLUMNS, MOST_LINES, refusal
from council_finance.uploads.spreadsheetml import MarkupSheet

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([a-z0-9_-]+)", re.I)
_NAMES = re.compile(r"<x:Name>([^<]*)</x:Name>", re.I)
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
_SPACES = re.compile(r"[ \t\r\n]+")
_LEADING_NOUGHT = re.compile(r"0\d")


def read_web_page(content: bytes) -> list[MarkupSheet]:
    """Return a sheet for each table of a page, or for each page with a table in an archive.

    Raise `FileRefused` where there is no table.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        sheets = _read_tables(_decode_page(content))
    else:
        sheets = _read_archive_tables(content)
    if not sheets:
        raise refusal("This is a web page without a table. Open it in Excel and save it as XLSX.")
    return sheets


def _decode_page(content: bytes) -> str:
    named = _CHARSET.search(content[:4096])
    encoding = named[1].decode("ascii") if named else "utf-8"
    try:
        return content.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except (LookupError, UnicodeDecodeError):
        return content.decode("cp1252", errors="replace")


def _read_archive_tables(content: bytes) -> list[MarkupSheet]:
    """Return the largest table of each page in a web archive, with Excel's names of the sheets."""
    message = message_from_bytes(content, policy=policy.default)
    pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
    contents = [part.get_payload(decode=True) for part in pages]
    texts = [_decode_page(each if isinstance(each, bytes) else b"") for each in contents]
    names = [name for text in texts[:1] for name in _NAMES.findall(text)]
    found = [tables for text in texts if (tables := _read_tables(text))]
    sheets = [max(tables, key=lambda table: len(table.rows)) for tables in found]
    if len(names) == len(sheets):
        for sheet, name in zip(sheets, names, strict=True):
            sheet.name = name
    return sheets


def _read_tables(text: str) -> list[MarkupSheet]:
    """Return the tables of a page that have rows, without those that contain other tables."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    tables = [table.sheet for table in reader.tables if table.sheet.rows and not table.holds_others]
    for number, sheet in enumerate(tables, start=1):
        sheet.name = f"Table {number}"
    return tables


class _Table:
    """A table as it is read; `taken` are the places covered by a cell of an earlier row."""

    def __init__(self) -> None:
        self.sheet = MarkupSheet()
        self.row, self.column, self.cells = -1, 0, 0
        self.taken: dict[tuple[int, int], bool] = {}
        self.holds_others = False
        self.in_cell = False
        self.words: list[str] = []
        self.attributes: dict[str, str] = {}


class _Reader(HTMLParser):
    """A reader of the page's tables; a cell over several columns is put into the first.

    Closing tags of rows and cells may be missing, as HTML allows.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self.open: list[_Table] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        given = {name: value or "" for name, value in attrs}
        if tag == "table":
            for outer in self.open:
                outer.holds_others = True
            self.open.append(_Table())
            self.tables.append(self.open[-1])
        elif not self.open:
            return
        elif tag == "tr":
            self._end_cell()
            table = self.open[-1]
            table.row, table.column = table.row + 1, 0
            if _HIDDEN.search(given.get("style", "")):
                table.sheet.hidden_rows.append(table.row + 1)
        elif tag in ("td", "th"):
            self._end_cell()
            table = self.open[-1]
            table.in_cell, table.words, table.attributes = True, [], given
        elif tag in ("br", "p", "div") and self.open[-1].in_cell:
            self.open[-1].words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a cell, a row or a table."""
        if not self.open:
            return
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        if tag == "table":
            self.open.pop()

    def handle_data(self, data: str) -> None:
        """Add text to the cell that is open."""
        if self.open and self.open[-1].in_cell:
            self.open[-1].words.append(data)

    def _end_cell(self) -> None:
        table = self.open[-1]
        if not table.in_cell:
            return
        table.in_cell = False
        table.row = max(table.row, 0)
        while table.taken.pop((table.row, table.column), False):
            table.column += 1
        across = _read_span(table.attributes.get("colspan"), MOST_COLUMNS)
        down = _read_span(table.attributes.get("rowspan"), MOST_LINES)
        table.cells += across * down
        if table.cells > MOST_CELLS:
            raise refusal("The table of the web page is too large. Save it as CSV or XLSX.")
        cell = _read_value("".join(table.words), table.attributes)
        if cell != "":
            table.sheet.put(table.row, table.column, cell)
        for row in range(table.row + 1, table.row + down):
            for column in range(table.column, table.column + across):
                table.taken[row, column] = True
        table.column += across


def _read_span(text: str | None, most: int) -> int:
    """Return how many columns or rows a cell covers; 1 where the page gives no number."""
    if text is None or not text.strip().isdecimal() or len(text.strip()) > 7:
        return 1
    return max(1, min(int(text), most))


def _read_value(text: str, attributes: dict[str, str]) -> object:
    """Return a cell's exact number where Excel stored it, else its text.

    The text is also returned for a code with leading noughts, which its number has lost.
    """
    shown = _SPACES.sub(" ", text).strip(" ")
    exact = attributes.get("x:num", "")
    if exact and not _LEADING_NOUGHT.match(shown):
        try:
            return float(exact)
        except ValueError:
            return shown
    return shown
