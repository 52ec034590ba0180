"""Decisions in the report as a document: what of them the forecast does not hold."""

from council_finance import registry
from council_finance.charts import ChartTable
from council_finance.documents.blocks import paragraphs
from council_finance.documents.model import Block, FiguresTable, Paragraph
from monitoring.reports.selectors.report_data import ReportData
from planning.decisions.overview import DecisionsOverview

_HEADINGS = ("Decision", "Effect", "Year", "Amount", "In force")


@registry.document_panel("decisions", title="Decisions that the forecast does not hold")
def decisions_in_document(facts: ReportData) -> list[Block]:
    """Return what decisions do beside the forecast, by effect; nothing without decisions."""
    overview = DecisionsOverview(facts)
    if not overview.decisions:
        return []
    found = [Paragraph(overview.sentence, "lead"), *paragraphs(overview.unknown)]
    rows = tuple(
        (decision.title, row["effect"], row["year"], row["amount"], row["in_force"])
        for (decision, _), row in zip(overview.missing, overview.missing_rows, strict=True)
    )
    if not rows:
        return found
    caption = f"Effects that the forecast does not hold, in {overview.display.unit_label}"
    return [*found, FiguresTable(caption, ChartTable(_HEADINGS, rows, text_columns=(1, 2, 4)))]
