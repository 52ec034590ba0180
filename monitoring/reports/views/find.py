"""Pages that compare two reports and that search one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.forms.filters import Filter, filter_form
from monitoring.people.rights import may_see_drafts, may_see_exempt_lines
from monitoring.people.selectors.years_under_way import years_under_way
from monitoring.reports.report_access import readable_report
from monitoring.reports.selectors.compare import Choice, choices, compare
from monitoring.reports.selectors.latest import due_period, latest_data
from monitoring.reports.selectors.pages import next_period
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.search import search as search_in

_LONGEST = 200


@require_safe
def comparison(request: HttpRequest) -> HttpResponse:
    """Show two published reports by service; the address names them."""
    found = choices()
    after = _find_choice(found, request.GET.get("to", ""), found[0] if found else None)
    others = [choice for choice in found if choice != after]
    before = _find_choice(others, request.GET.get("from", ""), _earlier_choice(others, after))
    context = {
        "can_compare": len(found) > 1,
        "filter": filter_form(
            Filter("from", "From", before.value if before else "", _report_options(found)),
            Filter("to", "To", after.value if after else "", _report_options(found)),
        ),
        "before": before,
        "after": after,
        "comparison": compare(before, after) if before and after else None,
        "nav_section": "compare",
    }
    return render(request, "monitoring/compare.html", context)


def _report_options(found: list[Choice]) -> list[tuple[str, str]]:
    return [(each.value, f"{each.name}{'' if each.report else ' (history)'}") for each in found]


def _find_choice(found: list[Choice], value: str, otherwise: Choice | None) -> Choice | None:
    return next((choice for choice in found if choice.value == value), otherwise)


def _earlier_choice(others: list[Choice], after: Choice | None) -> Choice | None:
    """Return the nearest report before `after`, else the first of the others."""
    if after is None:
        return None
    earlier = (c for c in others if (c.start, c.number) < (after.start, after.number))
    return next(earlier, others[0] if others else None)


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
