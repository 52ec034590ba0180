"""A layout's steps, which turn a ledger's export into a table of one row a line. Pure.

Every step records where its cells come from, so that a figure can be traced to the file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from council_finance.uploads.amounts import column_of_pence
from council_finance.uploads.cells import BadCell, text_of
from council_finance.uploads.columns import normalised
from council_finance.uploads.contents import each_cell, number_contents
from council_finance.uploads.headers import Headed, blank
from council_finance.uploads.layout_data import LayoutSpec
from council_finance.uploads.limits import check_rows, letters
from council_finance.uploads.origins import Origins
from council_finance.uploads.problems import SHOWN, FileRefused, Problem
from council_finance.uploads.reading import RawTable
from council_finance.uploads.sign_notes import describe_reversed_signs, describe_unused_reversal
from council_finance.uploads.step_cells import (
    cell_says_total,
    find_code_places,
    find_own_column,
    format_in_unit,
    heading_as_code,
    months_to_add,
    split_code,
)
from council_finance.uploads.step_data import (
    AddColumns,
    AddUp,
    FillDown,
    Pad,
    ReverseSign,
    SelectRows,
    TakeParts,
    TurnColumns,
)
from council_finance.uploads.unnamed_totals import is_last_the_sum

_LONGEST_QUOTE = 60
_VALUES_SHOWN = 8
_BLOCKED = object()
"""Marks a cell of a total row, below which nothing is filled down from above."""


class Shaped(NamedTuple):
    """The table that the steps made, to which the rest of the layout applies, and its origins.

    `layout` takes the columns that steps made as columns of the file; `notes` are sentences on
    rows that were left out.
    """

    headed: Headed
    layout: LayoutSpec
    origins: Origins
    notes: tuple[str, ...]


def apply_steps(
    headed: Headed, layout: LayoutSpec, column_kinds: Mapping[str, str], period: int | None
) -> Shaped:
    """Apply a layout's steps but “add_up”, which comes when the figures have been read.

    `column_kinds` are the kinds of the own columns; `period` is that of the upload, for months
    added up to it. Raise `FileRefused` with every cell that a step cannot read.
    """
    return _Shaping(headed, layout, column_kinds, period).shaped()


class _Shaping:
    """The table as one step after another changes it; faults are collected within a step."""

    def __init__(
        self,
        headed: Headed,
        layout: LayoutSpec,
        column_kinds: Mapping[str, str],
        period: int | None,
    ):
        self.layout, self.kinds, self.period = layout, column_kinds, period
        self.cells: dict[int, np.ndarray] = {
            place: headed.body.cells.iloc[:, place].to_numpy(dtype=object)
            for place in range(headed.body.cells.shape[1])
        }
        self.width = len(self.cells)
        self.numbers = np.asarray(headed.body.row_numbers, dtype="int64")
        self.file_rows = self.numbers
        self.positions: np.ndarray | None = None
        self.names = headed.body.names
        self.titles, self.heading_row = list(headed.titles), headed.row
        self.places, self.texts = dict(headed.places), dict(headed.texts)
        self.plain = {normalised(heading): heading for heading in self.places}
        self.sources: dict[int, tuple[int, ...]] = {place: (place,) for place in self.cells}
        self.turned: tuple[str, ...] = ()
        self.notes: list[str] = []
        self.problems: list[Problem] = []

    def shaped(self) -> Shaped:
        """Run the steps and return the table. Raise `FileRefused` for faults in cells."""
        acts: dict[type, Callable[[Any], None]] = {
            FillDown: self._fill_down,
            SelectRows: self._select_rows,
            TakeParts: self._take_parts,
            Pad: self._pad_codes,
            AddColumns: self._add_columns,
            TurnColumns: self._turn_columns,
            ReverseSign: self._reverse_sign,
        }
        made: list[str] = []
        for step in self.layout.steps:
            if type(step) in acts:
                acts[type(step)](step)
                made += step.makes
            if self.problems:
                raise FileRefused(*sorted(self.problems, key=lambda fault: fault.row or 0)[:SHOWN])
        layout = replace(self.layout, columns={**self.layout.columns, **{own: own for own in made}})
        body = RawTable(
            pd.DataFrame(self.cells, dtype=object, copy=False), rows=self.numbers, names=self.names
        )
        headed = Headed(body, self.places, self.texts, self.titles, self.heading_row)
        return Shaped(headed, layout, self._trace_origins(layout), tuple(self.notes))

    def _trace_origins(self, layout: LayoutSpec) -> Origins:
        headings: dict[str, tuple[str, ...]] = {
            own: (heading,) for heading, own in layout.columns.items()
        }
        headings |= {own: (split.heading,) for split in layout.splits for own in split.into}
        headings |= {rule.own: (rule.debit, rule.credit) for rule in layout.debit_credits}
        columns = {
            own: tuple(place for each in named for place in self.sources[self.places[each]])
            for own, named in headings.items()
        }
        words = tuple(step.in_words for step in layout.steps if not isinstance(step, AddUp))
        return Origins.of_rows(
            self.numbers,
            self.file_rows,
            columns=columns,
            turned=self.turned,
            heading_row=self.heading_row,
            positions=self.positions,
            words=words,
        )

    def _find_place(self, heading: str) -> int:
        return self.places[self.plain[normalised(heading)]]

    def _heading_text(self, heading: str) -> str:
        return self.texts[self.plain[normalised(heading)]]

    def _add_made_column(
        self, own: str, cells: np.ndarray, text: str, sources: tuple[int, ...]
    ) -> None:
        """Add a column that a step made to those of the file."""
        place = len(self.cells)
        self.cells[place], self.sources[place] = cells, sources
        self.places[own], self.texts[own], self.plain[normalised(own)] = place, text, own

    def _add_fault(self, at: int, heading: str, cell: object, message: str) -> None:
        row = int(self.file_rows[at])
        self.problems.append(Problem(message, row, heading, str(cell)[:_LONGEST_QUOTE]))

    def _read_texts(self, heading: str) -> np.ndarray:
        """Return a column's cells as trimmed texts; a bad cell becomes blank, with a fault."""
        cells = self.cells[self._find_place(heading)]
        codes, uniques = number_contents(cells)
        texts = np.full(len(uniques) + 1, "", dtype=object)
        for number, cell in enumerate(uniques):
            try:
                texts[number] = text_of(cell)
            except BadCell as fault:
                for at in np.flatnonzero(codes == number):
                    self._add_fault(int(at), self._heading_text(heading), cell, str(fault))
        trimmed: np.ndarray = texts[codes]
        return trimmed

    def _keep_rows(self, kept: np.ndarray) -> None:
        if kept.all():
            return
        self.cells = {place: cells[kept] for place, cells in self.cells.items()}
        self.numbers, self.file_rows = self.numbers[kept], self.file_rows[kept]
        if self.positions is not None:
            self.positions = self.positions[kept]

    def _find_total_rows(self, filled: Sequence[int] = ()) -> np.ndarray:
        """Return a flag for each row that is a total.

        Each of its code cells is blank or says total, and some cell of it says total. In the
        columns `filled` codes may be blank because they are printed once.
        """
        candidates = np.ones(len(self.numbers), dtype=bool)
        for place in find_code_places(self.layout, self.places, self.kinds):
            cells = self.cells[place]
            candidates &= each_cell(cells, lambda cell: blank(cell) or cell_says_total(cell))
        for place in filled:
            cells = self.cells[place]
            candidates |= each_cell(cells, cell_says_total)
        total = np.zeros(len(candidates), dtype=bool)
        at = np.flatnonzero(candidates)
        for place in range(self.width):
            total[at] |= each_cell(self.cells[place][at], cell_says_total)
        return total

    def _fill_down(self, step: FillDown) -> None:
        """Fill labels down; a total in a column ends labels there and in columns to its right."""
        places = sorted(self._find_place(heading) for heading in step.columns)
        totals, bare = self._find_total_rows(places), self._find_blank_rows(places)
        ends = np.zeros(len(self.numbers), dtype=bool)
        for place in places:
            cells = self.cells[place]
            empty = each_cell(cells, blank)
            ends |= totals & each_cell(cells, cell_says_total)
            marked = cells.copy()
            marked[empty] = None
            marked[ends] = _BLOCKED
            carried = pd.Series(marked, dtype=object).ffill().to_numpy(dtype=object, copy=True)
            is_blank = [cell is None or cell is _BLOCKED for cell in carried]
            carried[np.array(is_blank, dtype=bool)] = ""
            self.cells[place] = np.where(totals | bare, cells, carried)

    def _find_blank_rows(self, places: Sequence[int]) -> np.ndarray:
        """Return a flag for each row that is blank in all other columns: headings and notes."""
        left = np.arange(len(self.numbers))
        for place in self.cells:
            if place not in places and left.size:
                left = left[each_cell(self.cells[place][left], blank)]
        found = np.zeros(len(self.numbers), dtype=bool)
        found[left] = True
        return found

    def _select_rows(self, step: SelectRows) -> None:
        texts = self._read_texts(step.column)
        wanted = {value.casefold() for value in step.values}
        found = each_cell(texts, lambda text: str(text).casefold() in wanted)
        kept = found if step.keep else ~found
        heading = self._heading_text(step.column)
        if not kept.any():
            values = ", ".join(f"“{text}”" for text in pd.unique(texts)[:_VALUES_SHOWN])
            raise FileRefused(
                Problem(
                    f"The layout leaves no row over: {step.in_words} The column “{heading}” "
                    f"has {values}."
                )
            )
        left = int((~kept).sum())
        if left:
            rows = "1 row was" if left == 1 else f"{left:,} rows were"
            others = sorted(set(pd.unique(texts[~kept])))[:_VALUES_SHOWN]
            says = ", ".join(f"“{text}”" if text else "nothing" for text in others)
            self.notes.append(f"{rows} left out, where “{heading}” says {says}.")
        self._keep_rows(kept)

    def _take_parts(self, step: TakeParts) -> None:
        texts = self._read_texts(step.column)
        heading, highest = self._heading_text(step.column), max(step.into.values())
        codes, uniques = pd.factorize(texts)
        split = [split_code(text, step, highest) for text in uniques]
        for number, parts in enumerate(split):
            for at in np.flatnonzero(codes == number) if parts is None else ():
                many = f"{step.count} parts" if step.count else f"at least {highest} parts"
                message = f"{many} with “{step.separator}” between them were expected"
                self._add_fault(int(at), heading, texts[at], message)
        source = self.sources[self._find_place(step.column)]
        for own, part in step.into.items():
            values = np.array([p[part - 1] if p else "" for p in split] + [None], dtype=object)
            self._add_made_column(own, values[:-1][codes], heading, source)

    def _pad_codes(self, step: Pad) -> None:
        texts = self._read_texts(step.column)
        codes, uniques = pd.factorize(texts)
        padded = [
            text.rjust(step.length, "0") if text.isascii() and text.isdigit() else text
            for text in uniques
        ]
        self.cells[self._find_place(step.column)] = np.array([*padded, None], dtype=object)[:-1][
            codes
        ]

    def _read_pence(self, heading: str, scale: int, at: np.ndarray | None = None) -> pd.Series:
        """Return a column's pence, or those of the rows `at`; add a fault for each bad cell."""
        cells = self.cells[self._find_place(heading)]
        taken = cells if at is None else cells[at]
        pence, faults = column_of_pence(taken, scale)
        for number, message in faults.items():
            row = number if at is None else int(at[number])
            self._add_fault(row, self._heading_text(heading), cells[row], message)
        return pd.Series(pence)

    def _add_columns(self, step: AddColumns) -> None:
        headings = months_to_add(step, self.period) if step.to_period else step.columns
        scale = self.layout.units[step.into]
        pence = self._read_pence(headings[0], scale)
        total, given = pence.fillna(0), pence.notna()
        for heading in headings[1:]:
            pence = self._read_pence(heading, scale)
            total = total + pence.fillna(0)
            given = given | pence.notna()
        sources = tuple(p for each in headings for p in self.sources[self._find_place(each)])
        cells = format_in_unit(total.where(given, pd.NA), scale)
        self._add_made_column(step.into, cells, self._heading_text(headings[0]), sources)

    def _turn_columns(self, step: TurnColumns) -> None:
        """Make a row of each figure, column by column, so that a column's total comes after it."""
        turned, totals = self._columns_to_turn(step)
        self._check_row_totals(step, turned, totals)
        columns = [] if totals else [self.cells[place] for place in turned]
        if is_last_the_sum(columns, self.layout.units.get(step.figures_into, 1)):
            self.notes.append(
                f"The column “{self.titles[turned[-1]]}” is the sum of the other columns that are "
                "turned into rows. Is it a total? Then name the columns to turn without it."
            )
        is_total = self._find_total_rows()
        kept, columns = [], []
        for place in turned:
            given = np.flatnonzero(~each_cell(self.cells[place], blank))
            kept.append(given)
            columns.append(np.full(len(given), place, dtype="int64"))
        at, column = np.concatenate(kept), np.concatenate(columns)
        if len(at) == 0:
            raise FileRefused(
                Problem("There is no figure in the columns that the layout turns into rows.")
            )
        check_rows(len(at))
        figures = np.empty(len(at), dtype=object)
        for place in turned:
            figures[column == place] = self.cells[place][at[column == place]]
        scale = self.layout.units.get(step.figures_into, 1)
        headings = {
            place: heading_as_code(self.titles[place], scale, step.figures_into) for place in turned
        }
        codes = np.array([headings[place] for place in column], dtype=object)
        codes[is_total[at]] = ""
        self.cells = {place: cells[at] for place, cells in self.cells.items()}
        self.file_rows, self.positions = self.file_rows[at], column
        self.numbers = np.arange(1, len(at) + 1, dtype="int64")
        self.turned = (step.headings_into, step.figures_into)
        words = f"columns {letters(turned[0])} to {letters(turned[-1])}"
        self._add_made_column(step.headings_into, codes, f"headings of the {words}", tuple(turned))
        self._add_made_column(step.figures_into, figures, f"figures of the {words}", tuple(turned))

    def _columns_to_turn(self, step: TurnColumns) -> tuple[list[int], list[int]]:
        """Return the positions of the columns of figures, and of those whose heading says total."""
        if step.columns:
            places = [self._find_place(heading) for heading in step.columns]
        else:
            first = self._find_place(step.after) + 1
            places = [place for place in range(first, self.width) if self.titles[place]]
        totals = [place for place in places if cell_says_total(self.titles[place])]
        turned = [place for place in places if place not in totals]
        if not turned:
            raise FileRefused(Problem(f"There is no column of figures to turn: {step.in_words}"))
        return turned, totals

    def _check_row_totals(self, step: TurnColumns, turned: list[int], totals: list[int]) -> None:
        """Add a fault for each total of a row that is not the sum of the row's figures."""
        if not totals:
            return
        scale = self.layout.units.get(step.figures_into, 1)

        def pence_at(place: int) -> pd.Series:
            pence, faults = column_of_pence(self.cells[place], scale)
            for at, message in faults.items():
                self._add_fault(at, self.titles[place], self.cells[place][at], message)
            return pd.Series(pence)

        whole = sum(pence_at(place).fillna(0) for place in turned)
        for place in totals:
            total = pence_at(place)
            for at in np.flatnonzero((total.notna() & (total != whole).fillna(False)).to_numpy()):
                message = f"this total is not the sum of the row ({whole[at] / 100:.2f})"
                self._add_fault(int(at), self.titles[place], self.cells[place][at], message)

    def _reverse_sign(self, step: ReverseSign) -> None:
        texts = self._read_texts(step.column)
        wanted = {value.casefold() for value in step.values}
        at = np.flatnonzero(each_cell(texts, lambda text: str(text).casefold() in wanted))
        if not len(at):
            found = sorted(pd.unique(texts))[:_VALUES_SHOWN]
            self.notes += describe_unused_reversal(
                self._heading_text(step.column), step.values, found
            )
        reversed_figures = {}
        for heading in step.figures:
            scale = self.layout.units[find_own_column(self.layout, heading)]
            cells = self.cells[self._find_place(heading)].copy()
            pence = self._read_pence(heading, scale, at)
            reversed_figures[self._heading_text(heading)] = pence
            cells[at] = format_in_unit(-pence, scale)
            self.cells[self._find_place(heading)] = cells
        self.notes += describe_reversed_signs(reversed_figures)
