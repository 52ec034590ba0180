"""The medium-term plan in the report as a document: its findings, and the way to the net budget."""

from council_finance import registry
from council_finance.documents.blocks import paragraphs, picture_blocks
from council_finance.documents.model import Block, Paragraph
from monitoring.reports.selectors.report_data import ReportData
from planning.plan.selectors.page import plan_chart, plan_sentences


@registry.document_panel("plan", title="The medium-term plan in sentences, with its chart")
def plan_in_document(facts: ReportData) -> list[Block]:
    """Return the findings of the plan and its chart; nothing without a plan."""
    sentences = plan_sentences(facts.of_year)
    if not sentences:
        return []
    chart = plan_chart(facts.of_year)
    return [
        Paragraph(sentences[0], "lead"),
        *paragraphs(*sentences[1:]),
        *picture_blocks(chart),
    ]
