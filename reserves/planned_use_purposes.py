"""The reserves and receipts projects that planned use in the ledger's lines can be tied to.

A reserve's anticipated movements follow the planned use tied to it: each month has movements of the
change since the month before. A project's forecast needs no row of its own: it is the planned use
tied to it (see report_section).
"""

from collections.abc import Iterator, Mapping

from council_finance.accounts.models import User
from council_finance.registry import (
    PlannedUsePurpose,
    PlannedUsePurposes,
    register_planned_use_purposes,
)
from monitoring.models import FinancialYear, ForecastMeasure, Period
from reserves.models import ReserveKind
from reserves.selectors import projects_of, reserves_of
from reserves.tied_movements import follow_tied_reserves


def earmarked_purposes(year: FinancialYear) -> Iterator[PlannedUsePurpose]:
    """Yield the year's earmarked reserves: Annex A's planned use is theirs."""
    for reserve in reserves_of(year):
        if reserve.kind == ReserveKind.EARMARKED:
            service = reserve.service.code if reserve.service else ""
            yield PlannedUsePurpose(reserve.code, reserve.name, service)


def receipts_purposes(year: FinancialYear) -> Iterator[PlannedUsePurpose]:
    """Yield the year's projects under the capital receipts flexibilities."""
    for project in projects_of(year):
        yield PlannedUsePurpose(project.reference, project.project, project.service.code)


def follow_planned_use(period: Period, changes: Mapping[str, int], by: User | None) -> None:
    """Bring the period's anticipated movements up to the planned use tied to reserves."""
    follow_tied_reserves(period=period, changes=changes, by=by)


register_planned_use_purposes(
    ForecastMeasure.USE_OF_RESERVES, PlannedUsePurposes(earmarked_purposes, follow_planned_use)
)
register_planned_use_purposes(
    ForecastMeasure.USE_OF_CAPITAL_RECEIPTS, PlannedUsePurposes(receipts_purposes)
)
