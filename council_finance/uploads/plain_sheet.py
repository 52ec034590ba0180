"""Read an XLSX sheet of plain texts and numbers from its XML, many cells at a time. Pure.

Most ledgers are such. A sheet with anything else in it (formulas, errors, dates, texts in the cells
themselves, elements out of their usual order) is left, as a whole, to the reader of workbooks,
which gives the same cells for a plain sheet and takes three times as long.
"""

import re
from collections.abc import Collection, Iterator

import numpy as np

from council_finance.uploads.limits import check_extent
from council_finance.uploads.plain_amounts import read_pence

Values = np.ndarray
"""An array of objects: float for a number, str for a text, "" for a blank cell."""

_SLICE = 1024 * 1024
_ROOM = 32  # more than the beginning of a cell, or a number, has characters
_LONGEST_NUMBER = 24
_STYLE_DIGITS = 5
_MOST_STYLES = 10**_STYLE_DIGITS
_PENCE = 100
_SHEET, _SHEET_END = b"<sheetData>", b"</sheetData>"
_ROW, _ROW_BLANK, _ROW_END, _CELL, _CELL_BLANK, _CELL_END, _VALUE, _VALUE_END = range(1, 9)
_AFTER_CELL = (_CELL, _CELL_BLANK, _ROW_END)
_NEXT = {
    _ROW: _AFTER_CELL,
    _ROW_BLANK: (_ROW, _ROW_BLANK),
    _ROW_END: (_ROW, _ROW_BLANK),
    _CELL: (_VALUE, _CELL_END),
    _CELL_BLANK: _AFTER_CELL,
    _CELL_END: _AFTER_CELL,
    _VALUE: (_VALUE_END,),
    _VALUE_END: (_CELL_END,),
}
"""The elements that may follow each other in a plain sheet."""

_KINDS = np.uint8(9)
_FOLLOWS = np.zeros(_KINDS * _KINDS, dtype=bool)
"""By the number of an element times _KINDS and that of the next one, whether they may follow."""
for _element, _after in _NEXT.items():
    _FOLLOWS[_element * _KINDS + np.array(_after)] = True
_BEGINNINGS = {
    b"ro": _ROW, b"/r": _ROW_END, b"c ": _CELL, b"/c": _CELL_END, b"v>": _VALUE, b"/v": _VALUE_END,
}  # fmt: skip
_BY_BEGINNING = np.zeros(1 << 16, dtype=np.uint8)
for _two, _element in _BEGINNINGS.items():
    _BY_BEGINNING[_two[0] << 8 | _two[1]] = _element
_LENGTHS = np.zeros(9, dtype=np.int64)
_LENGTHS[[_ROW_END, _CELL_END, _VALUE, _VALUE_END]] = list(map(len, ("/row>", "/c>", "v>", "/v>")))
"""The characters of the elements that have no attributes, without the mark that begins them."""

_TEXT = re.compile(r'<si><t( xml:space="preserve")?>(?(1)|(?!\s))([^<]*)(?(1)|(?<!\s))</t></si>')
"""A text without a format; the spaces at its ends are its own only where it says so."""

_TEXTS = re.compile(r"\s*(<\?xml[^>]*\?>\s*)?<sst\b[^>]*>(.*)</sst>\s*", re.DOTALL)
_ENTITY = re.compile("&(?!(?:amp|lt|gt|quot|apos);)")
_NUMBER_CHARACTERS = np.isin(np.arange(256), list(b"\x000123456789.-+eE"))


class _NotPlainError(Exception):
    """Something that a plain sheet does not have."""


def read_plain_sheet(xml: bytes, texts: bytes, styles: Collection[int], what: str) -> Values | None:
    """Return all cells of a sheet from A1, by row and column; None where the sheet is not plain.

    `texts` is the XML of the workbook's texts, `styles` are the cell styles that show a number by
    its digits, `what` is the sheet's name in messages. Raise `FileRefused` beyond the limits.
    """
    try:
        known = _read_texts(texts)
        allowed = _flags_of_styles(styles)
        pieces = [_read_piece(piece, known, allowed) for piece in _cut_at_rows(xml)]
    except (_NotPlainError, UnicodeDecodeError):
        return None
    if not pieces:
        return None
    rows, columns = (np.concatenate([piece[place] for piece in pieces]) for place in (0, 1))
    in_order = np.diff(rows.astype("int64") << 16 | columns) > 0
    if not len(rows) or not in_order.all():
        return None
    height, width = int(rows.max()) + 1, int(columns.max()) + 1
    check_extent(height, width, what)
    cells = np.full((height, width), "", dtype=object, order="F")
    for some_rows, some_columns, values in pieces:
        cells[some_rows, some_columns] = values
    return cells


def _flags_of_styles(styles: Collection[int]) -> np.ndarray:
    """Return by the number of a style whether it is one of these; the last flag is of none (−1)."""
    flags = np.zeros(_MOST_STYLES + 1, dtype=bool)
    flags[[style for style in styles if style < _MOST_STYLES]] = True
    flags[-1] = True
    return flags


def _check_plain(condition: object) -> None:
    if not condition:
        raise _NotPlainError


def _read_texts(xml: bytes) -> Values:
    """Return the workbook's texts by number. Raise `_NotPlainError` where one has a format."""
    whole = _TEXTS.fullmatch(xml.decode()) if xml else None
    _check_plain(whole or not xml)
    declared, content = (whole[1] or "", whole[2]) if whole else ("", "")
    _check_plain("encoding" not in declared or 'encoding="utf-8"' in declared.casefold())
    _check_plain(not any(mark in content for mark in ("_x", "\r", "\0")))
    texts = _split_texts(content)
    if "&" in content:
        _check_plain(not _ENTITY.search(content))
        texts = [_without_entities(text) if "&" in text else text for text in texts]
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    return found


def _split_texts(content: str) -> list[str]:
    """Return the texts between their elements. Raise `_NotPlainError` where one has a format.

    Most have no spaces at their ends: to split these by the tags between two texts is quicker.
    """
    texts = content.removeprefix("<si><t>").removesuffix("</t></si>").split("</t></si><si><t>")
    marks = sum(map(len, texts)) + len("<si><t></t></si>") * len(texts)
    if "<" not in "".join(texts) and marks == len(content) and texts == list(map(str.strip, texts)):
        return texts
    parts = _TEXT.split(content)
    _check_plain(set(parts[::3]) <= {""})
    return parts[2::3]


def _without_entities(text: str) -> str:
    for entity, character in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("apos", "'"), ("amp", "&")):
        text = text.replace(f"&{entity};", character)
    return text


def _cut_at_rows(xml: bytes) -> Iterator[bytes]:
    """Yield the content of the sheet's data in pieces that begin with a row."""
    start, last = xml.find(_SHEET) + len(_SHEET), xml.rfind(_SHEET_END)
    _check_plain(len(_SHEET) <= start <= last and b"<!" not in xml[:start])
    while start < last:
        end = start + _SLICE
        end = xml.rfind(b"<row", start + 1, end) if end < last else last
        _check_plain(end > start)
        yield xml[start:end]
        start = end


def _read_piece(
    xml: bytes, texts: Values, styles: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Values]:
    """Return row and column from nought, and the value, of each cell that is not blank."""
    characters = np.frombuffer(xml + b" " * _ROOM, np.uint8)
    begins = np.flatnonzero(characters == ord("<"))
    _check_plain(begins.size and begins[0] == 0)
    _check_plain(np.count_nonzero(characters == ord(">")) == len(begins))
    nexts = np.append(begins[1:], len(xml))
    elements, ends = _name_elements(characters, begins, nexts)
    cells = np.flatnonzero((elements == _CELL) | (elements == _CELL_BLANK))
    rows, columns, cell_styles, are_texts = _read_beginnings(
        characters, begins[cells], ends[cells] - (elements[cells] == _CELL_BLANK)
    )
    chosen = np.flatnonzero(elements[cells + 1] == _VALUE)
    values_at = cells[chosen] + 1
    starts, stops = ends[values_at] + 1, nexts[values_at]
    texts_at, numbers_at = np.flatnonzero(are_texts[chosen]), np.flatnonzero(~are_texts[chosen])
    _check_plain(styles[cell_styles[chosen[numbers_at]]].all())
    values = np.empty(len(chosen), dtype=object)
    values[texts_at] = texts[
        _text_numbers(characters, starts[texts_at], stops[texts_at], len(texts))
    ]
    values[numbers_at] = _read_floats(characters, starts[numbers_at], stops[numbers_at])
    return rows[chosen], columns[chosen], values


def _name_elements(
    characters: np.ndarray, begins: np.ndarray, nexts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return which element each is, and where its tag ends.

    `begins` are the places of all tags, and `nexts` those of the tags after them. Nothing stands
    between two tags but the content of a value. Raise `_NotPlainError` for other elements, or in
    another order.
    """
    first, second = characters[1:][begins], characters[2:][begins]
    elements: np.ndarray = _BY_BEGINNING[first.astype(np.uint16) << 8 | second]
    is_value = elements == _VALUE
    ends = np.where(is_value, begins + len("<v"), nexts - 1)
    # There are as many ends as beginnings, so that there is no other in between.
    _check_plain((characters[ends] == ord(">")).all())
    _check_plain((nexts[is_value] > ends[is_value] + 1).all())
    lengths = _LENGTHS[elements]
    _check_plain(((lengths == ends - begins) | (lengths == 0)).all())
    rows, row_ends = begins[elements == _ROW], begins[elements == _ROW_END]
    _check_plain(
        (_find_text(characters, rows, b"<row ") | _find_text(characters, rows, b"<row>")).all()
    )
    _check_plain(_find_text(characters, row_ends, b"</row>").all())
    may_be_blank = (elements == _ROW) | (elements == _CELL)
    elements += may_be_blank & (characters[ends - 1] == ord("/"))
    _check_plain(_FOLLOWS[elements[:-1] * _KINDS + elements[1:]].all())
    _check_plain(elements[0] in (_ROW, _ROW_BLANK) and elements[-1] in (_ROW_BLANK, _ROW_END))
    return elements, ends


def _read_beginnings(
    characters: np.ndarray, begins: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return row and column from nought, style (−1 for none), and whether each cell is a text.

    `ends` are the places after the last attribute: reference, style and type in this order.
    """
    at = begins + len("<c")
    _check_plain(_find_text(characters, at, b' r="').all())
    at = at + len(' r="')
    columns, at = _read_digits(characters, at, ord("A") - 1, 27, 3)
    rows, at = _read_digits(characters, at, ord("0"), 10, 7)
    _check_plain(
        (columns > 0).all() and (rows > 0).all() and _find_text(characters, at, b'"').all()
    )
    at = at + 1
    styled = _find_text(characters, at, b' s="')
    styles, after = _read_digits(characters, at + styled * len(' s="'), ord("0"), 10, _STYLE_DIGITS)
    _check_plain(
        (_find_text(characters, after, b'"') | ~styled).all()
        and (after[~styled] == at[~styled]).all()
    )
    at = after + styled
    typed = _find_text(characters, at, b' t="') & (characters[5:][at] == ord('"'))
    kinds = characters[4:][at]
    are_texts = typed & (kinds == ord("s"))
    typed = are_texts | (typed & (kinds == ord("n")))
    _check_plain((at + typed * len(' t="s"') == ends).all())
    return rows - 1, columns - 1, np.where(styled, styles, -1), are_texts


def _find_text(characters: np.ndarray, places: np.ndarray, text: bytes) -> np.ndarray:
    """Return whether the text stands at each of the places."""
    found: np.ndarray = characters[places] == text[0]
    for offset, byte in enumerate(text[1:], start=1):
        found &= characters[offset:][places] == byte
    return found


def _read_digits(
    characters: np.ndarray, places: np.ndarray, nought: int, base: int, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the number that begins at each place, of `most` digits, and the place after it.

    Letters of columns are digits too, in base 26, with A for 1: `nought` is the byte before A.
    """
    numbers = np.zeros(len(places), dtype=np.int32)
    for _ in range(most):
        digits = characters[places] - np.uint8(nought)
        are_digits = digits < base
        if base > 10:
            are_digits &= digits > 0
        if not are_digits.any():
            break
        numbers = np.where(are_digits, numbers * min(base, 26) + digits, numbers)
        places = places + are_digits
    return numbers, places


def _text_numbers(
    characters: np.ndarray, starts: np.ndarray, stops: np.ndarray, count: int
) -> np.ndarray:
    """Return the number of each cell's text among `count` texts."""
    numbers, after = _read_digits(characters, starts, ord("0"), 10, 7)
    _check_plain((after == stops).all() and numbers.max(initial=-1) < count)
    return numbers


def _read_floats(characters: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Return the numbers between the places, each the float that is nearest."""
    pence, are_plain = read_pence(characters, starts, stops, 1)
    numbers = pence / _PENCE  # as near as can be, since both are whole and below 2**53
    if not are_plain.all():
        numbers[~are_plain] = _read_long_floats(characters, starts[~are_plain], stops[~are_plain])
    return numbers


def _read_long_floats(characters: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Return numbers with more digits, or with an exponent."""
    lengths = stops - starts
    _check_plain(lengths.max(initial=0) <= _LONGEST_NUMBER)
    places = np.arange(_LONGEST_NUMBER)
    texts = characters[np.minimum(starts[:, None] + places, len(characters) - 1)]
    texts[places >= lengths[:, None]] = 0
    _check_plain(_NUMBER_CHARACTERS[texts].all())
    try:
        numbers: np.ndarray = texts.view(f"S{_LONGEST_NUMBER}").ravel().astype("float64")
    except ValueError as error:
        raise _NotPlainError from error
    _check_plain(np.isfinite(numbers).all())
    return numbers
