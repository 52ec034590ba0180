"""Map an export's rows to the product's own columns by a saved layout. Pure."""

from collections.abc import Callable, Mapping, Set
from dataclasses import replace

import numpy as np
import pandas as pd

from council_finance.uploads import columns as kinds
from council_finance.uploads.adding_up import add_up
from council_finance.uploads.amounts import column_of_pence
from council_finance.uploads.cells import BadCell
from council_finance.uploads.columns import ColumnSpec, normalised
from council_finance.uploads.contents import Cells, as_categories
from council_finance.uploads.headers import (
    Headed,
    below_headings,
    blank,
    blank_cells,
)
from council_finance.uploads.layout_cells import (
    codes_of,
    expected_parts,
    in_pounds,
    parts_of,
    side_of,
)
from council_finance.uploads.layout_data import LayoutError, LayoutSpec, check_columns, read_layout
from council_finance.uploads.layout_headings import (
    describe_later_months,
    find_headings,
    heading_texts,
)
from council_finance.uploads.left_out import (
    describe_rows_with_figures,
    describe_skipped_rows,
    mark_rows_with_figures,
    refuse_other_units,
    without_figures,
    without_skipped,
)
from council_finance.uploads.limits import check_stored_rows
from council_finance.uploads.problems import SHOWN, FileRefused, HeadingsRefused, Problem
from council_finance.uploads.reading import RawTable
from council_finance.uploads.rounding import amount_places, rounded_table
from council_finance.uploads.sign_notes import describe_negative_credits, describe_reversed_signs
from council_finance.uploads.split_figures import refuse_split_figures
from council_finance.uploads.stated_units import StatedUnits, with_units
from council_finance.uploads.steps import apply_steps
from council_finance.uploads.table import TypedTable, table_of_layout, with_absent_columns
from council_finance.uploads.total_rows import says_total

__all__ = ["LayoutError", "apply_layout", "layout_fits", "read_layout", "read_through"]

_FOUND = 60


def read_through(
    raw: RawTable, layout: LayoutSpec, specs: tuple[ColumnSpec, ...], period: int | None = None
) -> TypedTable:
    """Return the typed table of a file's rows, by a layout and all of its steps.

    `period` is that of the upload. Raises as apply_layout and table_of_layout do.
    """
    made = apply_layout(raw, layout, specs, period)
    table = table_of_layout(made, specs, adds_up=layout.add_up is not None)
    if layout.add_up is None:
        return table
    if not table.problems:
        table = add_up(table, layout.add_up, specs)
        check_stored_rows(len(table.frame))
    return replace(table, frame=with_absent_columns(table.frame, specs))


def apply_layout(
    raw: RawTable, layout: LayoutSpec, specs: tuple[ColumnSpec, ...], period: int | None = None
) -> RawTable:
    """Return the rows under the file's headings as a table of own columns, named so.

    `specs` are the columns of the kind of file: which are amounts and codes. Amounts that the
    layout changes (unit, sign, debit and credit) are texts in pounds that read back to the same
    pence; other cells are unchanged. Rows keep their numbers; `names` are the file's headings.
    Raises LayoutError where the layout makes a column that the kind of file does not have,
    HeadingsRefused where a heading is missing, FileRefused where cells cannot be split or read.
    """
    check_columns(layout, specs)
    places, texts, last = find_headings(raw, layout)
    first = last - layout.header_rows + 1
    units = StatedUnits(raw, first, last)
    said = set(layout.units)
    layout, notes = with_units(layout, units, places, texts, specs)
    body, more = _rows_below_headings(
        raw, layout, first, last + units.rows_below, said, places, specs
    )
    titles = heading_texts(raw.cells.iloc[first : last + 1])[0]
    notes += [*describe_later_months(texts, titles), *more]
    if not layout.steps:
        made = _Application(body, layout, specs, places, texts).table()
        return replace(made, notes=(*notes, *made.notes), rounded=body.rounded)
    own_kinds = {spec.name: spec.kind for spec in specs}
    headed = Headed(body, places, texts, titles, int(raw.row_numbers[last]))
    shaped = apply_steps(headed, layout, own_kinds, period)
    headed = shaped.headed
    made = _Application(
        headed.body, shaped.layout, specs, headed.places, headed.texts, shaped.origins
    )
    table = made.table()
    notes = [*shaped.notes, *notes, *table.notes]
    return replace(table, origins=shaped.origins, notes=tuple(notes), rounded=body.rounded)


def _rows_below_headings(
    raw: RawTable,
    layout: LayoutSpec,
    first: int,
    last: int,
    said: Set[str],
    places: Mapping[str, int],
    specs: tuple[ColumnSpec, ...],
) -> tuple[RawTable, list[str]]:
    """Return the rows below the headings that the layout does not skip, rounded, and notes on them.

    The headings, and units below them, are in the rows `first` to `last`, in the columns `places`;
    `said` are the columns whose unit the layout gives. Raises FileRefused.
    """
    rows = without_skipped(raw, layout.skip_starts_with, last + 1)
    body = below_headings(rows, first, last, ignore=layout.skip_unheaded_columns)
    by_name = {normalised(heading): place for heading, place in places.items()}

    def place_of(heading: str) -> int:
        return by_name.get(normalised(heading), -1)

    amounts = {at for _, own in amount_places(body, layout, place_of, specs) for at in own}
    refuse_split_figures(rows, body, amounts, set(places.values()) - amounts)
    below = replace(raw, cells=raw.cells[last + 1 :], rows=raw.row_numbers[last + 1 :])
    scales = {own: scale for own, scale in layout.units.items() if own not in said and scale}
    headings = {own: own for own in scales} | {own: text for text, own in layout.columns.items()}
    refuse_other_units(without_figures(below.cells, amounts), scales, headings, layout=True)
    body = rounded_table(body, layout, place_of, specs)
    return body, [*describe_skipped_rows(below, rows, amounts), *body.notes]


def layout_fits(
    raw: RawTable, layout: LayoutSpec, specs: tuple[ColumnSpec, ...], *, exact: bool = False
) -> bool:
    """Return whether the layout fills all required columns and the file has its headings.

    With `exact`, a heading that bears another month than the layout's is not one of them.
    """
    required = {spec.name for spec in specs if spec.required}
    if not required <= set(layout.made) <= {spec.name for spec in specs}:
        return False
    try:
        find_headings(raw, layout, exact=exact)
    except HeadingsRefused:
        return False
    return True


def _as_series(cells: Cells) -> pd.Series:
    """Return cells as they are: texts as objects, and not in pandas' own type of texts."""
    dtype = cells.dtype if isinstance(cells, pd.Categorical) else object
    return pd.Series(cells, dtype=dtype, copy=False)


class _Application:
    """A layout applied to a file's rows; its faults are raised together."""

    def __init__(self, body: RawTable, layout: LayoutSpec, specs, places, texts, origins=None):
        self.body, self.layout, self.origins = body, layout, origins
        self.places, self.texts = places, texts
        self.kinds = {spec.name: spec.kind for spec in specs}
        self.needed = {s.name for s in specs if s.required and s.kind == kinds.CODE}
        self.problems: list[Problem] = []
        self.made: dict[str, Cells] = {}
        self.names: dict[str, str] = {}
        self.notes: list[str] = []

    def table(self) -> RawTable:
        """Return the rows of the own columns. Raises FileRefused with every fault."""
        self._split_columns()
        self._map_columns()
        self._subtract_credits()
        self._reverse_income()
        if self.problems:
            problems = sorted(self.problems, key=lambda problem: problem.row)
            raise FileRefused(*problems[:SHOWN])
        kept, rows = self._sort_out_rows(), self.body.row_numbers
        if not kept.all():
            self._note_left_out(~kept)
            self.made = {own: column[kept] for own, column in self.made.items()}
            rows = rows[kept]
        frame = pd.DataFrame({own: _as_series(column) for own, column in self.made.items()})
        return RawTable(frame, rows=rows, names=self.names, notes=tuple(self.notes))

    def _note_left_out(self, left_out: np.ndarray) -> None:
        """Note the rows without codes that have figures."""
        figures = {own: cells[left_out] for own, cells in self.made.items() if self._is_amount(own)}
        places = np.flatnonzero(left_out)[mark_rows_with_figures(pd.DataFrame(figures))]
        numbers = self._rows_in_file(places)
        self.notes += describe_rows_with_figures(numbers, "as the layout skips rows without codes")

    def _is_amount(self, own: str) -> bool:
        return self.kinds.get(own) == kinds.AMOUNT

    def _rows_in_file(self, places: np.ndarray) -> list[int]:
        rows = [int(row) for row in self.body.row_numbers[places]]
        return rows if self.origins is None else list(map(self.origins.row_in_file, rows))

    def _cells_under(self, heading: str) -> np.ndarray:
        return self.body.cells.iloc[:, self.places[heading]].to_numpy(dtype=object)

    def _note_fault(self, place: int, heading: str, cell: object, message: str) -> None:
        row = int(self.body.row_numbers[place])
        row = row if self.origins is None else self.origins.row_in_file(row)
        self.problems.append(Problem(message, row, self.texts[heading], str(cell)[:_FOUND]))

    def _split_columns(self) -> None:
        for split in self.layout.splits:
            cells = self._cells_under(split.heading)
            texts = self._read_each(split.heading, cells, codes_of)
            codes, uniques = pd.factorize(texts)
            parts = [parts_of(text, split) for text in uniques]
            for place in np.flatnonzero(np.isin(codes, [n for n, p in enumerate(parts) if not p])):
                self._note_fault(place, split.heading, cells[place], expected_parts(split))
            for number, own in enumerate(split.into):
                values = np.array([part[number] if part else "" for part in parts], dtype=object)
                self.made[own] = values[codes]
                self.names[own] = self.texts[split.heading]

    def _map_columns(self) -> None:
        for heading, own in self.layout.columns.items():
            cells = self._cells_under(heading)
            self.names[own] = self.texts[heading]
            changed = own in self.layout.suffix | self.layout.reverse
            changed |= self.layout.units.get(own, 1) != 1
            if self.kinds[own] == kinds.AMOUNT and changed:
                pence = self._read_column(own, heading, cells)
                if own in self.layout.reverse:
                    pence = -pence
                cells = in_pounds(pence)
            self.made[own] = cells

    def _subtract_credits(self) -> None:
        for rule in self.layout.debit_credits:
            debit, credit = (
                self._read_column(rule.own, heading, self._cells_under(heading))
                for heading in (rule.debit, rule.credit)
            )
            given = ~(debit.isna() & credit.isna())
            pence = debit.fillna(0) - credit.fillna(0)
            pence = -pence if rule.own in self.layout.reverse else pence
            self.made[rule.own] = in_pounds(pence.where(given, pd.NA))
            self.notes += describe_negative_credits(credit, self.texts[rule.credit])
            self.names[rule.own] = f"{self.texts[rule.debit]} / {self.texts[rule.credit]}"

    def _reverse_income(self) -> None:
        """Reverse the amounts of accounts that hold income, printed positive."""
        patterns = self.layout.income_positive_accounts
        if not patterns or "account" not in self.made:
            return
        heading = self._heading_of("account")
        accounts = self._read_each(heading, self.made["account"], codes_of)
        codes, uniques = pd.factorize(accounts)
        is_income = [any(pattern.search(text) for pattern in patterns) for text in uniques]
        income = np.array(is_income, dtype=bool)[codes]
        reversed_figures = {}
        for own, cells in self.made.items():
            if self._is_amount(own) and income.any():
                pence = self._read_pence(own, self._heading_of(own), cells, 1)
                reversed_figures[self.names[own]] = pence[income]
                values = cells.copy()
                values[income] = in_pounds(-pence[income])
                self.made[own] = values
        self.notes += describe_reversed_signs(reversed_figures)

    def _sort_out_rows(self) -> np.ndarray:
        """Fill in the fixed values, label the totals, and return a mask of the rows to keep."""
        codes = [own for own in self.made if self.kinds[own] == kinds.CODE]
        nowhere = np.zeros(len(self.body.cells), dtype=bool)
        if self.layout.add_up is not None:  # many rows with few codes
            self.made |= {own: as_categories(self.made[own]) for own in codes}
        blanks = {own: blank_cells(self.made[own]) for own in codes}
        without = np.logical_and.reduce([*blanks.values()]) if codes else nowhere
        lacking = np.logical_or.reduce(
            [without, *(blanks[own] for own in self.needed & set(codes))]
        )
        total = self._label_totals(lacking)
        for own, value in self.layout.fixed.items():
            column = np.full(len(without), value, dtype=object)
            column[without] = ""
            self.made[own] = column
        return ~(without & ~total) if self.layout.skip_blank_codes else ~nowhere

    def _label_totals(self, lacking: np.ndarray) -> np.ndarray:
        """Return the rows without codes that say total, and copy that text to an own column.

        The word may be in a column of the file that the layout does not use.
        """
        total = np.zeros(len(lacking), dtype=bool)
        if not lacking.any():
            return total
        own = "description" if "description" in self.made else "Total rows"
        label = self.made.get(own, np.full(len(total), "", dtype=object)).copy()
        for place in np.flatnonzero(lacking):
            said = [str(cell) for cell in self.body.cells.iloc[place] if not blank(cell)]
            found = next(filter(says_total, said), None)
            if found is not None:
                total[place], label[place] = True, found
        if total.any():
            self.made[own] = label
        return total

    def _heading_of(self, own: str) -> str:
        rules = {rule.own: rule.debit for rule in self.layout.debit_credits}
        rules |= {each: heading for heading, each in self.layout.columns.items()}
        rules |= {each: split.heading for split in self.layout.splits for each in split.into}
        return rules[own]

    def _read_column(self, own: str, heading: str, cells: np.ndarray) -> pd.Series:
        """Return a column's pence, by its unit and its DR or CR."""
        scale = self.layout.units[own]
        if own not in self.layout.suffix:
            return self._read_pence(own, heading, cells, scale)
        sides = [side_of(cell) for cell in cells]
        numbers = np.array([*(number for number, _ in sides), None], dtype=object)[:-1]
        pence = self._read_pence(own, heading, numbers, scale, cells)
        return pence.where(~np.array([is_credit for _, is_credit in sides], dtype=bool), -pence)

    def _read_pence(self, own: str, heading: str, cells, scale: int, found=None) -> pd.Series:
        pence, faults = column_of_pence(cells, scale)
        shown = cells if found is None else found
        for place, message in faults.items():
            self._note_fault(place, heading, shown[place], message)
        return pd.Series(pence)

    def _read_each(self, heading: str, cells: np.ndarray, read: Callable) -> np.ndarray:
        """Return the value of each cell; blank, and noted as a fault, where it cannot be read."""
        values = np.full(len(cells), "", dtype=object)
        for place, cell in enumerate(cells):
            try:
                values[place] = read(cell)
            except BadCell as fault:
                self._note_fault(place, heading, cell, str(fault))
        return values
