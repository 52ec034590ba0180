"""Rows finer than a line, added up: a ledger's rows by programme or project. Pure."""

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
_SAME = (kinds.CODE, kinds.CHOICE, kinds.WHOLE, kinds.DATE)


def add_up(table: TypedTable, step: AddUp, specs: tuple[ColumnSpec, ...]) -> TypedTable:
    """The table with the rows of the same codes added up, in the order of their first row.

    Amounts are sums of those given, NA where none is; a text is the first one, with how many others
    there are; a yes in one row is a yes. Other columns must say the same in each row of a sum, or
    nothing: else there is a problem. A required amount must be given in one row of each sum.
    """
    frame = table.frame
    groups = _numbered([frame[name] for name in step.by])
    firsts = np.flatnonzero(~pd.Series(groups).duplicated().to_numpy())
    made = {}
    for spec in specs:
        column = frame[spec.name]
        if spec.name in step.by:
            made[spec.name] = column.to_numpy()[firsts]
        elif spec.kind == kinds.AMOUNT:
            made[spec.name] = _sums(table, spec, groups, firsts)
        elif spec.kind == kinds.YES:
            made[spec.name] = column.groupby(groups).any().to_numpy()
        elif spec.kind in _SAME:
            made[spec.name] = _the_same(table, spec, groups, firsts)
        else:
            made[spec.name] = _first_and_others(column, groups)
    numbers = frame.index.to_numpy()
    origins = table.origins or Origins.of_rows(numbers, numbers, columns={})
    summed = pd.DataFrame(made, index=pd.Index(numbers[firsts], name="row"))
    return replace(table, frame=summed, origins=origins.added_up(numbers, groups, step.in_words))


def _sums(table: TypedTable, spec: ColumnSpec, groups: np.ndarray, firsts: np.ndarray):
    """Sums of pence as Int64; a sum without any figure is NA, and a problem where it is needed."""
    column = table.frame[spec.name]
    given = column.notna().to_numpy()
    pence = column.fillna(0).to_numpy(dtype="int64")
    totals = pd.Series(pence).groupby(groups).sum().to_numpy()
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


def _the_same(table: TypedTable, spec: ColumnSpec, groups: np.ndarray, firsts: np.ndarray):
    """The one value of each sum; a problem in the first row that says something else."""
    column = table.frame[spec.name]
    codes, values = pd.factorize(column)
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
    made = [values[code] if code >= 0 else blank for code in first]
    return pd.Series(made, dtype=column.dtype).array


def _numbered(columns: list[pd.Series]) -> np.ndarray:
    """A number for each row, the same where all columns are, in the order of the first rows."""
    numbers = np.zeros(len(columns[0]), dtype="int64")
    for column in columns:
        codes, values = number_contents(column.to_numpy())
        numbers = pd.factorize(numbers * len(values) + codes)[0]
    return numbers


def _first_and_others(column: pd.Series, groups: np.ndarray) -> np.ndarray:
    """The first text of each sum, and how many others there are."""
    texts = pd.DataFrame({"text": column.to_numpy(), "group": groups})
    texts = texts[texts["text"] != ""].drop_duplicates()
    counted = texts.groupby("group")["text"].agg(["first", "size"])
    counted = counted.reindex(range(int(groups.max()) + 1 if len(groups) else 0))
    return np.array(
        [
            "" if text != text else text if many == 1 else f"{text} and {int(many) - 1} more"  # noqa: PLR0124
            for text, many in zip(counted["first"], counted["size"], strict=True)
        ]
        + [None],
        dtype=object,
    )[:-1]
