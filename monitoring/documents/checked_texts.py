"""The figures in the outline's own texts, compared with the report's tables."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitoring.claims.naming import hide_digits
from monitoring.claims.selectors import TableFigures, judge_row_text
from monitoring.claims.verdicts import Verdict
from monitoring.documents.fields import fill_in
from monitoring.documents.outline import OutlinePart

_SHOWN = 60
"""Characters of a text that name it."""


@dataclass(frozen=True)
class JudgedText:
    """A text of the outline, named by its part and its first words, with its verdicts."""

    title: str
    verdicts: list[Verdict]


def judge_outline(figures: TableFigures, outline: Iterable[OutlinePart]) -> list[JudgedText]:
    """Return the texts of an outline that state figures, with the verdicts on them, in order.

    Figures that are fields come from the tables and are not judged. A text stands for the whole
    council, as commentary on its top row does.
    """
    statements = {each.name: each for each in figures.statements}
    found = []
    for number, part in enumerate(outline, start=1):
        if not part.text:
            continue
        filled, _ = fill_in(part.text, statements.get, write=hide_digits)
        if verdicts := judge_row_text(figures, figures.facts.top, filled):
            found.append(JudgedText(_name_part(number, part.text), verdicts))
    return found


def _name_part(number: int, text: str) -> str:
    """Return the number of a part of the outline and the first words of its text."""
    words = " ".join(text.split())
    if len(words) > _SHOWN:
        words = words[:_SHOWN].rpartition(" ")[0] + "\N{HORIZONTAL ELLIPSIS}"
    return f"Part {number} of the document: {words}"
