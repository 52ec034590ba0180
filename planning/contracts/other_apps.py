"""The contracts that a decision awards or extends, for the page of the decision."""

from collections.abc import Iterator

from django.urls import reverse

from council_finance import registry
from monitoring.models import FinancialYear
from monitoring.reports.selectors.report_data import ReportData
from planning.contracts.report_section import build_contracts, section_of


@registry.authorised_moves("contracts")
def contracts_under(
    year: FinancialYear, report: ReportData | None, reference: str
) -> Iterator[registry.AuthorisedMove]:
    """Yield the contracts that name a decision, with their annual values."""
    contracts = build_contracts(year) if report is None else section_of(report).contracts
    for each in contracts:
        if each.decision == reference:
            url = reverse("contract", args=[year.start, each.reference])
            yield registry.AuthorisedMove(
                "Contract", each.reference, each.title, each.annual_value, "A year", url
            )
