"""How is the year going? Its periods and reports."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from council_finance import registry
from monitoring.council_settings import read_settings
from monitoring.rights import may_see_drafts, may_upload
from monitoring.selectors.pages import next_period, period_rows
from monitoring.selectors.reports import years


def home(request: HttpRequest) -> HttpResponse:
    """The latest year, or what to do where there is none."""
    latest = years().first()
    if latest is None:
        return render(request, "monitoring/empty.html")
    return _year_page(request, latest)


def year(request: HttpRequest, start: int) -> HttpResponse:
    """One year."""
    return _year_page(request, get_object_or_404(years(), start=start))


def _year_page(request: HttpRequest, year) -> HttpResponse:
    context = {
        "year": year,
        "council": year.council,
        "years": years(),
        "rows": period_rows(year, with_drafts=may_see_drafts(request.user)),
        "next_period": next_period(year),
        "unit": read_settings(year.settings).display.unit_label,
        "may_upload": may_upload(request.user),
        "year_kinds": [kind.label for kind in registry.upload_kinds() if not kind.per_period],
        "nav_section": "home",
    }
    return render(request, "monitoring/year.html", context)
