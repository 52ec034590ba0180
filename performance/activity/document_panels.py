"""Activity in the report as a document: why the variance of each group is."""

from council_finance import registry
from council_finance.charts import ChartTable
from council_finance.documents.model import Block, FiguresTable, Paragraph
from council_finance.statements.display import NOT_GIVEN
from monitoring.reports.selectors.report_data import ReportData
from performance.activity.selectors.overview import activity_summary

_HEADINGS = ("Group", "Budget", "Volume", "Unit cost", "No volume", "Variance", "Mainly")


@registry.document_panel("activity", title="Activity: the variance of each group, and its cause")
def activity_in_document(facts: ReportData) -> list[Block]:
    """Return the finding on the largest variance and the groups; nothing without activity."""
    summary = activity_summary(facts)
    if summary is None:
        return []
    rows = tuple(
        (
            row.name,
            row.budget,
            row.volume_effect,
            row.unit_cost_effect,
            row.other,
            row.variance,
            row.cause or NOT_GIVEN,
        )
        for row in summary.rows
    )
    table = ChartTable(_HEADINGS, rows, text_columns=(6,))
    caption = f"Variance of each group of activity, in {summary.unit}"
    return [Paragraph(summary.sentence, "lead"), FiguresTable(caption, table)]
