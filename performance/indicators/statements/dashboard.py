"""Performance dashboard: each indicator's reports, outturn before, value and status."""

from collections.abc import Sequence

from council_finance import registry
from council_finance.statements import Cell, Column, Footnote, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.models import Basis
from performance.indicators.printing import number_cell, print_target, print_value
from performance.indicators.report_rows import IndicatorRow
from performance.indicators.scheme import PerformanceScheme
from performance.indicators.selectors.report_indicators import indicators_of
from performance.indicators.settings_tables import performance_scheme
from performance.indicators.statements.performance import (
    DECLARED,
    NONE,
    declared_text,
    status_cell,
)
from performance.indicators.statements.summary import NAME as SUMMARY

NAME = "performance-dashboard"
TITLE = "Performance dashboard"
_REPORTED = "Y"


@registry.statement(NAME, title=TITLE, after=SUMMARY)
def performance_dashboard(facts: ReportData) -> Statement:
    """Return a row for each indicator with its headline value (Kent, May 2017)."""
    rows, scheme = indicators_of(facts), performance_scheme(facts.settings)
    codes = report_codes(rows)
    declared = [row for row in rows if row.is_against_the_figures and row.has_target]
    notes = [Footnote(DECLARED, declared_text(row, scheme)) for row in declared]
    return Statement(
        name=NAME,
        title=TITLE,
        header=facts.header,
        display=facts.display(NAME),
        columns=(
            *(Column(code.casefold(), code) for code in codes),
            Column("previous_outturn", "Previous outturn", is_number=True),
            Column("target", "Target", is_number=True),
            Column("actual", "Actual", is_number=True),
            Column("basis", "Basis"),
            Column("status", "Status"),
        ),
        rows=tuple(
            Row(row.reference, row.measure, "line", _build_cells(row, codes, scheme))
            for row in rows
        ),
        footnotes=tuple(notes) if rows else (Footnote("", NONE),),
        row_heading="Measure",
    )


def report_codes(rows: Sequence[IndicatorRow]) -> tuple[str, ...]:
    """Return the codes of the reports that print any of the indicators, in their first order."""
    return tuple(dict.fromkeys(code for row in rows for code in codes_of(row)))


def codes_of(row: IndicatorRow) -> list[str]:
    """Return the codes of the reports that print an indicator."""
    return [code.strip() for code in row.reported_in.split(";") if code.strip()]


def _build_cells(
    row: IndicatorRow, codes: Sequence[str], scheme: PerformanceScheme
) -> dict[str, Cell]:
    outturn = print_value(row, row.previous_outturn, row.headline_decimals)
    actual = print_value(row, row.rated, row.headline_decimals) or row.due
    own = codes_of(row)
    return {
        **{code.casefold(): Cell(_REPORTED if code in own else "") for code in codes},
        "previous_outturn": number_cell(outturn, row.previous_outturn),
        "target": number_cell(print_target(row), row.target),
        "actual": number_cell(actual, row.rated),
        "basis": Cell(Basis(row.basis).label),
        "status": status_cell(row, scheme),
    }
