"""Read questions about figures: those of a page, those that wait for a person, and one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from council_finance.accounts.models import Role, User
from council_finance.one_reading import TableOfYears
from council_finance.prepared import prepared
from monitoring.figures.models import NodeFigure
from monitoring.people.models import TreeRight
from monitoring.people.rights import Reach, may_see_month, reach_of, services_under
from monitoring.questions.models import ColleagueQuestion, QuestionMessage
from monitoring.questions.rights import may_discuss, may_read_question
from monitoring.reports.selectors.node_lines import line_in
from monitoring.structure.models import (
    BudgetLine,
    FinancialYear,
    Period,
    PeriodState,
    Service,
)

_QUESTIONS = TableOfYears(ColleagueQuestion, "period__year")
_PERSONS = ("asked_by", "asked_of", "closed_by")


@dataclass(frozen=True)
class ListedQuestion:
    """A question on a list: its first words, its state, and for whose message it waits.

    `last_message` is the id of its latest message. `waits_for` is None where it is closed.
    """

    question: ColleagueQuestion
    text: str
    last_message: int
    waits_for: User | None

    @property
    def figure(self) -> str:
        """Return the figures that it is about, in words."""
        service = self.question.service.name
        line = self.question.line
        return service if line is None else f"{line.code} of {service}"

    @property
    def url(self) -> str:
        """Return the path of its page."""
        return reverse("question", args=[self.question.pk])

    @property
    def state(self) -> str:
        """Return its state in a few words."""
        if self.question.closed_at is not None:
            return "Closed"
        if self.question.period.is_published:
            return "Open when published"
        is_answered = self.waits_for == self.question.asked_by
        return "Answered" if is_answered else "Waits for an answer"

    @property
    def tone(self) -> str:
        """Return the colour of its state."""
        return {"Waits for an answer": "amber", "Answered": "blue"}.get(self.state, "grey")


@dataclass(frozen=True)
class AskedFigures:
    """The figures of a draft that a question would be about, in pence."""

    budget: int
    net_variance: int | None


def question_record(question: ColleagueQuestion) -> str:
    """Return the audit trail's name of a question."""
    return f"question {question.pk}"


def find_question(pk: int) -> ColleagueQuestion | None:
    """Return the question of that id; None where there is none."""
    return _read_questions().filter(pk=pk).first()


def question_row(question: ColleagueQuestion) -> ListedQuestion:
    """Return a question as lists show it."""
    return _list_questions(_read_questions().filter(pk=question.pk))[0]


def messages_of(question: ColleagueQuestion) -> list[QuestionMessage]:
    """Return the messages of a question, the first of which is the question itself."""
    return list(question.messages.select_related("by").order_by("pk"))


def questions_about(
    user: User, period: Period, service: Service, line: BudgetLine | None, own: Reach
) -> list[ListedQuestion]:
    """Return the questions about a service with its lines, or about one line, the latest first.

    Those that the person may not read are left out.
    """
    if _QUESTIONS.is_known_empty(period.year):
        return []
    chosen = ColleagueQuestion.objects.filter(period=period)
    chosen = chosen.filter(service=service) if line is None else chosen.filter(line=line)
    # Most figures have none, which one small query says.
    asked = list(chosen.order_by().values_list("pk", flat=True))
    if not asked:
        return []
    found = _list_questions(_read_questions().filter(pk__in=asked).order_by("-pk"))
    return [each for each in found if may_read_question(user, each.question, own)]


def questions_waiting_for(user: User, period: Period | None = None) -> list[ListedQuestion]:
    """Return the open questions of drafts that wait for a person's message, the oldest first.

    `period` limits them to one month. Questions of archived years wait for nobody.
    """
    if not may_see_month(user):
        return []
    if period is not None and _QUESTIONS.is_known_empty(period.year):
        return []
    chosen = [
        pk
        for pk, of_period in _open_questions_of(user.pk)
        if period is None or of_period == period.pk
    ]
    if not chosen:
        return []  # First pages ask this of everybody, so it costs them one small query.
    mine = _read_questions().filter(pk__in=chosen)
    waiting = [each for each in _list_questions(mine.order_by("pk")) if each.waits_for == user]
    reaches = _reaches_of(user, [each.question.service.year for each in waiting])
    return [
        each
        for each in waiting
        if may_read_question(user, each.question, reaches[each.question.service.year_id])
    ]


@prepared
def _open_questions_of(user_id: int) -> QuerySet[ColleagueQuestion, Any]:
    """Return the id and the period (id) of each open question that a person asks or is asked."""
    chosen = ColleagueQuestion.objects.filter(
        Q(asked_of=user_id) | Q(asked_by=user_id),
        closed_at=None,
        period__state=PeriodState.OPEN,
        period__year__archived_at=None,
    )
    return chosen.order_by().values_list("pk", "period")


def people_to_ask(service: Service, line: BudgetLine | None, asker: User) -> list[User]:
    """Return the others who may read a question about these figures, by name."""
    tied: dict[int, set[str]] = {}
    for right in TreeRight.objects.all():
        tied.setdefault(right.user_id, set()).add(right.service_code)
    rows = Service.objects.filter(year=service.year_id)
    columns = rows.values_list("pk", "code", "parent", "successor")
    register = {pk: (code, parent, successor) for pk, code, parent, successor in columns}
    reaches: dict[frozenset[str], Reach] = {}
    found = []
    for person in User.objects.filter(is_active=True).exclude(pk=asker.pk):
        codes = frozenset(tied.get(person.pk, ()))
        if codes not in reaches:
            reaches[codes] = Reach(False, frozenset(services_under(register, set(codes))))
        if may_discuss(person, service, line, reaches[codes]):
            found.append(person)
    return sorted(found, key=lambda person: (person.name.casefold(), person.username))


def describe_person(person: User) -> str:
    """Return a person's name with their role in words."""
    return f"{person.name} ({Role(person.role).label.lower()})"


def figures_to_ask_about(
    period: Period, service: Service, line: BudgetLine | None
) -> AskedFigures | None:
    """Return the figures of a draft that a question may be about; None where it has none."""
    if period.is_published or period.batch is None:
        return None
    if line is None:
        row = NodeFigure.objects.filter(period=period, service=service).exclude(kind="closed")
        node = row.first()
        return AskedFigures(node.budget_pence, node.net_variance_pence) if node else None
    found = line_in(period, period.batch, line, None)
    if found is None:
        return None
    return AskedFigures(found.position.current_budget_pence, found.net_variance)


def _read_questions() -> QuerySet[ColleagueQuestion]:
    """Return every question, with what its page needs."""
    found = ColleagueQuestion.objects.select_related(
        "period__year", "service__year", "line", *_PERSONS
    )
    messages = QuestionMessage.objects.filter(question=OuterRef("pk"))
    first, last = messages.order_by("pk")[:1], messages.order_by("-pk")[:1]
    return found.annotate(
        first_text=Subquery(first.values("text")),
        last_message=Subquery(last.values("pk")),
        last_by=Subquery(last.values("by")),
    )


def _list_questions(chosen: QuerySet[ColleagueQuestion]) -> list[ListedQuestion]:
    return [
        ListedQuestion(
            each,
            each.first_text,  # type: ignore[attr-defined]  # annotated
            each.last_message,  # type: ignore[attr-defined]
            _find_next_person(each),
        )
        for each in chosen
    ]


def _find_next_person(question: ColleagueQuestion) -> User | None:
    """Return whose message an open question waits for.

    After a message of the one who asked that is the one asked, and after any other the asker.
    """
    if question.closed_at is not None:
        return None
    last_by: int = question.last_by  # type: ignore[attr-defined]  # annotated
    return question.asked_of if last_by == question.asked_by_id else question.asked_by


def _reaches_of(user: User, years: Iterable[FinancialYear]) -> dict[int, Reach]:
    return {year.pk: reach_of(user, year) for year in {each.pk: each for each in years}.values()}
