"""Questions about a file, each folded away until it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.forms import BoundField


@dataclass(frozen=True)
class Question:
    """A question about a file: its title, a hint, and the fields that answer it.

    `again` are the fields of further answers to it, one list each. With `in_pairs` the fields are
    shown two in a row.
    """

    title: str
    fields: list[BoundField]
    hint: str = ""
    again: Sequence[list[BoundField]] = ()
    in_pairs: bool = False

    @property
    def is_open(self) -> bool:
        """True where something is said or wrong in the question."""
        return any(map(_is_answered, self.fields)) or bool(self.open_again)

    @property
    def open_again(self) -> int:
        """The number of further answers that are given, or wrong."""
        said = [place for place, fields in enumerate(self.again) if any(map(_is_answered, fields))]
        return said[-1] + 1 if said else 0


def _is_answered(field: BoundField) -> bool:
    return bool(field.value()) or bool(field.errors)
