"""Reports to read: the library, a report's statements, and their downloads."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance import registry
from council_finance.statements.presenting import for_page
from council_finance.statements.renderers import FORMATS
from council_finance.typed_text import whole_number
from monitoring.rights import may_see_audit, may_see_drafts, readable_facts
from monitoring.selectors.audit_trail import history_of
from monitoring.selectors.facts import ReportFacts
from monitoring.selectors.pages import period_rows, position_sentence, readable_periods
from monitoring.selectors.records import report_record
from monitoring.selectors.reports import (
    periods,
    report_versions,
    statement_titles,
    superseded_comparative,
)
from monitoring.selectors.reports import statement as find_statement
from monitoring.selectors.reports import years as all_years
from monitoring.selectors.versions import version_changes


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Published reports by year and period."""
    years = [(year, period_rows(year, with_drafts=False)) for year in all_years()]
    return render(request, "monitoring/library.html", {"years": years, "nav_section": "reports"})


@require_safe
def report(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """One period's report: its statements, each with its downloads."""
    facts = _facts(request, start, number)
    changes = version_changes(facts)
    context = _context(request, facts) | {
        "changes": changes,
        "changes_table": for_page(changes.table) if changes and changes.table else None,
        **_history(request, facts),
    }
    return render(request, "monitoring/report.html", context)


def _history(request: HttpRequest, facts: ReportFacts) -> dict:
    """What was done to the report, for those who take part in making it."""
    if not may_see_drafts(request.user):
        return {}
    record = report_record(facts.period)
    return {
        "history": history_of(record),
        "history_record": record if may_see_audit(request.user) else "",
    }


@require_safe
def statement(request: HttpRequest, start: int, number: int, name: str) -> HttpResponse:
    """One statement as a page."""
    _known(name)
    facts = _facts(request, start, number)
    made = find_statement(facts, name)
    context = _context(request, facts)
    context |= {"statement": for_page(made, _links(facts, context["query"])), "name": name}
    return render(request, "monitoring/statement.html", context)


def _links(facts: ReportFacts, query: str) -> dict[str, str]:
    """By row, the page that tells what its figures are made of."""
    place = (facts.period.year.start, facts.period.number)
    return {
        node["key"]: reverse("service", args=[*place, node["key"].removesuffix(" (closed)")])
        + query
        for node in facts.nodes
    }


@require_safe
def download(
    request: HttpRequest, start: int, number: int, name: str, format_name: str
) -> HttpResponse:
    """One statement as a file."""
    _known(name)
    if format_name not in FORMATS:
        raise Http404("There is no such format.")
    chosen = FORMATS[format_name]
    facts = _facts(request, start, number)
    response = HttpResponse(
        chosen.render(find_statement(facts, name)), content_type=chosen.content_type
    )
    file_name = f"{name}-{facts.period.year.slug}-{number:02d}.{chosen.name}"
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _known(name: str) -> None:
    if name not in registry.statements():
        raise Http404("There is no such statement.")


def _facts(request: HttpRequest, start: int, number: int) -> ReportFacts:
    """The report that this person may read, or 404: nobody is told that a draft exists."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    text = request.GET.get("version", "")
    if text and whole_number(text, digits=3) is None:
        raise Http404("There is no such version.")
    facts = readable_facts(request.user, period, int(text) if text else None)
    if facts is None:
        raise Http404("There is no report for this period yet.")
    return facts


def _context(request: HttpRequest, facts: ReportFacts) -> dict:
    period = facts.period
    versions = report_versions(period)
    return {
        "facts": facts,
        "header": facts.header,
        "period": period,
        "statements": statement_titles(facts),
        "formats": FORMATS.values(),
        "council": facts.header.council,
        "query": f"?version={facts.version}" if request.GET.get("version") else "",
        "position": position_sentence(facts),
        "compared_with": facts.compared_with,
        "superseded": superseded_comparative(facts),
        "versions": [each for each in versions if each.version != facts.version],
        "newer": any(each.version > facts.version for each in versions),
        "behind": facts.report is None and period.figures_revision != period.year.revision,
        "periods": readable_periods(period.year, with_drafts=may_see_drafts(request.user)),
        "nav_section": "reports",
    }
