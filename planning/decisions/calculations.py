"""The days of notice before a decision, the day from which it is in force, and its risk. Pure."""

import datetime
from collections.abc import Container, Sequence
from dataclasses import dataclass

from monitoring.timetable.calculations import (
    clear_days,
    clear_working_days,
    is_working_day,
    working_day_after,
)

IN_FORCE_STATUSES = ("taken", "implemented")
"""Statuses of decisions that are, or will be, in force; one that was called in waits."""


@dataclass(frozen=True)
class DayRule:
    """A day held against a rule: how many clear days there are, and how many there must be.

    `is_working_day` is False where the day itself is a weekend, a bank holiday or another day on
    which the council is closed; a rule in calendar days does not ask for one.
    """

    day: datetime.date
    before: datetime.date
    clear: int
    least: int
    is_working_day: bool = True

    @property
    def is_kept(self) -> bool:
        """Return whether there are as many clear days as the rule wants."""
        return self.is_working_day and self.clear >= self.least


def hold_calendar_days(day: datetime.date, before: datetime.date, least: int) -> DayRule:
    """Return a day held against a rule in clear days of the calendar."""
    return DayRule(day, before, clear_days(day, before), least)


def hold_working_days(
    day: datetime.date, before: datetime.date, least: int, closed: Container[datetime.date]
) -> DayRule:
    """Return a day held against a rule in clear working days; it must be one itself."""
    clear = clear_working_days(day, before, closed=closed)
    return DayRule(day, before, clear, least, is_working_day(day, closed=closed))


def in_force_on(
    status: str,
    taken_on: datetime.date | None,
    call_in_until: datetime.date | None,
    call_in_days: int,
    closed: Container[datetime.date],
) -> datetime.date | None:
    """Return the day from which a decision is in force, unless it is called in.

    It is the working day after the last day for a call-in, which is given or comes `call_in_days`
    clear working days after the decision. None where no decision was taken, or it was called in.
    """
    if status not in IN_FORCE_STATUSES or taken_on is None:
        return None
    if call_in_until is not None:
        return working_day_after(call_in_until, 1, closed=closed)
    if call_in_days == 0:
        return taken_on
    return working_day_after(taken_on, call_in_days + 1, closed=closed)


def risk_score(likelihood: int | None, impact: int | None) -> int | None:
    """Return likelihood × impact; None where either is not given."""
    return None if likelihood is None or impact is None else likelihood * impact


def risk_band(score: int | None, bands: Sequence[tuple[str, int]]) -> str:
    """Return the name of the highest band that begins at or below the score; "" without one."""
    reached = [(start, name) for name, start in bands if score is not None and start <= score]
    return max(reached)[1] if reached else ""
