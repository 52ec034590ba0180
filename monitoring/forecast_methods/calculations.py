"""Forecasts of a budget line by each method, in whole pence. Pure.

The rules are those of "Forecast methods" in docs/rules.md. Amounts are rounded half away from
zero. Where a figure that a method needs is missing there is no forecast, and the reason is given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from council_finance.money import LIMIT_PENCE, round_half_away
from council_finance.periods import APPROVED_BUDGET, CLOSE, period_name
from council_finance.registry import WorkedForecast
from monitoring.forecast_methods.run_rate import MONTHS, run_rate

NO_ACTUAL = "no actual given"
NO_PROFILE = "no profile"
NO_COMMITMENTS = "no commitments given"
FROM_LEDGER, FROM_FILE = "from the ledger", "from the file of profiles"
BEYOND_LIMIT = "beyond £9,999,999,999.99"


@dataclass(frozen=True, slots=True)
class Profile:
    """A line's budget profile up to a month, in pence, and where it is from.

    `to_date` is the part of the current budget that was expected to be spent by then; None where
    there is no profile, and `source` says what is missing.
    """

    to_date: int | None
    source: str


@dataclass(frozen=True, slots=True)
class LastYear:
    """A line's actual of the same month of last year, and its outturn, in pence.

    Both are None where one is missing, and `missing` says which. `label` is the year: `2018/19`.
    """

    label: str
    to_date: int | None = None
    outturn: int | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class LineInputs:
    """The figures of a line in a period from which methods work out its forecast, in pence.

    `ledger_profile` is the profiled budget to date of the ledger's file; `profile` is that or
    another one in its place. None is not given.
    """

    number: int
    budget: int
    actual: int | None
    commitments: int | None
    ledger_profile: int | None
    profile: Profile
    last_year: LastYear


def actual_plus_profile(line: LineInputs) -> WorkedForecast:
    """Return the actual to date plus what is left of the budget's profile."""
    if line.actual is None:
        return WorkedForecast(None, NO_ACTUAL)
    if line.profile.to_date is None:
        return WorkedForecast(None, line.profile.source)
    left = line.budget - line.profile.to_date
    return WorkedForecast(
        line.actual + left, f"actual and the rest of the profile {line.profile.source}"
    )


def by_run_rate(line: LineInputs) -> WorkedForecast:
    """Return the run rate: actual / profile to date x budget, or actual / months x 12."""
    found = run_rate(
        number=line.number, budget=line.budget, actual=line.actual, profile=line.ledger_profile
    )
    if found is None:
        return WorkedForecast(None, NO_ACTUAL)
    pence, rule = found
    return WorkedForecast(
        pence,
        "actual ÷ profile to date × budget"
        if rule == "profile"
        else f"actual ÷ {line.number} × {MONTHS}",
    )


def actual_plus_commitments(line: LineInputs) -> WorkedForecast:
    """Return the actual to date plus orders placed that are not paid yet."""
    if line.actual is None:
        return WorkedForecast(None, NO_ACTUAL)
    if line.commitments is None:
        return WorkedForecast(None, NO_COMMITMENTS)
    return WorkedForecast(line.actual + line.commitments, "actual and commitments")


def last_years_pattern(line: LineInputs) -> WorkedForecast:
    """Return the actual to date plus what last year spent after the same month."""
    if line.actual is None:
        return WorkedForecast(None, NO_ACTUAL)
    last = line.last_year
    if last.to_date is None or last.outturn is None:
        return WorkedForecast(None, last.missing)
    rest = last.outturn - last.to_date
    month = period_name(line.number).lower()
    return WorkedForecast(line.actual + rest, f"actual and what {last.label} spent after {month}")


def current_budget(line: LineInputs) -> WorkedForecast:
    """Return the current budget."""
    return WorkedForecast(line.budget, "the current budget")


class Method(NamedTuple):
    """A method of the product: its name on pages, what it does, and its calculation."""

    label: str
    meaning: str
    work_out: Callable[[LineInputs], WorkedForecast]


BUDGET = "budget"
METHODS = {
    "profile": Method(
        "Actual plus profile",
        "Actual to date, plus what is left of the budget’s monthly profile.",
        actual_plus_profile,
    ),
    "run-rate": Method(
        "Run rate",
        "As if spending went on as so far: actual over the ledger’s profile to date, times the "
        "budget; without a profile, actual over the months gone, times twelve.",
        by_run_rate,
    ),
    "commitments": Method(
        "Actual plus commitments",
        "Actual to date, plus orders placed that are not paid yet.",
        actual_plus_commitments,
    ),
    "last-year": Method(
        "Last year’s pattern",
        "Actual to date, plus what last year spent after the same month.",
        last_years_pattern,
    ),
    BUDGET: Method("Budget", "The current budget.", current_budget),
}
"""The product's own methods by name, in the order of pages."""


def work_out(name: str, line: LineInputs) -> WorkedForecast:
    """Return a line's forecast by one of METHODS.

    There is none at the close, when the outturn is the actual; before month 1, but for the budget;
    and beyond the largest amount that is stored.
    """
    if line.number == CLOSE:
        return WorkedForecast(None, "at the close the outturn is the actual")
    if line.number == APPROVED_BUDGET and name != BUDGET:
        return WorkedForecast(None, "no month has passed yet")
    found = METHODS[name].work_out(line)
    if found.pence is not None and abs(found.pence) > LIMIT_PENCE:
        return WorkedForecast(None, BEYOND_LIMIT)
    return found


def profile_of_months(budget: int, months: Sequence[int], number: int) -> int | None:
    """Return the part of a budget that twelve monthly figures expect by the end of a month.

    The figures are amounts or percentages: only their proportions count, so that the profile
    follows the budget when virements change it. None where they add up to nil.
    """
    total = sum(months)
    return round_half_away(budget * sum(months[:number]), total) if total else None


def profile_of_last_year(budget: int, last: LastYear, number: int) -> Profile:
    """Return the part of a budget that last year's actuals expect by the end of a month.

    Last year must have spent from nothing to all of its outturn by then: a share beyond that would
    be no profile.
    """
    if last.to_date is None or last.outturn is None:
        return Profile(None, f"{NO_PROFILE}, and {last.missing}")
    sign = -1 if last.outturn < 0 else 1
    if last.outturn == 0 or not 0 <= sign * last.to_date <= sign * last.outturn:
        month = period_name(number).lower()
        return Profile(None, f"{NO_PROFILE}, and none in {last.label}’s actual of {month}")
    to_date = round_half_away(budget * last.to_date, last.outturn)
    return Profile(to_date, f"of {last.label}’s actuals")
