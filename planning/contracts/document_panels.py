"""Contracts in the report as a document: what ends soon, and what runs without a decision."""

from council_finance import registry
from council_finance.documents.blocks import paragraphs
from council_finance.documents.model import Block, Paragraph
from monitoring.reports.selectors.report_data import ReportData
from planning.contracts.overview import contracts_sentence, more_sentences
from planning.contracts.report_section import section_of


@registry.document_panel("contracts", title="Contracts that end, in sentences", after="decisions")
def contracts_in_document(facts: ReportData) -> list[Block]:
    """Return what the contracts that end are worth; nothing without contracts."""
    if not section_of(facts).contracts:
        return []
    return [Paragraph(contracts_sentence(facts), "lead"), *paragraphs(*more_sentences(facts))]
