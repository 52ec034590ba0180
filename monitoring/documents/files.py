"""The PDF and the Word file of a report as a document."""

from council_finance.documents.typst_source import source_of
from council_finance.printed_files import printed_once
from monitoring.documents.build import build_document
from monitoring.reports.selectors.report_data import ReportData


def document_pdf(facts: ReportData) -> bytes:
    """Return the PDF of a report's document; a published one is kept once printed."""
    # Loads the library that sets the pages, which other pages do without.
    from council_finance.documents.pdf import set_pages  # noqa: PLC0415

    document = build_document(facts).document
    source = source_of(document)
    return printed_once(source, set_pages) if document.is_final else set_pages(source)


def document_docx(facts: ReportData) -> bytes:
    """Return the Word file of a report's document."""
    # Slow to import.
    from council_finance.documents.word import to_docx  # noqa: PLC0415

    return to_docx(build_document(facts).document, as_at=facts.header.file_date)
