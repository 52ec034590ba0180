"""A list that was read: its rows, the file's headings, and what is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from council_finance.uploads.problems import Problem
from council_finance.uploads.table import TypedTable

Row = TypeVar("Row")


@dataclass(frozen=True)
class ListOfRows(Generic[Row]):
    """The rows of a list that can be read, the file's headings, faults and notes."""

    rows: tuple[Row, ...]
    headings: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: TypedTable, rows: Iterable[Row]) -> "ListOfRows[Row]":
        """Return the list that a table was read from."""
        notes = tuple(warning.sentence for warning in table.warnings)
        return cls(tuple(rows), table.headings, tuple(table.problems), notes)

    def problem(self, row: int, column: str, found: str, message: str) -> Problem:
        """Return a fault of a row, under the heading that the column has in the file."""
        return Problem(message, row, self.headings.get(column, column), found)
