"""The workbook of the forecasts page, uploaded again: what was edited in it, and what is stale.

Its ledger's figures are those of the day of the download. A file of forecasts does not take them;
a position that would put older ones in the place of newer is refused.
"""

import pandas as pd

from council_finance.money import exact_pounds, plain_pounds
from council_finance.uploads.columns import AMOUNT, ColumnSpec
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import TypedTable
from monitoring.figures.selectors.inputs import virement_legs
from monitoring.ledger.models import Batch, Position
from monitoring.ledger.selectors.typed_forecasts import typed_forecasts, with_typed_forecasts
from monitoring.ledger_files.upload_kinds.ledger_figures import ledger_changes, lines_in_scope
from monitoring.ledger_files.upload_kinds.lines import Lines
from monitoring.ledger_files.upload_kinds.position_rows import (
    AMOUNTS,
    CALCULATION_NAMES,
    stored_rows,
)
from monitoring.structure.models import Period
from monitoring.uploading.prepared import Target
from monitoring.virements.models import Virement

ENTERED_HERE = ("forecast", "planned_use_of_reserves", "planned_use_of_capital_receipts")
DOWNLOADED = {name: f"downloaded_{name}" for name in ENTERED_HERE}
"""Columns of the workbook that say what stood in a cell when it was downloaded."""

SENT = (
    *(ColumnSpec(name, AMOUNT, aside=True) for name in ("last_forecast", *DOWNLOADED.values())),
    ColumnSpec("budget_note", aside=True),
)
"""Columns of the workbook that no file brings anything in by."""

_HEADINGS = {"service_code", "cost_centre", "account", *AMOUNTS, "exempt", "last_forecast"}
"""A file with all of these is that workbook, or a copy of it in another format."""

_EARLIER_BATCHES = 10
_ASKED_BY_LINE = 5_000
"""Databases take only so many values in one question; of more lines the batch is read whole."""

_WAY_OUT = (
    "A download of the forecasts page is uploaded as “forecasts”, which changes nothing but "
    "forecasts and planned use. If the ledger itself went back to these figures, upload the "
    "position of the whole period."
)


def drop_what_was_not_edited(
    table: TypedTable, aside: pd.DataFrame, placed: pd.DataFrame, stored: pd.DataFrame, target
) -> None:
    """Blank each cell of a downloaded workbook that holds what it held when it was downloaded.

    Where a cell was edited and somebody changed the figure meanwhile, that is said.
    """
    now = with_typed_forecasts(stored, typed_forecasts(target.period.pk)).set_index("line")
    for name, downloaded in DOWNLOADED.items():
        if downloaded not in aside:
            continue
        given, sent = table.frame[name], aside[downloaded]
        edited = given.notna() & (given != sent).fillna(True)
        table.frame = table.frame.assign(**{name: given.where(edited)})
        figures = now[CALCULATION_NAMES.get(name, name)].astype("Int64")
        stands = figures.reindex(placed["line"].to_numpy()).set_axis(placed.index)
        both = (
            edited & sent.notna() & (stands != sent).fillna(True) & (stands != given).fillna(True)
        )
        rows = pd.DataFrame({"row": given.index, "given": given, "sent": sent, "now": stands})
        table.warn_of_each(
            rows[both.astype(bool)].itertuples(),
            lambda row: (
                f"It was {plain_pounds(row.sent)} when the workbook was downloaded and has "
                f"changed to {_pounds(row.now)} since; the file’s {plain_pounds(row.given)} is "
                "taken."
            ),
            name,
        )


def _pounds(pence) -> str:
    return "none" if pd.isna(pence) else plain_pounds(int(pence))


def refuse_stale_download(table: TypedTable, lines: Lines, target: Target) -> None:
    """Note each of the ledger's figures that a download would put back to what it was.

    The workbook of the forecasts page is known by its headings, in any format: as a position it is
    taken only where the ledger's figures in it are those that stand. A file for a part of the
    council without those headings may be a copy of one: it puts no figure back to what an earlier
    file of the same period said.
    """
    period = Period.objects.select_related("batch").get(pk=target.period.pk)
    own = table.given >= _HEADINGS
    if not own and (period.batch is None or not _is_part(lines, target, period.batch)):
        return
    stored = stored_rows(period.batch)
    changes = ledger_changes(table.frame, lines.placed["line"], stored, blanks=own)
    if not own:
        changes = [_going_back(change, period) for change in changes]
    else:
        _refuse_other_lines(table, lines, target, stored)
    for change in changes:
        for row in change.itertuples():
            table.problem(row.row, row.column, _exact(row.given), _message(row, own))
    if table.problems:
        table.problems.append(Problem(_WAY_OUT))


def _exact(pence) -> str:
    return "" if pd.isna(pence) else exact_pounds(int(pence))


def _message(row, own: bool) -> str:
    now = "no figure" if pd.isna(row.now) else exact_pounds(int(row.now))
    if own:
        return f"the ledger’s figures have {now} now; this is from a download of the forecasts page"
    return f"an earlier file of this period said so; the ledger’s figures have {now} now"


def _refuse_other_lines(table: TypedTable, lines: Lines, target: Target, stored) -> None:
    """A workbook has the lines of its day; newer ones would be lost, older ones come back."""
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
    """Whether the file is for one service, or leaves out every line of some."""
    if target.scope:
        return True
    services = Position.objects.filter(batch=batch).order_by().values_list("service", flat=True)
    stored = {lines.tree.home(service) for service in services.distinct()}
    return not stored <= {lines.tree.home(service) for service in set(lines.placed["service"])}


def _going_back(change: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Of changed figures those that an earlier batch of the period held; no virement explains."""
    if change.empty:
        return change
    field = f"{change['column'].iloc[0]}_pence"
    earlier = Batch.objects.filter(period=period).exclude(pk=period.batch_id).order_by("-number")
    numbers = list(earlier.values_list("pk", flat=True)[:_EARLIER_BATCHES])
    held = Position.objects.filter(batch__in=numbers)
    if len(change) <= _ASKED_BY_LINE:
        held = held.filter(line__in=change["line"].tolist())
    held = set(held.values_list("line_id", field))
    explained = _virements(period) if field == "current_budget_pence" else set()
    back = [
        (int(row.line), int(row.given)) in held
        and (int(row.line), int(row.given) - int(row.now)) not in explained
        for row in change.itertuples()
    ]
    return change[back]


def _virements(period: Period) -> set[tuple[int, int]]:
    """Line and pence of what each leg approved for this period adds to a budget."""
    legs = virement_legs(
        Virement.objects.filter(year=period.year, period=period.number, approved_on__isnull=False)
    )
    into = {(int(leg.to_line), leg.amount) for leg in legs.itertuples() if not pd.isna(leg.to_line)}
    out = {
        (int(leg.from_line), -leg.amount) for leg in legs.itertuples() if not pd.isna(leg.from_line)
    }
    return into | out
