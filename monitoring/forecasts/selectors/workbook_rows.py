"""The rows of the workbook that a forecast grid is downloaded as."""

from monitoring.forecasts.selectors.area import Area
from monitoring.forecasts.selectors.grid_choice import GridChoice
from monitoring.forecasts.selectors.line_order import choose_lines
from monitoring.forecasts.selectors.lines import GridLine, grid_lines
from monitoring.ledger.spending_without_budget import UNBUDGETED, unbudgeted
from monitoring.structure.models import Period

Value = str | int | None

WORKBOOK_COLUMNS = (
    *("service_code", "cost_centre", "account", "description"),
    *("original_budget", "current_budget", "actual_to_date", "commitments"),
    *("profiled_budget_to_date", "forecast"),
    *("planned_use_of_reserves", "planned_use_of_capital_receipts", "exempt", "last_forecast"),
    *("carried_forecast", "downloaded_forecast", "downloaded_planned_use_of_reserves"),
    *("downloaded_planned_use_of_capital_receipts", "budget_note"),
)
"""Columns by the names that uploads know; their headings are the same in words."""

ENTERED = ("forecast", "planned_use_of_reserves", "planned_use_of_capital_receipts")
"""Columns that people fill in."""


def column_heading(name: str) -> str:
    """Return the heading of a column in words, which an upload takes for its name."""
    return name.replace("_", " ").capitalize()


def workbook_rows(period: Period, area: Area, *, with_exempt: bool) -> list[tuple[Value, ...]]:
    """Return every line of an area under WORKBOOK_COLUMNS: texts, and amounts in pence or None.

    The workbook is uploaded again as a file of forecasts. A forecast that is carried forward is
    blank, so that an unedited file changes nothing, and stands in a column of its own;
    last_forecast is the previous report's. The columns downloaded_… repeat the figures that people
    enter, so that cells that were not edited are recognised.
    """
    chosen = choose_lines(period, area, GridChoice(), with_exempt=with_exempt)
    return [
        _build_row(line, area.sections[chosen.places[line.line.pk]].figure.service_code)
        for line in grid_lines(period, chosen.lines)
    ]


def _build_row(line: GridLine, service_code: str) -> tuple[Value, ...]:
    is_carried = line.source == "carried"
    entered = (None if is_carried else line.forecast, *line.planned.values())
    note = UNBUDGETED if unbudgeted(line.budget, line.actual, line.forecast) else ""
    return (
        service_code,
        line.line.cost_centre,
        line.line.account,
        line.line.description,
        line.original_budget,
        line.budget,
        line.actual,
        line.commitments,
        line.profile,
        *entered,
        "yes" if line.line.exempt else "",
        line.last_forecast,
        line.forecast if is_carried else None,
        *entered,
        note,
    )
