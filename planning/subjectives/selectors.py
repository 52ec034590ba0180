"""The subjectives, rules for accounts and estimates that are stored for a year."""

from monitoring.models import BudgetLine, FinancialYear
from planning.subjectives.models import AccountRule, Estimate, Subjective


def subjectives_of(year: FinancialYear) -> list[Subjective]:
    """Return the year's subjectives in their order."""
    found = Subjective.objects.filter(year=year)
    return sorted(found, key=lambda each: (each.order, each.code))


def account_rules_of(year: FinancialYear) -> list[AccountRule]:
    """Return the year's rules for accounts by account."""
    found = AccountRule.objects.filter(year=year).select_related("subjective")
    return sorted(found, key=lambda each: each.account)


def estimates_of(year: FinancialYear) -> list[Estimate]:
    """Return the estimates that the year holds, by year and service."""
    found = Estimate.objects.filter(year=year).select_related("service", "subjective")
    return sorted(
        found,
        key=lambda each: (
            each.financial_year,
            each.service.order,
            each.service.code,
            each.subjective.order,
            each.step,
        ),
    )


def accounts_of_lines(year: FinancialYear) -> dict[int, str]:
    """Return the account of each of the year's budget lines by the line's id."""
    return dict(BudgetLine.objects.filter(year=year).order_by().values_list("pk", "account"))
