"""Cells of a sheet without a value: errors, and formulas that were never calculated. Pure.

The reader of workbooks gives such a cell as blank, and blank means "not given".
"""

import re
from collections.abc import Iterator
from html import unescape

from council_finance.uploads.byte_pairs import has_pair
from council_finance.uploads.limits import column_number

_CELL = re.compile(
    rb"<(?:\w+:)?c(?=\s)((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)(?<!/)>"
    rb"((?:[^<]++|<(?!/?(?:\w+:)?c[\s>]))*+)</"
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_ERROR = re.compile(rb"\bt=[\"']e[\"']")
_ERROR_TEXT = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
_FORMULA, _VALUE = re.compile(rb"<(?:\w+:)?f\b"), re.compile(rb"<(?:\w+:)?v>[^<]")
_TEXT = re.compile(rb"\bt=[\"']str[\"']")
_SIGNS_OF_ERRORS = (b't="e"', b"t='e'")
_BEGINNINGS_OF_FORMULAS = (b"<f", b":f")

NO_VALUE = "an error, or a formula that was never worked out, has no value"
"""The message for such a cell."""


class UnreadableCell(str):
    """The content of a cell that has no value: `#N/A`, or `formula`."""


def unreadable_cells(xml: bytes) -> dict[tuple[int, int], UnreadableCell]:
    """Return the cells without a value in an XLSX sheet's XML, by (row, column) from nought."""
    has_errors = any(sign in xml for sign in _SIGNS_OF_ERRORS)
    has_any = has_errors or has_pair(xml, *_BEGINNINGS_OF_FORMULAS)
    return dict(_find_unreadable(xml)) if has_any else {}


def _find_unreadable(xml: bytes) -> Iterator[tuple[tuple[int, int], UnreadableCell]]:
    for cell in _CELL.finditer(xml):
        attributes, inside = cell.groups()
        is_error = b"e" in attributes and _ERROR.search(attributes)
        if not is_error and (b"f" not in inside or _VALUE.search(inside)):
            continue
        never_worked_out = _FORMULA.search(inside) and not _TEXT.search(attributes)
        place = _PLACE.search(attributes)
        if place and (is_error or never_worked_out):
            text = _ERROR_TEXT.search(inside)
            shown = unescape(text[1].decode()) if is_error and text else "formula"
            yield (int(place[2]) - 1, column_number(place[1].decode()) - 1), UnreadableCell(shown)
