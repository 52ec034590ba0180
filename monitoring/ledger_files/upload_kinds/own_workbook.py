"""Recognise the workbook of the forecasts page when it is uploaded again.

Its ledger's figures are those of the day of the download. A file of forecasts does not take them; a
position that would replace newer figures by older ones is refused.
"""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from council_finance.money import exact_pounds, plain_pounds
from council_finance.uploads.columns import AMOUNT, ColumnSpec
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import TypedTable
from monitoring.figures.selectors.inputs import virement_legs
from monitoring.ledger.models import Batch, Position
from monitoring.ledger.selectors.typed_forecasts import typed_figures, with_typed_figures
from monitoring.ledger_files.upload_kinds.ledger_figures import ledger_changes, lines_in_scope
from monitoring.ledger_files.upload_kinds.line_columns import AMOUNTS
from monitoring.ledger_files.upload_kinds.lines import Lines
from monitoring.ledger_files.upload_kinds.position_rows import CALCULATION_NAMES, stored_rows
from monitoring.structure.models import Period
from monitoring.uploading.prepared import Target
from monitoring.virements.models import Virement

ENTERED_HERE = ("forecast", "planned_use_of_reserves", "planned_use_of_capital_receipts")
DOWNLOADED = {name: f"downloaded_{name}" for name in ENTERED_HERE}
"""Columns of the workbook that repeat the figures as they were downloaded."""

SENT = (
    *(
        ColumnSpec(name, AMOUNT, aside=True)
        for name in ("last_forecast", "carried_forecast", *DOWNLOADED.values())
    ),
    ColumnSpec("budget_note", aside=True),
)
"""Columns of the workbook that no kind of file stores."""

_HEADINGS = {"service_code", "cost_centre", "account", *AMOUNTS, "exempt", "last_forecast"}
"""A file with all of these is that workbook, or a copy of it in another format."""

_EARLIER_BATCHES = 10
_MOST_LINES_IN_A_QUERY = 5_000
"""Databases take only so many values in one query; for more lines the whole batch is read."""

_WAY_OUT = (
    "A download of the forecasts page is uploaded as “forecasts”, which changes nothing but "
    "forecasts and planned use. If the ledger itself went back to these figures, upload the "
    "position of the whole period."
)


def blank_unedited_cells(
    table: TypedTable,
    aside: pd.DataFrame,
    placed: pd.DataFrame,
    stored: pd.DataFrame,
    target: Target,
) -> None:
    """Blank each cell of a downloaded workbook that was not edited since.

    Warn of an edited cell whose figure somebody else has changed meanwhile.
    """
    now = with_typed_figures(stored, typed_figures(target.its_period.pk)).set_index("line")
    for name, downloaded in DOWNLOADED.items():
        if downloaded not in aside:
            continue
        given, original = table.frame[name], aside[downloaded]
        edited = given.notna() & (given != original).fillna(True)
        table.frame = table.frame.assign(**{name: given.where(edited)})
        figures = now[CALCULATION_NAMES.get(name, name)].astype("Int64")
        current = figures.reindex(placed["line"].to_numpy()).set_axis(placed.index)
        figures = pd.DataFrame({"given": given, "original": original, "now": current})
        _warn_of_overtaken_edits(table, name, figures[edited & original.notna()])


def _warn_of_overtaken_edits(table: TypedTable, name: str, edited: pd.DataFrame) -> None:
    """Warn of edited cells of a column whose figure has changed since the download.

    `edited` has columns given, original and now (Int64 pence) by the file's row.
    """
    changed = (edited["now"] != edited["original"]).fillna(True)
    changed &= (edited["now"] != edited["given"]).fillna(True)
    table.warn_of_each(
        edited[changed.astype(bool)].reset_index(names="row").itertuples(),
        lambda row: (
            f"It was {plain_pounds(row.original)} when the workbook was downloaded and has "
            f"changed to {_format_pounds(row.now)} since; the file’s {plain_pounds(row.given)} is "
            "taken."
        ),
        name,
    )


def _format_pounds(pence: Any) -> str:
    """Format pence of a frame's cell, which may be missing."""
    return "none" if pd.isna(pence) else plain_pounds(int(pence))


def refuse_stale_download(table: TypedTable, lines: Lines, target: Target) -> None:
    """Note each of the ledger's figures that a download would set back to an older one.

    The workbook of the forecasts page is known by its headings, in any format: as a position it is
    taken only where the ledger's figures in it are the current ones. A file for a part of the
    council without those headings may be a copy of one: it must not set a figure back to that of an
    earlier file of the same period.
    """
    period = Period.objects.select_related("batch").get(pk=target.its_period.pk)
    own = table.given >= _HEADINGS
    if not own and (period.batch is None or not _is_part(lines, target, period.batch)):
        return
    stored = stored_rows(period.batch)
    changes: Iterable[pd.DataFrame] = ledger_changes(
        table.frame, lines.placed["line"], stored, blanks=own
    )
    if not own:
        changes = [_keep_set_back(change, period) for change in changes]
    else:
        _refuse_other_lines(table, lines, target, stored)
    for change in changes:
        for row in change.itertuples():
            now = "no figure" if pd.isna(row.now) else _format_exact(row.now)
            table.problem(row.row, row.column, _format_exact(row.given), _describe_stale(now, own))
    if table.problems:
        table.problems.append(Problem(_WAY_OUT))


def _format_exact(pence: Any) -> str:
    """Format pence of a frame's cell to the penny; "" where it is missing."""
    return "" if pd.isna(pence) else exact_pounds(int(pence))


def _describe_stale(now: str, own: bool) -> str:
    if own:
        return f"the ledger’s figures have {now} now; this is from a download of the forecasts page"
    return f"an earlier file of this period said so; the ledger’s figures have {now} now"


def _refuse_other_lines(
    table: TypedTable, lines: Lines, target: Target, stored: pd.DataFrame
) -> None:
    """Note lines that only the workbook or only the period has, which has changed since."""
    placed = lines.placed["line"]
    for row in placed.index[~placed.isin(stored["line"])]:
        code = table.frame["account"][row]
        message = "the ledger’s figures of this period do not have this line"
        table.problem(row, "account", code, message)
    missing = lines_in_scope(stored, lines, target)
    missing = missing[~missing["line"].isin(placed)].merge(lines.known, on="line")
    for line in missing.itertuples():
        code = f"{line.cost_centre}/{line.account}"
        table.problems.append(Problem(f"The line {code} of this period is not in the file."))


def _is_part(lines: Lines, target: Target, batch: Batch) -> bool:
    """Return True where the file is for one service, or has no line of some service."""
    if target.scope:
        return True
    positions = Position.objects.of(target.year, batch).order_by()
    services = positions.values_list("service", flat=True)
    stored = {lines.tree.home(service) for service in services.distinct()}
    return not stored <= {lines.tree.home(service) for service in set(lines.placed["service"])}


def _keep_set_back(change: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the changed figures that an earlier batch had, unless a virement explains them."""
    if change.empty or period.batch_id is None:
        return change
    field = f"{change['column'].iloc[0]}_pence"
    earlier = Batch.objects.filter(period=period).exclude(pk=period.batch_id).order_by("-number")
    numbers = list(earlier.values_list("pk", flat=True)[:_EARLIER_BATCHES])
    positions = Position.objects.of_batches([period.year_id], numbers)
    if len(change) <= _MOST_LINES_IN_A_QUERY:
        positions = positions.filter(line__in=change["line"].tolist())
    earlier_figures = set(positions.values_list("line_id", field))
    explained = _virement_changes(period) if field == "current_budget_pence" else set()
    back = [
        (int(row.line), int(row.given)) in earlier_figures
        and (pd.isna(row.now) or (int(row.line), int(row.given - row.now)) not in explained)
        for row in change.itertuples()
    ]
    return change[back]


def _virement_changes(period: Period) -> set[tuple[int, int]]:
    """Return line id and pence that each leg approved for this period adds to a budget."""
    legs = virement_legs(
        Virement.objects.filter(year=period.year, period=period.number, approved_on__isnull=False)
    )
    into = {(int(leg.to_line), leg.amount) for leg in legs.itertuples() if not pd.isna(leg.to_line)}
    out = {
        (int(leg.from_line), -leg.amount) for leg in legs.itertuples() if not pd.isna(leg.from_line)
    }
    return into | out
