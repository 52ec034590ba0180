"""The steps of a month with the days of the council's timetable."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from council_finance.registry import Due, MonthStep, NamedStep, month_steps
from monitoring.month.selectors.month import Month, MonthRow
from monitoring.people.rights import Reach
from monitoring.timetable.selectors import due_dates
from monitoring.timetable.wording import describe_due_day


@dataclass(frozen=True)
class DatedStep:
    """A step of a month as pages show it; `when` says in words when it is due or how late it is."""

    name: str
    title: str
    step: MonthStep
    when: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class Waiting:
    """A service and the work that is due for it."""

    row: MonthRow
    missing: list[Due]


@dataclass(frozen=True)
class OpenMonth:
    """A month with its steps, which are read once however many people they are asked for.

    `own` is what its reader looks after, where it was read for one person.
    """

    month: Month
    own: Reach | None = None

    @cached_property
    def steps(self) -> list[NamedStep]:
        """Return the month's steps, in order."""
        return month_steps(self.month)

    @cached_property
    def dates(self) -> dict[str, datetime.date]:
        """Return the day of the timetable of each step that has one."""
        return due_dates(self.month.period, self.month.facts.settings)

    def dated_steps(self, today: datetime.date) -> list[DatedStep]:
        """Return the month's steps, in order, each with its day."""
        return [_date_step(each, self.dates.get(each.name), today) for each in self.steps]


def dated_steps(month: Month, today: datetime.date) -> list[DatedStep]:
    """Return a month's steps in order, each with its day of the timetable."""
    return OpenMonth(month).dated_steps(today)


def _date_step(named: NamedStep, day: datetime.date | None, today: datetime.date) -> DatedStep:
    step = named.step._replace(by=named.step.by or day)
    is_late = bool(step.by and step.due and step.by < today)
    shown = step.by is not None and (is_late or step.by >= today) and step.tone != "green"
    when = describe_due_day(step.by, today) if step.by and shown else ""
    return DatedStep(named.name, named.title, step, when, is_late)


def waiting_for(month: Month, steps: Iterable[DatedStep]) -> list[Waiting]:
    """Return the services for which a step has work due, in the order of the report."""
    due: dict[str, list[Due]] = {}
    for dated in steps:
        for each in dated.step.due:
            due.setdefault(each.service, []).append(each)
    return [Waiting(row, due[row.node.key]) for row in month.rows if row.node.key in due]
