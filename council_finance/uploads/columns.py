"""The columns a file may have, and which heading of the file is which of them."""

import re
from dataclasses import dataclass

CODE, TEXT, AMOUNT, WHOLE, DATE, YES, CHOICE = (
    "code",
    "text",
    "amount",
    "whole",
    "date",
    "yes",
    "choice",
)

_UNIT = re.compile(r"£\s*(?P<k>['’]?000s?|k)(?![a-z0-9])|£\s*(?P<m>m(illions?)?)(?![a-z0-9])", re.I)
_UNIT_KEYS = {"k": 1_000, "m": 1_000_000}


@dataclass(frozen=True)
class ColumnSpec:
    """A column of a kind of file.

    `kind` is one of the names above. A required column must be there and have no blank cell.
    `choices` are the allowed words of a CHOICE column. `meaning` says in a line what stands in it,
    for whoever matches a ledger's own columns with these.
    """

    name: str
    kind: str = TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading found in the file: where it stands, what it says, and its unit's scale."""

    position: int
    text: str
    scale: int = 1


def normalised(heading: str) -> str:
    """A heading without case, spaces, underscores, £ or punctuation."""
    return "".join(character for character in heading.casefold() if character.isalnum())


def split_unit(heading: str) -> tuple[str, int]:
    """A heading without its unit, and the unit's scale: `Budget (£000)` gives `Budget ()`, 1000."""
    match = _UNIT.search(heading)
    if match is None:
        return heading, 1
    unit = "k" if match["k"] else "m"
    return heading[: match.start()] + heading[match.end() :], _UNIT_KEYS[unit]


def match_headings(
    cells: list[str], specs: tuple[ColumnSpec, ...]
) -> tuple[dict[str, Heading], list[str], list[str]]:
    """Which heading is which column: (by column name, headings given twice, headings not used)."""
    known = {normalised(spec.name): spec for spec in specs}
    found: dict[str, Heading] = {}
    twice, unused = [], []
    for position, text in enumerate(cells):
        without_unit, scale = split_unit(text)
        spec = known.get(normalised(text)) or known.get(normalised(without_unit))
        if spec is None:
            unused += [text] if text.strip() else []
        elif spec.name in found:
            twice.append(text)
        else:
            found[spec.name] = Heading(position, text.strip(), scale if spec.kind == AMOUNT else 1)
    return found, twice, unused
