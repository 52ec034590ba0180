"""Texts as they arrive in addresses, forms, files and arguments. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

NUL = "\x00"


def whole_number(text: str, *, digits: int = 6) -> int | None:
    """Return a number as written in addresses, in at most so many digits; else None."""
    plain = text.isascii() and text.isdigit() and len(text) <= digits
    return int(text) if plain else None


def holds_nul(value: Any) -> bool:
    """Return whether a text, or any text within lists and mappings (their keys too), has a NUL."""
    if isinstance(value, str):
        return NUL in value
    if isinstance(value, Mapping):
        return any(holds_nul(key) or holds_nul(each) for key, each in value.items())
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return any(holds_nul(each) for each in value)
    return False
