"""What a mail names: work that is due from a person, and questions that wait for them.

A mail holds no figures, no texts and no names of people; services are those of the reader's part.
"""

import datetime
from dataclasses import dataclass
from functools import cached_property

from council_finance.accounts.models import User
from monitoring.month.selectors.steps import OpenMonth
from monitoring.month.selectors.work import DueWork, council_months, work_due_for
from monitoring.questions.selectors import ListedQuestion, questions_waiting_for


@dataclass(frozen=True)
class DueItem:
    """Something that is due from a person; `key` stays the same until it is done.

    `when` says in words when it is due or how late it is, "" where it has no day; `url` is the
    path of its page.
    """

    key: str
    text: str
    when: str
    is_late: bool
    url: str


class WorkReader:
    """Reads what is due on a day from one person after the other; the months are read once."""

    def __init__(self, today: datetime.date) -> None:
        self.today = today

    @cached_property
    def months(self) -> list[OpenMonth]:
        """Return the open months for the whole council."""
        return council_months()

    def items_of(self, user: User) -> list[DueItem]:
        """Return what is due from a person, the most overdue first, then questions to them."""
        work = work_due_for(user, self.today, months=self.months)
        items = [*map(_describe_work, work), *map(_describe_question, questions_waiting_for(user))]
        return list({item.key: item for item in items}.values())


def _describe_work(work: DueWork) -> DueItem:
    what = "" if work.what.casefold() == work.title.casefold() else f", {work.what}"
    place = f"{work.service}, " if work.service else ""
    period, year = work.period, work.period.year
    return DueItem(
        key=f"{year.start}-{period.number} {work.step} {work.what} {work.url}",
        text=f"{work.title}{what}: {place}{period.name.lower()} of {year.label}",
        when=work.when,
        is_late=work.is_late,
        url=work.url,
    )


def _describe_question(row: ListedQuestion) -> DueItem:
    period = row.question.period
    is_answer = row.waits_for == row.question.asked_by
    about = "An answer to your question" if is_answer else "A question to you"
    return DueItem(
        key=f"question {row.question.pk} {row.last_message}",
        text=f"{about}: {row.question.service.name}, {period.name.lower()} of {period.year.label}",
        when="",
        is_late=False,
        url=row.url,
    )
