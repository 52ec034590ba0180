"""Cells of the files of indicators as fields of their tables."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from django.db.models import Model

from council_finance.uploads.columns import NUMBER, WHOLE, ColumnSpec
from council_finance.uploads.table import TypedTable
from monitoring.uploading.prepared import did_you_mean
from performance.indicators.models import Indicator

NOT_GIVEN = "Not given, which is not nil."
MOST_DECIMALS = 4


def number_column(name: str, meaning: str, example: str, *, blank: str = NOT_GIVEN) -> ColumnSpec:
    """Return a column of numbers that may be blank."""
    return ColumnSpec(name, NUMBER, meaning=meaning, blank=blank, example=example)


def whole_or_none(value: Any) -> int | None:
    """Return a whole number or ten-thousandths; None where the cell is blank."""
    return None if pd.isna(value) else int(value)


def field_values(table: TypedTable, row: Any, columns: tuple[ColumnSpec, ...]) -> dict[str, Any]:
    """Return the values of a row by column, of the columns that the file has."""
    found = {}
    for column in columns:
        if column.name in table.given:
            value = getattr(row, column.name)
            is_number = column.kind in (NUMBER, WHOLE)
            found[column.name] = whole_or_none(value) if is_number else value
    return found


def refuse_repeated(table: TypedTable, *columns: str) -> None:
    """Note each row whose columns repeat those of an earlier row."""
    frame = table.frame
    repeated = frame.duplicated(list(columns)) & (frame[columns[0]] != "")
    for row in frame.index[repeated]:
        words = f"this {' and '.join(columns)} stand" + ("s" if len(columns) == 1 else "")
        table.problem(row, columns[0], frame[columns[0]][row], f"{words} on an earlier row too")


def refuse_unknown(table: TypedTable, known: dict[str, Indicator]) -> None:
    """Note each reference that is not one of the year's indicators."""
    for row, reference in table.frame["reference"].items():
        if reference and reference not in known:
            table.problem(
                row,
                "reference",
                reference,
                "there is no indicator with this reference; the references are those of the "
                f"year’s indicators.csv{did_you_mean(reference, known)}",
            )


def refuse_many_decimals(table: TypedTable, *columns: str) -> None:
    """Note each number of decimals that is more than four."""
    for column in columns:
        for row, number in table.frame[column].dropna().items():
            if int(number) > MOST_DECIMALS:
                table.problem(row, column, int(number), "at most four decimals are kept")


def replace_rows(stored: Mapping[Hashable, Model], wanted: Mapping[Hashable, Model]) -> None:
    """Store rows in place of those of the same key, and remove the others.

    A row that stays keeps its id, so that undoing the file puts it back.
    """
    for key, row in wanted.items():
        if key in stored:
            row.pk = stored[key].pk
        row.save()
    for key, row in stored.items():
        if key not in wanted:
            row.delete()
