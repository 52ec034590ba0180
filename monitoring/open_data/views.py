"""Downloads of the flat table, and the open-data bundle of a report."""

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from council_finance.accounts.middleware import open_to_the_public
from council_finance.periods import financial_year_slug
from monitoring.open_data.bundle import CONTENT_TYPE, bundle_name, bundle_tag, make_bundle
from monitoring.open_data.flat_rows import flat_rows
from monitoring.open_data.responses import seal_of, table_response
from monitoring.open_data.selectors import published_data_of, readable_reports, readable_version
from monitoring.open_data.writers import TABLE_FORMATS, TableFormat
from monitoring.reports.report_access import asked_version, report_for
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.published.models import Report


@open_to_the_public
@require_safe
def report_figures(
    request: HttpRequest, start: int, number: int, format_name: str
) -> HttpResponseBase:
    """Return all figures of one report, or of the draft for those who may see it, as a table."""
    chosen = _find_format(format_name)
    facts = report_for(request, start, number)
    version = f"v{facts.version}" if facts.report else "draft"
    name = f"figures-{facts.period.year.slug}-{number:02d}-{version}"
    seal = seal_of([facts.report]) if facts.report else ""
    return table_response(request, flat_rows([facts]), chosen, name=name, seal=seal)


@open_to_the_public
@require_safe
def year_figures(request: HttpRequest, start: int, format_name: str) -> HttpResponseBase:
    """Return all published figures of a year as a table: of each period, its latest version."""
    reports = readable_reports(request.user, start=start)
    name = f"figures-{financial_year_slug(start)}"
    return _published_table(request, reports, _find_format(format_name), name)


@open_to_the_public
@require_safe
def all_figures(request: HttpRequest, format_name: str) -> HttpResponseBase:
    """Return all published figures of every year as a table."""
    reports = readable_reports(request.user)
    return _published_table(request, reports, _find_format(format_name), "figures")


@open_to_the_public
@require_safe
def report_bundle(request: HttpRequest, start: int, number: int) -> HttpResponseBase:
    """Return the open-data bundle of a published report: of a version, else of the latest."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    report = readable_version(request.user, period, asked_version(request))
    if report is None:
        raise Http404("No such report has been published.")
    tag = bundle_tag(report)
    if known := get_conditional_response(request, etag=tag):
        return known
    response = HttpResponse(make_bundle(report), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{bundle_name(report)}.zip"'
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


def _published_table(
    request: HttpRequest, reports: "list[Report]", chosen: TableFormat, name: str
) -> HttpResponseBase:
    if not reports:
        raise Http404("No report has been published.")
    rows = flat_rows(published_data_of(reports))
    return table_response(request, rows, chosen, name=name, seal=seal_of(reports))


def _find_format(name: str) -> TableFormat:
    if name not in TABLE_FORMATS:
        raise Http404("There is no such format.")
    return TABLE_FORMATS[name]
