"""Numbers of an XLS workbook by the formats that the file itself defines. Pure.

The reader of workbooks goes by a format's number and takes 50 to 58 for dates, whatever the file
says they are: Gnumeric counts its own formats from 50, so that pounds came out as dates.
"""

import datetime
import struct
from collections.abc import Iterator

from council_finance.uploads.number_formats import (
    BUILT_IN,
    is_date,
    is_duration,
    is_plain,
    with_format,
)

_NUMBER, _RK, _SEVERAL_RK = 0x203, 0x27E, 0xBD
_FORMULAS = {0x06, 0x206, 0x406}
_NEVER_DATES = range(1, 14)
_DAY_NOUGHT = {False: datetime.datetime(1899, 12, 30), True: datetime.datetime(1904, 1, 1)}
_NO_LEAP_DAY = 60
"""Excel counts a 29 February 1900, so that earlier days are numbered one too low."""


class Numbers:
    """The workbook's formats, and the numbers that the reader may take for dates."""

    def __init__(self) -> None:
        self.counts_from_1904 = self.wide_texts = False
        self._formats: dict[int, str] = {}
        self._numbers_of_formats: list[int] = []
        self._doubtful: dict[int, str] = {}

    def note_beginning(self, data: bytes) -> None:
        """Note the version of the file from its first record."""
        self.wide_texts = struct.unpack_from("<H", data)[0] >= 0x0600

    def note_format(self, data: bytes) -> None:
        """Note a format that the file defines."""
        number = struct.unpack_from("<H", data)[0]
        if not self.wide_texts:
            self._formats[number] = data[3 : 3 + data[2]].decode("cp1252", errors="replace")
            return
        length, wide = struct.unpack_from("<HB", data, 2)
        text = data[5 : 5 + length * (2 if wide & 1 else 1)]
        coding = "utf-16-le" if wide & 1 else "latin-1"
        self._formats[number] = text.decode(coding, errors="replace")

    def note_style(self, data: bytes) -> None:
        """Note a style of cells, which has its format's number."""
        number = struct.unpack_from("<H", data, 2)[0]
        number_format = self._formats.get(number, BUILT_IN.get(number, ""))
        sure = number in _NEVER_DATES or number >= 164
        defined = number in self._formats and not sure
        if number_format and (defined or not is_plain(number_format)):
            self._doubtful[len(self._numbers_of_formats)] = number_format
        self._numbers_of_formats.append(number)

    def cells(self, kind: int, data: bytes) -> Iterator[tuple[int, int, object]]:
        """Yield row, column and value of the record's numbers whose format is in doubt."""
        if not self._doubtful:
            return
        for row, column, style, value in _read_numbers(kind, data):
            if style in self._doubtful:
                yield row, column, self._read_value(value, self._doubtful[style])

    def _read_value(self, value: float, number_format: str) -> object:
        if is_date(number_format):
            return self._read_moment(value, number_format)
        return value if is_plain(number_format) else with_format(value, number_format)

    def _read_moment(self, days: float, number_format: str) -> object:
        """Return a date, a time or a duration, as the reader does; the number where it is none."""
        if is_duration(number_format):
            return datetime.timedelta(days=days)
        if not 0 <= days < 2_958_466:
            return days
        if 0 < days < _NO_LEAP_DAY and not self.counts_from_1904:
            days += 1
        moment = _DAY_NOUGHT[self.counts_from_1904] + datetime.timedelta(days=days)
        if days < 1:
            return moment.time()
        return moment.date() if days == int(days) else moment


def _read_numbers(kind: int, data: bytes) -> Iterator[tuple[int, int, int, float]]:
    """Yield row, column, style and value of each number of a record."""
    if kind == _NUMBER or (kind in _FORMULAS and data[12:14] != b"\xff\xff"):
        yield struct.unpack_from("<HHHd", data)
    elif kind == _RK:
        row, column, style, packed = struct.unpack_from("<HHHI", data)
        yield row, column, style, _unpack_number(packed)
    elif kind == _SEVERAL_RK:
        row, column = struct.unpack_from("<HH", data)
        for place, (style, packed) in enumerate(struct.iter_unpack("<HI", data[4:-2])):
            yield row, column + place, style, _unpack_number(packed)


def _unpack_number(packed: int) -> float:
    """Return a number that is stored in four bytes."""
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed & 1 << 31 else 0))
    else:
        value = struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFFFFFC))[0]
    return value / 100 if packed & 1 else value
