"""The contracts section of a report: read live for a draft, kept as plain data when published."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from council_finance import registry
from council_finance.lazy_mapping import LazyMapping
from monitoring.models import FinancialYear, Period
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.tree import current_tree
from planning.contracts.models import Contract
from planning.contracts.report_rows import ContractRow, ContractsSection, PriceRow, ShareRow
from planning.contracts.selectors import contracts_of, prices_of, shares_of
from planning.decisions.report_rows import iso_date
from planning.yes_or_no import yes_or_no

NAME = "contracts"
_SAME = (
    *("reference", "title", "description", "supplier", "supplier_registration", "supplier_kind"),
    *("procurement", "term_months", "extensions_taken", "notice_months", "notice_anniversary"),
    *("vat", "payment", "indexation", "note"),
)
_DATES = ("start_date", "end_date", "review_date", "break_date")
_AMOUNTS = (
    *("annual_value", "total_value", "estimated_value", "spend_to_date"),
    *("replaces_annual_cost", "irrecoverable_vat"),
)


@registry.report_section(NAME)
def contracts_data(period: Period) -> Mapping[str, Any]:
    """Return the year's contracts as plain data, each list read when it is needed."""
    year = period.year
    return LazyMapping(
        {
            "contracts": lambda: [asdict(each) for each in build_contracts(year)],
            "services": lambda: _list_services(year),
        }
    )


def section_of(facts: ReportData) -> ContractsSection:
    """Return the contracts section of a report, draft or published."""
    return facts.typed_section(NAME, ContractsSection)


def build_contracts(year: FinancialYear) -> list[ContractRow]:
    """Return the year's contracts with their shares and prices, as they are stored."""
    contracts = contracts_of(year)
    if not contracts:
        return []
    shares: dict[int, list[ShareRow]] = defaultdict(list)
    for share in shares_of(year):
        row = ShareRow(share.service.code, share.service.name, share.hundredths)
        shares[share.contract_id].append(row)
    prices: dict[int, list[PriceRow]] = defaultdict(list)
    for price in prices_of(year):
        prices[price.contract_id].append(
            PriceRow(
                price.line, price.unit, price.band, price.price_pence, price.annual_value_pence
            )
        )
    return [_build_row(each, shares[each.pk], prices[each.pk]) for each in contracts]


def _build_row(contract: Contract, shares: list[ShareRow], prices: list[PriceRow]) -> ContractRow:
    decision = contract.decision
    same: dict[str, Any] = {name: getattr(contract, name) for name in _SAME}
    dates: dict[str, Any] = {name: iso_date(getattr(contract, name)) for name in _DATES}
    amounts: dict[str, Any] = {name: getattr(contract, f"{name}_pence") for name in _AMOUNTS}
    return ContractRow(
        service=contract.service.code,
        service_name=contract.service.name,
        decision=decision.reference if decision else "",
        decision_on=iso_date(decision.decision_on) if decision else "",
        decision_status=decision.status if decision else "",
        key_decision=yes_or_no(decision.key_decision) if decision else "",
        extension_months=tuple(contract.extension_months),
        shares=tuple(shares),
        prices=tuple(prices),
        **same,
        **dates,
        **amounts,
    )


def _list_services(year: FinancialYear) -> list[str]:
    """Return the codes of the year's services in the order of the tree."""
    return [node.service.code for node in current_tree(year).nodes if node.kind != "closed"]
