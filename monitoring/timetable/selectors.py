"""The days by which the steps of a period are due."""

import datetime

from monitoring.structure.council_settings import CouncilSettings, read_settings
from monitoring.structure.models import Period
from monitoring.timetable.bank_holidays import england_bank_holidays
from monitoring.timetable.calculations import Timetable, due_dates_of
from monitoring.timetable.settings_tables import NAME


def timetable_of(settings: CouncilSettings) -> Timetable:
    """Return the timetable of a council's settings."""
    timetable: Timetable = settings.of_apps[NAME]
    return timetable


def due_dates(period: Period, settings: CouncilSettings | None = None) -> dict[str, datetime.date]:
    """Return the day by which each step of a period is due, by the name of the step.

    Steps without a day are left out. `settings` are the year's, where they have been read already.
    """
    settings = settings or read_settings(period.year.settings)
    return due_dates_in(period.year.start, period.number, settings)


def due_dates_in(start: int, number: int, settings: CouncilSettings) -> dict[str, datetime.date]:
    """Return the same for the period of that number in the year that begins in `start`."""
    return due_dates_of(start, number, timetable_of(settings), england_bank_holidays)
