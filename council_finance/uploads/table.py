"""Rows as they stand in a file → a table of typed columns, or every problem in it."""

from collections.abc import Callable, Collection, Iterable, Set
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from council_finance.uploads import columns as kinds
from council_finance.uploads.cells import READERS
from council_finance.uploads.columns import ColumnSpec, Heading, match_headings
from council_finance.uploads.control_totals import check_control_totals
from council_finance.uploads.headers import HEADINGS_WITHIN, below_headings
from council_finance.uploads.left_out import refuse_other_units, told_of_notes
from council_finance.uploads.limits import check_stored_rows
from council_finance.uploads.origins import Origins, OriginsOfSheets
from council_finance.uploads.problems import (
    SHOWN,
    FileRefused,
    HeadingsRefused,
    NoRowsRefused,
    Problem,
)
from council_finance.uploads.reading import RawTable
from council_finance.uploads.sheet_rows import sheet_and_row
from council_finance.uploads.split_figures import refuse_split_figures
from council_finance.uploads.stated_units import StatedUnits, refuse_unclear_units
from council_finance.uploads.total_rows import SortedRows, sort_rows
from council_finance.uploads.unnamed_totals import likely_totals

_LOOKED_UP = "service_code"


@dataclass
class TypedTable:
    """A file's rows under the product's own column names.

    `frame`'s index is the row number a person sees in the file. Every column of the kind is
    there: amounts as Int64 pence (NA: not given), codes and texts as str ("" : blank), whole
    numbers as Int64, dates as date or None, yes-columns as bool. `given` names the columns that
    the file has; `headings` what they are called there. `layout` is the saved layout, by its name,
    whose headings the file was found to have; `own` those of a file that was read through a layout,
    as matching.likely_headings gives them. `origins` are the cells behind each row, where a
    layout's steps made the rows: then the index is the row's number there. `sheets` are those that
    were read together, where there are several: then the index is numbered by rows_of_sheets.
    `reading` tells which sheets were read and which were not, and notes about them.
    """

    frame: pd.DataFrame
    headings: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    more_warnings: int = 0
    layout: tuple[str, dict] | None = None
    own: dict | None = None
    origins: Origins | OriginsOfSheets | None = None
    sheets: tuple[str, ...] = ()
    reading: dict = field(default_factory=dict)

    @property
    def given(self) -> set[str]:
        """The columns that the file has."""
        return set(self.headings)

    def problem(self, row: int, column: str, found: object, message: str) -> None:
        """Note a fault at a row and column of the file."""
        heading = self._heading_at(row, column)
        sheet, place = self.place_in_file(row)
        self.problems.append(Problem(message, place, heading, shown(found), sheet=sheet))

    def refuse_problems(self) -> None:
        """Raise `FileRefused` with the faults found so far, in the order of the file's rows."""
        if self.problems:
            by_row = sorted(self.problems, key=lambda fault: (fault.sheet, fault.row or 0))
            raise FileRefused(*by_row)

    def row_in_file(self, row: int) -> int:
        """The row as a person sees it in the file: the first of those behind a made row."""
        return int(row) if self.origins is None else self.origins.row_in_file(int(row))

    def place_in_file(self, row: int) -> tuple[str, int]:
        """The sheet, where several were read together, and the row there as a person sees it."""
        if self.sheets:
            sheet, place = sheet_and_row(self.sheets, int(row))
            return sheet, place if self.origins is None else self.row_in_file(row)
        return "", self.row_in_file(row)

    def _heading_at(self, row: int | None, column: str) -> str:
        heading = self.headings.get(column, column)
        letter = "" if row is None or not self.origins else self.origins.letter_of(row, column)
        return f"{heading} ({letter})" if letter else heading

    def warn_of_each(
        self, rows: Iterable, message: Callable, column: str = "", about: str = ""
    ) -> None:
        """Warn of each of the rows (named tuples with `row`): the first are told, all counted."""
        rows = list(rows)
        for row in rows[:SHOWN]:
            self.warn(message(row), row.row, column, about)
        self.more_warnings += max(0, len(rows) - SHOWN)

    def warn(self, message: str, row: int | None = None, column: str = "", about: str = "") -> None:
        """Note what a person should look at; it does not stop the upload."""
        heading = self._heading_at(row, column)
        sheet, place = ("", None) if row is None else self.place_in_file(row)
        self.warnings.append(Problem(message, place, heading, about=about, sheet=sheet))


def shown(value: object) -> str:
    """A cell's content as a message quotes it."""
    text = "" if value is None or value is pd.NA else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def typed_table(raw: RawTable, specs: tuple[ColumnSpec, ...]) -> TypedTable:
    """Find the heading row, match the columns, and read every cell under it.

    Raises HeadingsRefused where no heading row is found or a required column is missing,
    FileRefused where there are no rows; faults of cells are collected in `problems`.
    """
    header, found, unused = _find_header(raw, specs)
    names = {name: heading.text for name, heading in found.items()}
    units = StatedUnits(raw, header, header)
    scales = _scales(units, found, specs)
    body = _body(raw, header, header + units.rows_below, found, specs)
    table = TypedTable(pd.DataFrame(), names)
    left_out, numbers = _read_lines(_Reader(body, found, scales, table), specs)
    refuse_other_units(left_out, scales, names, layout=False)
    check_stored_rows(len(table.frame))
    stated = {name: (found[name].text, scale) for name, scale in scales.items()}
    for note in (*raw.notes, *units.describe_scales(stated), *told_of_notes(left_out, numbers)):
        table.warn(note)
    if unused:
        table.warn(f"These columns were not used: {', '.join(unused)}.")
    return table


def table_of_layout(
    made: RawTable, specs: tuple[ColumnSpec, ...], *, adds_up: bool = False
) -> TypedTable:
    """Read every cell of the rows that a layout made, whose columns have the names of `specs`.

    Where rows are added up afterwards (`adds_up`), an amount that is needed may be blank in some,
    and the columns that the file lacks are left for `with_absent_columns`. Raises HeadingsRefused
    where a required column is missing, FileRefused where there are no rows.
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
    for note in (*made.notes, *told_of_notes(left_out, numbers)):
        table.warn(note)
    return table


def _read_lines(
    reader: "_Reader", specs, rounded: Set[str] = frozenset()
) -> tuple[pd.DataFrame, list[int]]:
    """Read the lines into the reader's table, and compare totals with them.

    Return the rows that were left out as notes, and their numbers in the file.
    """
    table = reader.table
    codes = {spec.name: reader.read(spec) for spec in specs if spec.kind == kinds.CODE}
    rows = _sorted_rows(reader, codes, specs)
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


def _body(raw: RawTable, first: int, last: int, found: dict[str, Heading], specs) -> RawTable:
    """The rows under the headings in the rows `first` to `last`. Raises FileRefused."""
    body = below_headings(raw, first, last)
    amounts = {found[spec.name].position for spec in specs if _is_amount(spec, found)}
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


def _is_amount(spec: ColumnSpec, found: dict[str, Heading]) -> bool:
    return spec.kind == kinds.AMOUNT and spec.name in found


def _sorted_rows(reader: "_Reader", codes: dict[str, np.ndarray], specs) -> SortedRows:
    """What each row under the headings is. Raises FileRefused where none is a line."""
    given = {name: column for name, column in codes.items() if name in reader.found}
    found = [spec for spec in specs if spec.name in reader.found]
    needed = [
        spec.name
        for spec in found
        if spec.kind == kinds.CODE and spec.required and spec.name != _LOOKED_UP
    ]
    texts = [reader.cells(spec) for spec in found if spec.kind == kinds.TEXT]
    amounts = [reader.cells(spec) for spec in found if spec.kind == kinds.AMOUNT]
    # A service is looked up by its code, whatever that is; all other codes may say total.
    said_by = {name: column for name, column in given.items() if name != _LOOKED_UP}
    rows = sort_rows(reader.body, said_by, needed, texts, amounts)
    if not (rows.lines | rows.totals).any():
        raise NoRowsRefused(Problem("There are headings but no rows under them."))
    if not rows.lines.any():
        raise NoRowsRefused(Problem("There are headings and totals but no rows between them."))
    return rows


class _Reader:
    """The cells under the headings, read column by column; faults go to the table."""

    def __init__(self, body: RawTable, found: dict[str, Heading], scales, table, adds_up=False):
        self.body, self.rows = body.cells, np.asarray(body.row_numbers)
        self.found, self.scales, self.table = found, scales, table
        self.needed = np.ones(len(self.body), dtype=bool)
        self.selected: np.ndarray | slice = slice(None)
        self.faulty: dict[str, set[int]] = {}
        self.adds_up = adds_up

    def select(self, selected: np.ndarray, *, needed: np.ndarray) -> None:
        """From now on read these rows only; `needed` are those whose cells must be given."""
        self.needed = needed
        if not selected.all():
            self.rows, self.selected = self.rows[selected], selected

    def frame(self, specs: tuple[ColumnSpec, ...], codes: dict[str, np.ndarray]) -> pd.DataFrame:
        """Return the columns of the selected rows; of rows to add up those that the file has."""
        made = [spec for spec in specs if not self.adds_up or spec.name in self.found]
        columns = {spec.name: self.column(spec, codes) for spec in made}
        index = pd.Index(self.rows, name="row")
        if self.adds_up:  # to make texts of objects takes long for rows that are no lines yet
            for name in columns.keys() & codes.keys():
                columns[name] = pd.Series(columns[name], index, dtype=object, copy=False)
        return pd.DataFrame(columns, index=index, copy=False)

    def column(self, spec: ColumnSpec, codes: dict[str, np.ndarray]):
        """Return a column of the selected rows; note a problem for each blank that is required."""
        values = codes[spec.name][self.selected] if spec.name in codes else self.read(spec)
        if spec.required and not (self.adds_up and spec.kind == kinds.AMOUNT):
            blank = values == "" if values.dtype == object else pd.isna(values)
            for row in self.rows[np.asarray(blank, dtype=bool) & self.needed]:
                if row not in self.faulty.get(spec.name, ()):
                    self.table.problem(row, spec.name, "", "the cell is blank; a value is needed")
        return values

    def cells(self, spec: ColumnSpec) -> np.ndarray:
        """The selected cells of a column that the file has, as they stand."""
        position = self.found[spec.name].position
        return self.body.iloc[:, position].to_numpy(dtype=object)[self.selected]

    def read(self, spec: ColumnSpec):
        """The values of a column's selected cells, and its faults."""
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


def _scales(units: StatedUnits, found: dict[str, Heading], specs) -> dict[str, int]:
    """The unit of each column of amounts that was found. Raises HeadingsRefused if not certain."""
    amounts = {spec.name for spec in specs if spec.kind == kinds.AMOUNT} & set(found)
    scales = {name: units.scale(found[name].position, found[name].text) for name in amounts}
    unclear = {name: found[name].text for name in found if scales.get(name, 1) is None}
    refuse_unclear_units(unclear, layout=False)
    return {name: scale for name, scale in scales.items() if scale is not None}


def own_headings(raw: RawTable, specs: tuple[ColumnSpec, ...]) -> list[str]:
    """The heading row of a table with all columns that are needed; nothing where it has not."""
    header = own_heading_place(raw, specs)
    return [] if header is None else [str(cell) for cell in raw.cells.iloc[header]]


def own_heading_place(raw: RawTable, specs: tuple[ColumnSpec, ...]) -> int | None:
    """The position of the heading row that has all columns that are needed; None without one."""
    try:
        return _find_header(raw, specs)[0]
    except HeadingsRefused:
        return None


def _find_header(raw: RawTable, specs) -> tuple[int, dict[str, Heading], list[str]]:
    required = {spec.name for spec in specs if spec.required}
    best: tuple[int, int, dict, list, list] = (0, -1, {}, [], [])
    for position in range(min(HEADINGS_WITHIN, len(raw.cells))):
        cells = [str(cell) for cell in raw.cells.iloc[position]]
        found, twice, unused = match_headings(cells, specs)
        if len(found) > best[0]:
            best = (len(found), position, found, twice, unused)
        if required <= set(found):
            best = (len(found), position, found, twice, unused)
            break
    _, header, found, twice, unused = best
    problems = _missing(found, specs)
    if len(found) == 0:
        expected = ", ".join(spec.name for spec in specs if not spec.aside)
        problems = [Problem(f"No row of headings was found. The columns are: {expected}.")]
    problems += [Problem(f"The column {text} stands in the file twice.") for text in twice]
    if problems:
        raise HeadingsRefused(*problems)
    return header, found, unused


def _refuse_missing(found: Collection[str], specs: Collection[ColumnSpec]) -> None:
    """Raise HeadingsRefused where a required column is not among those found."""
    if problems := _missing(found, specs):
        raise HeadingsRefused(*problems)


def _missing(found: Collection[str], specs: Collection[ColumnSpec]) -> list[Problem]:
    missing = sorted({spec.name for spec in specs if spec.required} - set(found))
    return [Problem(f"The column {name} is missing.") for name in missing]
