"""Amounts under columns that are headed by a year, and the checks that files with them share."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

import pandas as pd

from council_finance.money import exact_pounds
from council_finance.periods import NotAYear, financial_year_label, parse_financial_year
from council_finance.uploads.columns import AMOUNT, ColumnSpec
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import TypedTable
from council_finance.uploads.year_columns import year_names

YEAR_COLUMN = ColumnSpec(
    "2019/20",
    AMOUNT,
    meaning="The amount of a year, under a column headed by that year. One column a year.",
    blank="Not given, which is not nil.",
    example="250000.00",
)


def amounts_of_row(table: TypedTable, row: Any) -> dict[str, int]:
    """Return the amounts of a row in pence by year, as JSON keeps them; blank ones are left out."""
    found = {}
    for name, start in year_names(table.frame.columns).items():
        pence = table.frame.at[row, name]
        if not pd.isna(pence):
            found[str(start)] = int(pence)
    return found


def years_of_table(table: TypedTable) -> list[int]:
    """Return the years of the file's columns, in order."""
    return list(year_names(table.given).values())


def sum_years(table: TypedTable) -> dict[str, int | None]:
    """Return the sum of each column that is headed by a year, in pence."""
    return {name: int(table.frame[name].sum()) for name in year_names(table.frame.columns)}


def label_years(years: Iterable[int], stored: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Return the years of a plan, and those of stored amounts beside them, with their labels."""
    found = {*years, *(int(year) for amounts in stored for year in amounts)}
    return {year: financial_year_label(year) for year in sorted(found)}


def check_years(table: TypedTable, years: Sequence[int]) -> None:
    """Note each year of the plan that the file lacks, and warn of others, which are kept."""
    given = years_of_table(table)
    for year in years:
        if year not in given:
            label = financial_year_label(year)
            table.problems.append(
                Problem(f"The column {label} is missing. [plan] years of the settings names it.")
            )
    if more := [financial_year_label(year) for year in given if years and year not in years]:
        table.warn(
            f"These years are not among those of the plan, so no total counts them: "
            f"{', '.join(more)}. The plan’s years are in [plan] years of the settings."
        )


def check_once(table: TypedTable, *columns: str) -> None:
    """Note rows whose values in these columns stand on an earlier row too."""
    frame = table.frame
    repeated = frame.index[frame.duplicated(list(columns))]
    faulty = {problem.row for problem in table.problems}
    for row in repeated:
        if row not in faulty:
            words = " and ".join(column.replace("_", " ") for column in columns)
            table.problem(row, columns[0], frame.at[row, columns[0]], f"this {words} stands twice")


def read_financial_years(table: TypedTable, *beside: str) -> dict[str, int]:
    """Return the years of the column financial_year by their texts; note what is no year.

    Note a year that is on an earlier row too with the same values in the columns `beside`: 2023/24
    and 2023-24 are the same year.
    """
    years: dict[str, int] = {}
    taken: set[tuple[Any, ...]] = set()
    others = zip(*(table.frame[name] for name in beside), strict=True) if beside else repeat(())
    for (row, text), more in zip(table.frame["financial_year"].items(), others, strict=False):
        try:
            years[text] = parse_financial_year(text)
        except NotAYear as fault:
            if text:
                table.problem(row, "financial_year", text, str(fault).rstrip("."))
            continue
        if (years[text], *more) in taken:
            words = " and ".join(("financial year", *beside))
            table.problem(row, "financial_year", text, f"this {words} stands twice")
        taken.add((years[text], *more))
    return years


def check_lengths(table: TypedTable, lengths: dict[str, int]) -> None:
    """Note texts that are too long to be stored."""
    for column, length in lengths.items():
        for row in table.frame.index[table.frame[column].str.len() > length]:
            table.problem(row, column, "", f"the text has more than {length:,} characters")


def check_range(table: TypedTable) -> None:
    """Note ranges of which the low end is above the high end."""
    frame = table.frame
    wrong = (frame["amount_low"] > frame["amount_high"]).fillna(False)
    for row in frame.index[wrong]:
        found = exact_pounds(int(frame.at[row, "amount_low"]))
        table.problem(row, "amount_low", found, "the low end is above the high end")


def check_not_negative(table: TypedTable, columns: Iterable[str]) -> None:
    """Note amounts below nil in these columns."""
    for column in columns:
        for row, pence in table.frame[column].dropna().items():
            if pence < 0:
                message = "the amount is below nil, and must be positive"
                table.problem(row, column, exact_pounds(int(pence)), message)


def whole_or_none(value: Any) -> int | None:
    """Return a cell of a column of whole numbers; None where it is blank."""
    return None if pd.isna(value) else int(value)
