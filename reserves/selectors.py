"""The reserves, movements and projects that are stored for a year."""

from collections.abc import Iterable, Mapping

from django.db.models import OuterRef, QuerySet, Subquery

from council_finance.one_reading import TableOfYears
from council_finance.prepared import prepared
from monitoring.models import FinancialYear, Period
from reserves.calculations import Entry, Overdraft, overdraft
from reserves.models import (
    CapitalReceiptsForecast,
    CapitalReceiptsProject,
    Reserve,
    ReserveMovement,
)

_RESERVES, _PROJECTS = TableOfYears(Reserve), TableOfYears(CapitalReceiptsProject)


def reserves_of(year: FinancialYear) -> list[Reserve]:
    """Return the year's reserves in the order of their file."""
    if _RESERVES.is_known_empty(year):
        return []
    found = _reserves_of_year(year.pk)
    return sorted(found, key=lambda reserve: (reserve.order, reserve.code))


@prepared
def _reserves_of_year(year_id: int) -> QuerySet[Reserve]:
    found = Reserve.objects.filter(year=year_id)
    return found.select_related("service", "deficit_approved_by")


@prepared
def movements_through(number: int, *reserve_ids: int) -> QuerySet[ReserveMovement]:
    """Return the movements of these reserves up to and including a period, in its order."""
    found = ReserveMovement.objects.filter(reserve__in=reserve_ids, period__lte=number)
    return found.order_by("period", "pk")


def projects_of(
    year: FinancialYear, *, with_forecasts_of: Period | None = None
) -> list[CapitalReceiptsProject]:
    """Return the year's capital receipts projects in the order of their file.

    With a period each carries the `forecast` stored for it, in pence.
    """
    if _PROJECTS.is_known_empty(year):
        return []
    if with_forecasts_of is None:
        found = list(_projects_of_year(year.pk))
    else:
        found = _projects_with_forecasts(year.pk, with_forecasts_of.pk)
    return sorted(found, key=lambda project: (project.order, project.reference))


def _projects_of_year(year_id: int) -> QuerySet[CapitalReceiptsProject]:
    return CapitalReceiptsProject.objects.filter(year=year_id).select_related("service")


@prepared
def _projects_with_forecasts(year_id: int, period_id: int) -> QuerySet[CapitalReceiptsProject]:
    stored = CapitalReceiptsForecast.objects.filter(period=period_id, project=OuterRef("pk"))
    forecast = Subquery(stored.values("forecast_pence"))
    return _projects_of_year(year_id).annotate(forecast=forecast)


def receipts_forecasts(period: Period) -> dict[int, int]:
    """Return the stored forecasts of a period in pence, by the id of the project."""
    stored = CapitalReceiptsForecast.objects.filter(period=period)
    return dict(stored.values_list("project", "forecast_pence"))


def entries_of(reserves: Iterable[Reserve]) -> dict[int, list[Entry]]:
    """Return the entries of all stored movements of each of the reserves, by its id."""
    found: dict[int, list[Entry]] = {reserve.pk: [] for reserve in reserves}
    ids = list(found)
    rows = ReserveMovement.objects.filter(reserve__in=ids).order_by("pk")
    for row in rows:
        found[row.reserve_id].append(Entry(row.period, row.kind, row.amount_pence))
    for row in ReserveMovement.objects.filter(transfer_to__in=ids).order_by("pk"):
        if row.transfer_to_id is not None:
            found[row.transfer_to_id].append(Entry(row.period, row.kind, -row.amount_pence))
    return found


def overdrafts_if_opened_at(openings: Mapping[Reserve, int]) -> dict[Reserve, Overdraft]:
    """Return the reserves that their stored movements overdraw from these openings, in pence."""
    stored = entries_of(openings)
    found = {
        reserve: overdraft(
            opening, [], stored[reserve.pk], approved_deficit=reserve.approved_deficit_pence or 0
        )
        for reserve, opening in openings.items()
    }
    return {reserve: each for reserve, each in found.items() if each is not None}
