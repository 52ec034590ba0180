"""The reserves, movements and projects that are stored for a year."""

from collections.abc import Iterable, Mapping

from django.db.models import OuterRef, Subquery

from council_finance.one_reading import TableOfYears
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
    found = Reserve.objects.filter(year=year).select_related("service", "deficit_approved_by")
    return sorted(found, key=lambda reserve: (reserve.order, reserve.code))


def projects_of(
    year: FinancialYear, *, with_forecasts_of: Period | None = None
) -> list[CapitalReceiptsProject]:
    """Return the year's capital receipts projects in the order of their file.

    With a period each carries the `forecast` stored for it, in pence.
    """
    if _PROJECTS.is_known_empty(year):
        return []
    found = CapitalReceiptsProject.objects.filter(year=year).select_related("service")
    if with_forecasts_of is not None:
        stored = CapitalReceiptsForecast.objects.filter(
            period=with_forecasts_of.pk, project=OuterRef("pk")
        )
        found = found.annotate(forecast=Subquery(stored.values("forecast_pence")))
    return sorted(found, key=lambda project: (project.order, project.reference))


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
