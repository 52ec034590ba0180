"""Plain numbers such as -1234.50, a column of texts at once → pence. Pure.

The texts are read as one array of bytes, a character of every text at a time, in integers: nothing
is rounded. Whatever is not plain is left to the caller.
"""

import numpy as np

_WHOLE_DIGITS = {1: 10, 1_000: 7, 1_000_000: 4, 1_000_000_000: 1}
"""The most digits before the point, by the unit: no such figure is beyond the limit."""

_DECIMALS = {scale: 12 - digits for scale, digits in _WHOLE_DIGITS.items()}
"""The most digits after the point that are whole pence, by the unit."""

LONGEST = len("-1234567890.12")
_NOT_PLAIN = 255
"""Stands for every greater length, so that lengths are bytes, which are compared fastest."""

_ROWS_AT_ONCE = 32_768
"""So many that the arrays stay within a processor's cache."""


def read_plain_amounts(lines: str, scale: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pence of each line, and which lines are plain numbers and which are empty.

    `scale` is what a figure is multiplied by to become pounds. The pence of a line that is no plain
    number are nought.
    """
    content = f"{lines}\n".encode("ascii", "replace")
    characters = np.frombuffer(content + b"\n" * LONGEST, dtype=np.uint8)
    ends = np.flatnonzero(characters[: len(content)] == ord("\n"))
    return read_amounts_between(characters, np.concatenate([[0], ends[:-1] + 1]), ends, scale)


def read_amounts_between(
    characters: np.ndarray, starts: np.ndarray, ends: np.ndarray, scale: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the same of the texts between places in an array of characters, as in `read_pence`."""
    pence = np.zeros(len(ends), dtype=np.int64)
    is_plain = np.zeros(len(ends), dtype=bool)
    for first in range(0, len(ends), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        pence[rows], is_plain[rows] = read_pence(characters, starts[rows], ends[rows], scale)
    return pence, is_plain, starts == ends


def read_pence(
    characters: np.ndarray, starts: np.ndarray, ends: np.ndarray, scale: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pence of the texts in an array of characters, and which are plain numbers.

    The texts stand between the places `starts` and `ends`; so many characters as LONGEST follow the
    last.
    """
    is_negative = characters[starts] == ord("-")
    starts = starts + is_negative
    lengths = np.minimum(ends - starts, _NOT_PLAIN).astype(np.uint8)
    value = np.zeros(len(starts), dtype=np.int64)
    digits = np.zeros(len(starts), dtype=np.uint8)
    whole_digits = lengths.copy()
    for place in range(min(LONGEST, int(lengths.max(initial=0)))):
        character = characters[place:].take(starts)
        digit = character - np.uint8(ord("0"))  # beyond 9 for whatever is no digit
        is_digit = (digit <= 9) & (lengths > place)
        value = np.where(is_digit, value * 10 + digit, value)
        digits += is_digit
        is_point = (character == ord(".")) & (whole_digits > place)
        np.putmask(whole_digits, is_point, place)
    decimals = lengths.astype(np.int64) - whole_digits - 1
    has_point = decimals >= 0
    is_plain = (
        (digits == lengths - has_point)
        & (whole_digits >= 1)
        & (whole_digits <= _WHOLE_DIGITS[scale])
        & (decimals != 0)
        & (decimals <= _DECIMALS[scale])
    )
    places = np.where(is_plain, _DECIMALS[scale] - np.maximum(decimals, 0), 0)
    pence = np.where(is_plain, value, 0) * 10 ** places.astype(np.int64)
    return np.where(is_negative, -pence, pence), is_plain
