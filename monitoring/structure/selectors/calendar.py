"""A year's periods and the published versions of each, read once for a page."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import Max, Q, QuerySet
from django.http import Http404

from council_finance.errors import Refused
from council_finance.one_reading import once_a_reading, once_for_each
from council_finance.periods import CLOSE
from council_finance.prepared import prepared
from monitoring.structure.models import FinancialYear, Period, PeriodState


class Calendar(NamedTuple):
    """A year's periods in their order, and the last version published of each by its number.

    A period of which nothing was published has no version. `own_figures` are the last versions
    with figures of their own: a redacted one repeats those of an earlier version.
    """

    periods: tuple[Period, ...]
    versions: dict[int, int]
    own_figures: dict[int, int]

    def last_version(self, number: int) -> int:
        """Return the last version of a period's report; 0 where there is none."""
        return self.versions.get(number, 0)

    def has_newer_figures(self, number: int, version: int) -> bool:
        """Return whether a later version of a period's report has other figures than this one."""
        return self.own_figures.get(number, 0) > version

    def readable(self, *, with_drafts: bool) -> list[Period]:
        """Return periods with a published report or, `with_drafts`, with any figures."""
        return [
            period
            for period in self.periods
            if period.number in self.versions or (with_drafts and period.batch_id is not None)
        ]

    def last_readable(self, *, with_drafts: bool) -> Period | None:
        """Return the last period that can be read."""
        return next(reversed(self.readable(with_drafts=with_drafts)), None)


def calendar_of(year: FinancialYear) -> Calendar:
    """Return the year's calendar, by one query however many reports there are."""
    return calendars_of([year])[year]


@once_for_each
def calendars_of(years: Collection[FinancialYear]) -> dict[FinancialYear, Calendar]:
    """Return the calendars of several years, by one query."""
    by_id = {year.pk: year for year in years}
    found: dict[FinancialYear, list[Any]] = {year: [] for year in years}
    for each in _periods_with_versions(*by_id):
        each.year = by_id[each.year_id]
        found[each.year].append(each)
    return {year: _build_calendar(periods) for year, periods in found.items()}


def _build_calendar(periods: list[Any]) -> Calendar:
    """Return the calendar of periods with `last` and `last_own`, the versions published of each."""
    published = [each for each in periods if each.last is not None]
    return Calendar(
        tuple(periods),
        {each.number: each.last for each in published},
        {each.number: each.last_own for each in published},
    )


@prepared
def _periods_with_versions(*year_ids: int) -> QuerySet[Any, Any]:
    """Return the periods of years in their order, with `last` and `last_own` versions of each."""
    own = Q(reports__redaction_of__isnull=True)
    return (
        Period.objects.filter(year__in=year_ids)
        .annotate(last=Max("reports__version"), last_own=Max("reports__version", filter=own))
        .order_by("number")
    )


def earlier_period(period: Period) -> Period | None:
    """Return the nearest earlier period of the year that has figures of the ledger."""
    earlier = Period.objects.filter(
        year=period.year, number__lt=period.number, batch__upload__isnull=False
    )
    return earlier.select_related("batch").order_by("-number").first()


def years() -> QuerySet[FinancialYear]:
    """Return every year, the latest first."""
    return FinancialYear.objects.order_by("-start")


@prepared
def all_years() -> QuerySet[FinancialYear]:
    """Return the rows of `years`."""
    return years()


@once_a_reading
def open_years() -> list[FinancialYear]:
    """Return the years whose close is not published, or was reopened; the earliest first."""
    return _open_years()


@prepared
def _open_years() -> QuerySet[FinancialYear]:
    closed = Period.objects.filter(number=CLOSE, state=PeriodState.PUBLISHED)
    kept = FinancialYear.objects.filter(archived_at__isnull=True)
    return kept.exclude(pk__in=closed.values("year")).order_by("start")


@prepared
def periods_with_ids(*ids: int) -> QuerySet[Period]:
    """Return the periods with these ids in the order of their numbers, as `periods` does."""
    return periods().filter(pk__in=ids).order_by("number")


def periods() -> QuerySet[Period]:
    """Return every period, with the rows that its pages need."""
    # The manager that leaves out the frozen data does not work through a relation.
    found = Period.objects.select_related("year", "batch", "compared_with__period")
    return found.defer("compared_with__frozen", "compared_with__line_services")


def period_or_404(start: int, number: int) -> Period:
    """Return the period that a page's address names, with the rows that its pages need."""
    found = _periods_at(start, number)
    if not found:
        raise Http404("There is no such period.")
    return found[0]


@prepared
def _periods_at(start: int, number: int) -> QuerySet[Period]:
    return periods().filter(year__start=start, number=number)


def periods_alone() -> QuerySet[Period]:
    """Return every period with its year alone, for pages that compare it with no report.

    SQLite reads past the frozen data of a report: 1.3 ms with a large capital programme.
    """
    return Period.objects.select_related("year")


def find_year(start: int) -> FinancialYear:
    """Return the year that begins in `start`. Raise `Refused` with the years there are."""
    year = FinancialYear.objects.filter(start=start).first()
    if year is None:
        known = ", ".join(year.label for year in FinancialYear.objects.all()) or "none yet"
        raise Refused(f"There is no such financial year; the years are: {known}.")
    return year


def find_period(start: int, number: int) -> Period:
    """Return a period of the year that begins in `start`. Raise `Refused` where there is none."""
    year = find_year(start)
    period = periods().filter(year=year, number=number).first()
    if period is None:
        raise Refused(f"There is no period {number}; periods are numbered 0 to 13.")
    return period


def published_message(period: Period) -> str:
    """Return the sentence that refuses any change of a published period."""
    return f"{period} is published and its figures are frozen. Reopen it first, with a reason."
