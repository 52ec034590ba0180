"""Parts that the pages of uploads share: their context and the addresses that they link to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from council_finance import registry

if TYPE_CHECKING:
    from monitoring.structure.models import FinancialYear, Period, Service


def year_context(year: FinancialYear, period: Period | None) -> dict[str, Any]:
    """Return what every page of an upload says of its year and period."""
    return {"year": year, "period": period, "council": year.council, "nav_section": "home"}


def upload_address(year: FinancialYear, period: Period | None) -> str:
    """Return the address of the upload page of a period, or of the whole year."""
    if period is None:
        return reverse("upload-for-year", args=[year.start])
    return reverse("upload-for-period", args=[year.start, period.number])


def kind_address(
    name: str,
    kind: registry.AnyKind,
    year: FinancialYear,
    period: Period | None,
    scope: Service | None,
    *more: str,
) -> str:
    """Return the address of a page about a kind of file, for its year or for a period."""
    if period is None:
        return reverse(f"{name}-year", args=[year.start, kind.name, *more])
    address = reverse(f"{name}-period", args=[year.start, period.number, kind.name, *more])
    return f"{address}?{urlencode({'scope': scope.code})}" if scope else address


def template_links(
    kind: registry.AnyKind, year: FinancialYear, period: Period | None, scope: Service | None
) -> list[tuple[str, str]]:
    """Return format and address of each template of a kind of file."""
    return [
        (label, kind_address("upload-template", kind, year, period, scope, format_name))
        for format_name, label in (("xlsx", "Excel workbook (XLSX)"), ("csv", "CSV"))
    ]
