"""The columns a file may have, and which heading of the file is which of them."""

from dataclasses import dataclass

from council_finance.uploads.units import split_unit

CODE, TEXT, AMOUNT, WHOLE, DATE, YES, CHOICE = (
    "code",
    "text",
    "amount",
    "whole",
    "date",
    "yes",
    "choice",
)


@dataclass(frozen=True)
class ColumnSpec:
    """A column of a kind of file.

    `kind` is one of the names above. A required column must be there and have no blank cell.
    `choices` are the allowed words of a CHOICE column. `meaning` says in a line what stands in it,
    for whoever matches a ledger's own columns with these. A column to be left `aside` is read where
    a file has it, so that it can be compared, and is no part of what the file brings: nothing in it
    is a fault, and nobody is asked to match it.
    """

    name: str
    kind: str = TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    meaning: str = ""
    aside: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading found in the file: where it stands and what it says."""

    position: int
    text: str


def normalised(heading: str) -> str:
    """A heading without case, spaces, underscores, £ or punctuation."""
    return "".join(character for character in heading.casefold() if character.isalnum())


def match_headings(
    cells: list[str], specs: tuple[ColumnSpec, ...]
) -> tuple[dict[str, Heading], list[str], list[str]]:
    """Which heading is which column: (by column name, headings given twice, headings not used)."""
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
