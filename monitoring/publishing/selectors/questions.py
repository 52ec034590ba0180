"""The questions about a draft's figures, as the review lists them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from council_finance.money import plain_pounds
from council_finance.registry import Link, Outstanding
from monitoring.people.rights import Reach
from monitoring.plausibility.models import FigureAnswer
from monitoring.plausibility.selectors.questions import (
    FoundQuestions,
    ask_about_month,
    settings_of,
)
from monitoring.plausibility.wording import RULE_TITLES, Question
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import BudgetLine, Period

SHOWN = 50
"""The number of questions that the page lists; it counts the others."""


@dataclass(frozen=True)
class QuestionRow:
    """A question as the page lists it, with the line, its service and the link to its cell.

    `line` is None for a question about the whole month. `needs_reason` says that its effect is
    above the council's threshold, `may_answer` that the reader may give a reason; `typed` is one
    that was sent and not stored.
    """

    question: Question
    line: BudgetLine | None
    service: str
    url: str
    effect: str
    needs_reason: bool
    may_answer: bool
    typed: str


@dataclass(frozen=True)
class AnsweredRow:
    """A question with the reason that was given for its figure."""

    title: str
    line: BudgetLine | None
    answer: FigureAnswer


@dataclass(frozen=True)
class ReviewQuestions:
    """The open questions about a draft, the largest effect first, and the answered ones.

    The first SHOWN of the open ones are listed; `needed` counts those that need a reason.
    """

    rows: list[QuestionRow]
    count: int
    needed: int
    answered: list[AnsweredRow]

    @property
    def may_answer(self) -> bool:
        """Return True where the reader may answer one of those listed."""
        return any(row.may_answer for row in self.rows)


def review_questions(facts: ReportData, reach: Reach, typed: Mapping[str, str]) -> ReviewQuestions:
    """Return the questions of a draft for a reader who may answer for the services in `reach`.

    `typed` are reasons that were sent and not stored, by the questions' keys.
    """
    period, positions = facts.period, facts.positions
    found = ask_about_month(period, positions, facts.reader)
    reason_from = settings_of(period).reason_from
    questions = found.first(SHOWN)
    lines = _lines_of(questions, found)
    homes = {node.service: node.key for node in facts.leaves}
    asked = positions[positions["line"].isin([question.line for question in questions])]
    services = dict(zip(asked["line"], asked["service"], strict=True))
    rows = [
        _build_row(
            question,
            lines.get(question.line or 0),
            period=period,
            code=homes.get(services.get(question.line or 0, 0), ""),
            needs_reason=question.effect >= reason_from,
            reach=reach,
            typed=typed.get(question.key, ""),
        )
        for question in questions
    ]
    answered = [
        AnsweredRow(RULE_TITLES[each.rule], lines.get(each.line_id or 0), each)
        for each in list(found.answered.values())[:SHOWN]
    ]
    return ReviewQuestions(rows, len(found), found.count_from(reason_from), answered)


def _lines_of(questions: list[Question], found: FoundQuestions) -> dict[int, BudgetLine]:
    """Return the budget lines of the questions listed, by id, with their services."""
    ids = {question.line for question in questions}
    ids |= {answer.line_id for answer in found.answered.values()}
    lines = BudgetLine.objects.filter(pk__in=[pk for pk in ids if pk is not None])
    return {line.pk: line for line in lines.select_related("service")}


def _build_row(
    question: Question,
    line: BudgetLine | None,
    *,
    period: Period,
    code: str,
    needs_reason: bool,
    reach: Reach,
    typed: str,
) -> QuestionRow:
    address = reverse("forecasts", args=[period.year.start, period.number, code]) if code else ""
    anchor = f"?q={line.cost_centre}#forecast-{line.pk}" if line and code else ""
    return QuestionRow(
        question=question,
        line=line,
        service=line.service.name if line else "",
        url=f"{address}{anchor}" if line else "",
        effect=plain_pounds(question.effect) if line else "",
        needs_reason=needs_reason,
        may_answer=line.service_id in reach if line else reach.everything,
        typed=typed,
    )


def outstanding_reasons(period: Period, needed: int, without_reason: int) -> list[Outstanding]:
    """Return the reasons that a draft lacks: `needed` of figures, `without_reason` of checks."""
    address = reverse("review", args=[period.year.start, period.number])
    found = []
    if needed:
        questions = "1 question" if needed == 1 else f"{needed:,} questions"
        text = f"{questions} about figures {'needs' if needed == 1 else 'need'} a reason."
        found.append(Outstanding("questions", text, Link("Questions", f"{address}#questions")))
    if without_reason:
        checks = "1 check differs" if without_reason == 1 else f"{without_reason:,} checks differ"
        text = f"{checks} without a reason."
        found.append(Outstanding("checks", text, Link("Checks", f"{address}#checks")))
    return found
