"""Savings in the report as a document: a sentence with key figures, and the page's charts."""

from council_finance import registry
from council_finance.documents.blocks import figures_block, picture_blocks
from council_finance.documents.model import Block, Paragraph
from monitoring.people.rights import EVERYTHING
from monitoring.reports.selectors.report_data import ReportData
from savings.selectors.charts import savings_charts
from savings.selectors.overview import savings_overview
from savings.selectors.report_savings import savings_of


@registry.document_panel("savings", title="Savings in a sentence, with key figures", after="course")
def savings_in_brief(facts: ReportData) -> list[Block]:
    """Return the council's savings in a sentence and their key figures."""
    if not savings_of(facts):
        return []
    overview = savings_overview(facts)
    return [Paragraph(overview.sentence, "lead"), *figures_block("Savings", overview.stats)]


@registry.document_panel(
    "savings-by-service", title="Chart: savings by service and status", after="savings"
)
def savings_by_service(facts: ReportData) -> list[Block]:
    """Return the chart of agreed savings by service and status."""
    return picture_blocks(savings_charts(facts, EVERYTHING).services)


@registry.document_panel(
    "savings-shortfall", title="Chart: from agreed savings to shortfall", after="savings-by-service"
)
def savings_shortfall(facts: ReportData) -> list[Block]:
    """Return the chart of the steps from agreed savings to what is not forecast of them."""
    return picture_blocks(savings_charts(facts, EVERYTHING).shortfall)


@registry.document_panel(
    "savings-over-the-year", title="Chart: savings, report by report", after="savings-shortfall"
)
def savings_over_the_year(facts: ReportData) -> list[Block]:
    """Return the chart of agreed savings by status in each report of the year."""
    return picture_blocks(savings_charts(facts, EVERYTHING).reports)
