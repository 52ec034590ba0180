"""Carrying the register of contracts into the next year."""

import datetime

from council_finance.registry import carried_forward
from monitoring.models import FinancialYear
from planning.contracts.report_section import build_contracts
from planning.contracts.selectors import contracts_of, prices_of, shares_of
from planning.decisions.models import Decision
from planning.rolled_rows import copy_row, services_after


@carried_forward("contracts", after="decisions")
def carry_contracts(year: FinancialYear, following: FinancialYear) -> int:
    """Make the next year's contracts, with shares and prices; return how many there are.

    Contracts that ended before the last day of the year stay behind. One that ends on that day is
    carried: what is bought may go on without it.
    """
    last_day = datetime.date(year.start + 1, 3, 31)
    ends = {row.reference: row.term.end for row in build_contracts(year)}
    services = services_after(year, following)
    decisions = dict(Decision.objects.filter(year=following).values_list("reference", "pk"))
    carried = {}
    for contract in contracts_of(year):
        end = ends[contract.reference]
        if end is None or end >= last_day:
            decision = contract.decision
            carried[contract.pk] = copy_row(
                contract,
                year_id=following.pk,
                service_id=services[contract.service_id],
                decision_id=decisions[decision.reference] if decision else None,
            )
    for share in shares_of(year):
        if (found := carried.get(share.contract_id)) is not None:
            copy_row(share, contract_id=found.pk, service_id=services[share.service_id])
    for price in prices_of(year):
        if (found := carried.get(price.contract_id)) is not None:
            copy_row(price, contract_id=found.pk)
    return len(carried)
