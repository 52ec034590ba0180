"""Turns the rows of a file into a table of typed columns, or finds every problem in them."""

from collections.abc import Callable, Collection, Iterable, Set
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from council_finance.uploads import columns as kinds
from council_finance.uploads.cells import READERS
from council_finance.uploads.columns import ColumnSpec, Heading
from council_finance.uploads.contents import Cells
from council_finance.uploads.control_totals import check_control_totals
from council_finance.uploads.file_texts import FileTexts
from council_finance.uploads.headers import (
    OwnHeadings,
    below_headings,
    describe_missing,
    find_own_headings,
)
from council_finance.uploads.left_out import describe_notes, refuse_other_units
from council_finance.uploads.limits import check_stored_rows
from council_finance.uploads.origins import Origins, OriginsOfSheets
from council_finance.uploads.problems import (
    SHOWN,
    FileRefused,
    HeadingsRefused,
    NoRowsRefused,
    Problem,
)
from council_finance.uploads.reading import RawTable, index_of_rows
from council_finance.uploads.saved_layout import SavedLayout
from council_finance.uploads.sheet_rows import sheet_and_row
from council_finance.uploads.split_figures import refuse_split_figures
from council_finance.uploads.stated_units import StatedUnits, refuse_unclear_units
from council_finance.uploads.total_rows import SortedRows, sort_rows
from council_finance.uploads.unnamed_totals import likely_totals

_SERVICE_CODE = "service_code"
_LINE_CODES = ("cost_centre", "account")

Column: TypeAlias = "np.ndarray | pd.api.extensions.ExtensionArray"
"""The values of a column: an extension array for amounts and whole numbers, which may lack one."""


@dataclass
class TypedTable:
    """A file's rows under the product's own column names.

    The index of `frame` is the row number in the file. `frame` has every column of the kind:
    amounts as Int64 pence (NA: not given), codes and texts as str ("": blank), whole numbers as
    Int64, dates as date or None, yes-columns as bool. `headings` are the file's headings of the
    columns that it has. `layout` is the saved layout whose headings the file has; `own` are the
    headings of a file that was read through a layout, as returned by
    `matching.likely_headings`. `origins` are the cells behind each row where a layout's steps made
    the rows; the index is then the number of the made row. `sheets` are the sheets that were read
    together, if there are several; the index is then numbered as in `sheet_rows`. `reading` names
    the sheets that were read and not read, with notes on them.
    """

    frame: pd.DataFrame
    headings: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    more_warnings: int = 0
    layout: SavedLayout | None = None
    own: dict[str, Any] | None = None
    origins: Origins | OriginsOfSheets | None = None
    sheets: tuple[str, ...] = ()
    reading: dict[str, Any] = field(default_factory=dict)

    @property
    def given(self) -> set[str]:
        """Return the names of the columns that the file has."""
        return set(self.headings)

    def problem(self, row: int, column: str, found: object, message: str) -> None:
        """Add a fault at a row and column of the file."""
        heading = self._describe_heading(row, column)
        sheet, place = self.place_in_file(row)
        self.problems.append(Problem(message, place, heading, quote_cell(found), sheet=sheet))

    def refuse_problems(self) -> None:
        """Raise `FileRefused` with the faults found so far, in the order of the file's rows."""
        if self.problems:
            by_row = sorted(self.problems, key=lambda fault: (fault.sheet, fault.row or 0))
            raise FileRefused(*by_row)

    def row_in_file(self, row: int) -> int:
        """Return the row's number in the file: the first row behind a made row."""
        return int(row) if self.origins is None else self.origins.row_in_file(int(row))

    def place_in_file(self, row: int) -> tuple[str, int]:
        """Return the sheet, "" unless several were read together, and the row's number in it."""
        if self.sheets:
            sheet, place = sheet_and_row(self.sheets, int(row))
            return sheet, place if self.origins is None else self.row_in_file(row)
        return "", self.row_in_file(row)

    def _describe_heading(self, row: int | None, column: str) -> str:
        heading = self.headings.get(column, column)
        letter = "" if row is None or not self.origins else self.origins.letter_of(row, column)
        return f"{heading} ({letter})" if letter else heading

    def warn_of_each(
        self,
        rows: Iterable[Any],
        message: Callable[[Any], str],
        column: str = "",
        about: str = "",
    ) -> None:
        """Warn of each of the rows (named tuples with `row`); list the first and count all.

        Where `row` is None the tuple itself names its budget line, by `cost_centre` and `account`.
        """
        rows = list(rows)
        for row in rows[:SHOWN]:
            own = {} if row.row is not None else {name: getattr(row, name) for name in _LINE_CODES}
            self.warn(message(row), row.row, column, about, **own)
        self.more_warnings += max(0, len(rows) - SHOWN)

    def warn(
        self,
        message: str,
        row: int | None = None,
        column: str = "",
        about: str = "",
        **codes: str,
    ) -> None:
        """Add a warning, which does not stop the upload.

        It has the codes of its row's budget line and service; `codes` are those of a warning
        without a row.
        """
        heading = self._describe_heading(row, column)
        sheet, place = ("", None) if row is None else self.place_in_file(row)
        codes = codes if row is None else self._read_codes(row)
        self.warnings.append(Problem(message, place, heading, about=about, sheet=sheet, **codes))

    def _read_codes(self, row: int) -> dict[str, str]:
        """Return the codes of a row's line and service; {} for a row that is not a line."""
        if row not in self.frame.index:
            return {}
        names = [name for name in (*_LINE_CODES, _SERVICE_CODE) if name in self.frame]
        return {name: str(self.frame.at[row, name]) for name in names}


def quote_cell(value: object) -> str:
    """Return a cell's content as messages quote it: 60 characters at most."""
    text = "" if value is None or value is pd.NA else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def typed_table(
    raw: RawTable, specs: tuple[ColumnSpec, ...], headings: OwnHeadings | None = None
) -> TypedTable:
    """Read every cell under the product's own headings, which are looked for where not given.

    Raise `HeadingsRefused` where no heading row is found or a required column is missing,
    `FileRefused` where there are no rows; faults of cells are collected in `problems`.
    """
    headings = headings or find_own_headings(raw, specs)
    header, found, unused = headings.place, headings.columns, headings.unused
    names = {name: heading.text for name, heading in found.items()}
    units = StatedUnits(raw, header, header)
    scales = _find_scales(units, found, specs)
    body = _take_body(raw, header, header + units.rows_below, found, specs)
    table = TypedTable(pd.DataFrame(), names)
    left_out, numbers = _read_lines(_Reader(body, found, scales, table), specs)
    notes_left_out = []
    if numbers:
        refuse_other_units(left_out, scales, names, layout=False)
        notes_left_out = describe_notes(left_out, numbers)
    check_stored_rows(len(table.frame))
    stated = {name: (found[name].text, scale) for name, scale in scales.items()}
    for note in (*raw.notes, *units.describe_scales(stated), *notes_left_out):
        table.warn(note)
    if unused:
        table.warn(f"These columns were not used: {', '.join(unused)}.")
    return table


def table_of_layout(
    made: RawTable, specs: tuple[ColumnSpec, ...], *, adds_up: bool = False
) -> TypedTable:
    """Read every cell of the rows that a layout made, whose columns have the names of `specs`.

    Where rows are added up afterwards (`adds_up`), an amount that is needed may be blank in some,
    and the columns that the file lacks are left for `with_absent_columns`. Raise
    `HeadingsRefused` where a required column is missing, `FileRefused` where there are no rows.
    """
    kinds_of = {spec.name: spec.kind for spec in specs}
    places = {own: place for place, own in enumerate(made.cells.columns) if own in kinds_of}
    _refuse_missing(places, specs)
    found = {own: Heading(place, own) for own, place in places.items()}
    scales = {own: 1 for own in found if kinds_of[own] == kinds.AMOUNT}
    names = {own: made.names.get(own, own) for own in found}
    table = TypedTable(pd.DataFrame(), names, origins=made.origins)
    reader = _Reader(made, found, scales, table, adds_up)
    left_out, numbers = _read_lines(reader, specs, rounded=made.rounded)
    if not adds_up:
        check_stored_rows(len(table.frame))
    for note in (*made.notes, *describe_notes(left_out, numbers)):
        table.warn(note)
    return table


def _read_lines(
    reader: "_Reader", specs: tuple[ColumnSpec, ...], rounded: Set[str] = frozenset()
) -> tuple[pd.DataFrame, list[int]]:
    """Read the lines into the reader's table, and compare totals with them.

    Return the rows that were left out as notes, and their numbers in the file.
    """
    table = reader.table
    codes: dict[str, np.ndarray] = {
        spec.name: reader.read(spec) for spec in specs if spec.kind == kinds.CODE
    }
    rows = _classify_rows(reader, codes, specs)
    left_out = reader.body[rows.notes]
    numbers = [table.row_in_file(row) for row in reader.rows[rows.notes]]
    table.problems = [fault for fault in table.problems if fault.row not in set(numbers)]
    kept = rows.lines | rows.totals
    reader.select(kept, needed=(rows.lines & ~rows.likely)[kept])
    table.frame = reader.frame(specs, codes)
    brought = tuple(spec for spec in specs if not spec.aside)
    if rows.totals.any() or rows.likely.any() or rows.possible.any():
        lines = check_control_totals(table, brought, reader.scales, rows.of(kept), rounded)
        table.frame = table.frame[lines]
    _warn_of_likely_totals(table, brought)
    return left_out, numbers


def with_absent_columns(frame: pd.DataFrame, specs: tuple[ColumnSpec, ...]) -> pd.DataFrame:
    """Return a table's columns and those that the file lacks, which are blank, as `specs` are."""
    columns = {
        spec.name: frame[spec.name].infer_objects().array
        if spec.name in frame
        else READERS[spec.kind](spec, 1).absent(len(frame))
        for spec in specs
    }
    return pd.DataFrame(columns, index=frame.index, copy=False)


def _take_body(
    raw: RawTable,
    first: int,
    last: int,
    found: dict[str, Heading],
    specs: tuple[ColumnSpec, ...],
) -> RawTable:
    """Return the rows below the headings, which are in the rows `first` to `last`.

    Raise `FileRefused` where figures were split into two cells.
    """
    body = below_headings(raw, first, last)
    amounts = {
        found[spec.name].position
        for spec in specs
        if spec.kind == kinds.AMOUNT and spec.name in found
    }
    others = {heading.position for heading in found.values()} - amounts
    refuse_split_figures(raw, body, amounts, others)
    return body


def _warn_of_likely_totals(table: TypedTable, specs: tuple[ColumnSpec, ...]) -> None:
    """Warn of lines whose figures are the sum of those above: they may be totals."""
    codes, amounts = (
        [spec.name for spec in specs if spec.kind == kind and spec.name in table.given]
        for kind in (kinds.CODE, kinds.AMOUNT)
    )
    for row, first, last in likely_totals(table.frame, codes, amounts)[:SHOWN]:
        rows = f"rows {table.row_in_file(first)} to {table.row_in_file(last)}"
        table.warn(
            f"the figures of this row are the sum of those of {rows}. Is it a total? Then take it "
            "out of the file",
            row,
        )


def _classify_rows(
    reader: "_Reader", codes: dict[str, np.ndarray], specs: tuple[ColumnSpec, ...]
) -> SortedRows:
    """Return the rows sorted into lines and totals. Raise `NoRowsRefused` where none is a line."""
    given = {name: column for name, column in codes.items() if name in reader.found}
    found = [spec for spec in specs if spec.name in reader.found]
    needed = [
        spec.name
        for spec in found
        if spec.kind == kinds.CODE
        and spec.required
        and not spec.may_be_blank
        and spec.name != _SERVICE_CODE
    ]
    texts = [reader.cells(spec) for spec in found if spec.kind == kinds.TEXT]
    amounts = [reader.cells(spec) for spec in found if spec.kind == kinds.AMOUNT]
    # A service code may be any text, as it is looked up; in all other codes “total” is a total.
    said_by = {name: column for name, column in given.items() if name != _SERVICE_CODE}
    rows = sort_rows(reader.body, said_by, needed, texts, amounts)
    if not (rows.lines | rows.totals).any():
        raise NoRowsRefused(Problem("There are headings but no rows under them."))
    if not rows.lines.any():
        raise NoRowsRefused(Problem("There are headings and totals but no rows between them."))
    return rows


class _Reader:
    """The cells below the headings, read column by column; faults are added to the table."""

    def __init__(
        self,
        body: RawTable,
        found: dict[str, Heading],
        scales: dict[str, int],
        table: TypedTable,
        adds_up: bool = False,
    ):
        self.body, self.rows = body.cells, np.asarray(body.row_numbers)
        self.found, self.scales, self.table = found, scales, table
        self.needed = np.ones(len(self.body), dtype=bool)
        self.selected: np.ndarray | slice = slice(None)
        self.faulty: dict[str, set[int]] = {}
        self.adds_up = adds_up

    def select(self, selected: np.ndarray, *, needed: np.ndarray) -> None:
        """Read only these rows from now on; in the rows `needed` a blank cell is a fault."""
        self.needed = needed
        if not selected.all():
            self.rows, self.selected = self.rows[selected], selected

    def frame(self, specs: tuple[ColumnSpec, ...], codes: dict[str, np.ndarray]) -> pd.DataFrame:
        """Return the columns of the selected rows; where rows are added up, the file's only."""
        made = [spec for spec in specs if not self.adds_up or spec.name in self.found]
        columns = {spec.name: self.column(spec, codes) for spec in made}
        index = index_of_rows(self.rows)
        if self.adds_up:  # to make texts of objects takes long for rows that are no lines yet
            for name in columns.keys() & codes.keys():
                if columns[name].dtype == object:
                    columns[name] = pd.Series(columns[name], index, dtype=object, copy=False)
        return pd.DataFrame(columns, index=index, copy=False)

    def column(self, spec: ColumnSpec, codes: dict[str, np.ndarray]) -> Column:
        """Return a column of the selected rows; add a fault for each required cell left blank."""
        values = codes[spec.name][self.selected] if spec.name in codes else self.read(spec)
        needed = spec.required and not spec.may_be_blank
        if needed and not (self.adds_up and spec.kind == kinds.AMOUNT):
            is_text = values.dtype == object or isinstance(values, pd.Categorical)
            blank = values == "" if is_text else pd.isna(values)
            for row in self.rows[np.asarray(blank, dtype=bool) & self.needed]:
                if row not in self.faulty.get(spec.name, ()):
                    self.table.problem(row, spec.name, "", "the cell is blank; a value is needed")
        return values

    def cells(self, spec: ColumnSpec) -> Cells:
        """Return the selected cells of a column that the file has, unread."""
        column = self.body.iloc[:, self.found[spec.name].position].array
        if not isinstance(column, pd.Categorical | FileTexts):
            column = column.to_numpy(dtype=object)
        # A part of a file's texts would be made anew.
        return column if isinstance(self.selected, slice) else column[self.selected]

    def read(self, spec: ColumnSpec) -> Column:
        """Return the values of a column's selected cells; add a fault for each bad cell."""
        heading = self.found.get(spec.name)
        read = READERS[spec.kind](spec, self.scales.get(spec.name, 1))
        if heading is None:
            return read.absent(len(self.rows))
        cells = self.cells(spec)
        values, faults = read.column(cells)
        if spec.aside:
            return values
        rows = self.rows
        self.faulty[spec.name] = {int(rows[place]) for place in faults}
        for place in sorted(faults):
            self.table.problem(rows[place], spec.name, cells[place], faults[place])
        return values


def _find_scales(
    units: StatedUnits, found: dict[str, Heading], specs: tuple[ColumnSpec, ...]
) -> dict[str, int]:
    """Return the scale of each column of amounts in the file.

    Raise `HeadingsRefused` where one is not certain.
    """
    amounts = {spec.name for spec in specs if spec.kind == kinds.AMOUNT} & set(found)
    scales = {name: units.scale(found[name].position, found[name].text) for name in amounts}
    unclear = {name: found[name].text for name in found if scales.get(name, 1) is None}
    if unclear:
        refuse_unclear_units(unclear, layout=False)
    return {name: scale for name, scale in scales.items() if scale is not None}


def _refuse_missing(found: Collection[str], specs: Collection[ColumnSpec]) -> None:
    """Raise `HeadingsRefused` where a required column is not among those found."""
    if problems := describe_missing(found, specs):
        raise HeadingsRefused(*problems)
