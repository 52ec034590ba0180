"""The contracts that are stored for a year, with their shares and prices."""

from council_finance.one_reading import TableOfYears
from monitoring.models import FinancialYear
from planning.contracts.models import Contract, ContractPrice, ContractShare

_CONTRACTS = TableOfYears(Contract)


def contracts_of(year: FinancialYear) -> list[Contract]:
    """Return the year's contracts in the order of their file."""
    if _CONTRACTS.is_known_empty(year):
        return []
    found = Contract.objects.filter(year=year).select_related("service", "decision")
    return sorted(found, key=lambda each: (each.order, each.reference))


def shares_of(year: FinancialYear) -> list[ContractShare]:
    """Return the shares of the year's contracts in the order of their file."""
    found = ContractShare.objects.filter(contract__year=year)
    found = found.select_related("contract", "service")
    return sorted(found, key=lambda each: (each.contract.order, each.order, each.pk))


def prices_of(year: FinancialYear) -> list[ContractPrice]:
    """Return the prices of the year's contracts in the order of their file."""
    found = ContractPrice.objects.filter(contract__year=year).select_related("contract")
    return sorted(found, key=lambda each: (each.contract.order, each.order, each.pk))
