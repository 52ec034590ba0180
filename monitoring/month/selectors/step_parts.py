"""What the steps of a month share: who does the work, links, and words."""

import datetime

from django.utils.timezone import localtime

from council_finance.accounts.models import Role
from council_finance.addresses import address_of
from monitoring.month.selectors.month import Month

OFFICERS = frozenset({Role.FINANCE_OFFICER})
UPLOADERS = frozenset({Role.FINANCE_OFFICER, Role.FINANCE_LEAD})
PUBLISHERS = frozenset({Role.FINANCE_LEAD})
AWAITING_FIGURES = ("Awaiting figures", "grey")
NOBODY = "Finance officers; nobody is assigned to it"


def month_url(name: str, month: Month, *more: str) -> str:
    """Return the address of a page of the month."""
    return address_of(name, month.period.year.start, month.period.number, *more)


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: `1 line`, `2,000 lines`."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def local_day(moment: datetime.datetime) -> datetime.date:
    """Return the day of a moment in the council's time zone."""
    return localtime(moment).date()
