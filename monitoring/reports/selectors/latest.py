"""The period whose work is due, the drafts not yet published, and the latest report."""

from django.db.models import Q, QuerySet

from council_finance.one_reading import once_a_reading
from monitoring.published.models import Report
from monitoring.reports.selectors.pages import next_period
from monitoring.reports.selectors.report_data import ReportData, published_data
from monitoring.structure.models import FinancialYear, Period, PeriodState
from monitoring.structure.selectors.calendar import periods


def due_period(year: FinancialYear, following: Period | None) -> Period | None:
    """Return the next period; while that has no figures, a reopened one where there is one."""
    found = open_periods(year)
    if following is None or following.batch_id is None:
        following = next((each for each in found if each.batch_id is not None), following)
    return next((each for each in found if each == following), None)


@once_a_reading
def open_periods(year: FinancialYear) -> list[Period]:
    """Return the periods in which work is due: the next one, and drafts not published yet."""
    following = next_period(year)
    drafts = _drafts_from(year, following).order_by().values("pk")
    is_open = Q(pk__in=drafts) | Q(pk=following.pk if following else None)
    return list(periods().filter(is_open, year=year).order_by("number"))


def _publishable_drafts(year: FinancialYear) -> QuerySet[Period]:
    """Return open periods with figures that may still be published, in their order."""
    return _drafts_from(year, next_period(year))


def _drafts_from(year: FinancialYear, last: Period | None) -> QuerySet[Period]:
    """Return the same; `last` is the first period after the latest published one."""
    reported = Report.objects.filter(period__year=year).values("period")
    open_ones = year.periods.filter(state=PeriodState.OPEN, batch__isnull=False)
    may_be = open_ones.filter(pk__in=reported)
    if last is not None:
        may_be |= open_ones.filter(number__gte=last.number)
    return may_be.order_by("number")


def waiting_drafts(year: FinancialYear) -> list[Period]:
    """Return the drafts that have not been published yet."""
    return list(_publishable_drafts(year))


def latest_data(year: FinancialYear | None = None) -> ReportData | None:
    """Return the latest published report of a year, or of the latest year that has one."""
    reports = Report.objects.order_by("-period__year__start", "-period__number", "-version")
    if year is not None:
        reports = reports.filter(period__year=year)
    report = reports.select_related("period__year", "published_by").first()
    return published_data(report) if report else None


def published_labels(year: FinancialYear) -> dict[int, str]:
    """Return the names of services in the year's latest report, by their ids."""
    facts = latest_data(year)
    return {node.service: node.label for node in facts.nodes} if facts else {}
