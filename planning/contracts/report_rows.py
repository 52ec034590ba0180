"""The contracts of one report as rows, which publishing keeps as plain data. Pure.

Amounts are whole pence without the suffix `_pence`; None is not given. Dates are ISO texts, which
JSON keeps, and "" where there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from planning.contracts.calculations import Term, divide_by_shares, whole_life_value
from planning.decisions.report_rows import date_of


@dataclass(frozen=True)
class ShareRow:
    """The share of a contract that a service bears, in hundredths of a per cent."""

    service: str
    service_name: str
    hundredths: int


@dataclass(frozen=True)
class PriceRow:
    """A price of a contract, or what a line of it comes to in a year."""

    line: str
    unit: str
    band: str
    price: int | None
    annual_value: int | None


@dataclass(frozen=True)
class Bearer:
    """What a service bears of a contract: the whole of it, or its share."""

    service: str
    service_name: str
    annual_value: int | None
    whole_life_value: int | None


@dataclass(frozen=True)
class ContractRow:
    """A contract of the register with its shares and prices.

    The decision is the one that awards or extends it; `key_decision` is `yes`, `no` or "".
    """

    reference: str
    title: str
    description: str
    supplier: str
    supplier_registration: str
    supplier_kind: str
    service: str
    service_name: str
    decision: str
    decision_on: str
    decision_status: str
    key_decision: str
    procurement: str
    start_date: str
    end_date: str
    review_date: str
    term_months: int | None
    extension_months: tuple[int, ...]
    extensions_taken: int
    break_date: str
    notice_months: int | None
    notice_anniversary: str
    annual_value: int | None
    total_value: int | None
    estimated_value: int | None
    spend_to_date: int | None
    replaces_annual_cost: int | None
    irrecoverable_vat: int | None
    vat: str
    payment: str
    indexation: str
    note: str
    shares: tuple[ShareRow, ...]
    prices: tuple[PriceRow, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "ContractRow":
        """Return the contract of plain data."""
        return cls(
            **{
                **data,
                "extension_months": tuple(data["extension_months"]),
                "shares": tuple(ShareRow(**each) for each in data["shares"]),
                "prices": tuple(PriceRow(**each) for each in data["prices"]),
            }
        )

    @cached_property
    def term(self) -> Term:
        """The dates of the contract."""
        return Term(
            start=date_of(self.start_date),
            stated_end=date_of(self.end_date),
            months=self.term_months,
            extensions=self.extension_months,
            taken=self.extensions_taken,
            break_on=date_of(self.break_date),
            notice_months=self.notice_months,
            notice_anniversary=self.notice_anniversary,
        )

    @property
    def whole_life_value(self) -> int | None:
        """Return the value over all months, extensions included."""
        return whole_life_value(self.total_value, self.annual_value, self.term)

    @property
    def increase_a_year(self) -> int | None:
        """Return the annual value less the annual cost of what it replaces."""
        if self.annual_value is None or self.replaces_annual_cost is None:
            return None
        return self.annual_value - self.replaces_annual_cost

    @property
    def bearers(self) -> list[Bearer]:
        """Return what each service bears; without shares the contract's service bears it all."""
        if not self.shares:
            whole = self.annual_value, self.whole_life_value
            return [Bearer(self.service, self.service_name, *whole)]
        hundredths = [each.hundredths for each in self.shares]
        annual = divide_by_shares(self.annual_value, hundredths)
        whole_life = divide_by_shares(self.whole_life_value, hundredths)
        return [
            Bearer(share.service, share.service_name, a_year, whole)
            for share, a_year, whole in zip(self.shares, annual, whole_life, strict=True)
        ]


@dataclass(frozen=True)
class ContractsSection:
    """A report's contracts, read from plain data when needed.

    `services` are the codes of services in the order of the tree. Empty in a report published
    before there were contracts.
    """

    data: Mapping[str, Any] | None

    @cached_property
    def contracts(self) -> list[ContractRow]:
        """The contracts in the order of their file."""
        return [ContractRow.from_data(each) for each in self.data["contracts"]] if self.data else []

    @cached_property
    def services(self) -> list[str]:
        """The codes of services in the order of the tree."""
        return list(self.data["services"]) if self.data else []

    def find(self, reference: str) -> ContractRow | None:
        """Return the contract of that reference."""
        return next((each for each in self.contracts if each.reference == reference), None)
