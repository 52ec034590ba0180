"""Compare the total rows of a file, which are not stored, with the rows that they sum. Pure.

A total may be below its rows or above them, at any level. It may sum the rows since another total,
since a blank row or since a code changed, all rows with a code that it names, or the totals
directly above it. It agrees where one of these sums equals its figures in every column.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from council_finance.money import exact_pounds
from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec
from council_finance.uploads.total_rows import SortedRows, says_total, without_total

if TYPE_CHECKING:
    from council_finance.uploads.table import TypedTable

_CHOICES_AT_ONCE = 2_000_000
"""The most sums that are tried; beyond this, only the nearest rows are tried for a total."""


class _Amounts(NamedTuple):
    """A column of amounts: the pence of each row (0 where not given), a mask of those given.

    `unit` is what the figures are rounded to, in pence, where the column is in £000 or a larger
    unit; 1 where they are exact. `rounded` says that the layout rounded figures to the penny.
    """

    name: str
    pence: np.ndarray
    given: np.ndarray
    unit: int
    scale: int
    rounded: bool

    def tolerance(self, place: int, lines):
        """Return the pence by which rounding may make a total differ from the sum of its lines.

        That is half a unit for each line, and half of the unit to which the total itself is
        rounded, where that is larger: a total of 4 agrees with 1.4 and 2.3.
        """
        if self.unit == 1:
            return (lines + 1) / 2 if self.rounded else 0 * lines
        own = _rounded_to(self.pence[place : place + 1], self.scale)
        return lines * self.unit / 2 + (own / 2 if own > self.unit else 0)


class _Run(NamedTuple):
    """The rows from `start` up to, not including, `end`, whose lines are summed."""

    start: int
    end: int


class _ControlTotals:
    """The check of a table's totals; `rows` says which rows are totals."""

    def __init__(
        self, table: TypedTable, specs, scales: dict[str, int], rows: SortedRows, rounded: Set[str]
    ):
        self.table, self.rows, self.frame = table, rows, table.frame
        self.is_total = rows.totals | rows.likely
        self.columns = [
            _read_amounts(self.frame, spec.name, scales, self.is_total, spec.name in rounded)
            for spec in specs
            if spec.kind == AMOUNT and spec.name in table.given
        ]
        self.codes = [
            self.frame[spec.name].to_numpy(dtype=object)
            for spec in specs
            if spec.kind == CODE and spec.name in table.given
        ]
        self.known = [set(column) for column in self.codes]
        self._sum_up()

    def _sum_up(self) -> None:
        """Calculate the running sums of lines again, after a row was marked as a total."""
        is_line = ~self.is_total
        zero = np.zeros(1, dtype="int64")
        self.before = [
            np.concatenate([zero, np.cumsum(np.where(is_line, column.pence, 0))])
            for column in self.columns
        ]
        self.lines_before = np.concatenate([zero, np.cumsum(is_line)])
        self.places = np.flatnonzero(self.is_total)
        self.bounds = self._find_bounds()

    def _find_bounds(self) -> np.ndarray:
        """Return the positions at which a group of rows may begin or end."""
        length = len(self.is_total)
        changes = [
            np.flatnonzero((column[1:] != column[:-1]) & ~self.is_total[1:] & ~self.is_total[:-1])
            + 1
            for column in self.codes[:-1]
        ]
        breaks = np.flatnonzero(np.diff(self.frame.index.to_numpy()) != 1) + 1
        parts = [np.array([0, length]), self.places, self.places + 1, breaks, *changes]
        return np.unique(np.concatenate(parts))

    def lines(self) -> np.ndarray:
        """Compare every total, note faults and warnings, and return a mask of the lines."""
        for place in np.flatnonzero(self.rows.possible):
            if self._is_surely_a_sum(place):
                self.is_total[place] = True
                self._sum_up()
        for place in self.places:
            if not self._agrees_with_rows(place):
                self._note_difference(place)
            elif not self.rows.totals[place]:
                self._note_total(place)
        return ~self.is_total

    def _is_surely_a_sum(self, place: int) -> bool:
        """Return whether a row with codes that says total sums the rows above in two columns.

        A line may be called Total facilities; its figures are not the sum of the rows above it.
        """
        given = [column for column in self.columns if column.given[place] and column.pence[place]]
        if len(given) < 2:
            return False
        runs = [_Run(0, place), _Run(self._last_total_before(place), place)]
        return any(self._count_lines(run) > 1 and self._agrees_with(place, run) for run in runs)

    def _last_total_before(self, place: int) -> int:
        """Return the position after the last total before a row, 0 where there is none."""
        at = int(np.searchsorted(self.places, place))
        return int(self.places[at - 1]) + 1 if at else 0

    def _count_lines(self, run: _Run) -> int:
        """Return the number of lines in these rows."""
        return int(self.lines_before[run.end] - self.lines_before[run.start])

    def _sum_lines(self, number: int, run: _Run) -> int:
        """Return the sum in pence of the lines in these rows, in one column of amounts."""
        return int(self.before[number][run.end] - self.before[number][run.start])

    def _agrees_with(self, place: int, run: _Run) -> bool:
        """Return whether a total equals the sum of these rows in every column that it gives."""
        count = self._count_lines(run)
        return count > 0 and all(
            abs(self._sum_lines(number, run) - column.pence[place])
            <= column.tolerance(place, count)
            for number, column in enumerate(self.columns)
            if column.given[place]
        )

    def _agrees_with_rows(self, place: int) -> bool:
        """Return whether a total is the sum of a group of rows, or has nothing to compare."""
        given = [column.pence[place] for column in self.columns if column.given[place]]
        since = _Run(self._last_total_before(place), place)
        if not given or (not any(given) and not self._count_lines(since)):
            return True
        return (
            any(self._agrees_with(place, run) for run in self._nearest_runs(place))
            or self._agrees_with_a_run(place)
            or self._agrees_with_a_code(place)
            or self._agrees_with_totals(place)
        )

    def _nearest_runs(self, place: int) -> Iterator[_Run]:
        """Yield the rows since the last total, all above, until the next total, and all below."""
        yield _Run(self._last_total_before(place), place)
        yield _Run(0, place)
        at = int(np.searchsorted(self.places, place)) + 1
        following = int(self.places[at]) if at < len(self.places) else len(self.is_total)
        yield _Run(place + 1, following)
        yield _Run(place + 1, len(self.is_total))

    def _agrees_with_a_run(self, place: int) -> bool:
        """Return whether a total sums a group of rows that ends above it or begins below."""
        bounds = self.bounds
        if len(bounds) * len(self.places) > _CHOICES_AT_ONCE:
            near = int(np.searchsorted(bounds, place))
            width = max(1, _CHOICES_AT_ONCE // len(self.places) // 2)
            bounds = bounds[max(0, near - width) : near + width]
        above, below = bounds[bounds < place], bounds[bounds > place + 1]
        return self._any_agrees(place, above, np.full(len(above), place)) or self._any_agrees(
            place, np.full(len(below), place + 1), below
        )

    def _any_agrees(self, place: int, starts: np.ndarray, ends: np.ndarray) -> bool:
        """Return whether a total is the sum of the rows between one of these starts and ends."""
        counts = self.lines_before[ends] - self.lines_before[starts]
        good = counts > 0
        for number, column in enumerate(self.columns):
            if column.given[place]:
                sums = self.before[number][ends] - self.before[number][starts]
                good &= np.abs(sums - column.pence[place]) <= column.tolerance(place, counts)
        return bool(good.any())

    def _agrees_with_a_code(self, place: int) -> bool:
        """Return whether a total is the sum of all lines with a code that it names."""
        said = [cell for cell in self.frame.iloc[place] if isinstance(cell, str) and cell]
        names = {without_total(text) if says_total(text) else text for text in said} - {""}
        return any(
            self._is_sum_of(place, (column == name) & ~self.is_total)
            for column, known in zip(self.codes, self.known, strict=True)
            for name in names & known
        )

    def _agrees_with_totals(self, place: int) -> bool:
        """Return whether a total is the sum of totals directly above it, as in a summary."""
        first = place
        while first > 0 and self.is_total[first - 1]:
            first -= 1
            chosen = np.zeros(len(self.is_total), dtype=bool)
            chosen[first:place] = True
            if place - first > 1 and self._is_sum_of(place, chosen):
                return True
        return False

    def _is_sum_of(self, place: int, chosen: np.ndarray) -> bool:
        """Return whether a total is the sum of the chosen rows."""
        count = int(chosen.sum())
        return count > 0 and all(
            abs(column.pence[chosen].sum() - column.pence[place]) <= column.tolerance(place, count)
            for column in self.columns
            if column.given[place]
        )

    def _note_total(self, place: int) -> None:
        row = self.frame.index[place]
        self.table.warn(
            "this row has codes, but it says total and its figures are the sum of other rows: it "
            "was taken for a total and is not stored",
            row,
        )

    def _note_difference(self, place: int) -> None:
        """Note a fault, or a warning where the figures are rounded."""
        above, near = _Run(0, place), _Run(self._last_total_before(place), place)
        likely = [run for run in (near, above) if self._count_lines(run)] or [above]
        number = min((self._differing_columns(place, run) for run in likely), key=len)[0]
        column, row = self.columns[number], self.frame.index[place]
        message = (
            f"this total is not the sum of the rows above it ({self._describe_sum(number, above)}"
        )
        if near != above and self._count_lines(near):
            message += f"; since the total before it, {self._describe_sum(number, near)}"
        message += ")"
        if not self.rows.totals[place]:
            message += (
                ". It has the codes of a line: if it is one, do not call it a total; if it is a "
                "total, delete the row or its codes"
            )
        said = exact_pounds(int(column.pence[place]))
        if column.unit == 1:
            self.table.problem(row, column.name, said, message)
        else:
            message += ", by more than the rounding of its figures; it is not stored"
            self.table.warn(f"{said}: {message}", row, column.name)

    def _differing_columns(self, place: int, run: _Run) -> list[int]:
        """Return the columns in which a total differs from the rows; all of them if none does."""
        given = [number for number, column in enumerate(self.columns) if column.given[place]]
        allowed = self._count_lines(run)
        return [
            number
            for number in given
            if abs(self._sum_lines(number, run) - self.columns[number].pence[place])
            > self.columns[number].tolerance(place, allowed)
        ] or given

    def _describe_sum(self, number: int, run: _Run) -> str:
        """Return a text of the rows and their sum: `rows 2 to 9: 1500000.00`."""
        lines = np.flatnonzero(~self.is_total[run.start : run.end]) + run.start
        if not len(lines):
            return "there are none"
        first, last = (self.table.row_in_file(self.frame.index[at]) for at in lines[[0, -1]])
        rows = f"row {first}" if first == last else f"rows {first} to {last}"
        return f"{rows}: {exact_pounds(self._sum_lines(number, run))}"


def _read_amounts(
    frame: pd.DataFrame, name: str, scales: dict[str, int], is_total: np.ndarray, rounded: bool
) -> _Amounts:
    scale = scales.get(name, 1)
    given = frame[name].notna().to_numpy(dtype=bool)
    pence = frame[name].fillna(0).to_numpy(dtype="int64")
    return _Amounts(name, pence, given, _rounded_to(pence[~is_total], scale), scale, rounded)


def _rounded_to(pence: np.ndarray, scale: int) -> int:
    """Return the unit in pence to which figures in £000 or £m are rounded, by their last digits."""
    if scale == 1:
        return 1
    unit = scale * 100
    while unit > 1 and (pence % unit).any():
        unit //= 10
    return unit


def check_control_totals(
    table: TypedTable,
    specs: tuple[ColumnSpec, ...],
    scales: dict[str, int],
    rows: SortedRows,
    rounded: Set[str] = frozenset(),
) -> np.ndarray:
    """Return a mask of the rows that are lines; note a fault or warning where a total differs.

    `scales` are the units of the columns of amounts, `rows` says which rows are totals, `rounded`
    are the columns that the layout rounded to the penny: half a penny for each line is allowed.
    """
    return _ControlTotals(table, specs, scales, rows, rounded).lines()
