"""The notional offset of a report: the amount, and where the figure is from."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from council_finance.periods import APPROVED_BUDGET
from monitoring.contingency.models import ContingencyOffset
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.contingency import contingency_steps
from monitoring.structure.models import Period


class OffsetSource(StrEnum):
    """Where the notional offset of a report is from."""

    ENTERED = "entered"
    CARRIED = "carried"
    SETTINGS = "settings"
    LINES = "lines"


@dataclass(frozen=True)
class Offset:
    """The notional offset of a report: pence, nil or more, and its source in a few words."""

    pence: int
    source: OffsetSource
    words: str


def offset_of(facts: ReportData) -> Offset | None:
    """Return the notional offset of a report; None where it has no contingency line."""
    steps = {key: pence for key, _, pence in contingency_steps(facts)}
    if not steps:
        return None
    source, words = _describe_source(facts)
    return Offset(-steps["offset"], source, words)


def amount_after_transfers(facts: ReportData) -> int | None:
    """Return the contingency after transfers in pence; None where it has no line."""
    steps = {key: pence for key, _, pence in contingency_steps(facts)}
    return steps.get("after")


def _describe_source(facts: ReportData) -> tuple[OffsetSource, str]:
    monthly = facts.monthly_offset
    if monthly is not None and monthly.period == facts.period.number:
        return OffsetSource.ENTERED, "entered for this month"
    if monthly is not None:
        place = (
            "the approved budget"
            if monthly.period == APPROVED_BUDGET
            else f"month {monthly.period}"
        )
        return OffsetSource.CARRIED, f"carried from {place}"
    if facts.settings.notional_offset_pence is not None:
        return OffsetSource.SETTINGS, f"from the settings of {facts.header.financial_year}"
    return OffsetSource.LINES, "what the contingency’s own lines are forecast to underspend"


def entries_of(period: Period) -> QuerySet[ContingencyOffset]:
    """Return what was entered for a period, the latest first."""
    found = ContingencyOffset.objects.filter(period=period)
    return found.select_related("by").order_by("-pk")
