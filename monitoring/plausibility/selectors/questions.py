"""The questions about a period's figures that nobody has answered yet."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from monitoring.ledger.selectors.position_reader import PositionReader
from monitoring.plausibility.calculations import (
    ABOUT,
    FORECAST,
    MEASURES,
    Month,
    count_still,
    find_questions,
)
from monitoring.plausibility.models import FigureAnswer
from monitoring.plausibility.selectors.earlier import EarlierMonths, earlier_months
from monitoring.plausibility.settings_tables import QuestionSettings, question_settings
from monitoring.plausibility.thresholds import Thresholds
from monitoring.plausibility.wording import (
    Naming,
    Question,
    describe_question,
    same_figures_question,
)
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import Period
from monitoring.uploading.still_figures import StillFigures


@dataclass(frozen=True)
class FoundQuestions:
    """The questions about figures, the largest effect first, as rows of `find_questions`.

    `month` are questions about the month's figures as a whole. Sentences are only made for the
    questions that are taken out.
    """

    rows: pd.DataFrame
    naming: Naming
    month: tuple[Question, ...] = ()
    answered: dict[str, FigureAnswer] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.month) + len(self.rows)

    def first(self, most: int | None = None) -> list[Question]:
        """Return the first questions, or all of them."""
        rows = self.rows if most is None else self.rows.head(max(0, most - len(self.month)))
        return [*self.month, *(describe_question(row, self.naming) for row in rows.itertuples())]

    def about(self, figures: set[tuple[int, str]]) -> "FoundQuestions":
        """Return those about these figures: pairs of a line's id and a measure."""
        chosen = [
            (int(line), measure) in figures
            for line, measure in zip(self.rows["line"], self.rows["measure"], strict=True)
        ]
        return replace(self, rows=self.rows.loc[np.array(chosen, dtype=bool)], month=())

    def count_from(self, pence: int) -> int:
        """Return how many have an effect of at least so many pence."""
        return int((self.rows["effect"] >= pence).sum())


def settings_of(period: Period) -> QuestionSettings:
    """Return the settings of questions of the period's year."""
    return question_settings(read_settings(period.year.settings))


def ask_about(
    period: Period,
    lines: pd.DataFrame,
    *,
    before: pd.DataFrame | None = None,
    thresholds: Thresholds | None = None,
    earlier: EarlierMonths | None = None,
) -> FoundQuestions:
    """Return the open questions about these lines of a period; an answered one is not asked again.

    `lines` has columns line, current_budget, actual_to_date and MEASURES in pence. `before` are
    their figures in the nearest earlier month, and `earlier` those months, where these are read
    already; `lines` may have figures before in columns that end in _before. `thresholds` are the
    council's own unless others are tried.
    """
    earlier = earlier or earlier_months(period)
    thresholds = thresholds or settings_of(period).thresholds
    if f"{FORECAST}_before" not in lines:
        if before is None:
            before = earlier.figures_before(lines["line"])
        lines = with_before(lines, before)
    found = _find_questions(period, lines, earlier, thresholds)
    return _leave_out_answered(found, _answers_of(period)) if len(found) else found


def ask_about_month(
    period: Period, lines: pd.DataFrame, reader: PositionReader | None = None
) -> FoundQuestions:
    """Return the open questions about a draft: about each line, and the month as a whole.

    `lines` is as positions_frame returns it: all lines of the draft. `reader` has read the
    positions of months that the caller needs besides.
    """
    earlier, answers = earlier_months(period, reader), _answers_of(period)
    before = earlier.figures_before(lines["line"])
    thresholds = settings_of(period).thresholds
    asked = _find_questions(period, with_before(lines, before), earlier, thresholds)
    found = _leave_out_answered(asked, answers)
    still = _find_still_figures(earlier, lines, before)
    if still is None or not still.sentence:
        return found
    question = same_figures_question(still.same, still.counted, still.sentence)
    if question.key in answers:
        kept = found.answered | {question.key: answers[question.key]}
        return replace(found, answered=kept)
    return replace(found, month=(question,))


def _find_questions(
    period: Period,
    lines: pd.DataFrame,
    earlier: EarlierMonths,
    thresholds: Thresholds,
) -> FoundQuestions:
    """Return the questions about lines with their figures before, answered or not."""
    month = Month(period.number, earlier.forecasts)
    rows = find_questions(lines, thresholds, month)
    return FoundQuestions(rows, Naming(month, _name_nearest(earlier), thresholds.unchanged_reports))


def with_before(lines: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Return the lines with each measure in the month before, in columns that end in _before."""
    places = pd.Index(before["line"]).get_indexer(lines["line"])
    past = {
        f"{name}_before": before[name].astype("Int64").array.take(places, allow_fill=True)
        for name in MEASURES
    }
    return lines.assign(**past)


def _name_nearest(earlier: EarlierMonths) -> str:
    nearest = earlier.nearest
    return "" if nearest is None else f"{nearest.name[0].lower()}{nearest.name[1:]}"


def _find_still_figures(
    earlier: EarlierMonths, lines: pd.DataFrame, before: pd.DataFrame
) -> StillFigures | None:
    """Compare actuals with the month before's or, where there is none, forecasts of the file.

    Forecasts that are carried forward are the month before's by rule, and do not count.
    """
    if earlier.nearest is None:
        return None
    actual = lines["actual_to_date"].notna().any()
    name, word = ("actual_to_date", "actual") if actual else ("forecast", "forecast")
    given = lines if actual else lines[lines["carried_from"].isna()]
    now = given.set_index("line")[name].astype("Int64")
    last = before.set_index("line")[name].astype("Int64").reindex(now.index)
    return StillFigures(*count_still(now, last), _name_nearest(earlier), f"no {word}", word)


def _answers_of(period: Period) -> dict[str, FigureAnswer]:
    """Return the answers of a period by the keys of their questions."""
    rows = FigureAnswer.objects.filter(period=period).select_related("by")
    return {_key_of(answer): answer for answer in rows}


def _key_of(answer: FigureAnswer) -> str:
    names = ABOUT.get(answer.rule, tuple(answer.figures))
    figures = {name: answer.figures[name] for name in names}
    question = Question(answer.rule, answer.measure, answer.line_id, 0, figures, "")
    return question.key


def _leave_out_answered(asked: FoundQuestions, answers: dict[str, FigureAnswer]) -> FoundQuestions:
    """Return the questions without those that are answered, which are kept beside them."""
    lines = {answer.line_id for answer in answers.values()}
    maybe = asked.rows[asked.rows["line"].isin(lines)]
    kept = {}
    for row in maybe.itertuples():
        key = describe_question(row, asked.naming).key
        if key in answers:
            kept[(row.rule, row.measure, row.line)] = (key, answers[key])
    columns = (asked.rows[name] for name in ("rule", "measure", "line"))
    still_open = [figure not in kept for figure in zip(*columns, strict=True)]
    return replace(
        asked, rows=asked.rows.loc[np.array(still_open, dtype=bool)], answered=dict(kept.values())
    )
