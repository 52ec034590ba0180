"""The figures of a report's tables that a text can mean."""

from fractions import Fraction

from council_finance.statements import Statement
from monitoring.claims.reading import Kind
from monitoring.claims.verdicts import TableFigure
from monitoring.claims.words import Measure
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import all_statements

_MEASURES = {
    "budget": Measure.BUDGET,
    "forecast": Measure.FORECAST,
    "variance": Measure.VARIANCE,
    "gross_variance": Measure.VARIANCE,
    "net_variance": Measure.VARIANCE,
    "net_variance_percent": Measure.VARIANCE,
    "variance_percent": Measure.VARIANCE,
    "previous_variance": Measure.PREVIOUS,
    "previous_net_variance": Measure.PREVIOUS,
    "previous_as_published": Measure.PREVIOUS,
    "movement": Measure.MOVEMENT,
    "movement_as_published": Measure.MOVEMENT,
    "use_of_reserves": Measure.RESERVES,
    "use_of_capital_receipts": Measure.RECEIPTS,
}
"""The measures of the columns of statements; other columns are amounts without a known measure."""


def figures_for(
    facts: ReportData, node: ReportRow, *, readable: frozenset[str]
) -> list[TableFigure]:
    """Return the figures that a text on a row of the report can mean, its own first.

    They are those of every statement, of the rows whose keys are in `readable`: the row itself and
    the services whose figures the reader may see.
    """
    found = _own_figures(facts, node)
    found += [
        figure
        for statement in all_statements(facts).values()
        for figure in _figures_of(statement, node.key, readable)
    ]
    return sorted(found, key=lambda figure: not figure.own)


def _own_figures(facts: ReportData, node: ReportRow) -> list[TableFigure]:
    """Return the figures of the row's page, which statements without its total do not print."""
    display = facts.display("annex-a")
    figures = (
        ("Budget", Measure.BUDGET, node.budget),
        ("Forecast", Measure.FORECAST, node.net_forecast),
        ("Net variance", Measure.VARIANCE, node.net_variance),
        ("Previous report", Measure.PREVIOUS, node.previous_net_variance),
        ("Movement", Measure.MOVEMENT, node.movement),
    )
    return [
        TableFigure(
            f"{node.label}: {title}",
            node.label,
            display.amount(pence),
            Kind.AMOUNT,
            measure,
            Fraction(pence),
            own=True,
        )
        for title, measure, pence in figures
        if pence is not None
    ]


def _figures_of(statement: Statement, own: str, readable: frozenset[str]) -> list[TableFigure]:
    found = []
    for row in statement.rows:
        if row.key not in readable:
            continue
        for column in statement.columns:
            cell = row.cells.get(column.key)
            if cell is None or column.kind == "text":
                continue
            kind = Kind.AMOUNT if cell.percent is None else Kind.PERCENT
            value = cell.pence if cell.percent is None else Fraction(cell.percent)
            if value is None:
                continue
            label = f"{row.label}: {column.label} ({statement.title})"
            measure = _MEASURES.get(column.key)
            found.append(
                TableFigure(
                    label, row.label, cell.text, kind, measure, Fraction(value), row.key == own
                )
            )
    return found
