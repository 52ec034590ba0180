"""Describe the columns that a file may have, and match its headings with them."""

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


@dataclass(frozen=True)
class ColumnSpec:
    """A column of a kind of file.

    `kind` is one of the names above. A required column must be there and have no blank cell.
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

    @property
    def missing_words(self) -> list[str]:
        """Return which of its explanations a column lacks that people fill in."""
        needed = ("meaning", "example") if self.required else ("meaning", "blank", "example")
        return [] if self.aside else [name for name in needed if not getattr(self, name)]


@dataclass(frozen=True)
class Heading:
    """A heading found in the file: its position and its text."""

    position: int
    text: str


def normalised(heading: str) -> str:
    """Return a heading in lower case, without spaces, underscores, £ or punctuation."""
    return "".join(character for character in heading.casefold() if character.isalnum())


def match_headings(
    cells: list[str], specs: tuple[ColumnSpec, ...]
) -> tuple[dict[str, Heading], list[str], list[str]]:
    """Return the headings by column name, the headings given twice, and those not used."""
    known = {normalised(spec.name): spec for spec in specs}
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
