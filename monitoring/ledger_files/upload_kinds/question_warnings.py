"""Questions about the figures of a file: the rule book's, as warnings that stop nothing."""

import pandas as pd

from council_finance.uploads.problems import SHOWN
from council_finance.uploads.table import TypedTable
from monitoring.ledger_files.stored import positions_of_period
from monitoring.ledger_files.upload_kinds.typed import FILE_COLUMNS
from monitoring.plausibility.calculations import FORECAST
from monitoring.plausibility.selectors.questions import ask_about
from monitoring.uploading.prepared import Target
from monitoring.uploading.seen_before import QUESTIONS


def warn_of_questions(table: TypedTable, rows: pd.DataFrame, target: Target) -> pd.Index:
    """Warn of each question about the rows, the largest effect first; list the first, count all.

    `rows` are positions by the file's row, with the typed figures that it leaves. Return the rows
    whose forecast is questioned.
    """
    before = target.period_before
    found = ask_about(
        target.its_period,
        rows,
        before=None if before is None else positions_of_period(target, before),
    )
    places = found.rows["place"].head(SHOWN).tolist()
    if len(found) > SHOWN:
        table.warn(
            f"{len(found):,} questions are asked about these figures. The {SHOWN:,} with the "
            "largest effect are listed.",
            about=QUESTIONS,
        )
    for place, question in zip(places, found.first(SHOWN), strict=True):
        table.warn(question.sentence, place, FILE_COLUMNS[question.measure], QUESTIONS)
    table.more_warnings += max(0, len(found) - SHOWN)
    return pd.Index(found.rows.loc[found.rows["measure"] == FORECAST, "place"])
