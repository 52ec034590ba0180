"""Web pages that ledgers write as .xls, alone or in a web archive (MHTML): their tables. Pure."""

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser

from council_finance.uploads.limits import MOST_CELLS, MOST_COLUMNS, MOST_LINES, refusal
from council_finance.uploads.spreadsheetml import MarkupSheet

_PAGE = re.compile(rb"<(!doctype\s+html|html|head|meta|style|body|table|div)\b", re.I)
_ARCHIVE = re.compile(rb"^(mime-version|content-type|from|subject|date):", re.I | re.M)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([a-z0-9_-]+)", re.I)
_NAMES = re.compile(r"<x:Name>([^<]*)</x:Name>", re.I)
_HIDDEN = re.compile(r"display\s*:\s*none", re.I)
_SPACES = re.compile(r"[ \t\r\n]+")
_LEADING_NOUGHT = re.compile(r"0\d")


def is_web_page(content: bytes) -> bool:
    """Whether a file begins as a web page or a web archive does."""
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<":
        return _PAGE.search(start) is not None
    return _ARCHIVE.match(start) is not None and b"multipart/related" in content[:8192].lower()


def read_web_page(content: bytes) -> list[MarkupSheet]:
    """A sheet for each table of a page, or for each page of an archive that has one.

    Raises FileRefused where there is no table.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        sheets = _tables(_decoded(content))
    else:
        sheets = _tables_of_archive(content)
    if not sheets:
        raise refusal("This is a web page without a table. Open it in Excel and save it as XLSX.")
    return sheets


def _decoded(content: bytes) -> str:
    named = _CHARSET.search(content[:4096])
    encoding = named[1].decode("ascii") if named else "utf-8"
    try:
        return content.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except (LookupError, UnicodeDecodeError):
        return content.decode("cp1252", errors="replace")


def _tables_of_archive(content: bytes) -> list[MarkupSheet]:
    """The largest table of each page in a web archive, by the names that Excel gave its sheets."""
    message = message_from_bytes(content, policy=policy.default)
    pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
    texts = [_decoded(part.get_payload(decode=True) or b"") for part in pages]
    names = [name for text in texts[:1] for name in _NAMES.findall(text)]
    found = [tables for text in texts if (tables := _tables(text))]
    sheets = [max(tables, key=lambda table: len(table.rows)) for tables in found]
    if len(names) == len(sheets):
        for sheet, name in zip(sheets, names, strict=True):
            sheet.name = name
    return sheets


def _tables(text: str) -> list[MarkupSheet]:
    """The tables of a page that have rows, without those that hold other tables."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    tables = [table.sheet for table in reader.tables if table.sheet.rows and not table.holds_others]
    for number, sheet in enumerate(tables, start=1):
        sheet.name = f"Table {number}"
    return tables


class _Table:
    """A table as it is read; `taken` are the places that a cell of an earlier row reaches into."""

    def __init__(self):
        self.sheet = MarkupSheet()
        self.row, self.column, self.cells = -1, 0, 0
        self.taken: dict[tuple[int, int], bool] = {}
        self.holds_others = False
        self.in_cell = False
        self.words: list[str] = []
        self.attributes: dict[str, str] = {}


class _Reader(HTMLParser):
    """Follows the page's tables, rows and cells; a cell over several columns stands in the first.

    Closing tags of rows and cells may be missing, as HTML allows.
    """

    def __init__(self):
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
        """Gather what stands in a cell."""
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
        across = _span(table.attributes.get("colspan"), MOST_COLUMNS)
        down = _span(table.attributes.get("rowspan"), MOST_LINES)
        table.cells += across * down
        if table.cells > MOST_CELLS:
            raise refusal("The table of the web page is too large. Save it as CSV or XLSX.")
        cell = _value("".join(table.words), table.attributes)
        if cell != "":
            table.sheet.put(table.row, table.column, cell)
        for row in range(table.row + 1, table.row + down):
            for column in range(table.column, table.column + across):
                table.taken[row, column] = True
        table.column += across


def _span(text: str | None, most: int) -> int:
    """How many columns or rows a cell takes; 1 where the page says nothing that is a number."""
    if text is None or not text.strip().isdecimal() or len(text.strip()) > 7:
        return 1
    return max(1, min(int(text), most))


def _value(text: str, attributes: dict[str, str]) -> object:
    """What a cell shows; the exact number where Excel kept it, but for a code with its noughts."""
    shown = _SPACES.sub(" ", text).strip(" ")
    exact = attributes.get("x:num", "")
    if exact and not _LEADING_NOUGHT.match(shown):
        try:
            return float(exact)
        except ValueError:
            return shown
    return shown
