"""Ask a colleague about a figure of a draft, answer, and close the question."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.questions.models import MESSAGE_LENGTH, ColleagueQuestion, QuestionMessage
from monitoring.questions.rights import may_close, may_discuss, may_read_question
from monitoring.questions.selectors import figures_to_ask_about, question_record
from monitoring.structure.models import BudgetLine, Period, Service
from monitoring.structure.selectors.calendar import periods, published_message
from monitoring.structure.year_changes import lock_year


@transaction.atomic
def ask_question(
    *,
    period: Period,
    service: Service,
    line: BudgetLine | None,
    asked_of: User,
    text: str,
    by: User,
) -> ColleagueQuestion:
    """Store a question about a service, or about one of its lines, with the figures as they are.

    Raise `PermissionDenied` for figures that the person may not see, and `Refused` where the
    colleague may not see them, there are none, the period is published or the year archived.
    """
    if not may_discuss(by, service, line):
        raise PermissionDenied
    text = _require_text(text, "Write your question.")
    period = _require_draft(period)
    if asked_of == by or not asked_of.is_active or not may_discuss(asked_of, service, line):
        raise Refused("Choose a colleague who may see these figures.")
    figures = figures_to_ask_about(period, service, line)
    if figures is None:
        raise Refused(f"There are no such figures in the draft of {period} any more.")
    question = ColleagueQuestion.objects.create(
        period=period,
        service=service,
        line=line,
        budget_pence=figures.budget,
        net_variance_pence=figures.net_variance,
        asked_by=by,
        asked_of=asked_of,
    )
    QuestionMessage.objects.create(question=question, text=text, by=by)
    _record_act(question, by, "asked about a figure", about=_describe_figures(question))
    return question


@transaction.atomic
def answer_question(*, question: ColleagueQuestion, text: str, by: User) -> None:
    """Add a message to an open question.

    Raise `PermissionDenied` for a person who may not read it, and `Refused` where it is closed,
    the period is published or the year archived.
    """
    question = _lock_open_question(question, by)
    text = _require_text(text, "Write your answer.")
    QuestionMessage.objects.create(question=question, text=text, by=by)
    _record_act(question, by, "answered a question")


@transaction.atomic
def close_question(*, question: ColleagueQuestion, by: User) -> None:
    """Close a question; its messages stay. Raise `PermissionDenied` or `Refused` as above."""
    question = _lock_open_question(question, by)
    if not may_close(by, question):
        raise PermissionDenied
    question.closed_by, question.closed_at = by, timezone.now()
    question.save(update_fields=["closed_by", "closed_at"])
    _record_act(question, by, "closed a question")


def _lock_open_question(question: ColleagueQuestion, by: User) -> ColleagueQuestion:
    """Return the question as it is now, with its year locked."""
    _require_draft(question.period)
    question = ColleagueQuestion.objects.select_related("period__year", "service", "line").get(
        pk=question.pk
    )
    if not may_read_question(by, question):
        raise PermissionDenied
    if question.closed_at is not None:
        raise Refused("This question was closed meanwhile. Ask a new one if you need to.")
    return question


def _require_draft(period: Period) -> Period:
    """Lock the year and return the period as it is now. Raise `Refused` where it is published."""
    lock_year(period.year_id)
    period = periods().get(pk=period.pk)
    if period.is_published:
        raise Refused(published_message(period))
    return period


def _require_text(text: str, sentence: str) -> str:
    text = text.strip()
    if not text:
        raise Refused(sentence)
    if len(text) > MESSAGE_LENGTH:
        raise Refused(f"Shorten the text to {MESSAGE_LENGTH:,} characters; it has {len(text):,}.")
    return text


def _describe_figures(question: ColleagueQuestion) -> str:
    place = question.service.code if question.line is None else question.line.code
    return f"{place} in {question.period}"


def _record_act(question: ColleagueQuestion, by: User, action: str, **detail: str) -> None:
    """Add an entry to the audit trail; the text stays in the message alone."""
    audit.record(by=by, action=action, on=question_record(question), **detail)
