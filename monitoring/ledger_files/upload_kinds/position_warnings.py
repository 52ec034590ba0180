"""What a position file changes against the month before: its sum, and what a person looks at.

None of it stops the upload.
"""

import pandas as pd

from council_finance.money import plain_pounds
from council_finance.uploads.table import TypedTable
from monitoring.figures.selectors.late_virements import LateVirements
from monitoring.ledger_files.stored import stored_positions
from monitoring.ledger_files.upload_kinds.lines import Lines, scope_services
from monitoring.structure.models import Period
from monitoring.structure.selectors.calendar import earlier_period
from monitoring.uploading.changes import ChangedLines, Comparison
from monitoring.uploading.prepared import Target

FAR_FORECAST_PENCE = 10_000_000
FAR_FORECAST_PERCENT = 10
"""A forecast is far from last month's when both are passed: £100,000 and 10% of the budget."""

NEW, GONE, MOVED, BUDGETS, FORECASTS = "new", "gone", "moved", "budgets", "forecasts"
"""What a warning is about, and the key of its sum."""

EVERYTHING = (NEW, GONE, MOVED, BUDGETS, FORECASTS)


def warn_of_changes(
    table: TypedTable,
    lines: Lines,
    rows: pd.DataFrame,
    target: Target,
    only: tuple[str, ...] = EVERYTHING,
) -> Comparison | None:
    """Compare with the nearest earlier period that has figures; None where there is none.

    The sums by the keys above are pence: the current budget of lines that are new, gone or moved
    to another service, the net change of budgets that no virement explains, and the net change of
    forecasts. Warn of the lines of each, of forecasts only where they are far from last month's.
    `only` limits it to some keys.
    """
    period = target.its_period
    before = earlier_period(period)
    if before is None:
        return None
    stored = stored_positions(target, before.batch)
    last = stored[["line", "current_budget", "forecast"]]
    joined = rows.reset_index(names="row").merge(last, on="line", suffixes=("", "_before"))
    tell = {
        NEW: lambda: _new(table, lines, stored, rows, before),
        GONE: lambda: _gone(table, lines, stored, rows, target.scope),
        MOVED: lambda: _moved(table, lines, rows),
        BUDGETS: lambda: _budgets(table, joined, before, period),
        FORECASTS: lambda: _forecasts(table, joined, before),
    }
    return Comparison(before.number, _name(before), {key: tell[key]() for key in only})


def _name(period: Period) -> str:
    return period.name[0].lower() + period.name[1:]


def _sum(pence: pd.Series, far: int = 0) -> ChangedLines:
    return ChangedLines(len(pence), int(pence.sum()), far)


def _new(table, lines: Lines, stored, rows: pd.DataFrame, before: Period) -> ChangedLines:
    """Lines without a figure in the month before; a cost centre that is new is told once."""
    new = rows[~rows["line"].isin(stored["line"])]
    codes = table.frame.loc[new.index, ["cost_centre", "account"]]
    first = ~codes["cost_centre"].isin(lines.known["cost_centre"])
    table.warn_of_each(
        codes[first].drop_duplicates("cost_centre").reset_index().itertuples(),
        lambda row: f"The cost centre {row.cost_centre} is new this year.",
        "cost_centre",
        NEW,
    )
    table.warn_of_each(
        codes[~first].reset_index().itertuples(),
        lambda row: f"The line {row.cost_centre}/{row.account} was not in {_name(before)}.",
        "account",
        NEW,
    )
    return _sum(new["current_budget"])


def _gone(table, lines: Lines, stored, rows: pd.DataFrame, scope: str) -> ChangedLines:
    left = stored.loc[~stored["line"].isin(rows["line"]), ["line", "current_budget"]]
    gone = left.merge(lines.known, on="line")
    if scope:
        homes = gone["service"].map(lines.tree.home)
        gone = gone[homes.isin(scope_services(lines.tree, scope))]
    table.warn_of_each(
        gone.assign(row=None).itertuples(),
        lambda line: f"The line {line.cost_centre}/{line.account} is no longer in the file.",
        about=GONE,
    )
    return _sum(gone["current_budget"])


def _moved(table, lines: Lines, rows: pd.DataFrame) -> ChangedLines:
    """Lines that the file puts elsewhere than they stand today; successors are no other place."""
    before = lines.moved.merge(lines.known, on="line", suffixes=("", "_before"))
    before["home"] = before["service_before"].map(lines.tree.home)
    before = before[before["home"] != before["service"]]
    moved = rows[["line", "current_budget"]].reset_index(names="row").merge(before, on="line")
    register = lines.tree.register
    table.warn_of_each(
        moved.itertuples(),
        lambda line: (
            f"The line {line.cost_centre}/{line.account} moves from "
            f"{register[line.home].code} ({register[line.home].name}) to "
            f"{register[line.service].code} ({register[line.service].name})."
        ),
        "service_code",
        MOVED,
    )
    return _sum(moved["current_budget"])


def _budgets(table, joined: pd.DataFrame, before: Period, period: Period) -> ChangedLines:
    change = joined["current_budget"] - joined["current_budget_before"]
    change = LateVirements.of(period, before).unexplained(joined, change)
    changed = joined.assign(change=change)[change != 0]
    table.warn_of_each(
        changed.itertuples(),
        lambda row: (
            f"The budget changed by {plain_pounds(row.change)} since {_name(before)} "
            "with no virement that explains it."
        ),
        "current_budget",
        BUDGETS,
    )
    return _sum(changed["change"])


def _forecasts(table, joined: pd.DataFrame, before: Period) -> ChangedLines:
    """Every forecast that moved; those far from the month before's are told one by one."""
    change = joined["forecast"] - joined["forecast_before"]
    far = (change.abs() > FAR_FORECAST_PENCE) & (
        change.abs() * 100 > joined["current_budget"].abs() * FAR_FORECAST_PERCENT
    )
    table.warn_of_each(
        joined[far.fillna(False)].itertuples(),
        lambda row: (
            f"The forecast was {plain_pounds(row.forecast_before)} in {_name(before)} and is "
            f"{plain_pounds(row.forecast)} now."
        ),
        "forecast",
        FORECASTS,
    )
    return _sum(change[(change != 0).fillna(False)], int(far.sum()))
