"""The pages of mitigations: those of a report, and the entry for one service."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.statements import Statement
from council_finance.statements.presenting import for_page
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.forecasts.selectors.lines import find_service
from monitoring.mitigations.forms import StatedForms
from monitoring.mitigations.panels import underlying_sentence
from monitoring.mitigations.position_table import position_of
from monitoring.mitigations.selectors import (
    MITIGATIONS,
    UNDERLYING_POSITION,
    as_stated,
    parts_record,
    parts_version,
    previous_parts,
    stated_parts,
    stored_parts,
)
from monitoring.mitigations.services import state_parts
from monitoring.people.rights import (
    EVERYTHING,
    may_forecast,
    may_see_audit,
    may_see_drafts,
    may_upload,
    reach_of,
    require,
)
from monitoring.reports.report_access import (
    NoReport,
    asked_version,
    explain_missing_report,
    keep_published,
    kept_as_published,
    readable_report,
)
from monitoring.reports.selectors.report_data import ReportData, draft_data
from monitoring.reports.selectors.statements import statement, statement_titles
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.published.report_rows import ReportRow
    from monitoring.structure.models import Period, Service


@require_safe
@kept_as_published
@explain_missing_report("commentary")
def mitigations(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show variances before and after mitigations, of a draft with the way to state them."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts, part = _find_report(request, period)
    context = _period_context(facts) | {"sees_all": part is EVERYTHING}
    if UNDERLYING_POSITION in dict(statement_titles(facts)):
        context["position"] = for_page(_position_table(facts, part), _find_links(facts, part))
    if part is EVERYTHING:
        context["sentence"] = underlying_sentence(facts, facts.top)
        if stated_parts(facts):
            context["mitigations"] = for_page(statement(facts, MITIGATIONS))
    is_open = facts.report is None and not period.year.is_archived
    context["may_upload"] = (
        is_open and may_upload(request.user) and reach_of(request.user, period.year).everything
    )
    page = render(request, "monitoring/mitigations.html", context)
    return keep_published(page, facts)


def _find_report(request: LoggedInRequest, period: Period) -> tuple[ReportData, Container[int]]:
    """Return the report that this person reads, and the services they read of it, by id.

    That is the draft, of the services they may see; where they may see none, or the address names
    a version, the published report, and all of it. Raise `NoReport` without one.
    """
    version, user = asked_version(request), request.user
    if version is None and period.batch is not None and not period.is_published:
        part = EVERYTHING if may_see_drafts(user) else reach_of(user, period.year)
        if part:
            return draft_data(period), EVERYTHING if part.everything else part
    facts = readable_report(user, period, version)
    if facts is None:
        raise NoReport(period)
    return facts, EVERYTHING


def _position_table(facts: ReportData, part: Container[int]) -> Statement:
    """Return the underlying position; of a draft with the services alone that the reader sees."""
    if facts.report is not None:
        return statement(facts, UNDERLYING_POSITION)
    made = position_of(facts)
    if part is EVERYTHING:
        return made
    own = {node.key for node in facts.nodes if node.service in part and not node.is_group}
    rows = tuple(row for row in made.rows if row.key in own)
    return replace(made, rows=rows, footnotes=())


def _find_links(facts: ReportData, part: Container[int]) -> dict[str, str]:
    """Return by row key the address on which a service of a draft states its mitigations."""
    if facts.report is not None:
        return {}
    place = (facts.period.year.start, facts.period.number)
    return {
        node.key: reverse("mitigations-edit", args=[*place, node.code])
        for node in facts.nodes
        if node.is_service and node.service in part
    }


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """Show what a service states about its variance, and store other statements of a draft."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts, part = _find_report(request, period)
    service = find_service(start, code)
    node = next((each for each in facts.nodes if each.key == code and each.is_service), None)
    if service is None or node is None or node.service not in part:
        raise Http404("There is no such service.")
    if request.method == "POST":
        require(may_forecast(request.user, service))
    if facts.report is not None:
        return redirect("service", start, number, code)
    if request.method != "POST":
        return _render_entry(request, facts, node, service)
    return _store_parts(request, facts, node, service)


def _store_parts(
    request: LoggedInRequest, facts: ReportData, node: ReportRow, service: Service
) -> HttpResponse:
    forms = StatedForms((), "", request.POST)
    if not forms.is_valid():
        return _render_entry(request, facts, node, service, forms=forms, status=422)
    try:
        changed = state_parts(
            period=facts.period,
            service=service,
            parts=forms.stated,
            rest=forms.rest,
            seen=forms.seen,
            by=request.user,
        )
    except Refused as refused:
        again = StatedForms((), "", _with_version(request, facts, node, service))
        return _render_entry(
            request, facts, node, service, forms=again, refused=refused.messages, status=409
        )
    text = "It is saved." if changed else "Nothing had changed, so nothing was saved."
    messages.success(request, text)
    return redirect(request.path)


def _with_version(
    request: LoggedInRequest, facts: ReportData, node: ReportRow, service: Service
) -> dict[str, Any]:
    """Return what was sent, with the version of what is stated now, which the page shows."""
    fresh = draft_data(get_object_or_404(periods(), pk=facts.period.pk))
    row = next((each for each in fresh.nodes if each.key == node.key), node)
    stored = as_stated(stored_parts(facts.period, {service.pk}))
    return dict(request.POST.items()) | {"seen": parts_version(stored, _known_variance(row))}


def _known_variance(node: ReportRow) -> int | None:
    """Return the net variance of a service that has a forecast; None without one."""
    return None if node.gross_variance is None else node.net_variance


def _render_entry(
    request: LoggedInRequest,
    facts: ReportData,
    node: ReportRow,
    service: Service,
    *,
    forms: StatedForms | None = None,
    refused: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    stored = stored_parts(facts.period, {service.pk})
    previous = previous_parts(facts, node)
    shown = as_stated(stored)
    from_previous = previous is not None and request.GET.get("from") == "previous"
    seen = parts_version(shown, _known_variance(node))
    if previous is not None and from_previous:
        shown = previous[1]
    forms = forms or StatedForms(shown, seen)
    record = parts_record(facts.period, service)
    words = facts.display("annex-a").in_words
    made = position_of(facts)
    position = replace(made, rows=tuple(row for row in made.rows if row.key == node.key))
    context = _period_context(facts) | {
        "node": node,
        "service": service,
        "sentence": underlying_sentence(facts, node),
        "position": for_page(replace(position, footnotes=())),
        "forms": forms,
        "all_forms": [forms.parts, *forms.mitigations],
        "refused": refused,
        "stored": stored,
        "previous": previous,
        "previous_texts": [
            (each.part.replace("_", "-"), words(each.amount), each.description)
            for each in (previous[1] if previous else ())
        ],
        "from_previous": from_previous,
        "may_state": may_forecast(request.user, service) and not facts.period.year.is_archived,
        "history": history_of(record),
        "history_record": record if may_see_audit(request.user) else "",
    }
    return render(request, "monitoring/mitigations_edit.html", context, status=status)


def _period_context(facts: ReportData) -> dict[str, Any]:
    period = facts.period
    return {
        "facts": facts,
        "period": period,
        "year": period.year,
        "council": facts.header.council,
        "query": f"?version={facts.version}" if facts.report is not None else "",
        "nav_section": "home",
    }
