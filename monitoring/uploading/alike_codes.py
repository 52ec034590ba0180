"""New codes of a file that a person may take for known ones: asked about before they are stored."""

from dataclasses import dataclass

import pandas as pd

from council_finance import registry
from council_finance.uploads.lookalikes import alike_codes, differences
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import TypedTable
from monitoring.uploading.prepared import Prepared, Target

ABOUT = "alike"
_ROWS_SHOWN = 10


@dataclass(frozen=True)
class AlikeCode:
    """A new code, the known one that it is like, in which ways they differ, and its rows."""

    column: str
    code: str
    known: str
    differ: str
    rows: tuple[int, ...]
    count: int

    def to_data(self) -> dict:
        """As it is kept with the upload."""
        return {
            "column": self.column,
            "code": self.code,
            "known": self.known,
            "differ": self.differ,
            "rows": list(self.rows),
            "count": self.count,
        }

    def problem(self) -> Problem:
        """The refusal of a command, which nobody can be asked in."""
        return Problem(
            f"this code is new, and differs from {self.known} only in {self.differ}. Write"
            f" {self.known}; or, where it is another code, say so with --new-code (in pack.toml:"
            f' new_codes = ["{self.code}"])',
            self.rows[0],
            self.column,
            self.code,
        )


def find_alike(
    kind: registry.UploadKind, prepared: Prepared, target: Target
) -> tuple[AlikeCode, ...]:
    """The file's new codes that are like known ones; warns of new ones that are like each other."""
    if kind.known_codes is None:
        return ()
    table, found = prepared.table, []
    for column, known in kind.known_codes(prepared, target).items():
        known = set(known)
        new = set(table.frame[column].unique()) - known - {""}
        found += [_alike(table, column, pair) for pair in alike_codes(new, known)]
        _warn_of_each_other(table, column, alike_codes(new, new))
    return tuple(found)


def _alike(table: TypedTable, column: str, pair: tuple[str, str]) -> AlikeCode:
    code, known = pair
    rows = _rows_of(table.frame[column], code)
    shown = tuple(table.row_in_file(row) for row in rows[:_ROWS_SHOWN])
    heading = table.headings.get(column, column)
    return AlikeCode(heading, code, known, in_words(code, known), shown, len(rows))


def _rows_of(codes: pd.Series, code: str) -> list[int]:
    return [int(row) for row in codes.index[codes == code]]


def in_words(code: str, known: str) -> str:
    """The ways in which two codes differ."""
    return " and ".join(differences(code, known))


def _warn_of_each_other(table: TypedTable, column: str, pairs: list[tuple[str, str]]) -> None:
    for code, other in pairs:
        if code < other:
            table.warn(
                f"The new codes {code} and {other} differ only in {in_words(code, other)}.",
                _rows_of(table.frame[column], code)[0],
                column,
                ABOUT,
            )
