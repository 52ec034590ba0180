"""Compare a position file with the month before: warn of changes, and add them up.

No warning stops the upload.
"""

import pandas as pd

from council_finance.money import plain_pounds
from council_finance.uploads.table import TypedTable
from monitoring.figures.selectors.late_virements import LateVirements
from monitoring.ledger_files.stored import positions_of_period
from monitoring.ledger_files.upload_kinds.lines import Lines, scope_services
from monitoring.structure.models import Period
from monitoring.uploading.changes import ChangedLines, Comparison
from monitoring.uploading.prepared import Target

FAR_FORECAST_PENCE = 10_000_000
FAR_FORECAST_PERCENT = 10
"""A forecast is far from last month's when both are passed: £100,000 and 10% of the budget."""

NEW, GONE, MOVED, BUDGETS, FORECASTS = "new", "gone", "moved", "budgets", "forecasts"
"""The subjects of warnings, which are also the keys of the sums."""

EVERYTHING = (NEW, GONE, MOVED, BUDGETS, FORECASTS)


def warn_of_changes(
    table: TypedTable,
    lines: Lines,
    rows: pd.DataFrame,
    target: Target,
    only: tuple[str, ...] = EVERYTHING,
    questioned: pd.Index | None = None,
) -> Comparison | None:
    """Compare with the nearest earlier period that has figures; None where there is none.

    The sums by the keys above are pence: the current budget of lines that are new, gone or moved
    to another service, the net change of budgets that no virement explains, and the net change of
    forecasts. Warn of the lines of each, of forecasts only where they are far from last month's.
    `only` limits it to some keys. The forecasts of the rows `questioned` are asked about already,
    and are not warned of again.
    """
    period = target.its_period
    before = target.period_before
    if before is None:
        return None
    stored = positions_of_period(target, before)
    last = stored[["line", "current_budget", "forecast"]]
    joined = rows.reset_index(names="row").merge(last, on="line", suffixes=("", "_before"))
    compare = {
        NEW: lambda: _warn_of_new_lines(table, lines, stored, rows, before),
        GONE: lambda: _warn_of_gone_lines(table, lines, stored, rows, target.scope),
        MOVED: lambda: _warn_of_moved_lines(table, lines, rows),
        BUDGETS: lambda: _warn_of_budgets(table, joined, before, period),
        FORECASTS: lambda: _warn_of_forecasts(table, joined, before, questioned),
    }
    return Comparison(
        before.number, _name_in_sentence(before), {key: compare[key]() for key in only}
    )


def _name_in_sentence(period: Period) -> str:
    return period.name[0].lower() + period.name[1:]


def _add_up(pence: pd.Series, far: int = 0) -> ChangedLines:
    return ChangedLines(len(pence), int(pence.sum()), far)


def _warn_of_new_lines(
    table: TypedTable, lines: Lines, stored: pd.DataFrame, rows: pd.DataFrame, before: Period
) -> ChangedLines:
    """Warn of lines without a figure in the month before, once for each new cost centre."""
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
        lambda row: (
            f"The line {row.cost_centre}/{row.account} was not in {_name_in_sentence(before)}."
        ),
        "account",
        NEW,
    )
    return _add_up(new["current_budget"])


def _warn_of_gone_lines(
    table: TypedTable, lines: Lines, stored: pd.DataFrame, rows: pd.DataFrame, scope: str
) -> ChangedLines:
    """Warn of lines of the month before that are no longer in the file."""
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
    return _add_up(gone["current_budget"])


def _warn_of_moved_lines(table: TypedTable, lines: Lines, rows: pd.DataFrame) -> ChangedLines:
    """Warn of lines that the file moves to another service; a successor is not another."""
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
    return _add_up(moved["current_budget"])


def _warn_of_budgets(
    table: TypedTable, joined: pd.DataFrame, before: Period, period: Period
) -> ChangedLines:
    """Warn of changes of budgets that no virement explains."""
    virements = LateVirements.of(period, before)
    change = joined["current_budget"] - joined["current_budget_before"]
    may_differ = (change != 0) | joined["line"].isin(virements.all.index)
    rows = joined[may_differ]
    change = virements.unexplained(rows, change[may_differ])
    changed = rows.assign(change=change)[change != 0]
    table.warn_of_each(
        changed.itertuples(),
        lambda row: (
            f"The budget changed by {plain_pounds(row.change)} since {_name_in_sentence(before)} "
            "with no virement that explains it."
        ),
        "current_budget",
        BUDGETS,
    )
    return _add_up(changed["change"])


def _warn_of_forecasts(
    table: TypedTable, joined: pd.DataFrame, before: Period, questioned: pd.Index | None
) -> ChangedLines:
    """Add up all changes of forecasts; warn of those far from the month before's."""
    change = joined["forecast"] - joined["forecast_before"]
    far = (change.abs() > FAR_FORECAST_PENCE) & (
        change.abs() * 100 > joined["current_budget"].abs() * FAR_FORECAST_PERCENT
    )
    far = far.fillna(False).astype(bool)
    new = far if questioned is None else far & ~joined["row"].isin(questioned)
    table.warn_of_each(
        joined[new].itertuples(),
        lambda row: (
            f"The forecast was {plain_pounds(row.forecast_before)} in {_name_in_sentence(before)} "
            f"and is {plain_pounds(row.forecast)} now."
        ),
        "forecast",
        FORECASTS,
    )
    return _add_up(change[(change != 0).fillna(False)], int(far.sum()))
