"""The days by which the steps of a period are due. Pure."""

import datetime
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field

from council_finance.periods import APPROVED_BUDGET, CLOSE, as_at

_SATURDAY = 5
_DAY = datetime.timedelta(days=1)

Holidays = Callable[[int], Mapping[datetime.date, str]]
"""A function that returns the names of a calendar year's bank holidays by their dates."""


@dataclass(frozen=True)
class Timetable:
    """A council's timetable: working days after the end of the month, by the name of the step.

    The close counts from 31 March and the approved budget from 1 April. A step that is not named
    has no day. `closed` are the names of the days on which the council is closed beside weekends
    and bank holidays.
    """

    months: Mapping[str, int] = field(default_factory=dict)
    close: Mapping[str, int] = field(default_factory=dict)
    approved_budget: Mapping[str, int] = field(default_factory=dict)
    closed: Mapping[datetime.date, str] = field(default_factory=dict)

    def days_of(self, number: int) -> Mapping[str, int]:
        """Return the working days by step for a period of this number."""
        if number == APPROVED_BUDGET:
            return self.approved_budget
        return self.close if number == CLOSE else self.months


def is_working_day(day: datetime.date, *, closed: Container[datetime.date]) -> bool:
    """Return whether a day is from Monday to Friday and not closed."""
    return day.weekday() < _SATURDAY and day not in closed


def working_day_after(
    start: datetime.date, days: int, *, closed: Container[datetime.date]
) -> datetime.date:
    """Return the working day that comes `days` working days after a day.

    The next working day after it is the first. With 0 it is the day itself, or the next working
    day where it is none.
    """
    found = start
    if days == 0:
        while not is_working_day(found, closed=closed):
            found += _DAY
    while days:
        found += _DAY
        days -= is_working_day(found, closed=closed)
    return found


def clear_days(notice: datetime.date, meeting: datetime.date) -> int:
    """Return the days between a notice and a meeting, without the day of either."""
    return max((meeting - notice).days - 1, 0)


def clear_working_days(
    notice: datetime.date, meeting: datetime.date, *, closed: Container[datetime.date]
) -> int:
    """Return the working days between a notice and a meeting, without the day of either."""
    days = (notice + place * _DAY for place in range(1, (meeting - notice).days))
    return sum(is_working_day(day, closed=closed) for day in days)


def due_dates_of(
    start: int, number: int, timetable: Timetable, holidays: Holidays
) -> dict[str, datetime.date]:
    """Return the day by which each step is due in a period of the year that begins in `start`.

    A step without a day in the timetable is left out.
    """
    end = as_at(start, number)
    closed = {**holidays(end.year), **holidays(end.year + 1), **timetable.closed}
    return {
        step: working_day_after(end, days, closed=closed)
        for step, days in timetable.days_of(number).items()
    }
