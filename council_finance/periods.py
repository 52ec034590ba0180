"""Financial years and reporting periods. Pure: no Django, no clock.

The year runs 1 April to 31 March. Periods 1 (April) to 12 (March), then 13, the close;
period 0 is the budget as approved.
"""

import calendar
import datetime
import re

APPROVED_BUDGET = 0
CLOSE = 13
PERIODS = range(APPROVED_BUDGET, CLOSE + 1)

YEARS = range(1974, 2200)
"""Years that are accepted: today's councils were founded in 1974."""

_YEAR = re.compile(r"(?P<start>\d{4})[/-](?P<end>\d{2})")


class NotAYear(ValueError):
    """A text that is not a financial year; the message says how to write one."""


def parse_financial_year(text: str) -> int:
    """Return the calendar year in which `2019/20` or `2019-20` begins. Raise `NotAYear`."""
    match = _YEAR.fullmatch(text.strip())
    if match is None or (int(match["start"]) + 1) % 100 != int(match["end"]):
        raise NotAYear(f"“{text}” is not a financial year; write it as 2019/20.")
    if int(match["start"]) not in YEARS:
        raise NotAYear(f"“{text}” is not a financial year between {YEARS[0]} and {YEARS[-1]}.")
    return int(match["start"])


def financial_year_label(start: int) -> str:
    """Return `2019/20` for 2019."""
    return f"{start}/{(start + 1) % 100:02d}"


def financial_year_slug(start: int) -> str:
    """Return `2019-20` for 2019, as addresses have it."""
    return financial_year_label(start).replace("/", "-")


def as_at(start: int, period: int) -> datetime.date:
    """Return the date of a period's figures: the month's end, 31 March for 12 and 13.

    The approved budget (period 0) is as at 1 April.
    """
    if period == APPROVED_BUDGET:
        return datetime.date(start, 4, 1)
    month = (min(period, 12) + 2) % 12 + 1
    year = start if month >= 4 else start + 1
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


def period_name(period: int) -> str:
    """Return `Month 3`, `Close` or `Approved budget`, as headings begin."""
    return {APPROVED_BUDGET: "Approved budget", CLOSE: "Close"}.get(period, f"Month {period}")


def month_name(start: int, period: int) -> str:
    """Return `June 2019` for month 3 of 2019/20; `Outturn 2019/20` for the close.

    For the approved budget it is the year alone, as pages print it after the period's name.
    """
    if period == CLOSE:
        return f"Outturn {financial_year_label(start)}"
    if period == APPROVED_BUDGET:
        return financial_year_label(start)
    return f"{as_at(start, period):%B %Y}"


def long_date(date: datetime.date) -> str:
    """Return a date as `30 June 2019`."""
    return f"{date.day} {date:%B %Y}"
