"""The contracts that a council publishes under the Local Government Transparency Code.

The Code asks of each contract for reference, title, department, description, supplier, value, VAT
that cannot be recovered, dates, how it was awarded, and the kind and number of the supplier.
"""

from collections.abc import Iterator, Sequence

from council_finance.money import exact_pounds, plain_pounds
from monitoring.reports.selectors.report_data import ReportData
from planning.contracts.report_rows import ContractRow
from planning.contracts.report_section import section_of
from planning.contracts.settings_tables import contract_rules
from planning.decisions.report_rows import iso_date

COLUMNS = (
    *("reference", "title", "department", "description", "supplier", "supplier_registration"),
    *("supplier_kind", "whole_life_value", "annual_value", "irrecoverable_vat"),
    *("start_date", "end_date", "review_date", "procurement"),
)


def describe_threshold(facts: ReportData) -> str:
    """Return the value above which the council publishes contracts; "" where it is not set."""
    above = contract_rules(facts.settings).publish_above
    return "" if above is None else plain_pounds(above)


def transparency_rows(facts: ReportData) -> Iterator[Sequence[str]]:
    """Yield the contracts above the threshold, and those whose value is not known.

    The Code wants the sum over the whole length, or else a year's spending. A contract without
    either may be above the threshold, so it is listed with both left blank.
    """
    above = contract_rules(facts.settings).publish_above
    for each in section_of(facts).contracts:
        value = each.annual_value if each.whole_life_value is None else each.whole_life_value
        if above is not None and (value is None or value > above):
            yield _build_row(each)


def _build_row(contract: ContractRow) -> Sequence[str]:
    amounts = (contract.whole_life_value, contract.annual_value, contract.irrecoverable_vat)
    return (
        contract.reference,
        contract.title,
        contract.service_name,
        contract.description,
        contract.supplier,
        contract.supplier_registration,
        contract.supplier_kind,
        *("" if pence is None else exact_pounds(pence) for pence in amounts),
        iso_date(contract.term.start),
        iso_date(contract.term.end),
        contract.review_date,
        contract.procurement,
    )
