"""The reserves section of a report: read live for a draft, kept as plain data when published."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from council_finance import registry
from council_finance.lazy_mapping import LazyMapping
from monitoring.ledger.selectors.planned_use_ties import tied_amounts
from monitoring.models import FinancialYear, ForecastMeasure, Period, Service
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.tree import current_tree
from reserves.calculations import Balance, Entry, balance_of
from reserves.models import (
    CapitalReceiptsProject,
    Reserve,
    ReserveMovement,
)
from reserves.report_rows import MovementSide, ReceiptsProject, ReserveRow, ReservesSection
from reserves.selectors import movements_through, projects_of, reserves_of

NAME = "reserves"


@registry.report_section(NAME)
def reserves_data(period: Period) -> Mapping[str, Any]:
    """Return the period's reserves section as plain data, each list read when it is needed."""
    reserves = reserves_of(period.year)
    return LazyMapping(
        {
            "reserves": lambda: [dict(vars(_build_row(reserve))) for reserve in reserves],
            "movements": lambda: [
                dict(vars(side)) for side in _movement_sides(reserves, through=period.number)
            ],
            "projects": lambda: [dict(vars(project)) for project in _build_projects(period)],
        }
    )


def section_of(facts: ReportData) -> ReservesSection:
    """Return the reserves section of a report, draft or published."""
    return facts.typed_section(NAME, ReservesSection)


def _build_row(reserve: Reserve) -> ReserveRow:
    approver = reserve.deficit_approved_by
    return ReserveRow(
        code=reserve.code,
        name=reserve.name,
        kind=reserve.kind,
        group=reserve.group,
        service=reserve.service.code if reserve.service else "",
        service_name=reserve.service.name if reserve.service else "",
        opening=reserve.opening_balance_pence,
        purpose=reserve.purpose,
        owner=reserve.owner,
        approved_deficit=reserve.approved_deficit_pence,
        deficit_approved_by=approver.name if approver else "",
    )


def _movement_sides(reserves: Sequence[Reserve], *, through: int) -> Iterator[MovementSide]:
    """Yield the sides of the movements up to and including a period."""
    codes = {reserve.pk: reserve.code for reserve in reserves}
    if not codes:
        return
    for movement in movements_through(through, *codes):
        yield from _sides_of(movement, codes)


def _sides_of(movement: ReserveMovement, codes: Mapping[int, str]) -> Iterator[MovementSide]:
    ends = [(movement.reserve_id, movement.transfer_to_id, movement.amount_pence)]
    if movement.transfer_to_id is not None:
        ends.append((movement.transfer_to_id, movement.reserve_id, -movement.amount_pence))
    for reserve, other, amount in ends:
        if reserve not in codes:
            continue  # the reserve was added after the others were read
        yield MovementSide(
            reserve=codes[reserve],
            period=movement.period,
            kind=movement.kind,
            amount=amount,
            description=movement.description,
            approved_by=movement.approved_by,
            transfer=None if movement.transfer_to_id is None else movement.pk,
            other="" if other is None else codes.get(other, ""),
            decision_reference=movement.decision_reference,
        )


def _build_projects(period: Period) -> list[ReceiptsProject]:
    projects = projects_of(period.year, with_forecasts_of=period)
    if not projects:
        return []
    before = _previous_forecasts(period)
    tied = tied_amounts(period, ForecastMeasure.USE_OF_CAPITAL_RECEIPTS)
    homes = _home_services(projects, period.year)
    return [
        ReceiptsProject(
            reference=project.reference,
            project=project.project,
            service=homes[project.service_id],
            cost_centre=project.cost_centre,
            purpose=project.purpose,
            original_planned=project.original_planned_pence,
            forecast=_forecast_of(project, tied),
            previous_forecast=before.get(project.reference),
        )
        for project in projects
    ]


def _forecast_of(project: CapitalReceiptsProject, tied: Mapping[str, int]) -> int | None:
    """Return a project's forecast: the planned use tied to it, if any; else what is stored.

    Planned use is negative where receipts pay, and a forecast is positive.
    """
    if project.reference in tied:
        return -tied[project.reference]
    stored: int | None = project.forecast  # type: ignore[attr-defined]  # annotated by the caller
    return stored


def _previous_forecasts(period: Period) -> dict[str, int | None]:
    """Return by reference the forecasts that the previous report published."""
    report = period.compared_with
    data = frozen_of(report).get("parts", {}).get(NAME) if report else None
    return {project.reference: project.forecast for project in ReservesSection(data).projects}


def _home_services(
    projects: Sequence[CapitalReceiptsProject], year: FinancialYear
) -> dict[int, str]:
    """Return the code of the open service that each project's service belongs to today, by id."""
    services: list[Service] = [project.service for project in projects]
    if all(service.named and service.successor_id is None for service in services):
        return {service.pk: service.code for service in services}
    tree = current_tree(year)
    return {service.pk: tree.register[tree.home(service.pk)].code for service in services}


def balances(
    reserves: Sequence[ReserveRow], movements: Sequence[MovementSide], *, at_close: bool
) -> dict[str, Balance]:
    """Return the balance of each reserve by its code."""
    entries: dict[str, list[Entry]] = {reserve.code: [] for reserve in reserves}
    for side in movements:
        entries[side.reserve].append(Entry(side.period, side.kind, side.amount))
    return {
        reserve.code: balance_of(reserve.opening, entries[reserve.code], at_close=at_close)
        for reserve in reserves
    }
