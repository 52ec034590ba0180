"""Performance by month: each indicator's target, floor, value and status over the months."""

from collections.abc import Iterator, Mapping, Sequence

from council_finance import registry
from council_finance.periods import CLOSE, as_at
from council_finance.statements import Cell, Column, Footnote, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.printing import number_cell, print_exact, print_value
from performance.indicators.report_rows import IndicatorRow, MonthRow
from performance.indicators.scheme import PerformanceScheme
from performance.indicators.selectors.report_indicators import indicators_of
from performance.indicators.settings_tables import performance_scheme
from performance.indicators.statements.dashboard import NAME as DASHBOARD
from performance.indicators.statements.performance import NONE

NAME = "performance-series"
TITLE = "Performance by month"
LINES = {
    "target": "Target",
    "minimum": "Minimum",
    "actual": "Actual",
    "status": "Status",
    "previous_target_status": "Status against the target before",
}
_FORMER = Footnote(
    "",
    "Status against the target before: where a target has moved, that under the one which stood "
    "before: the last of the year before, or one that had stood for three months.",
)


@registry.statement(NAME, title=TITLE, after=DASHBOARD)
def performance_series(facts: ReportData) -> Statement:
    """Return the rows of each indicator by month, of this year and earlier ones (Kent)."""
    rows, scheme = indicators_of(facts), performance_scheme(facts.settings)
    by_month = {row.reference: months_by_key(row) for row in rows}
    keys = sorted({key for months in by_month.values() for key in months})
    labels = {key: label for months in by_month.values() for key, (label, _) in months.items()}
    made = tuple(_build_rows([row for row in rows if by_month[row.reference]], keys, scheme))
    return Statement(
        name=NAME,
        title=TITLE,
        header=facts.header,
        display=facts.display(NAME),
        columns=tuple(Column(key, labels[key], is_number=True) for key in keys),
        rows=made if keys else (),
        footnotes=(_FORMER,) if made else (Footnote("", NONE),),
        row_heading="Measure",
    )


def months_by_key(row: IndicatorRow) -> dict[str, tuple[str, MonthRow]]:
    """Return an indicator's months by `2016-06`, each with its label; outturns of years are none.

    The close of a year stands for March where March has no value.
    """
    found: dict[str, tuple[str, MonthRow]] = {}
    for month in row.months:
        date = as_at(month.financial_year, month.period)
        key = f"{date.year}-{date.month:02d}"
        if month.period != CLOSE or key not in found:
            found[key] = (f"{date:%b %Y}", month)
    return found


def _build_rows(
    rows: Sequence[IndicatorRow], keys: Sequence[str], scheme: PerformanceScheme
) -> Iterator[Row]:
    for row in rows:
        yield Row(f"heading:{row.reference}", row.measure, "heading")
        months = {key: month for key, (_, month) in months_by_key(row).items()}
        for line, label in LINES.items():
            cells = _build_cells(row, line, keys, months, scheme)
            yield Row(f"{row.reference}:{line}", label, "line", cells, 1)


def _build_cells(
    row: IndicatorRow,
    line: str,
    keys: Sequence[str],
    months: Mapping[str, MonthRow],
    scheme: PerformanceScheme,
) -> dict[str, Cell]:
    blank = Cell("")
    return {
        key: month_cell(row, line, months[key], scheme) if key in months else blank for key in keys
    }


def month_cell(row: IndicatorRow, line: str, month: MonthRow, scheme: PerformanceScheme) -> Cell:
    """Return the cell of a month in a line: its target, floor, value or status."""
    if line == "status":
        return Cell(scheme.label(month.status))
    if line == "previous_target_status":
        return Cell(scheme.label(month.against_former))
    if line == "actual":
        return number_cell(print_value(row, month.actual, row.decimals), month.actual)
    if line == "target":
        return number_cell(print_value(row, month.target, row.target_decimals), month.target)
    return number_cell(print_exact(row, month.minimum, row.target_decimals), month.minimum)
