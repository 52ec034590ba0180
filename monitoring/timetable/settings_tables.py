"""The settings of the timetable: working days for each step, and the council's closed days."""

import datetime
import re
from collections.abc import Callable, Mapping

from council_finance.registry import (
    FieldKind,
    LaterChoices,
    SettingsError,
    SettingsField,
    SettingsTable,
    refuse_unknown_keys,
    register_settings_table,
    registered_steps,
)
from council_finance.registry.settings_fields import Choices
from monitoring.timetable.calculations import Timetable

NAME = "timetable"
MOST_DAYS = 120
"""Working days that a step may be due after the end of a month: about half a year."""

_CLOSED_DAY = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4}|\d{1,2} [A-Za-z]+ \d{4})(?:[ :,]+(?P<name>.*))?"
)
_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y")


def _steps_of_months() -> Choices:
    return [(name, entry.title) for name, entry in registered_steps().items() if entry.has_date]


def _steps_of_budget() -> Choices:
    return [(name, entry.title) for name, entry in registered_steps().items() if entry.in_budget]


def _read_timetable(table: Mapping[str, object]) -> Timetable:
    """Return the timetable. Raise `SettingsError` for a step, a number or a day that is wrong."""
    return Timetable(
        months=_read_days(table, "months", _steps_of_months),
        close=_read_days(table, "close", _steps_of_months),
        approved_budget=_read_days(table, "approved_budget", _steps_of_budget),
        closed=_read_closed(table.get("closed_days", [])),
    )


def _read_days(
    table: Mapping[str, object], key: str, find_steps: Callable[[], Choices]
) -> dict[str, int]:
    given, where = table.get(key, {}), f"[{NAME}] {key}"
    if not isinstance(given, Mapping):
        raise SettingsError(
            f"[{NAME}]: {key} must give working days by step, such as {{ figures = 5 }}."
        )
    if given:
        refuse_unknown_keys(given, [name for name, _ in find_steps()], where)
    return {step: _read_number(value, f"{where}: {step}") for step, value in given.items()}


def _read_number(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_DAYS:
        raise SettingsError(
            f"{where} cannot be {value}: it is a whole number of days from 0 to {MOST_DAYS}."
        )
    return value


def _read_closed(given: object) -> dict[datetime.date, str]:
    if not isinstance(given, list):
        raise SettingsError(
            f'[{NAME}]: closed_days must be a list such as ["29 December 2026 Christmas closure"].'
        )
    found: dict[datetime.date, str] = {}
    for text in given:
        day, name = _read_closed_day(text)
        if day in found:
            raise SettingsError(f"[{NAME}]: closed_days has {day} twice.")
        found[day] = name
    return found


def _read_closed_day(text: object) -> tuple[datetime.date, str]:
    match = _CLOSED_DAY.fullmatch(text.strip()) if isinstance(text, str) else None
    day = _read_day(match["day"]) if match else None
    if match is None or day is None:
        raise SettingsError(
            f"[{NAME}]: closed_days has “{text}”, which is no day. Write the date and a name, "
            "such as 29 December 2026 Christmas closure."
        )
    return day, (match["name"] or "").strip() or "Closed"


def _read_day(text: str) -> datetime.date | None:
    """Return a date such as 2026-12-29, 29/12/2026 or 29 December 2026; None for another text."""
    for form in _FORMS:
        try:
            return datetime.datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


register_settings_table(
    SettingsTable(
        name=NAME,
        title="Timetable",
        table=NAME,
        fields=(
            SettingsField(
                "months",
                "Months",
                "By how many working days after the month’s end each step is due.",
                FieldKind.NUMBERS_BY_NAME,
                unset="no date",
                choices=LaterChoices(_steps_of_months),
                most=MOST_DAYS,
            ),
            SettingsField(
                "close",
                "Close",
                "By how many working days after 31 March each step of the close is due.",
                FieldKind.NUMBERS_BY_NAME,
                unset="no date",
                choices=LaterChoices(_steps_of_months),
                most=MOST_DAYS,
            ),
            SettingsField(
                "approved_budget",
                "Approved budget",
                "By how many working days after 1 April it is due.",
                FieldKind.NUMBERS_BY_NAME,
                unset="no date",
                choices=LaterChoices(_steps_of_budget),
                most=MOST_DAYS,
            ),
            SettingsField(
                "closed_days",
                "Closed days",
                "On which the council is closed beside weekends and bank holidays, one to a line: "
                "the date and a name, such as 29 December 2026 Christmas closure.",
                FieldKind.TEXTS,
                unset="no other days",
            ),
        ),
        read=_read_timetable,
        after="virements",
    )
)
