"""Describe the columns that a file may have, and match its headings with them."""

import re
from dataclasses import dataclass

from council_finance.uploads.units import split_unit

CODE, TEXT, AMOUNT, NUMBER, WHOLE, DATE, YES, CHOICE = (
    "code",
    "text",
    "amount",
    "number",
    "whole",
    "date",
    "yes",
    "choice",
)
_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")
_YEAR = re.compile(r"(?P<start>\d{4})/\d{2}")


@dataclass(frozen=True)
class ColumnSpec:
    """A column of a kind of file.

    `kind` is one of the names above. A required column must be there, and has no blank cell unless
    it `may_be_blank`.
    A NUMBER has at most four decimals and is kept in ten-thousandths (council_finance.quantities).
    `choices` are the allowed words of a CHOICE column. `meaning` describes the column in a line,
    `blank` says what a blank cell means and `example` is a cell as a file has it: for people who
    prepare a file, or match a ledger's own columns with these. A column marked `aside` is read
    where a file has it, for comparison only: it is not stored, nothing in it is a fault, and users
    need not match it.
    """

    name: str
    kind: str = TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    meaning: str = ""
    blank: str = ""
    example: str = ""
    aside: bool = False
    may_be_blank: bool = False

    @property
    def missing_words(self) -> list[str]:
        """Return which of its explanations a column lacks that people fill in."""
        always = self.required and not self.may_be_blank
        needed = ("meaning", "example") if always else ("meaning", "blank", "example")
        return [] if self.aside else [name for name in needed if not getattr(self, name)]


@dataclass(frozen=True)
class Heading:
    """A heading found in the file: its position and its text."""

    position: int
    text: str


def normalised(heading: str) -> str:
    """Return a heading in lower case, without spaces, underscores, £ or punctuation."""
    return _NO_LETTER_OR_DIGIT.sub("", heading.casefold())


def _heading_forms(name: str) -> list[str]:
    """Return the forms of a column's heading: a year, `2019/20`, may be headed `2019/2020`."""
    year = _YEAR.fullmatch(name)
    long_form = [f"{year['start']}{int(year['start']) + 1}"] if year else []
    return [normalised(name), *long_form]


def match_headings(
    cells: list[str], specs: tuple[ColumnSpec, ...]
) -> tuple[dict[str, Heading], list[str], list[str]]:
    """Return the headings by column name, the headings given twice, and those not used."""
    known = {form: spec for spec in specs for form in _heading_forms(spec.name)}
    found: dict[str, Heading] = {}
    twice, unused = [], []
    for position, text in enumerate(cells):
        without_unit, _ = split_unit(text)
        spec = known.get(normalised(text)) or known.get(normalised(without_unit))
        if spec is None:
            unused += [text] if text.strip() else []
        elif spec.name in found:
            twice.append(text)
        else:
            found[spec.name] = Heading(position, text.strip())
    return found, twice, unused
