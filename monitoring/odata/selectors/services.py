"""Services: the tree of each year, as in its published reports."""

from collections.abc import Sequence

from council_finance.accounts.models import User
from monitoring.odata.filter_evaluation import Row
from monitoring.odata.paging import Part, PlacedRows, numbered_rows
from monitoring.open_data.selectors import readable_reports
from monitoring.published.models import Report
from monitoring.reports.selectors.report_data import published_data
from monitoring.reports.selectors.row_services import service_places
from monitoring.structure.models import FinancialYear


def service_parts(person: User) -> Sequence[Part]:
    """Return the tree of each year that has a published report as a part of `Services`."""
    years: dict[FinancialYear, list[Report]] = {}
    for report in readable_reports(person):
        years.setdefault(report.period.year, []).append(report)
    return [_build_part(year, reports) for year, reports in years.items()]


def _build_part(year: FinancialYear, reports: Sequence[Report]) -> Part:
    def read(within: str) -> PlacedRows:
        return numbered_rows(_rows_of_year(year, reports))(within)

    return Part(year.slug, {"financial_year": year.label}, read)


def _rows_of_year(year: FinancialYear, reports: Sequence[Report]) -> list[Row]:
    """Return the services of the year's latest report, then those that earlier ones had besides.

    So the service of every figure is found, though it may have closed since.
    """
    found: dict[str, Row] = {}
    for report in reversed(reports):
        for row in _rows_of_report(year, report):
            found.setdefault(str(row["code"]), row)
    return [{**row, "place": place} for place, row in enumerate(found.values(), start=1)]


def _rows_of_report(year: FinancialYear, report: Report) -> list[Row]:
    nodes = published_data(report).nodes
    places = service_places(nodes)
    return [
        {
            "id": f"{year.slug}/{node.code}",
            "parent_id": f"{year.slug}/{node.parent_key}" if node.parent_key else None,
            "financial_year": year.label,
            "code": node.code,
            "name": node.label,
            "parent_code": node.parent_key or None,
            "path": places[node.key].path,
            "level": node.level,
            "lowest": not node.is_group,
        }
        # A closed service comes after an open row of the same code.
        for node in sorted(nodes, key=lambda node: node.is_closed)
    ]
