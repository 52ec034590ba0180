"""Figures whose cells show them in another unit than they hold: 1,235k for 1234567. Pure."""

import re
from functools import lru_cache

from council_finance.money import NotAnAmount
from council_finance.uploads.number_formats import ShownNumber, texts_and_digits

_UNIT = re.compile(
    r"(?<![a-z])(?:(?P<k>k|thou|thousands?|000s?)|(?P<m>m|mn|mill|millions?)|(?P<bn>bn|billions?))"
    r"(?![a-z])"
)
_SCALES = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
_SIDE = re.compile(r"(?<![a-z])(?P<side>cr|dr)(?![a-z])")
_SCALED = re.compile(r"[0#?](?P<commas>,+)(?:\.|[^0#?,.]*$)")
_SHOWN = re.compile(r"[0-9][0-9,]*(?:\.(?P<decimals>[0-9]+))?")
_DIVIDED = (1, 1_000, 1_000_000, 1_000_000_000)
_HOW = "Give its cells a format that shows them as they are"


@lru_cache(maxsize=1_000)
def _read_section(section: str) -> tuple[int, int, str, bool]:
    """Return a format section's divisor, its unit's scale (0: none), its side, and if it has %.

    The side is "cr", "dr" or "".
    """
    texts, digits = texts_and_digits(section)
    scaled = _SCALED.search(digits)
    divided = 1000 ** len(scaled["commas"]) if scaled else 1
    unit, side = _UNIT.search(texts.casefold()), _SIDE.search(texts.casefold())
    scale = _SCALES[unit.lastgroup or ""] if unit else 0
    return divided, scale, side["side"] if side else "", "%" in digits


def _read_formats(cell: ShownNumber) -> list[tuple[int, int, str, bool]]:
    """Return what `_read_section` returns for each section of the format that may apply."""
    return (
        [_read_section(each) for each in _sections_in_use(cell)]
        if cell.number_format
        else [_read_shown_text(cell)]
    )


def _read_shown_text(cell: ShownNumber) -> tuple[int, int, str, bool]:
    """Return the same from the text that an ODS cell shows: `as £1,235k` of 1234567."""
    text = cell.how.removeprefix("as ").casefold()
    unit, side, number = _UNIT.search(text), _SIDE.search(text), _SHOWN.search(text)
    if number is None or not number[0].strip(","):
        return 1, 0, "", False
    scale = _SCALES[unit.lastgroup or ""] if unit else 0
    shown, half = float(number[0].replace(",", "")), 0.5 / 10 ** len(number["decimals"] or "")
    fitting = [by for by in _DIVIDED if abs(abs(cell) / by - shown) <= half * 1.001]
    divided = 1 if "%" in text or not fitting else scale if scale in fitting else fitting[0]
    return divided, scale, side["side"] if side else "", "%" in text


def _sections_in_use(cell: ShownNumber) -> list[str]:
    sections = cell.number_format.split(";")
    if "[<" in cell.number_format or "[>" in cell.number_format or "[=" in cell.number_format:
        return sections
    return sections[1:2] if cell < 0 and len(sections) > 1 else sections[:1]


def is_plain_amount(cell: ShownNumber) -> bool:
    """Return True for a cell that shows its figure in its own unit and with its own sign."""
    return all(part == (1, 0, "", False) for part in _read_formats(cell))


def as_shown(cell: ShownNumber, scale: int) -> int:
    """Return the factor that turns a cell's number into pounds, as a person reads the cell.

    `scale` is that of the column. A unit in the cell replaces it; a format that divides by as much
    leaves pounds. Raise `NotAnAmount` where this is not certain.
    """
    scales = {_find_scale(cell, part, scale) for part in _read_formats(cell)}
    if len(scales) != 1:
        raise NotAnAmount(_describe_uncertainty(cell))
    return scales.pop()


def _find_scale(cell: ShownNumber, part: tuple[int, int, str, bool], scale: int) -> int:
    divided, unit, side, is_percentage = part
    if is_percentage:
        raise NotAnAmount(f"the cell shows a percentage ({cell.how}). {_HOW}")
    if (side == "cr" and cell > 0) or (side == "dr" and cell < 0):
        where = "above" if cell > 0 else "below"
        raise NotAnAmount(
            f"the cell shows {side.upper()} beside a figure that is {where} nil ({cell.how}), and "
            f"it is not certain which it is. {_HOW}"
        )
    shown = unit or scale
    if divided == 1:
        return shown
    if shown in (1, divided):
        return 1
    raise NotAnAmount(_describe_uncertainty(cell))


def _describe_uncertainty(cell: ShownNumber) -> str:
    return f"it is not certain in which unit the cell shows this figure ({cell.how}). {_HOW}"
