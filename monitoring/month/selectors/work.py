"""The work that is due from one person, over all open months: for first pages and reminders."""

import datetime
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from council_finance.accounts.models import User
from council_finance.one_reading import TableOfYears
from council_finance.registry import Due
from monitoring.debt.selectors import periods_with_debt_of
from monitoring.month.selectors.duties import duties_of
from monitoring.month.selectors.month import Duties, Month, month_of, uploads_of
from monitoring.month.selectors.steps import DatedStep, OpenMonth
from monitoring.people.rights import EVERYTHING, Reach, may_see_month, reach_of, reaches_of
from monitoring.reports.selectors.latest import open_periods_of
from monitoring.reports.selectors.report_data import drafts_of
from monitoring.structure.models import Period
from monitoring.structure.selectors.calendar import open_years
from monitoring.structure.selectors.tree import registers_of

_ALL_DUTIES = Duties(
    upload=True, forecast=True, comment=True, sign_off=True, review=True, publish=True
)


@dataclass(frozen=True)
class DueWork:
    """Work that is due from a person: the step of which month, for which service, on which page.

    `step` is the name of the step, `title` its title, and `what` the work in a word; `service` is
    the label of its row, "" for work on the whole council. `by` is the day by which it is due, None
    where there is none, and `when` says in words when that is, or how late the work is.
    """

    period: Period
    step: str
    title: str
    what: str
    service: str
    text: str
    url: str
    by: datetime.date | None
    when: str
    is_late: bool


def work_due_for(
    user: User, today: datetime.date, *, months: Iterable[OpenMonth] | None = None
) -> list[DueWork]:
    """Return what is due from a person in the open months, by date: the most overdue first.

    Work without a date comes last. `months` are those that the caller has read already, such as
    `council_months`, which serve for many people; without them they are read for this person.
    """
    if not may_see_month(user):
        return []
    months = months_of(user) if months is None else months
    found = [work for month in months for work in _work_in_month(month, user, today)]
    return sorted(found, key=lambda work: work.by or datetime.date.max)


def months_of(user: User) -> list[OpenMonth]:
    """Return the open months of all years, each for the services that a person looks after."""
    reaches = {year: own for year, own in reaches_of(user, open_years()).items() if own}
    found = open_periods_of(list(reaches))
    asked = [(period, own) for year, own in reaches.items() for period in found[year]]
    months = _read_months([(each, own, duties_of(user, each, own)) for each, own in asked])
    return [OpenMonth(month, own) for month, (_, own) in zip(months, asked, strict=True)]


def council_months() -> list[OpenMonth]:
    """Return the open months of all years for the whole council, to find the work of many."""
    found = [period for each in open_periods_of(open_years()).values() for period in each]
    return [OpenMonth(each) for each in _read_months([(p, EVERYTHING, _ALL_DUTIES) for p in found])]


def _read_months(asked: Sequence[tuple[Period, Container[int], Duties]]) -> list[Month]:
    """Return months for the services and duties given with them; all are read at once."""
    periods = [period for period, _, _ in asked]
    years = {period.year for period in periods}
    TableOfYears.ask_of(years)
    if any(duties.review for _, _, duties in asked):
        periods_with_debt_of(years)  # Read at once what each month asks below.
    # Services are the rows of a month without figures.
    registers_of({period.year for period in periods if period.batch_id is None})
    facts, uploads = drafts_of(periods), uploads_of(periods)
    return [
        month_of(
            period,
            shown=own,
            own=own,
            duties=duties,
            facts=facts[period.pk],
            uploads=uploads[period.pk],
        )
        for period, own, duties in asked
    ]


def _work_in_month(open_month: OpenMonth, user: User, today: datetime.date) -> Iterator[DueWork]:
    month = open_month.month
    if not month.has_figures and month.period.as_at >= today:
        return  # The month is not over: its figures are not due yet.
    own = reach_of(user, month.period.year) if open_month.own is None else open_month.own
    labels = {row.node.key: row.node.label for row in month.rows}
    for dated in open_month.dated_steps(today):
        for due in dated.step.due:
            if is_due_from(due, user, own):
                yield _describe_work(month, dated, due, labels.get(due.service, due.service))


def is_due_from(due: Due, user: User, own: Reach) -> bool:
    """Return whether work is due from a person; `own` is what they look after."""
    if user.pk in due.besides:
        return False
    if due.people:
        return user.pk in {person.pk for person in due.people}
    return user.role in due.roles and (not due.service or own.everything)


def _describe_work(month: Month, dated: DatedStep, due: Due, service: str) -> DueWork:
    return DueWork(
        period=month.period,
        step=dated.name,
        title=dated.title,
        what=due.what,
        service=service,
        text=due.text,
        url=due.url,
        by=dated.step.by,
        when=dated.when,
        is_late=dated.is_late,
    )
