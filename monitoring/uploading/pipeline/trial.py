"""A trial of a layout: read a file through it as an upload would, and store nothing."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from council_finance.money import plain_pounds
from council_finance.registry import AnyKind
from council_finance.uploads.child_process import read_in_child_process
from council_finance.uploads.columns import AMOUNT
from council_finance.uploads.deadline import TooSlow
from council_finance.uploads.layout_words import label_of
from council_finance.uploads.problems import FileRefused, Problem
from council_finance.uploads.table import TypedTable
from council_finance.uploads.year_columns import year_names
from monitoring.uploading.pipeline.reading import read_table

TRIAL_SECONDS = 30
"""The time a trial may take: a person waits for its page, and the web server waits 60 seconds."""

FIRST_ROWS = 10
MOST_PROBLEMS = 100


@dataclass(frozen=True)
class Trial:
    """The rows that a layout reads from a file, as a page shows them.

    `columns` are the labels of the columns read and `amounts` their places that hold amounts;
    `first` are the first rows, each with its place in the file. `totals` are label and pounds.
    `notes` say what was left out and why; `sheets` which sheets were read.
    """

    rows: int = 0
    columns: list[str] = field(default_factory=list)
    amounts: list[int] = field(default_factory=list)
    first: list[tuple[str, list[str]]] = field(default_factory=list)
    totals: list[tuple[str, str]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    problem_count: int = 0
    notes: list[dict[str, Any]] = field(default_factory=list)
    note_count: int = 0
    sheets: list[str] = field(default_factory=list)


def try_reading(
    content: bytes, kind: AnyKind, definition: Mapping[str, Any], period: int | None
) -> Trial:
    """Return what a layout reads from a file, by the code that reads an upload.

    All of it runs in a child process with the limits of an upload's workbook, as this process
    answers other people too. A refused file is returned with its problems.
    """

    def read() -> list[list[str]]:
        return [[json.dumps(asdict(_read_file(content, kind, definition, period)))]]

    try:
        rows = read_in_child_process(read)
    except FileRefused as refused:
        return _describe_refusal(refused)
    return Trial(**json.loads(rows[0][0]))


def _read_file(
    content: bytes, kind: AnyKind, definition: Mapping[str, Any], period: int | None
) -> Trial:
    try:
        table = read_table(content, kind, layout=definition, period=period, seconds=TRIAL_SECONDS)
    except TooSlow:
        return _describe_refusal(
            FileRefused(
                Problem(
                    f"The file takes longer than {TRIAL_SECONDS} seconds to read, which is too "
                    "long for this page. Upload it instead: the check there may take longer, and "
                    "you can withdraw the file afterwards."
                )
            )
        )
    except FileRefused as refused:
        return _describe_refusal(refused)
    return _describe_table(table, kind)


def _describe_refusal(refused: FileRefused) -> Trial:
    problems = [problem.to_data() for problem in refused.problems[:MOST_PROBLEMS]]
    sheets = (refused.reading or {}).get("notes", [])
    return Trial(problems=problems, problem_count=len(refused.problems), sheets=sheets)


def _describe_table(table: TypedTable, kind: AnyKind) -> Trial:
    columns = kind.columns_of_template(list(year_names(table.given)))
    specs = [spec for spec in columns if spec.name in table.given]
    amounts = [place for place, spec in enumerate(specs) if spec.kind == AMOUNT]
    shown = table.frame[[spec.name for spec in specs]].head(FIRST_ROWS)
    rows = [
        (
            _describe_place(table, int(row)),
            [_cell_text(cell, place in amounts) for place, cell in enumerate(cells)],
        )
        for row, cells in zip(shown.index, shown.itertuples(index=False), strict=True)
    ]
    figures = [specs[place].name for place in amounts]
    return Trial(
        rows=len(table.frame),
        columns=[label_of(spec.name) for spec in specs],
        amounts=amounts,
        first=rows,
        totals=[(label_of(name), _sum_column(table, name)) for name in figures],
        problems=[problem.to_data() for problem in table.problems[:MOST_PROBLEMS]],
        problem_count=len(table.problems),
        notes=[warning.to_data() for warning in table.warnings[:MOST_PROBLEMS]],
        note_count=len(table.warnings) + table.more_warnings,
        sheets=table.reading.get("notes", []),
    )


def _describe_place(table: TypedTable, row: int) -> str:
    sheet, place = table.place_in_file(row)
    return f"{sheet} {place}".strip()


def _sum_column(table: TypedTable, name: str) -> str:
    given = table.frame[name].dropna()
    return plain_pounds(sum(map(int, given))) if len(given) else ""


def _cell_text(cell: Any, is_amount: bool) -> str:
    if cell is None or cell is pd.NA or cell != cell:  # noqa: PLR0124
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else ""
    return plain_pounds(int(cell)) if is_amount else str(cell)
