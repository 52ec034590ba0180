"""Panels of a report's document that every council has: its position, and the overview's charts."""

from council_finance import registry
from council_finance.documents.blocks import figures_block, picture_blocks
from council_finance.documents.model import Block, Paragraph
from monitoring.reports.selectors.overview import overview, parts_of
from monitoring.reports.selectors.pages import position_sentence
from monitoring.reports.selectors.report_data import ReportData


@registry.document_panel("position", title="The position in a sentence, with key figures")
def position(facts: ReportData) -> list[Block]:
    """Return the council's position in a sentence and its key figures."""
    stats = overview(facts, facts.top, parts_of(facts, facts.top)).stats
    return [Paragraph(position_sentence(facts), "lead"), *figures_block("Key figures", stats)]


@registry.document_panel("where-from", title="Chart: variances by service", after="position")
def where_from(facts: ReportData) -> list[Block]:
    """Return the chart of the services' variances."""
    return picture_blocks(overview(facts, facts.top, parts_of(facts, facts.top)).where_from)


@registry.document_panel("what-changed", title="Chart: the last report to this", after="where-from")
def what_changed(facts: ReportData) -> list[Block]:
    """Return the chart that leads from the previous report's variance to this one's."""
    return picture_blocks(overview(facts, facts.top, parts_of(facts, facts.top)).changed)


@registry.document_panel("course", title="Chart: the year's reports", after="what-changed")
def course(facts: ReportData) -> list[Block]:
    """Return the chart of the variance over the year's reports."""
    return picture_blocks(overview(facts, facts.top, parts_of(facts, facts.top)).course)
