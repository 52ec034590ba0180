"""The council's rules for decisions: key decisions, sign-offs, days of notice, and risk."""

import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    read_pounds,
    register_settings_table,
)
from monitoring.structure.council_settings import CouncilSettings
from monitoring.timetable.bank_holidays import england_bank_holidays

NAME, RISK = "decisions", "risk"
_MOST_DAYS = 365
_MOST_SCALE = 10
_LAST_YEAR = 2100
"""The last year of which bank holidays are known."""


class DecisionRules(NamedTuple):
    """The rules of `[decisions]`; None where a council has no such rule.

    `key_decision_above` is in pence. Days are clear days for the forward plan, and clear working
    days for all else. `closed_days` are days beside weekends and England's bank holidays.
    """

    key_decision_above: int | None = None
    sign_offs: tuple[str, ...] = ()
    notice_days_forward_plan: int = 28
    notice_days_private: int = 5
    call_in_days: int = 5
    reports_due: int | None = None
    despatch: int | None = None
    closed_days: frozenset[datetime.date] = frozenset()

    def closed_near(self, *days: datetime.date | None) -> frozenset[datetime.date]:
        """Return the bank holidays of the years of these days and of the next, and closed days."""
        years = {day.year + more for day in days if day is not None for more in (-1, 0, 1)}
        found = set(self.closed_days)
        for year in sorted(year for year in years if year <= _LAST_YEAR):
            found |= set(england_bank_holidays(year))
        return frozenset(found)


class RiskRules(NamedTuple):
    """The rules of `[risk]`: bands by the score from which each begins, and when to provide."""

    scale: int = 5
    bands: tuple[tuple[str, int], ...] = ()
    provision_from: int | None = None


def decision_rules(settings: CouncilSettings) -> DecisionRules:
    """Return the council's rules for decisions."""
    rules: DecisionRules = settings.of_apps[NAME]
    return rules


def risk_rules(settings: CouncilSettings) -> RiskRules:
    """Return the council's scale and bands of risk."""
    rules: RiskRules = settings.of_apps[RISK]
    return rules


def read_whole_number(
    table: Mapping[str, object], key: str, where: str, *, least: int, most: int
) -> int | None:
    """Return a whole number within limits; None where it is not given."""
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise SettingsError(
            f"[{where}]: {key} cannot be {value}: it is a whole number from {least} to {most}."
        )
    return value


def _read_rules(table: Mapping[str, object]) -> DecisionRules:
    days: dict[str, Any] = {}
    for key in (
        "notice_days_forward_plan",
        "notice_days_private",
        "call_in_days",
        "reports_due",
        "despatch",
    ):
        number = read_whole_number(table, key, NAME, least=0, most=_MOST_DAYS)
        if number is not None:
            days[key] = number
    return DecisionRules(
        key_decision_above=_read_threshold(table),
        sign_offs=_read_texts(table, "sign_offs", '["Monitoring Officer"]'),
        closed_days=frozenset(
            map(_read_day, _read_texts(table, "bank_holidays", '["2019-12-25"]'))
        ),
        **days,
    )


def _read_threshold(table: Mapping[str, object]) -> int | None:
    if "key_decision_above" not in table:
        return None
    pence = read_pounds(table["key_decision_above"], f"[{NAME}]: key_decision_above")
    if pence < 0:
        raise SettingsError(f"[{NAME}]: key_decision_above cannot be below nil.")
    return pence


def _read_texts(table: Mapping[str, object], key: str, example: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise SettingsError(f"[{NAME}]: {key} must be a list of texts such as {example}.")
    return tuple(value)


def _read_days(table: Mapping[str, object]) -> frozenset[datetime.date]:
    return frozenset(map(_read_day, _read_texts(table, "bank_holidays", '["2019-12-25"]')))


def _read_day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(
            f"[{NAME}]: bank_holidays has “{text}”, which is no day. Write it as 2019-12-25."
        ) from error


def _read_risk(table: Mapping[str, object]) -> RiskRules:
    scale = read_whole_number(table, "scale", RISK, least=1, most=_MOST_SCALE)
    scale = 5 if scale is None else scale
    most = scale * scale
    return RiskRules(
        scale=scale,
        bands=_read_bands(table.get("bands", []), most),
        provision_from=read_whole_number(table, "provision_from", RISK, least=1, most=most),
    )


def _read_bands(value: object, most: int) -> tuple[tuple[str, int], ...]:
    if not isinstance(value, list):
        raise SettingsError(f'[{RISK}]: bands must be a list such as [["low", 1], ["high", 12]].')
    bands = []
    for pair in value:
        named = isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and pair[0]
        if not named or type(pair[1]) is not int or not 1 <= pair[1] <= most:
            raise SettingsError(
                f"[{RISK}]: bands has {pair}: a band is a name and the score from 1 to {most} "
                'from which it holds, such as ["high", 12].'
            )
        bands.append((pair[0], pair[1]))
    starts = [start for _, start in bands]
    if len(set(starts)) < len(starts):
        raise SettingsError(f"[{RISK}]: two bands begin at the same score.")
    return tuple(sorted(bands, key=lambda band: band[1]))


def _days_field(key: str, label: str, meaning: str, unset: str) -> SettingsField:
    return SettingsField(
        key, label, meaning, FieldKind.WHOLE_NUMBER, unset=unset, least=0, most=_MOST_DAYS
    )


register_settings_table(
    SettingsTable(
        name=NAME,
        title="Decisions",
        table=NAME,
        fields=(
            SettingsField(
                "key_decision_above",
                "Key decision above",
                "A decision with an effect above this amount is a key decision.",
                FieldKind.POUNDS,
                unset="no threshold",
            ),
            SettingsField(
                "sign_offs",
                "Sign-offs",
                "The roles that must answer before a decision, one to a line.",
                FieldKind.TEXTS,
                unset="no roles",
            ),
            _days_field(
                "notice_days_forward_plan",
                "Notice in the forward plan",
                "Clear days between the notice and a key decision or a private meeting.",
                "28",
            ),
            _days_field(
                "notice_days_private",
                "Notice with the reasons for a private meeting",
                "Clear working days between the agenda and the meeting.",
                "5",
            ),
            _days_field(
                "call_in_days",
                "Call-in",
                "Clear working days after a decision before it is in force.",
                "5",
            ),
            _days_field(
                "reports_due",
                "Reports due",
                "Clear working days between the deadline for reports and the meeting.",
                "no rule",
            ),
            _days_field(
                "despatch",
                "Despatch",
                "Clear working days between the despatch of the agenda and the meeting.",
                "no rule",
            ),
            SettingsField(
                "bank_holidays",
                "Other days that are no working days",
                "Beside England’s bank holidays, one to a line, such as 2019-12-25.",
                FieldKind.TEXTS,
                unset="none",
            ),
        ),
        read=_read_rules,
    )
)
register_settings_table(
    SettingsTable(
        name=RISK,
        title="Risk",
        table=RISK,
        fields=(
            SettingsField(
                "scale",
                "Scale",
                "The highest likelihood and impact; the score is one times the other.",
                FieldKind.WHOLE_NUMBER,
                unset="5",
                least=1,
                most=_MOST_SCALE,
            ),
            SettingsField(
                "bands",
                "Bands",
                "A band to a line, with the score from which it holds, such as high: 12.",
                FieldKind.PAIRS,
                unset="no bands",
                least=1,
                most=_MOST_SCALE * _MOST_SCALE,
            ),
            SettingsField(
                "provision_from",
                "Provision from",
                "The score from which the council provides for a risk.",
                FieldKind.WHOLE_NUMBER,
                unset="none",
                least=1,
                most=_MOST_SCALE * _MOST_SCALE,
            ),
        ),
        read=_read_risk,
    )
)
