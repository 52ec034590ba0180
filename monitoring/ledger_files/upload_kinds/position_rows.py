"""Build the positions of a period from a file's rows, and store them."""

import pandas as pd
from django.db import connection

from council_finance import partitions
from council_finance.bulk import insert_rows, whole_numbers
from council_finance.money import exact_pounds
from council_finance.periods import APPROVED_BUDGET, CLOSE
from council_finance.uploads.table import TypedTable
from monitoring.ledger.models import Batch, Position
from monitoring.ledger_files.stored import positions_of_period
from monitoring.ledger_files.upload_kinds.line_columns import AMOUNTS
from monitoring.ledger_files.upload_kinds.lines import Lines, home_services, scope_services
from monitoring.ledger_files.upload_kinds.planned_use import (
    carry_planned_use,
    figure_by_line,
)
from monitoring.structure.models import Period
from monitoring.structure.year_changes import lock_year
from monitoring.uploading.prepared import Target

CALCULATION_NAMES = {
    "planned_use_of_reserves": "use_of_reserves",
    "planned_use_of_capital_receipts": "use_of_capital_receipts",
}
_STORED = {
    "line": "line_id",
    "given_service": "service_id",
    **{name: f"{name}_pence" for name in AMOUNTS if name not in CALCULATION_NAMES},
    **{short: f"{name}_pence" for name, short in CALCULATION_NAMES.items()},
    "carried_from": "forecast_carried_from",
    "planned_use_carried_from": "planned_use_carried_from",
    "source": "source_id",
    "source_row": "source_row",
}
NEVER_MISSING = (
    "line",
    "given_service",
    "current_budget",
    "use_of_reserves",
    "use_of_capital_receipts",
)


def check_close(table: TypedTable) -> None:
    """Note forecasts that differ from the actual, which is the outturn at the close."""
    frame = table.frame
    differs = frame["actual_to_date"].notna() & frame["forecast"].notna()
    differs &= (frame["actual_to_date"] != frame["forecast"]).fillna(False)
    for row in frame.index[differs]:
        actual, forecast = (
            exact_pounds(int(frame[c][row])) for c in ("actual_to_date", "forecast")
        )
        message = f"at the close the outturn is the actual, which is {actual}"
        table.problem(row, "forecast", forecast, message)


def position_rows(frame: pd.DataFrame, placed: pd.DataFrame, target: Target) -> pd.DataFrame:
    """Return a file's rows as positions, indexed by the file's row.

    Columns: those of _STORED; whole pence, Int64 where a figure may be missing, else int64;
    `source` is NA, which means this upload.
    """
    rows = placed.rename(columns={"service": "given_service"}).join(
        frame[list(AMOUNTS)].rename(columns=CALCULATION_NAMES)
    )
    rows["current_budget"] = rows["current_budget"].astype("int64")
    before = target.period_before
    rows = carry_planned_use(rows, target, before)
    rows = _carry_forward(_fill_original(rows, target), target, before)
    return rows.assign(
        source=pd.Series(pd.NA, index=rows.index, dtype="Int64"), source_row=rows.index
    )


def _fill_original(rows: pd.DataFrame, target: Target) -> pd.DataFrame:
    """Fill in original budgets that the file does not give: the approved ones of period 0."""
    original = rows["original_budget"]
    if target.its_period.number == APPROVED_BUDGET:
        original = original.fillna(rows["current_budget"])
    elif original.isna().any():
        approved = target.year.periods.get(number=APPROVED_BUDGET)
        if approved.batch is not None:
            stored = positions_of_period(target, approved).set_index("line")
            original = original.fillna(figure_by_line(stored["current_budget"], rows))
    return rows.assign(original_budget=original)


def _carry_forward(rows: pd.DataFrame, target: Target, before: Period | None) -> pd.DataFrame:
    """Fill in missing forecasts: at the close the actual, else the forecast of the month before."""
    forecast = given_forecasts(rows, target.its_period)["forecast"]
    carried = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    if before is not None and forecast.isna().any():
        stored = positions_of_period(target, before).set_index("line")
        guess = figure_by_line(stored["forecast"], rows)
        carried = carried.mask(forecast.isna() & guess.notna(), before.number)
        forecast = forecast.fillna(guess)
    return rows.assign(forecast=forecast, carried_from=carried)


def given_forecasts(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the rows with the forecasts that a file gives: at the close the actual is one."""
    if period.number != CLOSE:
        return rows
    return rows.assign(forecast=rows["forecast"].fillna(rows["actual_to_date"]))


def stored_rows(batch: Batch | None) -> pd.DataFrame:
    """Return a batch's positions in the shape of position_rows; none where there is no batch."""
    positions = Position.objects.none() if batch is None else Position.objects.of_batch(batch)
    rows = positions.order_by("line_id").values_list(*_STORED.values())
    nullable = [name for name in _STORED if name not in NEVER_MISSING]
    return whole_numbers(rows, list(_STORED), nullable=nullable)


def merge_scope(rows: pd.DataFrame, lines: Lines, target: Target) -> pd.DataFrame:
    """Return the file's positions of its scope, with the period's other positions as they are."""
    batch = Period.objects.get(pk=target.its_period.pk).batch
    if batch is None:
        return rows
    stored = stored_rows(batch)
    homes = (
        stored["line"].map(lines.known.set_index("line")["service"]).map(home_services(lines.tree))
    )
    kept = stored[~homes.isin(scope_services(lines.tree, target.scope))]
    return pd.concat([kept, rows], ignore_index=True)


def store_positions(batch: Batch, rows: pd.DataFrame, new_ids: pd.Series) -> None:
    """Store the batch's positions; `new_ids` are the ids of new lines by negative id.

    In the order of their lines: a file in another order takes the database twice as long, as it
    then writes all over its index.
    """
    line = rows["line"]
    if not new_ids.empty:
        line = line.where(line > 0, line.map(new_ids)).astype("int64")
    own = rows["source"].fillna(batch.upload_id)
    table = rows.assign(line=line, source=own)[list(_STORED)].rename(columns=_STORED)
    table.insert(0, "batch_id", batch.pk)
    table.insert(0, "year_id", batch.period.year_id)
    _make_part_of_year(batch.period.year_id)
    insert_rows(Position, table.sort_values("line_id", kind="stable"))


def _make_part_of_year(year_id: int) -> None:
    """Make the year's part of the table before its first positions, with the year locked."""
    name = Position._meta.db_table
    if partitions.is_missing(connection, name, year_id):
        lock_year(year_id)
        partitions.make_part(connection, name, year_id)
