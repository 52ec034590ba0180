"""Due days in words, as pages and mails say them. Pure."""

import datetime

from council_finance.periods import long_date


def describe_due_day(by: datetime.date, today: datetime.date) -> str:
    """Return when work is due: `due 8 July 2026`, `3 days late (due 8 July 2026)`."""
    late = (today - by).days
    if late > 0:
        days = "1 day" if late == 1 else f"{late:,} days"
        return f"{days} late (due {long_date(by)})"
    return "due today" if late == 0 else f"due {long_date(by)}"
