"""The accuracy of forecasts as a part of the report as a document."""

from council_finance import registry
from council_finance.documents.model import Block, Paragraph, Picture
from monitoring.accuracy.findings import accuracy_chart, accuracy_sentence
from monitoring.reports.selectors.report_data import ReportData


@registry.document_panel("forecast-accuracy", title="Chart: how accurate forecasts proved")
def accuracy_in_document(facts: ReportData) -> list[Block]:
    """Return the sentence and the chart; nothing without a year to judge by."""
    chart = accuracy_chart(facts)
    return [Paragraph(accuracy_sentence(facts)), Picture(chart)] if chart else []
