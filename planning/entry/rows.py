"""The stored rows of a register as a table that the checks of its kind of file read."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from council_finance.money import exact_pounds
from council_finance.quantities import plain_quantity
from council_finance.uploads import columns as kinds
from council_finance.uploads.cells import READERS
from council_finance.uploads.columns import ColumnSpec
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import CodeList, Value
from monitoring.models import FinancialYear
from planning.entry.registers import EntryRegister, Row
from planning.entry.storing import check_table, stored_content

ORDER = "order"
"""The column that gives a row its place in the list."""

Key = tuple[str, ...]
Texts = dict[str, str]
"""The cells of a row as texts, by column."""


@dataclass(frozen=True)
class StoredRows:
    """The rows of a register as they are stored, with the columns that they have.

    `lists` are the codes that a column takes, where they are known.
    """

    register: EntryRegister
    year: FinancialYear
    columns: tuple[ColumnSpec, ...]
    rows: tuple[Row, ...]
    lists: Mapping[str, CodeList]

    @property
    def digest(self) -> str:
        """Return a text that changes with every row."""
        return digest_of(self.rows)

    def key_of(self, row: Row) -> Key:
        """Return the values that name a row."""
        return tuple(str(row.get(name) or "") for name in self.register.keys)

    def place_of(self, key: Key) -> int | None:
        """Return the place of a row, counted from nought; None where there is no such row."""
        return next((at for at, row in enumerate(self.rows) if self.key_of(row) == key), None)

    def with_row(self, row: Row, key: Key) -> "StoredRows":
        """Return the rows with one put in place of that of `key`, or added.

        A row whose `order` is given goes there in the list.
        """
        rows, place = list(self.rows), self.place_of(key) if key else None
        if place is not None:
            del rows[place]
        wanted = row.get(ORDER)
        if isinstance(wanted, int):
            place = max(0, min(wanted - 1, len(rows)))
        elif place is None:
            place = len(rows)
        rows.insert(place, row)
        return replace(self, rows=tuple(rows))

    def without_row(self, key: Key) -> "StoredRows":
        """Return the rows without that of `key`."""
        return replace(self, rows=tuple(row for row in self.rows if self.key_of(row) != key))


def digest_of(rows: Sequence[Row]) -> str:
    """Return a text that changes with every cell of the rows."""
    plain = json.dumps([dict(row) for row in rows], sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


def stored_rows(register: EntryRegister, year: FinancialYear) -> StoredRows:
    """Return the rows that a file to fill in would have, with every column of the kind."""
    content = stored_content(register.name, year)
    columns = register.kind.columns_of_template(content.years)
    return StoredRows(register, year, columns, tuple(content.rows), content.lists)


def read_cells(
    columns: Sequence[ColumnSpec], texts: Mapping[str, str]
) -> tuple[Row, dict[str, str]]:
    """Return the values of a row that was typed, and what is wrong with its cells by column."""
    row: dict[str, Value] = {}
    faults: dict[str, str] = {}
    for spec in columns:
        reader = READERS[spec.kind](spec, 1)
        cells = np.array([texts.get(spec.name, "")], dtype=object)
        values, wrong = reader.column(cells)
        value = cast(Any, values)[0]
        row[spec.name] = None if value is None or value is pd.NA else _to_plain(value)
        if wrong:
            faults[spec.name] = wrong[0]
    return row, faults


def _to_plain(value: Any) -> Value:
    return int(value) if isinstance(value, np.integer) else cast(Value, value)


def text_of_cell(spec: ColumnSpec, value: Value) -> str:
    """Return a value as it is typed."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, int):
        return {kinds.AMOUNT: exact_pounds, kinds.NUMBER: plain_quantity}.get(spec.kind, str)(value)
    return str(value)


def row_texts(stored: StoredRows, row: Row) -> Texts:
    """Return the cells of a row as they are typed."""
    return {spec.name: text_of_cell(spec, row.get(spec.name)) for spec in stored.columns}


def to_table(stored: StoredRows) -> TypedTable:
    """Return the rows as a file's, in the order of the list; a row's number is its place there."""
    frame = {}
    for spec in stored.columns:
        reader = READERS[spec.kind](spec, 1)
        # The place in the list stands for the order, which two rows could share.
        values = [None if spec.name == ORDER else row.get(spec.name) for row in stored.rows]
        filled = [reader.blank if value is None else value for value in values]
        places = np.arange(len(filled))
        frame[spec.name] = reader.assemble(filled, places) if filled else reader.absent(0)
    index = pd.RangeIndex(len(stored.rows), name="row")
    headings = {spec.name: spec.name for spec in stored.columns}
    return TypedTable(pd.DataFrame(frame, index=index), headings)


def refusals_of(stored: StoredRows) -> list[str]:
    """Return why no row can be entered now, in sentences; [] where rows can be."""
    try:
        check_table(stored.register.name, stored.year, to_table(stored), None)
    except FileRefused as refused:
        return [problem.sentence for problem in refused.problems]
    return []
