"""What the borrowing of the capital programme costs revenue, by the council's terms."""

from capital.calculations import add_given, difference, revenue_cost
from capital.report_rows import BORROWING, CapitalSection
from capital.report_section import section_of
from capital.settings_tables import financing_terms
from monitoring.reports.selectors.report_data import ReportData


def forecast_borrowing(section: CapitalSection) -> int | None:
    """Return the borrowing of the year by the forecast, or else by the revised budget, in pence."""
    rows = [row for row in section.funding if row.kind == BORROWING and row.reported]
    forecast = add_given(row.forecast for row in rows)
    return add_given(row.budget for row in rows) if forecast is None else forecast


def cost_increases(section: CapitalSection) -> int:
    """Return the sum of the increases of whole schemes, without those that cost less, in pence.

    A variations budget is no scheme and is left out.
    """
    variances = (
        difference(scheme.total_forecast, scheme.total_budget)
        for scheme in section.schemes
        if not scheme.is_variations
    )
    return sum(variance for variance in variances if variance is not None and variance > 0)


def cost_sentence(facts: ReportData) -> str:
    """Return what this year's borrowing costs revenue in its first full year; "" where not known.

    It is not known without the council's terms, or without borrowing.
    """
    terms, borrowed = financing_terms(facts.settings), forecast_borrowing(section_of(facts))
    if terms is None or not borrowed or borrowed < 0:
        return ""
    cost = revenue_cost(borrowed, terms.years, terms.rate_percent)
    words = facts.display("capital-funding").in_words
    return (
        f"Borrowing {words(borrowed)} this year costs revenue {words(cost)} in the first full "
        f"year, over {terms.years} years at {terms.rate_percent}% interest."
    )
