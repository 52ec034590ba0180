"""Printed tables of activity, and their cells compared with those of a statement."""

import csv
import re

from council_finance.quantities import parse_quantity
from tests.conftest import REFERENCE

FOLDER = REFERENCE / "cambridgeshire-2018-19-close"
_NONE = {"", "-", "£k", "£0k", "n/a", "N/A", "\N{EN DASH}"}
"""Nil and "none" stand for each other in print."""


def printed(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def figure(text: str) -> int | str:
    """A printed figure as ten-thousandths, without unit; nil for none; an arrow as it is."""
    if text in _NONE:
        return 0
    plain = re.sub(r"^per hour |£|k$", "", text)
    return text if text in "↑↓↔" else parse_quantity(plain)
