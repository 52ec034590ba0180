"""Read the cells of a CSV file. Pure."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Set
from functools import partial

import numpy as np
import pandas as pd

from council_finance.money import is_amount
from council_finance.uploads.columns import normalised
from council_finance.uploads.limits import (
    MOST_COLUMNS,
    MOST_STORED_ROWS,
    check_extent,
    check_rows,
    refusal,
)
from council_finance.uploads.plain_csv import read_plain_csv
from council_finance.uploads.problems import SHOWN, FileRefused, Problem
from council_finance.uploads.units import split_unit

SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 60
_SAMPLE_CHARACTERS = 500_000
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_LINE_END = re.compile("[\r\n]")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARK = "\ufeff"
_BLANKS = "\r\n\t ,;"
_RULE = re.compile(r"^[ \t]*\|?-{3,}[-|+ \t]*$", re.M)
"""A ruled line of dashes, as in lists printed by SAP."""

_SAMPLE_BYTES = 4096


Widths = Callable[[], np.ndarray]


def read_csv(content: bytes, headings: Set[str] = frozenset()) -> tuple[pd.DataFrame, Widths]:
    """Return all cells as texts, rows of different lengths filled with blanks.

    They are objects, or texts of a file (`file_texts.py`).

    `headings` are those that the file may have, normalised: the separator is the one by which a row
    has most of them. The second value is a function that returns how many cells each row has in
    the file. Raises FileRefused.
    """
    text = _decode_text(content)
    if "---" in text:
        text = _RULE.sub("", text)
    text = _without_blank_end(text)
    if not text:
        raise refusal("The file is empty.")
    separator, width = _find_separator_and_width(text, headings)
    if '"' in text or width > MOST_COLUMNS:
        width = _find_widest(text, separator, width)
    lines = max(text.count("\n"), text.count("\r")) + 1
    check_extent(lines, width, "The file")
    # Of more rows than are stored a layout takes every text, to add rows up.
    plain = read_plain_csv(text, separator, width) if lines <= MOST_STORED_ROWS else None
    if plain is not None:
        return plain, partial(np.full, len(plain), width)
    cells = _parse_cells(text, separator, width)
    check_rows(len(cells))
    return cells, partial(_count_cells, text, separator, cells.shape[1])


def _without_blank_end(text: str) -> str:
    """Return the text without blank lines at its end, which would only make the table longer.

    The last line keeps the separators at its end, since its cells are counted by them.
    """
    kept = _length_without_blanks(text)
    line_end = _LINE_END.search(text, kept)
    return text[: line_end.start() if line_end else len(text)] if kept else ""


def _length_without_blanks(text: str) -> int:
    """Return the length of a text without the blanks at its end, mostly without copying it."""
    end = text[-_SAMPLE_BYTES:]
    filled = end.rstrip(_BLANKS)
    return len(text) - len(end) + len(filled) if filled else len(text.rstrip(_BLANKS))


def _count_cells(text: str, separator: str, widest: int) -> np.ndarray:
    """Return the number of cells of each row in the file, at most `widest`; 0 for a blank line."""
    plain = text.replace("\r\n", "\n")
    if '"' in text or "\r" in plain:
        return np.array([len(row) for row in _split_rows(text, separator)], dtype="int64")
    lines = plain.count("\n") + 1
    if plain.count(separator) == lines * (widest - 1):
        return np.full(lines, widest, dtype="int64")
    characters = np.frombuffer(f"{plain}\n".encode(), dtype=np.uint8)
    ends = np.flatnonzero(characters == ord("\n"))
    separators = np.flatnonzero(characters == ord(separator))
    cells = np.diff(np.searchsorted(separators, ends), prepend=0) + 1
    return np.where(np.diff(ends, prepend=-1) == 1, 0, cells)


def _decode_text(content: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or Windows-1252, without byte order marks.

    Some programs mark a file twice. Raises FileRefused.
    """
    if content.startswith(_UTF_16):
        text = content.decode("utf-16", errors="replace")
    elif b"\x00" in content:
        encoding = _utf_16_without_mark(content)
        text = content.decode(encoding, errors="replace") if encoding else "\x00"
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise refusal("This is not a spreadsheet. Save the table as CSV or XLSX.")
    return text.lstrip(_MARK)


def _utf_16_without_mark(content: bytes) -> str:
    """Return the encoding of a text in UTF-16 without a byte order mark; blank for other texts.

    In such a text nearly every second byte is nought and no other, as its letters are Latin.
    """
    start = np.frombuffer(content[:_SAMPLE_BYTES], dtype="uint8")
    even, odd = (np.mean(start[place::2] == 0) if len(start) > 1 else 0 for place in (0, 1))
    if len(content) % 2 or max(even, odd) < 0.9 or min(even, odd) > 0.01:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _parse_cells(text: str, separator: str, width: int) -> pd.DataFrame:
    """Return the cells, `width` or more a row. Raises FileRefused where the rows do not fit."""
    try:
        return pd.read_csv(
            io.BytesIO(text.encode()),  # a StringIO takes four bytes a character, and longer
            sep=separator,
            header=None,
            names=range(width),
            dtype=object,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
            index_col=False,
            engine="c",
            on_bad_lines="error",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        wider = _find_widest(text, separator, width)
        if wider > width:
            return _parse_cells(text, separator, wider)
        raise refusal(f"The file is no table of cells ({str(error).strip()}).") from error


def _find_widest(text: str, separator: str, width: int) -> int:
    """Return the widest row's cells; refuse content beyond `width` and quotes left open."""
    problems, widest, number = [], width, 0
    try:
        for number, row in enumerate(_split_rows(text, separator, strict=True), start=1):
            if len(row) > width:
                widest = max(widest, len(row))
                problems += _too_wide(row, number, width)
    except csv.Error as error:
        raise refusal(
            "a quotation mark is not closed, or stands within a cell in quotation marks",
            number + 1,
        ) from error
    if problems:
        raise FileRefused(*problems[:SHOWN])
    return min(widest, MOST_COLUMNS + 1)


def _too_wide(row: list[str], number: int, width: int) -> list[Problem]:
    """Return a problem where a row has a value beyond `width`."""
    extra = [cell for cell in row[width:] if cell.strip()]
    message = (
        "the rows of the file do not have the same number of columns: this row has cells beyond"
        " the last column. Are there figures such as 1,234 without quotation marks?"
    )
    return [Problem(message, number, found=extra[0])] if extra else []


def _find_separator_and_width(text: str, headings: Set[str]) -> tuple[str, int]:
    """Return the separator of the heading row, and the number of cells of the widest row by it.

    It is the one by which a row has most of the known headings; of several, the one by which most
    cells are in rows as wide as their heading row. Titles may contain any separator.
    """
    beginning = text[:_SAMPLE_CHARACTERS]
    samples = {separator: _read_sample(beginning, separator) for separator in SEPARATORS}
    known = {separator: _known_headings(samples[separator], headings) for separator in SEPARATORS}
    likely = [separator for separator in SEPARATORS if known[separator] == max(known.values())]
    if len(likely) > 1:
        likely.sort(key=lambda each: _cells_under_headings(samples[each], each), reverse=True)
    return likely[0], max(map(len, samples[likely[0]]), default=1)


def _read_sample(text: str, separator: str) -> list[list[str]]:
    """Return the first rows of a text, split by a separator. Raises FileRefused."""
    rows = []
    try:
        for row in _split_rows(text, separator):
            rows.append(row)
            if len(rows) >= _SAMPLE_ROWS:
                break
    except csv.Error as error:
        raise refusal(f"The file is no table of cells ({error}).") from error
    return rows


def _known_headings(rows: list[list[str]], headings: Set[str]) -> int:
    """Return the number of known headings in the first row that has several, else 1 or 0."""
    most = 0
    for row in rows:
        forms = {normalised(form) for cell in row for form in (cell, split_unit(cell)[0])}
        most = max(most, len(forms & headings))
        if most > 1:
            break
    return most


def _cells_under_headings(rows: list[list[str]], separator: str) -> int:
    """Return the number of cells in rows as wide as the row with most texts, from that row on."""
    texts = [_count_texts(row) for row in rows]
    place = max(range(len(texts)), key=texts.__getitem__)
    width = len(rows[place])
    if width < 2:
        return 0
    whole = [row for row in rows[place:] if not any(cell.count('"') % 2 for cell in row)]
    return sum(width for row in whole if _count_cells_of_row(row, separator) == width)


def _count_texts(row: list[str]) -> int:
    """Return the number of different texts in a row; 0 where one of its cells is a figure."""
    texts = {cell.strip() for cell in row} - {""}
    return 0 if any(map(is_amount, texts)) else len(texts)


def _count_cells_of_row(row: list[str], separator: str) -> int:
    """Return the number of cells in a row, with a figure such as 1,234,567.00 counted once."""
    return len(row) if separator != "," else len(_THOUSANDS.sub("", ",".join(row)).split(","))


def _split_rows(text: str, separator: str, strict: bool = False) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
