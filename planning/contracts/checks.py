"""Checks of contracts: those that have ended, awards above estimate, and key decisions."""

from collections.abc import Iterator

from council_finance import registry
from council_finance.statements.casting import AGREES, DIFFERS, Check
from monitoring.reports.selectors.report_data import ReportData
from planning.contracts.findings import (
    award_above_estimate,
    ended_before,
    ended_text,
    is_above_threshold,
)
from planning.contracts.report_section import section_of
from planning.contracts.statements.contracts import NAME
from planning.contracts.table import contract_day


@registry.check("contracts", of_any_period=True)
def contracts_are_in_order(facts: ReportData) -> Iterator[Check]:
    """Check each contract's end, award and threshold of a key decision."""
    day = contract_day(facts)
    for contract in section_of(facts).contracts:
        reference = contract.reference
        if contract.term.end is not None:
            ended = ended_before(contract, day.as_at) is not None
            words = ended_text(contract, day.as_at) if ended else "has not ended"
            yield Check.of_words(f"{reference}: contract {words}", NAME, agrees=not ended)
        if (award := award_above_estimate(contract)) is not None:
            estimate, value = award
            status = DIFFERS if value > estimate else AGREES
            title = f"{reference}: the award is not above the estimate"
            yield Check(title, NAME, estimate, value, status)
        if is_above_threshold(contract, day.key_decision_above):
            title = f"{reference}: a contract above the threshold has a key decision"
            yield Check.of_words(title, NAME, agrees=False)
