"""Give reasons for figures that were questioned, and for checks that differ."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.statements.casting import DIFFERS, Check
from monitoring.audit.selectors.audit_links import report_record
from monitoring.ledger.models import Batch
from monitoring.ledger.selectors.positions import positions_frame
from monitoring.people.rights import Reach, reach_of
from monitoring.plausibility.models import REASON_LENGTH, CheckReason, FigureAnswer
from monitoring.plausibility.selectors.check_reasons import identity_of, reasons_of
from monitoring.plausibility.selectors.questions import ask_about_month
from monitoring.plausibility.wording import Question
from monitoring.structure.models import BudgetLine, Period
from monitoring.structure.selectors.calendar import periods, published_message
from monitoring.structure.year_changes import change_year

_LISTED = 20
"""The number of lines that an entry on the audit trail names; it counts all."""


def keep_answers(
    *, period: Period, questions: Sequence[Question], reasons: Mapping[str, str], by: User | None
) -> None:
    """Store the reasons for questioned figures, with one entry on the audit trail.

    `reasons` are by the questions' keys. Call it inside the transaction that stores the figures.
    """
    if not questions:
        return
    FigureAnswer.objects.bulk_create(
        FigureAnswer(
            period=period,
            line_id=question.line,
            measure=question.measure,
            rule=question.rule,
            figures=dict(question.figures),
            effect_pence=question.effect,
            reason=reasons[question.key].strip()[:REASON_LENGTH],
            by=by,
        )
        for question in questions
    )
    audit.record(
        by=by,
        action="gave reasons for questioned figures",
        on=report_record(period),
        questions=len(questions),
        answers=[
            {"question": question.title, "line": line, "reason": reasons[question.key].strip()}
            for question, line in zip(questions, _name_lines(questions), strict=False)
        ],
    )


def _name_lines(questions: Sequence[Question]) -> list[str]:
    """Return the codes of the first questions' lines; "" for one about the whole month."""
    chosen = [question.line for question in questions[:_LISTED]]
    lines = BudgetLine.objects.in_bulk([line for line in chosen if line is not None])
    return ["" if line is None else lines[line].code for line in chosen]


def answer_questions(*, period: Period, reasons: Mapping[str, str], by: User) -> int:
    """Store reasons for open questions of a draft, and return how many were stored.

    `reasons` are by the keys of questions that the person was shown; blank ones are left open. A
    question that is answered already is left as it is. Raise `Refused` where a question is no
    longer asked, as its figure has changed, where the period is published or the year archived,
    and `PermissionDenied` for a line that the person does not look after; nothing is stored then.
    """
    given = {key: reason for key, reason in reasons.items() if reason.strip()}
    if not given:
        raise Refused("No reason was typed, so nothing was stored. Type one beside a question.")
    with change_year(period.year_id, affects_figures=False) as change:
        period, batch = _require_draft(period)
        lines = positions_frame(batch)
        found = ask_about_month(period, lines)
        asked = {question.key: question for question in found.first()}
        if gone := [key for key in given if key not in asked and key not in found.answered]:
            count = "1 figure has" if len(gone) == 1 else f"{len(gone):,} figures have"
            raise Refused(
                f"{count} changed since you opened this page, so nothing was stored. Look at the "
                "questions again; your reasons are kept below."
            )
        chosen = [question for key, question in asked.items() if key in given]
        services = dict(zip(lines["line"], lines["service"], strict=True))
        _require_reach(chosen, services, reach_of(by, period.year))
        change.is_needed = bool(chosen)
        keep_answers(period=period, questions=chosen, reasons=given, by=by)
    return len(chosen)


def _require_draft(period: Period) -> tuple[Period, Batch]:
    """Return the period and its figures as they are stored now.

    Raise `Refused` where it is published or has none.
    """
    period = periods().get(pk=period.pk)
    if period.is_published:
        raise Refused(published_message(period))
    if period.batch is None:
        raise Refused(f"There are no figures for {period} yet, so there are no questions.")
    return period, period.batch


def _require_reach(
    questions: Sequence[Question], services: Mapping[int, int], reach: Reach
) -> None:
    """Raise `PermissionDenied` for a question about a line outside what the person looks after."""
    for question in questions:
        inside = reach.everything if question.line is None else services[question.line] in reach
        if not inside:
            raise PermissionDenied


def explain_checks(*, period: Period, reasons: Sequence[tuple[Check, str]], by: User) -> int:
    """Store the reasons why checks of a draft differ, and return how many were stored.

    A check that has the reason already is left as it is. Raise `Refused` where no reason is given,
    where a check agrees, or where the period is published or its year archived; nothing is stored
    then.
    """
    given = [(check, reason.strip()[:REASON_LENGTH]) for check, reason in reasons]
    given = [(check, reason) for check, reason in given if reason]
    if not given:
        raise Refused("No reason was typed, so nothing was stored. Type one beside a check.")
    if any(check.status != DIFFERS for check, _ in given):
        raise Refused("A check that agrees needs no reason.")
    with change_year(period.year_id, affects_figures=False) as change:
        period, _ = _require_draft(period)
        kept = reasons_of(period)
        new = [pair for pair in given if not _has_reason(kept.get(identity_of(pair[0])), pair[1])]
        change.is_needed = bool(new)
        for check, reason in new:
            _store_check_reason(period, check, reason, by)
    return len(new)


def _has_reason(last: CheckReason | None, reason: str) -> bool:
    return last is not None and last.reason == reason


def _store_check_reason(period: Period, check: Check, reason: str, by: User) -> None:
    CheckReason.objects.create(
        period=period,
        statement=check.statement,
        name=check.name,
        expected_pence=check.expected_pence,
        actual_pence=check.actual_pence,
        reason=reason,
        by=by,
    )
    audit.record(
        by=by,
        action="gave a reason for a check that differs",
        on=report_record(period),
        check=check.name,
        expected=check.amounts[0],
        found=check.amounts[1],
        reason=reason,
    )
