"""Pages to read: the savings of a report, the tracker, and one saving with its history."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.forms.filters import Filter, filter_form
from council_finance.statements.presenting import for_page
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.people.rights import EVERYTHING, Reach, may_see_audit, may_see_drafts
from monitoring.reports.report_access import (
    NoReport,
    asked_version,
    explain_missing_report,
    keep_for_readers,
    keep_published,
    kept_as_published,
)
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.calendar import periods, years
from savings import rights
from savings.selectors import history
from savings.selectors.charts import savings_charts
from savings.selectors.overview import savings_overview, savings_statement
from savings.selectors.register import find_saving, saving_record
from savings.selectors.report_savings import savings_of
from savings.selectors.service_savings import shortfall_flags
from savings.selectors.tracker import (
    TrackerFilter,
    filter_fields,
    filter_savings,
    tracker_display,
)

if TYPE_CHECKING:
    from monitoring.models import Period
    from savings.models import Saving

_FILTERS = ("text", "service", "decision", "status")


@require_safe
@kept_as_published
@explain_missing_report("savings")
def overview(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show the overview of a report's savings."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    reach = rights.draft_reach(current_user(request), period.year)
    if period.batch is None and reach:
        context = page_context(request, period) | {"partly": not reach.everything}
        return render(request, "savings/none.html", context)
    facts, partly = _readable_report(request, period)
    context = _report_context(request, facts, partly)
    if savings_of(facts):
        made = savings_statement(facts, "savings-summary", partly=partly)
        context |= {
            "overview": savings_overview(facts),
            "flags": shortfall_flags(facts),
            "charts": savings_charts(facts, _services_shown(request, period, partly)),
            "statement": for_page(made, _service_links(facts, context["query"])),
            "unit": made.display.unit_label,
        }
    page = render(request, "savings/overview.html", context)
    return keep_published(page, facts)


@require_safe
@kept_as_published
@explain_missing_report("savings")
def tracker(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show the savings line by line; the address holds the filter."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts, partly = _readable_report(request, period)
    chosen = TrackerFilter(**{name: request.GET.get(name, "").strip()[:300] for name in _FILTERS})
    rows, totals = filter_savings(facts, chosen)
    context = _report_context(request, facts, partly) | {
        "rows": rows,
        "totals": totals,
        "chosen": chosen,
        "filter": filter_form(
            Filter("text", "Reference, title or owner", chosen.text),
            *(
                Filter(each.name, each.label, each.chosen, [("", "All"), *each.options])
                for each in filter_fields(facts, chosen)
            ),
        ),
        "narrowed": urlencode({name: value for name, value in asdict(chosen).items() if value}),
        "count": len(savings_of(facts)),
        "unit": tracker_display(facts).unit_label,
    }
    page = render(request, "savings/tracker.html", context)
    return keep_published(page, facts)


def _readable_report(request: HttpRequest, period: Period) -> tuple[ReportData, bool]:
    """Return the report that a person reads, and whether it is limited to their part; or 404."""
    facts, partly = rights.readable_savings(current_user(request), period, asked_version(request))
    if facts is None:
        raise NoReport(period)
    return facts, partly


def _services_shown(request: HttpRequest, period: Period, partly: bool) -> Reach:
    return rights.draft_reach(current_user(request), period.year) if partly else EVERYTHING


def page_context(request: HttpRequest, period: Period) -> dict[str, Any]:
    """Return the context that every page about a period's savings needs."""
    reach = rights.maintained_services(current_user(request), period.year)
    maintains = bool(reach) and not period.year.is_archived
    return {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "may_keep": maintains,
        "may_enter": maintains and not period.is_published,
        "nav_section": "home",
    }


def _report_context(request: HttpRequest, facts: ReportData, partly: bool) -> dict[str, Any]:
    period = facts.period
    drafts = may_see_drafts(request.user)
    readable = facts.calendar.readable(with_drafts=drafts)
    return page_context(request, period) | {
        "facts": facts,
        "partly": partly,
        "header": facts.header,
        "compared_with": facts.compared_with,
        "version": facts.version if request.GET.get("version") else None,
        "query": f"?version={facts.version}" if request.GET.get("version") else "",
        "periods": sorted({*readable, period}, key=lambda each: each.number),
    }


def _service_links(facts: ReportData, query: str) -> dict[str, str]:
    address = (facts.period.year.start, facts.period.number)
    return {
        node.key: reverse("service", args=[*address, node.code]) + query for node in facts.nodes
    }


@require_safe
@kept_as_published
def saving(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """Show one saving: its terms, each report's figures, and its history."""
    year = get_object_or_404(years(), start=start)
    stored = find_saving(year, reference)
    reach = rights.draft_reach(current_user(request), year)
    rows = history.published_history(year, reference)
    context = {
        "year": year,
        "council": year.council,
        "reference": reference,
        "nav_section": "home",
    }
    if stored is not None and stored.service_id in reach:
        # An open month may have an earlier published version: its draft comes after that.
        rows = sorted(
            [*rows, *history.draft_history(year, reference)],
            key=lambda each: (each.period.number, each.version is None),
        )
        context |= _maintainer_context(request, stored)
        terms = history.terms_in_register(stored)
    elif rows:
        terms = history.terms_in_report(rows[-1])
    else:
        raise Http404("There is no such saving.")
    context |= {"rows": rows, "last": rows[-1] if rows else None, "said": terms}
    page = render(request, "savings/saving.html", context)
    return page if "kept" in context else keep_for_readers(request, page)


def _maintainer_context(request: HttpRequest, stored: Saving) -> dict[str, Any]:
    """Return what is shown to those who read drafts of the saving's service."""
    replaced_by, replaces = history.replacement_notes(stored)
    record = saving_record(stored.year, stored.reference)
    may_maintain = (
        rights.may_maintain(current_user(request), stored.service) and not stored.year.is_archived
    )
    return {
        "kept": stored,
        "replaced_by": replaced_by,
        "replaces": replaces,
        "may_keep": may_maintain,
        "next_open": history.next_open_period(stored) if may_maintain else None,
        "other_years": history.other_years(stored) if may_see_drafts(request.user) else [],
        "history": history_of(record),
        "history_record": record if may_see_audit(current_user(request)) else "",
    }
