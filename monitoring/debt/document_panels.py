"""Aged debt in the report as a document: a sentence, and the chart by how long it is overdue."""

from council_finance import registry
from council_finance.documents.blocks import picture_blocks
from council_finance.documents.model import Block, Paragraph
from monitoring.debt.selectors import debt_chart, debt_rows, debt_sentence, last_years_debt
from monitoring.reports.selectors.report_data import ReportData


@registry.document_panel(
    "aged-debt", title="Chart: aged debt by how long it is overdue", after="course"
)
def aged_debt(facts: ReportData) -> list[Block]:
    """Return what is owed to the council in a sentence and as a chart."""
    if not debt_rows(facts):
        return []
    sentence = Paragraph(debt_sentence(facts, last_years_debt(facts)), "lead")
    return [sentence, *picture_blocks(debt_chart(facts))]
