"""Read everything that a recompute needs into frames of whole pence."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from django.db.models import QuerySet

from council_finance.bulk import whole_numbers
from council_finance.one_reading import TableOfYears
from monitoring.figures.calculations import Previous, line_variances
from monitoring.ledger.models import Batch
from monitoring.ledger.selectors.positions import (
    no_positions,
    positions_frame,
    report_positions,
)
from monitoring.published.models import Report
from monitoring.published.selectors.published_data import frozen_of
from monitoring.published.selectors.reports import previous_report
from monitoring.structure.models import BudgetLine, Period
from monitoring.structure.selectors.tree import current_tree, tree_with_lines
from monitoring.structure.trees import Tree
from monitoring.virements.models import Virement

VIREMENTS = TableOfYears(Virement)


def previous_lines(report: Report, positions: pd.DataFrame) -> pd.DataFrame:
    """Return the report's frozen lines.

    Columns line, service (today's), published_service, net_variance (Int64 pence), has_forecast,
    current_budget. `positions` are those of its batch, with their service today.
    """
    lines = line_variances(positions)
    moved = {int(line): service for line, service in report.line_services.items()}
    published = lines["given_service"].astype("int64")
    is_moved = lines["line"].isin(list(moved))
    published[is_moved] = lines.loc[is_moved, "line"].map(moved)
    return pd.DataFrame(
        {
            "line": lines["line"],
            "service": lines["service"],
            "published_service": published,
            "net_variance": lines["net_variance"],
            "has_forecast": lines["forecast"].notna(),
            "current_budget": lines["current_budget"],
        }
    )


def approved_virements(period: Period) -> QuerySet[Virement]:
    """Return the virements that the period's report reflects: approved, up to its period."""
    return Virement.objects.filter(
        year=period.year, period__lte=period.number, approved_on__isnull=False
    )


def virement_legs(virements: QuerySet[Virement]) -> pd.DataFrame:
    """Return the legs of virements, with the columns that virement_effects needs."""
    rows = virements.order_by("pk").values_list(
        "pk", "from_line_id", "to_line_id", "amount_pence", "forecast_amount_pence"
    )
    columns = ["virement", "from_line", "to_line", "amount", "forecast_amount"]
    return whole_numbers(rows, columns, nullable=("from_line", "to_line"))


def unreflected_virements(period: Period, report: Report | None) -> QuerySet[Virement]:
    """Return approved virements up to the period that the previous report did not reflect."""
    virements = approved_virements(period)
    return virements if report is None else virements.exclude(pk__in=report.virements.all())


@dataclass(frozen=True)
class PlacedLines:
    """The positions of a period, and the tree that they hang on today."""

    tree: Tree
    positions: pd.DataFrame


@dataclass(frozen=True)
class Inputs(PlacedLines):
    """The inputs of compute_figures, and the previous report they were read from."""

    previous_report: Report | None
    previous: Previous | None
    legs: pd.DataFrame
    line_services: pd.Series


def figures_inputs(period: Period) -> Inputs:
    """Read the inputs of a period's figures; without a ledger it has no positions."""
    report = previous_report(period)
    legs = virement_legs(unreflected_virements(period, report))
    return Inputs(
        tree=current_tree(period.year),
        positions=no_positions() if period.batch is None else positions_frame(period.batch),
        previous_report=report,
        previous=None
        if report is None
        else Previous(
            previous_lines(report, report_positions(report)), published_variances(report)
        ),
        legs=legs,
        line_services=services_of_ends(legs),
    )


def services_of_ends(legs: pd.DataFrame) -> pd.Series:
    """Return today's service id of each line that the legs of virements name, by line id."""
    ends = {int(line) for name in ("from_line", "to_line") for line in legs[name].dropna()}
    lines = BudgetLine.objects.filter(pk__in=ends).values_list("pk", "service_id")
    return pd.Series(dict(lines), dtype="int64")


def figures_inputs_with(
    period: Period,
    positions: pd.DataFrame,
    services_by_line: pd.Series,
    read_stored: Callable[[Batch, int | None], pd.DataFrame],
) -> Inputs:
    """Return the inputs of a period's figures with positions that are about to be stored.

    `positions` has the columns of POSITION_FIELDS except given_service; `services_by_line` is the
    service of every line of the year once they are stored; `read_stored` returns a batch's
    positions with the typed forecasts up to an entry.
    """
    report = previous_report(period)
    previous = None
    if report is not None:
        before = read_stored(report.batch, report.last_forecast_entry)
        services = before["line"].map(services_by_line).astype("int64")
        before = previous_lines(report, before.assign(service=services))
        previous = Previous(before, published_variances(report))
    positions = positions.assign(service=positions["line"].map(services_by_line).astype("int64"))
    return Inputs(
        tree=tree_with_lines(period, positions["service"], services_by_line),
        positions=positions,
        previous_report=report,
        previous=previous,
        legs=virement_legs(unreflected_virements(period, report)),
        line_services=services_by_line,
    )


def published_variances(report: Report) -> pd.Series:
    """Return the published net variance in pence of each service of a report, by service id."""
    rows = [row for row in frozen_of(report).rows if not row.is_closed]
    return pd.Series(
        pd.array([row.net_variance for row in rows], dtype="Int64"),
        index=[row.service for row in rows],
    )
