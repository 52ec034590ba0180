"""The published reports that a person may read, version by version, and the drafts."""

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils import timezone

from council_finance.accounts.models import User
from monitoring.odata.filter_evaluation import Row
from monitoring.odata.paging import Part, numbered_rows
from monitoring.open_data.selectors import readable_reports
from monitoring.published.models import Report
from monitoring.structure.models import FinancialYear, Period


def report_id(period: Period, version: int) -> str:
    """Return the id of a report: `2019-20/03/1`."""
    return f"{period.year.slug}/{period.number:02}/{version}"


def latest_ids(reports: Iterable[Report]) -> set[int]:
    """Return the primary keys of the latest version of each period; reports come in order."""
    return set({report.period_id: report.pk for report in reports}.values())


def report_parts(person: User, site: str) -> Sequence[Part]:
    """Return the reports as rows of `Reports`; `site` begins the addresses of their pages."""
    reports = readable_reports(person, every_version=True)
    latest = latest_ids(reports)
    years: dict[FinancialYear, list[Row]] = {}
    for report in reports:
        row = _build_row(report, report.pk in latest, site)
        years.setdefault(report.period.year, []).append(row)
    return [
        Part(year.slug, {"financial_year": year.label}, numbered_rows(rows))
        for year, rows in years.items()
    ]


def _build_row(report: Report, is_latest: bool, site: str) -> Row:
    period = report.period
    page = reverse("report", args=[period.year.start, period.number])
    return {
        "id": report_id(period, report.version),
        "council": period.year.council,
        "financial_year": period.year.label,
        "period": period.number,
        "period_name": period.name,
        "version": report.version,
        "latest": is_latest,
        "as_at": period.as_at,
        "published_on": timezone.localdate(report.published_at),
        "reason": report.reason or None,
        "address": f"{site}{page}?version={report.version}",
    }
