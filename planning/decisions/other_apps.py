"""The decisions of a year for other apps, whose files name them."""

from collections.abc import Mapping

from council_finance import registry
from monitoring.models import FinancialYear
from planning.decisions.selectors import decisions_of


@registry.references("decision")
def decision_statuses(year: FinancialYear) -> Mapping[str, str]:
    """Return the status of each decision of a year by its reference."""
    return {decision.reference: decision.status for decision in decisions_of(year)}
