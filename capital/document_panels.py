"""The capital programme in the report as a document: its finding, its charts, and directorates."""

from capital.overview import (
    ProgrammeOverview,
    cost_to_revenue,
    key_figures,
    programme_charts,
    reasons_sentence,
    service_rows,
    summary_sentence,
)
from council_finance import registry
from council_finance.charts import ChartTable
from council_finance.documents.blocks import figures_block, paragraphs, picture_blocks
from council_finance.documents.model import Block, FiguresTable, Paragraph
from monitoring.reports.selectors.report_data import ReportData


@registry.document_panel(
    "capital", title="The capital programme in sentences, with key figures and directorates"
)
def capital_in_document(facts: ReportData) -> list[Block]:
    """Return the finding about the programme, its key figures and its directorates."""
    overview = ProgrammeOverview(facts)
    if not overview.totals.lines:
        return []
    return [
        Paragraph(summary_sentence(overview), "lead"),
        *paragraphs(reasons_sentence(overview), cost_to_revenue(overview)),
        *figures_block("Capital programme", key_figures(overview)),
        _directorates_table(overview),
    ]


def _directorates_table(overview: ProgrammeOverview) -> FiguresTable:
    rows = [(row.label, row.budget, row.forecast, row.variance) for row in service_rows(overview)]
    forecast = "Outturn" if overview.at_close else "Forecast"
    headings = ("Directorate", "Revised budget", forecast, "Variance")
    caption = f"Capital programme by directorate, this year, in {overview.display.unit_label}"
    return FiguresTable(caption, ChartTable(headings, tuple(rows[:-1]), rows[-1]))


@registry.document_panel(
    "capital-way",
    title="Chart: the capital programme from its original budget to the forecast",
    after="capital",
)
def capital_way(facts: ReportData) -> list[Block]:
    """Return the chart from the original to the revised budget and to the forecast."""
    return picture_blocks(programme_charts(ProgrammeOverview(facts))["way"])


@registry.document_panel(
    "capital-funding", title="Chart: who pays for the variance of capital", after="capital-way"
)
def capital_funding(facts: ReportData) -> list[Block]:
    """Return the chart of the change of each kind of funding."""
    return picture_blocks(programme_charts(ProgrammeOverview(facts))["kinds"])
