"""The period whose work is due, the drafts not yet published, and the latest report."""

from collections.abc import Collection

from django.db.models import QuerySet

from council_finance.one_reading import once_for_each
from council_finance.prepared import prepared
from monitoring.published.models import Report
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.selectors.pages import next_period
from monitoring.reports.selectors.report_data import ReportData, published_data
from monitoring.structure.models import FinancialYear, Period
from monitoring.structure.selectors.calendar import (
    calendar_of,
    calendars_of,
    periods_with_ids,
)


def due_period(year: FinancialYear, following: Period | None) -> Period | None:
    """Return the next period; while that has no figures, a reopened one where there is one."""
    found = open_periods(year)
    if following is None or following.batch_id is None:
        following = next((each for each in found if each.batch_id is not None), following)
    return next((each for each in found if each == following), None)


def open_periods(year: FinancialYear) -> list[Period]:
    """Return the periods in which work is due: the next one, and drafts not published yet."""
    return open_periods_of([year])[year]


@once_for_each
def open_periods_of(years: Collection[FinancialYear]) -> dict[FinancialYear, list[Period]]:
    """Return the periods in which work is due of several years, by one query."""
    calendars_of(years)  # Read at once what is asked of each year below.
    due = {
        each.pk
        for year in years
        for each in (next_period(year), *waiting_drafts(year))
        if each is not None
    }
    found: dict[FinancialYear, list[Period]] = {year: [] for year in years}
    for period in periods_with_ids(*due) if due else ():
        found[period.year].append(period)
    return found


def waiting_drafts(year: FinancialYear) -> list[Period]:
    """Return open periods with figures that may be published, in their order, with their year."""
    calendar, following = calendar_of(year), next_period(year)
    return [
        each
        for each in calendar.periods
        if not each.is_published
        and each.batch_id is not None
        and (
            each.number in calendar.versions
            or (following is not None and each.number >= following.number)
        )
    ]


def latest_data(year: FinancialYear | None = None) -> ReportData | None:
    """Return the latest published report of a year, or of the latest year that has one."""
    found = _latest_reports(*([] if year is None else [year.pk]))
    return published_data(found[0]) if found else None


@prepared
def _latest_reports(*year_ids: int) -> QuerySet[Report]:
    """Return the latest report of these years, or of all where none are given."""
    reports = Report.objects.order_by("-period__year__start", "-period__number", "-version")
    if year_ids:
        reports = reports.filter(period__year__in=year_ids)
    return reports.select_related("period__year", "published_by")[:1]


def published_labels(year: FinancialYear) -> dict[int, str]:
    """Return the names of services in the year's latest report, by their ids."""
    latest = _latest_reports(year.pk)
    return {row.service: row.label for row in frozen_of(latest[0]).rows} if latest else {}
