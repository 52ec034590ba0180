"""The warning signs as a part of the report as a document."""

from council_finance import registry
from council_finance.documents.model import Block, NamedValues, Paragraph
from council_finance.registry import WarningSign, warning_signs
from monitoring.reports.selectors.report_data import ReportData

_HEADING = "Each sign has a rule of its own. They are not added up, and none is proof by itself."


@registry.document_panel("warning-signs", title="Warning signs: figure, rule and threshold")
def signs_in_document(facts: ReportData) -> list[Block]:
    """Return each sign with its answer, figure, rule and threshold."""
    rows = tuple((sign.title, _describe_sign(sign)) for sign in warning_signs(facts))
    return [Paragraph(_HEADING), NamedValues("Warning signs", rows)]


def _describe_sign(sign: WarningSign) -> str:
    found = sign.finding
    missing = f" Missing: {found.missing}" if found.missing else ""
    return (
        f"{found.state.value}. {found.figure} Rule: {sign.rule} Threshold: {found.threshold}."
        f"{missing}"
    )
