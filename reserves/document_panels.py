"""Reserves in the report as a document: a sentence with key figures, and the page's charts."""

from council_finance import registry
from council_finance.charts import Chart
from council_finance.documents.blocks import figures_block, picture_blocks
from council_finance.documents.model import Block, Paragraph
from monitoring.reports.selectors.report_data import ReportData
from reserves.overview import (
    ReservesOverview,
    key_figures,
    reserves_charts,
    summary_sentence,
)
from reserves.report_section import section_of


@registry.document_panel(
    "reserves", title="Reserves in a sentence, with key figures", after="course"
)
def reserves_in_brief(facts: ReportData) -> list[Block]:
    """Return the General Fund in a sentence and the key figures of reserves."""
    if not section_of(facts).reserves:
        return []
    overview = ReservesOverview(facts)
    sentence = Paragraph(summary_sentence(overview), "lead")
    return [sentence, *figures_block("Reserves", key_figures(overview))]


@registry.document_panel("reserves-fund", title="Chart: the General Fund", after="reserves")
def general_fund(facts: ReportData) -> list[Block]:
    """Return the chart of the General Fund from its opening balance to after the forecast."""
    return picture_blocks(_charts_of(facts).get("fund"))


@registry.document_panel(
    "reserves-minimum",
    title="Chart: the General Fund beside its minimum level",
    after="reserves-fund",
)
def against_minimum(facts: ReportData) -> list[Block]:
    """Return the chart of the General Fund beside its minimum level."""
    return picture_blocks(_charts_of(facts).get("minimum"))


@registry.document_panel(
    "reserves-earmarked", title="Chart: earmarked reserves", after="reserves-minimum"
)
def earmarked_reserves(facts: ReportData) -> list[Block]:
    """Return the chart of all earmarked reserves together."""
    return picture_blocks(_charts_of(facts).get("earmarked"))


def _charts_of(facts: ReportData) -> dict[str, Chart]:
    """Return the charts of the page of reserves by name."""
    return reserves_charts(ReservesOverview(facts)) if section_of(facts).reserves else {}
