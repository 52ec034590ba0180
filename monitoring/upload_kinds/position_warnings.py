"""What a person should look at before the figures are stored; none of it stops the upload."""

import pandas as pd

from council_finance.money import plain_pounds
from council_finance.uploads.table import TypedTable
from monitoring.models import Period, Virement
from monitoring.selectors.inputs import virement_legs
from monitoring.upload_kinds.lines import Lines, scope_services
from monitoring.upload_kinds.position_rows import earlier_period
from monitoring.upload_kinds.prepared import Target

FAR_FORECAST_PENCE = 10_000_000
FAR_FORECAST_PERCENT = 10
"""A forecast is far from last month's when both are passed: £100,000 and 10% of the budget."""


def warn_of_changes(table: TypedTable, lines: Lines, rows: pd.DataFrame, target: Target) -> None:
    """Compare with the nearest earlier period: new cost centres, lines gone, budgets, forecasts."""
    before = earlier_period(target.period)
    if before is None:
        return
    _warn_of_new_cost_centres(table, lines)
    stored = target.stored(before.batch)
    _warn_of_vanished(table, lines, stored, rows, target.scope)
    last = stored[["line", "current_budget", "forecast"]]
    joined = rows.reset_index(names="row").merge(last, on="line", suffixes=("", "_before"))
    _warn_of_budgets(table, joined, before, target.period)
    moved = (joined["forecast"] - joined["forecast_before"]).abs()
    far = (moved > FAR_FORECAST_PENCE) & (
        moved * 100 > joined["current_budget"].abs() * FAR_FORECAST_PERCENT
    )
    table.warn_of_each(
        joined[far.fillna(False)].itertuples(),
        lambda row: (
            f"The forecast was {plain_pounds(row.forecast_before)} in {_name(before)} and is "
            f"{plain_pounds(row.forecast)} now."
        ),
        "forecast",
    )


def _name(period: Period) -> str:
    return period.name[0].lower() + period.name[1:]


def _warn_of_new_cost_centres(table: TypedTable, lines: Lines) -> None:
    centres = table.frame["cost_centre"]
    new = ~centres.isin(lines.known["cost_centre"]) & ~centres.duplicated()
    table.warn_of_each(
        centres[new].reset_index().itertuples(),
        lambda row: f"The cost centre {row.cost_centre} is new this year.",
        "cost_centre",
    )


def _warn_of_vanished(table, lines: Lines, stored, rows, scope: str) -> None:
    gone = lines.known[
        lines.known["line"].isin(stored["line"]) & ~lines.known["line"].isin(rows["line"])
    ]
    if scope:
        homes = gone["service"].map(lines.tree.home)
        gone = gone[homes.isin(scope_services(lines.tree, scope))]
    table.warn_of_each(
        gone.assign(row=None).itertuples(),
        lambda line: f"The line {line.cost_centre}/{line.account} is no longer in the file.",
    )


def _warn_of_budgets(table, joined: pd.DataFrame, before: Period, period: Period) -> None:
    legs = virement_legs(
        Virement.objects.filter(
            year=period.year,
            approved_on__isnull=False,
            period__gt=before.number,
            period__lte=period.number,
        )
    )
    into = legs.dropna(subset=["to_line"]).groupby("to_line")["amount"].sum()
    out_of = legs.dropna(subset=["from_line"]).groupby("from_line")["amount"].sum()
    explained = into.sub(out_of, fill_value=0).astype("int64")
    moved = joined["line"].map(explained).fillna(0).astype("int64")
    change = joined["current_budget"] - joined["current_budget_before"] - moved
    table.warn_of_each(
        joined.assign(change=change)[change != 0].itertuples(),
        lambda row: (
            f"The budget changed by {plain_pounds(row.change)} since {_name(before)} "
            "with no virement that explains it."
        ),
        "current_budget",
    )
