"""The settings of a council's questions: from which figures on the rules ask."""

from collections.abc import Mapping
from dataclasses import dataclass

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    read_pounds,
    register_settings_table,
)
from monitoring.plausibility.thresholds import Thresholds
from monitoring.structure.council_settings import CouncilSettings

NAME = "questions"
_MOST_PERCENT, _MOST_REPORTS = 1000, 12


@dataclass(frozen=True)
class QuestionSettings:
    """The thresholds of the rules, and which questions need a reason before publication.

    A question needs a reason where its effect is at least `reason_from` pence.
    """

    thresholds: Thresholds = Thresholds()
    reason_from: int = 500_000_00


def question_settings(settings: CouncilSettings) -> QuestionSettings:
    """Return the settings of questions of a council's year."""
    found: QuestionSettings = settings.of_apps[NAME]
    return found


def _read_questions(table: Mapping[str, object]) -> QuestionSettings:
    amounts = {key: _read_amount(table, key) for key in _AMOUNTS if key in table}
    numbers = {key: _read_number(table, key, most) for key, most in _NUMBERS if key in table}
    reason_from = QuestionSettings().reason_from
    if "reason_from" in table:
        reason_from = _read_amount(table, "reason_from")
    return QuestionSettings(Thresholds(**amounts, **numbers), reason_from)


def _read_amount(table: Mapping[str, object], key: str) -> int:
    pence = read_pounds(table[key], f"[{NAME}]: {key}")
    if pence < 0:
        raise SettingsError(f"[{NAME}]: {key} cannot be below nil.")
    return pence


def _read_number(table: Mapping[str, object], key: str, most: int) -> int:
    value = table[key]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise SettingsError(f"[{NAME}]: {key} must be a whole number from 0 to {most}.")
    return value


_AMOUNTS = (
    *("moved_above", "below_actual_above", "sign_from", "factor_above"),
    *("round_to", "unchanged_above", "planned_use_from"),
)
_NUMBERS = (("moved_percent_above", _MOST_PERCENT), ("unchanged_reports", _MOST_REPORTS))


def _make_amount_field(key: str, label: str, meaning: str, unset: str) -> SettingsField:
    return SettingsField(key, label, meaning, FieldKind.POUNDS, unset=unset)


_FIELDS = (
    _make_amount_field(
        "moved_above",
        "A forecast has moved by more than",
        "Both this amount and the percentage below must be passed, against the month before.",
        "£100,000",
    ),
    SettingsField(
        "moved_percent_above",
        "and by more than this percentage of the budget",
        f"From 0 to {_MOST_PERCENT:,}.",
        FieldKind.WHOLE_NUMBER,
        unset="10",
        most=_MOST_PERCENT,
    ),
    _make_amount_field(
        "below_actual_above",
        "A forecast of spending is below the actual to date by more than",
        "Lines of income are not asked about.",
        "£10,000",
    ),
    _make_amount_field(
        "sign_from",
        "The sign has turned, and both amounts are at least",
        "Against the month before or, where that had no forecast, the budget.",
        "£10,000",
    ),
    _make_amount_field(
        "factor_above",
        "A figure is about 1,000 or 100 times another, and differs by more than",
        "Such as 7,791 for 7,791,000. Against the month before or, where that had no forecast, the "
        "budget.",
        "£50,000",
    ),
    _make_amount_field(
        "round_to",
        "A forecast is a multiple of this amount and never was before",
        "0: the question is not asked.",
        "£100,000",
    ),
    SettingsField(
        "unchanged_reports",
        "A forecast is that of so many reports before",
        "The actual to date must also run past it, by the amount below. 0: the question is not "
        "asked.",
        FieldKind.WHOLE_NUMBER,
        unset="3",
        most=_MOST_REPORTS,
    ),
    _make_amount_field(
        "unchanged_above",
        "and spending at its rate so far comes to more, by more than",
        "The actual to date, divided by the months gone, times twelve.",
        "£100,000",
    ),
    _make_amount_field(
        "planned_use_from",
        "Planned use of reserves or receipts is nil now, and was at least",
        "Against the month before.",
        "£10,000",
    ),
    _make_amount_field(
        "reason_from",
        "A question needs a reason where the figure may be wrong by at least",
        "The review page marks those questions, and warns while one has none.",
        "£500,000",
    ),
)

register_settings_table(
    SettingsTable(
        name=NAME,
        title="Questions about figures",
        table=NAME,
        fields=_FIELDS,
        read=_read_questions,
        after="virements",
    )
)
