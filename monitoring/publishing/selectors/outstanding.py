"""The steps of a month as the review lists them: what publication waits for, and the warnings."""

import datetime
from dataclasses import dataclass

from council_finance.registry import MonthStep, Outstanding, month_steps
from monitoring.month.selectors.month import Duties, Month, month_of
from monitoring.month.selectors.steps import DatedStep, dated_steps
from monitoring.people.rights import EVERYTHING
from monitoring.publishing.settings_tables import NAME
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.council_settings import CouncilSettings

_NOT_LISTED = ("checks", "report")
"""Steps that are the review itself."""


@dataclass(frozen=True)
class WorkWarning:
    """Work that is outstanding; `blocks` says that publication waits for it."""

    work: Outstanding
    blocks: bool


@dataclass(frozen=True)
class ReviewedStep:
    """A step of a month with what is outstanding in it."""

    dated: DatedStep
    warnings: tuple[WorkWarning, ...]


@dataclass(frozen=True)
class WorkReview:
    """The steps of a month in order, for the whole council."""

    month: Month
    steps: tuple[ReviewedStep, ...]

    @property
    def warnings(self) -> list[WorkWarning]:
        """Return all outstanding work."""
        return [warning for step in self.steps for warning in step.warnings]

    @property
    def blocking(self) -> list[Outstanding]:
        """Return the outstanding work that publication waits for."""
        return [each.work for each in self.warnings if each.blocks]

    @property
    def warned(self) -> list[Outstanding]:
        """Return the outstanding work that the person who publishes is warned of."""
        return [each.work for each in self.warnings if not each.blocks]


def waits_for(settings: CouncilSettings) -> frozenset[str]:
    """Return the names of the work that publication waits for in a council's settings."""
    names: frozenset[str] = settings.of_apps[NAME]
    return names


def review_work(facts: ReportData, today: datetime.date, duties: Duties) -> WorkReview:
    """Return the steps of a draft for a reader with these duties, with what is outstanding."""
    month = month_of(facts.period, shown=EVERYTHING, own=EVERYTHING, duties=duties, facts=facts)
    blocking = waits_for(facts.settings)
    return WorkReview(
        month,
        tuple(
            ReviewedStep(dated, _list_warnings(dated.step, blocking))
            for dated in dated_steps(month, today)
            if dated.name not in _NOT_LISTED
        ),
    )


def _list_warnings(step: MonthStep, blocking: frozenset[str]) -> tuple[WorkWarning, ...]:
    return tuple(WorkWarning(work, work.name in blocking) for work in step.outstanding)


def review_outstanding(facts: ReportData, settings: CouncilSettings) -> list[WorkWarning]:
    """Return all outstanding work of a draft, as it would be under other settings."""
    duties = Duties(review=True)
    month = month_of(facts.period, shown=EVERYTHING, own=EVERYTHING, duties=duties, facts=facts)
    blocking = waits_for(settings)
    return [each for named in month_steps(month) for each in _list_warnings(named.step, blocking)]


def reasons_to_wait(facts: ReportData) -> list[str]:
    """Return a sentence for all outstanding work that publication waits for; none by default."""
    if not waits_for(facts.settings):
        return []
    warnings = review_outstanding(facts, facts.settings)
    return [describe_wait(each.work) for each in warnings if each.blocks]


def describe_wait(work: Outstanding) -> str:
    """Return the sentence that publication waits for outstanding work."""
    return f"{work.text} The council’s settings say that publication waits for this."
