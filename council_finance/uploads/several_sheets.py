"""Sheets with the same headings, read as one table, and notes on the sheets. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from council_finance.uploads.limits import check_stored_rows
from council_finance.uploads.origins import origins_of_sheets
from council_finance.uploads.problems import Problem
from council_finance.uploads.reading import RawTable
from council_finance.uploads.sheet_rows import first_number
from council_finance.uploads.sheets import Sheet, columns_hidden, hidden_within
from council_finance.uploads.table import TypedTable


def join_sheets(tables: Sequence[tuple[str, TypedTable]]) -> TypedTable:
    """Return one table of those of several sheets (name, table), in their order.

    Problems and warnings name their sheet; those of the headings come from the first sheet. Raise
    `FileRefused` where there are more rows than are stored.
    """
    frames = [
        table.frame.set_axis(table.frame.index + first_number(place)).rename_axis("row")
        for place, (_, table) in enumerate(tables)
    ]
    check_stored_rows(sum(map(len, frames)))
    return replace(
        tables[0][1],
        frame=pd.concat(frames),
        problems=[_add_sheet_name(each, name) for name, table in tables for each in table.problems],
        warnings=[_add_sheet_name(each, name) for name, table in tables for each in table.warnings],
        more_warnings=sum(table.more_warnings for _, table in tables),
        sheets=tuple(name for name, _ in tables),
        origins=origins_of_sheets([(name, table.origins) for name, table in tables]),
    )


def _add_sheet_name(problem: Problem, sheet: str) -> Problem:
    return replace(problem, sheet=sheet)


def describe_sheets(book: Sequence[Sheet], read: Sequence[tuple[str, RawTable]]) -> dict[str, Any]:
    """Return the names of the sheets read and not read, and notes; {} for a CSV file.

    `read` are the sheets read with their rows.
    """
    if not book:
        return {}
    names = [name for name, _ in read]
    others = [
        {"name": sheet.name, "visible": sheet.visible} for sheet in book if sheet.name not in names
    ]
    by_name = {sheet.name: sheet for sheet in book}
    notes = [_describe_sheets_read(names)] if names else []
    if others:
        words = [f"“{each['name']}”{'' if each['visible'] else ' (hidden)'}" for each in others]
        notes.append(f"Not read: {_join_words(words)}.")
    for name, raw in read:
        where = f"{name}: " if len(read) > 1 else ""
        notes += [where + note for note in _describe_hidden_parts(by_name[name], raw)]
    return {"sheets": names, "others": others, "notes": notes}


def _describe_sheets_read(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    if len(names) == 1:
        return f"The sheet {quoted[0]} was read."
    return f"The sheets {_join_words(quoted)} were read together."


def _describe_hidden_parts(sheet: Sheet, raw: RawTable) -> list[str]:
    notes = []
    rows = 0
    if sheet.hidden_rows:
        filled = (raw.cells != "").any(axis=1).to_numpy(dtype=bool)
        rows = hidden_within(sheet.hidden_rows, np.asarray(raw.row_numbers)[filled].tolist())
    by_filter = ", which a filter hides or a person hid" if sheet.filtered else ""
    if rows:
        notes.append(f"{_count_in_words(rows, 'hidden row')} read{by_filter}.")
    elif sheet.filtered:
        notes.append("The sheet has a filter; it hides no row.")
    if columns := columns_hidden(sheet, raw.cells.shape[1]):
        notes.append(f"{_count_in_words(columns, 'hidden column')} read.")
    return notes


def _count_in_words(count: int, what: str) -> str:
    return f"1 {what} was" if count == 1 else f"{count:,} {what}s were"


def _join_words(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
