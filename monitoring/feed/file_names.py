"""The names of files in the watched folder: kind, year and period. Pure.

`position-2026-27-08.csv` is the position of period 8 of 2026/27, `savings-2026-27.csv` the savings
of the year. After an underscore anything may follow: `position-2026-27-08_2026-12-04.xlsx`.
"""

import datetime
import os
import re
from dataclasses import dataclass

from council_finance.errors import Refused
from council_finance.periods import NotAYear, parse_financial_year

EXAMPLE = "position-2026-27-08.csv"

_NAME = re.compile(
    r"(?P<kind>[a-z_]*[a-z])-(?P<year>\d{4}-\d{2})(?:-(?P<period>\d{1,2}))?"
    r"(?:_[^.]*)?\.(?:csv|txt|xlsx|xls|ods)",
    re.IGNORECASE,
)
TAKEN, REFUSED = "taken", "refused"
"""The folders, within the watched one, to which files are moved."""

_UNFINISHED = (".part", ".tmp")
_MOST_CHARACTERS = 255
_MOST_BYTES_MOVED = 140
"""With what is put before and behind it, a moved file's name stays below 255 bytes."""


@dataclass(frozen=True)
class NamedFile:
    """The kind of a file, the calendar year in which its year begins, and its period if any."""

    kind: str
    start: int
    period: int | None


def read_name(name: str) -> NamedFile:
    """Return what a file's name says. Raise `Refused` where it does not follow the rule."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise Refused(
            f"The name of this file does not say what it is. Name it by kind, year and period, "
            f"such as {EXAMPLE}, or savings-2026-27.csv for a file of the whole year."
        )
    try:
        start = parse_financial_year(match["year"])
    except NotAYear as error:
        raise Refused(f"The name of this file has no financial year: {error}") from error
    period = match["period"]
    return NamedFile(match["kind"].lower(), start, int(period) if period else None)


def is_unfinished(name: str) -> bool:
    """Return whether a name says that its file is hidden, or still being written."""
    return name.startswith(".") or name.lower().endswith(_UNFINISHED)


def printable_name(name: str) -> str:
    """Return a file's name as the database keeps it: bytes that are no UTF-8 are escaped."""
    return os.fsencode(name).decode(errors="backslashreplace")[-_MOST_CHARACTERS:]


def place_of_moved(
    name: str, *, day: datetime.date, is_refused: bool, upload: int | None, file: int | None
) -> str:
    """Return the place of a moved file: `taken/2026-12-04-upload-123-position-2026-27-08.csv`.

    `upload` is the number of its upload, `file` that of its own row where the upload's would not
    tell it from another file.
    """
    numbers = [("file", file), ("upload", upload)]
    parts = [day.isoformat(), *(f"{word}-{number}" for word, number in numbers if number)]
    return f"{REFUSED if is_refused else TAKEN}/{'-'.join([*parts, _shorten_name(name)])}"


def _shorten_name(name: str) -> str:
    """Return the end of a printable name, so short that more can be put before and behind it."""
    return name.encode()[-_MOST_BYTES_MOVED:].decode(errors="ignore")
