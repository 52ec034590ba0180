"""Read a forecast grid's workbook that comes back, and put what was edited into the grid's cells.

Nothing is stored by it: the page shows the figures, and the person saves them with the rights and
questions of every other entry. Only lines that take the reader's forecasts are read.
"""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from council_finance import registry
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.uploads.problems import FileRefused, Problem
from council_finance.uploads.table import TypedTable
from monitoring.forecasts.entered_cells import SentLine
from monitoring.forecasts.selectors.grid import Grid, figure
from monitoring.forecasts.selectors.lines import GridLine
from monitoring.ledger.selectors.typed_amounts import MEASURES
from monitoring.uploading.pipeline.reading import read_table

MOST_BYTES = 5_000_000
_SECONDS = 20
_SHOWN = 20
_COLUMNS = {
    measure: measure if measure == "forecast" else f"planned_{measure}" for measure in MEASURES
}
_LEDGER = {"current_budget": "budget", "actual_to_date": "actual", "commitments": "commitments"}


@dataclass
class Returned:
    """What a workbook changes: the cells by line, and sentences on the ledger and on clashes.

    `edited` counts the cells. `more` counts sentences that are not listed.
    """

    kept: dict[int, SentLine] = field(default_factory=dict)
    edited: int = 0
    notes: list[str] = field(default_factory=list)
    more: int = 0


def read_workbook(content: bytes, grid: Grid) -> Returned:
    """Return what a workbook changes in a grid. Raise `Refused` where it cannot be taken."""
    if grid.pages > 1:
        raise Refused(
            "A workbook is taken for as many lines as stand on one page. Open the forecasts of a "
            "part, download its workbook and upload that."
        )
    if len(content) > MOST_BYTES:
        raise Refused(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    kind = registry.upload_kind("forecasts", per_period=True)
    try:
        table = read_table(content, kind, period=grid.number, seconds=_SECONDS)
        table.refuse_problems()
        lines = _match_lines(table, grid)
    except FileRefused as refused:
        sentences = [problem.sentence for problem in refused.problems]
        raise Refused(*_first_sentences(sentences)) from refused
    found = Returned()
    for row, line in lines:
        _read_row(found, row, line)
    found.more = max(0, len(found.notes) - _SHOWN)
    del found.notes[_SHOWN:]
    return found


def _first_sentences(sentences: list[str]) -> list[str]:
    rest = len(sentences) - _SHOWN
    return [*sentences[:_SHOWN], *([f"And {rest} more."] if rest > 0 else [])]


def _match_lines(table: TypedTable, grid: Grid) -> list[tuple[dict[str, Any], GridLine]]:
    """Return the rows with their lines. Raise `FileRefused` for rows without one."""
    own = {
        (line.line.cost_centre, line.line.account): line
        for line in grid.lines
        if grid.section_of[line.line.pk].takes_forecasts
    }
    found: list[tuple[dict[str, Any], GridLine]] = []
    problems: list[Problem] = []
    earlier: set[tuple[str, str]] = set()
    for number, row in zip(table.frame.index, _as_records(table.frame), strict=True):
        key = row["cost_centre"], row["account"]
        if key not in own:
            message = "is no line here for which you may enter forecasts."
            problems.append(Problem(f"Row {number}: {key[0]}/{key[1]} {message}"))
        elif key in earlier:
            problems.append(
                Problem(f"Row {number}: {key[0]}/{key[1]} stands on an earlier row too.")
            )
        else:
            found.append((row, own[key]))
            earlier.add(key)
    if problems:
        raise FileRefused(*problems)
    return found


def _as_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _read_row(found: Returned, row: dict[str, Any], line: GridLine) -> None:
    """Add to `found` the cells of a row that were edited, and what changed meanwhile."""
    for measure, column in _COLUMNS.items():
        given, before = _amount_in(row, column), _amount_in(row, f"downloaded_{column}")
        if given is None or given == before:
            continue
        now = line.current(measure)
        if given == now and line.source != "carried":
            continue
        found.kept.setdefault(line.line.pk, SentLine()).texts[measure] = figure(given)
        found.edited += 1
        if before is not None and before != now:
            found.notes.append(
                f"{line.line.code}: the {column.replace('_', ' ')} was {plain_pounds(before)} when "
                f"the workbook was downloaded and is {_pounds_or_none(now)} now; yours is "
                f"{plain_pounds(given)}."
            )
    for column, name in _LEDGER.items():
        then, now = _amount_in(row, column), getattr(line, name)
        if then is not None and then != now:
            found.notes.append(
                f"{line.line.code}: the {column.replace('_', ' ')} is {_pounds_or_none(now)} in "
                f"the ledger now, and was {plain_pounds(then)} in the workbook."
            )


def _amount_in(row: dict[str, Any], column: str) -> int | None:
    value = row.get(column)
    return None if value is None or pd.isna(value) else int(value)


def _pounds_or_none(pence: int | None) -> str:
    return "not given" if pence is None else plain_pounds(pence)
