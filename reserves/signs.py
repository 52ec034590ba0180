"""The warning sign of reserves that fall year after year."""

from dataclasses import dataclass
from typing import Any

from council_finance.periods import financial_year_label
from council_finance.registry import Finding, SignState, warning_sign
from monitoring.models import Report
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.selectors.report_data import ReportData
from reserves.overview import ReservesOverview
from reserves.report_rows import EARMARKED, GENERAL_FUND, ReservesSection
from reserves.report_section import NAME
from reserves.sign_settings import reserve_signs

_REVENUE = (GENERAL_FUND, EARMARKED)


@dataclass(frozen=True)
class YearOfReserves:
    """Revenue reserves at the start of a year, and the planned use in its last report, in pence.

    `planned_use` is negative where reserves pay for spending.
    """

    start: int
    opening: int
    planned_use: int


@warning_sign(
    "reserves-falling",
    title="Reserves fall year after year and balance the budget",
    rule="General Fund and earmarked reserves together fall in each of several years running, this "
    "year’s forecast included, and in each of them planned use of reserves pays for spending or an "
    "overspend falls on the General Fund.",
    after="savings-against-headroom",
)
def reserves_falling(facts: ReportData) -> Finding:
    """Judge the openings of this year and of the years before, and this year's closing balance."""
    years = reserve_signs(facts.settings).reserves_falling_years
    threshold = f"{years} years running"
    overview = ReservesOverview(facts)
    if not overview.of_kinds(*_REVENUE):
        missing = "No reserves have been brought in."
        return Finding(SignState.NOT_JUDGED, "Reserves are not known.", threshold, missing)
    closing = overview.total_of(*_REVENUE).closing + overview.effect
    known = [_this_year(facts, overview), *_years_before(facts, years - 1)]
    ends = [closing, *(each.opening for each in known[:-1])]
    falls = [
        end < year.opening and (year.planned_use < 0) for year, end in zip(known, ends, strict=True)
    ]
    words = overview.display.in_words
    steps = ", ".join(
        f"{words(each.opening)} at the start of {financial_year_label(each.start)}"
        for each in reversed(known)
    )
    figure = f"General Fund and earmarked reserves: {steps}, {words(closing)} forecast at its end."
    if all(falls) and len(known) < years:
        lacking = years - len(known)
        missing = f"{lacking} more year{'s' if lacking > 1 else ''} of published reserves."
        return Finding(SignState.NOT_JUDGED, figure, threshold, missing)
    return Finding(_state_of(all(falls)), figure, threshold)


def _state_of(shown: bool) -> SignState:
    return SignState.SHOWN if shown else SignState.NOT_SHOWN


def _this_year(facts: ReportData, overview: ReservesOverview) -> YearOfReserves:
    opening = sum(each.opening for each in overview.of_kinds(*_REVENUE))
    planned = facts.top.use_of_reserves + min(overview.effect, 0)
    return YearOfReserves(facts.period.year.start, opening, planned)


def _years_before(facts: ReportData, years: int) -> list[YearOfReserves]:
    """Return the years before that published reserves, the latest first, up to the first gap."""
    found: list[YearOfReserves] = []
    for start in range(facts.period.year.start - 1, facts.period.year.start - 1 - years, -1):
        reports = Report.objects.filter(period__year__start=start)
        last = reports.order_by("-period__number", "-version").first()
        year = None if last is None else _read_year(start, frozen_of(last))
        if year is None:
            break
        found.append(year)
    return found


def _read_year(start: int, frozen: Any) -> YearOfReserves | None:
    """Return a year as its last report published it; None where that had no reserves."""
    reserves = ReservesSection(frozen.get("parts", {}).get(NAME)).of_kinds(*_REVENUE)
    if not reserves:
        return None
    top = frozen.rows[0]
    planned = top.use_of_reserves - max(top.net_variance or 0, 0)
    return YearOfReserves(start, sum(each.opening for each in reserves), planned)
