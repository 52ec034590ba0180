"""Keep the document of a report that is being published."""

import hashlib

from monitoring.published.models import Report, ReportDocument


def keep_document(report: Report, text: str) -> ReportDocument:
    """Store the blocks of a report's document (JSON) with their SHA-256."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return ReportDocument.objects.create(report=report, text=text, sha256=sha256)
