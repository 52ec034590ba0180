"""The reserves and receipts projects that planned use in the ledger's lines can be tied to."""

from collections.abc import Iterator

from council_finance.registry import PlannedUsePurpose, register_planned_use_purposes
from monitoring.models import FinancialYear, ForecastMeasure
from reserves.models import ReserveKind
from reserves.selectors import projects_of, reserves_of


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


register_planned_use_purposes(ForecastMeasure.USE_OF_RESERVES, earmarked_purposes)
register_planned_use_purposes(ForecastMeasure.USE_OF_CAPITAL_RECEIPTS, receipts_purposes)
