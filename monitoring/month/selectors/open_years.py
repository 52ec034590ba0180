"""The first page: the open years beside the one that is shown in full, with what is due in each."""

from dataclasses import dataclass

from monitoring.month.selectors.month import Month
from monitoring.reports.selectors.pages import position_sentence
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import FinancialYear


@dataclass(frozen=True)
class OpenYear:
    """Another open year: the month due in it for the reader, or its latest report."""

    year: FinancialYear
    month: Month | None = None
    facts: ReportData | None = None

    @property
    def due(self) -> list[str]:
        """Return what is due in its month, in words; for a reader of reports the position."""
        if self.month is None:
            return [position_sentence(self.facts)] if self.facts else []
        if not self.month.has_figures:
            return ["The figures have not been uploaded yet."]
        counts = {
            "Forecasts to enter": self.month.carried + self.month.without,
            "Commentary to write": self.month.unwritten,
            "Commentary to sign off": self.month.unsigned,
        }
        found = [f"{label}: {count:,}" for label, count in counts.items() if count]
        return found or ["No forecasts or commentary are outstanding."]
