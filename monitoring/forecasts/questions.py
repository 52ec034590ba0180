"""Ask about entered figures that may be wrong, before they are stored."""

from collections.abc import Collection, Iterable

import pandas as pd

from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.forecasts.models import ForecastEntry
from monitoring.forecasts.pipeline import Worksheet, lines_after
from monitoring.forecasts.selectors.sheet_lines import SheetLine
from monitoring.ledger.selectors.typed_amounts import MEASURES
from monitoring.plausibility.selectors.earlier import EarlierMonths
from monitoring.plausibility.selectors.questions import ask_about
from monitoring.plausibility.services import keep_answers
from monitoring.plausibility.wording import Question


class ForecastsQuestioned(Refused):
    """Raised where entered figures may be wrong and nobody has said why; nothing was saved.

    `questions` are by line id and measure.
    """

    def __init__(self, questions: list[Question]):
        self.questions: dict[tuple[int, str], list[Question]] = {}
        for question in questions:
            if question.line is not None:
                self.questions.setdefault((question.line, question.measure), []).append(question)
        count = len(self.questions)
        figures = "1 figure" if count == 1 else f"{count:,} figures"
        super().__init__(
            f"Nothing was saved yet: {figures} may be wrong. Correct what is wrong; for what is "
            "right, give a reason and save again."
        )


def answer_with_reasons(
    sheet: Worksheet, entries: list[ForecastEntry], shown: Collection[str], by: User
) -> None:
    """Keep the reasons of entries as the answers to the questions about their figures.

    A reason counts for questions that the person was shown (`shown`, by their keys): the same
    question is not asked twice, and none is answered by a reason that was typed before it was
    asked. Raise `ForecastsQuestioned` where one was not shown, or has no reason. Call it before the
    entries are stored, in their transaction.
    """
    given = {(entry.line_id, entry.measure): entry.reason for entry in entries if _is_given(entry)}
    asked = {line for line, _ in given}
    lines = [after for _, after in lines_after(sheet, entries) if after.pk in asked]
    found = ask_about(sheet.period, _as_frame(lines), earlier=EarlierMonths(sheet.earlier))
    questions = found.about(set(given)).first()
    reasons = {each.key: given[each.line, each.measure] for each in questions if each.line}
    if any(each.key not in shown or not reasons[each.key] for each in questions):
        raise ForecastsQuestioned(questions)
    keep_answers(period=sheet.period, questions=questions, reasons=reasons, by=by)


def _is_given(entry: ForecastEntry) -> bool:
    """Return True for an entry with a figure; one that takes a figure back is not questioned."""
    return entry.forecast_pence is not None


def _as_frame(lines: list[SheetLine]) -> pd.DataFrame:
    """Return the lines as ask_about takes them, with their figures before."""
    columns: dict[str, Iterable[int | None]] = {
        "current_budget": [line.budget for line in lines],
        "actual_to_date": [line.actual for line in lines],
        **{name: [line.current(name) for line in lines] for name in MEASURES},
        **{
            f"{name}_before": [
                line.earlier.current(name) if line.earlier else None for line in lines
            ]
            for name in MEASURES
        },
    }
    figures = {name: pd.array(list(values), dtype="Int64") for name, values in columns.items()}
    return pd.DataFrame({"line": [line.pk for line in lines], **figures})
