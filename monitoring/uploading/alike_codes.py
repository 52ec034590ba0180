"""New codes of a file that a person may take for known ones: asked about before they are stored."""

from collections.abc import Iterable, Mapping

import pandas as pd

from council_finance.uploads.lookalikes import alike_codes, differences
from council_finance.uploads.table import TypedTable
from monitoring.uploading.changes import AlikeCode

ABOUT = "alike"
_ROWS_SHOWN = 10


def find_alike(table: TypedTable, known: Mapping[str, Iterable[str]]) -> tuple[AlikeCode, ...]:
    """Return the file's new codes that look like known ones, given the known codes by column.

    Warn of new codes that look like each other.
    """
    found = []
    for column, codes in known.items():
        before = set(codes)
        new = set(table.frame[column].unique()) - before - {""}
        found += [_describe_pair(table, column, pair) for pair in alike_codes(new, before)]
        _warn_of_each_other(table, column, alike_codes(new, new))
    return tuple(found)


def _describe_pair(table: TypedTable, column: str, pair: tuple[str, str]) -> AlikeCode:
    code, known = pair
    rows = _rows_with_code(table.frame[column], code)
    shown = tuple(table.row_in_file(row) for row in rows[:_ROWS_SHOWN])
    heading = table.headings.get(column, column)
    return AlikeCode(heading, code, known, in_words(code, known), shown, len(rows))


def _rows_with_code(codes: pd.Series, code: str) -> list[int]:
    return [int(row) for row in codes.index[codes == code]]


def in_words(code: str, known: str) -> str:
    """Return the ways in which two codes differ."""
    return " and ".join(differences(code, known))


def _warn_of_each_other(table: TypedTable, column: str, pairs: list[tuple[str, str]]) -> None:
    for code, other in pairs:
        if code < other:
            table.warn(
                f"The new codes {code} and {other} differ only in {in_words(code, other)}.",
                _rows_with_code(table.frame[column], code)[0],
                column,
                ABOUT,
            )
