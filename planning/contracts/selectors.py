"""The contracts that are stored for a year, with their shares and prices."""

from django.db.models import QuerySet

from council_finance.one_reading import TableOfYears
from council_finance.prepared import prepared
from monitoring.models import FinancialYear
from planning.contracts.models import Contract, ContractPrice, ContractShare

_CONTRACTS = TableOfYears(Contract)


def contracts_of(year: FinancialYear) -> list[Contract]:
    """Return the year's contracts in the order of their file."""
    if _CONTRACTS.is_known_empty(year):
        return []
    return sorted(_contracts_of(year.pk), key=lambda each: (each.order, each.reference))


@prepared
def _contracts_of(year_id: int) -> QuerySet[Contract]:
    return Contract.objects.filter(year=year_id).select_related("service", "decision")


def shares_of(year: FinancialYear) -> list[ContractShare]:
    """Return the shares of the year's contracts in the order of their file."""
    return sorted(_shares_of(year.pk), key=lambda each: (each.contract.order, each.order, each.pk))


@prepared
def _shares_of(year_id: int) -> QuerySet[ContractShare]:
    found = ContractShare.objects.filter(contract__year=year_id)
    return found.select_related("contract", "service")


def prices_of(year: FinancialYear) -> list[ContractPrice]:
    """Return the prices of the year's contracts in the order of their file."""
    return sorted(_prices_of(year.pk), key=lambda each: (each.contract.order, each.order, each.pk))


@prepared
def _prices_of(year_id: int) -> QuerySet[ContractPrice]:
    return ContractPrice.objects.filter(contract__year=year_id).select_related("contract")
