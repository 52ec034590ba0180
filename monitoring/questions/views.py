"""The pages on which people ask each other about a figure of a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from council_finance.accounts.models import User
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.typed_text import whole_number
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.forecasts.selectors.lines import find_service
from monitoring.people.rights import may_see_audit
from monitoring.people.selectors.people import person_or_none
from monitoring.questions.forms import AnswerForm, QuestionForm
from monitoring.questions.rights import may_close, may_discuss, may_read_question
from monitoring.questions.selectors import (
    figures_to_ask_about,
    find_question,
    messages_of,
    people_to_ask,
    question_record,
    question_row,
)
from monitoring.questions.services import answer_question, ask_question, close_question
from monitoring.reports.selectors.breakdown import exact
from monitoring.reports.selectors.node_lines import find_line
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.questions.models import ColleagueQuestion
    from monitoring.structure.models import BudgetLine, Period, Service


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """Show the form that asks a colleague about a service or one of its lines; store a question."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    service = find_service(start, code)
    if service is None:
        raise Http404("There is no such service.")
    line = _find_asked_line(request, service)
    if not may_discuss(request.user, service, line):
        raise Http404("There is no such service.")
    if figures_to_ask_about(period, service, line) is None:
        raise Http404("There are no such figures in a draft.")
    posted = request.POST if request.method == "POST" else None
    form = QuestionForm(people_to_ask(service, line, request.user), posted)
    refused: list[str] = []
    if form.is_valid():
        try:
            asked = _store_question(form, period, service, line, request.user)
        except Refused as refusal:
            refused = list(refusal.messages)
        else:
            messages.success(request, f"Your question to {asked.asked_of.name} is stored.")
            return redirect("question", asked.pk)
    context = _figure_context(period, service, line) | {"form": form, "refused": refused}
    status = 422 if form.errors else 409 if refused else 200
    return render(request, "monitoring/question_new.html", context, status=status)


def _store_question(
    form: QuestionForm, period: Period, service: Service, line: BudgetLine | None, by: User
) -> ColleagueQuestion:
    asked_of = person_or_none(int(form.cleaned_data["asked_of"]))
    if asked_of is None:
        raise Refused("Choose a colleague who may see these figures.")
    return ask_question(
        period=period,
        service=service,
        line=line,
        asked_of=asked_of,
        text=form.cleaned_data["text"],
        by=by,
    )


def _find_asked_line(request: LoggedInRequest, service: Service) -> BudgetLine | None:
    """Return the line that the address names, None where it names none. Raise 404 for another."""
    text = request.GET.get("line", "")
    if not text:
        return None
    pk = whole_number(text, digits=18)
    line = None if pk is None else find_line(service.year, pk)
    if line is None or line.service_id != service.pk:
        raise Http404("There is no such line.")
    return line


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Show a question with its messages; store an answer, or close it."""
    found = find_question(pk)
    if found is None or not may_read_question(request.user, found):
        raise Http404("There is no such question.")
    closes = request.POST.get("action") == "close"
    form = AnswerForm(request.POST if request.method == "POST" and not closes else None)
    refused: list[str] = []
    if closes or form.is_valid():
        try:
            if closes:
                close_question(question=found, by=request.user)
            else:
                answer_question(question=found, text=form.cleaned_data["text"], by=request.user)
        except Refused as refusal:
            refused = list(refusal.messages)
            found = find_question(pk) or found
        else:
            done = "The question is closed." if closes else "Your message is stored."
            messages.success(request, done)
            return redirect("question", pk)
    context = _question_context(request.user, found) | {"form": form, "refused": refused}
    status = 422 if form.errors else 409 if refused else 200
    return render(request, "monitoring/question.html", context, status=status)


def _question_context(user: User, found: ColleagueQuestion) -> dict[str, Any]:
    record = question_record(found)
    return _figure_context(found.period, found.service, found.line) | {
        "row": question_row(found),
        "question": found,
        "thread": messages_of(found),
        "asked_budget": exact(found.budget_pence),
        "asked_variance": exact(found.net_variance_pence),
        "takes_messages": _takes_messages(found),
        "may_close": may_close(user, found),
        "history": history_of(record),
        "history_record": record if may_see_audit(user) else "",
    }


def _takes_messages(found: ColleagueQuestion) -> bool:
    """Return whether a question may still be answered and closed."""
    period = found.period
    return found.closed_at is None and not period.is_published and not period.year.is_archived


def _figure_context(period: Period, service: Service, line: BudgetLine | None) -> dict[str, Any]:
    """Return the context of the figures that a question is about, and their page's address."""
    at = (period.year.start, period.number)
    return {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "service": service,
        "line": line,
        "figure_name": service.name if line is None else line.code,
        "figure_url": reverse("service", args=[*at, service.code])
        if line is None
        else reverse("line", args=[*at, line.pk]),
        "nav_section": "home",
    }
