"""The budget lines under one row of a report, and the figures of one line with their source."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db.models import Q, QuerySet

from monitoring.forecasts.models import PLANNED_USE, ForecastEntry
from monitoring.forecasts.selectors.lines import KnownLine, positions_at
from monitoring.ledger.models import Batch, Position
from monitoring.ledger.selectors.planned_use_ties import ties_by_line
from monitoring.ledger.selectors.typed_amounts import FIELDS, FORECAST
from monitoring.ledger.selectors.typed_forecasts import TypedFigure
from monitoring.ledger.spending_without_budget import unbudgeted
from monitoring.published.models import Report
from monitoring.published.report_rows import ReportRow, add_planned_use
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import BudgetLine, FinancialYear, Period, Service
from monitoring.structure.selectors.tree import current_tree, tree_of_figures
from monitoring.virements.models import Virement


class ListedPosition(NamedTuple):
    """What the page of a service shows of a line's position, by the names of Position; in pence."""

    line: KnownLine
    current_budget_pence: int
    actual_to_date_pence: int | None
    commitments_pence: int | None
    profiled_budget_to_date_pence: int | None
    forecast_pence: int | None
    planned_use_of_reserves_pence: int
    planned_use_of_capital_receipts_pence: int
    forecast_carried_from: int | None
    planned_use_carried_from: int | None


@dataclass(frozen=True)
class LineFigures:
    """A line in one version of a period, in pence; None where a figure is not given.

    `source` is the source of the forecast: "typed" (`entry`), "carried" (from the period
    `position.forecast_carried_from`), "file" or "none". `entries` are the line's last entries by
    measure, `ties` the codes that its batch keeps its planned use tied to.
    """

    position: Position | ListedPosition
    entries: Mapping[str, ForecastEntry | TypedFigure]
    ties: Mapping[str, str]

    @property
    def entry(self) -> ForecastEntry | TypedFigure | None:
        """Return the last entry of the forecast, if any."""
        return self.entries.get(FORECAST)

    @property
    def line(self) -> BudgetLine | KnownLine:
        """Return the budget line."""
        line: BudgetLine | KnownLine = self.position.line
        return line

    @cached_property
    def forecast(self) -> int | None:
        """Return the typed forecast in pence where there is one, else that of the file."""
        typed = None if self.entry is None else self.entry.forecast_pence
        return self.position.forecast_pence if typed is None else typed

    @property
    def is_typed(self) -> bool:
        """Return True where the forecast is one that a person typed."""
        return self.entry is not None and self.entry.forecast_pence is not None

    @property
    def source(self) -> str:
        """Return the source of the forecast: typed, carried, file or none."""
        if self.is_typed:
            return "typed"
        if self.position.forecast_carried_from is not None:
            return "carried"
        return "none" if self.position.forecast_pence is None else "file"

    @property
    def is_unbudgeted(self) -> bool:
        """Return True where there is spending, or a forecast of it, and no budget."""
        position = self.position
        budget, actual = position.current_budget_pence, position.actual_to_date_pence
        return unbudgeted(budget, actual, self.forecast)

    @property
    def planned_use(self) -> int:
        """Return planned use of reserves and capital receipts in pence; negative where they pay."""
        return sum(self.planned(measure) for measure in PLANNED_USE)

    def planned(self, measure: str) -> int:
        """Return the typed planned use of a measure where there is one, else that of the file."""
        entry = self.entries.get(measure)
        typed = None if entry is None else entry.forecast_pence
        given: int = getattr(self.position, FIELDS[measure])
        return given if typed is None else typed

    def planned_source(self, measure: str) -> str:
        """Return the source of planned use: typed, carried, file or none (it is nil)."""
        entry = self.entries.get(measure)
        if entry is not None and entry.forecast_pence is not None:
            return "typed"
        if not self.planned(measure):
            return "none"
        return "file" if self.position.planned_use_carried_from is None else "carried"

    def tied_to(self, measure: str) -> str:
        """Return the code of the reserve or project that pays for planned use; "" for none."""
        if self.planned_source(measure) == "typed":
            return self.entries[measure].tied_to
        return self.ties.get(measure, "")

    @property
    def net_variance(self) -> int | None:
        """Return forecast less budget, with planned use, in pence; None without a forecast."""
        budget = self.position.current_budget_pence
        gross = None if self.forecast is None else self.forecast - budget
        return add_planned_use(gross, self.planned_use)


@dataclass(frozen=True)
class StoredLine(LineFigures):
    """The figures of one line with its whole position, for its own page."""

    position: Position


def positions_of(facts: ReportData, leaves: list[ReportRow]) -> QuerySet[Position]:
    """Return the positions that add up to rows without rows under them.

    The database reads the whole batch, which of many rows is quicker than to look up each line.
    """
    if facts.report is not None:
        return _frozen_positions(facts.report, {leaf.service for leaf in leaves})
    services = services_of_draft(facts, leaves)
    return positions_at(facts.period.year_id, facts.batch.pk, services)


def services_of_draft(facts: ReportData, leaves: list[ReportRow]) -> list[int]:
    """Return ids of the services whose lines add up to rows of a draft without rows under them."""
    homes = {leaf.service for leaf in leaves if leaf.is_service}
    strays = [leaf.service for leaf in leaves if not leaf.is_service]
    tree = tree_of_figures(facts.period.year, facts.nodes)
    return [*strays, *(pk for pk in tree.register if tree.home(pk) in homes)]


def _frozen_positions(report: Report, services: set[int]) -> QuerySet[Position]:
    moved = {int(line): place for line, place in report.line_services.items()}
    here = [line for line, place in moved.items() if place in services]
    unmoved = Q(service__in=services) & ~Q(line__in=list(moved))
    positions = Position.objects.of(report.period.year_id, report.batch_id)
    return positions.filter(unmoved | Q(line__in=here))


def exempt_ids(facts: ReportData) -> set[int]:
    """Return ids of lines hidden from readers: exempt when a report was published, or today."""
    if facts.report is None:
        return set(facts.exempt_lines)
    live = BudgetLine.objects.filter(year=facts.period.year, exempt=True)
    return set(live.values_list("pk", flat=True)) | set(facts.exempt_lines)


def exempt_cost_centres(facts: ReportData) -> set[str]:
    """Return cost centres of hidden lines; naming a cost centre would name its lines."""
    exempt = BudgetLine.objects.filter(pk__in=exempt_ids(facts))
    return set(exempt.order_by().values_list("cost_centre", flat=True))


def place_of(facts: ReportData, figures: StoredLine) -> tuple[str, str]:
    """Return the code and name of a line's service in the report or the draft."""
    position = figures.position
    if facts.report is not None:
        moved = facts.report.line_services.get(str(position.line_id))
        pk = moved or position.service_id
    else:
        pk = current_tree(facts.period.year).home(position.line.service_id)
    service = Service.objects.get(pk=pk)
    return service.code, labels_by_service(facts).get(pk, service.name)


def places_in(facts: ReportData, lines: list[int]) -> dict[int, str]:
    """Return the name of each line's service in a published report; empty for a draft."""
    if facts.report is None:
        return {}
    moved, labels = facts.report.line_services, labels_by_service(facts)
    rows = Position.objects.of(facts.period.year_id, facts.report.batch_id).filter(line__in=lines)
    return {
        line: labels.get(moved.get(str(line), given), "")
        for line, given in rows.values_list("line_id", "service_id")
    }


def labels_by_service(facts: ReportData) -> dict[int, str]:
    """Return the names of services in a report, by id."""
    return {node.service: node.label for node in facts.nodes}


def find_line(year: FinancialYear, pk: int) -> BudgetLine | None:
    """Return the line of the year with this id, or None."""
    lines = BudgetLine.objects.select_related("service", "year")
    return lines.filter(year=year, pk=pk).first()


def line_in(
    period: Period, batch: Batch, line: BudgetLine, through: int | None
) -> StoredLine | None:
    """Return a line's figures in a batch, with their upload; None where the line is not in it."""
    position = (
        Position.objects.of(period.year_id, batch)
        .filter(line=line)
        .select_related("line", "batch", "source", "source__uploaded_by")
        .defer("source__content")
        .first()
    )
    if position is None:
        return None
    latest: dict[str, ForecastEntry] = {}
    for entry in line_entries(period, line, through):
        latest.setdefault(entry.measure, entry)
    return StoredLine(position, latest, ties_by_line(batch.pk, [line.pk]).get(line.pk, {}))


_SOURCE_LABELS = {
    "position": "Whatever no later file changed",
    "budgets": "Budgets",
    "actuals": "Actuals, commitments and profiled budget",
    "forecasts": "Forecast or planned use",
}


def line_sources(position: Position) -> list[tuple[str, Position]]:
    """Return the files of the period that set figures of a line, latest first, to the position.

    Each is the kind of figures in words, and the line's position after the file, with source and
    row.
    """
    batches = Batch.objects.filter(period=position.batch.period, number__lte=position.batch.number)
    rows = Position.objects.of_batches([position.year_id], batches.values("pk"))
    rows = rows.filter(line=position.line_id).defer("source__content")
    rows = rows.select_related("source", "source__uploaded_by")
    found: dict[int, tuple[str, Position]] = {}
    for row in rows.order_by("-batch"):
        found.setdefault(row.source_id, (_SOURCE_LABELS[row.source.kind], row))
        if row.source.kind == "position":
            break
    return list(found.values())


def line_entries(period: Period, line: BudgetLine, through: int | None) -> list[ForecastEntry]:
    """Return every change of a line's forecast or planned use in a period, the latest first."""
    entries = ForecastEntry.objects.filter(period=period, line=line).select_related("by", "source")
    if through is not None:
        entries = entries.filter(pk__lte=through)
    return list(entries.defer("source__content").order_by("-pk"))


@dataclass(frozen=True)
class LineVirement:
    """A leg that moves budget to or from a line; `into` is the line's gain in pence.

    `approved_on` is None while it is pending.
    """

    reference: str
    period: int
    into: int
    approved_by: str
    approved_on: datetime.date | None


def line_virements(facts: ReportData, line: BudgetLine) -> list[LineVirement]:
    """Return legs that move budget to or from a line; those of a report are as it was published.

    Those of a draft are read from the register, approved or pending.
    """
    if facts.report is not None:
        return [
            LineVirement(
                leg.reference,
                leg.period,
                leg.change_of({line.pk}),
                leg.approved_by,
                leg.approved_on,
            )
            for leg in facts.approved_virements
            if leg.change_of({line.pk})
        ]
    legs = Virement.objects.filter(
        Q(from_line=line) | Q(to_line=line),
        period__lte=facts.period.number,
        declined_on__isnull=True,
    )
    return [
        LineVirement(
            leg.reference,
            leg.period,
            leg.amount_pence if leg.to_line_id == line.pk else -leg.amount_pence,
            leg.approved_by,
            leg.approved_on,
        )
        for leg in legs.order_by("period", "reference", "leg")
    ]


def line_course(
    line: BudgetLine, *, with_drafts: bool, with_exempt: bool
) -> list[tuple[Period, StoredLine]]:
    """Return a line's figures by period, as published; open periods only `with_drafts`.

    Without `with_exempt` the reports in which it was exempt are left out.
    """
    hidden = set() if with_exempt else _reports_with_exempt(line)
    reports = Report.objects.filter(period__year=line.year_id).defer("line_services")
    # Of each period the last one stays.
    latest = {each.period_id: each for each in reports.select_related("batch").order_by("version")}
    course = []
    for period in Period.objects.filter(year=line.year_id).select_related("year", "batch"):
        report = latest.get(period.pk)
        if with_drafts and not period.is_published and period.batch is not None:
            found = line_in(period, period.batch, line, None)
        elif report is not None and report.pk not in hidden:
            found = line_in(period, report.batch, line, report.last_forecast_entry)
        else:
            continue
        if found:
            course.append((period, found))
    return course


def _reports_with_exempt(line: BudgetLine) -> set[int]:
    """Return ids of the reports of the line's year that were published while it was exempt."""
    # Read only this list, as the rest of a frozen report may be large.
    reports = Report.objects.filter(period__year=line.year_id)
    lists = reports.values_list("pk", "frozen__exempt_lines")
    return {pk for pk, exempt in lists if line.pk in (exempt or ())}
