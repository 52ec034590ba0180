"""A layout's steps on a file's rows: from the shape of a ledger's export to one row a line. Pure.

Every step keeps account of where cells come from, so that a figure leads back to its cells.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from council_finance.uploads import columns as kinds
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
from council_finance.uploads.step_cells import (
    cell_says_total,
    heading_as_code,
    in_unit,
    months_to_add,
    parts_taken,
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
from council_finance.uploads.told_signs import told_of_none, told_of_reversed
from council_finance.uploads.unnamed_totals import is_last_the_sum

_FOUND = 60
_VALUES_TOLD = 8
_BLOCKED = object()
"""Stands in a column where a total ends what may be filled down."""


@dataclass(frozen=True)
class Shaped:
    """What the steps made: a table to which the rest of the layout applies, and where it is from.

    `layout` takes the columns that steps made as columns of the file; `notes` say what was left
    out, for people to read.
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
    added up to it. Raises FileRefused with every cell that a step cannot work with.
    """
    return _Shaping(headed, layout, column_kinds, period).shaped()


class _Shaping:
    """The table as one step after another changes it; faults are gathered within a step."""

    def __init__(self, headed: Headed, layout: LayoutSpec, column_kinds, period: int | None):
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
        self.sources = {place: (place,) for place in self.cells}
        self.turned: tuple[str, ...] = ()
        self.notes: list[str] = []
        self.problems: list[Problem] = []

    def shaped(self) -> Shaped:
        """Run the steps. Raises FileRefused."""
        acts: dict[type, Callable] = {
            FillDown: self._fill_down,
            SelectRows: self._select_rows,
            TakeParts: self._take_parts,
            Pad: self._pad,
            AddColumns: self._add_columns,
            TurnColumns: self._turn_columns,
            ReverseSign: self._reverse_sign,
        }
        made = []
        for step in self.layout.steps:
            if type(step) in acts:
                acts[type(step)](step)
                made += step.makes
            if self.problems:
                raise FileRefused(*sorted(self.problems, key=lambda fault: fault.row)[:SHOWN])
        layout = replace(self.layout, columns={**self.layout.columns, **{own: own for own in made}})
        body = RawTable(
            pd.DataFrame(self.cells, dtype=object, copy=False), rows=self.numbers, names=self.names
        )
        headed = Headed(body, self.places, self.texts, self.titles, self.heading_row)
        return Shaped(headed, layout, self._origins(layout), tuple(self.notes))

    def _origins(self, layout: LayoutSpec) -> Origins:
        headings = {own: (heading,) for heading, own in layout.columns.items()}
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

    def _place(self, heading: str) -> int:
        return self.places[self.plain[normalised(heading)]]

    def _text(self, heading: str) -> str:
        return self.texts[self.plain[normalised(heading)]]

    def _add(self, own: str, cells: np.ndarray, text: str, sources: tuple[int, ...]) -> None:
        """Put a column that a step made beside the file's."""
        place = len(self.cells)
        self.cells[place], self.sources[place] = cells, sources
        self.places[own], self.texts[own], self.plain[normalised(own)] = place, text, own

    def _fault(self, at: int, heading: str, cell: object, message: str) -> None:
        row = int(self.file_rows[at])
        self.problems.append(Problem(message, row, heading, str(cell)[:_FOUND]))

    def _texts_at(self, heading: str) -> np.ndarray:
        """A column's cells as trimmed texts, each content read once; a fault reads as blank."""
        cells = self.cells[self._place(heading)]
        codes, uniques = number_contents(cells)
        texts = np.full(len(uniques) + 1, "", dtype=object)
        for number, cell in enumerate(uniques):
            try:
                texts[number] = text_of(cell)
            except BadCell as fault:
                for at in np.flatnonzero(codes == number):
                    self._fault(int(at), self._text(heading), cell, str(fault))
        return texts[codes]

    def _keep(self, kept: np.ndarray) -> None:
        if kept.all():
            return
        self.cells = {place: cells[kept] for place, cells in self.cells.items()}
        self.numbers, self.file_rows = self.numbers[kept], self.file_rows[kept]
        if self.positions is not None:
            self.positions = self.positions[kept]

    def _codes_places(self) -> list[int]:
        """The columns of the file that hold codes, as the layout has them."""
        headings = [own for own in self.places if self.kinds.get(own) == kinds.CODE]
        headings += [
            heading
            for heading, own in self.layout.columns.items()
            if self.kinds.get(own) == kinds.CODE
        ]
        headings += [
            split.heading
            for split in self.layout.splits
            if any(self.kinds.get(own) == kinds.CODE for own in split.into)
        ]
        return [self.places[heading] for heading in headings]

    def _total_rows(self, filled: Sequence[int] = ()) -> np.ndarray:
        """Rows that are a total: each code cell is blank or says total, and some cell says so.

        Codes in the columns `filled` may be blank for another reason.
        """
        candidates = np.ones(len(self.numbers), dtype=bool)
        for place in self._codes_places():
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
        """Carry labels down; a total in a column ends what is carried there and to its right."""
        places = sorted(self._place(heading) for heading in step.columns)
        totals, bare = self._total_rows(places), self._blank_but_for(places)
        ends = np.zeros(len(self.numbers), dtype=bool)
        for place in places:
            cells = self.cells[place]
            empty = each_cell(cells, blank)
            ends |= totals & each_cell(cells, cell_says_total)
            marked = np.where(empty, None, cells)
            marked[ends] = _BLOCKED
            carried = pd.Series(marked, dtype=object).ffill().to_numpy(dtype=object, copy=True)
            carried[np.array([cell is None or cell is _BLOCKED for cell in carried])] = ""
            self.cells[place] = np.where(totals | bare, cells, carried)

    def _blank_but_for(self, places: Sequence[int]) -> np.ndarray:
        """Rows that hold nothing beside the columns in these places: headings and notes."""
        left = np.arange(len(self.numbers))
        for place in self.cells:
            if place not in places and left.size:
                left = left[each_cell(self.cells[place][left], blank)]
        found = np.zeros(len(self.numbers), dtype=bool)
        found[left] = True
        return found

    def _select_rows(self, step: SelectRows) -> None:
        texts = self._texts_at(step.column)
        wanted = {value.casefold() for value in step.values}
        found = each_cell(texts, lambda text: text.casefold() in wanted)
        kept = found if step.keep else ~found
        heading = self._text(step.column)
        if not kept.any():
            stands = ", ".join(f"“{text}”" for text in pd.unique(texts)[:_VALUES_TOLD])
            raise FileRefused(
                Problem(
                    f"The layout leaves no row over: {step.in_words} In the column “{heading}” "
                    f"stands {stands}."
                )
            )
        left = int((~kept).sum())
        if left:
            rows = "1 row was" if left == 1 else f"{left:,} rows were"
            others = sorted(set(pd.unique(texts[~kept])))[:_VALUES_TOLD]
            says = ", ".join(f"“{text}”" if text else "nothing" for text in others)
            self.notes.append(f"{rows} left out, where “{heading}” says {says}.")
        self._keep(kept)

    def _take_parts(self, step: TakeParts) -> None:
        texts = self._texts_at(step.column)
        heading, highest = self._text(step.column), max(step.into.values())
        codes, uniques = pd.factorize(texts)
        split = [parts_taken(text, step, highest) for text in uniques]
        for number, parts in enumerate(split):
            for at in np.flatnonzero(codes == number) if parts is None else ():
                many = f"{step.count} parts" if step.count else f"at least {highest} parts"
                message = f"{many} with “{step.separator}” between them were expected"
                self._fault(int(at), heading, texts[at], message)
        source = self.sources[self._place(step.column)]
        for own, part in step.into.items():
            values = np.array([p[part - 1] if p else "" for p in split] + [None], dtype=object)
            self._add(own, values[:-1][codes], heading, source)

    def _pad(self, step: Pad) -> None:
        texts = self._texts_at(step.column)
        codes, uniques = pd.factorize(texts)
        padded = [
            text.rjust(step.length, "0") if text.isascii() and text.isdigit() else text
            for text in uniques
        ]
        self.cells[self._place(step.column)] = np.array([*padded, None], dtype=object)[:-1][codes]

    def _pence(self, heading: str, scale: int, at: np.ndarray | None = None) -> pd.Series:
        """A column's pence, or those of the rows `at`; faults are noted."""
        cells = self.cells[self._place(heading)]
        taken = cells if at is None else cells[at]
        pence, faults = column_of_pence(taken, scale)
        for number, message in faults.items():
            row = number if at is None else int(at[number])
            self._fault(row, self._text(heading), cells[row], message)
        return pd.Series(pence)

    def _add_columns(self, step: AddColumns) -> None:
        headings = months_to_add(step, self.period) if step.to_period else step.columns
        scale = self.layout.units[step.into]
        total, given = None, None
        for heading in headings:
            pence = self._pence(heading, scale)
            total = pence.fillna(0) if total is None else total + pence.fillna(0)
            given = pence.notna() if given is None else given | pence.notna()
        sources = tuple(p for each in headings for p in self.sources[self._place(each)])
        cells = in_unit(total.where(given, pd.NA), scale)
        self._add(step.into, cells, self._text(headings[0]), sources)

    def _turn_columns(self, step: TurnColumns) -> None:
        """Make a row of each figure, column by column, so that a column's total stands under it."""
        turned, totals = self._columns_to_turn(step)
        self._check_row_totals(step, turned, totals)
        columns = [] if totals else [self.cells[place] for place in turned]
        if is_last_the_sum(columns, self.layout.units.get(step.figures_into, 1)):
            self.notes.append(
                f"The column “{self.titles[turned[-1]]}” is the sum of the other columns that are "
                "turned into rows. Is it a total? Then name the columns to turn without it."
            )
        is_total = self._total_rows()
        kept, columns = [], []
        for place in turned:
            given = np.flatnonzero(~each_cell(self.cells[place], blank))
            kept.append(given)
            columns.append(np.full(len(given), place, dtype="int64"))
        at, column = np.concatenate(kept), np.concatenate(columns)
        if len(at) == 0:
            raise FileRefused(Problem("No figure stands in the columns that the layout turns."))
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
        self._add(step.headings_into, codes, f"headings of the {words}", tuple(turned))
        self._add(step.figures_into, figures, f"figures of the {words}", tuple(turned))

    def _columns_to_turn(self, step: TurnColumns) -> tuple[list[int], list[int]]:
        """Positions of the columns of figures, and of those whose heading says total."""
        if step.columns:
            places = [self._place(heading) for heading in step.columns]
        else:
            first = self._place(step.after) + 1
            places = [place for place in range(first, self.width) if self.titles[place]]
        totals = [place for place in places if cell_says_total(self.titles[place])]
        turned = [place for place in places if place not in totals]
        if not turned:
            raise FileRefused(Problem(f"There is no column of figures to turn: {step.in_words}"))
        return turned, totals

    def _check_row_totals(self, step: TurnColumns, turned: list[int], totals: list[int]) -> None:
        """Each total at the end of a row is the sum of the figures that are turned."""
        if not totals:
            return
        scale = self.layout.units.get(step.figures_into, 1)

        def pence_at(place: int) -> pd.Series:
            pence, faults = column_of_pence(self.cells[place], scale)
            for at, message in faults.items():
                self._fault(at, self.titles[place], self.cells[place][at], message)
            return pd.Series(pence)

        whole = sum(pence_at(place).fillna(0) for place in turned)
        for place in totals:
            total = pence_at(place)
            for at in np.flatnonzero((total.notna() & (total != whole).fillna(False)).to_numpy()):
                message = f"this total is not the sum of the row ({whole[at] / 100:.2f})"
                self._fault(int(at), self.titles[place], self.cells[place][at], message)

    def _reverse_sign(self, step: ReverseSign) -> None:
        texts = self._texts_at(step.column)
        wanted = {value.casefold() for value in step.values}
        at = np.flatnonzero(each_cell(texts, lambda text: text.casefold() in wanted))
        if not len(at):
            found = sorted(pd.unique(texts))[:_VALUES_TOLD]
            self.notes += told_of_none(self._text(step.column), step.values, found)
        reversed_figures = {}
        for heading in step.figures:
            scale = self.layout.units[self._own_of(heading)]
            cells = self.cells[self._place(heading)].copy()
            pence = self._pence(heading, scale, at)
            reversed_figures[self._text(heading)] = pence
            cells[at] = in_unit(-pence, scale)
            self.cells[self._place(heading)] = cells
        self.notes += told_of_reversed(reversed_figures)

    def _own_of(self, heading: str) -> str:
        """The own column of amounts that a column of the file becomes, or that a step made."""
        own = dict(self.layout.columns)
        own |= {each: r.own for r in self.layout.debit_credits for each in (r.debit, r.credit)}
        return own.get(heading, heading)
