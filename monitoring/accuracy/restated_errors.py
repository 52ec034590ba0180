"""Errors of the forecasts of a year's reports, restated to its close."""

import pandas as pd

from monitoring.figures.calculations import Previous, compute_figures
from monitoring.figures.selectors.inputs import (
    previous_lines,
    services_of_ends,
    unreflected_virements,
    virement_legs,
)
from monitoring.ledger.selectors.positions import positions_frame, report_positions
from monitoring.published.models import Report
from monitoring.structure.models import Period
from monitoring.structure.selectors.tree import current_tree


def restated_errors(period: Period) -> dict[int, dict[str, int]]:
    """Return the errors in pence of each report of a close's year, by period and key of a row.

    The reports are restated to the tree and the virements of the close. Without figures of the
    close there are none.
    """
    if period.batch is None:
        return {}
    positions, tree = positions_frame(period.batch), current_tree(period.year)
    errors = {}
    for number, report in sorted(_latest_reports(period).items()):
        legs = virement_legs(unreflected_virements(period, report))
        # What the report published for groups is not needed, and reading it takes longest.
        previous = Previous(
            previous_lines(report, report_positions(report)), pd.Series(dtype="Int64")
        )
        nodes = compute_figures(tree, positions, previous, legs, services_of_ends(legs)).nodes
        found = -nodes["movement"].dropna()
        errors[number] = {str(key): int(pence) for key, pence in found.items()}
    return errors


def _latest_reports(period: Period) -> dict[int, Report]:
    """Return the latest report of each month before a close, by its number."""
    reports = Report.objects.filter(
        period__year=period.year,
        period__number__lt=period.number,
        period__number__gte=1,
        batch__upload__isnull=False,
    )
    ordered = reports.select_related("period", "batch").order_by("version")
    return {report.period.number: report for report in ordered}
