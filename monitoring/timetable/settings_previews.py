"""The preview of another timetable: the dates of the year, and the days that do not count."""

import datetime

from council_finance.periods import APPROVED_BUDGET, CLOSE, month_name, period_name
from council_finance.registry import PreviewTable, SettingsPreview, registered_steps, year_preview
from monitoring.timetable.bank_holidays import england_bank_holidays
from monitoring.timetable.calculations import Timetable, due_dates_of
from monitoring.timetable.settings_tables import NAME

_PERIODS = (*range(APPROVED_BUDGET + 1, CLOSE + 1), APPROVED_BUDGET)


@year_preview(NAME)
def preview_dates(start: int, value: Timetable) -> SettingsPreview:
    """List the day of each step in every period, and the closed weekdays of the year."""
    dates = {
        number: due_dates_of(start, number, value, england_bank_holidays) for number in _PERIODS
    }
    steps = [name for name in registered_steps() if any(name in each for each in dates.values())]
    closed = _list_closed_days(start, value)
    if not steps:
        return SettingsPreview(("No step has a date.",), (closed,))
    return SettingsPreview((), (_list_dates(start, dates, steps), closed))


def _list_dates(
    start: int, dates: dict[int, dict[str, datetime.date]], steps: list[str]
) -> PreviewTable:
    titles = registered_steps()
    rows = tuple(
        (
            _name_period(start, number),
            *(_short_date(each[step]) if step in each else "–" for step in steps),
        )
        for number, each in dates.items()
        if each
    )
    return PreviewTable(
        "Dates of the year", ("Period", *(titles[step].title for step in steps)), rows
    )


def _name_period(start: int, number: int) -> str:
    if number in (APPROVED_BUDGET, CLOSE):
        return period_name(number)
    return f"{period_name(number)}, {month_name(start, number)}"


def _list_closed_days(start: int, timetable: Timetable) -> PreviewTable:
    """Return the weekdays on which nothing is due, from April until the close is due."""
    days = {
        **england_bank_holidays(start),
        **england_bank_holidays(start + 1),
        **timetable.closed,
    }
    first, last = datetime.date(start, 4, 1), datetime.date(start + 1, 9, 30)
    rows = tuple(
        (_short_date(day), days[day])
        for day in sorted(days)
        if first <= day <= last and day.weekday() < 5
    )
    return PreviewTable("Weekdays that do not count", ("Day", "Name"), rows)


def _short_date(day: datetime.date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"
