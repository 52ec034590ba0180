"""Savings to read: how they stand in a report, the tracker, and one saving with its history."""

from dataclasses import asdict
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance.statements.presenting import for_page
from monitoring.reading import asked_version
from monitoring.rights import Reach, may_see_audit, may_see_drafts
from monitoring.selectors.audit_trail import history_of
from monitoring.selectors.facts import ReportFacts
from monitoring.selectors.reports import periods, years
from savings import rights
from savings.selectors import history as histories
from savings.selectors.drawn import drawn
from savings.selectors.of_service import flags
from savings.selectors.overview import overview, statement_of
from savings.selectors.reading import savings_of
from savings.selectors.register import find_saving, saving_record
from savings.selectors.tracker import Filter, choices, display_of_lines, tracker

_FILTERS = ("text", "service", "decision", "status")


@require_safe
def show(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """How the savings of a report stand."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    reach = rights.draft_reach(request.user, period.year)
    if period.batch is None and reach:
        context = frame(request, period) | {"partly": not reach.everything}
        return render(request, "savings/none.html", context)
    facts, partly = _reading(request, period)
    context = _place(request, facts, partly)
    if savings_of(facts):
        made = statement_of(facts, "savings-summary", partly=partly)
        context |= {
            "overview": overview(facts),
            "flags": flags(facts),
            "charts": drawn(facts, _services(request, period, partly)),
            "statement": for_page(made, _service_links(facts, context["query"])),
            "unit": made.display.unit_label,
        }
    return render(request, "savings/overview.html", context)


@require_safe
def lines(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """The tracker line by line; the filter stands in the address."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts, partly = _reading(request, period)
    chosen = Filter(**{name: request.GET.get(name, "").strip()[:300] for name in _FILTERS})
    rows, totals = tracker(facts, chosen)
    context = _place(request, facts, partly) | {
        "rows": rows,
        "totals": totals,
        "chosen": chosen,
        "selects": choices(facts, chosen),
        "narrowed": urlencode({name: value for name, value in asdict(chosen).items() if value}),
        "count": len(savings_of(facts)),
        "unit": display_of_lines(facts).unit_label,
    }
    return render(request, "savings/tracker.html", context)


def _reading(request: HttpRequest, period) -> tuple[ReportFacts, bool]:
    """The report that this person reads, and whether it is their part alone, or 404."""
    facts, partly = rights.readable_savings(request.user, period, asked_version(request))
    if facts is None:
        raise Http404("There are no savings to read yet.")
    return facts, partly


def _services(request: HttpRequest, period, partly: bool) -> Reach:
    """The services whose savings a page shows."""
    return rights.draft_reach(request.user, period.year) if partly else rights.EVERYTHING


def frame(request: HttpRequest, period) -> dict:
    """What every page about a period's savings says of itself."""
    keeps = rights.keeping(request.user, period.year)
    return {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "may_keep": bool(keeps),
        "may_enter": bool(keeps) and not period.is_published,
        "nav_section": "home",
    }


def _place(request: HttpRequest, facts: ReportFacts, partly: bool) -> dict:
    period = facts.period
    drafts = may_see_drafts(request.user)
    readable = facts.calendar.readable(with_drafts=drafts)
    return frame(request, period) | {
        "facts": facts,
        "partly": partly,
        "header": facts.header,
        "compared_with": facts.compared_with,
        "version": facts.version if request.GET.get("version") else None,
        "query": f"?version={facts.version}" if request.GET.get("version") else "",
        "periods": sorted({*readable, period}, key=lambda each: each.number),
    }


def _service_links(facts: ReportFacts, query: str) -> dict[str, str]:
    place = (facts.period.year.start, facts.period.number)
    return {
        node["key"]: reverse("service", args=[*place, node["key"].removesuffix(" (closed)")])
        + query
        for node in facts.nodes
    }


@require_safe
def saving(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """One saving: what was agreed, what every report said of it, and what was done to it."""
    year = get_object_or_404(years(), start=start)
    kept = find_saving(year, reference)
    inside = kept is not None and kept.service_id in rights.draft_reach(request.user, year)
    rows = histories.published_history(year, reference)
    if not rows and not inside:
        raise Http404("There is no such saving.")
    if inside:
        # An open month may have an earlier version of its report: its draft stands beside that.
        rows = sorted(
            [*rows, *histories.draft_history(year, reference)],
            key=lambda each: (each.period.number, each.version is None),
        )
    context = {
        "year": year,
        "council": year.council,
        "reference": reference,
        "rows": rows,
        "last": rows[-1] if rows else None,
        "said": histories.of_register(kept) if inside else histories.of_report(rows[-1]),
        "nav_section": "home",
    }
    if inside:
        context |= _inside(request, kept)
    return render(request, "savings/saving.html", context)


def _inside(request: HttpRequest, kept) -> dict:
    """What those see who see drafts of its service."""
    replaced_by, replaces = histories.changes_of(kept)
    record = saving_record(kept.year, kept.reference)
    may_keep = rights.may_keep(request.user, kept.service)
    return {
        "kept": kept,
        "replaced_by": replaced_by,
        "replaces": replaces,
        "may_keep": may_keep,
        "next_open": histories.next_open(kept) if may_keep else None,
        "other_years": histories.other_years(kept) if may_see_drafts(request.user) else [],
        "history": history_of(record),
        "history_record": record if may_see_audit(request.user) else "",
    }
