"""Add up rows that are finer than a line, such as a ledger's rows by project. Pure."""

from dataclasses import replace

import numpy as np
import pandas as pd

from council_finance.money import exact_pounds
from council_finance.uploads import columns as kinds
from council_finance.uploads.columns import ColumnSpec
from council_finance.uploads.contents import number_contents
from council_finance.uploads.origins import Origins
from council_finance.uploads.step_data import AddUp
from council_finance.uploads.table import TypedTable

_LIMIT_PENCE = 999_999_999_999
_SAME = (kinds.CODE, kinds.CHOICE, kinds.NUMBER, kinds.WHOLE, kinds.DATE)


def add_up(table: TypedTable, step: AddUp, specs: tuple[ColumnSpec, ...]) -> TypedTable:
    """Return the table with the rows of the same codes added up, in the order of the first rows.

    An amount is the sum of the amounts given, NA where none is given. A text is the first one, with
    the number of others. A yes in one row makes yes. Any other column must have the same value, or
    none, in each row of a sum; otherwise a problem is noted. A required amount must be given in at
    least one row of each sum.
    """
    frame = table.frame
    groups = _number_groups([frame[name] for name in step.by])
    firsts = np.flatnonzero(np.diff(np.maximum.accumulate(groups), prepend=-1))
    made = {}
    for spec in (spec for spec in specs if spec.name in frame):
        column = frame[spec.name]
        if spec.name in step.by:
            made[spec.name] = column.array[firsts].to_numpy(dtype=object)
        elif spec.kind == kinds.AMOUNT:
            made[spec.name] = _sum_pence(table, spec, groups, firsts)
        elif spec.kind == kinds.YES:
            made[spec.name] = column.groupby(groups).any().to_numpy()
        elif spec.kind in _SAME:
            made[spec.name] = _take_common_value(table, spec, groups, firsts)
        else:
            made[spec.name] = _first_and_others(column, groups, len(firsts))
    numbers = frame.index.to_numpy()
    origins = table.origins or Origins.of_rows(numbers, numbers, columns={})
    summed = pd.DataFrame(made, index=pd.Index(numbers[firsts], name="row"))
    return replace(table, frame=summed, origins=origins.added_up(numbers, groups, step.in_words))


def _sum_pence(table: TypedTable, spec: ColumnSpec, groups: np.ndarray, firsts: np.ndarray):
    """Return the sums in pence as Int64, NA without any figure; note a required one as missing."""
    column = table.frame[spec.name]
    given = column.notna().to_numpy()
    pence = column.fillna(0).to_numpy(dtype="int64")
    totals = np.zeros(len(firsts), dtype="int64")  # a million amounts at the limit still fit
    np.add.at(totals, groups, pence)
    missing = np.ones(len(firsts), dtype=bool)
    missing[groups[given]] = False
    rows = table.frame.index.to_numpy()[firsts]
    for place in np.flatnonzero(np.abs(totals) > _LIMIT_PENCE):
        found = exact_pounds(int(totals[place]))
        table.problem(rows[place], spec.name, found, "the rows add up to more than can be stored")
    if spec.required:
        for row in rows[missing]:
            table.problem(row, spec.name, "", "the cell is blank; a value is needed")
    return pd.arrays.IntegerArray(totals, missing)


def _take_common_value(table: TypedTable, spec: ColumnSpec, groups: np.ndarray, firsts: np.ndarray):
    """Return the value that the rows of each sum share; note the first row that has another."""
    column = table.frame[spec.name]
    is_numbered = isinstance(column.dtype, pd.CategoricalDtype)
    codes, values = number_contents(column) if is_numbered else pd.factorize(column)
    blanks = np.flatnonzero(np.array([value == "" for value in values], dtype=bool))
    given = np.flatnonzero((codes >= 0) & ~np.isin(codes, blanks))
    first = np.full(len(firsts), -1, dtype="int64")
    first[groups[given[::-1]]] = codes[given[::-1]]  # of several, the earliest is written last
    rows = table.frame.index.to_numpy()
    differs = given[codes[given] != first[groups[given]]]
    for place in differs[~pd.Series(groups[differs]).duplicated().to_numpy()]:
        start = table.row_in_file(rows[firsts[groups[place]]])
        message = (
            f"rows with the same codes are added up, and row {start} gives another "
            f"{spec.name} ({values[first[groups[place]]]})"
        )
        table.problem(rows[place], spec.name, column.iloc[place], message)
    blank = "" if spec.kind in (kinds.CODE, kinds.CHOICE) else None
    made = np.array([*values, blank], dtype=object)[first]
    return pd.Series(made, dtype=object if is_numbered else column.dtype).array


def _number_groups(columns: list[pd.Series]) -> np.ndarray:
    """Return the number of each row's group of equal codes, in the order of the first rows."""
    numbers = number_contents(columns[0])[0]
    for column in columns[1:]:
        codes, values = number_contents(column)
        numbers = pd.factorize(numbers * len(values) + codes)[0]
    return numbers


def _first_and_others(column: pd.Series, groups: np.ndarray, length: int) -> np.ndarray:
    """Return the first text of each sum, with how many others there are."""
    numbers, texts = number_contents(column)
    given = np.flatnonzero((texts != "")[numbers])
    pairs = pd.unique(groups[given] * len(texts) + numbers[given])
    group, number = np.divmod(pairs, max(1, len(texts)))
    first = np.full(length, len(texts), dtype="int64")
    first[group[::-1]] = number[::-1]  # of several, the earliest is written last
    made = np.array([*texts, ""], dtype=object)[first]
    counts = np.bincount(group, minlength=length)
    for place in np.flatnonzero(counts > 1):
        made[place] = f"{made[place]} and {counts[place] - 1} more"
    return made
