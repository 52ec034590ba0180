"""Rows finer than a line, added up: a ledger's rows by programme or project. Pure."""

from dataclasses import replace

import numpy as np
import pandas as pd

from council_finance.money import exact_pounds
from council_finance.uploads import columns as kinds
from council_finance.uploads.columns import ColumnSpec
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
    groups = frame.groupby(list(step.by), sort=False, dropna=False).ngroup().to_numpy()
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
    missing = ~pd.Series(given).groupby(groups).any().to_numpy()
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
    column = table.frame[spec.name].reset_index(drop=True)
    given = column[(column != "") & column.notna()]
    first = given.groupby(groups[given.index]).first()
    differs = given[given != given.index.map(pd.Series(groups)).map(first)]
    rows = table.frame.index.to_numpy()
    for place in differs.index[~pd.Series(groups[differs.index]).duplicated().to_numpy()]:
        start = table.row_in_file(rows[firsts[groups[place]]])
        message = (
            f"rows with the same codes are added up, and row {start} gives another "
            f"{spec.name} ({first[groups[place]]})"
        )
        table.problem(rows[place], spec.name, column[place], message)
    if spec.kind in (kinds.CODE, kinds.CHOICE):
        return first.reindex(range(len(firsts)), fill_value="").to_numpy(dtype=object)
    return first.reindex(range(len(firsts))).astype(column.dtype).to_numpy()


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
