"""Rows as they stand in a file → a table of typed columns, or every problem in it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from council_finance.uploads import columns as kinds
from council_finance.uploads.cells import READERS, BadCell
from council_finance.uploads.columns import ColumnSpec, Heading, match_headings
from council_finance.uploads.control_totals import check_control_totals, is_control_row
from council_finance.uploads.problems import FileRefused, Problem
from council_finance.uploads.reading import RawTable
from council_finance.uploads.unreadable import UnreadableCell

_HEADER_WITHIN = 50


@dataclass
class TypedTable:
    """A file's rows under the product's own column names.

    `frame`'s index is the row number a person sees in the file. Every column of the kind is
    there: amounts as Int64 pence (NA: not given), codes and texts as str ("" : blank), whole
    numbers as Int64, dates as date or None, yes-columns as bool. `given` names the columns that
    the file has; `headings` what they are called there.
    """

    frame: pd.DataFrame
    headings: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @property
    def given(self) -> set[str]:
        """The columns that the file has."""
        return set(self.headings)

    def problem(self, row: int, column: str, found: object, message: str) -> None:
        """Note a fault at a row and column of the file."""
        heading = self.headings.get(column, column)
        self.problems.append(Problem(message, int(row), heading, shown(found)))

    def warn(self, message: str, row: int | None = None, column: str = "") -> None:
        """Note what a person should look at; it does not stop the upload."""
        heading = self.headings.get(column, column)
        self.warnings.append(Problem(message, None if row is None else int(row), heading))


def shown(value: object) -> str:
    """A cell's content as a message quotes it."""
    text = "" if value is None or value is pd.NA else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def typed_table(raw: RawTable, specs: tuple[ColumnSpec, ...]) -> TypedTable:
    """Find the heading row, match the columns, and read every cell under it.

    Raises FileRefused where no heading row is found or a required column is missing; faults of
    cells are collected in `problems`.
    """
    header, found, unused = _find_header(raw, specs)
    body = raw.cells.iloc[header + 1 :]
    rows = range(raw.first_row + header + 1, raw.first_row + len(raw.cells))
    body.index = pd.RangeIndex(rows, name="row")
    body = body[~_blank_rows(body)]
    if body.empty:
        raise FileRefused(Problem("There are headings but no rows under them."))
    table = TypedTable(
        pd.DataFrame(index=body.index), {name: heading.text for name, heading in found.items()}
    )
    codes = [found[spec.name].position for spec in specs if _is_code(spec, found)]
    control = is_control_row(body, codes)
    if control.all():
        raise FileRefused(Problem("There are headings and totals but no rows between them."))
    for spec in specs:
        heading = found.get(spec.name)
        cells = _absent(body) if heading is None else body[body.columns[heading.position]]
        needed = spec.required and ~control
        table.frame[spec.name] = _read_column(table, spec, heading, cells, needed)
    check_control_totals(table, control, specs)
    table.frame = table.frame[~control]
    if unused:
        table.warn(f"These columns were not used: {', '.join(unused)}.")
    return table


def _is_code(spec: ColumnSpec, found: dict[str, Heading]) -> bool:
    return spec.kind == kinds.CODE and spec.name in found


def _find_header(raw: RawTable, specs) -> tuple[int, dict[str, Heading], list[str]]:
    required = {spec.name for spec in specs if spec.required}
    best: tuple[int, int, dict, list, list] = (0, -1, {}, [], [])
    for position in range(min(_HEADER_WITHIN, len(raw.cells))):
        cells = [str(cell) for cell in raw.cells.iloc[position]]
        found, twice, unused = match_headings(cells, specs)
        if len(found) > best[0]:
            best = (len(found), position, found, twice, unused)
        if required <= set(found):
            best = (len(found), position, found, twice, unused)
            break
    _, header, found, twice, unused = best
    problems = [Problem(f"The column {name} is missing.") for name in sorted(required - set(found))]
    if len(found) == 0:
        expected = ", ".join(spec.name for spec in specs)
        problems = [Problem(f"No row of headings was found. The columns are: {expected}.")]
    problems += [Problem(f"The column {text} stands in the file twice.") for text in twice]
    if problems:
        raise FileRefused(*problems)
    return header, found, unused


def _blank_rows(body: pd.DataFrame) -> pd.Series:
    blank = pd.Series(True, index=body.index)
    for name in body.columns:
        column = body[name]
        blank &= column.isna() | (column.astype(str).str.strip() == "")
    return blank


def _absent(body: pd.DataFrame) -> pd.Series:
    return pd.Series("", index=body.index, dtype=object)


def _read_column(
    table: TypedTable, spec: ColumnSpec, heading: Heading | None, cells: pd.Series, needed
) -> pd.Series:
    read = READERS[spec.kind](spec, heading.scale if heading else 1)
    places, uniques = pd.factorize(_hashable(cells), use_na_sentinel=False)
    values, faults = _read_uniques(read, uniques)
    column = pd.Series(read.assemble(values, places), index=cells.index)
    if faults:
        for row, place in zip(cells.index, places, strict=True):
            if place in faults:
                table.problem(row, spec.name, uniques[place][1], faults[place])
    if needed is not False and spec.required:
        blank = pd.Series([read.is_blank(values[place]) for place in range(len(values))])
        missing = blank.to_numpy()[places] & needed.to_numpy()
        missing &= ~pd.Series(places).isin(list(faults)).to_numpy()
        for row in cells.index[missing]:
            table.problem(row, spec.name, "", "the cell is blank; a value is needed")
    return column


def _hashable(cells: pd.Series) -> pd.Series:
    """Cells with their type, so that the number 1 and True are not taken for one another."""
    return pd.Series(
        [(type(cell).__name__, cell) for cell in cells], index=cells.index, dtype=object
    )


def _read_uniques(read: Callable, uniques) -> tuple[list, dict[int, str]]:
    values, faults = [], {}
    for place, (_, cell) in enumerate(uniques):
        try:
            if isinstance(cell, UnreadableCell):
                raise BadCell("an error, or a formula that was never worked out, has no value")
            values.append(read(cell))
        except BadCell as fault:
            values.append(read.blank)
            faults[place] = str(fault)
    return values, faults
