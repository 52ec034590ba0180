"""Figures that are all, or nearly all, those of another month. Pure."""

from typing import NamedTuple

MANY_SAME_PERCENT = 90
"""From this share on figures are nearly those of another month."""

FEW = 10
"""Of fewer figures than this only all of them say something."""


class StillFigures(NamedTuple):
    """How many figures are those of another month, of how many that can be compared.

    `place` names the other month within a sentence; `none` and `word` name the figures:
    "no actual" and "actual".
    """

    same: int
    counted: int
    place: str
    none: str
    word: str

    @property
    def sentence(self) -> str:
        """Return the warning where all or nearly all figures are the same; else ""."""
        if self.counted and self.same == self.counted:
            return f"These are the figures of {self.place}: {self.none} has moved."
        if self.counted >= FEW and self.same * 100 >= self.counted * MANY_SAME_PERCENT:
            return (
                f"These are nearly the figures of {self.place}: of {self.counted:,} {self.word}s "
                f"{self.same:,} have not moved."
            )
        return ""
