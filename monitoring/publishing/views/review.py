"""The review page: a draft's checks and outstanding work; publish and reopen a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from council_finance.accounts.models import User
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.forms.fields import text_field
from council_finance.next_step import TO_FIRST_PAGE, TO_MONTH
from council_finance.registry import Outstanding
from monitoring.audit.selectors.audit_links import report_record
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.ledger_files.selectors import missing_rest_of
from monitoring.month.selectors.duties import duties_of
from monitoring.people.rights import (
    NOTHING,
    may_give_reasons,
    may_publish,
    may_review,
    reach_of,
    require,
)
from monitoring.published.selectors.reports import report_versions
from monitoring.publishing.selectors.outstanding import (
    WorkReview,
    describe_wait,
    missing_reasons,
    review_work,
)
from monitoring.publishing.selectors.questions import outstanding_reasons, review_questions
from monitoring.publishing.selectors.review import (
    Checks,
    place_lines,
    publishing_blockers,
    sorted_checks,
    unbudgeted_lines,
)
from monitoring.publishing.selectors.words import texts_to_correct
from monitoring.publishing.services.reports import publish_report, reopen_report
from monitoring.publishing.views.reasons import REASON_ACTIONS, sent_reasons
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.pages import position_sentence
from monitoring.reports.selectors.report_data import (
    ReportData,
    current_data,
    draft_data,
    has_draft,
)
from monitoring.reports.selectors.statements import statement_titles
from monitoring.structure.selectors.calendar import period_or_404, periods

if TYPE_CHECKING:
    from monitoring.structure.models import Period


class PublishForm(forms.Form):
    """The version to publish, and the revision of the figures that the lead has read."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    complete_because = text_field("Why publish without them?", max_length=1000, required=False)
    knows_outstanding = forms.BooleanField(
        label="I have read what is outstanding, and publish without it", required=False
    )


class ReopenForm(forms.Form):
    """The reason why a report is opened again."""

    reason = text_field(
        "Why is it reopened?",
        "One sentence that a councillor understands: “A late invoice of £120,000 for placements”.",
        max_length=1000,
        error_messages={
            "required": "Say why the report is reopened; readers of the next version will see it."
        },
    )


def review(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show what prevents a draft's publication and what is outstanding; publish or reopen it.

    Reasons for questioned figures, and for checks that differ, are given here too.
    """
    require(may_review(request.user))
    period = period_or_404(start, number)
    action = request.POST.get("action", "")
    if request.method != "POST":
        return _render_page(request, period)
    if action in REASON_ACTIONS:
        return _store_reasons(request, period, action)
    require(may_publish(request.user))
    if action == "reopen":
        return _reopen_period(request, period)
    return _publish_draft(request, period)


def _store_reasons(request: LoggedInRequest, period: Period, action: str) -> HttpResponse:
    require(may_give_reasons(request.user))
    try:
        messages.success(request, REASON_ACTIONS[action](request, period))
    except Refused as refused:
        return _render_refusal(request, period, refused)
    address = reverse("review", args=[period.year.start, period.number])
    return redirect(f"{address}#{action}")


def _publish_draft(request: LoggedInRequest, period: Period) -> HttpResponse:
    form = PublishForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("The page was not sent whole. Look at the draft again, then publish it.")
        sent = dict(form.cleaned_data)
        warned = _list_warnings(period, request.user)
        if not sent.pop("knows_outstanding") and warned:
            return _render_page(request, period, status=422, asks_to_confirm=True)
        report = publish_report(period=period, by=request.user, despite=warned, **sent)
    except Refused as refused:
        return _render_refusal(request, period, refused)
    message = f"{period.name} is published as version {report.version}. Members read it now."
    messages.success(request, message, extra_tags=TO_FIRST_PAGE)
    return redirect("report", period.year.start, period.number)


def _list_warnings(period: Period, user: User) -> list[str]:
    """Return a sentence for all outstanding work of which the person who publishes is warned."""
    if not has_draft(period) or period.year.is_archived:
        return []
    facts = draft_data(period)
    return [each.text for each in _review_work(facts, user, missing_reasons(facts)).warned]


def _review_work(facts: ReportData, user: User, reasons: Sequence[Outstanding]) -> WorkReview:
    duties = duties_of(user, facts.period, reach_of(user, facts.period.year))
    return review_work(facts, timezone.localdate(), duties, reasons)


def _reopen_period(request: LoggedInRequest, period: Period) -> HttpResponse:
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _render_page(request, period, status=422, reopen_form=form)
    try:
        reopen_report(period=period, reason=form.cleaned_data["reason"], by=request.user)
    except Refused as refused:
        return _render_refusal(request, period, refused)
    message = f"{period.name} is open again. Members go on reading what they had."
    messages.success(request, message, extra_tags=TO_MONTH)
    return redirect("review", period.year.start, period.number)


def _render_refusal(request: LoggedInRequest, period: Period, refused: Refused) -> HttpResponse:
    """Return the page as the period is now, with the reasons why nothing was done."""
    period = get_object_or_404(periods(), pk=period.pk)
    return _render_page(request, period, status=409, refused=refused.messages)


def _render_page(
    request: LoggedInRequest, period: Period, *, status: int = 200, **more: Any
) -> HttpResponse:
    last = report_versions(period).last()
    context: dict[str, Any] = {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "nav_section": "home",
        "may_publish": may_publish(request.user) and not period.year.is_archived,
        "last": last,
        "reopen_form": ReopenForm(),
        "history": history_of(report_record(period)),
    }
    facts = current_data(period) if period.is_published or has_draft(period) else None
    if not period.is_published:
        placed = None if facts is None else place_lines(period, facts.positions)
        context["blockers"] = publishing_blockers(period, placed)
        context["rest"] = missing_rest_of(period, placed)
    if facts is not None:
        context |= _review_context(request, facts)
        if not period.is_published:
            context["blockers"] += [describe_wait(each) for each in context["work"].blocking]
            context["publish_form"] = _make_publish_form(request, context | more)
    return render(request, "monitoring/review.html", context | more, status=status)


def _make_publish_form(request: LoggedInRequest, context: dict[str, Any]) -> PublishForm:
    """Return the form that publishes what this page shows, with the reason that was sent.

    With `asks_to_confirm` it is the form that was sent, with the box that was not ticked.
    """
    if context.get("asks_to_confirm"):
        form = PublishForm(request.POST)
        form.add_error("knows_outstanding", "Tick the box to publish without this work.")
    else:
        form = PublishForm(
            initial={
                "version": context["facts"].version,
                "revision": _revision_shown(context["period"]),
                "complete_because": request.POST.get("complete_because", ""),
            }
        )
    if not context["work"].warned:
        del form.fields["knows_outstanding"]
    if context["rest"] is None:
        del form.fields["complete_because"]
    else:
        form.fields["complete_because"].help_text = (
            f"{context['rest'].sentence} Upload them first, or say why you are not waiting for "
            "them. The audit trail keeps the reason with your name."
        )
    return form


def _revision_shown(period: Period) -> int | None:
    """Return the revision of the year that the draft shows; a bare tree is read as it is now."""
    return period.year.revision if period.batch is None else period.figures_revision


def _review_context(request: LoggedInRequest, facts: ReportData) -> dict[str, Any]:
    """Return the draft, or the report as it was published, with its checks."""
    period, typed = facts.period, sent_reasons(request)
    checks = sorted_checks(facts, check_report(facts), typed)
    context = {
        "facts": facts,
        "position": position_sentence(facts),
        "statements": statement_titles(facts),
        "checks": checks,
        "superseded": facts.is_comparative_superseded,
        "behind": facts.report is None and _revision_shown(period) != period.year.revision,
    }
    return context if period.is_published else context | _draft_context(request, facts, checks)


def _draft_context(request: LoggedInRequest, facts: ReportData, checks: Checks) -> dict[str, Any]:
    """Return the questions about a draft's figures, and the work that is outstanding."""
    user, period = request.user, facts.period
    may_answer = may_give_reasons(user) and not period.year.is_archived
    reach = reach_of(user, period.year) if may_answer else NOTHING
    questions = review_questions(facts, reach, sent_reasons(request))
    reasons = outstanding_reasons(period, questions.needed, checks.without_reason)
    return {
        "questions": questions,
        "claims": texts_to_correct(facts, user),
        "may_explain": may_answer,
        "work": _review_work(facts, user, reasons),
        "unbudgeted": unbudgeted_lines(facts.positions),
    }
