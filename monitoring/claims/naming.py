"""Recognise the lines of tables in the words of a sentence. Pure.

A line is named by all the words of a part of its label that tell it apart: "Add proposed growth"
by "growth", "Better Care Fund / Disabled Facilities Grant" by "Disabled Facilities Grant".
"""

import re
from functools import lru_cache

_PARTS = re.compile(r"\s[-\N{EN DASH}]\s|[/();:*]|,\s|\sof\swhich\s")
_WORDS = re.compile(r"[a-z&][a-z&⁰¹²³⁴⁵⁶⁷⁸⁹']*")
_HIDDEN = str.maketrans("0123456789\N{RIGHT SINGLE QUOTATION MARK}", "⁰¹²³⁴⁵⁶⁷⁸⁹'")
_PLAIN_WORDS = """
a add all also amount an and are as at by current for from in into is it its less net number of on
or other own per percentage proportion proposed provisional revised service services sub subtotal
that the their this to total was were which with year
"""
_PLAIN = frozenset(_PLAIN_WORDS.split())
"""Words that tell no line from another."""

_SHORTEST = 3


def hide_digits(text: str) -> str:
    """Return a text whose digits are no figures any more, each still another character."""
    return text.translate(_HIDDEN)


@lru_cache(maxsize=4_096)
def words_in(text: str) -> frozenset[str]:
    """Return the words of a text that may name something, without the s of a plural."""
    found = (_strip_ending(word) for word in _WORDS.findall(hide_digits(text).casefold()))
    return frozenset(word for word in found if len(word) >= _SHORTEST and word not in _PLAIN)


def _strip_ending(word: str) -> str:
    word = re.sub(r"'s?$", "", word)
    if word in _PLAIN or len(word) <= _SHORTEST or word.endswith("ss"):
        return word
    return word.removesuffix("s")


@lru_cache(maxsize=4_096)
def parts_of(label: str) -> tuple[str, ...]:
    """Return the parts of a label that each may name its line."""
    return tuple(part.strip() for part in _PARTS.split(label) if part and part.strip())


@lru_cache(maxsize=4_096)
def _names_in(label: str) -> tuple[frozenset[str], ...]:
    """Return the sets of words that each name the line of this label."""
    return tuple(words for part in parts_of(label) if (words := words_in(part)))


def count_named(labels: tuple[str, ...], words: frozenset[str]) -> int:
    """Return how many of these words name a line that has these labels; 0 where none does."""
    named = [name for label in labels for name in _names_in(label) if name <= words]
    return len(frozenset().union(*named))
