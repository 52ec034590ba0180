"""The pages of commentary: the list of a period, and the text of one service."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.claims.checking import check_figures
from monitoring.commentary.forms import CommentaryForm, SignOffForm
from monitoring.commentary.selectors import (
    CommentaryRow,
    closed_texts,
    commentary_record,
    commentary_rows,
    due_rule,
    find_commentary,
    largest_lines,
    node_figures,
    previous_text,
    text_version,
    with_history,
)
from monitoring.commentary.services import (
    CommentaryClashed,
    sign_off_commentary,
    withdraw_commentary,
    write_commentary,
)
from monitoring.forecasts.selectors.lines import find_service
from monitoring.people.rights import (
    EVERYTHING,
    may_comment,
    may_see_audit,
    may_see_drafts,
    may_see_exempt_lines,
    may_sign_off,
    may_upload,
    reach_of,
    require,
    signs_off_commentary,
    writes_commentary,
)
from monitoring.published.report_rows import ReportRow
from monitoring.reports.report_access import (
    NoReport,
    asked_version,
    explain_missing_report,
    keep_published,
    kept_as_published,
    readable_report,
)
from monitoring.reports.selectors.pages import node_sentence
from monitoring.reports.selectors.report_data import ReportData, draft_data
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.structure.models import Period, Service

Action = Callable[[LoggedInRequest, ReportData, ReportRow, "Service"], HttpResponse]
"""A function that saves a text, withdraws it, or signs it off."""


@require_safe
@kept_as_published
@explain_missing_report("commentary")
def commentary(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show where commentary is due, written and signed off; of a published report, its texts."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts, part = _find_report(request, period)
    rows = commentary_rows(facts, part)
    if facts.report is None:
        rows = with_history(facts, rows)
    everything = request.GET.get("show") == "all"
    context = _period_context(period) | {
        "facts": facts,
        "rows": [row for row in rows if everything or row.due or row.text],
        "show": "all" if everything else "due",
        "count": len(rows),
        "due": [row for row in rows if row.due],
        "waiting": [row for row in rows if row.waits_for_text],
        "unsigned": [row for row in rows if row.waits_for_sign_off],
        "rule": due_rule(facts.settings.commentary),
        "unit": facts.display("annex-a").unit_label,
        "closed_texts": closed_texts(facts) if may_see_drafts(request.user) else [],
        "query": f"?version={facts.version}" if request.GET.get("version") else "",
        **_ways_to_write(request, facts, rows),
    }
    page = render(request, "monitoring/commentary.html", context)
    # Those who see drafts are shown texts on closed services, too.
    return keep_published(page, facts, for_everybody=not may_see_drafts(request.user))


@kept_as_published
def edit(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """Show the figures, text and sign-off of one service; store a text or a sign-off."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts, part = _find_report(request, period)
    service = find_service(start, code)
    node = next((each for each in facts.nodes if each.key == code), None)
    if service is None or node is None or node.service not in part:
        raise Http404("There is no such service.")
    if request.method == "POST":
        return _run_action(request, facts, node, service)
    return _render_page(request, facts, node, service)


def _ways_to_write(
    request: LoggedInRequest, facts: ReportData, rows: list[CommentaryRow]
) -> dict[str, bool]:
    """Return which pages the reader is offered to write the texts of a draft and sign them off."""
    is_open = facts.report is None and not facts.period.year.is_archived
    unsigned = any(row.text and not row.signed_by for row in rows)
    return {
        "may_write": is_open and writes_commentary(request.user),
        "may_sign": is_open and unsigned and signs_off_commentary(request.user),
        "may_upload": is_open and _may_upload_texts(request, facts.period),
    }


def _may_upload_texts(request: LoggedInRequest, period: Period) -> bool:
    """Return whether a person may bring in the texts of the whole council as a file."""
    return may_upload(request.user) and reach_of(request.user, period.year).everything


def _find_report(request: LoggedInRequest, period: Period) -> tuple[ReportData, Container[int]]:
    """Return the report that this person reads, and the services they read of it.

    That is the draft, of the services they may see. Where they may see no draft, or the address
    names a version, it is the published report, and all of it. Raise `NoReport` without one.
    """
    version, user = asked_version(request), request.user
    if version is None and period.batch is not None and not period.is_published:
        part = EVERYTHING if may_see_drafts(user) else reach_of(user, period.year)
        if part:
            return draft_data(period), part
    facts = readable_report(user, period, version)
    if facts is None:
        raise NoReport(period)
    return facts, EVERYTHING


def _run_action(
    request: LoggedInRequest, facts: ReportData, node: ReportRow, service: Service
) -> HttpResponse:
    name, user = request.POST.get("action"), request.user
    require((may_sign_off if name == "sign_off" else may_comment)(user, service))
    actions: dict[str | None, Action] = {"sign_off": _sign_off, "withdraw": _withdraw_text}
    action = actions.get(name, _save_text)
    try:
        return action(request, facts, node, service)
    except CommentaryClashed as clashed:
        found: dict[str, Any] = {
            "theirs": clashed.theirs,
            "clashed": True,
            "typed": request.POST.get("text"),
        }
        return _render_refusal(request, facts, service, clashed, **found)
    except Refused as refused:
        return _render_refusal(request, facts, service, refused, typed=request.POST.get("text"))


def _render_refusal(
    request: LoggedInRequest, facts: ReportData, service: Service, refused: Refused, **more: Any
) -> HttpResponse:
    """Return the page as the text is now, with what the person sent."""
    period = get_object_or_404(periods(), pk=facts.period.pk)
    facts, _ = _find_report(request, period)
    node = next((each for each in facts.nodes if each.key == service.code), None)
    if node is None:
        raise Http404("There is no such service any more.")
    more |= {"refused": refused.messages, "status": 409}
    return _render_page(request, facts, node, service, **more)


def _save_text(
    request: LoggedInRequest, facts: ReportData, node: ReportRow, service: Service
) -> HttpResponse:
    form = CommentaryForm(request.POST)
    if not form.is_valid():
        return _render_page(request, facts, node, service, form=form, status=422)
    changed = write_commentary(
        period=facts.period,
        service=service,
        text=form.cleaned_data["text"],
        seen=form.cleaned_data["seen"],
        by=request.user,
    )
    text = "The commentary is saved." if changed else "Nothing had changed, so nothing was saved."
    return _redirect_with(request, text)


def _withdraw_text(
    request: LoggedInRequest, facts: ReportData, node: ReportRow, service: Service
) -> HttpResponse:
    withdraw_commentary(
        period=facts.period,
        service=service,
        seen=request.POST.get("seen", ""),
        by=request.user,
    )
    return _redirect_with(request, "The commentary is withdrawn. Its history keeps the text.")


def _sign_off(
    request: LoggedInRequest, facts: ReportData, node: ReportRow, service: Service
) -> HttpResponse:
    form = SignOffForm(request.POST)
    if not form.is_valid():
        raise Refused("The page was not sent whole. Look at the text and figures and sign again.")
    new = sign_off_commentary(
        period=facts.period,
        service=service,
        seen=form.cleaned_data["seen"],
        budget_pence=form.cleaned_data["budget"],
        net_variance_pence=form.cleaned_data["net_variance"],
        by=request.user,
    )
    return _redirect_with(
        request, "The commentary is signed off." if new else "It was signed off already."
    )


def _redirect_with(request: LoggedInRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(request.path)


def _render_page(
    request: LoggedInRequest,
    facts: ReportData,
    node: ReportRow,
    service: Service,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    (row,) = commentary_rows(facts, {service.pk})
    context = _period_context(facts.period) | {
        "facts": facts,
        "node": node,
        "row": row,
        "service": service,
        "sentence": node_sentence(facts, node),
        "figures": node_figures(facts, node),
        "rule": due_rule(facts.settings.commentary),
        "unit": facts.display("annex-a").unit_label,
        "query": f"?version={facts.version}" if request.GET.get("version") else "",
    }
    if facts.report is not None:
        page = render(request, "monitoring/commentary_read.html", context | more, status=status)
        return keep_published(page, facts)
    context |= _editing_context(request, facts, row, service)
    context |= {"form": _text_form(context, more.get("typed"))} | more
    _explain_text(context)
    return render(request, "monitoring/commentary_edit.html", context, status=status)


def _text_form(context: dict[str, Any], typed: str | None) -> CommentaryForm:
    """Return the form with the text that was sent, else with the text as it is now."""
    text = context["text"] if typed is None else typed
    return CommentaryForm(initial={"text": text, "seen": context["seen"]})


def _explain_text(context: dict[str, Any]) -> None:
    """Say with the field what the text is for, when it is due and where it is printed."""
    row, field = context["row"], context["form"].fields["text"]
    note = f"note {row.note}" if row.note else "a note"
    field.help_text = (
        "Why the forecast differs from the budget, what is being done about it, and by when. "
        f"{context['rule'] + ' ' if row.due else ''}It is printed as {note} of the budgetary "
        "control report."
    )
    if context.get("clashed"):
        field.label = "Your text"


def _editing_context(
    request: LoggedInRequest, facts: ReportData, row: CommentaryRow, service: Service
) -> dict[str, Any]:
    """Return what the page shows to people who write a text or sign it off."""
    period, user, node = facts.period, request.user, row.node
    kept = find_commentary(period, service)
    (row,) = with_history(facts, [row])
    earlier = previous_text(facts, node)
    text, from_previous = kept.text if kept else "", False
    if earlier is not None and request.GET.get("from") == "previous":
        text, from_previous = earlier[1], True
    record = commentary_record(period, service.code)
    lines = largest_lines(facts, [node], with_exempt=may_see_exempt_lines(user))
    return {
        "row": row,
        "kept": kept,
        "seen": text_version(kept),
        "previous": earlier,
        "from_previous": from_previous,
        "text": text,
        "verdicts": check_figures(user, facts, node, text),
        "lines": lines[node.key],
        "may_write": may_comment(user, service),
        "may_sign": may_sign_off(user, service),
        "behind": period.figures_revision != period.year.revision,
        "history": history_of(record),
        "history_record": record if may_see_audit(user) else "",
    }


def _period_context(period: Period) -> dict[str, Any]:
    return {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "nav_section": "home",
    }
