"""The preview of another outline: what the document would print, and figures it would lack."""

from council_finance import registry
from council_finance.documents.model import Heading, Picture, Table
from council_finance.registry import PreviewTable, SettingsPreview
from monitoring.documents.build import build_document
from monitoring.documents.outline import DEFAULT, OutlinePart
from monitoring.documents.settings_tables import NAME
from monitoring.reports.selectors.report_data import ReportData


@registry.settings_preview(NAME)
def preview_outline(facts: ReportData, outline: tuple[OutlinePart, ...]) -> SettingsPreview:
    """Return the contents that the document would have, and the figures its texts would lack."""
    built = build_document(facts, outline or DEFAULT)
    blocks = built.document.blocks
    tables = sum(isinstance(block, Table) for block in blocks)
    charts = sum(isinstance(block, Picture) for block in blocks)
    sentences = [f"The document would print {tables} statements and {charts} charts."]
    if built.missing:
        codes = ", ".join(field.code for field in built.missing)
        sentences.append(f"Figures that this report does not have: {codes}.")
    headings = [block for block in blocks if isinstance(block, Heading)]
    rows = tuple((heading.text, str(heading.level)) for heading in headings)
    contents = PreviewTable("Contents of the document", ("Heading", "Level"), rows)
    return SettingsPreview(tuple(sentences), (contents,) if rows else ())
