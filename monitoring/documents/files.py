"""The PDF and the Word file of a report as a document."""

from monitoring.documents.build import build_document
from monitoring.reports.selectors.report_data import ReportData


def document_pdf(facts: ReportData) -> bytes:
    """Return the PDF of a report's document."""
    # Loads the library that sets the pages, which other pages do without.
    from council_finance.documents.pdf import to_pdf  # noqa: PLC0415

    return to_pdf(build_document(facts).document)


def document_docx(facts: ReportData) -> bytes:
    """Return the Word file of a report's document."""
    # Slow to import.
    from council_finance.documents.word import to_docx  # noqa: PLC0415

    return to_docx(build_document(facts).document, as_at=facts.header.file_date)
