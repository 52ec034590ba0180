"""The page on which people try other numbers of a group, and keep them under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.typed_text import whole_number
from monitoring.people.rights import draft_reach, require
from monitoring.reports.report_access import explain_missing_report
from monitoring.structure.selectors.calendar import periods
from performance.activity import rights
from performance.activity.forms import ImaginedNumbers, read_numbers
from performance.activity.selectors.stored import homes_of_stored_groups, scenarios_of
from performance.activity.selectors.what_if_page import (
    lines_to_imagine,
    numbers_of_scenario,
    scenario_rows,
    texts_of_numbers,
    what_if_page,
)
from performance.activity.services import keep_scenario, remove_scenario
from performance.activity.views.report_pages import find_report, report_context

if TYPE_CHECKING:
    from monitoring.models import Period
    from monitoring.reports.selectors.report_data import ReportData


@require_http_methods(["GET", "HEAD", "POST"])
@explain_missing_report("activity")
def what_if(request: HttpRequest, start: int, number: int, code: str) -> HttpResponse:
    """Show what other numbers would cost; keep or remove a scenario where that is asked."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts, partly = find_report(request, period)
    if request.method == "POST":
        return _change_scenarios(request, facts, partly, code)
    imagined = _numbers_asked(request, facts, code)
    return _render_page(request, facts, partly, code, imagined)


def _numbers_asked(request: HttpRequest, facts: ReportData, code: str) -> ImaginedNumbers:
    """Return the numbers in the address: those of a scenario, or those that were typed."""
    pk = whole_number(request.GET.get("scenario", ""), digits=18)
    if pk is None:
        return read_numbers(request.GET.dict(), lines_to_imagine(facts, code))
    if not _reads_scenarios(request, facts.period, code):
        raise Http404("There is no such scenario.")
    kept = next((each for each in scenarios_of(facts.period, code) if each.pk == pk), None)
    if kept is None:
        raise Http404("There is no such scenario.")
    numbers = numbers_of_scenario(kept)
    return ImaginedNumbers(numbers, texts_of_numbers(numbers))


def _change_scenarios(
    request: HttpRequest, facts: ReportData, partly: bool, code: str
) -> HttpResponse:
    period, by = facts.period, current_user(request)
    require(_keeps_scenarios(request, period, code))
    address = reverse("activity-what-if", args=[period.year.start, period.number, code])
    if pk := whole_number(request.POST.get("remove", ""), digits=18):
        try:
            remove_scenario(period=period, code=code, pk=pk, by=by)
        except Refused as refused:
            messages.error(request, refused.messages[0])
        return redirect(address)
    imagined = read_numbers(request.POST.dict(), lines_to_imagine(facts, code))
    name = request.POST.get("name", "")
    faults = list(imagined.faults.values())
    try:
        if faults or not imagined.numbers:
            raise Refused(*(faults or ["Type other numbers first; there is nothing to keep yet."]))
        kept = keep_scenario(period=period, code=code, name=name, numbers=imagined.numbers, by=by)
    except Refused as refused:
        more = {"refused": refused.messages, "scenario_name": name}
        return _render_page(request, facts, partly, code, imagined, status=422, **more)
    messages.success(request, f"The scenario “{kept.name}” is kept.")
    return redirect(f"{address}?{urlencode({'scenario': kept.pk})}")


def _render_page(
    request: HttpRequest,
    facts: ReportData,
    partly: bool,
    code: str,
    imagined: ImaginedNumbers,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    page = what_if_page(
        facts, code, numbers=imagined.numbers, texts=imagined.texts, faults=imagined.faults
    )
    if page is None:
        raise Http404("There is no such group of activity.")
    period = facts.period
    reads = _reads_scenarios(request, period, code)
    context = report_context(request, facts, partly) | {
        "page": page,
        "scenarios": scenario_rows(scenarios_of(period, code)) if reads else [],
        "may_keep": _keeps_scenarios(request, period, code) and bool(page.rows),
        "refused": list(imagined.faults.values()),
    }
    return render(request, "performance/activity/what_if.html", context | more, status=status)


def _reads_scenarios(request: HttpRequest, period: Period, code: str) -> bool:
    """Return whether a person reads the scenarios of a group, as they would read its draft."""
    homes = homes_of_stored_groups(period.year)
    reach = draft_reach(current_user(request), period.year)
    return code in homes and rights.holds_group(reach, homes[code])


def _keeps_scenarios(request: HttpRequest, period: Period, code: str) -> bool:
    """Return whether a person keeps scenarios of a group: those who enter its activity do."""
    homes = homes_of_stored_groups(period.year)
    reach = rights.entry_reach(current_user(request), period.year)
    reads = code in homes and rights.holds_group(reach, homes[code])
    return reads and not period.year.is_archived
