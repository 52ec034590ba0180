"""Indicators in the report as a document: how many have each status, and which are worst."""

from council_finance import registry
from council_finance.charts import ChartTable
from council_finance.documents.blocks import paragraphs
from council_finance.documents.model import Block, FiguresTable, Paragraph
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.selectors.printed_rows import performance_overview
from performance.indicators.selectors.report_indicators import indicators_of


@registry.document_panel("indicators", title="Performance indicators by status")
def indicators_in_document(facts: ReportData) -> list[Block]:
    """Return the indicators in sentences and their number by status; nothing without any."""
    if not indicators_of(facts):
        return []
    overview = performance_overview(facts)
    rows = tuple((tag.word, str(count), str(young)) for _, tag, count, young in overview.statuses)
    table = ChartTable(("Status", "Indicators", "With data of the last year"), rows)
    return [
        Paragraph(overview.sentence, "lead"),
        *paragraphs(overview.age_sentence, *overview.comparisons),
        FiguresTable("Performance indicators by status", table),
    ]
