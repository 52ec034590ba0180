"""How much of earlier years' capital budgets was rephased, by their published closes."""

from dataclasses import dataclass

from capital.published_schemes import rephasing_of_closes
from council_finance.periods import financial_year_label
from council_finance.statements import Display
from monitoring.reports.selectors.report_data import ReportData


@dataclass(frozen=True)
class ClosedYear:
    """The schemes of a year that closed, in pence; what moves to later years is negative.

    `budget` is the revised budget at the close before changes of kind rephasing. `in_year` is what
    these changes moved, `at_close` what the reasons at the close name as rephasing.
    """

    start: int
    budget: int
    in_year: int
    at_close: int

    @property
    def rephased(self) -> int:
        """Return the sum of what was rephased in the year and at its close."""
        return self.in_year + self.at_close


@dataclass(frozen=True)
class PrintedYear:
    """A year that closed, as printed."""

    year: str
    budget: str
    in_year: str
    at_close: str
    rephased: str
    share: str


@dataclass(frozen=True)
class PastSlippage:
    """A sentence about earlier years, and a row for each."""

    sentence: str
    rows: list[PrintedYear]


def past_slippage(facts: ReportData, display: Display) -> PastSlippage | None:
    """Return how much of the budgets of earlier years was rephased; None without such years."""
    years = [year for year in closed_years(facts.period.year.start) if year.budget > 0]
    if not years:
        return None
    budget, rephased = sum(each.budget for each in years), sum(each.rephased for each in years)
    moved = "was rephased to other years" if rephased <= 0 else "was brought forward"
    share = display.percent(abs(rephased), budget)
    of = (
        f"in {_label_year(years[0])}"
        if len(years) == 1
        else f"in the {len(years)} years that closed"
    )
    sentence = f"Of the schemes’ budgets {of}, {share} {moved}."
    return PastSlippage(sentence, [_print_year(each, display) for each in years])


def closed_years(before: int) -> list[ClosedYear]:
    """Return the earlier years whose published close has a programme, the first year first."""
    return [
        ClosedYear(start, row.budget_pence, row.in_year_pence, row.at_close_pence)
        for start, row in rephasing_of_closes(before=before).items()
    ]


def _label_year(year: ClosedYear) -> str:
    return financial_year_label(year.start)


def _print_year(year: ClosedYear, display: Display) -> PrintedYear:
    return PrintedYear(
        year=_label_year(year),
        budget=display.amount(year.budget),
        in_year=display.amount(year.in_year),
        at_close=display.amount(year.at_close),
        rephased=display.amount(year.rephased),
        share=display.percent(abs(year.rephased), year.budget),
    )
