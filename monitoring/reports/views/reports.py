"""Pages to read: the library of reports, a report, and a statement."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance import registry
from council_finance.accounts.current_user import current_user
from council_finance.accounts.middleware import open_to_the_public
from council_finance.statements.presenting import PageStatement, for_page
from council_finance.statements.renderers import FORMATS, WHOLE_REPORT_FORMATS
from monitoring.audit.selectors.audit_links import report_record
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.people.rights import may_redact, may_see_audit, may_see_drafts, may_see_exempt_lines
from monitoring.published.selectors.reports import report_versions
from monitoring.reports.report_access import (
    asked_version,
    explain_missing_report,
    keep_for_readers,
    keep_published,
    kept_as_published,
    report_for,
)
from monitoring.reports.selectors.check_reasons import explained_checks
from monitoring.reports.selectors.library import library as all_reports
from monitoring.reports.selectors.pages import position_sentence
from monitoring.reports.selectors.redactions import exempt_today, lines_named, seals
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import (
    empty_statements,
    published_sha256,
    statement_titles,
)
from monitoring.reports.selectors.statements import statement as find_statement
from monitoring.reports.selectors.variance_statuses import with_variance_statuses
from monitoring.reports.selectors.versions import version_changes

_ANNEX_A = "annex-a"


@open_to_the_public
@require_safe
@kept_as_published
def library(request: HttpRequest) -> HttpResponse:
    """Show reports by year and period, newest first, with drafts for those who may see them."""
    years = all_reports(
        with_drafts=may_see_drafts(request.user),
        with_withheld=may_see_exempt_lines(request.user),
    )
    context = {
        "years": [each for each in years if not each.year.is_archived],
        "archived": [each for each in years if each.year.is_archived],
        "has_report": any(each.has_report for each in years),
        "council": years[0].year.council if years else "",
        "pack_formats": WHOLE_REPORT_FORMATS.values(),
        "nav_section": "reports",
    }
    return keep_for_readers(request, render(request, "monitoring/library.html", context))


@open_to_the_public
@require_safe
@kept_as_published
@explain_missing_report("report")
def report(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show one period's report: its statements, each with its downloads."""
    facts = report_for(request, start, number)
    changes = version_changes(facts)
    context = _report_context(request, facts) | {
        "changes": changes,
        "explained": explained_checks(facts),
        "changes_table": for_page(changes.table) if changes and changes.table else None,
        **_history_context(request, facts),
        **_redaction_context(request, facts),
    }
    page = render(request, "monitoring/report.html", context)
    # Those who may see drafts are shown the report's history too.
    return keep_published(page, facts, for_everybody=not may_see_drafts(request.user))


def _redaction_context(request: HttpRequest, facts: ReportData) -> dict[str, Any]:
    """Return the context about redacted lines, and about names that are now exempt."""
    if facts.report is None:
        return {}
    context: dict[str, Any] = {"seals": seals(facts) if facts.report.is_redaction else []}
    if may_redact(request.user) and not facts.report.withheld_for_id:
        context["names_exempt"] = bool(lines_named(facts.report, exempt_today(facts.period.year)))
    return context


def _history_context(request: HttpRequest, facts: ReportData) -> dict[str, Any]:
    """Return the report's history for those who may see drafts; empty for others."""
    if not may_see_drafts(request.user):
        return {}
    record = report_record(facts.period)
    return {
        "history": history_of(record),
        "history_record": record if may_see_audit(current_user(request)) else "",
    }


@open_to_the_public
@require_safe
@kept_as_published
def statement(request: HttpRequest, start: int, number: int, name: str) -> HttpResponse:
    """Show one statement as a page."""
    facts = report_for(request, start, number)
    context = _report_context(request, facts)
    titles = dict(context["statements"])
    if name not in titles:
        raise Http404("There is no such statement.")

    def table() -> PageStatement:
        # Pages of services require a log-in, so the public gets no links to them.
        links = _links_to_services(facts, context["query"]) if request.user.is_authenticated else {}
        notes_at = _address_of_notes(facts, context["query"])
        page = for_page(find_statement(facts, name), links, notes_at=notes_at)
        return with_variance_statuses(page, facts)

    # The template caches a published table, and calls this only where it is not cached.
    context |= {"name": name, "statement_title": titles[name], "table": table}
    context["sha256"] = published_sha256(facts, name)
    context["panels"] = registry.panels(_ANNEX_A, facts, facts.top) if name == _ANNEX_A else []
    return keep_published(render(request, "monitoring/statement.html", context), facts)


def _address_of_notes(facts: ReportData, query: str) -> str:
    """Return the address of the explanations in the report's document, but for their number."""
    place = [facts.period.year.start, facts.period.number]
    return f"{reverse('document', args=place)}{query}#note-"


def _links_to_services(facts: ReportData, query: str) -> dict[str, str]:
    """Return by row key the address of the page that breaks its figures down."""
    place = (facts.period.year.start, facts.period.number)
    return {node.key: reverse("service", args=[*place, node.code]) + query for node in facts.nodes}


def _stands_in_for(request: HttpRequest, facts: ReportData) -> str:
    """Return the version asked for where another is shown in its place, else an empty text."""
    asked = asked_version(request)
    return "" if asked is None or asked == facts.version else str(asked)


def known_statement(facts: ReportData, name: str) -> None:
    """Raise 404 for a statement that the report lacks; older reports may lack newer ones."""
    if name not in dict(statement_titles(facts)):
        raise Http404("There is no such statement.")


def _report_context(request: HttpRequest, facts: ReportData) -> dict[str, Any]:
    period = facts.period
    has_others = facts.version > 1 or facts.has_newer_version
    versions = report_versions(period) if has_others else ()
    titles, empty = statement_titles(facts), empty_statements(facts)
    return {
        "facts": facts,
        "header": facts.header,
        "period": period,
        "year": period.year,
        "statements": titles,
        "filled": [(name, title) for name, title in titles if name not in empty],
        "empty": [(name, title) for name, title in titles if name in empty],
        "formats": FORMATS.values(),
        "pack_formats": WHOLE_REPORT_FORMATS.values(),
        "council": facts.header.council,
        "query": f"?version={facts.version}" if request.GET.get("version") else "",
        "position": position_sentence(facts),
        "compared_with": facts.compared_with,
        "superseded": facts.is_comparative_superseded,
        "versions": [each for each in versions if each.version != facts.version],
        "may_see_withheld": may_see_exempt_lines(request.user),
        "stands_in_for": _stands_in_for(request, facts),
        "newer": facts.has_newer_version,
        "behind": facts.report is None and period.figures_revision != period.year.revision,
        "periods": facts.calendar.readable(with_drafts=may_see_drafts(request.user)),
        "nav_section": "reports",
    }
