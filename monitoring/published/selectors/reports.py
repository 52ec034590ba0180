"""Published reports of a period, and the report before it."""

from django.db.models import QuerySet

from council_finance.prepared import prepared
from monitoring.published.models import Report
from monitoring.structure.models import Period


def previous_report(period: Period) -> Report | None:
    """Return the latest published report before the period in its year, in its latest version.

    Reports without any figures of the ledger are passed over: nothing can be compared with them.
    """
    return next(iter(_reports_before(period.year_id, period.number)), None)


@prepared
def _reports_before(year_id: int, number: int) -> QuerySet[Report]:
    reports = Report.objects.filter(
        period__year=year_id, period__number__lt=number, batch__upload__isnull=False
    )
    return reports.select_related("period").order_by("-period__number", "-version")[:1]


def report_versions(period: Period) -> QuerySet[Report]:
    """Return every published version of a period's report, in order."""
    return Report.objects.filter(period=period).select_related("period__year").order_by("version")


def latest_report(period: Period) -> Report | None:
    """Return the newest published version of a period's report."""
    found = _latest_reports(period.pk)
    for report in found:
        report.period = period
    return found[0] if found else None


@prepared
def _latest_reports(period_id: int) -> QuerySet[Report]:
    return Report.objects.filter(period=period_id).order_by("-version")[:1]
