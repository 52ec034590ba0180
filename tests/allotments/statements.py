"""Rents of allotments by site."""

from allotments.report_section import rents_of
from council_finance import registry
from council_finance.statements import Cell, Column, Row, Statement
from monitoring.reports.selectors.report_data import ReportData

NAME = "allotment-rents"
TITLE = "Rents of allotments"


@registry.statement(NAME, title=TITLE, after="contingency")
def allotment_rents(report: ReportData) -> Statement:
    """Return a row for each site and their total."""
    display, rents = report.display(NAME), rents_of(report)
    sites = [
        Row(each["site"], each["site"], "line", {"rent": Cell.of_amount(each["rent"], display)})
        for each in rents
    ]
    total = Cell.of_amount(sum(each["rent"] for each in rents), display)
    keys = tuple(row.key for row in sites)
    return Statement(
        name=NAME,
        title=TITLE,
        header=report.header,
        display=display,
        columns=(Column("rent", "Rent", display.unit_label),),
        rows=(*sites, Row("total", "Total", "total", {"rent": total}, sum_of=keys)),
        row_heading="Site",
    )
