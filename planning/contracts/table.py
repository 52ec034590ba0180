"""The columns and cells that both statements of contracts share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from council_finance.statements import Cell, Column, Display
from monitoring.reports.selectors.report_data import ReportData
from planning.contracts.findings import ContractDay, findings_of, names_of_suppliers
from planning.contracts.report_rows import Bearer, ContractRow
from planning.contracts.report_section import section_of
from planning.contracts.settings_tables import contract_rules
from planning.decisions.report_rows import iso_date
from planning.decisions.settings_tables import decision_rules


def columns_of(display: Display) -> tuple[Column, ...]:
    """Return the columns of a statement of contracts."""
    return (
        Column("supplier", "Supplier"),
        Column("start_date", "Start"),
        Column("end_date", "End"),
        Column("latest_end_date", "Latest end"),
        Column("annual_value", "Annual value", display.unit_label),
        Column("whole_life_value", "Whole-life value", display.unit_label),
        Column("decision", "Decision"),
        Column("finding", "Finding"),
    )


def contract_day(facts: ReportData) -> ContractDay:
    """Return the date of a report with the council's rules for contracts."""
    horizon = contract_rules(facts.settings).renewal_horizon_months
    threshold = decision_rules(facts.settings).key_decision_above
    as_at = facts.header.as_at
    if as_at is None:
        raise ValueError("the report of a period has a date")
    return ContractDay(as_at, horizon, threshold)


@dataclass(frozen=True)
class ContractTable:
    """A report's contracts with the cells of their rows."""

    facts: ReportData
    display: Display

    @property
    def contracts(self) -> list[ContractRow]:
        """Return the contracts in the order of their file."""
        return section_of(self.facts).contracts

    @cached_property
    def day(self) -> ContractDay:
        """The date of the report with the council's rules."""
        return contract_day(self.facts)

    @cached_property
    def _supplier_names(self) -> Mapping[str, Sequence[str]]:
        return names_of_suppliers(self.contracts)

    def finding(self, contract: ContractRow) -> str:
        """Return every finding on a contract, joined by semicolons."""
        return "; ".join(findings_of(contract, self.day, self._supplier_names))

    def cells(
        self, contract: ContractRow, bearer: Bearer | None = None, *, mark: str = ""
    ) -> dict[str, Cell]:
        """Return the cells of a contract, or of what a service bears of it."""
        part = bearer or Bearer("", "", contract.annual_value, contract.whole_life_value)
        return {
            "supplier": Cell(contract.supplier),
            "start_date": Cell(contract.start_date),
            "end_date": Cell(iso_date(contract.term.end)),
            "latest_end_date": Cell(iso_date(contract.term.latest_end)),
            "annual_value": Cell.of_amount(part.annual_value, self.display, mark=mark),
            "whole_life_value": Cell.of_amount(part.whole_life_value, self.display, mark=mark),
            "decision": Cell(contract.decision),
            "finding": Cell(self.finding(contract)),
        }
