"""The step of forecasts."""

from collections.abc import Iterator

from council_finance.accounts.models import Role
from council_finance.registry import Due, Link, MonthStep, Outstanding, month_step
from monitoring.month.selectors.month import Month, MonthRow
from monitoring.month.selectors.step_parts import (
    AWAITING_FIGURES,
    NOBODY,
    OFFICERS,
    count_of,
    month_url,
)

_ENTER_FORECASTS = frozenset({Role.BUDGET_MANAGER, Role.FINANCE_OFFICER})


@month_step(
    "forecasts",
    title="Forecasts",
    after="figures",
    warns_of={
        "forecasts-carried": "Forecasts carried forward from an earlier month",
        "forecasts-missing": "Lines without a forecast",
    },
)
def forecasts_step(month: Month) -> MonthStep:
    """Return how many lines have a forecast of this month's own, and who has more to enter."""
    if not month.has_figures:
        return MonthStep(*AWAITING_FIGURES, "Managers and officers enter them line by line.")
    text = f"{month.entered:,} of {count_of(month.lines, 'line')} entered"
    text += f", {month.carried:,} carried forward" if month.carried else ""
    text += f", {month.without:,} without a forecast" if month.without else ""
    state = ("All entered", "green") if month.entered == month.lines else ("Under way", "blue")
    rows = month.rows if month.takes_entries else ()
    waiting = [row for row in rows if row.waits_for_forecasts]
    return MonthStep(
        *state,
        f"{text}.",
        links=tuple(_link_to_carried(month)),
        due=tuple(_forecasts_due(month, row) for row in waiting),
        outstanding=tuple(_outstanding_forecasts(month)),
    )


def _link_to_carried(month: Month) -> Iterator[Link]:
    """Yield the page on which the reader confirms what is carried forward, for many services."""
    if month.takes_entries and month.duties.forecast and month.carried:
        yield Link("Confirm what is carried forward", month_url("forecasts-confirm", month))


def _outstanding_forecasts(month: Month) -> Iterator[Outstanding]:
    link = Link("See each service", f"{month_url('month', month)}?show=all")
    if month.carried:
        has = "has" if month.carried == 1 else "have"
        text = (
            f"{month.carried:,} of {count_of(month.lines, 'line')} {has} a forecast carried "
            "forward from an earlier month."
        )
        yield Outstanding("forecasts-carried", text, link)
    if month.without:
        has = "has no forecast and is" if month.without == 1 else "have no forecast and are"
        text = f"{count_of(month.without, 'line')} {has} left out of the variance."
        yield Outstanding("forecasts-missing", text, link)


def _forecasts_due(month: Month, row: MonthRow) -> Due:
    key = row.node.key
    missing = [f"{row.without:,} without a forecast"] if row.without else []
    missing += [f"{row.carried:,} carried forward"] if row.carried else []
    return Due(
        key,
        "forecasts",
        f"Forecasts: {', '.join(missing)}, of {count_of(row.lines, 'line')}",
        month_url("forecasts", month, key),
        month.ties.nearest(key, _ENTER_FORECASTS),
        NOBODY,
        OFFICERS,
    )
