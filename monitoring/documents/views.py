"""The report as a document: its page, its PDF and its Word file."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.accounts.middleware import open_to_the_public
from council_finance.accounts.requests import LoggedInRequest
from council_finance.accounts.throttle import may_have_pdf
from council_finance.documents.page import page_blocks
from council_finance.headers import NOT_KEPT
from council_finance.statements.renderers import DOCX
from monitoring.documents.build import build_document
from monitoring.documents.fields import FORMS, figures_of
from monitoring.documents.files import document_docx, document_pdf
from monitoring.people.rights import may_change_settings, may_see_drafts, require
from monitoring.reports.report_access import (
    explain_missing_report,
    keep_published,
    kept_as_published,
    refuse_more_pdfs,
    report_for,
)
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement as find_statement
from monitoring.reports.selectors.statements import statement_titles

_FILES: dict[str, tuple[str, Callable[[ReportData], bytes]]] = {
    "pdf": ("application/pdf", document_pdf),
    "docx": (DOCX, document_docx),
}


@open_to_the_public
@require_safe
@kept_as_published
@explain_missing_report("document")
def document(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show the report as one page, in the order of the council's outline."""
    facts = report_for(request, start, number)
    built = build_document(facts)
    version = request.GET.get("version", "")
    context = {
        "facts": facts,
        "period": facts.period,
        "year": facts.period.year,
        "council": facts.header.council,
        "document": built.document,
        "blocks": list(page_blocks(built.document)),
        "missing": built.missing if may_see_drafts(request.user) else (),
        "sees_drafts": may_see_drafts(request.user),
        "may_change": request.user.is_authenticated and may_change_settings(request.user),
        "query": f"?version={version}" if version else "",
        "nav_section": "reports",
    }
    return keep_published(render(request, "monitoring/document.html", context), facts)


@require_safe
@explain_missing_report("figures-for-texts")
def figure_codes(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """List the figures of a statement with the codes that print them in texts."""
    require(may_see_drafts(request.user))
    facts = report_for(request, start, number)
    titles = statement_titles(facts)
    name = request.GET.get("statement", titles[0][0])
    if name not in dict(titles):
        raise Http404("There is no such statement.")
    context = {
        "period": facts.period,
        "year": facts.period.year,
        "council": facts.header.council,
        "statements": titles,
        "chosen": name,
        "title": dict(titles)[name],
        "figures": figures_of(find_statement(facts, name)),
        "forms": FORMS.items(),
        "nav_section": "reports",
    }
    return render(request, "monitoring/figure_codes.html", context)


@open_to_the_public
@require_safe
@kept_as_published
def document_file(request: HttpRequest, start: int, number: int, format_name: str) -> HttpResponse:
    """Return the report as one PDF or Word file."""
    if format_name not in _FILES:
        raise Http404("There is no such format.")
    facts = report_for(request, start, number)
    if format_name == "pdf" and not may_have_pdf(request):
        return refuse_more_pdfs(request, start, number)
    content_type, make = _FILES[format_name]
    response = HttpResponse(make(facts), content_type=content_type)
    version = f"v{facts.version}" if facts.report else "draft"
    name = f"report-{facts.period.year.slug}-{facts.period.number:02d}-{version}.{format_name}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = NOT_KEPT
    return keep_published(response, facts)
