"""Budget and forecast of the whole council by subjective, by the accounts as they are matched now.

Entering an account shows it before and after the change.
"""

from council_finance.statements import Cell, Column, Row, Statement
from council_finance.statements.model import BLANK
from monitoring.models import FinancialYear, Period
from monitoring.reports.selectors.report_data import draft_data
from monitoring.reports.selectors.year_data import current_year_data
from planning.subjectives.monitoring import NOT_ANALYSED, SubjectiveAmounts, add_up_lines
from planning.subjectives.monitoring_table import read_line_amounts
from planning.subjectives.selectors import account_rules_of, subjectives_of


def account_totals(year: FinancialYear) -> Statement | None:
    """Return the totals by subjective of the last period that has figures; None without any."""
    periods = Period.objects.filter(year=year, batch__isnull=False).select_related("batch")
    period = periods.order_by("number").last()
    if period is None:
        return None
    facts = current_year_data(year)
    display = facts.display("budget-by-subjective")
    columns = ("budget", "Current budget"), ("forecast", "Forecast")
    return Statement(
        name="budget-by-account",
        title=f"Budget and forecast by subjective, {period.name.lower()}",
        header=facts.header,
        display=display,
        columns=tuple(Column(key, label, display.unit_label) for key, label in columns),
        rows=tuple(
            Row(
                code,
                label,
                "line",
                {
                    "budget": Cell.of_amount(each.budget, display),
                    "forecast": BLANK
                    if each.forecast is None
                    else Cell.of_amount(each.forecast, display),
                },
            )
            for code, label, each in _list_amounts(period)
        ),
        row_heading="Subjective",
    )


def _list_amounts(period: Period) -> list[tuple[str, str, SubjectiveAmounts]]:
    """Return code, name and amounts of each subjective, and of what is not analysed."""
    rules = [(each.account, each.subjective.code) for each in account_rules_of(period.year)]
    positions = draft_data(period).positions
    lines = read_line_amounts(period.year, positions, lambda service: "")
    found = {code: each for (_, code), each in add_up_lines(lines, rules).items()}
    names = [(each.code, each.name) for each in subjectives_of(period.year)]
    return [
        (code, name, found.get(code, SubjectiveAmounts()))
        for code, name in (*names, (NOT_ANALYSED, "Not analysed"))
    ]
