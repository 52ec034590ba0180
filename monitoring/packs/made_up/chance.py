"""Numbers that look like chance and are the same on every machine. Pure."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Choice = TypeVar("Choice")


class Chance:
    """A source of numbers that depends on nothing but the words it was made with."""

    def __init__(self, *words: object) -> None:
        self._random = Random("/".join(str(word) for word in words))

    def between(self, low: float, high: float) -> float:
        """Return a number from low up to high."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int((high - low + 1) * self._random.random())

    def one_of(self, choices: Sequence[Choice]) -> Choice:
        """Return one of the choices."""
        return choices[self.whole(0, len(choices) - 1)]


def rounded(pence: float, to_pounds: int) -> int:
    """Return pence rounded to so many pounds."""
    step = to_pounds * 100
    return round(pence / step) * step
