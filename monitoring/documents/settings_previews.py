"""The preview of another outline: what the document would print, and figures it would lack."""

from council_finance import registry
from council_finance.documents.model import Heading, Picture, Table
from council_finance.registry import PreviewTable, SettingsPreview
from monitoring.claims.presenting import show_verdicts
from monitoring.claims.selectors import TableFigures
from monitoring.documents.build import build_document
from monitoring.documents.checked_texts import judge_outline
from monitoring.documents.outline import DEFAULT, OutlinePart
from monitoring.documents.settings_tables import NAME
from monitoring.reports.selectors.report_data import ReportData


@registry.settings_preview(NAME)
def preview_outline(facts: ReportData, outline: tuple[OutlinePart, ...]) -> SettingsPreview:
    """Return the contents that the document would have, and the figures its texts would lack."""
    built = build_document(facts, outline or DEFAULT)
    blocks = built.document.blocks
    printed = sum(isinstance(block, Table) for block in blocks)
    charts = sum(isinstance(block, Picture) for block in blocks)
    sentences = [f"The document would print {printed} statements and {charts} charts."]
    if built.missing:
        codes = ", ".join(field.code for field in built.missing)
        sentences.append(f"Figures that this report does not have: {codes}.")
    headings = [block for block in blocks if isinstance(block, Heading)]
    rows = tuple((heading.text, str(heading.level)) for heading in headings)
    tables = [PreviewTable("Contents of the document", ("Heading", "Level"), rows)] if rows else []
    return SettingsPreview(tuple(sentences), (*tables, *_figures_in_words(facts, outline)))


def _figures_in_words(
    facts: ReportData, outline: tuple[OutlinePart, ...]
) -> tuple[PreviewTable, ...]:
    """Return the verdicts on the figures that the outline's texts state, as a table."""
    display = facts.display("annex-a")
    rows = tuple(
        (judged.title, each.text, each.answer, each.explanation)
        for judged in judge_outline(TableFigures(facts), outline)
        for each in show_verdicts(judged.verdicts, display)
    )
    headings = ("Text", "Figure", "Result", "Table")
    return (PreviewTable("Figures in its texts", headings, rows),) if rows else ()
