"""Pages that compare two reports and that search one."""

import csv
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance.csv_safe import harmless
from council_finance.forms.filters import Filter, filter_form
from council_finance.money import exact_pounds
from council_finance.sheets import rows_to_xlsx
from council_finance.statements.renderers import XLSX
from monitoring.people.rights import may_see_drafts, may_see_exempt_lines
from monitoring.people.selectors.years_under_way import years_under_way
from monitoring.reports.report_access import keep_for_readers, kept_as_published, readable_report
from monitoring.reports.selectors.compare import ComparedRow, Comparison, compare
from monitoring.reports.selectors.latest import due_period, latest_data
from monitoring.reports.selectors.pages import next_period
from monitoring.reports.selectors.report_choices import Choice, choices, find_pair
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.search import search as search_in

_LONGEST = 200
_FILE_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}


@require_safe
@kept_as_published
def comparison(request: HttpRequest) -> HttpResponse:
    """Show two published reports by service; the address names them."""
    found = _choices_of(request)
    pair = _chosen_pair(request, found)
    before, after = pair or (None, None)
    made = compare(*pair) if pair else None
    options = [(each.value, each.option) for each in found]
    context = {
        "filter": filter_form(
            Filter("from", "From", before.value if before else "", options),
            Filter("to", "To", after.value if after else "", options),
        ),
        "comparison": made,
        "rows": [(row, _service_address(made, row)) for row in made.rows] if made else [],
        "query": urlencode({"from": before.value, "to": after.value}) if before and after else "",
        "nav_section": "compare",
    }
    return keep_for_readers(request, render(request, "monitoring/compare.html", context))


@require_safe
@kept_as_published
def comparison_file(request: HttpRequest, format_name: str) -> HttpResponse:
    """Download the comparison that the address names, exact in pounds and pence."""
    pair = _chosen_pair(request, _choices_of(request))
    if pair is None or format_name not in _FILE_TYPES:
        raise Http404("There is no such file.")
    made = compare(*pair)
    response = HttpResponse(content_type=_FILE_TYPES[format_name])
    name = f"{made.file_name}.{format_name}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    if format_name == "xlsx":
        response.write(rows_to_xlsx("comparison", made.file_columns, made.file_rows))
        return keep_for_readers(request, response)
    writer = csv.writer(response)
    writer.writerow(made.file_columns)
    for label, code, *amounts in made.file_rows:
        texts = ["" if each is None else exact_pounds(int(each)) for each in amounts]
        writer.writerow([harmless(str(label)), harmless(str(code)), *texts])
    return keep_for_readers(request, response)


def _choices_of(request: HttpRequest) -> list[Choice]:
    return choices(with_withheld=may_see_exempt_lines(request.user))


def _chosen_pair(request: HttpRequest, found: list[Choice]) -> tuple[Choice, Choice] | None:
    return find_pair(found, earlier=request.GET.get("from", ""), later=request.GET.get("to", ""))


def _service_address(made: Comparison, row: ComparedRow) -> str:
    """Return the page of a service in the later report that has one; empty without one."""
    report = made.after if row.in_later else made.before
    if report.report is None:
        return ""
    address = reverse("service", args=[report.start, report.number, row.code])
    return f"{address}?version={report.version}"


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search services, lines and savings of the report that the person may read."""
    text = request.GET.get("q", "").strip()[:_LONGEST]
    facts = _data_to_search(request)
    context: dict[str, Any] = {"text": text, "facts": facts}
    if facts is not None and text:
        exempt = may_see_exempt_lines(request.user)
        context["results"] = search_in(facts, text, with_exempt=exempt)
        context["query"] = f"?version={facts.version}" if facts.report else ""
    return render(request, "monitoring/search.html", context)


def _data_to_search(request: HttpRequest) -> ReportData | None:
    """Return the current month's draft for those who may see it, else the latest published."""
    shown = years_under_way(request.user) if request.user.is_authenticated else None
    if shown is None:
        return latest_data()
    if may_see_drafts(request.user):
        period = due_period(shown.first, next_period(shown.first))
        if period is not None and (facts := readable_report(request.user, period)):
            return facts
    return latest_data(shown.first) or latest_data()
