"""The steps of a month as the review lists them: what publication waits for, and the warnings."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from council_finance.registry import Outstanding, month_steps
from monitoring.month.selectors.month import Duties, Month, month_of
from monitoring.month.selectors.steps import DatedStep, dated_steps
from monitoring.people.rights import EVERYTHING
from monitoring.plausibility.selectors.questions import ask_about_month, settings_of
from monitoring.publishing.selectors.questions import outstanding_reasons
from monitoring.publishing.selectors.review import sorted_checks
from monitoring.publishing.settings_tables import NAME
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.council_settings import CouncilSettings

_CHECKS, _REPORT = "checks", "report"
"""Steps that are the review itself; of the checks it lists the reasons that are missing."""


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


def review_work(
    facts: ReportData, today: datetime.date, duties: Duties, reasons: Sequence[Outstanding] = ()
) -> WorkReview:
    """Return the steps of a draft for a reader with these duties, with what is outstanding.

    `reasons` are those that the draft lacks, as missing_reasons returns them.
    """
    month = month_of(facts.period, shown=EVERYTHING, own=EVERYTHING, duties=duties, facts=facts)
    blocking = waits_for(facts.settings)
    steps = []
    for dated in dated_steps(month, today):
        lacks = reasons if dated.name == _CHECKS else dated.step.outstanding
        if dated.name != _REPORT and (lacks or dated.name != _CHECKS):
            steps.append(ReviewedStep(dated, _list_warnings(lacks, blocking)))
    return WorkReview(month, tuple(steps))


def _list_warnings(
    lacks: Sequence[Outstanding], blocking: frozenset[str]
) -> tuple[WorkWarning, ...]:
    return tuple(WorkWarning(work, work.name in blocking) for work in lacks)


def missing_reasons(facts: ReportData) -> list[Outstanding]:
    """Return the reasons that a draft lacks, for questioned figures and for checks that differ."""
    found = ask_about_month(facts.period, facts.positions, facts.reader)
    needed = found.count_from(settings_of(facts.period).reason_from)
    checks = sorted_checks(facts, check_report(facts))
    return outstanding_reasons(facts.period, needed, checks.without_reason)


def review_outstanding(facts: ReportData, settings: CouncilSettings) -> list[WorkWarning]:
    """Return all outstanding work of a draft, as it would be under other settings."""
    duties = Duties(review=True)
    month = month_of(facts.period, shown=EVERYTHING, own=EVERYTHING, duties=duties, facts=facts)
    blocking = waits_for(settings)
    lacks = [each for named in month_steps(month) for each in named.step.outstanding]
    return list(_list_warnings([*lacks, *missing_reasons(facts)], blocking))


def reasons_to_wait(facts: ReportData) -> list[str]:
    """Return a sentence for all outstanding work that publication waits for; none by default."""
    if not waits_for(facts.settings):
        return []
    warnings = review_outstanding(facts, facts.settings)
    return [describe_wait(each.work) for each in warnings if each.blocks]


def describe_wait(work: Outstanding) -> str:
    """Return the sentence that publication waits for outstanding work."""
    return f"{work.text} The council’s settings say that publication waits for this."
