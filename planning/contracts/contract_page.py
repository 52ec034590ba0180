"""The page of one contract: all that the register has of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from council_finance.money import plain_pounds
from council_finance.periods import long_date
from planning.contracts.findings import findings_of, names_of_suppliers
from planning.contracts.table import contract_day
from planning.decisions.report_rows import date_of

if TYPE_CHECKING:
    import datetime

    from monitoring.reports.selectors.report_data import ReportData
    from planning.contracts.report_rows import ContractRow

_NOT_AWARDED, _NOT_STATED = "Not awarded yet", "Not stated"
_KINDS = {"sme": "Small or medium enterprise", "voluntary": "Voluntary sector"}


@dataclass(frozen=True)
class ContractPage:
    """A contract as its page shows it, among all of its register.

    `report` is the one against whose date it is held; None where the year has none.
    """

    contract: ContractRow
    register: list[ContractRow]
    report: ReportData | None

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Return every field of the contract in words, those that are blank left out."""
        row = self.contract
        found = [
            ("Description", row.description),
            ("Supplier", row.supplier or _NOT_AWARDED),
            ("Company or charity number", row.supplier_registration),
            ("Kind of supplier", _KINDS.get(row.supplier_kind, row.supplier_kind)),
            ("Service", f"{row.service_name} ({row.service})"),
            ("Procurement", row.procurement),
            *self._list_terms(),
            *self._list_values(),
            ("VAT in its values", row.vat),
            ("Payment", row.payment),
            ("Indexation", row.indexation),
            ("Note", row.note),
        ]
        return [(label, text) for label, text in found if text]

    def _list_terms(self) -> Iterator[tuple[str, str]]:
        row, term = self.contract, self.contract.term
        yield "Starts", _print_day(term.start)
        yield "Ends", _print_day(term.end) or _NOT_STATED
        if term.latest_end != term.end:
            yield "Latest end", _print_day(term.latest_end)
        yield "Term", _describe_months(row.term_months)
        if row.extension_months:
            months = " and ".join(map(str, row.extension_months))
            yield "Extensions", f"{months} months; {row.extensions_taken or 'none'} taken so far"
        yield "Reviewed", _print_day(date_of(row.review_date))
        yield "May be broken off", _print_day(term.break_on)
        yield "Notice", _describe_months(row.notice_months)
        yield "Day of the year for notice", row.notice_anniversary

    def _list_values(self) -> Iterator[tuple[str, str]]:
        row = self.contract
        yield "Annual value", _print_pounds(row.annual_value) or _NOT_STATED
        yield "Whole-life value", _print_pounds(row.whole_life_value)
        yield "Estimated before the award", _print_pounds(row.estimated_value)
        yield "Spent to date", _print_pounds(row.spend_to_date)
        yield "Annual cost of what it replaces", _print_pounds(row.replaces_annual_cost)
        yield "Increase a year", _print_pounds(row.increase_a_year)
        yield "VAT that cannot be recovered", _print_pounds(row.irrecoverable_vat)

    @property
    def findings(self) -> list[str]:
        """Return what is to be noted on the date of the report; nothing without a report."""
        if self.report is None:
            return []
        names = names_of_suppliers(self.register)
        return list(findings_of(self.contract, contract_day(self.report), names))

    @property
    def bearers(self) -> list[tuple[str, str, str]]:
        """Return service, share and annual value of each service that bears a share."""
        if not self.contract.shares:
            return []
        shares = zip(self.contract.shares, self.contract.bearers, strict=True)
        return [
            (
                f"{share.service_name} ({share.service})",
                f"{share.hundredths / 100:g}%",
                _print_pounds(bearer.annual_value) or _NOT_STATED,
            )
            for share, bearer in shares
        ]

    @property
    def prices(self) -> list[tuple[str, str, str, str, str]]:
        """Return line, unit, band, price and annual value of each price."""
        return [
            (
                each.line,
                each.unit,
                each.band,
                _print_pounds(each.price),
                _print_pounds(each.annual_value),
            )
            for each in self.contract.prices
        ]


def _print_day(day: datetime.date | None) -> str:
    return "" if day is None else long_date(day)


def _print_pounds(pence: int | None) -> str:
    return "" if pence is None else plain_pounds(pence)


def _describe_months(count: int | None) -> str:
    return "" if count is None else f"{count} month{'' if count == 1 else 's'}"
