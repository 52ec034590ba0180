"""Deleting what is entered no longer: files add to subjectives, accounts and years of estimates."""

from collections.abc import Mapping, Sequence
from typing import Any

from council_finance.errors import Refused
from monitoring.models import FinancialYear
from planning.subjectives.models import AccountRule, Estimate, Subjective
from planning.upload_checks import read_year

Rows = Sequence[Mapping[str, Any]]


def keep_subjectives(year: FinancialYear, rows: Rows) -> None:
    """Delete the subjectives that are not among the rows.

    Raise `Refused` where an account or an estimate names one of them.
    """
    codes = [row["code"] for row in rows]
    others = Subjective.objects.filter(year=year).exclude(code__in=codes)
    messages = [words for each in others if (words := _describe_use(each))]
    if messages:
        raise Refused(*messages)
    others.delete()


def _describe_use(subjective: Subjective) -> str:
    """Return why a subjective cannot be deleted; empty where nothing names it."""
    counts = (
        (subjective.accounts.count(), "account"),
        (subjective.estimates.count(), "estimate"),
    )
    used = [f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count]
    if not used:
        return ""
    return (
        f"The code {subjective.code} stays as it is: {' and '.join(used)} of this year "
        f"{'names' if used[0].startswith('1 ') and len(used) == 1 else 'name'} it. "
        "Give them another subjective first."
    )


def keep_accounts(year: FinancialYear, rows: Rows) -> None:
    """Delete the accounts that are not among the rows."""
    accounts = [row["account"] for row in rows]
    AccountRule.objects.filter(year=year).exclude(account__in=accounts).delete()


def keep_estimates(year: FinancialYear, rows: Rows) -> None:
    """Delete the estimates of financial years that have none among the rows."""
    years = {read_year(str(row["financial_year"])) for row in rows}
    Estimate.objects.filter(year=year).exclude(financial_year__in=years).delete()
