"""What services say about their variances: read, written and signed off."""

from collections.abc import Callable, Container

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.commentary.forms import CommentaryForm, SignOffForm
from monitoring.commentary.selectors import (
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
    may_see_month,
    may_sign_off,
    reach_of,
    require,
)
from monitoring.published.report_rows import ReportRow
from monitoring.reports.report_access import asked_version, readable_report
from monitoring.reports.selectors.pages import node_sentence
from monitoring.reports.selectors.report_data import ReportData, draft_data
from monitoring.structure.selectors.calendar import periods


@require_safe
def commentary(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Where commentary is due, what is written and signed off; of a report, the texts."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    if period.batch is None and may_see_month(request.user):
        return render(request, "monitoring/commentary_none.html", _frame(period))
    facts, part = _reading(request, period)
    rows = commentary_rows(facts, part)
    if facts.report is None:
        rows = with_history(facts, rows)
    everything = request.GET.get("show") == "all"
    context = _frame(period) | {
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
    }
    return render(request, "monitoring/commentary.html", context)


def edit(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """The commentary of one service: this month's figures, the text, the sign-off."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts, part = _reading(request, period)
    service = find_service(start, code)
    node = next((each for each in facts.nodes if each.key == code), None)
    if service is None or node is None or node.service not in part:
        raise Http404("There is no such service.")
    if request.method == "POST":
        return _act(request, facts, node, service)
    return _page(request, facts, node, service)


def _reading(request: LoggedInRequest, period) -> tuple[ReportData, Container[int]]:
    """What this person reads, and of which services, or 404: the draft of what they may see.

    Where there is none, or a version is asked for, the published report, of which all is read.
    """
    version, user = asked_version(request), request.user
    if version is None and period.batch is not None and not period.is_published:
        part = EVERYTHING if may_see_drafts(user) else reach_of(user, period.year)
        if part:
            return draft_data(period), part
    facts = readable_report(user, period, version)
    if facts is None:
        raise Http404("There is no commentary to read yet.")
    return facts, EVERYTHING


def _act(request: LoggedInRequest, facts: ReportData, node: ReportRow, service) -> HttpResponse:
    signing = request.POST.get("action") == "sign_off"
    require((may_sign_off if signing else may_comment)(request.user, service))
    acts: dict[str | None, Callable] = {"sign_off": _sign_off, "withdraw": _withdraw}
    act = acts.get(request.POST.get("action"), _save)
    try:
        return act(request, facts, node, service)
    except CommentaryClashed as clashed:
        found = {"theirs": clashed.theirs, "clashed": True, "typed": request.POST.get("text")}
        return _refusal(request, facts, service, clashed, **found)
    except Refused as refused:
        return _refusal(request, facts, service, refused, typed=request.POST.get("text"))


def _refusal(request: LoggedInRequest, facts: ReportData, service, refused: Refused, **more):
    """The page as things stand now, with what the person sent."""
    period = get_object_or_404(periods(), pk=facts.period.pk)
    facts, _ = _reading(request, period)
    node = next((each for each in facts.nodes if each.key == service.code), None)
    if node is None:
        raise Http404("There is no such service any more.")
    more |= {"refused": refused.messages, "status": 409}
    return _page(request, facts, node, service, **more)


def _save(request: LoggedInRequest, facts: ReportData, node: ReportRow, service) -> HttpResponse:
    form = CommentaryForm(request.POST)
    if not form.is_valid():
        return _page(request, facts, node, service, form=form, status=422)
    changed = write_commentary(
        period=facts.period,
        service=service,
        text=form.cleaned_data["text"],
        seen=form.cleaned_data["seen"],
        by=request.user,
    )
    text = "The commentary is saved." if changed else "Nothing had changed, so nothing was saved."
    return _done(request, text)


def _withdraw(
    request: LoggedInRequest, facts: ReportData, node: ReportRow, service
) -> HttpResponse:
    withdraw_commentary(
        period=facts.period,
        service=service,
        seen=request.POST.get("seen", ""),
        by=request.user,
    )
    return _done(request, "The commentary is withdrawn. Its history keeps the text.")


def _sign_off(
    request: LoggedInRequest, facts: ReportData, node: ReportRow, service
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
    return _done(request, "The commentary is signed off." if new else "It was signed off already.")


def _done(request: LoggedInRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(request.path)


def _page(
    request: LoggedInRequest,
    facts: ReportData,
    node: ReportRow,
    service,
    *,
    status: int = 200,
    **more,
) -> HttpResponse:
    (row,) = commentary_rows(facts, {service.pk}) or [None]
    context = _frame(facts.period) | {
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
        return render(request, "monitoring/commentary_read.html", context | more, status=status)
    context |= _desk(request, facts, node, service, context["row"])
    context |= {"form": _text_form(context, more.get("typed"))} | more
    _explain_text(context)
    return render(request, "monitoring/commentary_edit.html", context, status=status)


def _text_form(context: dict, typed: str | None) -> CommentaryForm:
    """Return the form with the text that was sent, else with the text as it is now."""
    text = context["text"] if typed is None else typed
    return CommentaryForm(initial={"text": text, "seen": context["seen"]})


def _explain_text(context: dict) -> None:
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


def _desk(request: LoggedInRequest, facts: ReportData, node: ReportRow, service, row) -> dict:
    """What a writer and a signer have before them."""
    period, user = facts.period, request.user
    kept = find_commentary(period, service)
    (row,) = with_history(facts, [row])
    earlier = previous_text(facts, node)
    from_previous = earlier is not None and request.GET.get("from") == "previous"
    record = commentary_record(period, service.code)
    return {
        "row": row,
        "kept": kept,
        "seen": text_version(kept),
        "previous": earlier,
        "from_previous": from_previous,
        "text": earlier[1] if from_previous else kept.text if kept else "",
        "lines": largest_lines(facts, node, with_exempt=may_see_exempt_lines(user)),
        "may_write": may_comment(user, service),
        "may_sign": may_sign_off(user, service),
        "behind": period.figures_revision != period.year.revision,
        "history": history_of(record),
        "history_record": record if may_see_audit(user) else "",
    }


def _frame(period) -> dict:
    return {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "nav_section": "home",
    }
