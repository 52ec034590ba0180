"""Years, periods and reports as the API describes them, with the addresses of their parts."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from council_finance.periods import as_at, financial_year_slug, period_name
from monitoring.api.selectors import DRAFT, LATEST
from monitoring.published.models import Report
from monitoring.reports.selectors.report_data import ReportData, has_draft
from monitoring.structure.models import FinancialYear, Period
from monitoring.structure.selectors.calendar import Calendar


def address_of(request: HttpRequest, name: str, *place: object) -> str:
    """Return the whole address of an operation, by the name of its path."""
    return request.build_absolute_uri(reverse(name, args=place))


def place_of(facts: ReportData) -> tuple[int, int, str]:
    """Return year, period and version of a report as its address has them."""
    version = DRAFT if facts.report is None else str(facts.version)
    return facts.period.year.start, facts.period.number, version


def describe_year(request: HttpRequest, year: FinancialYear) -> dict[str, Any]:
    """Return a financial year."""
    return {
        "year": year.slug,
        "label": year.label,
        "council": year.council,
        "is_archived": year.is_archived,
        "periods": address_of(request, "api-periods", year.start),
    }


def describe_period(
    request: HttpRequest, period: Period, calendar: Calendar, *, sees_drafts: bool
) -> dict[str, Any]:
    """Return a period, with its draft for those who see drafts only."""
    version = calendar.last_version(period.number) or None
    place = period.year.start, period.number
    draft = sees_drafts and has_draft(period)
    return {
        "period": period.number,
        "name": period_name(period.number),
        "as_at": as_at(*place).isoformat(),
        "version": version,
        "report": address_of(request, "api-report", *place, LATEST) if version else None,
        "draft": address_of(request, "api-report", *place, DRAFT) if draft else None,
    }


def describe_listed(
    request: HttpRequest, last_versions: Mapping[int, int], report: Report
) -> dict[str, Any]:
    """Return a published report as the list has it."""
    is_latest = last_versions[report.period_id] == report.version
    return _describe_published(request, report) | {"is_latest": is_latest}


def describe_report(request: HttpRequest, facts: ReportData) -> dict[str, Any]:
    """Return a published report or a draft, with the council's name as it bears it."""
    if facts.report is not None:
        described = _describe_published(request, facts.report)
    else:
        described = _describe_version(request, facts.period, DRAFT) | {
            "version": facts.version,
            "status": facts.status,
            "published_at": None,
            "is_redacted": False,
        }
    is_latest = facts.report is not None and not facts.has_newer_version
    return described | {"is_latest": is_latest, "council": facts.header.council}


def _describe_published(request: HttpRequest, report: Report) -> dict[str, Any]:
    return _describe_version(request, report.period, str(report.version)) | {
        "version": report.version,
        "status": "published",
        "published_at": report.published_at.isoformat(),
        "is_redacted": report.is_redaction,
    }


def _describe_version(request: HttpRequest, period: Period, version: str) -> dict[str, Any]:
    place = period.year.start, period.number, version
    return {
        "year": financial_year_slug(period.year.start),
        "period": period.number,
        "name": period_name(period.number),
        "as_at": as_at(period.year.start, period.number).isoformat(),
        "url": address_of(request, "api-report", *place),
        "statements": address_of(request, "api-statements", *place),
        "services": address_of(request, "api-services", *place),
    }
