"""Read rows that were typed on a page by the rules of the file that has the same columns."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from council_finance.uploads.cells import READERS
from council_finance.uploads.columns import ColumnSpec
from council_finance.uploads.table import Column, TypedTable


def table_of_typed_rows(
    rows: Sequence[Mapping[str, str]], specs: tuple[ColumnSpec, ...]
) -> TypedTable:
    """Return typed rows as the table of a file that has every column of `specs`.

    Rows are numbered from 0. Nothing is taken for a heading, a total or a note, as in a file.
    Faults of cells, and needed ones left blank, are collected in `problems`.
    """
    table = TypedTable(pd.DataFrame(), {spec.name: spec.name for spec in specs})
    columns = {spec.name: _read_column(table, rows, spec) for spec in specs}
    table.frame = pd.DataFrame(columns)
    return table


def _read_column(table: TypedTable, rows: Sequence[Mapping[str, str]], spec: ColumnSpec) -> Column:
    cells = np.array([row.get(spec.name, "") for row in rows], dtype=object)
    values, faults = READERS[spec.kind](spec, 1).column(cells)
    for place, message in faults.items():
        table.problem(place, spec.name, cells[place], message)
    if spec.required and not spec.may_be_blank:
        for place, cell in enumerate(cells):
            if not cell.strip():
                table.problem(place, spec.name, "", "a value is needed")
    return values
