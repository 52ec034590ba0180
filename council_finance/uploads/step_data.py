"""The steps of a layout: how the shape of a ledger's export becomes one row a line. Pure.

`reads` are the columns of the file, or of earlier steps, that a step needs; `makes` are the
product's own columns that it adds; `in_words` describes it in a sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class NameColumn:
    """Give a column, chosen by its letter, another name, where a heading occurs twice.

    The column must have the heading `heading`, so that a shifted export is noticed.
    """

    position: int
    letter: str
    heading: str
    name: str

    reads: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """Return the step as a sentence."""
        return f"Took column {self.letter}, headed “{self.heading}”, as “{self.name}”."


@dataclass(frozen=True)
class FillDown:
    """Fill blank cells from the cell above: labels that are printed once, and merged cells."""

    columns: tuple[str, ...]
    makes: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the columns that are filled."""
        return self.columns

    @property
    def in_words(self) -> str:
        """Return the step as a sentence."""
        return f"Filled blank cells of {_join_quoted(self.columns)} from the row above."


@dataclass(frozen=True)
class SelectRows:
    """Keep the rows that have one of some values in a column, or skip them."""

    column: str
    values: tuple[str, ...]
    keep: bool
    makes: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the column whose values decide."""
        return (self.column,)

    @property
    def in_words(self) -> str:
        """Return the step as a sentence."""
        verb = "Kept only" if self.keep else "Left out"
        return f"{verb} rows in which “{self.column}” is {_join_quoted(self.values, 'or')}."


@dataclass(frozen=True)
class TakeParts:
    """Take some of the parts of a long code; `into` says which part is which own column.

    `count` is how many parts each code must have; 0: as many as the file has, at least the highest
    part taken.
    """

    column: str
    separator: str
    into: Mapping[str, int]
    count: int = 0

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the column with the long code."""
        return (self.column,)

    @property
    def makes(self) -> tuple[str, ...]:
        """Return the own columns taken from it."""
        return tuple(self.into)

    @property
    def in_words(self) -> str:
        """Return the step as a sentence."""
        parts = " and ".join(f"part {part} as {own}" for own, part in self.into.items())
        return f"Took {parts} from “{self.column}”, split at “{self.separator}”."


@dataclass(frozen=True)
class Pad:
    """Add leading zeros to a code of digits, up to a length: a spreadsheet dropped them."""

    column: str
    length: int
    makes: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the column of codes."""
        return (self.column,)

    @property
    def in_words(self) -> str:
        """Return the step as a sentence."""
        return f"Added leading zeros to “{self.column}”, up to {self.length} characters."


@dataclass(frozen=True)
class AddColumns:
    """Add columns up into one: a month a column. `to_period` adds those up to the period only.

    With `to_period` the columns are in the order of periods 1 to 12; columns after the twelfth are
    adjustments, which count at the close.
    """

    columns: tuple[str, ...]
    into: str
    to_period: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the columns that are added."""
        return self.columns

    @property
    def makes(self) -> tuple[str, ...]:
        """Return the column of sums."""
        return (self.into,)

    @property
    def in_words(self) -> str:
        """Return the step as a sentence."""
        whole = f"“{self.columns[0]}” to “{self.columns[-1]}”"
        until = ", as far as the period" if self.to_period else ""
        return f"Added up the columns {whole}{until} as {self.into}."


@dataclass(frozen=True)
class TurnColumns:
    """Turn a crosstab: each figure of a row becomes a row of its own, with its heading as a code.

    The columns are those named, or all headed ones to the right of `after`. One whose heading says
    total must be the sum of the others, row by row, and is left out.
    """

    headings_into: str
    figures_into: str
    columns: tuple[str, ...] = ()
    after: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the columns that must be there."""
        return self.columns or (self.after,)

    @property
    def makes(self) -> tuple[str, ...]:
        """Return the column of codes and the column of figures."""
        return (self.headings_into, self.figures_into)

    @property
    def in_words(self) -> str:
        """Return the step as a sentence."""
        which = _join_quoted(self.columns) if self.columns else f"to the right of “{self.after}”"
        return (
            f"Made a row of each figure in the columns {which}: the heading is its "
            f"{self.headings_into}, the figure its {self.figures_into}."
        )


@dataclass(frozen=True)
class ReverseSign:
    """Reverse the sign of figures in rows that have one of some values in a column."""

    column: str
    values: tuple[str, ...]
    figures: tuple[str, ...]
    makes: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the column whose values decide, and the columns of figures."""
        return (self.column, *self.figures)

    @property
    def in_words(self) -> str:
        """Return the step as a sentence."""
        return (
            f"Reversed {_join_quoted(self.figures)} in rows in which “{self.column}” is "
            f"{_join_quoted(self.values, 'or')}."
        )


@dataclass(frozen=True)
class AddUp:
    """Add up the rows that have the same codes, which are own columns."""

    by: tuple[str, ...]
    reads: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """Return the step as a sentence."""
        return f"Added up rows with the same {' and '.join(self.by)}."


Step = (
    NameColumn
    | FillDown
    | SelectRows
    | TakeParts
    | Pad
    | AddColumns
    | TurnColumns
    | ReverseSign
    | AddUp
)


def _join_quoted(texts: tuple[str, ...], last: str = "and") -> str:
    quoted = [f"“{text}”" if text else "blank" for text in texts]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"
