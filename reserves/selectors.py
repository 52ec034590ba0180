"""What is read of reserves, their movements and capital receipts."""

from collections.abc import Iterable, Mapping

from django.db.models import OuterRef, Subquery

from council_finance import registry
from council_finance.lazy_mapping import LazyMapping
from monitoring.models import FinancialYear, Period, Service
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.tree import current_tree
from reserves.calculations import Balance, Entry, Overdraft, balance_of, overdraft
from reserves.models import (
    CapitalReceiptsForecast,
    CapitalReceiptsProject,
    Reserve,
    ReserveMovement,
)

PART = "reserves"
_NOTHING: dict = {"reserves": [], "movements": [], "projects": []}


@registry.report_section(PART)
def reserves_part(period: Period) -> Mapping:
    """The period's reserves, the sides of movements so far, and projects; amounts in pence.

    A transfer is two sides with the same `transfer`. Statements, checks and pages of a report read
    this alone, so that it is the same live and frozen.
    """
    reserves = reserves_of(period.year)
    return LazyMapping(
        {
            "reserves": lambda: [_reserve(reserve) for reserve in reserves],
            "movements": lambda: _sides(reserves, through=period.number),
            "projects": lambda: _projects(period),
        }
    )


def reserves_of(year: FinancialYear) -> list[Reserve]:
    """The year's reserves in the order of its file."""
    found = Reserve.objects.filter(year=year).select_related("service", "deficit_approved_by")
    return sorted(found, key=lambda reserve: (reserve.order, reserve.code))


def projects_of(year: FinancialYear, **more: Subquery) -> list[CapitalReceiptsProject]:
    """The year's projects under the capital receipts flexibilities, in the order of their file.

    `more` is what each is to carry besides.
    """
    found = CapitalReceiptsProject.objects.filter(year=year).select_related("service")
    found = found.annotate(**more)
    return sorted(found, key=lambda project: (project.order, project.reference))


def part_of(facts: ReportData) -> Mapping:
    """The part of a draft or a report; an empty one of a report that was published without."""
    return facts.report_section(PART) or _NOTHING


def _reserve(reserve: Reserve) -> dict:
    return {
        "code": reserve.code,
        "name": reserve.name,
        "kind": reserve.kind,
        "group": reserve.group,
        "service": reserve.service.code if reserve.service else "",
        "service_name": reserve.service.name if reserve.service else "",
        "opening": reserve.opening_balance_pence,
        "purpose": reserve.purpose,
        "owner": reserve.owner,
        "approved_deficit": reserve.approved_deficit_pence,
        "deficit_approved_by": reserve.deficit_approved_by.name
        if reserve.deficit_approved_by
        else "",
    }


def _sides(reserves: list[Reserve], *, through: int) -> list[dict]:
    codes = {reserve.pk: reserve.code for reserve in reserves}
    if not codes:
        return []
    movements = ReserveMovement.objects.filter(reserve__in=codes, period__lte=through)
    return [
        side for movement in movements.order_by("period", "pk") for side in _both(movement, codes)
    ]


def _both(movement: ReserveMovement, codes: dict[int, str]) -> Iterable[dict]:
    transfer = None if movement.transfer_to_id is None else movement.pk
    ends = [(movement.reserve_id, movement.transfer_to_id, movement.amount_pence)]
    if transfer is not None:
        ends.append((movement.transfer_to_id, movement.reserve_id, -movement.amount_pence))
    for reserve, other, amount in ends:
        if reserve not in codes:
            continue  # of a reserve that came after these were read; it belongs to the next draft
        yield {
            "reserve": codes[reserve],
            "period": movement.period,
            "kind": movement.kind,
            "amount": amount,
            "description": movement.description,
            "approved_by": movement.approved_by,
            "transfer": transfer,
            "other": codes.get(other, ""),
        }


def _projects(period: Period) -> list[dict]:
    forecasts = CapitalReceiptsForecast.objects.filter(period=period.pk, project=OuterRef("pk"))
    projects = projects_of(period.year, forecast=Subquery(forecasts.values("forecast_pence")))
    if not projects:
        return []
    before = _previous_forecasts(period)
    homes = _homes([project.service for project in projects], period.year)
    return [
        {
            "reference": project.reference,
            "project": project.project,
            "service": homes[project.service_id],
            "cost_centre": project.cost_centre,
            "purpose": project.purpose,
            "original_planned": project.original_planned_pence,
            "forecast": project.forecast,
            "previous_forecast": before.get(project.reference),
        }
        for project in projects
    ]


def _previous_forecasts(period: Period) -> dict[str, int | None]:
    """By reference, what the report that the period is compared with published."""
    if period.compared_with is None:
        return {}
    part = frozen_of(period.compared_with).get("parts", {}).get(PART) or _NOTHING
    return {project["reference"]: project["forecast"] for project in part["projects"]}


def _homes(services: list[Service], year: FinancialYear) -> dict[int, str]:
    """By id of a service, the code of the open one where what is its stands today."""
    if all(service.named and service.successor_id is None for service in services):
        return {service.pk: service.code for service in services}
    tree = current_tree(year)
    return {service.pk: tree.register[tree.home(service.pk)].code for service in services}


def balances(part: Mapping, *, at_close: bool) -> dict[str, Balance]:
    """Every reserve's balance by its code."""
    entries: dict[str, list[Entry]] = {reserve["code"]: [] for reserve in part["reserves"]}
    for side in part["movements"]:
        entries[side["reserve"]].append(Entry(side["period"], side["kind"], side["amount"]))
    return {
        reserve["code"]: balance_of(reserve["opening"], entries[reserve["code"]], at_close=at_close)
        for reserve in part["reserves"]
    }


def entries_of(reserves: Iterable[Reserve]) -> dict[int, list[Entry]]:
    """The sides of all stored movements of each of the reserves, by its id."""
    found: dict[int, list[Entry]] = {reserve.pk: [] for reserve in reserves}
    ids = list(found)
    rows = ReserveMovement.objects.filter(reserve__in=ids).order_by("pk")
    for row in rows:
        found[row.reserve_id].append(Entry(row.period, row.kind, row.amount_pence))
    for row in ReserveMovement.objects.filter(transfer_to__in=ids).order_by("pk"):
        found[row.transfer_to_id].append(Entry(row.period, row.kind, -row.amount_pence))
    return found


def overdrawn_if_opened_at(openings: Mapping[Reserve, int]) -> dict[Reserve, Overdraft]:
    """Which of the reserves their stored movements overdraw if they open at so much, in pence."""
    stored = entries_of(openings)
    found = {
        reserve: overdraft(
            opening, [], stored[reserve.pk], approved_deficit=reserve.approved_deficit_pence or 0
        )
        for reserve, opening in openings.items()
    }
    return {reserve: each for reserve, each in found.items() if each is not None}
