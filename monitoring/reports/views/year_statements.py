"""Statements of a year as a whole, as pages and files, for people who see drafts.

Everybody else reads them in published reports.
"""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from council_finance import registry
from council_finance.accounts.throttle import may_have_pdf
from council_finance.errors import Refused
from council_finance.statements import Statement
from council_finance.statements.presenting import for_page
from council_finance.statements.renderers import FORMATS
from monitoring.people.rights import may_see_drafts, require
from monitoring.reports.selectors.draft_data import rows_without_ledger
from monitoring.reports.selectors.row_services import with_service_codes
from monitoring.reports.selectors.statements import year_statement, year_statements
from monitoring.reports.selectors.year_data import YearData, current_year_data
from monitoring.structure.selectors.calendar import years


@require_safe
def statement(request: HttpRequest, start: int, name: str) -> HttpResponse:
    """Show a statement of a year as it is today, with its downloads and the others of the year."""
    facts, made = _find_statement(request, start, name)
    context = {
        "year": facts.year,
        "council": facts.year.council,
        "name": name,
        "statement_title": made.title,
        "statement": for_page(made),
        "formats": [each for each in FORMATS.values() if each.render is not None],
        "others": [each for each in year_statements(facts).values() if each.name != name],
        "nav_section": "reports",
    }
    return render(request, "monitoring/year_statement.html", context)


@require_safe
def download(request: HttpRequest, start: int, name: str, format_name: str) -> HttpResponse:
    """Return a statement of a year as a file."""
    facts, made = _find_statement(request, start, name)
    chosen = FORMATS.get(format_name)
    if chosen is None or chosen.render is None:
        raise Http404("There is no such format.")
    if chosen.takes_long and not may_have_pdf(request):
        messages.error(request, "You have asked for many PDFs. Wait, or choose another format.")
        return redirect("year-statement", start, name)
    try:
        content = chosen.render(with_service_codes(made, rows_without_ledger(facts.year)))
    except Refused as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("year-statement", start, name)
    response = HttpResponse(content, content_type=chosen.content_type)
    file_name = f"{name}-{facts.year.slug}.{chosen.name}"
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _find_statement(request: HttpRequest, start: int, name: str) -> tuple[YearData, Statement]:
    """Return the year's data and its statement. Raise 404 where the year has no such statement."""
    year = get_object_or_404(years(), start=start)
    require(may_see_drafts(request.user))
    if name not in registry.statements() or not registry.statement_entry(name).of_year:
        raise Http404("There is no such statement of a year.")
    facts = current_year_data(year)
    return facts, year_statement(facts, name)
