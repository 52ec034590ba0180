"""Grants in a sentence and their key figures, in the report as a document."""

from council_finance import registry
from council_finance.documents.model import Block, NamedValues, Paragraph
from monitoring.reports.selectors.report_data import ReportData
from reserves.grants.overview import GrantsOverview, key_figures, summary_sentence


@registry.document_panel("grants", title="Grants in a sentence, with key figures")
def grants_in_document(facts: ReportData) -> list[Block]:
    """Return the finding about grants and their key figures; nothing without grants."""
    overview = GrantsOverview(facts)
    if not overview.grants:
        return []
    rows = tuple(
        (each.label, " ".join(filter(None, (each.value, each.note))))
        for each in key_figures(overview)
    )
    return [Paragraph(summary_sentence(overview), "lead"), NamedValues("Grants", rows)]
